"""Which days a series has, and how its rhythm is said. Pure; days are days in Japan.

A rule is an RRULE of RFC 5545 as text. Days, not moments, are counted, so that no clock change
moves a visit. National holidays are days like others; skipped days (EXDATE) count for COUNT, as
the RFC has it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrule, rruleset, rrulestr

from kyojo.kernel.errors import Invalid
from kyojo.kernel.wording import WEEKDAYS, jdate

from .errors import (
    SeriesDaysMissing,
    SeriesEmpty,
    SeriesEndMissing,
    SeriesEveryUnknown,
    SeriesTooFar,
    SeriesTooShort,
)

#: Occurrences are asked for so long before.
AHEAD = timedelta(weeks=4)
TIMES_MAX = 60
CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
EVERY = {"week": "毎週", "two_weeks": "2週間に1回", "month": "月に1回"}
NTH = {1: "第1", 2: "第2", 3: "第3", 4: "第4", -1: "最後の"}


@dataclass(frozen=True)
class Rhythm:
    """What somebody says: how often, on which weekdays (0 is Monday), of a month the ``nth``, and
    for how long: ``until`` a day (included), or ``times``."""

    every: str
    weekdays: tuple[int, ...]
    nth: int = 1
    until: date | None = None
    times: int | None = None


def rule_of(rhythm: Rhythm) -> str:
    """``FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=8``"""
    days = [CODES[day] for day in sorted(set(rhythm.weekdays))]
    if rhythm.every == "month":
        parts = ["FREQ=MONTHLY", f"BYDAY={rhythm.nth:+d}{days[0]}"]
    else:
        interval = 2 if rhythm.every == "two_weeks" else 1
        parts = ["FREQ=WEEKLY", f"INTERVAL={interval}", f"BYDAY={','.join(days)}"]
    if rhythm.times is not None:
        parts.append(f"COUNT={rhythm.times}")
    elif rhythm.until is not None:
        parts.append(f"UNTIL={rhythm.until:%Y%m%d}")
    return ";".join(parts)


def rhythm_of(rule: str) -> Rhythm:
    """What ``rule_of`` made ``rule`` from."""
    said = dict(part.split("=", 1) for part in rule.split(";"))
    days = said["BYDAY"].split(",")
    weekdays = tuple(CODES.index(day[-2:]) for day in days)
    until = datetime.strptime(said["UNTIL"], "%Y%m%d").date() if "UNTIL" in said else None  # noqa: DTZ007
    times = int(said["COUNT"]) if "COUNT" in said else None
    if said["FREQ"] == "MONTHLY":
        return Rhythm("month", weekdays, int(days[0][:-2]), until, times)
    every = "two_weeks" if said.get("INTERVAL") == "2" else "week"
    return Rhythm(every, weekdays, until=until, times=times)


def days_of(
    rule: str,
    starts_on: date,
    *,
    last: date,
    first: date | None = None,
    skipped: Iterable[str] = (),
) -> list[date]:
    """The days of a series from ``first`` (its beginning, if none) to ``last``, both included.
    ``skipped``: days left out, as ISO dates."""
    days = rruleset()
    parsed = rrulestr(rule, dtstart=_moment(starts_on))
    assert isinstance(parsed, rrule)
    days.rrule(parsed)
    for day in skipped:
        days.exdate(_moment(date.fromisoformat(day)))
    found = days.between(_moment(first or starts_on), _moment(last), inc=True)
    return [moment.date() for moment in found]


def _moment(day: date) -> datetime:
    return datetime.combine(day, time.min)


def last_day_allowed(starts_on: date, months: int) -> date:
    """A month's end stays within the month: half a year from 31 August is 28 February."""
    return starts_on + relativedelta(months=months)


def rhythm_problems(rhythm: Rhythm, starts_on: date, *, months: int) -> list[Invalid]:
    """Everything that is wrong with a rhythm; ``months``: for how long the programme allows it."""
    problems: list[Invalid] = []
    if rhythm.every not in EVERY or (rhythm.every == "month" and rhythm.nth not in NTH):
        problems.append(SeriesEveryUnknown(field="every"))
    if not rhythm.weekdays or not set(rhythm.weekdays) <= set(range(7)):
        problems.append(SeriesDaysMissing(field="weekdays", said="1つ以上"))
    elif rhythm.every == "month" and len(set(rhythm.weekdays)) > 1:
        problems.append(SeriesDaysMissing(field="weekdays", said="1つだけ"))
    if rhythm.until is None and rhythm.times is None:
        problems.append(SeriesEndMissing(field="until"))
    if rhythm.times is not None and not 2 <= rhythm.times <= TIMES_MAX:
        problems.append(SeriesTooShort(field="times", most=TIMES_MAX))
    if problems:
        return problems
    allowed = last_day_allowed(starts_on, months)
    field = "times" if rhythm.times is not None else "until"
    if rhythm.until is not None and rhythm.until > allowed:
        return [SeriesTooFar(field=field, months=months, last=jdate(allowed))]
    # One day more is enough to see that it goes on beyond what is allowed.
    days = days_of(rule_of(rhythm), starts_on, last=allowed + timedelta(days=366 * 6))
    if not days:
        return [SeriesEmpty(field=field)]
    if days[-1] > allowed:
        return [SeriesTooFar(field=field, months=months, last=jdate(allowed))]
    return []


def rhythm_spoken(rule: str) -> str:
    """``毎週 火曜・木曜``, ``2週間に1回 火曜``, ``毎月 第2火曜``."""
    rhythm = rhythm_of(rule)
    days = "・".join(f"{WEEKDAYS[day]}曜" for day in sorted(set(rhythm.weekdays)))
    if rhythm.every == "month":
        return f"毎月 {NTH[rhythm.nth]}{days}"
    return f"{EVERY[rhythm.every]} {days}"


def end_spoken(rule: str) -> str:
    """``3月31日（水）まで``, ``8回``."""
    rhythm = rhythm_of(rule)
    if rhythm.times is not None:
        return f"{rhythm.times}回"
    return f"{jdate(rhythm.until)}まで" if rhythm.until is not None else ""
