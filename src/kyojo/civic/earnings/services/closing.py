"""The end of a programme's fiscal year: what it came to is fixed, and said."""

from dataclasses import dataclass

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import User
from kyojo.civic.people.services import News, act_record, notices_send, persons_lock
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


def year_closable(*, programme_code: str, fiscal_year: int) -> selectors.Ruled:
    """The programme with the rules of a year that is over and not closed.

    Raises ``YearNotOver``, ``YearClosed``, ``NotFound``.
    """
    ruled = selectors.ruled(programme_code, fiscal_year)
    if clock.fiscal_year() <= fiscal_year:
        raise YearNotOver(year=fiscal_year)
    if selectors.is_closed(ruled.programme, fiscal_year):
        raise YearClosed(year=fiscal_year)
    return ruled


@transaction.atomic
def year_close(
    *, programme_code: str, fiscal_year: int, by: User | None = None, dry_run: bool = False
) -> Closed:
    """Close a programme's fiscal year; with ``dry_run`` only say what that would do.

    Every person's year is counted once more by its rules, the ledger is told what it was not told,
    leftovers lapse or go over to the next year as the document says, and nothing is recorded for
    the year any more. What was granted lives on until its own last day. All or nothing.

    Raises ``YearNotOver``, ``YearClosed``, ``NotFound``.
    """
    ruled = year_closable(programme_code=programme_code, fiscal_year=fiscal_year)
    programme, document = ruled.programme, ruled.document
    locked = {}
    if not dry_run:
        # Whoever records for one of them waits, and finds the year closed.
        ids = selectors.people_of(programme)
        locked = persons_lock(keys=[(current(), person_id) for person_id in ids])
    people = selectors.everybody(programme, fiscal_year)
    told = selectors.granted_sums(programme, fiscal_year)
    behind = [
        person_id
        for person_id in sorted({*people, *told})
        if (people[person_id].granted if person_id in people else 0) != told.get(person_id, 0)
    ]
    found = Closed(
        fiscal_year=fiscal_year,
        people=people,
        sums=selectors.sums({str(person_id): year for person_id, year in people.items()}),
        moved=sum(year.granted for year in people.values()) - sum(told.values()),
    )
    if dry_run:
        return found
    for person_id in behind:
        grant_sync(programme=programme, person=locked[current(), person_id])
    YearClosing.objects.create(
        programme=programme, fiscal_year=fiscal_year, closed_by=by, **found.sums
    )
    notices_send(
        kind="year_closed",
        key=f"year_closed:{programme.code}:{fiscal_year}",
        news=[
            News(
                person=locked[current(), person_id],
                title=f"{document.name}の{fiscal_year}年度は、"
                f"{year.granted:,}{document.unit}になりました",
                path=f"/me/points/{programme.code}/",
            )
            for person_id, year in people.items()
        ],
    )
    act_record(
        actor=by,
        action="year_close",
        subject_kind="programme",
        subject_id=programme.code,
        note=f"{fiscal_year}年度 {found.sums['people']}人",
    )
    return found


@transaction.atomic
def year_close_order(*, programme_code: str, fiscal_year: int, by: User) -> None:
    """Let the worker close a year: a town's whole year is too much for a page.

    Ordering it twice closes it once. Raises what ``year_closable`` raises.
    """
    from ..tasks import year_close as job

    year_closable(programme_code=programme_code, fiscal_year=fiscal_year)
    job.defer(
        municipality_id=current(),
        programme_code=programme_code,
        fiscal_year=fiscal_year,
        by_id=by.pk,
    )
