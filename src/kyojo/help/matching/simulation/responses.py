"""How people answer, hidden from policies: two models of it.

``Fitted`` is of the form that the policy's model has: a logistic in what can be seen, and a
person's own leaning. ``Different`` is not: thresholds instead of slopes, heavy tails, days on
which nobody of a district answers, tastes for weekdays. Policies learn in the first only.

Both keep three promises, on which the bound rests (``bound``): tiredness only lowers the chance
of a yes and only shortens the time for which somebody is there; nothing else that a policy does
changes them.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..asking.delays import ReplyDelay
from .draws import normal, uniform
from .town import Town

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YES, NO, SILENT = 1, 0, -1
#: Salts of the draws.
_YES, _MIX, _DELAY, _LEANING, _ACTIVE, _SILENT_DAY, _TASTE, _WAY, _KIND = range(9)


@dataclass(frozen=True)
class Parameters:
    """See docs/reference/simulator.md for sources; days and awake hours."""

    #: Mean time for which somebody is there, and away.
    there_days: float = 240.0
    away_days: float = 360.0
    #: A question's tiredness halves in so many days; it lowers the logit of a yes by ``tired``
    #: each, and adds ``tired_leaving`` to the chance of leaving on a day.
    tired_half_days: float = 10.0
    tired: float = 0.05
    tired_leaving: float = 0.0005
    #: P(no | there, not yes); everybody else stays silent. P(no | away).
    says_no: float = 0.5
    away_says_no: float = 0.02
    leaning_spread: float = 0.9
    delay: ReplyDelay = field(
        default_factory=lambda: ReplyDelay(
            quick_share=0.55, quick_hours=0.6, quick_sigma=1.3, slow_hours=7.0, slow_sigma=1.0
        )
    )


class Fitted:
    """Logistic in what can be seen, with a leaning of each person's own."""

    name = "fitted"

    def __init__(self, town: Town, parameters: Parameters | None = None) -> None:
        self.town, self.parameters = town, parameters or Parameters()
        n, days = len(town.supporters), town.setting.days
        self.leaning = self.parameters.leaning_spread * normal(town.seed, _LEANING, np.arange(n))
        #: (people, days): the draws that decide whether somebody leaves or comes back.
        self.turns = uniform(town.seed, _ACTIVE, np.arange(n)[:, None], np.arange(days)[None])

    # --- who is there ---------------------------------------------------------------------------
    def there_at_first(self) -> NDArray[np.bool_]:
        p = self.parameters
        share = p.there_days / (p.there_days + p.away_days)
        return uniform(self.town.seed, _ACTIVE, np.arange(len(self.town.supporters)), 10**6) < share

    def there_next(
        self, there: NDArray[np.bool_], day: int, tiredness: Floats
    ) -> NDArray[np.bool_]:
        """Who is there on ``day``, from who was the day before. Whoever is more tired is there
        only if they were there less tired: one draw decides both."""
        p = self.parameters
        leaves = 1 / p.there_days + p.tired_leaving * tiredness
        return np.where(
            there, self.turns[:, day] >= leaves, self.turns[:, day] >= 1 - 1 / p.away_days
        )

    def there_untired(self) -> NDArray[np.bool_]:
        """(days, people): who is there if nobody is ever asked."""
        there = self.there_at_first()
        found = [there]
        nobody = np.zeros(len(there))
        for day in range(1, self.town.setting.days):
            there = self.there_next(there, day, nobody)
            found.append(there)
        return np.array(found)

    def deaf(self, rows: Ints, day: int) -> NDArray[np.bool_]:
        """Who does not answer what comes on this day, though they are there."""
        return np.zeros(len(rows), np.bool_)

    # --- what they say --------------------------------------------------------------------------
    def logits(self, j: int, rows: Ints, places: Ints) -> Floats:
        """The logit of a yes to request ``j`` by people who are there, rested and free.
        ``places``: where ``rows`` stand in ``town.candidates[j]``."""
        town = self.town
        people, asks = town.supporters, town.requests
        minutes = town.metres[j][places] / people.speed[rows]
        start = asks.starts_at[j]
        lead = start - asks.opened_at[j]
        return np.asarray(
            -0.75
            - 0.5 * (minutes / 15 - 1)
            + 0.7 * np.log1p(town.met[j][places])
            + 0.25 * (np.log1p(people.done[rows, asks.category[j]]) - 1)
            - 0.8 * np.exp(-lead / 24)
            - 0.25 * (start % 24 >= 17)
            - 0.15 * (start // 24 % 7 >= 5)
            - 0.25 * (asks.hours[j] - 1.5)
            + self.leaning[rows]
        )

    def chance(self, j: int, rows: Ints, places: Ints, tiredness: Floats, lately: Floats) -> Floats:
        """P(yes) of people who are there. ``lately``: visits of the last four weeks."""
        logits = self.logits(j, rows, places)
        return _sigmoid(logits - self.parameters.tired * tiredness - 0.05 * lately)

    def best_chance(self, j: int) -> Floats:
        """P(yes) of each candidate, there and rested: what no policy can exceed."""
        rows = self.town.candidates[j]
        none = np.zeros(len(rows))
        return self.chance(j, rows, np.arange(len(rows)), none, none)

    def answers(
        self, j: int, rows: Ints, chance: Floats, there: NDArray[np.bool_]
    ) -> tuple[Ints, Floats]:
        """(what each says, awake hours until it). The same question draws the same."""
        p, seed = self.parameters, self.town.seed
        draw = uniform(seed, _YES, j, rows)
        yes = there & (draw < chance)
        no_share = np.where(there, (1 - chance) * p.says_no, p.away_says_no)
        no = ~yes & (draw > 1 - no_share)
        return np.where(yes, YES, np.where(no, NO, SILENT)), self.delays(j, rows)

    def quick_shares(self, rows: Ints) -> Floats:
        """How many of a person's answers are quick: as many as ``quick_share`` on average."""
        mean = self.parameters.delay.quick_share
        return np.asarray(mean + 0.7 * (uniform(self.town.seed, _WAY, rows) - 0.5))

    def delays(self, j: int, rows: Ints) -> Floats:
        p, seed = self.parameters.delay, self.town.seed
        quick = uniform(seed, _MIX, j, rows) < self.quick_shares(rows)
        z = normal(seed, _DELAY, j, rows)
        return np.where(
            quick,
            p.quick_hours * np.exp(p.quick_sigma * z),
            p.slow_hours * np.exp(p.slow_sigma * z),
        )

    def in_time(self, rows: Ints, awake_hours: float) -> Floats:
        """The share of each one's answers that come within so many awake hours."""
        quick, slow = (
            replace(self.parameters.delay, quick_share=share).cdf_exact(awake_hours)
            for share in (1.0, 0.0)
        )
        share = self.quick_shares(rows)
        return np.asarray(share * quick + (1 - share) * slow)


class Different(Fitted):
    """Nothing here is logistic: see the module's first words."""

    name = "different"

    def __init__(self, town: Town, parameters: Parameters | None = None) -> None:
        super().__init__(town, parameters)
        n = len(town.supporters)
        people = np.arange(n)
        #: Up to so many minutes the way does not matter; beyond, it is nearly always too far.
        self.way_minutes = 8 * uniform(town.seed, _WAY, people) ** (-1 / 1.5)
        #: Heavy-tailed willingness: many seldom, a few nearly always.
        self.willing = np.clip(0.07 * uniform(town.seed, _LEANING, people) ** (-1 / 1.2), 0, 0.9)
        self.district = _home_districts(town)

    def deaf(self, rows: Ints, day: int) -> NDArray[np.bool_]:
        """A fair, rain, a school's holiday: on one day in twelve a whole district is silent; and
        each person in one three-day span of six."""
        seed = self.town.seed
        area = uniform(seed, _SILENT_DAY, self.district[rows], day) < 1 / 12
        own = uniform(seed, _SILENT_DAY, rows + 1000, day // 3 + 10_000) < 1 / 6
        return np.asarray(area | own)

    def chance(self, j: int, rows: Ints, places: Ints, tiredness: Floats, lately: Floats) -> Floats:
        town = self.town
        minutes = town.metres[j][places] / town.supporters.speed[rows]
        start = town.requests.starts_at[j]
        weekday, kind = int(start // 24 % 7), int(town.requests.category[j])
        liked_day = uniform(town.seed, _TASTE, rows, weekday) < 0.75
        liked_kind = uniform(town.seed, _KIND, rows, kind) < 0.7
        base = self.willing[rows] * 2.2
        base = np.where(town.met[j][places] > 0, np.maximum(base, 0.6), base)
        base = np.where(minutes <= self.way_minutes[rows], base, base * 0.1)
        base = np.where(liked_day, base, base * 0.15)
        base = np.where(liked_kind, base, base * 0.25)
        # Up to a point questions do not matter at all; beyond it people have had enough.
        return np.clip(np.where(tiredness > 5, base * 0.5, base), 0, 0.95)

    def delays(self, j: int, rows: Ints) -> Floats:
        """Pareto tails, and some people always slow."""
        seed = self.town.seed
        return np.minimum(self._pace(rows) * uniform(seed, _DELAY, j, rows) ** (-1 / 0.9), 400.0)

    def in_time(self, rows: Ints, awake_hours: float) -> Floats:
        pace = self._pace(rows)
        return np.asarray(1 - (pace / np.maximum(awake_hours, pace)) ** 0.9)

    def _pace(self, rows: Ints) -> Floats:
        """Awake hours, before which nobody answers."""
        return np.asarray(0.25 + 2.5 * uniform(self.town.seed, _MIX, 0, rows) ** 3)


MODELS: dict[str, type[Fitted]] = {"fitted": Fitted, "different": Different}


def _home_districts(town: Town) -> Ints:
    """Six regions around the town's first homes, by nearness."""
    place = town.supporters.place
    centres = place[: min(6, len(place))]
    return np.asarray(np.argmin(((place[:, None] - centres[None]) ** 2).sum(2), axis=1))


def _sigmoid(value: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-value)))
