"""Policies: who is asked next. All are bound by the same rules and speak the same interface.

``Paced`` is ours. The others are what it is measured against: everyone, some by lot, the nearest,
the best by score, and samples of a linear programme's solution; each in one shot or in waves.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ..scoring import chances as lots
from .acceptance import PRIOR, AcceptanceModel
from .hours import awake_at
from .rules import Rules
from .situation import Candidates, Column, Rows, Situation, Wave
from .waves import Target, any_yes, in_time, smallest_set

#: How soon a request is looked at again where nothing happens: an eighth of the awake hours left,
#: within these limits.
STEP_HOURS = (1.0, 4.0)


class Policy(Protocol):
    """``next_wave`` is called when a request opens, at ``Wave.check_at``, and after each refusal,
    until somebody has said yes or the deadline is there."""

    @property
    def name(self) -> str: ...

    @property
    def rules(self) -> Rules: ...

    def next_wave(self, situation: Situation) -> Wave: ...


def askable(rules: Rules, candidates: Candidates, now: float) -> Rows:
    """Rows of who may be asked now."""
    return np.flatnonzero(
        rules.askable(
            asks_this_week=candidates.asks_this_week,
            asks_per_week_max=candidates.asks_per_week_max,
            last_asked_at=candidates.last_asked_at,
            now=now,
        )
    )


def step_hours(left: float) -> float:
    """Hours until the next look, with ``left`` awake hours to go."""
    return min(max(left / 8, STEP_HOURS[0]), STEP_HOURS[1])


def is_late(rules: Rules, situation: Situation) -> bool:
    return situation.request.deadline - situation.now < rules.least_left_hours


@dataclass(frozen=True)
class Paced:
    """Ours: the fewest people, the likeliest first, as many as the time left asks for.

    ``model``: the chances. ``target``: how sure to be, by the time left. ``explore``: the share of
    places in a wave that go to somebody by lot, so that new people are tried and the log can tell
    what would have been. ``least``: with a smaller chance of a yes in time nobody is troubled.
    """

    model: AcceptanceModel = PRIOR
    target: Target = field(default_factory=Target)
    rules: Rules = field(default_factory=Rules)
    explore: float = 0.05
    least: float = 0.01
    #: The coordinator hears of a request with so many awake hours left and less than this chance.
    escalate_hours: float = 6.0
    escalate_below: float = 0.5
    name: str = "ours"

    def next_wave(self, situation: Situation) -> Wave:
        now, deadline = situation.now, situation.request.deadline
        if is_late(self.rules, situation):
            return Wave.nobody(None, escalate=True)
        if self.rules.is_quiet(now):
            return Wave.nobody(self.rules.next_ask(now))
        left = awake_at(deadline) - awake_at(now)
        again = min(now + step_hours(left), deadline)
        delay = self.model.delay
        pending = situation.pending.still(now=now, deadline=deadline, delay=delay)
        standing = any_yes(pending)
        wanted = self.target.at(left, situation.request.urgency)
        if standing >= max(wanted, self.escalate_below):
            return Wave.nobody(again)
        candidates = situation.candidates
        rows = askable(self.rules, candidates, now)
        belief = candidates.belief[rows]
        chances = self.model.chances(candidates.facts.matrix()[rows], belief)
        timely = in_time(chances, now=now, deadline=deadline, delay=delay)
        order = np.lexsort((candidates.keys[rows], -timely))
        order = order[timely[order] >= self.least]
        count = smallest_set(timely[order], standing, wanted)
        chosen, propensities = self._with_lots(situation, rows, order, count)
        reachable = any_yes(np.concatenate([pending, timely]))
        return Wave(
            rows=rows[chosen],
            propensities=propensities,
            chances=chances[chosen],
            answers=self.model.answers(belief[chosen]),
            check_at=again,
            escalate=left <= self.escalate_hours and reachable < self.escalate_below,
        )

    def _with_lots(
        self, situation: Situation, rows: Rows, order: Rows, count: int
    ) -> tuple[Rows, Column]:
        """The first ``count`` of ``order``, some places given by lot, and each one's propensity."""
        if not count:
            return np.empty(0, np.int64), np.empty(0)
        share = count / len(rows)
        chosen = order[:count].copy()
        if self.explore and count < len(rows):
            seed = situation.request.seed + 7919 * (situation.asked + 1)
            draws = lots(seed & (1 << 64) - 1, np.arange(count + 1))[: count + 1]
            others = np.setdiff1d(np.arange(len(rows)), chosen)
            mixed = others[np.argsort(lots(seed + 1, situation.candidates.keys[rows[others]]))]
            swapped = np.flatnonzero(draws[:count] < self.explore)[: len(mixed)]
            chosen[swapped] = mixed[: len(swapped)]
        in_top = np.isin(chosen, order[:count])
        return chosen, np.where(in_top, 1 - self.explore, 0.0) + self.explore * share


# --- baselines ------------------------------------------------------------------------------------
class Order(Protocol):
    """Puts the rows that may be asked in the order of asking."""

    def __call__(self, situation: Situation, rows: Rows) -> Rows: ...


