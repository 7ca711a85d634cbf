"""Dates and times as the sentences of this room say them. No Django."""

from datetime import datetime

from kyojo.kernel import clock

WEEKDAYS = "月火水木金土日"


def clock_time(moment: datetime) -> str:
    """``10時``, ``9時45分``."""
    local = clock.local(moment)
    return f"{local.hour}時" + (f"{local.minute}分" if local.minute else "")


def month_day(moment: datetime) -> str:
    """``11月28日（土）``."""
    local = clock.local(moment)
    return f"{local.month}月{local.day}日（{WEEKDAYS[local.weekday()]}）"


def span(start: datetime, end: datetime) -> str:
    """``10時〜12時``."""
    return f"{clock_time(start)}〜{clock_time(end)}"


def metres(distance: float) -> str:
    """``320m``, ``1.2km``: rounded, as far as anybody needs it."""
    if distance < 1000:
        return f"{max(10, round(distance / 10) * 10)}m"
    return f"{distance / 1000:.1f}km"
