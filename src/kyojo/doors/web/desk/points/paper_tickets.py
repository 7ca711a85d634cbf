"""紙の券: printed for a member, taken in from whoever brings one, made void when lost."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import circulation_selectors, services
from kyojo.civic.earnings.models import PaperTicket
from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.papers.cards import Ticket, TicketSheet, tickets_pdf
from kyojo.kernel import clock, text
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import jdate_plain

from ...http import as_file, redirect_saying
from .. import files
from ..access import DeskRequest, page
from ..listing import Column, Listing, chosen, filter_of
from .circulating_forms import PaperVoidForm, PrintForm, TakeInForm
from .shared import PER_PAGE, Frame, of_programme, sent

BADGES = {"out": ("info", "clock"), "in": ("good", "done"), "void": ("", "x")}


def is_on_paper_here(frame: Frame) -> None:
    if not circulation_selectors.is_on_paper(frame.ruled.document):
        raise NotFound()


# --- the list -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PaperRow:
    one: PaperTicket

    @property
    def state(self) -> str:
        return str(self.one.get_state_display())

    @property
    def badge(self) -> tuple[str, str]:
        return BADGES[self.one.state]

    @property
    def printed_at(self) -> datetime:
        return self.one.printed.at

    @property
    def printed_for(self) -> Person | None:
        return self.one.printed.giver

    @property
    def taken_at(self) -> datetime | None:
        return self.one.taken_in.at if self.one.taken_in else None

    @property
    def taken_from(self) -> Person | None:
        return self.one.taken_in.receiver if self.one.taken_in else None

    @property
    def last_day(self) -> date | None:
        return date(self.one.vintage + 1, 3, 31) if self.one.vintage else None


def _kana(person: Person | None) -> str | None:
    return person.kana if person else None


COLUMNS = (
    Column(
        "number",
        "番号",
        lambda row: row.one.number,
        sortable=True,
        is_number=True,
        order=("番号の小さい順", "番号の大きい順"),
    ),
    Column("state", "いま", lambda row: row.state, sortable=True),
    Column(
        "printed",
        "印刷した日",
        lambda row: row.printed_at,
        sortable=True,
        order=("印刷が古い順", "印刷が新しい順"),
    ),
    Column("for", "印刷した会員", lambda row: _kana(row.printed_for), sortable=True),
    Column("last_day", "期限", lambda row: row.last_day),
    Column("taken", "受け取った日", lambda row: row.taken_at, sortable=True, in_page=False),
    Column("from", "もってきた会員", lambda row: _kana(row.taken_from), sortable=True),
)


@of_programme()
def listed(request: DeskRequest, frame: Frame) -> HttpResponse:
    is_on_paper_here(frame)
    every = [PaperRow(one) for one in circulation_selectors.papers(frame.ruled.programme)]
    words = request.GET.get("words", "")[:80]
    state = chosen(request, "state", PaperTicket.State.values)
    rows = [row for row in every if (not state or row.one.state == state) and _is_found(row, words)]
    path = reverse("desk-points-papers", kwargs={"code": frame.code})
    listing = Listing(request.GET, COLUMNS, rows, "-number", path=path)
    taken = files.file_of(
        request, listing, name="papers", title=f"紙の券 {frame.code}", here="points"
    )
    if taken is not None:
        return taken
    context = {
        **frame.context(),
        **listing.page(PER_PAGE),
        "filters": [filter_of(request, "state", "いま", PaperTicket.State.choices)],
        "search": words,
        "search_label": "券の番号、名前、カナ、会員番号",
        "out": sum(row.one.state == "out" for row in every),
    }
    return page(request, "points/papers.html", "points", context)


def _is_found(row: PaperRow, words: str) -> bool:
    """A ticket by its whole number, or by words of whom it was printed for or came from."""
    people = [
        text.to_katakana(f"{one.name} {one.kana} {one.number}").upper()
        for one in (row.printed_for, row.taken_from)
        if one
    ]
    return all(
        word == str(row.one.number) or any(word in one for one in people)
        for word in text.to_katakana(text.normalised(words)).upper().split()
    )


# --- printing -------------------------------------------------------------------------------------


@of_programme("GET", "POST")
def new(request: DeskRequest, frame: Frame) -> HttpResponse:
    is_on_paper_here(frame)
    amount = request.GET.get("amount", "")[:10]
    form = PrintForm(
        request.POST or None,
        initial={"member": request.GET.get("member", "")[:80], "amount": amount},
    )
    status = 200
    if request.method == "POST":
        status = 422
        movement = sent(
            form,
            lambda data: services.papers_print(
                uid=form.order,
                programme_code=frame.code,
                person=form.found,
                amount=data["amount"],
                by=request.desk.user,
            ),
        )
        if movement is not None:
            address = {"code": frame.code, "uid": movement.uid}
            path = reverse("desk-points-printed", kwargs=address)
            return redirect_saying(request, path, f"{movement.amount}枚の券を作りました")
    context = {**frame.context(), "form": form}
    return page(request, "points/papers_new.html", "points", context, status=status)


@of_programme()
def printed(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    """One printing: its sheet, as often as the printer needs it."""
    is_on_paper_here(frame)
    movement = circulation_selectors.movement_by_uid(frame.ruled.programme, uid, "printed")
    papers = circulation_selectors.papers_printed(movement)
    context = {
        **frame.context(),
        "movement": movement,
        "member": movement.giver,
        "rows": [PaperRow(one) for one in papers],
        "sheets": _sheets(papers),
    }
    return page(request, "points/papers_printed.html", "points", context)


@dataclass(frozen=True)
class Sheet:
    """Tickets that are out and end on the same day, so that one paper can say which."""

    vintage: int
    count: int

    @property
    def until(self) -> str:
        return _until(self.vintage)

    @property
    def pages(self) -> int:
        return -(-self.count // 10)


def _until(vintage: int) -> str:
    return f"{jdate_plain(date(vintage + 1, 3, 31))}まで" if vintage else "期限はありません"


def _sheets(papers: list[PaperTicket]) -> list[Sheet]:
    out = Counter(one.vintage for one in papers if one.state == PaperTicket.State.OUT)
    return [Sheet(vintage, count) for vintage, count in sorted(out.items())]


@of_programme()
def sheet(request: DeskRequest, frame: Frame, uid: UUID, vintage: int) -> HttpResponse:
    """The tickets of one printing that are still out, ten on a page, to be cut apart."""
    is_on_paper_here(frame)
    movement = circulation_selectors.movement_by_uid(frame.ruled.programme, uid, "printed")
    papers = [
        one
        for one in circulation_selectors.papers_printed(movement)
        if one.state == PaperTicket.State.OUT and one.vintage == vintage
    ]
    if not papers:
        raise NotFound()
    town = Municipality.objects.get(pk=frame.ruled.programme.municipality_id)
    content = tickets_pdf(
        TicketSheet(
            programme=frame.ruled.document.name,
            face=f"1{frame.ruled.document.unit}",
            valid=_until(vintage),
            issuer=frame.ruled.programme.operator.name,
            tickets=tuple(Ticket(f"No. {one.number}", one.token) for one in papers),
            phone=f"電話 {town.office_phone}",
            note="事務局で、1回だけ受け取れます。",
        ),
        made_on=clock.today(),
    )
    act_record(
        actor=request.desk.user,
        action="paper_printed",
        subject_kind="programme",
        subject_id=frame.code,
        note=f"{papers[0].number}-{papers[-1].number}",
    )
    name = f"{frame.code}-tickets-{papers[0].number}-{papers[-1].number}.pdf"
    return as_file(content, name, cache="no-store")


# --- taking in ------------------------------------------------------------------------------------


@of_programme("GET", "POST")
def take(request: DeskRequest, frame: Frame) -> HttpResponse:
    """One ticket after the other: the member stays in the form for the next."""
    is_on_paper_here(frame)
    form = TakeInForm(request.POST or None, initial={"member": request.GET.get("member", "")[:80]})
    status = 200
    if request.method == "POST":
        status = 422
        movement = sent(
            form,
            lambda data: services.paper_take_in(
                uid=form.order,
                programme_code=frame.code,
                token_or_number=data["paper"],
                person=form.found,
                by=request.desk.user,
            ),
        )
        if movement is not None:
            path = reverse("desk-points-papers-take", kwargs={"code": frame.code})
            return redirect_saying(
                request,
                f"{path}?member={form.found.number}",
                f"{movement.reference}番の券を、{form.found.name}さんの分にしました",
            )
    context = {**frame.context(), "form": form}
    return page(request, "points/papers_take.html", "points", context, status=status)


# --- one ticket -----------------------------------------------------------------------------------


@of_programme("GET", "POST")
def one(request: DeskRequest, frame: Frame, number: int) -> HttpResponse:
    """One ticket; sent: it is lost and made void."""
    is_on_paper_here(frame)
    found = circulation_selectors.paper_by_number(frame.ruled.programme, number)
    form = PaperVoidForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        voided = sent(
            form,
            lambda data: services.paper_void(
                programme_code=frame.code,
                number=number,
                reason=data["reason"],
                by=request.desk.user,
            ),
        )
        if voided is not None:
            path = reverse("desk-points-paper", kwargs={"code": frame.code, "number": number})
            return redirect_saying(request, path, f"{number}番の券を無効にしました")
    row = PaperRow(found)
    context: dict[str, Any] = {
        **frame.context(),
        "row": row,
        "form": form,
        "is_over": row.last_day is not None and row.last_day < clock.today(),
    }
    return page(request, "points/paper.html", "points", context, status=status)
