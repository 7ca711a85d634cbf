"""What a fiscal year came to, asked of the database: a town's whole year is too much for the
evaluator to count while a page is waited for.

Grants follow the evaluator record by record (``services.granting``), so their sums are its own;
``selectors.everybody`` counts anew, and closing a year does.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import BigIntegerField, Count, F, Sum
from django.db.models.functions import Cast

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.rules.counting import Counter, Year
from kyojo.civic.programmes.rules.model import Document
from kyojo.kernel import clock
from kyojo.ledger import selectors as ledger_selectors

from . import selectors
from .models import Grant, Record


@dataclass(frozen=True)
class Figures:
    """People who did something, how often, what was granted for it, and its worth in yen."""

    people: int
    times: int
    granted: int
    value_yen: int


def figures(programme: Programme, document: Document, fiscal_year: int) -> Figures:
    """A programme's fiscal year as it stands."""
    people = times(programme, fiscal_year).aggregate(count=Count("person_id"), all=Sum("times"))
    each = Grant.objects.filter(programme=programme, fiscal_year=fiscal_year).order_by()
    worth = document.worth
    if worth is None or worth.of == 1:
        granted = int(each.aggregate(sum=Sum("amount"))["sum"] or 0)
        value_yen = granted * worth.yen if worth else 0
    else:  # everybody's own sum is rounded down
        of_person = each.values("person_id").annotate(
            mine=Cast(Sum("amount"), BigIntegerField()),
        )
        found = of_person.aggregate(granted=Sum("mine"), yen=Sum(F("mine") * worth.yen / worth.of))
        granted, value_yen = int(found["granted"] or 0), int(found["yen"] or 0)
    return Figures(people["count"] or 0, int(people["all"] or 0), granted, value_yen)


def ending(programme: Programme, fiscal_year: int) -> int:
    """What is left, also on paper, of units whose last day is the end of ``fiscal_year``."""
    return ledger_selectors.vintage_left(
        ledger=current(), currency=programme.currency, vintage=fiscal_year
    )


def times(programme: Programme, fiscal_year: int):  # type: ignore[no-untyped-def]
    """``person_id`` and ``times`` of everybody who did something in a fiscal year."""
    return (
        _of_year(programme, fiscal_year).order_by().values("person_id").annotate(times=Count("id"))
    )


def has_records(programme: Programme, fiscal_year: int) -> bool:
    return bool(_of_year(programme, fiscal_year).exists())


def _of_year(programme: Programme, fiscal_year: int):  # type: ignore[no-untyped-def]
    since, until = clock.fiscal_year_bounds(fiscal_year)
    return Record.objects.filter(
        programme=programme, void_at=None, start__gte=since, start__lt=until
    )


def years_of_people(
    programme: Programme, people: Collection[int], fiscal_year: int
) -> Mapping[int, Year]:
    """``selectors.everybody`` for some: person → their fiscal year, counted anew."""
    rows = Record.objects.filter(programme=programme, void_at=None, person_id__in=people)
    if not selectors.carries(programme):
        since, until = clock.fiscal_year_bounds(fiscal_year)
        counter = Counter(selectors.ruled(programme.code, fiscal_year).document)
        visits = selectors.visits_in(rows.filter(start__gte=since, start__lt=until))
        return {person: counter.year(fiscal_year, mine) for person, mine in visits.items()}
    found = {}
    for person, visits_of_all in selectors.visits_in(rows).items():
        year = selectors.years_of(programme, visits_of_all).get(fiscal_year)
        if year is not None:
            found[person] = year
    return found
