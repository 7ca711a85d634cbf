"""Jobs cut into slices, people, and every part of a job that one of them could do. Pure.

Worth and costs are whole numbers in one unit, such as metres of way. Times are minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kyojo.kernel.geometry import EARTH_RADIUS_METRES

from .edges import BadArrays, Floats, Helpers, Ints, whole

#: What an answer costs per person beyond the first, unless said: everybody has to be told what
#: the one before did.
HAND_OVER = 300


@dataclass(frozen=True)
class Slice:
    """A part of a job that one person does: [start, end) in minutes, and the skill it takes."""

    start: int
    end: int
    category: int


@dataclass(frozen=True)
class Job:
    """A job, cut.

    Attributes:
        slices: in the order of their starts; tasks at the same time may stand beside each other.
        worth: of its being done.
        most_people: at most so many, or None.
    """

    latitude: float
    longitude: float
    slices: tuple[Slice, ...]
    worth: int
    most_people: int | None = None

    def __post_init__(self) -> None:
        starts = [one.start for one in self.slices]
        if not self.slices or starts != sorted(starts):
            raise BadArrays("a job's slices stand in the order of their starts, one at least")
        if any(one.end <= one.start for one in self.slices):
            raise BadArrays("a slice ends before it starts")
        if self.worth <= 0 or (self.most_people is not None and self.most_people < 1):
            raise BadArrays("a job is worth more than 0 and bears one person at least")


@dataclass(frozen=True)
class Free:
    """When people are free: rows of people, and minutes [start, end). Times of one person do not
    touch each other. All have the shape ``(times,)``."""

    person: Ints
    start: Ints
    end: Ints


@dataclass(frozen=True)
class Mosaic:
    """What is to be planned.

    Attributes:
        people: places, reach and skills (``free`` of ``Helpers`` says nothing here).
        free: when they are free.
        most_minutes: (people,) that each helps at most.
        cost: (people,) of asking somebody at all (who did much lately comes later), or None.
        hand_over: cost of each person of a job beyond the first.
        gap: minutes that somebody needs between two jobs.
    """

    jobs: Sequence[Job]
    people: Helpers
    free: Free
    most_minutes: Ints
    cost: Ints | None = None
    hand_over: int = HAND_OVER
    gap: int = 0

    def __post_init__(self) -> None:
        n = len(self.people)
        most = whole("most_minutes", self.most_minutes, n, low=0)
        object.__setattr__(self, "most_minutes", most)
        cost = np.zeros(n, np.int64) if self.cost is None else self.cost
        object.__setattr__(self, "cost", whole("cost", cost, n, low=0))
        times = np.size(self.free.person)
        whole("free.person", self.free.person, times, low=0, high=n - 1)
        start = whole("free.start", self.free.start, times)
        if (whole("free.end", self.free.end, times) <= start).any():
            raise BadArrays("a free time ends before it starts")
        if self.hand_over < 0 or self.gap < 0:
            raise BadArrays("hand_over and gap are 0 or more")


@dataclass(frozen=True)
class Part:
    """``person`` does the slices ``first`` to ``last`` (included) of ``job``; all are rows."""

    job: int
    person: int
    first: int
    last: int
    cost: int


def proposed(
    start: int, end: int, category: int, *, longest: int = 60, shortest: int = 30, on: int = 30
) -> tuple[Slice, ...]:
    """Slices of a long job, as even as they can be, cut at whole half hours where those fit.

    Arguments:
        longest, shortest: minutes of a slice. A job that is too short to cut stays whole.
        on: where to cut, minutes of the clock: 30 for half hours.
    Raises:
        BadArrays: the job ends before it starts, or ``shortest`` is longer than ``longest``.
    """
    if end <= start or not 0 < shortest <= longest or on < 1:
        raise BadArrays("a job has a start, an end after it, and slices between two lengths")
    count = -(-(end - start) // longest)
    count = max(min(count, (end - start) // shortest), 1)
    cuts = [start]
    for left in range(count - 1, 0, -1):
        low = max(cuts[-1] + shortest, end - left * longest)
        high = min(cuts[-1] + longest, end - left * shortest)
        even = cuts[-1] + (end - cuts[-1]) / (left + 1)
        neat = int(even / on + 0.5) * on
        cuts.append(neat if low <= neat <= high else max(low, min(high, round(even))))
    return tuple(Slice(a, b, category) for a, b in zip(cuts, [*cuts[1:], end], strict=True))


# --- columns --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Columns:
    """Every (job, person, run of slices) that can be, as arrays ``(columns,)``."""

    job: Ints
    person: Ints
    first: Ints
    last: Ints
    cost: Ints

    def __len__(self) -> int:
        return len(self.job)

    def part(self, row: int) -> Part:
        return Part(
            int(self.job[row]),
            int(self.person[row]),
            int(self.first[row]),
            int(self.last[row]),
            int(self.cost[row]),
        )

    @classmethod
    def of(cls, mosaic: Mosaic) -> "Columns":
        """Whoever is within reach, has the skills of all the run's slices, and is free from its
        beginning to its end."""
        places = _Places(mosaic.people)
        free = _FreeTimes(mosaic)
        found: list[tuple[Ints, ...]] = []
        for number, job in enumerate(mosaic.jobs):
            near, metres = places.near(job)
            able = [
                (mosaic.people.skills[near] & np.uint64(1 << one.category)) != 0
                for one in job.slices
            ]
            for first in range(len(job.slices)):
                can = np.ones(len(near), np.bool_)
                minutes = 0
                for last in range(first, len(job.slices)):
                    if last > first and job.slices[last].start < job.slices[last - 1].end:
                        break  # two tasks at a time are not one person's
                    minutes += job.slices[last].end - job.slices[last].start
                    can &= able[last]
                    whole_run = can & (mosaic.most_minutes[near] >= minutes)
                    rows = np.flatnonzero(whole_run)
                    start, end = job.slices[first].start, job.slices[last].end
                    rows = rows[free.during(near[rows], start, end)]
                    if not len(rows):
                        break
                    assert mosaic.cost is not None
                    cost = np.rint(metres[rows]).astype(np.int64) + mosaic.cost[near[rows]]
                    n = len(rows)
                    found.append(
                        (
                            np.full(n, number),
                            near[rows],
                            np.full(n, first),
                            np.full(n, last),
                            cost + mosaic.hand_over,
                        )
                    )
        if not found:
            return cls(*(np.empty(0, np.int64) for _ in range(5)))
        return cls(*(np.concatenate(part) for part in zip(*found, strict=True)))


class _Places:
    def __init__(self, people: Helpers) -> None:
        self._people = people
        self._up, self._along = np.radians(people.latitude), np.radians(people.longitude)
        self._cosine = np.cos(self._up)

    def near(self, job: Job) -> tuple[Ints, Floats]:
        """Rows of those within reach, and their ways."""
        up, along = np.radians(job.latitude), np.radians(job.longitude)
        h = np.sin((self._up - up) / 2) ** 2
        h += np.cos(up) * self._cosine * np.sin((self._along - along) / 2) ** 2
        metres = 2 * EARTH_RADIUS_METRES * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
        near = np.flatnonzero(metres <= self._people.reach)
        return near, metres[near]


class _FreeTimes:
    """Free times by person and start, to be looked up for many people at once."""

    def __init__(self, mosaic: Mosaic) -> None:
        free = mosaic.free
        order = np.lexsort((free.start, free.person))
        self._low = int(free.start.min(initial=0))
        self._wide = np.int64(int(free.end.max(initial=0)) - self._low + 2)
        self._key = free.person[order] * self._wide + (free.start[order] - self._low)
        self._person, self._end = free.person[order], free.end[order]

    def during(self, person: Ints, start: int, end: int) -> NDArray[np.bool_]:
        """Whether each is free from ``start`` to ``end``."""
        if not len(self._key) or start < self._low:
            return np.zeros(len(person), np.bool_)
        wanted = person * self._wide + min(start - self._low, int(self._wide) - 1)
        at = np.searchsorted(self._key, wanted, "right") - 1
        at_least = np.maximum(at, 0)
        fits = (self._person[at_least] == person) & (self._end[at_least] >= end)
        return np.asarray((at >= 0) & fits)
