"""チケットを売る: what a member bought and paid for, and the list of it for the accounts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import circulation_selectors, services
from kyojo.civic.earnings.models import Movement
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import act_record
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.text import fiscal_year_name

from ...http import redirect_saying, tried
from .. import files
from ..access import DeskRequest, page
from ..listing import Column, Filter, Listing, filter_of
from .circulating_forms import SaleForm, SaleVoidForm
from .shared import PER_PAGE, Frame, of_programme, sent


def title_of(frame: Frame) -> str:
    """Money in a passbook is kept for somebody, tickets are sold."""
    return "通帳に入金する" if frame.ruled.document.unit == "円" else f"{noun_of(frame)}を売る"


def noun_of(frame: Frame) -> str:
    ticket = frame.ruled.document.ticket
    if frame.ruled.document.kind == "exchange":
        return "券"
    return "スタンプ" if ticket and ticket.settlement == "stamp_card" else "チケット"


def is_sold_here(frame: Frame) -> None:
    if not circulation_selectors.is_sold(frame.ruled.document):
        raise NotFound()


# --- the list -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SaleRow:
    one: Movement
    by: str

    @property
    def is_void(self) -> bool:
        return self.one.kind != Movement.Kind.BOUGHT

    @property
    def member(self) -> Person | None:
        return self.one.giver if self.is_void else self.one.receiver

    @property
    def amount(self) -> int:
        return -self.one.amount if self.is_void else self.one.amount

    @property
    def yen(self) -> int:
        return -self.one.yen if self.is_void else self.one.yen

    @property
    def at(self) -> datetime:
        return self.one.at

    @property
    def month(self) -> str:
        return f"{clock.local(self.one.at):%Y-%m}"

    @property
    def kana(self) -> str:
        return self.member.kana if self.member else "退会した人"

    @property
    def name(self) -> str:
        return self.member.name if self.member else ""

    @property
    def number(self) -> str:
        return self.member.number if self.member else ""


COLUMNS = (
    Column("at", "日時", lambda row: row.at, sortable=True, order=("古い順", "新しい順")),
    Column("month", "月", lambda row: row.month, in_page=False),
    Column(
        "kana",
        "会員",
        lambda row: row.kana,
        sortable=True,
        order=("カナの五十音順", "カナの逆の順"),
    ),
    Column("name", "名前", lambda row: row.name, in_page=False),
    Column("number", "会員番号", lambda row: row.number, in_page=False),
    Column("amount", "数", lambda row: row.amount, sortable=True, is_number=True),
    Column("yen", "円", lambda row: row.yen, sortable=True, is_number=True),
    Column("reference", "領収の番号", lambda row: row.one.reference, sortable=True),
    Column("what", "種類", lambda row: "取り消し" if row.is_void else "販売", in_page=False),
    Column("by", "受け取った人", lambda row: row.by, in_page=False),
)


@dataclass(frozen=True)
class MonthSum:
    month: str
    count: int
    amount: int
    yen: int

    @property
    def label(self) -> str:
        return month_name(self.month)


def month_name(month: str) -> str:
    return f"{month[:4]}年{int(month[5:])}月"


def month_sums(rows: Iterable[SaleRow]) -> list[MonthSum]:
    """What each month came to, the newest first."""
    found: dict[str, list[SaleRow]] = defaultdict(list)
    for row in rows:
        found[row.month].append(row)
    return [
        MonthSum(month, len(sold), sum(one.amount for one in sold), sum(one.yen for one in sold))
        for month, sold in sorted(found.items(), reverse=True)
    ]


@of_programme()
def listed(request: DeskRequest, frame: Frame) -> HttpResponse:
    is_sold_here(frame)
    year = frame.year(request.GET.get("year", ""))
    found = circulation_selectors.sales(frame.ruled.programme, year)
    names = staff_selectors.names_of({one.by_id for one in found if one.by_id})
    every = [SaleRow(one, names.get(one.by_id or 0, "")) for one in found]
    sums = month_sums(every)
    filters = [
        Filter("year", "年度", frame.year_choices(), str(year), has_all=False),
        filter_of(request, "month", "月", [(one.month, one.label) for one in sums]),
    ]
    month = filters[1].value
    rows = [row for row in every if not month or row.month == month]
    path = reverse("desk-points-sales", kwargs={"code": frame.code})
    listing = Listing(request.GET, COLUMNS, rows, "-at", path=path)
    taken = files.file_of(request, listing, name="sales", title=f"売上 {frame.code}", here="points")
    if taken is not None:
        return taken
    context = {
        **frame.context(),
        **listing.page(PER_PAGE),
        "filters": filters,
        "sums": sums,
        "sum_yen": sum(row.yen for row in rows),
        "year_yen": sum(one.yen for one in sums),
        "year_name": fiscal_year_name(year),
        "title": title_of(frame),
    }
    return page(request, "points/sales.html", "points", context)


# --- selling --------------------------------------------------------------------------------------


@of_programme("GET", "POST")
def new(request: DeskRequest, frame: Frame) -> HttpResponse:
    """The form; sent with ``step=check`` the look at it, with ``step=send`` the sale."""
    is_sold_here(frame)
    document = frame.ruled.document
    if request.method != "POST":
        initial = {"member": request.GET.get("member", "")[:80]}
        return _form_page(request, frame, SaleForm(document=document, initial=initial))
    form = SaleForm(request.POST, document=document)
    step = request.POST.get("step", "check")
    if step == "change":
        return _form_page(request, frame, form)
    if not form.is_valid():
        return _form_page(request, frame, form, 422)
    is_known = _is_known(frame, form)
    try:
        if step == "send" or is_known:
            sale = _sold(request, frame, form)
            path = reverse("desk-points-sale", kwargs={"code": frame.code, "uid": sale.uid})
            said = "この画面の分は、前に記録ずみです" if is_known else "受け取りを記録しました"
            return redirect_saying(request, path, said)
        sale = tried(lambda: _sold(request, frame, form))
    except NotFound:
        raise
    except Refusal as refused:
        form.refuse(refused)
        return _form_page(request, frame, form, 422)
    context = {
        **frame.context(),
        "form": form,
        "sale": sale,
        "member": form.found,
        "title": title_of(frame),
        "noun": noun_of(frame),
        "each_yen": _each_yen(frame),
    }
    return page(request, "points/sale_check.html", "points", context)


def _form_page(
    request: DeskRequest, frame: Frame, form: SaleForm, status: int = 200
) -> HttpResponse:
    context = {
        **frame.context(),
        "form": form,
        "title": title_of(frame),
        "each_yen": _each_yen(frame),
    }
    return page(request, "points/sale_new.html", "points", context, status=status)


def _each_yen(frame: Frame) -> int:
    """What one unit costs; 0 for yen in a passbook."""
    document = frame.ruled.document
    return 0 if document.unit == "円" else circulation_selectors.sale_yen(document, 1)


def _is_known(frame: Frame, form: SaleForm) -> bool:
    try:
        circulation_selectors.movement_by_uid(frame.ruled.programme, form.order, "bought")
    except NotFound:
        return False
    return True


def _sold(request: DeskRequest, frame: Frame, form: SaleForm) -> Movement:
    return services.units_buy(
        uid=form.order,
        programme_code=frame.code,
        person=form.found,
        amount=form.cleaned_data["amount"],
        reference=form.cleaned_data["reference"],
        by=request.desk.user,
    )


@of_programme("POST")
def void(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    """A sale that was written down wrongly is taken back."""
    is_sold_here(frame)
    form = SaleVoidForm(request.POST)
    voided = sent(
        form,
        lambda data: services.sale_void(
            programme_code=frame.code, uid=uid, reason=data["reason"], by=request.desk.user
        ),
    )
    if voided is not None:
        path = reverse("desk-points-sale", kwargs={"code": frame.code, "uid": uid})
        return redirect_saying(request, path, "記録を取り消しました。お金を返してください")
    sale = circulation_selectors.movement_by_uid(frame.ruled.programme, uid, "bought")
    return _one(request, frame, sale, form, 422)


@of_programme()
def one(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    """One sale, and what may follow it: papers, the passbook, the next sale."""
    sale = circulation_selectors.movement_by_uid(frame.ruled.programme, uid, "bought")
    if sale.receiver is not None:
        act_record(
            actor=request.desk.user,
            action="sale_opened",
            subject_kind="person",
            subject_id=sale.receiver.uid,
        )
    return _one(request, frame, sale, SaleVoidForm(), 200)


def _one(
    request: DeskRequest, frame: Frame, sale: Movement, form: SaleVoidForm, status: int
) -> HttpResponse:
    context: dict[str, Any] = {
        **frame.context(),
        "form": form,
        "void": circulation_selectors.void_of(sale),
        "sale": sale,
        "member": sale.receiver,
        "by": staff_selectors.name_of(sale.by_id),
        "noun": noun_of(frame),
        "title": title_of(frame),
        "is_on_paper": circulation_selectors.is_on_paper(frame.ruled.document),
        "is_yen": frame.ruled.document.unit == "円",
    }
    return page(request, "points/sale.html", "points", context, status=status)
