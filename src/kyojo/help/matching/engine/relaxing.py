"""Which single thing to give up so that somebody can come: another time, a longer way, another
kind of help, a wish about who comes. Pure.

Each is tried alone and counted exactly; what is given up least is tried first, and of each kind
the smallest step that is enough is told.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from kyojo.help.requests.domain import CATEGORIES, EARLIEST_HOUR, LATEST_HOUR, category
from kyojo.kernel.wording import distance, jdate, jhour

from ..domain import Need
from .population import Population

Kind = Literal["time", "day", "distance", "category", "gender", "language"]
#: Steps tried, the smallest first.
SHIFTS = tuple(timedelta(minutes=30 * n) for n in range(1, 9))
DAYS = tuple(timedelta(days=n) for n in range(1, 8))
FARTHER_M = (500, 1_000, 2_000, 5_000, 10_000)
#: So many people are enough to look no further.
ENOUGH = 3


@dataclass(frozen=True)
class Relaxation:
    """``need`` is what would be asked for instead; ``count`` people could come then."""

    kind: Kind
    sentence: str
    count: int
    need: Need
    farther_m: int = 0


def relaxations(
    populations: Sequence[Population],
    need: Need,
    *,
    now: datetime,
    without: Set[UUID] = frozenset(),
) -> list[Relaxation]:
    """One of each kind that would bring somebody, the most people first.

    Arguments:
        populations: of the towns whose supporters may come.
        now: nothing is proposed before it.
        without: supporters who are not to be proposed.
    """
    found = []
    for kind in (_times, _days, _farther, _categories, _wishes):
        best: Relaxation | None = None
        for tried, sentence, name, farther in kind(need, now):
            count = sum(one.count(tried, without=without, farther_m=farther) for one in populations)
            if count and (best is None or count > best.count):
                best = Relaxation(name, sentence.format(n=count), count, tried, farther)
            if best is not None and best.count >= ENOUGH:
                break
        if best is not None:
            found.append(best)
    return sorted(found, key=lambda one: -one.count)


_Try = tuple[Need, str, Kind, int]


def _times(need: Need, now: datetime) -> Iterator[_Try]:
    for shift in SHIFTS:
        for moved in (_moved(need, shift, now), _moved(need, -shift, now)):
            if moved is not None:
                yield moved, f"{jhour(moved.starts_at)}からにすると、{{n}}人が来られます", "time", 0


def _days(need: Need, now: datetime) -> Iterator[_Try]:
    for days in DAYS:
        for moved in (_moved(need, days, now), _moved(need, -days, now)):
            if moved is not None:
                day = jdate(moved.starts_at.date())
                yield moved, f"{day}の同じ時間なら、{{n}}人が来られます", "day", 0


def _moved(need: Need, by: timedelta, now: datetime) -> Need | None:
    start, end = need.starts_at + by, need.ends_at + by
    last = start.replace(hour=LATEST_HOUR, minute=0)
    if start <= now or start.hour < EARLIEST_HOUR or end > last:
        return None
    return replace(need, starts_at=start, ends_at=end)


def _farther(need: Need, now: datetime) -> Iterator[_Try]:
    for metres in FARTHER_M:
        way = distance(metres)
        yield need, f"ふだんより{way}遠くまでたのめると、{{n}}人が来られます", "distance", metres


def _categories(need: Need, now: datetime) -> Iterator[_Try]:
    """Other kinds of the same group, where nothing more is asked of whoever comes."""
    own = category(need.category)
    for other in CATEGORIES:
        if other.group is own.group and other is not own and own.adults_only >= other.adults_only:
            tried = replace(need, category=other.code, category_name=other.name)
            yield tried, f"「{other.name}」としてたのむと、{{n}}人が来られます", "category", 0


def _wishes(need: Need, now: datetime) -> Iterator[_Try]:
    if need.gender_wish:
        tried = replace(need, gender_wish="")
        yield tried, "来る人についての希望をなくすと、{n}人が来られます", "gender", 0
    if need.languages:
        tried = replace(need, languages=frozenset())
        yield tried, "ことばを問わないと、{n}人が来られます", "language", 0
