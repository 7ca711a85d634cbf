"""Waves: the fewest people to ask now, so that somebody probably says yes before it is too late.

Three things are weighed. What is still pending: each open question keeps the chance that its yes
comes between now and the deadline, given the silence so far. What a new question is worth: the
chance of a yes, and of one in time. And how sure one wants to be now: little while there is time
to ask others later, much near the deadline. A refusal takes its chance away at once, so that the
next call fills the gap.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .delays import ReplyDelay
from .hours import awake, awake_at

Column = NDArray[np.float64]


@dataclass(frozen=True)
class Target:
    """The chance of a yes that is wanted with ``left`` awake hours to go: ``calm`` long before the
    deadline, ``urgent`` at it; ``hours``: how soon it rises."""

    calm: float = 0.4
    urgent: float = 0.95
    hours: float = 10.0

    def at(self, left: float, urgency: float = 0.0) -> float:
        """``urgency``: 0 for ordinary, 1 where the wish is as strong as at the deadline."""
        rise = np.exp(-max(left, 0.0) / self.hours)
        rise = urgency + (1 - urgency) * rise
        return float(self.calm + (self.urgent - self.calm) * rise)


@dataclass(frozen=True)
class Pending:
    """Open questions of one request: when each was asked, and as how likely a yes (``chance``) and
    any answer (``answers``) it was seen then."""

    asked_at: Column
    chance: Column
    answers: Column

    @classmethod
    def none(cls) -> "Pending":
        return cls(np.empty(0), np.empty(0), np.empty(0))

    def __len__(self) -> int:
        return len(self.asked_at)

    def still(self, *, now: float, deadline: float, delay: ReplyDelay) -> Column:
        """P(yes between now and the deadline | silent so far) of each question."""
        if not len(self.asked_at):
            return np.empty(0)
        asked = awake(self.asked_at)
        there, by_then = delay.cdf(awake_at(now) - asked), delay.cdf(awake_at(deadline) - asked)
        silent = 1 - np.maximum(self.answers, self.chance) * there
        return np.asarray(self.chance * (by_then - there) / np.maximum(silent, 1e-9))


def in_time(chance: Column, *, now: float, deadline: float, delay: ReplyDelay) -> Column:
    """The chance that the yes of somebody asked now comes before the deadline."""
    return np.asarray(chance * delay.cdf(awake_at(deadline) - awake_at(now)))


def any_yes(chances: Column) -> float:
    """The chance of at least one, taken as independent."""
    return float(1 - np.prod(1 - chances))


def smallest_set(ordered: Column, standing: float, target: float) -> int:
    """How many of ``ordered`` (chances in the order of asking) it takes to come from ``standing``
    (the chance of a yes from what is pending) to ``target``; all where they do not suffice."""
    if standing >= target or not len(ordered):
        return 0
    none = (1 - standing) * np.cumprod(1 - ordered)
    reached = np.flatnonzero(1 - none >= target)
    return int(reached[0]) + 1 if len(reached) else len(ordered)
