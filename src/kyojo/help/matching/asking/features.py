"""What the chance of a yes is read from: a column a property, all near 0 ± 1."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]

#: The columns of ``Facts.matrix``, in order. A model keeps its coefficients by these names, so that
#: a column can be added without spoiling old models.
FEATURES = (
    "minutes", "met", "done", "lately", "asks_month", "slow", "says_yes", "replies",
    "weekend", "evening", "short_notice", "long_visit",
)  # fmt: skip
#: Shares are drawn towards these while there is little on record (as if so many had been counted).
YES_USUAL, YES_WEIGHT = 0.45, 3.0
REPLY_USUAL, REPLY_WEIGHT = 0.35, 3.0
ANSWER_HOURS_USUAL = 8.0


@dataclass(frozen=True)
class Facts:
    """A value a candidate (arrays of one length); those of the request are plain numbers.

    ``minutes``: of the way. ``met``: visits to this recipient. ``done``: visits of this category.
    ``lately``: visits of the last four weeks and those booked. ``asks_month``: questions of the
    last four weeks. ``answer_hours``: how long they usually take. ``asked``, ``answered``,
    ``yes``: questions so far that ended, those answered, those with a yes.
    """

    minutes: Column
    met: Column
    done: Column
    lately: Column
    asks_month: Column
    answer_hours: Column
    asked: Column
    answered: Column
    yes: Column
    #: The request's: hour of the day at which it starts, weekday (0 Monday), hours from now to
    #: the start, hours it takes.
    starts_hour: float
    weekday: int
    lead_hours: float
    hours: float

    def __len__(self) -> int:
        return len(self.minutes)

    def matrix(self) -> NDArray[np.float64]:
        """(candidates, len(FEATURES))"""
        n = len(self.minutes)
        says = (self.yes + YES_WEIGHT * YES_USUAL) / (self.answered + YES_WEIGHT)
        replies = (self.answered + REPLY_WEIGHT * REPLY_USUAL) / (self.asked + REPLY_WEIGHT)
        found = np.empty((n, len(FEATURES)))
        found[:, 0] = self.minutes / 15 - 1
        found[:, 1] = np.log1p(self.met)
        found[:, 2] = np.log1p(self.done) - 1
        found[:, 3] = np.minimum(self.lately, 8) / 2
        found[:, 4] = np.minimum(self.asks_month, 12) / 4 - 1
        found[:, 5] = np.log(np.clip(self.answer_hours, 0.1, 72) / ANSWER_HOURS_USUAL)
        found[:, 6] = _logit(says) - _logit(YES_USUAL)
        found[:, 7] = _logit(replies) - _logit(REPLY_USUAL)
        found[:, 8] = float(self.weekday >= 5)
        found[:, 9] = float(self.starts_hour >= 17)
        found[:, 10] = float(np.exp(-self.lead_hours / 24))
        found[:, 11] = self.hours - 1.5
        return found


def _logit(share: NDArray[np.float64] | float) -> NDArray[np.float64]:
    p = np.clip(share, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(p / (1 - p)))
