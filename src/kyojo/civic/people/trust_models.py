"""What leads to a check of trust, and what is known besides it. Imported by ``models``.

The check itself, which matching reads, is ``models.TrustCheck``. Nothing here keeps a number, a
copy or a picture of a document, nor what a provider told of anybody.
"""

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.kernel import clock

from .models import Person, TrustCheck, User


class CounterLook(TenantModel):
    """One member of staff has looked at somebody's papers; another confirms it within a time.

    ``document``: kind of paper, ``items``: what of it agreed with the register (codes of
    ``trust.ITEMS``). ``uid`` is the form's order id.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "二人目を待っています"
        CONFIRMED = "confirmed", "確認しました"
        REFUSED = "refused", "確認できませんでした"
        LAPSED = "lapsed", "期限がすぎました"

    uid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="counter_looks")
    kind = models.CharField(max_length=12, choices=TrustCheck.Kind.choices)
    label = models.CharField(max_length=60)
    issuer = models.CharField(max_length=60, blank=True)
    document = models.CharField(max_length=20)
    items = models.JSONField(default=list)
    valid_until = models.DateField(null=True, blank=True)
    #: What the register said of the person then (a keyed hash): changed since, a second member of
    #: staff would confirm something else.
    register_hash = models.CharField(max_length=64)
    looked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    looked_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("looked_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("person", "kind", "label"),
                condition=Q(state="waiting"),
                name="counter_look_one_waits",
            ),
        )
        indexes = (models.Index(fields=("municipality", "state", "ends_at")),)


class TrustClaim(TenantModel):
    """What somebody says of themselves (資格, 講習) and nobody has checked: it counts nowhere."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="trust_claims")
    kind = models.CharField(max_length=12, choices=TrustCheck.Kind.choices)
    label = models.CharField(max_length=60)
    issuer = models.CharField(max_length=60, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    said_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("said_at",)
        constraints = (
            models.UniqueConstraint(fields=("person", "kind", "label"), name="trust_claim_once"),
        )


class IdentityAsk(TenantModel):
    """Somebody set out for the authentication app: one way back, once, for a few minutes."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="identity_asks")
    state_hash = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField(default=clock.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("municipality", "asked_at")),)


class IdentityMark(TenantModel):
    """A keyed hash of the pairwise name under which the app knows a card's holder here: the same
    card cannot stand for two members of one town."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="identity_marks")
    mark = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality", "mark"), name="identity_mark_once"),
        )


class IdentityClash(TenantModel):
    """Two members showed the same card: the office finds out who is who."""

    class Outcome(models.TextChoices):
        OPEN = "", "確認しています"
        SAME = "same", "同じ人の二重登録でした"
        OTHER = "other", "前の確認がまちがいでした"
        REFUSED = "refused", "ほかの人のカードでした"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="identity_clashes")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=clock.now)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("at",)
        constraints = (
            models.UniqueConstraint(
                fields=("person", "other"), condition=Q(outcome=""), name="identity_clash_open_once"
            ),
        )
