"""Where the batch benchmarks happen: towns' coordinates, and requests and supporters in them."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kyojo.help.matching.engine.edges import Helpers, Needs
from kyojo.help.matching.engine.mosaic import Free, Job, Mosaic, Slice
from kyojo.help.matching.engine.nightly import Town

from .errors import Bad
from .surroundings import ROOT

#: Published coordinates (``municipality_code,…,lat,lon``), where they lie beside the checkout.
BESIDE = ROOT.parent / "shared" / "data" / "towns"
CATEGORIES, SLOTS = 14, 28  # seven days of four parts each
METRES_A_DEGREE = 111_000
WORTH = 10_000  # of a mosaic's job, in metres of way

Spots = NDArray[np.float64]


@dataclass(frozen=True)
class Geography:
    """Municipalities as coordinates of their neighbourhoods, ``(n, 2)`` degrees each."""

    name: str
    towns: list[Spots]


def geography(folder: Path | None) -> Geography:
    """From a folder of CSVs, from the one beside the checkout, or else made up as dense.

    Raises ``Bad`` where ``folder`` holds no coordinates.
    """
    where = folder or (BESIDE if BESIDE.is_dir() else None)
    if where is None:
        return synthetic()
    towns = [read(path) for path in sorted(where.glob("*.csv"))]
    if not towns or any(not len(one) for one in towns):
        raise Bad(f"{where} holds no towns: CSV files with the columns lat and lon")
    return Geography(f"{len(towns)} municipalities of published coordinates", towns)


def read(path: Path) -> Spots:
    """The coordinates of a file, rows without any left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = [
                (float(row["lat"]), float(row["lon"]))
                for row in csv.DictReader(lines)
                if row["lat"] and row["lon"]
            ]
    except (KeyError, ValueError, UnicodeDecodeError):
        raise Bad(f"{path.name} has no columns lat and lon of degrees") from None
    spots = np.array(rows, np.float64).reshape(-1, 2)
    return spots[np.isfinite(spots).all(axis=1)]


def synthetic() -> Geography:
    """Ten towns of about the sizes of those published."""
    chance = np.random.default_rng(7)
    towns = []
    for number, width_metres in enumerate(np.geomspace(1_200, 9_000, 10)):
        middle = np.array([35.0 + number / 2, 138.0])
        away = chance.normal(0, width_metres / METRES_A_DEGREE, (160, 2))
        towns.append(middle + away / [1, math.cos(math.radians(35))])
    return Geography("ten made-up towns of similar density", towns)


def scattered(spots: Spots, count: int, chance: np.random.Generator) -> tuple[Spots, Spots]:
    """Latitudes and longitudes of ``count`` homes within some 200 m of these."""
    home = spots[chance.integers(0, len(spots), count)]
    home = home + chance.normal(0, 200, (count, 2)) / METRES_A_DEGREE
    return home[:, 0], home[:, 1]


def town(code: str, spots: Spots, requests: int, supporters: int, seed: int) -> Town:
    """A night: a request has a category and a slot; a supporter up to three skills, six slots of
    the week, a reach by how they travel, one to three tasks, and what they did lately."""
    chance = np.random.default_rng([seed, int(code)])
    travel = chance.choice(3, supporters, p=[0.3, 0.45, 0.25])
    reach = np.choose(
        travel,
        [
            chance.choice([500, 800, 1_000, 1_500], supporters),
            chance.choice([1_500, 2_000, 3_000, 4_000], supporters),
            chance.choice([5_000, 8_000, 10_000, 15_000], supporters),
        ],
    ).astype(float)
    often = np.random.default_rng(seed).dirichlet(np.full(CATEGORIES, 4.0))
    when = np.random.default_rng(seed + 1).dirichlet(np.full(SLOTS, 6.0))

    def bits(kinds: int, share: Spots, times: int) -> NDArray[np.uint64]:
        found = np.zeros(supporters, np.uint64)
        for _ in range(times):
            found |= np.uint64(1) << chance.choice(kinds, supporters, p=share).astype(np.uint64)
        return found

    return Town(
        code=code,
        needs=Needs(
            *scattered(spots, requests, chance),
            category=chance.choice(CATEGORIES, requests, p=often),
            slot=chance.choice(SLOTS, requests, p=when),
            municipality=np.full(requests, int(code)),
        ),
        helpers=Helpers(
            *scattered(spots, supporters, chance),
            reach=reach,
            skills=bits(CATEGORIES, often, 3),
            free=bits(SLOTS, when, 6),
            municipality=np.full(supporters, int(code)),
        ),
        unfilled=chance.choice([20_000, 30_000, 50_000], requests),
        capacity=chance.choice([1, 2, 3], supporters, p=[0.6, 0.3, 0.1]),
        load=chance.choice(4, supporters, p=[0.6, 0.2, 0.1, 0.1]),
    )


