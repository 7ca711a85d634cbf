"""One policy in one town: requests open, people are asked, answer or do not, requests close."""

import heapq
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .. import scoring
from ..asking.acceptance import AcceptanceModel
from ..asking.features import Facts
from ..asking.hours import awake, moment_of
from ..asking.policies import Policy, best_score
from ..asking.situation import Candidates, Request, Situation
from ..asking.training import LogRows
from ..asking.waves import Pending, in_time
from .history import MONTH_HOURS, WEEK_HOURS, History
from .responses import SILENT, YES, Fitted
from .town import Town

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_OPEN, _FILLED, _MISSED = 0, 1, 2
_LOOK, _ANSWER = 0, 1
#: So many other open requests are shown to a policy that plans for several.
OTHERS = 12


class Knowing(AcceptanceModel):
    """Sees what is hidden: ``Run`` hands it the true chance in place of the belief. For finding out
    what knowledge is worth; nobody can have it."""

    def chances(self, matrix: Floats, belief: Floats) -> Floats:  # type: ignore[override]
        return np.clip(belief, 5e-4, 0.95)


class Broken(AssertionError):
    """A policy broke a rule that protects people."""


@dataclass
class Ask:
    """A question, with what was seen then and what became of it. ``told``: the chance of a yes in
    time; ``truth``: whether a yes comes in time if nobody takes the question back (hidden)."""

    request: int
    place: int
    person: int
    asked_at: float
    chance: float
    answers: float
    told: float
    propensity: float
    features: Floats
    says: int
    answers_at: float
    truth: bool
    ended_at: float = np.nan
    outcome: int = SILENT


@dataclass
class Result:
    """What happened. ``filled_by``: a person a request, -1 for none; ``filled_at``: local hours.
    ``redundant``: people whose yes came, or would have come in time, after somebody else's."""

    town: Town
    filled_by: Ints
    filled_at: Floats
    minutes: Floats
    escalated: NDArray[np.bool_]
    asks: list[Ask] = field(default_factory=list)
    redundant: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    there_share: float = 0.0

    def log(self) -> LogRows:
        """The rows that a product would have, for training."""
        asks = [one for one in self.asks if not np.isnan(one.ended_at)]
        asked_at = np.array([one.asked_at for one in asks])
        ended_at = np.array([one.ended_at for one in asks])
        return LogRows(
            supporter=np.array([one.person for one in asks], np.int64),
            matrix=np.array([one.features for one in asks]).reshape(len(asks), -1),
            propensity=np.array([one.propensity for one in asks]),
            outcome=np.array([one.outcome for one in asks], np.int64),
            waited=np.asarray(awake(ended_at) - awake(asked_at)),
            asked_at=asked_at,
            ended_at=ended_at,
        )


class _State:
    """Of one request."""

    def __init__(self, candidates: int) -> None:
        self.status = _OPEN
        self.free = np.ones(candidates, np.bool_)  # neither asked nor booked elsewhere
        self.asks: list[Ask] = []

    @property
    def waiting(self) -> list[Ask]:
        return [one for one in self.asks if np.isnan(one.ended_at)]


