"""The belief that somebody still looks at what they are asked.

People come and go without saying so: somebody moves away, falls ill, or is tired of it. A hidden
state (there, or away) changes with constant hazards; every question that stays unanswered speaks
for "away", any answer and any visit for "there". A forward filter, exact for this model but for one
thing: the silence after a question is counted at the end of its wait.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .delays import ReplyDelay


@dataclass(frozen=True)
class Activity:
    """``share``: how many are there in the long run; ``turnover_a_day``: how fast a state is
    forgotten (hazard of leaving + hazard of coming back). ``answers``: whether somebody who is
    there answers a question at all; ``answers_away``: whether somebody who is away does."""

    share: float = 0.45
    turnover_a_day: float = 0.02
    answers: float = 0.55
    answers_away: float = 0.03

    def drifted(self, belief: ArrayLike, days: ArrayLike) -> NDArray[np.float64]:
        """The belief ``days`` later, when nothing was heard and nothing asked."""
        kept = np.exp(-self.turnover_a_day * np.maximum(np.asarray(days, np.float64), 0.0))
        return np.asarray(self.share + (np.asarray(belief, np.float64) - self.share) * kept)

    def after_silence(self, belief: ArrayLike, answered_by_now: ArrayLike) -> NDArray[np.float64]:
        """The belief when a question is still unanswered. ``answered_by_now``: the share of the
        answers that would be there by now (``ReplyDelay.cdf``); several questions, one after the
        other."""
        due = np.asarray(answered_by_now, np.float64)
        return self.weighed(belief, 1 - self.answers * due, 1 - self.answers_away * due)

    def after_sign(self, belief: ArrayLike) -> NDArray[np.float64]:
        """The belief after an answer, a visit, or a press on a page."""
        return self.weighed(belief, self.answers, self.answers_away)

    @staticmethod
    def weighed(belief: ArrayLike, there: ArrayLike, away: ArrayLike) -> NDArray[np.float64]:
        """Bayes: how likely the evidence is where somebody is there, and where they are away."""
        b = np.asarray(belief, np.float64)
        for_it = b * np.asarray(there, np.float64)
        against = (1 - b) * np.asarray(away, np.float64)
        return np.asarray(for_it / np.maximum(for_it + against, 1e-12))

    def as_json(self) -> dict[str, float]:
        return {name: round(float(value), 6) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Activity":
        return cls(**{name: float(data[name]) for name in cls.__dataclass_fields__})


class Kind(StrEnum):
    #: An answer (either way), a visit, a press on a page: they are there.
    SIGN = "sign"
    #: A question that ended without an answer, or was taken back before one.
    SILENCE = "silence"


class Event(NamedTuple):
    """``at``: local hours; ``waited``: awake hours that a silent question had stood."""

    at: float
    kind: Kind
    waited: float = 0.0


def belief_of(
    history: Iterable[Event],
    waiting: Iterable[float],
    *,
    now: float,
    since: float,
    activity: Activity,
    delay: ReplyDelay,
) -> float:
    """One person's belief from what is on record.

    Arguments:
        history: what ended, in the order of time.
        waiting: awake hours that each question still open has stood.
        now: local hours.
        since: when they registered (they were there then), or the beginning of the record.
    """
    value, last = 0.9, since
    for event in history:
        value = float(activity.drifted(value, (event.at - last) / 24))
        if event.kind is Kind.SIGN:
            value = float(activity.after_sign(value))
        else:
            value = float(activity.after_silence(value, delay.cdf(event.waited)))
        last = event.at
    value = float(activity.drifted(value, (now - last) / 24))
    for waited in waiting:
        value = float(activity.after_silence(value, delay.cdf(waited)))
    return value
