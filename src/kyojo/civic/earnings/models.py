"""What people did for a programme of points or stamps, what it became, and what they used it for.

The ledger holds what was granted; here stands why. Nothing of it names an account.
"""

from django.db import models
from django.db.models import F, Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.people.models import Person, User
from kyojo.civic.programmes.models import Programme
from kyojo.kernel import clock

from .shop_models import Coupon as Coupon
from .shop_models import Shop as Shop
from .shop_models import ShopPayment as ShopPayment


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
        indexes = (
            models.Index(fields=("programme", "start")),
            models.Index(fields=("programme", "person", "start")),
        )


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
    #: How many of an item that has a price; 0: the use has no items, or they have none.
    quantity = models.PositiveIntegerField(default=0)
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
        STARTED = "started", "はじめの分"
        ADVANCED = "advanced", "前貸し"
        RETURNED = "returned", "前貸しの返済"
        DEPOSITED = "deposit", "お礼からの預託"
        PRINTED = "printed", "紙の券にしたもの"
        TAKEN_IN = "taken_in", "紙の券からもどしたもの"

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


class Invoice(TenantModel):
    """What a member who was helped pays for a month, as one paper (請求書)."""

    class State(models.TextChoices):
        ISSUED = "issued", "請求ずみ"
        PAID = "paid", "入金ずみ"
        VOID = "void", "取り消し"

    uid = models.UUIDField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    #: Counts within the programme and fiscal year, without gaps.
    number = models.PositiveIntegerField()
    fiscal_year = models.PositiveSmallIntegerField()
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    #: The first day of the month in which the help was.
    month = models.DateField()
    yen = models.PositiveBigIntegerField()
    issued_on = models.DateField()
    due_on = models.DateField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.ISSUED)
    issued_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    paid_on = models.DateField(null=True, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-issued_on", "-number")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="invoice_uid_once"),
            models.UniqueConstraint(
                fields=("programme", "fiscal_year", "number"), name="invoice_number_once"
            ),
            models.CheckConstraint(
                condition=Q(state="issued", paid_on__isnull=True, void_reason="")
                | (Q(state="paid", paid_on__isnull=False) & ~Q(reference=""))
                | (Q(state="void", paid_on__isnull=True) & ~Q(void_reason="")),
                name="invoice_state_has_its_facts",
            ),
        )


class PaymentReturn(TenantModel):
    """A recorded payment is taken back as a whole (入金の取り消し): asked for by one officer,
    confirmed by another. With ``moved_to`` it becomes the payment of that invoice."""

    class State(models.TextChoices):
        ASKED = "asked", "承認待ち"
        DONE = "done", "取り消しずみ"
        CANCELLED = "cancelled", "取りやめ"

    uid = models.UUIDField()
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="returns")
    moved_to = models.ForeignKey(
        Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=200)
    #: What was recorded of the payment that is taken back.
    paid_on = models.DateField()
    reference = models.CharField(max_length=60)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="paymentreturn_uid_once"),
            models.UniqueConstraint(
                fields=("invoice",),
                condition=Q(state="asked"),
                name="paymentreturn_waits_once",
            ),
            models.CheckConstraint(
                condition=~Q(moved_to=F("invoice")), name="paymentreturn_moves_elsewhere"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at__isnull=True)
                | Q(state__in=("done", "cancelled"), decided_at__isnull=False),
                name="paymentreturn_decided_has_its_time",
            ),
        )


class PaidHelp(TenantModel):
    """One time of paid help (有償の手伝い), and what became of its thank-you money
    (``rules.thanks``). What is wrong is struck out with a reason."""

    class State(models.TextChoices):
        OPEN = "open", "請求の前"
        BILLED = "billed", "請求ずみ"
        SETTLED = "settled", "精算ずみ"
        VOID = "void", "取り消し"

    uid = models.UUIDField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    helper = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    helped = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    activity = models.CharField(max_length=40, blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField()
    #: ticket, invoice, cash, passbook or stamp_card, as the document said on the day.
    settlement = models.CharField(max_length=10)
    rule = models.CharField(max_length=40)
    pieces = models.PositiveIntegerField(default=0)
    payer_yen = models.PositiveBigIntegerField()
    person_yen = models.PositiveBigIntegerField()
    costs_yen = models.PositiveBigIntegerField(default=0)
    donated_yen = models.PositiveBigIntegerField(default=0)
    deposited_yen = models.PositiveBigIntegerField(default=0)
    office_yen = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=7, choices=State.choices)
    invoice = models.ForeignKey(
        Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="lines"
    )
    #: How often the payment of its invoice was taken back: each payment has movements of its own.
    payments_returned = models.PositiveSmallIntegerField(default=0)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    void_at = models.DateTimeField(null=True, blank=True)
    void_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("start", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="paidhelp_uid_once"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="paidhelp_start_first"),
            models.CheckConstraint(condition=~Q(helper=F("helped")), name="paidhelp_of_two_people"),
            models.CheckConstraint(
                condition=Q(
                    payer_yen=F("person_yen")
                    + F("donated_yen")
                    + F("deposited_yen")
                    + F("office_yen")
                ),
                name="paidhelp_adds_up",
            ),
            models.CheckConstraint(
                condition=(Q(state="void") & Q(void_at__isnull=False) & ~Q(void_reason=""))
                | (~Q(state="void") & Q(void_at__isnull=True, void_reason="")),
                name="paidhelp_void_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="open", invoice__isnull=True)
                | Q(state="billed", invoice__isnull=False)
                | Q(state__in=("settled", "void")),
                name="paidhelp_billed_has_its_invoice",
            ),
        )
        indexes = (models.Index(fields=("programme", "start")),)


class PaperTicket(TenantModel):
    """One printed ticket (紙の券). Whoever brings it gets its unit, once: the ledger holds it for
    the bearer in the meantime. ``token`` is what its QR code says; nothing follows from it."""

    class State(models.TextChoices):
        OUT = "out", "出ている"
        IN = "in", "もどった"
        VOID = "void", "無効"

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    token = models.CharField(max_length=32)
    #: The printing that made it (``Movement`` of kind PRINTED).
    printed = models.ForeignKey(Movement, on_delete=models.PROTECT, related_name="papers")
    vintage = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=4, choices=State.choices, default=State.OUT)
    taken_in = models.ForeignKey(
        Movement, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("programme", "number"), name="paper_number_once"),
            models.UniqueConstraint(fields=("municipality", "token"), name="paper_token_once"),
            models.CheckConstraint(
                condition=Q(state="in", taken_in__isnull=False)
                | (~Q(state="in") & Q(taken_in__isnull=True)),
                name="paper_in_has_its_movement",
            ),
        )


class FeePayment(TenantModel):
    """A fee that a member paid. ``fiscal_year`` 0: paid once, on joining."""

    uid = models.UUIDField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=80)
    fiscal_year = models.PositiveSmallIntegerField(default=0)
    yen = models.PositiveIntegerField()
    reference = models.CharField(max_length=60)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="fee_uid_once"),
            models.UniqueConstraint(
                fields=("programme", "person", "name", "fiscal_year"), name="fee_paid_once"
            ),
        )


class Stock(TenantModel):
    """How many of an item of a use are left (品物の在庫). An item without a row has no limit."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    use = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    left = models.PositiveIntegerField()
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("programme", "use", "name"), name="stock_item_once"),
        )


class OfficeAccount(TenantModel):
    """The bank account from which a programme's office pays, and to which it is paid, encrypted."""

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="+")
    account_encrypted = models.BinaryField()
    set_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    set_at = models.DateTimeField(default=clock.now)
