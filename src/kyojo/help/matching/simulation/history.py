"""What the product would know about each supporter at a moment: arrays, a value a person."""

import numpy as np
from numpy.typing import NDArray

from ..asking.acceptance import AcceptanceModel
from ..asking.features import ANSWER_HOURS_USUAL
from ..asking.hours import awake

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NEVER = -1e9
#: Questions and visits that are remembered one by one, a person; open questions to begin with.
_ASKS, _VISITS, _OPEN = 24, 16, 6
MONTH_HOURS, WEEK_HOURS = 28 * 24.0, 168.0


class History:
    """Questions, answers and visits so far, and the belief that follows from them."""

    def __init__(self, people: int, model: AcceptanceModel) -> None:
        self.model = model
        self.asks = np.full((people, _ASKS), _NEVER)
        self.visits = np.full((people, _VISITS), _NEVER)
        #: Open questions: awake hours at which they were asked, infinity for none.
        self.open = np.full((people, _OPEN), np.inf)
        self.asks_ever = np.zeros(people, np.int64)
        self.visits_ever = np.zeros(people, np.int64)
        self.ended, self.answered, self.yes = (np.zeros(people) for _ in range(3))
        self.answer_sum = np.full(people, 2 * ANSWER_HOURS_USUAL)
        # Of a town's register nothing is known at first but that not all are there any more.
        self._belief = np.full(people, 0.5 + model.activity.share / 2)
        self._belief_at = np.zeros(people)

    # --- reads ----------------------------------------------------------------------------------
    def belief(self, rows: Ints, now: float) -> Floats:
        activity = self.model.activity
        value = activity.drifted(self._belief[rows], (now - self._belief_at[rows]) / 24)
        due = self.model.delay.cdf(awake(now) - self.open[rows])
        there = np.prod(1 - activity.answers * due, axis=1)
        away = np.prod(1 - activity.answers_away * due, axis=1)
        return activity.weighed(value, there, away)

    def asks_since(self, rows: Ints, moment: float) -> Ints:
        return np.asarray((self.asks[rows] > moment).sum(1))

    def lately(self, rows: Ints, now: float) -> Floats:
        """Visits of the last four weeks, and those booked."""
        return np.asarray((self.visits[rows] > now - MONTH_HOURS).sum(1), np.float64)

    def last_asked_at(self, rows: Ints) -> Floats:
        return np.asarray(self.asks[rows].max(1))

    def answer_hours(self, rows: Ints) -> Floats:
        return np.asarray(self.answer_sum[rows] / (self.answered[rows] + 2))

    # --- writes ---------------------------------------------------------------------------------
    def ask(self, row: int, now: float) -> None:
        self.asks[row, self.asks_ever[row] % _ASKS] = now
        self.asks_ever[row] += 1
        slot = int(self.open[row].argmax())
        if not np.isinf(self.open[row, slot]):  # long waits pile up: as much room again for all
            slot = self.open.shape[1]
            self.open = np.hstack([self.open, np.full_like(self.open, np.inf)])
        self.open[row, slot] = awake(now)

    def answer(self, row: int, asked_at: float, now: float, *, yes: bool) -> None:
        self._close(row, asked_at)
        self._drift(row, now)
        self._belief[row] = self.model.activity.after_sign(self._belief[row])
        self.ended[row] += 1
        self.answered[row] += 1
        self.yes[row] += yes
        self.answer_sum[row] += min(float(awake(now) - awake(asked_at)), 48.0)

    def silence(self, row: int, asked_at: float, now: float) -> None:
        """A question ended unanswered."""
        waited = float(awake(now) - awake(asked_at))
        self._close(row, asked_at)
        self._drift(row, now)
        due = float(self.model.delay.cdf(waited))
        self._belief[row] = self.model.activity.after_silence(self._belief[row], due)
        # A question that was taken back soon says little about who answers.
        self.ended[row] += due

    def visit(self, row: int, starts_at: float) -> None:
        self.visits[row, self.visits_ever[row] % _VISITS] = starts_at
        self.visits_ever[row] += 1

    def _close(self, row: int, asked_at: float) -> None:
        slot = int(np.abs(self.open[row] - awake(asked_at)).argmin())
        self.open[row, slot] = np.inf

    def _drift(self, row: int, now: float) -> None:
        days = (now - self._belief_at[row]) / 24
        self._belief[row] = self.model.activity.drifted(self._belief[row], days)
        self._belief_at[row] = now
