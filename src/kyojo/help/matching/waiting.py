"""How long a question stands, and how long a carer may wait. Pure; times are local, aware."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LEAD = timedelta(hours=2)


def offer_expires_at(*, now: datetime, starts_at: datetime, hours: int) -> datetime:
    """A direct question ends after ``hours``, and two hours before the start at the latest; when
    the start is nearer than that, half of the time that is left is the supporter's. Where there
    is time, on the full hour, which is said and remembered more easily."""
    latest = starts_at - LEAD
    if latest <= now + timedelta(minutes=30):
        return now + (starts_at - now) / 2
    end = min(now + timedelta(hours=hours), latest)
    full = end.replace(minute=0, second=0, microsecond=0)
    return full if full - now >= LEAD else end


@dataclass(frozen=True)
class Wait:
    """Until when a broadcast may wait: ``until`` local, aware."""

    code: str
    label: str
    until: datetime


def wait_choices(*, now: datetime, starts_at: datetime) -> list[Wait]:
    """The choices of "how long", never past an hour before the start; at least one."""
    last = starts_at - timedelta(hours=1)

    def on(days: int, hour: int) -> datetime:
        day = now.date() + timedelta(days=days)
        return datetime(day.year, day.month, day.day, hour, tzinfo=now.tzinfo)

    choices = [
        Wait("today", "きょう", on(0, 20)),
        Wait("tomorrow", "あす", on(1, 12)),
        Wait("three_days", "3日間", on(3, 12)),
    ]
    open_ones = [c for c in choices if now + timedelta(hours=1) <= c.until <= last]
    if open_ones:
        return open_ones
    return [Wait("start", "始まる前まで", now + (starts_at - now) / 2)]


#: A substitute is settled so long before, where there is time, and asked for no longer than that.
SETTLED_BEFORE, SUBSTITUTE_WAIT = timedelta(days=2), timedelta(days=5)


def substitute_deadline(*, now: datetime, starts_at: datetime) -> datetime:
    """Until when a substitute is looked for: some days, and with time left for a coordinator;
    where the visit is near, half of the time that is left."""
    end = min(now + SUBSTITUTE_WAIT, starts_at - SETTLED_BEFORE)
    return end if end - now >= timedelta(days=1) else now + (starts_at - now) / 2
