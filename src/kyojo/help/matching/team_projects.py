"""Teams for projects of about a month: at which times they may meet, and their steps. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta

from kyojo.civic.people.domain import WeekTime, free_windows, is_free
from kyojo.kernel.wording import WEEKDAYS

SMALLEST, LARGEST = 3, 5
WEEKS = (2, 8)
MEETINGS_MAX = 3
#: Any Monday: weekly times are looked at in a week without exceptions.
MONDAY = date(2024, 1, 1)
PARTS = {
    "am": ("午前", time(9), time(12)),
    "pm": ("午後", time(13), time(16)),
    "eve": ("夜", time(18), time(20)),
}


@dataclass(frozen=True)
class MeetingTime:
    """A weekly time at which a team may meet. ``code``: ``5-am``, Monday is 0."""

    code: str
    name: str
    weekday: int
    start: time
    end: time


TIMES = {
    f"{weekday}-{part}": MeetingTime(
        f"{weekday}-{part}", f"{WEEKDAYS[weekday]}曜の{name}", weekday, start, end
    )
    for weekday in range(7)
    for part, (name, start, end) in PARTS.items()
}

STEPS: dict[str, frozenset[str]] = {
    "planned": frozenset({"asking", "cancelled"}),
    "asking": frozenset({"settled", "done", "cancelled"}),
    "settled": frozenset({"asking", "done", "cancelled"}),
    "done": frozenset(),
    "cancelled": frozenset(),
}
MEMBER_STEPS: dict[str, frozenset[str]] = {
    "proposed": frozenset({"asked", "out"}),
    "asked": frozenset({"yes", "no", "lapsed", "out"}),
    "yes": frozenset({"no", "out"}),
    "no": frozenset(),
    "lapsed": frozenset({"out"}),
    "out": frozenset(),
}
#: Who is in the team, or may be.
IN = ("proposed", "asked", "yes")


def free_codes(weekly: Iterable[WeekTime]) -> frozenset[str]:
    """The codes of the times at which somebody is usually free for the whole."""
    weekly = list(weekly)
    return frozenset(
        one.code
        for one in TIMES.values()
        if is_free(
            free_windows(weekly, (), MONDAY + timedelta(days=one.weekday)), one.start, one.end
        )
    )
