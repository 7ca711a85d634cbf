"""会費: who has paid this year and who has not, and writing a payment down."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import circulation_selectors, selectors, services
from kyojo.civic.earnings.circulation_selectors import FeeDue
from kyojo.civic.people import staff_selectors
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.kernel.errors import NotFound
from kyojo.kernel.text import fiscal_year_name

from ...http import redirect_saying
from .. import files
from ..access import DeskRequest, page
from ..listing import Column, Filter, Listing, filter_of
from .circulating_forms import FeeForm, fee_each
from .shared import PER_PAGE, Frame, of_programme, sent

STATES = (("unpaid", "まだ"), ("paid", "受け取りずみ"))


@dataclass(frozen=True)
class FeeRow:
    one: FeeDue
    by: str

    @property
    def state(self) -> str:
        return "paid" if self.one.payment else "unpaid"

    @property
    def each(self) -> str:
        return fee_each(self.one.fee.each)

    @property
    def yen(self) -> int:
        """What was paid, or is to be paid."""
        return self.one.payment.yen if self.one.payment else self.one.fee.yen


COLUMNS = (
    Column(
        "kana",
        "会員",
        lambda row: row.one.person.kana,
        sortable=True,
        order=("カナの五十音順", "カナの逆の順"),
    ),
    Column("name", "名前", lambda row: row.one.person.name, in_page=False),
    Column("number", "会員番号", lambda row: row.one.person.number, in_page=False),
    Column("fee", "会費", lambda row: row.one.fee.name, sortable=True),
    Column("each", "いつ", lambda row: row.each, in_page=False),
    Column("yen", "円", lambda row: row.yen, sortable=True, is_number=True),
    Column("state", "いま", lambda row: dict(STATES)[row.state], sortable=True),
    Column(
        "paid",
        "受け取った日",
        lambda row: row.one.payment.at if row.one.payment else None,
        sortable=True,
        order=("受け取りが古い順", "受け取りが新しい順"),
    ),
    Column(
        "reference",
        "領収の番号",
        lambda row: row.one.payment.reference if row.one.payment else None,
    ),
    Column("by", "受け取った人", lambda row: row.by, in_page=False),
)


def _ruled(frame: Frame, year: int) -> selectors.Ruled:
    try:
        return selectors.ruled(frame.code, year)
    except ProgrammeMissing:
        return frame.ruled


@of_programme()
def listed(request: DeskRequest, frame: Frame) -> HttpResponse:
    """Of people who did anything in the programme."""
    year = frame.year(request.GET.get("year", ""))
    ruled = _ruled(frame, year)
    if not ruled.document.fees and not frame.ruled.document.fees:
        raise NotFound()
    people = circulation_selectors.people_active(ruled.programme)
    found = circulation_selectors.fees_due(ruled, people, year)
    names = staff_selectors.names_of({one.payment.by_id or 0 for one in found if one.payment})
    every = [
        FeeRow(one, names.get(one.payment.by_id or 0, "") if one.payment else "") for one in found
    ]
    fees = [(fee.name, fee.name) for fee in ruled.document.fees]
    filters = [
        Filter("year", "年度", frame.year_choices(), str(year), has_all=False),
        filter_of(request, "fee", "会費", fees),
        filter_of(request, "state", "いま", STATES),
    ]
    fee, state = filters[1].value, filters[2].value
    rows = [
        row
        for row in every
        if (not fee or row.one.fee.name == fee) and (not state or row.state == state)
    ]
    path = reverse("desk-points-fees", kwargs={"code": frame.code})
    listing = Listing(request.GET, COLUMNS, rows, "kana", path=path)
    taken = files.file_of(request, listing, name="fees", title=f"会費 {frame.code}", here="points")
    if taken is not None:
        return taken
    paid = [row for row in rows if row.one.payment]
    context = {
        **frame.context(),
        **listing.page(PER_PAGE),
        "filters": filters,
        "year": year,
        "year_name": fiscal_year_name(year),
        "paid_count": len(paid),
        "paid_yen": sum(row.yen for row in paid),
        "unpaid_count": len(rows) - len(paid),
    }
    return page(request, "points/fees.html", "points", context)


@of_programme("GET", "POST")
def pay(request: DeskRequest, frame: Frame) -> HttpResponse:
    year = frame.year(request.POST.get("year") or request.GET.get("year", ""))
    document = _ruled(frame, year).document
    if not document.fees:
        raise NotFound()
    form = FeeForm(
        request.POST or None,
        document=document,
        years=frame.year_choices(),
        initial={
            "member": request.GET.get("member", "")[:80],
            "name": request.GET.get("name", "")[:80] or document.fees[0].name,
            "year": str(year),
        },
    )
    status = 200
    if request.method == "POST":
        status = 422
        payment = sent(
            form,
            lambda data: services.fee_pay(
                uid=form.order,
                programme_code=frame.code,
                person=form.found,
                name=data["name"],
                fiscal_year=int(data["year"]),
                reference=data["reference"],
                by=request.desk.user,
            ),
        )
        if payment is not None:
            path = reverse("desk-points-fees", kwargs={"code": frame.code})
            said = f"{payment.name} {payment.yen:,}円の受け取りを記録しました"
            return redirect_saying(request, f"{path}?year={year}", said)
    context = {**frame.context(), "form": form, "year": year}
    return page(request, "points/fee_new.html", "points", context, status=status)
