"""The coupons of an application as a paper to be cut apart, for the office and for the member."""

from django.conf import settings
from django.urls import reverse

from kyojo.civic.earnings import shop_selectors
from kyojo.civic.earnings.models import Coupon, Redemption
from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.programmes.papers.cards import Ticket, TicketSheet, tickets_pdf
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import jdate_plain


def usable(redemption: Redemption) -> list[Coupon]:
    """The coupons that can still be used, by place."""
    rows = shop_selectors.coupons_of([redemption]).get(redemption.pk, [])
    return [
        one for one in rows if one.state == Coupon.State.OUT and not shop_selectors.is_over(one)
    ]


def pdf(redemption: Redemption) -> bytes:
    """Raises ``NotFound`` where none can be used any more, ``GlyphsMissing``."""
    coupons = usable(redemption)
    if not coupons:
        raise NotFound()
    programme, first = redemption.programme, coupons[0]
    town = Municipality.objects.get(pk=current())
    until = f"{jdate_plain(first.last_day)}まで" if first.last_day else "期限なし"
    where = f"「{first.only_at}」で" if first.only_at else "参加店で"
    sheet = TicketSheet(
        programme=programme.name,
        face=first.face,
        valid=f"{until}・おつりなし",
        issuer=programme.operator.name,
        tickets=tuple(
            Ticket(
                number=shop_selectors.shown_token(one.token),
                # Opens for the login of a participating shop only.
                qr=settings.BASE_URL + reverse("shop-coupon", kwargs={"token": one.token}),
                face=one.face,
            )
            for one in coupons
        ),
        phone=f"電話 {town.office_phone}",
        note=f"{where}、1回だけ使えます。",
    )
    return tickets_pdf(sheet, made_on=clock.today())


def file_name(redemption: Redemption) -> str:
    return f"{redemption.programme.code}-coupons.pdf"
