"""Answers to a mosaic that are there at once: one job after the other. Pure."""

from collections.abc import Sequence

import numpy as np

from .edges import Floats, Ints
from .mosaic_jobs import Columns, Job, Mosaic, Part
from .mosaic_model import Relaxed


class JobByJob:
    """Answers that take one job after the other, each by its cheapest chain of people left."""

    def __init__(self, mosaic: Mosaic, columns: Columns) -> None:
        self._mosaic, self._columns = mosaic, columns
        jobs = np.arange(len(mosaic.jobs))
        by_job = np.unique(np.column_stack([columns.job, columns.person]), axis=0)[:, 0]
        #: Whoever has few people to choose from loses most by waiting.
        self._choice = np.bincount(by_job, minlength=len(jobs))

    def cheapest(self, *, first: Ints | None = None) -> Ints:
        """By what columns cost; the jobs ``first`` before all others."""
        late = np.ones(len(self._choice), np.bool_)
        if first is not None:
            late[first] = False
        order = np.lexsort((self._choice, late))
        return self._taken(order, self._columns.cost.astype(float))

    def left(self, chosen: Ints) -> Ints:
        """The jobs that an answer leaves undone."""
        return np.setdiff1d(np.arange(len(self._choice)), self._columns.job[chosen])

    def near(self, relaxed: Relaxed) -> Ints:
        """By what the relaxation takes, the jobs first that it takes as a whole."""
        in_part = np.minimum(relaxed.taken, 1 - relaxed.taken)
        unsure = np.bincount(self._columns.job, in_part, minlength=len(self._choice))
        order = np.lexsort((self._choice, np.round(unsure, 6)))
        return self._taken(order, relaxed.away + 1 - relaxed.taken)

    def _taken(self, jobs: Ints, price: Floats) -> Ints:
        columns = self._columns
        order = np.lexsort((price, columns.last, columns.first, columns.job))
        edges = np.searchsorted(columns.job[order], np.arange(len(self._mosaic.jobs) + 1))
        busy = _Busy(self._mosaic)
        chosen: list[int] = []
        for number in jobs.tolist():
            job = self._mosaic.jobs[number]
            chain = self._chain(job, order[edges[number] : edges[number + 1]], price, busy)
            cost = sum(columns.part(row).cost for row in chain)
            if not chain or cost >= job.worth + self._mosaic.hand_over:
                continue
            parts = [columns.part(row) for row in chain]
            if busy.take(parts):
                chosen += chain
        return np.array(sorted(chosen), np.int64)

    def _chain(self, job: Job, rows: Ints, price: Floats, busy: "_Busy") -> list[int]:
        """The cheapest rows that cover all slices; none where nobody is left for one of them."""
        runs: dict[int, list[tuple[int, int]]] = {}
        before = (-1, -1)
        for row in rows.tolist():
            run = (int(self._columns.first[row]), int(self._columns.last[row]))
            if run != before and busy.allows([self._columns.part(row)]):
                runs.setdefault(run[1], []).append((run[0], row))
                before = run
        most = min(job.most_people or len(job.slices), len(job.slices))
        # best[people][slices done] = (price, rows)
        best: list[dict[int, tuple[float, tuple[int, ...]]]] = [{0: (0.0, ())}]
        for _ in range(most):
            longer: dict[int, tuple[float, tuple[int, ...]]] = {}
            for last, ones in runs.items():
                for first, row in ones:
                    if first in best[-1]:
                        before_price, before_rows = best[-1][first]
                        now = (before_price + float(price[row]), (*before_rows, row))
                        longer[last + 1] = min(longer.get(last + 1, now), now)
            best.append(longer)
        whole_chains = [one[len(job.slices)] for one in best if len(job.slices) in one]
        return list(min(whole_chains)[1]) if whole_chains else []


class _Busy:
    """What people are already taken for."""

    def __init__(self, mosaic: Mosaic) -> None:
        self._mosaic = mosaic
        self._times: dict[int, list[tuple[int, int]]] = {}
        self._minutes: dict[int, int] = {}

    def allows(self, parts: Sequence[Part]) -> bool:
        for part in parts:
            start, end, minutes = self._of(part)
            left = int(self._mosaic.most_minutes[part.person]) - self._minutes.get(part.person, 0)
            gap = self._mosaic.gap
            if minutes > left or any(
                start < b + gap and a < end + gap for a, b in self._times.get(part.person, ())
            ):
                return False
        return True

    def take(self, parts: Sequence[Part]) -> bool:
        """Take all of them, or none where two of one person do not go together."""
        for number, part in enumerate(parts):
            if not self.allows([part]):
                for other in parts[:number]:
                    start, end, minutes = self._of(other)
                    self._times[other.person].remove((start, end))
                    self._minutes[other.person] -= minutes
                return False
            start, end, minutes = self._of(part)
            self._times.setdefault(part.person, []).append((start, end))
            self._minutes[part.person] = self._minutes.get(part.person, 0) + minutes
        return True

    def _of(self, part: Part) -> tuple[int, int, int]:
        slices = self._mosaic.jobs[part.job].slices[part.first : part.last + 1]
        return slices[0].start, slices[-1].end, sum(one.end - one.start for one in slices)
