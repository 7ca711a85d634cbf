"""The town: where people live, what they can do and when, and what is asked for over some weeks.

Lengths are metres, moments local hours from a Monday 00:00 (``asking.hours``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..way import METRES_PER_MINUTE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CATEGORIES = 14
#: Blocks of a day in which people are free and help is wanted: 9–12, 12–15, 15–18, 18–21.
BLOCK_STARTS = np.array([9.0, 12.0, 15.0, 18.0])
BLOCK_HOURS = 3.0
#: Questions of the last minute are for the coordinator: answers are due so long before the start.
LEAD_HOURS = 2.0
#: Requests an hour of the day, and a weekday, relative to the mean.
BY_HOUR = np.array([0, 0, 0, 0, 0, 0, 1, 2, 4, 6, 6, 5, 5, 4, 4, 4, 4, 4, 5, 6, 6, 4, 2, 1.0])
BY_WEEKDAY = np.array([1.2, 1.1, 1.1, 1.1, 1.1, 0.7, 0.7])
#: Supporters a request of the week. See docs/reference/simulator.md.
SUPPLY = {"ample": 20.0, "ordinary": 10.0, "tight": 5.0}
#: Half of the supporters have more than three kinds of help; some kinds are offered by few.
OFFERED = np.array([.25, .6, .4, .35, .3, .25, .3, .45, .5, .45, .25, .6, .25, .3])  # fmt: skip
WANTED = np.array([6, 12, 8, 4, 5, 6, 14, 12, 5, 3, 9, 8, 4, 4.0])


@dataclass(frozen=True)
class Setting:
    """What kind of town. ``points``: (n, 2) of places where people live, in metres; synthetic
    where None."""

    supply: str = "ordinary"
    requests_a_week: float = 60.0
    warm_up_weeks: int = 4
    weeks: int = 8
    points: tuple[tuple[float, float], ...] | None = None

    @property
    def supporters(self) -> int:
        return round(SUPPLY[self.supply] * self.requests_a_week)

    @property
    def days(self) -> int:
        """With a week at the end in which what is open is still answered."""
        return 7 * (self.warm_up_weeks + self.weeks + 2)


@dataclass(frozen=True)
class Supporters:
    """Arrays, a value a person. ``free``: (n, 7, 4) weekdays and blocks. ``done``: (n, 14) visits
    before the first day. ``answer_hours``: as it was known then."""

    place: Floats
    reach: Floats
    speed: Floats
    skills: NDArray[np.bool_]
    free: NDArray[np.bool_]
    asks_per_week_max: Ints
    done: Ints
    rating: Floats

    def __len__(self) -> int:
        return len(self.reach)


@dataclass(frozen=True)
class Requests:
    """Arrays, a value a request, in the order of ``opened_at``."""

    opened_at: Floats
    starts_at: Floats
    hours: Floats
    category: Ints
    place: Floats
    district: Ints
    carer: Ints

    def __len__(self) -> int:
        return len(self.opened_at)

    @property
    def ends_at(self) -> Floats:
        return self.starts_at + self.hours

    @property
    def deadline(self) -> Floats:
        return self.starts_at - LEAD_HOURS


@dataclass(frozen=True)
class Town:
    """``candidates``: for each request the rows of who fulfils every hard constraint but bookings;
    ``metres`` and ``met`` (earlier visits to that recipient) of each, in the same order."""

    seed: int
    setting: Setting
    supporters: Supporters
    requests: Requests
    candidates: Sequence[Ints]
    metres: Sequence[Floats]
    met: Sequence[Ints]

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Requests after the warm-up, in which every policy gathers its own history."""
        opened, begin = self.requests.opened_at, self.setting.warm_up_weeks * 168.0
        return (opened >= begin) & (opened < begin + self.setting.weeks * 168.0)


def town_of(setting: Setting, seed: int) -> Town:
    """The same setting and seed make the same town."""
    rng = np.random.default_rng([seed, 20])
    centres, points = _points(setting, rng)
    supporters = _supporters(setting, points, rng)
    requests, tally = _requests(setting, supporters, centres, points, rng)
    rows, metres, met = [], [], []
    for j in range(len(requests)):
        found = _fitting(supporters, requests, j)
        way = np.hypot(*(supporters.place[found] - requests.place[j]).T)
        near = way <= supporters.reach[found]
        rows.append(found[near])
        metres.append(way[near])
        met.append(tally[requests.carer[j], found[near]])
    return Town(seed, setting, supporters, requests, rows, metres, met)


