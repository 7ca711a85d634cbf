"""Mosaic: jobs cut into slices that several people do, and who does which. Pure.

A job is done as a whole or not at all. A column is one person doing consecutive slices of one job;
columns are chosen so that every slice of a done job is done once, nobody is at two places at a time
or does more than they want, and a job has not more people than it bears. What is worth most is what
``answers`` looks for (set packing).

An answer is there at once and gets better: first job by job, each by the cheapest chain of
people; then the linear relaxation, whose prices say how much any answer could be worth and which
columns could be in a better one; then integer programmes over those columns only, with HiGHS. An
answer that is worth as much as the bound is optimal, and nothing is left to do.

Worth and costs are whole numbers in one unit, such as metres of way. Times are minutes.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from .mosaic_greedy import JobByJob
from .mosaic_jobs import HAND_OVER, Columns, Free, Job, Mosaic, Part, Slice, proposed
from .mosaic_model import NEARLY, Model

__all__ = [
    "HAND_OVER",
    "Answer",
    "Columns",
    "Free",
    "Job",
    "Mosaic",
    "Part",
    "Slice",
    "answers",
    "proposed",
    "solve",
]

#: Columns that a first integer programme has beside those of the relaxation: the nearest to it.
NEIGHBOURS = 4_000


@dataclass(frozen=True)
class Answer:
    """Who does what.

    Attributes:
        gain: worth of the jobs done less what it costs; 0 is doing nothing.
        bound: no answer gains more, as far as is known.
        seconds: since the looking began.
    """

    parts: tuple[Part, ...] = field(repr=False)
    gain: int
    bound: int
    seconds: float

    @property
    def is_optimal(self) -> bool:
        return self.gain == self.bound

    @property
    def jobs_done(self) -> frozenset[int]:
        return frozenset(part.job for part in self.parts)


def solve(mosaic: Mosaic, *, deadline: float | None = None) -> Answer:
    """The best answer that is found within ``deadline`` seconds, or the optimal one."""
    answer = None
    for answer in answers(mosaic, deadline=deadline):  # noqa: B007 - the last one is the best
        pass
    assert answer is not None  # the first one comes always
    return answer


def answers(mosaic: Mosaic, *, deadline: float | None = None) -> Iterator[Answer]:
    """Answers, each better than the one before or with a lower bound; the last one is optimal
    unless ``deadline`` (seconds from now) came first. The first one comes in any case."""
    clock = _Clock(deadline)
    columns = Columns.of(mosaic)
    model = Model(mosaic, columns)
    simple = JobByJob(mosaic, columns)
    best = simple.cheapest()
    bound = sum(mosaic.jobs[number].worth for number in np.unique(columns.job))

    def answer() -> Answer:
        gain = model.gain(best)
        parts = tuple(columns.part(int(column)) for column in best)
        return Answer(parts, gain, max(bound, gain), clock.seconds())

    yield answer()
    if not len(columns) or clock.over():
        return
    # Whoever was left over comes first the next time.
    again = simple.cheapest(first=simple.left(best))
    if model.gain(again) > model.gain(best):
        best = again
    yield answer()
    if clock.over():
        return
    relaxed = model.relaxed(clock.left())
    if relaxed is None:
        return
    bound = min(bound, relaxed.bound)
    for better in (relaxed.whole(), simple.near(relaxed)):
        if better is not None and model.gain(better) > model.gain(best):
            best = better
    yield answer()
    for most in (NEIGHBOURS, len(columns)):
        if bound <= model.gain(best) or clock.over():
            return
        # A column that costs more than the whole gap is in no better answer.
        useful = np.flatnonzero(relaxed.away <= relaxed.value - model.gain(best) + NEARLY)
        is_all = len(useful) <= most
        if not is_all:
            useful = useful[np.argsort(relaxed.away[useful], kind="stable")[:most]]
        found, limit = model.whole(np.sort(useful), clock.left())
        if found is not None and model.gain(found) > model.gain(best):
            best = found
        if is_all:
            bound = min(bound, max(limit, model.gain(best)))
        yield answer()
        if is_all:
            return


class _Clock:
    def __init__(self, deadline: float | None) -> None:
        self._began = time.perf_counter()
        self._deadline = deadline

    def seconds(self) -> float:
        return time.perf_counter() - self._began

    def left(self) -> float | None:
        return None if self._deadline is None else max(self._deadline - self.seconds(), 0.01)

    def over(self) -> bool:
        return self._deadline is not None and self.seconds() >= self._deadline
