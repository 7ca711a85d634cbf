"""Local hours, the hours of a day in which people answer, and those in which nobody is asked.

A moment is a float: hours since a Monday 00:00 local. Japan has no daylight saving time, so the
hour of the day is ``moment % 24`` and the weekday ``moment // 24 % 7``.
"""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

#: People answer from 7 to 22: an answer that is not there in the evening comes in the morning.
AWAKE_FROM, AWAKE_UNTIL = 7.0, 22.0
AWAKE_A_DAY = AWAKE_UNTIL - AWAKE_FROM
#: A Monday that all moments are counted from, where nothing else is agreed.
ORIGIN = (2024, 1, 1)


def local_hours(moment: datetime) -> float:
    """Hours since Monday 2024-01-01 00:00 of a local, aware ``moment`` (``clock.local()``)."""
    return (moment - datetime(*ORIGIN, tzinfo=moment.tzinfo)).total_seconds() / 3600


def awake(moment: ArrayLike) -> Any:
    """Hours in which people answer, from the origin to ``moment``: it stands still at night."""
    t = np.asarray(moment, dtype=np.float64)
    day = np.floor(t / 24)
    return day * AWAKE_A_DAY + np.minimum(np.maximum(t - day * 24 - AWAKE_FROM, 0), AWAKE_A_DAY)


def awake_at(moment: float) -> float:
    """``awake`` of one moment."""
    day = moment // 24
    return day * AWAKE_A_DAY + min(max(moment - day * 24 - AWAKE_FROM, 0.0), AWAKE_A_DAY)


def awake_between(start: ArrayLike, end: ArrayLike) -> Any:
    """Hours in which people answer between two moments."""
    return awake(end) - awake(start)


def moment_of(awake_hours: ArrayLike) -> Any:
    """The moment at which ``awake`` reaches a value: its inverse."""
    a = np.asarray(awake_hours, dtype=np.float64)
    day = np.floor(a / AWAKE_A_DAY)
    return day * 24 + AWAKE_FROM + (a - day * AWAKE_A_DAY)