def region(ground: Geography, requests: int, supporters: int) -> Town:
    """All of the ground's municipalities in one problem, people spread evenly over them."""
    n = len(ground.towns)
    parts = [
        town(str(number + 1), spots, requests // n, supporters // n, seed=1)
        for number, spots in enumerate(ground.towns)
    ]

    def joined(side: str, name: str) -> Any:
        return np.concatenate([getattr(getattr(part, side), name) for part in parts])

    needs = ("latitude", "longitude", "category", "slot", "municipality")
    helpers = ("latitude", "longitude", "reach", "skills", "free", "municipality")
    return Town(
        code="0",
        needs=Needs(**{name: joined("needs", name) for name in needs}),
        helpers=Helpers(**{name: joined("helpers", name) for name in helpers}),
        unfilled=np.concatenate([part.unfilled for part in parts]),
        capacity=np.concatenate([part.capacity for part in parts]),
        load=np.concatenate([part.load for part in parts if part.load is not None]),
    )


def country(ground: Geography, count: int, requests: int, supporters: int) -> list[Town]:
    """``count`` municipalities whose sizes are spread as Japan's are: lognormal, with a σ of 1.4
    (half of them below 24,000 people, the largest 3.7 million, when the mean is 70,000)."""
    share = np.random.default_rng(11).lognormal(0, 1.4, count)
    share /= share.sum()
    return [
        town(
            f"{number + 1:05}",
            ground.towns[number % len(ground.towns)],
            max(round(requests * part), 1),
            max(round(supporters * part), 1),
            seed=2,
        )
        for number, part in enumerate(share)
    ]


def mosaic(jobs: int, people: int, *, seed: int = 3, minutes: tuple[int, ...]) -> Mosaic:
    """Jobs of three to six hours, cut by the hour, two skills each, within 8 × 8 km; people with
    four skills who are free for two to six hours on three days, and help ``minutes`` at most."""
    chance = np.random.default_rng(seed)
    width = 8_000 / METRES_A_DEGREE

    def spots(count: int) -> tuple[Spots, Spots]:
        return 35 + chance.uniform(0, width, count), 139 + chance.uniform(0, 1.22 * width, count)

    skills = [
        sum(1 << int(bit) for bit in chance.choice(CATEGORIES, 4, replace=False))
        for _ in range(people)
    ]
    who = Helpers(
        *spots(people),
        reach=chance.choice([1_000.0, 2_000.0, 4_000.0, 8_000.0], people),
        skills=np.array(skills, np.uint64),
        free=np.zeros(people, np.uint64),
    )
    first = np.repeat(chance.integers(8, 14, people), 3) * 60
    length = np.repeat(chance.integers(2, 7, people), 3) * 60
    days = np.concatenate([np.sort(chance.choice(7, 3, replace=False)) for _ in range(people)])
    start = days * 1_440 + first
    made = []
    for latitude, longitude in zip(*spots(jobs), strict=True):
        hours, day, begin = chance.integers(3, 7), chance.integers(7), chance.integers(8, 14)
        kinds = chance.choice(CATEGORIES, 2, replace=False)
        starts = [int(day * 1_440 + (begin + hour) * 60) for hour in range(hours)]
        slices = tuple(
            Slice(at, at + 60, int(kinds[2 * hour // hours])) for hour, at in enumerate(starts)
        )
        made.append(Job(float(latitude), float(longitude), slices, WORTH))
    return Mosaic(
        jobs=made,
        people=who,
        free=Free(np.repeat(np.arange(people), 3), start, start + length),
        most_minutes=chance.choice(minutes, people),
        cost=chance.choice([0, 300, 900], people, p=[0.6, 0.3, 0.1]),
    )
