"""Shops that take part: registered, told where to pay to, ended, and paid month by month."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.sealing import seal, unseal
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.errors import EmailTaken
from kyojo.civic.people.models import User
from kyojo.civic.people.selectors import staff_roles
from kyojo.civic.people.services import act_record, user_create
from kyojo.civic.people.services.logins import email_checked
from kyojo.civic.programmes.models import Programme
from kyojo.kernel import clock
from kyojo.kernel.text import to_katakana

from .. import selectors, shop_selectors
from ..errors import NothingChosen, PaidReferenceMissing, RecordDiffers
from ..models import Coupon, Shop, ShopPayment
from ..paid_selectors import month_bounds
from ..shop_errors import (
    MonthChanged,
    MonthNotOver,
    MonthPaid,
    ShopLoginUnfit,
    ShopNameNeeded,
    ShopOfOfficer,
    ShopTaken,
)
from .paying import Payee


@transaction.atomic
def shop_register(
    *, uid: UUID, programme_code: str, name: str, kana: str, email: str, by: User
) -> Shop:
    """A shop that takes coupons in from now on, by the login of ``email``, made if need be.

    The same order again changes nothing. Raises ``ShopNameNeeded``, ``EmailWrong``,
    ``ShopLoginUnfit``: a login of staff or of another town; ``ShopTaken``, ``RecordDiffers``,
    ``NotFound``.
    """
    programme = selectors.ruled(programme_code).programme
    name, kana = " ".join(name.split()), to_katakana(" ".join(kana.split()))
    if not name or not kana or len(name) > 80 or len(kana) > 120:
        raise ShopNameNeeded(field="kana" if name and not kana else "name")
    address = email_checked(email)
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    found: Shop | None = Shop.objects.filter(uid=uid).select_related("user").first()
    if found is not None:
        stored = found.programme_id, found.name, found.kana, found.user.email
        if stored != (programme.pk, name, kana, address):
            raise RecordDiffers()
        return found
    user = _login(address)
    running = Shop.objects.filter(programme=programme, ended_at=None)
    if running.filter(name=name).exists():
        raise ShopTaken(field="name", what="この名前")
    if running.filter(user=user).exists():
        raise ShopTaken(field="email", what="このメールアドレス")
    shop: Shop = Shop.objects.create(
        uid=uid, programme=programme, name=name, kana=kana, user=user, registered_by=by
    )
    _on_record(by, "shop_registered", shop)
    return shop


def _login(address: str) -> User:
    """The login of an address in this town. Nobody decides here and is paid there."""
    user = User.objects.filter(email=address).first()
    if user is None:
        try:
            return user_create(email=address, municipality_id=current())
        except EmailTaken:
            raise ShopLoginUnfit(field="email") from None
    if user.municipality_id != current() or not user.is_active or staff_roles(user):
        raise ShopLoginUnfit(field="email")
    return user  # type: ignore[no-any-return]


@transaction.atomic
def shop_account_set(*, uid: UUID, payee: Payee, by: User) -> Shop:
    """Keep the account to which a shop is paid. The same again: changes nothing.

    Raises ``PayeeNeeded``, ``PayeeUnwritable``, ``ShopOfOfficer``, ``NotFound``.
    """
    payee.check()
    shop = _locked(uid)
    _not_own(shop, by)
    if shop_payee(shop) == payee:
        return shop
    shop.payee_encrypted = seal(asdict(payee))
    shop.save(update_fields=["payee_encrypted"])
    _on_record(by, "shop_account_set", shop)
    return shop


def shop_payee(shop: Shop) -> Payee | None:
    """The account to which a shop is paid; None: not told yet."""
    return Payee(**unseal(shop.payee_encrypted)) if shop.payee_encrypted else None


@transaction.atomic
def shop_end(*, uid: UUID, by: User) -> Shop:
    """The shop takes nothing in any more; what it took in is still paid. Again: nothing."""
    shop = _locked(uid)
    if shop.ended_at is None:
        shop.ended_at = clock.now()
        shop.save(update_fields=["ended_at"])
        _on_record(by, "shop_ended", shop)
    return shop


def _locked(uid: UUID) -> Shop:
    shop = shop_selectors.shop_by_uid(uid)
    return Shop.objects.select_for_update(of=("self",)).get(pk=shop.pk)  # type: ignore[no-any-return]


# --- paid -----------------------------------------------------------------------------------------


@transaction.atomic
def shops_paid(
    *, programme_code: str, month: date, shown: Mapping[UUID, int], reference: str, by: User
) -> list[ShopPayment]:
    """The coupons that shops took in within ``month`` were paid under ``reference``: all or
    nothing. ``shown``: shop → yen, as the page said. The same again changes nothing.

    Raises ``PaidReferenceMissing``, ``NothingChosen``, ``MonthNotOver``, ``MonthChanged``: another
    sum by now; ``MonthPaid``: under another reference; ``ShopOfOfficer``, ``NotFound``.
    """
    reference, month = reference.strip(), month.replace(day=1)
    if not reference or len(reference) > 60:
        raise PaidReferenceMissing(field="reference")
    if not shown:
        raise NothingChosen()
    if month >= clock.today().replace(day=1):
        raise MonthNotOver(month=_said(month))
    programme = selectors.ruled(programme_code).programme
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    # Who takes a coupon in at this moment waits, and does it within the new month.
    shops = [_locked(uid) for uid in sorted(shown)]
    return [_paid(programme, shop, month, shown[shop.uid], reference, by) for shop in shops]


def _paid(
    programme: Programme, shop: Shop, month: date, shown_yen: int, reference: str, by: User
) -> ShopPayment:
    _not_own(shop, by)
    before: ShopPayment | None = ShopPayment.objects.filter(shop=shop, month=month).first()
    if before is not None:
        if (before.reference, before.yen) != (reference, shown_yen):
            raise MonthPaid(shop=shop.name, month=_said(month), reference=before.reference)
        return before
    since, until = month_bounds(month)
    rows = Coupon.objects.filter(
        programme=programme,
        shop=shop,
        state=Coupon.State.IN,
        taken_at__gte=since,
        taken_at__lt=until,
    )
    coupons = list(rows.select_for_update(of=("self",)).order_by("pk"))
    yen = sum(one.yen for one in coupons)
    if not coupons or yen != shown_yen:
        raise MonthChanged(shop=shop.name)
    payment: ShopPayment = ShopPayment.objects.create(
        programme=programme,
        shop=shop,
        month=month,
        coupons=len(coupons),
        yen=yen,
        reference=reference,
        by=by,
    )
    Coupon.objects.filter(pk__in=[one.pk for one in coupons]).update(payment=payment)
    _on_record(by, "shop_paid", shop, f"{month:%Y-%m} {reference}")
    return payment


def _not_own(shop: Shop, by: User) -> None:
    """Nobody decides where they are paid, whatever role they were given since. Raises
    ``ShopOfOfficer``."""
    if shop.user_id == by.pk:
        raise ShopOfOfficer(shop=shop.name)


def _said(month: date) -> str:
    return f"{month.year}年{month.month}月"


def _on_record(by: User, action: str, shop: Shop, note: str = "") -> None:
    act_record(actor=by, action=action, subject_kind="shop", subject_id=shop.uid, note=note)
