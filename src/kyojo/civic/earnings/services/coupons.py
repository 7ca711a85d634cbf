"""Coupons (券) for participating shops: made of an approved application, taken in once."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import User
from kyojo.civic.people.services import act_record, notice_send, persons_lock
from kyojo.civic.programmes.rules.model import Document
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import jdate_plain

from .. import selectors, shop_selectors
from ..errors import ReasonNeeded, RedemptionNotWaiting
from ..models import Coupon, Redemption, Shop
from ..shop_errors import (
    CouponElsewhere,
    CouponExpired,
    CouponNotTaken,
    CouponOfOfficer,
    CouponOwn,
    CouponPaid,
    CouponUnknown,
    CouponUsed,
    CouponVoided,
    HandedOtherwise,
    NoShops,
    ShopEnded,
)
from .telling import redemption_tell

#: What one coupon is worth where the document's items have no price.
PIECE_YEN = 1_000
#: At most so many pieces of one application; a larger sum has larger ones.
MOST = 100
#: A coupon can be used at least so long, however late in the year it was made.
LEAST_DAYS = 90
#: Letters of a number: none that is taken for another one.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
State = Coupon.State


@transaction.atomic
def coupons_make(*, uid: UUID, by: User) -> list[Coupon]:
    """Hand an approved application out as coupons, by the office or by the member themselves.

    Again: the coupons that there are, and a new one in the place of each void one, with its last
    day; the member's own pressing replaces nothing. Raises ``RedemptionNotWaiting``, ``NoShops``,
    ``HandedOtherwise``, ``NotFound``.
    """
    found = selectors.redemption_by_uid(uid)
    if found.use not in shop_selectors.COUPON_USES:
        raise NotFound()
    persons_lock(keys=[(current(), found.person_id)])
    redemption = selectors.redemption_by_uid(uid)
    rows = shop_selectors.coupons_of([redemption]).get(redemption.pk, [])
    if redemption.state == Redemption.State.DONE:
        if not rows:
            raise HandedOtherwise(reference=redemption.reference)
        if redemption.person.user_id == by.pk:
            return [one for one in rows if one.state != State.VOID]
        return _replaced(redemption, rows, by)
    if redemption.state != Redemption.State.APPROVED:
        raise RedemptionNotWaiting(state=redemption.get_state_display())
    names = [shop.name for shop in shop_selectors.shops(redemption.programme)]
    if not names:
        raise NoShops()
    document = selectors.ruled(redemption.programme.code).document
    last_day = last_day_of(document)
    worths = pieces(redemption.value_yen, redemption.quantity)
    units = pieces(redemption.amount, len(worths))
    made = [
        _made(
            redemption,
            place,
            yen,
            by,
            face=f"{yen:,}円分" if redemption.value_yen else f"{amount:,}{document.unit}分",
            last_day=last_day,
            names=names,
        )
        for place, (yen, amount) in enumerate(zip(worths, units, strict=True), start=1)
    ]
    redemption.state, redemption.done_at = Redemption.State.DONE, clock.now()
    redemption.reference = f"券 {len(made)}枚"
    redemption.save(update_fields=["state", "reference", "done_at"])
    _on_record(by, redemption, "coupons_made", redemption.reference)
    redemption_tell(redemption, "、券になりました")
    return made


def pieces(yen: int, quantity: int = 0) -> list[int]:
    """What each coupon of ``yen`` is worth: as many as ``quantity`` (of more than ``MOST``, a sum
    as without), or ``PIECE_YEN`` each; what is left over is one more, and what has no price in yen
    is one."""
    if 0 < quantity <= MOST:
        each, rest = divmod(yen, quantity)
        return [each + (place < rest) for place in range(quantity)]
    if not yen:
        return [0]
    each = PIECE_YEN * -(-yen // (PIECE_YEN * MOST))
    return [each] * (yen // each) + ([yen % each] if yen % each else [])


def last_day_of(document: Document) -> date | None:
    """Until when a coupon that is made today can be used: as long as what is earned today, and
    ``LEAST_DAYS`` at least. None: for ever."""
    years = document.expiry.earned_years
    if years is None:
        return None
    end = date(clock.fiscal_year() + years + 1, 3, 31)
    return max(end, clock.today() + timedelta(days=LEAST_DAYS))


def _made(
    redemption: Redemption,
    place: int,
    yen: int,
    by: User,
    *,
    face: str,
    last_day: date | None,
    names: list[str],
) -> Coupon:
    made: Coupon = Coupon.objects.create(
        programme=redemption.programme,
        redemption=redemption,
        place=place,
        token=_token(),
        face=face,
        only_at=redemption.detail if redemption.detail in names else "",
        yen=yen,
        last_day=last_day,
        made_by=by,
    )
    return made


def _token() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(8))


def _replaced(redemption: Redemption, rows: list[Coupon], by: User) -> list[Coupon]:
    live = {one.place: one for one in rows if one.state != State.VOID}
    names = [shop.name for shop in shop_selectors.shops(redemption.programme)]
    for gone in rows:
        if gone.place in live:
            continue
        live[gone.place] = Coupon.objects.create(
            programme=redemption.programme,
            redemption=redemption,
            place=gone.place,
            token=_token(),
            face=gone.face,
            # A shop that takes nothing in any more is not the only one any more.
            only_at=gone.only_at if gone.only_at in names else "",
            yen=gone.yen,
            last_day=gone.last_day,
            made_by=by,
        )
        _on_record(by, redemption, "coupon_replaced", shop_selectors.shown_token(gone.token))
    return [live[place] for place in sorted(live)]


# --- at the shop ----------------------------------------------------------------------------------


def coupon_checked(*, token: str, by: User) -> tuple[Coupon, Shop]:
    """A coupon that the login ``by`` may take in now, and the shop it does so for.

    Raises ``CouponUnknown``: none of a programme in which this login has a shop; ``ShopEnded``,
    ``CouponUsed``, ``CouponVoided``, ``CouponExpired``, ``CouponElsewhere``, ``CouponOwn``.
    """
    token = shop_selectors.typed_token(token)
    coupon = Coupon.objects.filter(token=token).select_related("programme").first()
    mine = coupon and [
        one for one in shop_selectors.shops_of(by) if one.programme_id == coupon.programme_id
    ]
    if not coupon or not mine:
        raise CouponUnknown(field="number")
    shop = next((one for one in mine if one.ended_at is None), None)
    if shop is None:
        raise ShopEnded()
    _usable(coupon, shop, by)
    return coupon, shop


def _usable(coupon: Coupon, shop: Shop, by: User) -> None:
    if coupon.state == State.IN:
        raise CouponUsed(field="number", day=jdate_plain(coupon.taken_at))
    if coupon.state == State.VOID:
        raise CouponVoided(field="number")
    if shop_selectors.is_over(coupon):
        raise CouponExpired(field="number", day=jdate_plain(coupon.last_day))
    if coupon.only_at and coupon.only_at != shop.name:
        raise CouponElsewhere(field="number", shop=coupon.only_at)
    if coupon.redemption and coupon.redemption.person.user_id == by.pk:
        raise CouponOwn(field="number")


@transaction.atomic
def coupon_take_in(*, uid: UUID, token: str, by: User) -> Coupon:
    """A shop takes a coupon in, once. The same order again changes nothing.

    Raises as ``coupon_checked`` does.
    """
    typed = shop_selectors.typed_token(token)
    # Who takes it in at another till at the same moment waits here.
    row = Coupon.objects.select_for_update(of=("self",)).filter(token=typed).first()
    if row is not None and row.taken_uid == uid and row.shop.user_id == by.pk:
        return row  # type: ignore[no-any-return]
    coupon, shop = coupon_checked(token=typed, by=by)
    # A month that is being paid, or an end that is being written down, comes first.
    shop = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    if shop.ended_at is not None:
        raise ShopEnded()
    coupon.state, coupon.shop, coupon.taken_uid = State.IN, shop, uid
    coupon.taken_at = clock.now()
    coupon.save(update_fields=["state", "shop", "taken_uid", "taken_at"])
    act_record(
        actor=by,
        action="coupon_taken_in",
        subject_kind="shop",
        subject_id=shop.uid,
        note=shop_selectors.shown_token(typed),
    )
    if coupon.redemption is not None:
        notice_send(
            person=coupon.redemption.person,
            kind="coupon",
            key=f"coupon:{typed}:{uid}",
            title=f"「{shop.name}」で、{coupon.face}の券を使いました",
            path=f"/me/points/{coupon.programme.code}/",
        )
    return coupon


# --- at the desk ----------------------------------------------------------------------------------


@transaction.atomic
def coupon_untake(*, token: str, reason: str, by: User) -> Coupon:
    """A shop took a coupon in by mistake: it can be used again.

    Raises ``ReasonNeeded``, ``CouponOfOfficer``: it was given to ``by``; ``CouponNotTaken``,
    ``CouponPaid``, ``NotFound``.
    """
    reason = _reason(reason)
    coupon = _locked(token)
    if coupon.redemption and coupon.redemption.person.user_id == by.pk:
        raise CouponOfOfficer()
    if coupon.state != State.IN:
        raise CouponNotTaken(state=coupon.get_state_display())
    if coupon.payment is not None:
        raise CouponPaid(reference=coupon.payment.reference)
    assert coupon.shop is not None, "coupon_in_has_its_shop"
    shop = coupon.shop
    coupon.state, coupon.shop, coupon.taken_uid, coupon.taken_at = State.OUT, None, None, None
    coupon.save(update_fields=["state", "shop", "taken_uid", "taken_at"])
    act_record(
        actor=by,
        action="coupon_untaken",
        subject_kind="shop",
        subject_id=shop.uid,
        note=f"{shop_selectors.shown_token(token)} {reason}",
    )
    return coupon


@transaction.atomic
def coupon_void(*, token: str, reason: str, by: User) -> Coupon:
    """Make a lost coupon void; ``coupons_make`` gives another one in its place. Again: nothing.

    Raises ``ReasonNeeded``, ``CouponUsed``, ``CouponExpired``, ``NotFound``.
    """
    reason = _reason(reason)
    coupon = _locked(token)
    if coupon.state == State.VOID:
        return coupon
    if coupon.state == State.IN:
        raise CouponUsed(day=jdate_plain(coupon.taken_at))
    if shop_selectors.is_over(coupon):
        raise CouponExpired(day=jdate_plain(coupon.last_day))
    coupon.state, coupon.void_reason = State.VOID, reason
    coupon.save(update_fields=["state", "void_reason"])
    act_record(
        actor=by,
        action="coupon_voided",
        subject_kind="programme",
        subject_id=coupon.programme.code,
        note=f"{shop_selectors.shown_token(token)} {reason}",
    )
    return coupon


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > 150:
        raise ReasonNeeded(field="reason")
    return reason


def _locked(token: str) -> Coupon:
    """The coupon as it is once everybody else is done with it."""
    Coupon.objects.select_for_update(of=("self",)).filter(token=token).first()
    return shop_selectors.coupon_by_token(token)


def _on_record(by: User, redemption: Redemption, action: str, note: str) -> None:
    act_record(
        actor=by,
        action=action,
        subject_kind="redemption",
        subject_id=redemption.uid,
        note=note,
    )
