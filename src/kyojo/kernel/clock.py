"""The one clock. Everything that asks for the time asks here, so a demo or a test can move it.

Times are aware ``datetime`` in UTC; people read them in Asia/Tokyo (``local``).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")

_offset: ContextVar[timedelta | None] = ContextVar("kyojo_clock_offset", default=None)
_frozen: ContextVar[datetime | None] = ContextVar("kyojo_clock_frozen", default=None)


def _no_offset() -> timedelta:
    return timedelta(0)


_offset_source: Callable[[], timedelta] = _no_offset


def now() -> datetime:
    """The present moment, aware, in UTC."""
    frozen = _frozen.get()
    if frozen is not None:
        return frozen
    offset = _offset.get()
    return datetime.now(UTC) + (_offset_source() if offset is None else offset)


def local(moment: datetime | None = None) -> datetime:
    """``moment`` (now, if none is given) as people in Japan read it."""
    return (moment or now()).astimezone(TOKYO)


def today() -> date:
    """The calendar day in Japan."""
    return local().date()


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """The moment at ``hour``:``minute`` on ``day`` in Japan, in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TOKYO).astimezone(UTC)


def fiscal_year(day: date | None = None) -> int:
    """The fiscal year (年度, 1 April to 31 March) that ``day`` (today, if none) falls in."""
    day = day or today()
    return day.year if day.month >= 4 else day.year - 1


def fiscal_year_bounds(year: int) -> tuple[datetime, datetime]:
    """The first moment of fiscal year ``year`` and the first moment after it, in UTC."""
    return at(date(year, 4, 1), 0), at(date(year + 1, 4, 1), 0)


def age_on(birth_date: date, day: date) -> int:
    """Full years on ``day``. A birthday on 29 February is kept on 1 March in other years, as
    everyday speech has it (the law's day before changes no decade that is shown)."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def set_offset(offset: timedelta) -> None:
    """Move the clock of this context (a request, a job) by ``offset``. Demo towns only."""
    _offset.set(offset)


def set_offset_source(source: Callable[[], timedelta]) -> None:
    """Ask ``source`` how far the clock of this process is moved, where no ``set_offset`` was
    called. Demo towns only: the worker's jobs follow the clock of the pages."""
    global _offset_source
    _offset_source = source


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Stop the clock at ``moment`` inside the block; blocks nest."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
