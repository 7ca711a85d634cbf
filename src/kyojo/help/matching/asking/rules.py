"""What protects people from being asked too often. Every policy is bound by it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEEK_HOURS = 168.0


@dataclass(frozen=True)
class Rules:
    """``quiet_from``–``quiet_until``: hours of the day in which nobody is asked. ``gap_hours``:
    between two questions to the same person. How many a week is each person's own choice."""

    quiet_from: float = 21.0
    quiet_until: float = 8.0
    gap_hours: float = 20.0
    #: Nobody is asked for a request whose answer is due in less than this.
    least_left_hours: float = 0.25

    def is_quiet(self, now: float) -> bool:
        hour = now % 24
        return hour >= self.quiet_from or hour < self.quiet_until

    def next_ask(self, now: float) -> float:
        """``now``, or the end of the quiet hours it lies in."""
        if not self.is_quiet(now):
            return now
        day = now // 24 * 24
        morning = day + self.quiet_until
        return morning if now < morning else morning + 24

    def askable(
        self,
        *,
        asks_this_week: NDArray[np.int64],
        asks_per_week_max: NDArray[np.int64],
        last_asked_at: NDArray[np.float64],
        now: float,
    ) -> NDArray[np.bool_]:
        """Who may be asked now. ``asks_this_week``: questions of the last 168 hours;
        ``last_asked_at``: minus infinity for who never was."""
        if self.is_quiet(now):
            return np.zeros(len(asks_this_week), np.bool_)
        rested = now - last_asked_at >= self.gap_hours
        return np.asarray((asks_this_week < asks_per_week_max) & rested)
