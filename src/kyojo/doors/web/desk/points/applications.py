"""申請: what people ask to use their points for, decided and paid. Municipal officers only."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, Sum, Value, When
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import selectors, services, shop_selectors
from kyojo.civic.earnings.models import Redemption
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.rules.wording import USE
from kyojo.kernel.errors import NotFound, Refusal

from ...forms import Form
from ...http import page_refused, redirect_saying
from ...points import coupon_paper
from .. import files
from ..access import DeskRequest, page
from ..listing import Column, filter_of
from . import coupons
from .forms import DoneForm, RefuseForm
from .paged import KANA, PagedListing, Rows, by_label
from .shared import (
    PER_PAGE,
    STATE_BADGES,
    Frame,
    decided,
    number_of,
    of_programme,
    same_programme,
    use_name,
)

State = Redemption.State
ORDER = {code: place for place, code in enumerate(State.values)}
ACCOUNTS = {"1": "普通", "2": "当座"}


@dataclass(frozen=True)
class Row:
    """A line of the queue, and of the list for accounting. Never a bank number."""

    one: Redemption
    decided_by: str

    @property
    def number(self) -> str:
        return number_of(self.one)

    @property
    def use(self) -> str:
        return use_name(self.one.use)

    @property
    def state(self) -> str:
        return str(self.one.get_state_display())

    @property
    def badge(self) -> tuple[str, str]:
        return STATE_BADGES[self.one.state]


COLUMNS = (
    Column("number", "受付番号", lambda row: row.number),
    Column(
        "asked",
        "申請した日",
        lambda row: row.one.asked_at,
        sortable=True,
        order=("申請が古い順", "申請が新しい順"),
    ),
    Column(
        "kana",
        "会員",
        lambda row: row.one.person.kana,
        sortable=True,
        order=("カナの五十音順", "カナの逆の順"),
    ),
    Column("name", "名前", lambda row: row.one.person.name, in_page=False),
    Column("member", "会員番号", lambda row: row.one.person.number, in_page=False),
    Column("use", "使いみち", lambda row: row.use, sortable=True),
    Column("detail", "相手・品物", lambda row: row.one.detail, in_page=False),
    Column("amount", "数", lambda row: row.one.amount, sortable=True, is_number=True),
    Column("yen", "円", lambda row: row.one.value_yen, sortable=True, is_number=True),
    Column("year", "年度", lambda row: row.one.fiscal_year, in_page=False, is_number=True),
    Column(
        "state",
        "いま",
        lambda row: row.state,
        sortable=True,
        order=("確認待ちが先", "確認待ちが後"),
    ),
    Column("decided", "決めた日", lambda row: row.one.decided_at, in_page=False),
    Column("by", "決めた人", lambda row: row.decided_by, in_page=False),
    Column("done", "終わった日", lambda row: row.one.done_at, in_page=False),
    Column("reference", "振込などの番号", lambda row: row.one.reference, in_page=False),
)


STATE_PLACE = Case(
    *(When(state=code, then=Value(place)) for code, place in ORDER.items()),
    output_field=IntegerField(),
)
ORDERS = {
    "asked": ["asked_at"],
    "kana": [KANA],
    "use": [by_label("use", USE)],
    "amount": ["amount"],
    "yen": ["value_yen"],
    "state": [STATE_PLACE, "asked_at"],
}


@of_programme(officer=True)
def listed(request: DeskRequest, frame: Frame) -> HttpResponse:
    every = Redemption.objects.filter(programme=frame.ruled.programme)
    uses = sorted(every.order_by().values_list("use", flat=True).distinct())
    filters = [
        filter_of(request, "state", "いま", State.choices),
        filter_of(request, "use", "使いみち", [(use, use_name(use)) for use in uses]),
    ]
    found = every.select_related("programme", "person")
    for one in filters:
        found = found.filter(**{one.name: one.value}) if one.value else found
    path = reverse("desk-points-applications", kwargs={"code": frame.code})
    listing = PagedListing(
        request.GET,
        COLUMNS,
        Rows(found, _rows),
        "state",
        path=path,
        orders=ORDERS,
        last=("-asked_at", "-pk"),
    )
    title = f"申請 {frame.code}"
    taken = files.file_of(request, listing, name="applications", title=title, here="points")
    if taken is not None:
        return taken
    asked = every.filter(state=State.ASKED)
    approved = every.filter(state=State.APPROVED).aggregate(
        count=Count("pk"), yen=Sum("value_yen"), cash=Count("pk", filter=Q(use="cash"))
    )
    return page(
        request,
        "points/applications.html",
        "points",
        {
            **frame.context(),
            **listing.page(PER_PAGE),
            "filters": filters,
            "asked": asked.count(),
            "first": asked.order_by("asked_at", "pk").first(),
            "approved": approved["count"],
            "approved_yen": approved["yen"] or 0,
            "cash": approved["cash"],
            "has_cash": any(rule.use == "cash" for rule in frame.ruled.document.uses),
        },
    )


def _rows(found: list[Redemption]) -> list[Row]:
    names = staff_selectors.names_of({one.decided_by_id for one in found if one.decided_by_id})
    return [Row(one, names.get(one.decided_by_id or 0, "")) for one in found]


@of_programme(officer=True)
def one(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    """One application. Opening it goes on record, since the bank account shows."""
    redemption = _mine(frame, uid)
    act_record(
        actor=request.desk.user,
        action="redemption_opened",
        subject_kind="redemption",
        subject_id=str(uid),
    )
    return _one(request, frame, redemption)


def _mine(frame: Frame, uid: UUID) -> Redemption:
    redemption = selectors.redemption_by_uid(uid)
    same_programme(redemption, frame)
    return redemption


def _one(
    request: DeskRequest,
    frame: Frame,
    redemption: Redemption,
    *,
    status: int = 200,
    **given: Form,
) -> HttpResponse:
    names = staff_selectors.names_of({redemption.asked_by_id or 0, redemption.decided_by_id or 0})
    payee = services.payee_of(redemption)
    wallet = selectors.wallet(frame.ruled.programme, redemption.person)
    made = shop_selectors.coupons_of([redemption]).get(redemption.pk, [])
    own = request.desk.user.pk in (redemption.person.user_id, redemption.asked_by_id)
    context: dict[str, Any] = {
        **frame.context(),
        "one": redemption,
        "number": number_of(redemption),
        "use": USE.get(redemption.use, redemption.use),
        "badge": STATE_BADGES[redemption.state],
        "payee": payee,
        "payee_kind": ACCOUNTS.get(payee.kind, "") if payee else "",
        "member": redemption.person,
        "wallet": wallet,
        "asked_by": names.get(redemption.asked_by_id or 0, ""),
        "decided_by": names.get(redemption.decided_by_id or 0, ""),
        "is_own": own,
        "coupons": [coupons.Row(one) for one in made],
        "coupons_out": bool(coupon_paper.usable(redemption)),
        "coupons_void": len({one.place for one in made})
        - len({one.place for one in made if one.state != "void"}),
        "can_make": redemption.state == State.APPROVED
        and redemption.use in shop_selectors.COUPON_USES
        and bool(shop_selectors.shops(frame.ruled.programme)),
        "refuse_form": RefuseForm(),
        "done_form": DoneForm(),
        **given,
    }
    return page(request, "points/application.html", "points", context, status=status)


def _path(frame: Frame, uid: UUID) -> str:
    return reverse("desk-points-application", kwargs={"code": frame.code, "uid": uid})


# --- acting ---------------------------------------------------------------------------------------


@of_programme("POST", officer=True)
def approve(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    _mine(frame, uid)
    try:
        services.redemption_approve(uid=uid, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused, back=_path(frame, uid))
    return redirect_saying(request, _path(frame, uid), "承認しました。本人にお知らせしました")


@of_programme("POST", officer=True)
def refuse(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    return _decided(
        request,
        frame,
        uid,
        RefuseForm(request.POST),
        lambda data: services.redemption_refuse(uid=uid, note=data["note"], by=request.desk.user),
        "見送りました。本人に理由をお知らせしました",
    )


@of_programme("POST", officer=True)
def done(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    return _decided(
        request,
        frame,
        uid,
        DoneForm(request.POST),
        lambda data: services.redemption_done(
            uid=uid, reference=data["reference"], by=request.desk.user
        ),
        "完了を記録しました。本人にお知らせしました",
    )


def _decided(
    request: DeskRequest,
    frame: Frame,
    uid: UUID,
    form: RefuseForm | DoneForm,
    act: Callable[[dict[str, Any]], Redemption],
    said: str,
) -> HttpResponse:
    """What a form decides, or the page again with what is to be mended."""
    redemption = _mine(frame, uid)
    return decided(
        request,
        form,
        act,
        said=said,
        path=_path(frame, uid),
        again=lambda: _one(
            request, frame, redemption, status=422, **{form.context: form, "form": form}
        ),
    )
