"""The demo's clock: moved on a page, followed by every request and every job."""

import time
from datetime import timedelta
from math import ceil

from django.db.models import F
from django.http import HttpRequest

from kyojo.doors.ops.models import DemoClock
from kyojo.kernel import clock

#: How long the worker may go on with what it last read.
FRESH_SECONDS = 0.5

_read_at = 0.0
_read = timedelta(0)


def offset() -> timedelta:
    """How far ahead the clock is, from the database."""
    seconds = DemoClock.objects.values_list("offset_seconds", flat=True).first()
    return timedelta(seconds=seconds or 0)


def offset_recent() -> timedelta:
    """The same, at most ``FRESH_SECONDS`` old: for jobs, which ask for the time often."""
    global _read_at, _read
    if time.monotonic() - _read_at > FRESH_SECONDS:
        _read, _read_at = offset(), time.monotonic()
    return _read


def apply(request: HttpRequest) -> None:
    """Set the clock of this request."""
    clock.set_offset(offset())


def advance(by: timedelta) -> None:
    """Move the clock on by ``by``; it never goes back, or what happened would lie ahead. A
    part of a second counts as one: who moves it to 10:00 does not land at 9:59."""
    DemoClock.objects.get_or_create(pk=1)
    DemoClock.objects.filter(pk=1).update(
        offset_seconds=F("offset_seconds") + max(0, ceil(by.total_seconds()))
    )
    clock.set_offset(offset())
