"""The end of a programme's fiscal year: what it came to is fixed, and said."""

from dataclasses import dataclass

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, notice_send, persons_lock
from kyojo.civic.programmes.rules.counting import Year
from kyojo.kernel import clock

from .. import selectors
from ..errors import YearClosed, YearNotOver
from ..models import YearClosing
from .granting import grant_sync


@dataclass(frozen=True)
class Closed:
    """What a year comes to. ``moved`` is what the ledger was not told before."""

    fiscal_year: int
    people: dict[int, Year]
    sums: dict[str, int]
    moved: int


@transaction.atomic
def year_close(
    *, programme_code: str, fiscal_year: int, by: User | None = None, dry_run: bool = False
) -> Closed:
    """Close a programme's fiscal year; with ``dry_run`` only say what that would do.

    Every person's year is counted once more by its rules, the ledger is told what it was not told,
    leftovers lapse or go over to the next year as the document says, and nothing is recorded for
    the year any more. What was granted lives on until its own last day.

    Raises ``YearNotOver``, ``YearClosed``, ``NotFound``.
    """
    ruled = selectors.ruled(programme_code, fiscal_year)
    programme = ruled.programme
    if clock.fiscal_year() <= fiscal_year:
        raise YearNotOver(year=fiscal_year)
    if selectors.is_closed(programme, fiscal_year):
        raise YearClosed(year=fiscal_year)
    everybody = selectors.visits_of(selectors.records(programme))
    locked = persons_lock(keys=[(current(), person_id) for person_id in everybody])
    people: dict[int, Year] = {}
    moved = 0
    for (_, person_id), person in locked.items():
        year = selectors.year_of(programme, person, fiscal_year)
        if not year.lines and not year.carried:
            continue
        people[person_id] = year
        moved += year.granted - selectors.granted_sum(programme, person, fiscal_year)
        if not dry_run:
            grant_sync(programme=programme, person=person)
            _tell(person, ruled, fiscal_year, year)
    found = Closed(
        fiscal_year, people, selectors.sums({str(k): v for k, v in people.items()}), moved
    )
    if not dry_run:
        YearClosing.objects.create(
            programme=programme, fiscal_year=fiscal_year, closed_by=by, **found.sums
        )
        act_record(
            actor=by,
            action="year_close",
            subject_kind="programme",
            subject_id=programme.code,
            note=f"{fiscal_year}年度 {found.sums['people']}人",
        )
    return found


def _tell(person: Person, ruled: selectors.Ruled, fiscal_year: int, year: Year) -> None:
    document = ruled.document
    notice_send(
        person=person,
        kind="year_closed",
        key=f"year_closed:{ruled.programme.code}:{fiscal_year}",
        title=f"{document.name}の{fiscal_year}年度は、{year.granted:,}{document.unit}になりました",
        path=f"/me/points/{ruled.programme.code}/",
    )
