"""What people did for a programme of points or stamps, what it became, and what they used it for.

The ledger holds what was granted; here stands why. Nothing of it names an account.
"""

from django.db import models
from django.db.models import F, Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.people.models import Person, User
from kyojo.civic.programmes.models import Programme
from kyojo.kernel import clock


class Standing(TenantModel):
    """What a programme asks of a person, from a day on: class of insurance, ties to the town."""

    class Insured(models.TextChoices):
        FIRST = "first", "第1号被保険者"
        SECOND = "second", "第2号被保険者"
        NONE = "none", "どちらでもない"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="standings")
    since = models.DateField()
    insured = models.CharField(max_length=6, choices=Insured.choices)
    lives = models.BooleanField()
    works = models.BooleanField()
    studies = models.BooleanField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("since",)
        constraints = (
            models.UniqueConstraint(fields=("person", "since"), name="standing_day_once"),
        )


class Record(TenantModel):
    """One activity (活動の記録), as a host's stamp or a paper proves it. Never changed: what is
    wrong is struck out (``void_at``) and written anew."""

    uid = models.UUIDField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="records")
    activity = models.CharField(max_length=40)
    host = models.CharField(max_length=40, blank=True)
    rewarded = models.BooleanField(default=False)
    start = models.DateTimeField()
    end = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)
    void_at = models.DateTimeField(null=True, blank=True)
    void_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("start", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="record_uid_once"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="record_start_first"),
            models.CheckConstraint(
                condition=Q(void_at__isnull=True, void_reason="")
                | (Q(void_at__isnull=False) & ~Q(void_reason="")),
                name="record_void_has_its_reason",
            ),
        )
        indexes = (models.Index(fields=("programme", "start")),)


class Grant(TenantModel):
    """A movement of what a person's year came to: more than before, or (negative) less."""

    uid = models.UUIDField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    fiscal_year = models.PositiveSmallIntegerField()
    amount = models.BigIntegerField()
    #: The key of the rule that decided the year's sum (``rules.counting``).
    rule = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="grant_uid_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="grant_moves_something"),
        )
        indexes = (models.Index(fields=("programme", "person", "fiscal_year")),)


class YearClosing(TenantModel):
    """A programme's fiscal year, closed: nothing is recorded for it any more."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="closings")
    fiscal_year = models.PositiveSmallIntegerField()
    people = models.PositiveIntegerField()
    units = models.BigIntegerField()
    granted = models.BigIntegerField()
    value_yen = models.BigIntegerField()
    leftover = models.BigIntegerField()
    closed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-fiscal_year",)
        constraints = (
            models.UniqueConstraint(fields=("programme", "fiscal_year"), name="year_closed_once"),
        )


class Redemption(TenantModel):
    """A person uses what was granted: asked for, decided by an officer, paid or handed out."""

    class State(models.TextChoices):
        ASKED = "asked", "確認待ち"
        APPROVED = "approved", "承認ずみ"
        DONE = "done", "完了"
        REFUSED = "refused", "見送り"
        CANCELLED = "cancelled", "取り消し"

    uid = models.UUIDField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="redemptions")
    use = models.CharField(max_length=20)
    #: To whom it is given, or what is wanted.
    detail = models.CharField(max_length=80, blank=True)
    amount = models.BigIntegerField()
    value_yen = models.BigIntegerField()
    fiscal_year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    #: (vintage, hold, amount) of what is held for it, oldest first.
    holds = models.JSONField(default=list)
    #: The bank account to pay to, encrypted; erased a year after it was paid.
    payee_encrypted = models.BinaryField(null=True)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="redemption_uid_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, value_yen__gte=0), name="redemption_positive"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at__isnull=True)
                | Q(state__in=("approved", "done", "refused"), decided_at__isnull=False)
                | Q(state="cancelled"),
                name="redemption_decided_has_its_time",
            ),
        )


class Movement(TenantModel):
    """Units that were not counted but bought, handed from member to member, or settled when
    somebody left. ``reference`` is the office's receipt of money, where there was some."""

    class Kind(models.TextChoices):
        BOUGHT = "bought", "購入"
        HANDED = "handed", "手渡し"
        LAPSED = "lapsed", "消えたもの"

    uid = models.UUIDField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    giver = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    receiver = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    use = models.CharField(max_length=20, blank=True)
    amount = models.BigIntegerField()
    #: What was paid for them, and what the office keeps of it.
    yen = models.BigIntegerField(default=0)
    office_yen = models.BigIntegerField(default=0)
    reference = models.CharField(max_length=60, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="movement_uid_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, yen__gte=0, office_yen__gte=0, office_yen__lte=F("yen")),
                name="movement_positive",
            ),
        )
