"""参加店の券: made of an application, printed, looked up, made void, a taking-in taken back."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import selectors, services, shop_selectors
from kyojo.civic.earnings.models import Coupon, Redemption
from kyojo.civic.people.services import act_record
from kyojo.kernel import text
from kyojo.kernel.errors import NotFound, Refusal

from ...http import page_refused, redirect_saying
from ...points import coupon_paper, own_papers
from .. import files
from ..access import DeskRequest, page
from ..listing import Column, Listing, chosen, filter_of
from .shared import PER_PAGE, Frame, decided, of_programme, same_programme
from .shop_forms import ReasonForm
from .shops import coupons_here

BADGES = {"out": ("info", "clock"), "in": ("good", "done"), "void": ("", "x")}


class Row:
    """A line of the list."""

    def __init__(self, one: Coupon) -> None:
        self.one = one
        self.number = shop_selectors.shown_token(one.token)
        self.badge = BADGES[one.state]
        self.state = str(one.get_state_display())
        if one.state == Coupon.State.OUT and shop_selectors.is_over(one):
            self.state, self.badge = "期限切れ", ("", "x")
        self.person = one.redemption.person if one.redemption else None
        self.kana = self.person.kana if self.person else None
        self.shop = one.shop.name if one.shop else None


COLUMNS = (
    Column("number", "券の番号", lambda row: row.number),
    Column(
        "made",
        "作った日",
        lambda row: row.one.made_at,
        sortable=True,
        order=("作ったのが古い順", "作ったのが新しい順"),
    ),
    Column("kana", "会員", lambda row: row.kana, sortable=True),
    Column("face", "券", lambda row: row.one.face),
    Column("yen", "円", lambda row: row.one.yen, sortable=True, is_number=True, in_page=False),
    Column("last_day", "期限", lambda row: row.one.last_day),
    Column("state", "いま", lambda row: row.state, sortable=True),
    Column("shop", "受け取った店", lambda row: row.shop, sortable=True),
    Column("taken", "受け取った日", lambda row: row.one.taken_at, in_page=False),
    Column(
        "reference",
        "店への振込の番号",
        lambda row: row.one.payment.reference if row.one.payment else "",
        in_page=False,
    ),
    Column("void", "無効にした理由", lambda row: row.one.void_reason, in_page=False),
)


@of_programme(officer=True)
def listed(request: DeskRequest, frame: Frame) -> HttpResponse:
    coupons_here(frame)
    words = request.GET.get("words", "")[:80]
    state = chosen(request, "state", Coupon.State.values)
    rows = [
        row
        for row in map(Row, shop_selectors.coupons(frame.ruled.programme))
        if (not state or row.one.state == state) and _is_found(row, words)
    ]
    path = reverse("desk-points-coupons", args=[frame.code])
    listing = Listing(request.GET, COLUMNS, rows, "-made", path=path)
    title = f"参加店の券 {frame.code}"
    taken = files.file_of(request, listing, name="coupons", title=title, here="points")
    if taken is not None:
        return taken
    context = {
        **frame.context(),
        **listing.page(PER_PAGE),
        "filters": [filter_of(request, "state", "いま", Coupon.State.choices)],
        "search": words,
        "search_label": "券の番号、会員の名前、カナ、会員番号、店",
    }
    return page(request, "points/coupons.html", "points", context)


def _is_found(row: Row, words: str) -> bool:
    person = row.person
    said = [row.one.token, row.number, row.shop or ""]
    said += [person.name, person.kana, person.number] if person else []
    whole = text.to_katakana(text.normalised(" ".join(said))).upper()
    return all(word in whole for word in text.to_katakana(text.normalised(words)).upper().split())


# --- of an application ----------------------------------------------------------------------------


def _application(frame: Frame, uid: UUID) -> Redemption:
    redemption = selectors.redemption_by_uid(uid)
    same_programme(redemption, frame)
    return redemption


def _back(frame: Frame, uid: UUID) -> str:
    return reverse("desk-points-application", kwargs={"code": frame.code, "uid": uid})


@of_programme("POST", officer=True)
def make(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    """An approved application as coupons, or others in the place of void ones."""
    back = _back(frame, _application(frame, uid).uid)
    try:
        made = services.coupons_make(uid=uid, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused, back=back)
    return redirect_saying(request, back, f"券は{len(made)}枚です。印刷して渡せます")


@of_programme(officer=True)
def paper(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    """The coupons that can still be used, ten on a page, to be cut apart."""
    redemption = _application(frame, uid)
    content = coupon_paper.pdf(redemption)
    act_record(
        actor=request.desk.user,
        action="paper_printed",
        subject_kind="redemption",
        subject_id=redemption.uid,
        note=coupon_paper.file_name(redemption),
    )
    return own_papers.answer(content, coupon_paper.file_name(redemption))


# --- one ------------------------------------------------------------------------------------------


@of_programme(officer=True)
def one(request: DeskRequest, frame: Frame, token: str) -> HttpResponse:
    return _one(request, frame, _mine(frame, token), ReasonForm())


def _mine(frame: Frame, token: str) -> Coupon:
    found = shop_selectors.coupon_by_token(token)
    same_programme(found, frame)
    return found


def _one(
    request: DeskRequest, frame: Frame, coupon: Coupon, form: ReasonForm, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        **frame.context(),
        "row": Row(coupon),
        "form": form,
        "is_over": shop_selectors.is_over(coupon),
    }
    return page(request, "points/coupon.html", "points", context, status=status)


@of_programme("POST", officer=True)
def void(request: DeskRequest, frame: Frame, token: str) -> HttpResponse:
    return _changed(request, frame, token, services.coupon_void, "券を無効にしました")


@of_programme("POST", officer=True)
def untake(request: DeskRequest, frame: Frame, token: str) -> HttpResponse:
    said = "受け取りを取り消しました。券は、また使えます"
    return _changed(request, frame, token, services.coupon_untake, said)


def _changed(request: DeskRequest, frame: Frame, token: str, act: Any, said: str) -> HttpResponse:
    coupon, form = _mine(frame, token), ReasonForm(request.POST)
    return decided(
        request,
        form,
        lambda data: act(token=token, reason=data["reason"], by=request.desk.user),
        said=said,
        path=reverse("desk-points-coupon", args=[frame.code, token]),
        again=lambda: _one(request, frame, coupon, form, 422),
    )
