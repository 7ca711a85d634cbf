"""年度の締め: what a fiscal year came to, tried first, then fixed. Officers close it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.errors import YearClosed
from kyojo.civic.earnings.models import YearClosing
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.rules.counting import Year
from kyojo.civic.programmes.rules.wording import year_sentences
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.text import fiscal_year_name

from ...http import redirect_saying
from .. import files, staff_names
from ..access import DeskRequest, page
from ..listing import Column, Listing
from .forms import ClosingForm
from .shared import PER_PAGE, Frame, of_programme

FIGURES = ("people", "units", "granted", "value_yen", "leftover")
CHANGED = "開いていた画面のあとで、数が変わりました。新しい数を確かめて、もう一度押してください。"


@dataclass(frozen=True)
class Row:
    """A person's year. ``moves``: what the ledger was not told yet."""

    person: Person
    year: Year
    moves: int
    why: str


COLUMNS = (
    Column(
        "kana",
        "会員",
        lambda row: row.person.kana,
        sortable=True,
        order=("カナの五十音順", "カナの逆の順"),
    ),
    Column("name", "名前", lambda row: row.person.name, in_page=False),
    Column("number", "会員番号", lambda row: row.person.number, in_page=False),
    Column("times", "活動", lambda row: len(row.year.lines), sortable=True, is_number=True),
    Column("carried", "持ち越し", lambda row: row.year.carried, in_page=False, is_number=True),
    Column(
        "units",
        "数えた数",
        lambda row: row.year.units,
        sortable=True,
        is_number=True,
        order=("数の少ない順", "数の多い順"),
    ),
    Column("granted", "ついた数", lambda row: row.year.granted, sortable=True, is_number=True),
    Column("yen", "円", lambda row: row.year.value_yen, sortable=True, is_number=True),
    Column("leftover", "残り", lambda row: row.year.leftover, sortable=True, is_number=True),
    Column("moves", "これから動く数", lambda row: row.moves, sortable=True, is_number=True),
    Column("why", "わけ", lambda row: row.why, in_page=False),
)


@of_programme("GET", "POST", officer=True, counted=True)
def one(request: DeskRequest, frame: Frame, year: int) -> HttpResponse:
    """A fiscal year: as it stands, as it would be closed, or as it was closed."""
    if year not in frame.years:
        raise NotFound()
    form = ClosingForm(request.POST or None)
    path = reverse("desk-points-closing", kwargs={"code": frame.code, "year": year})
    if request.method != "POST":
        return _one(request, frame, year, None, path, 200)
    if form.is_valid():
        if form.cleaned_data["shown"] != _shown(frame, year):
            form.add_error(None, CHANGED)
        else:
            try:
                services.year_close_order(
                    programme_code=frame.code, fiscal_year=year, by=request.desk.user
                )
            except YearClosed:
                return redirect_saying(request, path, "この年度は、もう締めてあります")
            except NotFound:
                raise
            except Refusal as refused:
                form.refuse(refused)
            else:
                return redirect_saying(request, path, f"{year}年度を締めはじめました")
    return _one(request, frame, year, form, path, 422)


def _shown(frame: Frame, year: int) -> str:
    """The figures that a page shows, as one word."""
    programme = frame.ruled.programme
    people = selectors.everybody(programme, year)
    found = selectors.sums({str(key): value for key, value in people.items()})
    told = sum(selectors.granted_sums(programme, year).values())
    return "/".join(str(number) for number in (*(found[name] for name in FIGURES), told))


def _rows(frame: Frame, year: int) -> list[Row]:
    programme = frame.ruled.programme
    document = selectors.ruled(frame.code, year).document
    years = selectors.everybody(programme, year)
    told = selectors.granted_sums(programme, year)
    people = Person.objects.in_bulk(list(years))
    return [
        Row(
            people[key],
            one,
            one.granted - told.get(key, 0),
            "".join(year_sentences(document, one)),
        )
        for key, one in years.items()
    ]


def _one(
    request: DeskRequest,
    frame: Frame,
    year: int,
    form: ClosingForm | None,
    path: str,
    status: int,
) -> HttpResponse:
    programme = frame.ruled.programme
    rows = _rows(frame, year)
    listing = Listing(request.GET, COLUMNS, rows, "kana", path=path)
    title = f"{year}年度の締め {frame.code}"
    taken = files.file_of(request, listing, name="closing", title=title, here="points")
    if taken is not None:
        return taken
    closed = YearClosing.objects.filter(programme=programme, fiscal_year=year).first()
    found = selectors.sums({str(row.person.pk): row.year for row in rows})
    shown = _shown(frame, year)
    if form is not None:  # what is shown now is what the next press confirms
        form.data = form.data.copy()
        form.data["shown"] = shown
    context: dict[str, Any] = {
        **frame.context(),
        **listing.page(PER_PAGE),
        "document": selectors.ruled(frame.code, year).document,
        "year": year,
        "year_name": fiscal_year_name(year),
        "sums": found,
        "moves": found["granted"] - sum(selectors.granted_sums(programme, year).values()),
        "closed": closed,
        "closed_by": staff_names.of({closed.closed_by_id or 0}).get(closed.closed_by_id or 0, "")
        if closed
        else "",
        "is_over": year < clock.fiscal_year(),
        "is_closing": not closed and selectors.is_closing(programme, year),
        "form": form or ClosingForm(initial={"shown": shown}),
    }
    return page(request, "points/closing.html", "points", context, status=status)