def by_lot(situation: Situation, rows: Rows) -> Rows:
    return rows[np.argsort(lots(situation.request.seed, situation.candidates.keys[rows]))]


def nearest(situation: Situation, rows: Rows) -> Rows:
    found = situation.candidates
    return rows[np.lexsort((found.keys[rows], found.facts.minutes[rows]))]


def best_score(situation: Situation, rows: Rows) -> Rows:
    found = situation.candidates
    return rows[np.lexsort((found.keys[rows], -found.score[rows]))]


@dataclass(frozen=True)
class Plain:
    """The first ``k`` of an order (all where ``k`` is None): once, or so that ``k`` questions are
    never older than ``every_hours``: refusals are replaced at once, silence after that time."""

    name: str
    order: Order
    k: int | None
    every_hours: float | None = None
    rules: Rules = field(default_factory=Rules)
    model: AcceptanceModel = PRIOR

    def next_wave(self, situation: Situation) -> Wave:
        now = situation.now
        if is_late(self.rules, situation) or (self.every_hours is None and situation.asked):
            return Wave.nobody(None)
        if self.rules.is_quiet(now):
            return Wave.nobody(self.rules.next_ask(now))
        again = min(now + step_hours(_awake_left(situation)), situation.request.deadline)
        room = self.k
        if self.k is not None and self.every_hours is not None:
            room = self.k - int((now - situation.pending.asked_at < self.every_hours).sum())
            if room <= 0:
                return Wave.nobody(again)
        rows = self.order(situation, askable(self.rules, situation.candidates, now))[:room]
        # In one shot somebody is looked for until there is anybody to ask.
        return told(self.model, situation, rows, None if self._is_done(rows) else again)

    def _is_done(self, rows: Rows) -> bool:
        return self.every_hours is None and len(rows) > 0


def told(
    model: AcceptanceModel,
    situation: Situation,
    rows: Rows,
    check_at: float | None,
    propensities: Column | None = None,
) -> Wave:
    """A wave of ``rows`` with the chances that ``model`` sees."""
    found = situation.candidates
    share = np.full(len(rows), len(rows) / max(len(found), 1))
    return Wave(
        rows=rows,
        propensities=share if propensities is None else propensities,
        chances=model.chances(found.facts.matrix()[rows], found.belief[rows]),
        answers=model.answers(found.belief[rows]),
        check_at=check_at,
    )


@dataclass(frozen=True)
class Sampled:
    """Asks each candidate with the chance that a linear programme gives them: the most expected
    visits over the requests that are open now, with each person's questions left and at most
    one expected yes a request (as in Manshadi and Rodilitz 2022). Once, or again every
    ``every_hours``, what is pending counted."""

    name: str
    model: AcceptanceModel = PRIOR
    every_hours: float | None = None
    rules: Rules = field(default_factory=Rules)

    def next_wave(self, situation: Situation) -> Wave:
        now, deadline = situation.now, situation.request.deadline
        if is_late(self.rules, situation) or (self.every_hours is None and situation.asked):
            return Wave.nobody(None)
        if self.rules.is_quiet(now):
            return Wave.nobody(self.rules.next_ask(now))
        rows = askable(self.rules, situation.candidates, now)
        if not len(rows):
            return Wave.nobody(min(now + step_hours(_awake_left(situation)), deadline))
        shares = self._shares(situation)
        seed = situation.request.seed + 104_729 * (situation.asked + 1)
        drawn = lots(seed, situation.candidates.keys[rows]) < shares
        again = None if self.every_hours is None else min(now + self.every_hours, deadline)
        return told(self.model, situation, rows[drawn], again, shares[drawn])

    def _shares(self, situation: Situation) -> Column:
        """With which chance to ask each who may be asked for ``situation``."""
        from .planning import shares

        all_open = [situation, *situation.others()]
        chances, rows = [], []
        for one in all_open:
            may = askable(self.rules, one.candidates, situation.now)
            found = one.candidates
            p = self.model.chances(found.facts.matrix()[may], found.belief[may])
            chances.append(
                in_time(p, now=situation.now, deadline=one.request.deadline, delay=self.model.delay)
            )
            rows.append(may)
        wanted = [
            1 - any_yes(
                one.pending.still(
                    now=situation.now, deadline=one.request.deadline, delay=self.model.delay
                )
            )
            for one in all_open
        ]  # fmt: skip
        return shares(
            chances,
            [one.candidates.keys[may] for one, may in zip(all_open, rows, strict=True)],
            [
                (one.candidates.asks_per_week_max - one.candidates.asks_this_week)[may]
                for one, may in zip(all_open, rows, strict=True)
            ],
            np.array(wanted),
        )[0]


def _awake_left(situation: Situation) -> float:
    return awake_at(situation.request.deadline) - awake_at(situation.now)


def everyone(*, waves: bool = False, model: AcceptanceModel = PRIOR) -> Plain:
    """All who may be asked; in waves, also those who may be asked only later."""
    every = 0.0 if waves else None
    return Plain(f"everyone{'_waves' if waves else ''}", best_score, None, every, model=model)