class Run:
    """Plays a policy through a town. Raises ``Broken`` where it asks whom it may not."""

    def __init__(
        self, town: Town, responses: Fitted, policy: Policy, model: AcceptanceModel
    ) -> None:
        self.town, self.responses, self.policy, self.model = town, responses, policy, model
        n, people = len(town.requests), len(town.supporters)
        self.history = History(people, model)
        #: The engine's score costs time, so only who orders by it is given it.
        self.knows = isinstance(model, Knowing)
        self.scored = getattr(policy, "order", None) is best_score
        self.states = [_State(len(rows)) for rows in town.candidates]
        self.there = responses.there_at_first()
        self.tired = np.zeros(people)
        self.day = 0
        self.booked: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for j, rows in enumerate(town.candidates):
            for place, person in enumerate(rows.tolist()):
                self.booked[person].append((j, place))
        self.events: list[tuple[float, int, int, int, Ask | None]] = []
        self.count = 0
        self.open: set[int] = set()
        self.opened_at, self.deadline = town.requests.opened_at, town.requests.deadline
        self.result = Result(
            town, np.full(n, -1), np.full(n, np.nan), np.full(n, np.nan), np.zeros(n, np.bool_)
        )
        self.result.redundant = np.zeros(n, np.int64)

    def play(self) -> Result:
        for j, moment in enumerate(self.opened_at.tolist()):
            self._push(moment, _LOOK, j)
        while self.events:
            now, _, kind, j, ask = heapq.heappop(self.events)
            self._days_pass(now)
            if self.states[j].status != _OPEN:
                continue
            if ask is not None:
                self._answered(ask, now)
            elif now >= self.deadline[j]:
                self._close(j, now, _MISSED)
            elif kind == _LOOK:
                self.open.add(j)
                self._look(j, now)
        self.result.there_share = float(self.there.mean())
        return self.result

    # --- steps ----------------------------------------------------------------------------------
    def _push(self, moment: float, kind: int, j: int, ask: Ask | None = None) -> None:
        self.count += 1
        heapq.heappush(self.events, (moment, self.count, kind, j, ask))

    def _days_pass(self, now: float) -> None:
        while self.day < int(now // 24) and self.day + 1 < self.town.setting.days:
            self.day += 1
            self.tired *= 0.5 ** (1 / self.responses.parameters.tired_half_days)
            self.there = self.responses.there_next(self.there, self.day, self.tired)

    def _look(self, j: int, now: float) -> None:
        situation = self.situation(j, now)
        wave = self.policy.next_wave(situation)
        self.result.escalated[j] |= wave.escalate
        if len(wave.rows):
            self._ask(j, now, situation, wave.rows, wave.propensities, wave.chances, wave.answers)
        again = self.deadline[j]
        if wave.check_at is not None:
            again = min(again, max(wave.check_at, now + 1 / 60))
        self._push(again, _LOOK, j)

    def _ask(
        self,
        j: int,
        now: float,
        situation: Situation,
        rows: Ints,
        propensities: Floats,
        chances: Floats,
        answers: Floats,
    ) -> None:
        state, found = self.states[j], situation.candidates
        people, places = found.keys[rows], np.flatnonzero(state.free)[rows]
        may = self.policy.rules.askable(
            asks_this_week=found.asks_this_week[rows],
            asks_per_week_max=found.asks_per_week_max[rows],
            last_asked_at=found.last_asked_at[rows],
            now=now,
        )
        if not may.all() or len(np.unique(rows)) != len(rows):
            raise Broken(f"{self.policy.name} asked somebody who may not be asked at {now:.2f}")
        true = self.responses.chance(
            j, people, places, self.tired[people], self.history.lately(people, now)
        )
        there = self.there[people] & ~self.responses.deaf(people, self.day)
        says, delays = self.responses.answers(j, people, true, there)
        answers_at = moment_of(awake(now) + delays)
        told = in_time(chances, now=now, deadline=self.deadline[j], delay=self.model.delay)
        matrix = found.facts.matrix()[rows]
        for k, (person, place) in enumerate(zip(people.tolist(), places.tolist(), strict=True)):
            ask = Ask(
                request=j, place=place, person=person, asked_at=now, chance=float(chances[k]),
                answers=float(answers[k]), told=float(told[k]), propensity=float(propensities[k]),
                features=matrix[k], says=int(says[k]), answers_at=float(answers_at[k]),
                truth=bool(says[k] == YES and answers_at[k] < self.deadline[j]),
            )  # fmt: skip
            state.asks.append(ask)
            self.result.asks.append(ask)
            self.history.ask(person, now)
            if ask.says != SILENT and ask.answers_at < self.deadline[j]:
                self._push(ask.answers_at, _ANSWER, j, ask)
        state.free[places] = False
        self.tired[people] += 1

    def _answered(self, ask: Ask, now: float) -> None:
        j = ask.request
        yes = ask.says == YES
        ask.ended_at, ask.outcome = now, ask.says
        self.history.answer(ask.person, ask.asked_at, now, yes=yes)
        if yes and not self._is_booked(ask):
            self._fill(ask, now)
        else:
            self._look(j, now)

    def _is_booked(self, ask: Ask) -> bool:
        requests, mine = self.town.requests, ask.request
        return any(
            self.result.filled_by[j] == ask.person
            and requests.starts_at[j] < requests.ends_at[mine]
            and requests.starts_at[mine] < requests.ends_at[j]
            for j, _ in self.booked[ask.person]
        )

    def _fill(self, ask: Ask, now: float) -> None:
        j, requests = ask.request, self.town.requests
        self.result.filled_by[j], self.result.filled_at[j] = ask.person, now
        speed = self.town.supporters.speed[ask.person]
        self.result.minutes[j] = self.town.metres[j][ask.place] / speed
        self.history.visit(ask.person, requests.starts_at[j])
        for other, place in self.booked[ask.person]:
            if (
                requests.starts_at[other] < requests.ends_at[j]
                and requests.starts_at[j] < requests.ends_at[other]
            ):
                self.states[other].free[place] = False
        self._close(j, now, _FILLED)

    def _close(self, j: int, now: float, status: int) -> None:
        state = self.states[j]
        state.status = status
        self.open.discard(j)
        for ask in state.waiting:
            ask.ended_at = now
            self.history.silence(ask.person, ask.asked_at, now)
            if status == _FILLED and ask.truth:
                self.result.redundant[j] += 1

    # --- what the policy sees -------------------------------------------------------------------
    def situation(self, j: int, now: float, *, alone: bool = False) -> Situation:
        waiting = self.states[j].waiting
        return Situation(
            request=Request(j, float(self.opened_at[j]), float(self.deadline[j])),
            pending=Pending(
                np.array([one.asked_at for one in waiting]),
                np.array([one.chance for one in waiting]),
                np.array([one.answers for one in waiting]),
            ),
            asked=len(self.states[j].asks),
            now=now,
            look=lambda: self._candidates(j, now),
            others=tuple if alone else lambda: self._others(j, now),
        )

    def _candidates(self, j: int, now: float) -> Candidates:
        town, history = self.town, self.history
        free = np.flatnonzero(self.states[j].free)
        rows = town.candidates[j][free]
        start = float(town.requests.starts_at[j])
        facts = Facts(
            minutes=town.metres[j][free] / town.supporters.speed[rows],
            met=town.met[j][free].astype(np.float64),
            done=town.supporters.done[rows, town.requests.category[j]],
            lately=history.lately(rows, now),
            asks_month=history.asks_since(rows, now - MONTH_HOURS).astype(np.float64),
            answer_hours=history.answer_hours(rows),
            asked=history.ended[rows],
            answered=history.answered[rows],
            yes=history.yes[rows],
            starts_hour=start % 24,
            weekday=int(start // 24 % 7),
            lead_hours=start - now,
            hours=float(town.requests.hours[j]),
        )
        return Candidates(
            keys=rows,
            facts=facts,
            score=self._scores(j, rows, facts) if self.scored else np.zeros(len(rows)),
            belief=self._truth(j, free, now) if self.knows else history.belief(rows, now),
            asks_this_week=history.asks_since(rows, now - WEEK_HOURS),
            asks_per_week_max=town.supporters.asks_per_week_max[rows],
            last_asked_at=history.last_asked_at(rows),
        )

    def _truth(self, j: int, places: Ints, now: float) -> Floats:
        rows = self.town.candidates[j][places]
        chance = self.responses.chance(
            j, rows, places, self.tired[rows], self.history.lately(rows, now)
        )
        return chance * (self.there[rows] & ~self.responses.deaf(rows, self.day))

    def _scores(self, j: int, rows: Ints, facts: Facts) -> Floats:
        return scoring.score(
            met=facts.met, minutes=facts.minutes, done=facts.done,
            rating=self.town.supporters.rating[rows], answer_hours=facts.answer_hours,
            lately=facts.lately, asks=self.history.asks_ever[rows],
            chance=scoring.chances(j, rows), has_note=np.zeros(len(rows)),
        )  # fmt: skip

    def _others(self, j: int, now: float) -> list[Situation]:
        """Of the requests opened last; more would cost more than it tells."""
        others = sorted(self.open - {j})[-OTHERS:]
        return [self.situation(k, now, alone=True) for k in others]
