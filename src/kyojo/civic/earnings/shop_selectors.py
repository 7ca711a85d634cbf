"""Reads of shops, coupons and what shops are paid. Everything of the current municipality."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from kyojo.civic.people.models import User
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.rules.model import Document
from kyojo.kernel import clock, text
from kyojo.kernel.errors import NotFound

from .models import Coupon, Redemption, Shop, ShopPayment
from .paid_selectors import month_bounds, month_of

#: Uses that become coupons for participating shops.
COUPON_USES = ("voucher", "shop")


def has_coupons(document: Document) -> bool:
    """Whether a programme's members may ask for something that shops give."""
    return any(rule.use in COUPON_USES for rule in document.uses)


# --- shops ----------------------------------------------------------------------------------------


def shops(programme: Programme, *, with_ended: bool = False) -> list[Shop]:
    """By reading."""
    rows = Shop.objects.filter(programme=programme).select_related("user")
    return list(rows if with_ended else rows.filter(ended_at=None))


def shop_by_uid(uid: UUID) -> Shop:
    """Raises ``NotFound``."""
    found: Shop | None = (
        Shop.objects.filter(uid=uid).select_related("programme__operator", "user").first()
    )
    if found is None:
        raise NotFound()
    return found


def shops_of(user: User) -> list[Shop]:
    """The shops for which a login takes coupons in, also those whose part has ended."""
    rows = Shop.objects.filter(user_id=user.pk).select_related("programme__operator")
    return list(rows.order_by("programme__name", "id"))


# --- coupons --------------------------------------------------------------------------------------


def typed_token(typed: str) -> str:
    """A coupon's number as stored: ``K7QM-2XWP`` as somebody types it, in any width."""
    return "".join(one for one in text.normalised(typed).upper() if one.isalnum())


def shown_token(token: str) -> str:
    return f"{token[:4]}-{token[4:]}"


def coupon_by_token(token: str) -> Coupon:
    """Raises ``NotFound``."""
    found: Coupon | None = (
        Coupon.objects.filter(token=token)
        .select_related("programme__operator", "redemption__person", "shop", "payment")
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def coupons(programme: Programme) -> list[Coupon]:
    """All that were ever made, the newest first."""
    rows = Coupon.objects.filter(programme=programme)
    return list(rows.select_related("redemption__person", "shop", "payment"))


def coupons_of(redemptions: Iterable[Redemption]) -> dict[int, list[Coupon]]:
    """Application → its coupons, by place; those that are void as well."""
    found: dict[int, list[Coupon]] = {}
    rows = Coupon.objects.filter(redemption__in=list(redemptions))
    rows = rows.select_related("redemption__person", "shop")
    for one in rows.order_by("place", "id"):
        found.setdefault(one.redemption_id, []).append(one)
    return found


def is_over(coupon: Coupon) -> bool:
    """Whether its last day has passed."""
    return coupon.last_day is not None and coupon.last_day < clock.today()


# --- months ---------------------------------------------------------------------------------------


@dataclass
class ShopMonth:
    """What a shop took in within a month; ``payment``: what it was paid for it."""

    shop: Shop
    month: date
    coupons: list[Coupon] = field(default_factory=list)
    payment: ShopPayment | None = None

    @property
    def yen(self) -> int:
        return sum(one.yen for one in self.coupons)

    @property
    def is_over(self) -> bool:
        return self.month < clock.today().replace(day=1)


def shop_months(
    programme: Programme, *, month: date | None = None, shop: Shop | None = None
) -> list[ShopMonth]:
    """What shops took in, month by month, the newest first; within a month by reading."""
    rows = Coupon.objects.filter(programme=programme, state=Coupon.State.IN)
    rows = rows.select_related("shop", "payment").order_by("taken_at", "id")
    if month is not None:
        since, until = month_bounds(month)
        rows = rows.filter(taken_at__gte=since, taken_at__lt=until)
    if shop is not None:
        rows = rows.filter(shop=shop)
    found: dict[tuple[date, int], ShopMonth] = {}
    for one in rows:
        assert one.taken_at is not None and one.shop is not None, "coupon_in_has_its_shop"
        first = month_of(one.taken_at)
        made = found.setdefault((first, one.shop_id), ShopMonth(one.shop, first))
        made.coupons.append(one)
        made.payment = one.payment
    by_kana = sorted(found.values(), key=lambda one: (one.shop.kana, one.shop.pk))
    return sorted(by_kana, key=lambda one: one.month, reverse=True)
