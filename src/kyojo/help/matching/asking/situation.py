"""What a policy sees of one open request, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .features import Facts
from .waves import Pending

Column = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Request:
    """``seed``: whole number of its own, for draws by lot. ``opened_at``, ``deadline``: local
    hours; a yes after the deadline is too late. ``urgency``: 0 to 1, see ``waves.Target``."""

    seed: int
    opened_at: float
    deadline: float
    urgency: float = 0.0


@dataclass(frozen=True)
class Candidates:
    """Who can come and was not asked for this request yet; arrays of one length.

    ``keys``: whole numbers that tell people apart. ``score``: the engine's (``scoring.score``).
    ``belief``: that they are still there (``belief``). ``asks_this_week``: questions of the last
    168 hours, all requests together; ``last_asked_at``: local hours, minus infinity for never.
    """

    keys: Rows
    facts: Facts
    score: Column
    belief: Column
    asks_this_week: Rows
    asks_per_week_max: Rows
    last_asked_at: Column

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class Situation:
    """``pending``: this request's open questions. ``asked``: how many were asked so far.
    ``look``: finds the candidates; called only where the policy needs them, and once.
    ``others``: makes the situations of other open requests, for policies that plan for a whole
    town; it costs, so it is called only by these."""

    request: Request
    pending: Pending
    asked: int
    now: float
    look: Callable[[], Candidates] = field(repr=False)
    others: Callable[[], Sequence["Situation"]] = field(default=tuple, repr=False)

    @cached_property
    def candidates(self) -> Candidates:
        return self.look()


@dataclass(frozen=True)
class Wave:
    """Whom to ask now, and when to look again.

    ``rows``: into the situation's candidates, the first asked first. ``propensities``: with which
    chance the policy would have asked each (to be logged). ``chances``, ``answers``: of a yes and
    of any answer, as seen now (``Pending`` wants them back). ``check_at``: when to call again if
    nothing happens before, None for never; a refusal calls at once. ``escalate``: the request is
    likely to stay unanswered: tell the coordinator now, go on asking.
    """

    rows: Rows
    propensities: Column
    chances: Column
    answers: Column
    check_at: float | None
    escalate: bool = False

    @classmethod
    def nobody(cls, check_at: float | None, *, escalate: bool = False) -> "Wave":
        none = np.empty(0)
        return cls(np.empty(0, np.int64), none, none, none, check_at, escalate)