def _fitting(supporters: Supporters, requests: Requests, j: int) -> Ints:
    start = requests.starts_at[j]
    block = int((start % 24 - BLOCK_STARTS[0]) // BLOCK_HOURS)
    free = supporters.free[:, int(start // 24 % 7), block]
    return np.flatnonzero(free & supporters.skills[:, requests.category[j]])


# --- ground ---------------------------------------------------------------------------------------
def _points(setting: Setting, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """(centres of six districts, points where people live)."""
    if setting.points is None:
        centres = rng.uniform(-4500, 4500, (6, 2))
        weights = rng.dirichlet(np.full(6, 4.0))
        home = rng.choice(6, 150, p=weights)
        return centres, centres[home] + rng.normal(0, 900, (150, 2))
    points = np.asarray(setting.points, np.float64)
    centres = points[rng.choice(len(points), min(6, len(points)), replace=False)]
    for _ in range(20):  # Lloyd's steps: districts are what lies around a centre
        nearest = _district(points, centres)
        centres = np.array(
            [
                points[nearest == k].mean(0) if (nearest == k).any() else centre
                for k, centre in enumerate(centres)
            ]
        )
    return centres, points


def _district(places: Floats, centres: Floats) -> Ints:
    away = places[:, None, :] - centres[None]
    return np.asarray(np.argmin((away**2).sum(2), axis=1))


def _homes(points: Floats, n: int, rng: np.random.Generator) -> Floats:
    return points[rng.integers(0, len(points), n)] + rng.normal(0, 150, (n, 2))


# --- people ---------------------------------------------------------------------------------------
def _supporters(setting: Setting, points: Floats, rng: np.random.Generator) -> Supporters:
    n = setting.supporters
    skills = rng.random((n, CATEGORIES)) < OFFERED
    skills[np.arange(n), rng.choice(CATEGORIES, n, p=OFFERED / OFFERED.sum())] = True
    # Pensioners are free on weekdays, those in work in the evening and at weekends.
    retired = rng.random(n) < 0.55
    open_share = np.where(
        retired[:, None, None],
        np.array([0.6, 0.6, 0.55, 0.15])[None, None, :],
        np.array([0.12, 0.12, 0.15, 0.5])[None, None, :],
    )
    open_share = np.broadcast_to(open_share, (n, 7, 4)).copy()
    open_share[:, 5:, :] = np.where(retired[:, None, None], 0.35, 0.5)
    experienced = rng.random(n) < 0.5
    done = rng.poisson(np.where(experienced, 2.5, 0.0)[:, None], (n, CATEGORIES)) * skills
    travel = rng.choice(["walk", "bicycle", "car"], n, p=[0.35, 0.4, 0.25])
    reach = rng.choice([1500.0, 3000.0, 5000.0, 8000.0], n, p=[0.25, 0.35, 0.25, 0.15])
    return Supporters(
        place=_homes(points, n, rng),
        reach=np.where(travel == "walk", np.minimum(reach, 3000.0), reach),
        speed=np.array([METRES_PER_MINUTE[one] for one in travel], np.float64),
        skills=skills,
        free=rng.random((n, 7, 4)) < open_share,
        asks_per_week_max=rng.choice([1, 2, 3, 5, 7], n, p=[0.15, 0.5, 0.2, 0.1, 0.05]),
        done=done,
        rating=np.clip(rng.normal(4.2, 0.3, n), 3, 5),
    )


# --- requests -------------------------------------------------------------------------------------
def _requests(
    setting: Setting,
    supporters: Supporters,
    centres: Floats,
    points: Floats,
    rng: np.random.Generator,
) -> tuple[Requests, Ints]:
    """The requests, and how often each supporter came to each carer before the first day."""
    weeks = setting.warm_up_weeks + setting.weeks
    rate = np.outer(BY_WEEKDAY / BY_WEEKDAY.sum(), BY_HOUR / BY_HOUR.sum()).ravel()
    counts = rng.poisson(np.tile(rate, weeks) * setting.requests_a_week)
    hour = np.repeat(np.arange(weeks * 168), counts)
    n = len(hour)
    opened = np.sort(hour + rng.random(n))
    day = (opened // 24).astype(np.int64) + _days_ahead(n, rng)
    block = rng.choice(4, n, p=[0.38, 0.27, 0.25, 0.10])
    hours = rng.choice([0.5, 1.0, 1.5, 2.0], n, p=[0.2, 0.4, 0.2, 0.2])
    within = np.floor(rng.random(n) * (BLOCK_HOURS - hours) * 2) / 2
    starts = day * 24 + BLOCK_STARTS[block] + within
    # Whoever asks so late would ring; it becomes a request for the same time next day.
    starts = np.where(starts - opened < LEAD_HOURS + 3, starts + 24, starts)
    carers = max(20, round(setting.requests_a_week * 4))
    homes = _homes(points, carers, rng)
    carer = rng.integers(0, carers, n)
    requests = Requests(
        opened_at=opened,
        starts_at=starts,
        hours=hours,
        category=rng.choice(CATEGORIES, n, p=WANTED / WANTED.sum()),
        place=homes[carer],
        district=_district(homes[carer], centres),
        carer=carer,
    )
    return requests, _met(supporters, homes, rng)


def _days_ahead(n: int, rng: np.random.Generator) -> Ints:
    """Days from asking to the start: one in eight for today or tomorrow, half within four days,
    all within ten."""
    kind = rng.choice(3, n, p=[0.125, 0.5, 0.375])
    near, middle, far = (rng.integers(a, b, n) for a, b in ((0, 2), (2, 5), (5, 11)))
    return np.where(kind == 0, near, np.where(kind == 1, middle, far))


def _met(supporters: Supporters, homes: Floats, rng: np.random.Generator) -> Ints:
    """Two former helpers a carer on average, from among those who live near."""
    found = np.zeros((len(homes), len(supporters)), np.int64)
    for carer, home in enumerate(homes):
        away = np.hypot(*(supporters.place - home).T)
        known = np.flatnonzero((away <= supporters.reach) & (supporters.done.sum(1) > 0))
        many = min(int(rng.poisson(2.0)), len(known))
        if many:
            found[carer, rng.choice(known, many, replace=False)] = 1 + rng.poisson(1.5, many)
    return found
