"""Programmes: the rules as versioned documents, and the coins issued under them."""

from django.db import models

from kyojo.civic.municipalities.models import Operator
from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.municipalities.twins import TwinModel
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


class ClearingSettlement(TwinModel):
    """A month's clearing between two municipalities (自治体間清算), one row in each of the two.

    Each row is written from its own side: ``given`` are the coins that this town's people gave to
    the counterpart's, ``received`` the other way, ``agreed_…`` is this town's yes. ``debtor_id``
    owes ``amount`` for the month, None when the two are even. The statement never changes: what
    comes to light later is a movement of a later month.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "合意待ち"
        AGREED = "agreed", "合意ずみ"
        SETTLED = "settled", "精算ずみ"
        PAID = "paid", "振込ずみ"

    counterpart_id = models.PositiveIntegerField()
    currency = models.CharField(max_length=20)
    #: The first day of the month.
    month = models.DateField()
    given = models.BigIntegerField()
    received = models.BigIntegerField()
    debtor_id = models.PositiveIntegerField(null=True)
    amount = models.BigIntegerField()
    line_count = models.PositiveIntegerField()
    statement_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    #: What the debtor's town pays for a coin by bank; 0: only the coins are settled.
    yen_per_coin = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    proposed_at = models.DateTimeField(default=clock.now)
    agreed_at = models.DateTimeField(null=True)
    #: Logins of this town by their number; the counterpart's are not known here.
    agreed_by_id = models.BigIntegerField(null=True)
    counterpart_agreed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    paid_on = models.DateField(null=True)
    paid_reference = models.CharField(max_length=60, blank=True)
    paid_recorded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-month", "counterpart_id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="clearing_uid_once"),
            models.UniqueConstraint(
                fields=("municipality", "counterpart_id", "currency", "month"),
                name="clearing_month_once",
            ),
            models.CheckConstraint(
                condition=models.Q(amount=0, debtor_id__isnull=True, given=models.F("received"))
                | models.Q(
                    amount__gt=0,
                    amount=models.F("given") - models.F("received"),
                    debtor_id=models.F("municipality"),
                )
                | models.Q(
                    amount__gt=0,
                    amount=models.F("received") - models.F("given"),
                    debtor_id=models.F("counterpart_id"),
                ),
                name="clearing_debtor_owes_the_net",
            ),
            # Never by one side alone: past the proposal both have agreed.
            models.CheckConstraint(
                condition=models.Q(state="proposed")
                | models.Q(agreed_at__isnull=False, counterpart_agreed_at__isnull=False),
                name="clearing_agreed_by_both",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("proposed", "agreed"), settled_at__isnull=True)
                | models.Q(state__in=("settled", "paid"), settled_at__isnull=False),
                name="clearing_settled_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(paid_on__isnull=True, paid_reference="")
                & ~models.Q(state="paid")
                | models.Q(state="paid", paid_on__isnull=False) & ~models.Q(paid_reference=""),
                name="clearing_paid_is_documented",
            ),
            models.CheckConstraint(
                condition=models.Q(yen_per_coin__gte=0), name="clearing_yen_not_negative"
            ),
        )


class ClearingLine(TenantModel):
    """A movement on a statement. The constraint lets no movement be settled twice."""

    settlement = models.ForeignKey(
        ClearingSettlement, on_delete=models.PROTECT, related_name="lines"
    )
    #: The leg in this town's own ledger.
    transfer = models.UUIDField()
    at = models.DateTimeField()
    payer_id = models.PositiveIntegerField()
    payee_id = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    code = models.PositiveSmallIntegerField()
    reference = models.UUIDField(null=True)
    corrects = models.BooleanField(default=False)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "transfer"), name="clearing_movement_once"
            ),
        )
