"""Logs of visits for the tests, as a town would keep them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from kyojo.civic.programmes.rules import counting, presets, reading
from kyojo.civic.programmes.rules.counting import Year
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.visits import Visit

MORNING = datetime(2026, 4, 6, 9, 0)  # a Monday, the first week of the fiscal year 2026
BORN_FIRST = date(1950, 5, 1)  # 75
BORN_SECOND = date(1964, 5, 1)  # 61
BORN_YOUNG = date(1996, 5, 1)


def preset(code: str) -> Document:
    return reading.read(presets.preset(code))


def visit(
    line: int = 2,
    *,
    start: datetime = MORNING,
    minutes: int = 60,
    person: str = "hana",
    born: date = BORN_FIRST,
    insured: str = "first",
    **changes: Any,
) -> Visit:
    """A visit that counts everywhere, by a resident of 75."""
    fields: dict[str, Any] = {
        "relations": frozenset({"lives"}),
        "activity": "any",
        "host": "any",
        "rewarded": False,
    }
    fields |= changes
    end = start + timedelta(minutes=minutes)
    return Visit(
        line=line, person=person, born=born, insured=insured, start=start, end=end, **fields
    )


def daily(days: int, *, a_day: int = 1, **changes: Any) -> list[Visit]:
    """``a_day`` visits on each of ``days`` days, from MORNING on."""
    return [
        visit(2 + day * a_day + n, start=MORNING + timedelta(days=day, hours=2 * n), **changes)
        for day in range(days)
        for n in range(a_day)
    ]


def year_of(code: str, visits: Iterable[Visit], *, year: int = 2026, person: str = "hana") -> Year:
    return counting.count(preset(code), visits)[year][person]
