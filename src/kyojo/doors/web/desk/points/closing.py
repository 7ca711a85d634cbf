"""年度の締め: what a fiscal year came to, tried first, then fixed. Officers close it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Value
from django.db.models.functions import Concat
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import figures, selectors, services
from kyojo.civic.earnings.errors import YearClosed
from kyojo.civic.earnings.figures import Figures
from kyojo.civic.earnings.models import YearClosing
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.coins_domain import expires_on
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.rules.counting import Year
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.wording import year_sentences
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.text import fiscal_year_name

from ...http import redirect_saying
from .. import files
from ..access import DeskRequest, page
from ..listing import Column, Listing
from .forms import ClosingForm
from .paged import PagedListing, Rows, by_code_point
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

#: The same where everybody is not counted at once: only a name can be a sort's key.
PAGED_COLUMNS = tuple(replace(one, sortable=one.code == "kana") for one in COLUMNS)
#: So many activities are counted anew while a page is waited for.
COUNTED_AT_ONCE = 5_000


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
        shown = form.cleaned_data["shown"]
        sums = figures.figures(frame.ruled.programme, _document(frame, year), year)
        is_counted = shown.count("/") > 3
        if shown != _shown(sums, _counted_rows(frame, year) if is_counted else None):
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


def _document(frame: Frame, year: int) -> Document:
    return selectors.ruled(frame.code, year).document


def _is_counted(request: DeskRequest, frame: Frame, year: int, sums: Figures) -> bool:
    """Whether the page counts everybody's year anew: where that is quick, where nothing else says
    what came over from the year before, and where it was asked for."""
    return (
        sums.times <= COUNTED_AT_ONCE
        or "format" in request.GET
        or selectors.carries(frame.ruled.programme)
    )


def _shown(sums: Figures, rows: list[Row] | None) -> str:
    """The figures that a page shows, as one word."""
    shown: list[object] = [sums.people, sums.times, sums.granted, sums.value_yen]
    if rows is not None:
        counted = selectors.sums({str(row.person.pk): row.year for row in rows})
        shown += [counted[name] for name in FIGURES]
    return "/".join(map(str, shown))


def _rows(frame: Frame, year: int, years: Mapping[int, Year]) -> list[Row]:
    programme = frame.ruled.programme
    document = selectors.ruled(frame.code, year).document
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


def _counted_rows(frame: Frame, year: int) -> list[Row]:
    return _rows(frame, year, selectors.everybody(frame.ruled.programme, year))


def _listing(
    request: DeskRequest, frame: Frame, year: int, rows: list[Row] | None, path: str
) -> Listing:
    """Everybody's year: of ``rows`` that were counted, or counted anew page by page."""
    if rows is not None:
        return Listing(request.GET, COLUMNS, rows, "kana", path=path)
    programme = frame.ruled.programme
    found = Person.objects.filter(pk__in=figures.times(programme, year).values("person_id"))

    def make(some: list[Person]) -> list[Row]:
        years = figures.years_of_people(programme, [one.pk for one in some], year)
        made = {row.person.pk: row for row in _rows(frame, year, years)}
        return [made[one.pk] for one in some if one.pk in made]

    return PagedListing(
        request.GET,
        PAGED_COLUMNS,
        Rows(found, make),
        "kana",
        path=path,
        orders={"kana": [by_code_point(Concat("family_kana", Value(" "), "given_kana"))]},
        last=("pk",),
    )


def _one(
    request: DeskRequest,
    frame: Frame,
    year: int,
    form: ClosingForm | None,
    path: str,
    status: int,
) -> HttpResponse:
    programme = frame.ruled.programme
    document = _document(frame, year)
    sums = figures.figures(programme, document, year)
    rows = _counted_rows(frame, year) if _is_counted(request, frame, year, sums) else None
    listing = _listing(request, frame, year, rows, path)
    title = f"{year}年度の締め {frame.code}"
    taken = files.file_of(request, listing, name="closing", title=title, here="points")
    if taken is not None:
        return taken
    closed = YearClosing.objects.filter(programme=programme, fiscal_year=year).first()
    counted = None
    if rows is not None:
        counted = selectors.sums({str(row.person.pk): row.year for row in rows})
    shown = _shown(sums, rows)
    if form is not None:  # what is shown now is what the next press confirms
        form.data = form.data.copy()
        form.data["shown"] = shown
    context: dict[str, Any] = {
        **frame.context(),
        **listing.page(PER_PAGE),
        "document": document,
        "year": year,
        "year_name": fiscal_year_name(year),
        "sums": sums,
        "ending": figures.ending(programme, year),
        "last_day": expires_on(year),
        "counted": counted,
        "moves": counted["granted"] - sums.granted if counted else 0,
        "takes": any(row.moves < 0 for row in rows or ()),
        "closed": closed,
        "closed_by": staff_selectors.name_of(closed.closed_by_id) if closed else "",
        "is_over": year < clock.fiscal_year(),
        "is_closing": not closed and selectors.is_closing(programme, year),
        "form": form or ClosingForm(initial={"shown": shown}),
    }
    return page(request, "points/closing.html", "points", context, status=status)
