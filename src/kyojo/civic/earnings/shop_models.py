"""Shops that take part in a programme, the coupons that members use there, what shops are paid."""

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.civic.people.models import User
from kyojo.civic.programmes.models import Programme
from kyojo.kernel import clock


class Shop(TenantModel):
    """A participating shop (参加店) of one programme, with the login that takes coupons in."""

    uid = models.UUIDField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    kana = models.CharField(max_length=120)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    #: The bank account to pay to, encrypted; None: not told yet.
    payee_encrypted = models.BinaryField(null=True)
    registered_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    registered_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("kana", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "uid"), name="shop_uid_once"),
            models.UniqueConstraint(
                fields=("programme", "name"),
                condition=Q(ended_at__isnull=True),
                name="shop_name_once",
            ),
            models.UniqueConstraint(
                fields=("programme", "user"),
                condition=Q(ended_at__isnull=True),
                name="shop_login_once",
            ),
        )


class ShopPayment(TenantModel):
    """What a shop was paid for the coupons of a month."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="payments")
    #: The first day of the month in which the shop took the coupons in.
    month = models.DateField()
    coupons = models.PositiveIntegerField()
    yen = models.PositiveBigIntegerField()
    reference = models.CharField(max_length=60)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-month", "shop__kana", "id")
        constraints = (
            models.UniqueConstraint(fields=("shop", "month"), name="shoppayment_month_once"),
        )


class Coupon(TenantModel):
    """One coupon (券) of an application for vouchers or a shop's goods: whoever brings it gets
    its worth at a participating shop, once. ``token`` is its number, also in its QR code."""

    class State(models.TextChoices):
        OUT = "out", "使えます"
        IN = "in", "使用ずみ"
        VOID = "void", "無効"

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    #: None: the member was forgotten since; the coupon goes on from hand to hand.
    redemption = models.ForeignKey(
        "earnings.Redemption", null=True, on_delete=models.SET_NULL, related_name="coupons"
    )
    #: Which of the application's coupons it is; one that replaces a void one has its place.
    place = models.PositiveSmallIntegerField()
    token = models.CharField(max_length=8)
    #: What it is, as its paper says, and in which shop only ("": in every one).
    face = models.CharField(max_length=40)
    only_at = models.CharField(max_length=80, blank=True)
    yen = models.PositiveBigIntegerField()
    last_day = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=4, choices=State.choices, default=State.OUT)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    shop = models.ForeignKey(
        Shop, null=True, blank=True, on_delete=models.PROTECT, related_name="coupons"
    )
    #: The order under which the shop took it in: sent twice, taken in once.
    taken_uid = models.UUIDField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    payment = models.ForeignKey(
        ShopPayment, null=True, blank=True, on_delete=models.PROTECT, related_name="lines"
    )
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-made_at", "place", "id")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "token"), name="coupon_token_once"),
            models.UniqueConstraint(
                fields=("redemption", "place"),
                condition=~Q(state="void"),
                name="coupon_place_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="in", shop__isnull=False, taken_uid__isnull=False, taken_at__isnull=False
                )
                | (
                    ~Q(state="in")
                    & Q(
                        shop__isnull=True,
                        taken_uid__isnull=True,
                        taken_at__isnull=True,
                        payment__isnull=True,
                    )
                ),
                name="coupon_in_has_its_shop",
            ),
            models.CheckConstraint(
                condition=(Q(state="void") & ~Q(void_reason=""))
                | (~Q(state="void") & Q(void_reason="")),
                name="coupon_void_has_its_reason",
            ),
        )
        indexes = (models.Index(fields=("shop", "taken_at")),)
