"""Programmes: the rules as versioned documents, and the coins issued under them."""

from django.db import models

from kyojo.civic.municipalities.models import Operator
from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.kernel import clock


class Programme(TenantModel):
    """A programme (制度) of a municipality, run by an operator. ``currency`` names its unit."""

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=20)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT)
    treasury_account = models.UUIDField()
    issuer_account = models.UUIDField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality", "code"), name="programme_code_once"),
            models.UniqueConstraint(
                fields=("municipality", "currency"), name="programme_currency_once"
            ),
        )


class ProgrammeVersion(TenantModel):
    """One version of a programme's document (TOML). Published versions are never changed."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    effective_from = models.DateField()
    document = models.TextField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-effective_from", "-version")
        constraints = (
            models.UniqueConstraint(fields=("programme", "version"), name="version_once"),
        )


class Issuance(TenantModel):
    """Coins issued into the treasury (発行): asked for by one officer, approved by another when
    large."""

    class State(models.TextChoices):
        WAITING = "waiting", "承認待ち"
        DONE = "done", "発行ずみ"
        CANCELLED = "cancelled", "取り消し"

    uid = models.UUIDField(unique=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices)
    #: Logins by their number: the people room lies above this one.
    created_by_id = models.BigIntegerField()
    created_at = models.DateTimeField(default=clock.now)
    approved_by_id = models.BigIntegerField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="issuance_positive"),
        )
