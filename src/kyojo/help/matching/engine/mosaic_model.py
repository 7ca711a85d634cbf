"""A mosaic as a linear model with whole numbers, its relaxation, and HiGHS. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .edges import Floats, Ints
from .mosaic_jobs import Columns, Mosaic

#: Sums are whole numbers, and HiGHS counts in floats: what is nearer than this is the same.
NEARLY = 1e-6


@dataclass(frozen=True)
class Relaxed:
    """The linear relaxation: its value, what each column costs more than it brings at its prices
    (``away``, (columns,)), and how much of each column and job it takes."""

    value: float
    away: Floats
    taken: Floats

    @property
    def bound(self) -> int:
        return _floor(self.value)

    def whole(self) -> Ints | None:
        """Its columns, where none of them is taken in part."""
        if (np.abs(self.taken - np.rint(self.taken)) > NEARLY).any():
            return None
        return np.flatnonzero(self.taken > 0.5)


class Model:
    """Rows: each slice of a job done once if the job is done; people per job; each person at one
    place at a time (a row for every moment at which something starts), and minutes in all.
    Variables: columns, then jobs."""

    def __init__(self, mosaic: Mosaic, columns: Columns) -> None:
        from scipy.sparse import csc_array

        self.mosaic, self.columns = mosaic, columns
        jobs, n = mosaic.jobs, len(columns)
        offset = np.cumsum([0, *(len(job.slices) for job in jobs)])
        #: Being done pays the hand-over of the first person back.
        self.worth = np.array([job.worth + mosaic.hand_over for job in jobs], np.int64)
        slice_job = np.repeat(np.arange(len(jobs)), np.diff(offset))
        runs = columns.last - columns.first + 1
        each = np.repeat(np.arange(n), runs)
        slices = np.repeat(offset[columns.job] + columns.first, runs) + _counted(runs)
        rows = [slices, np.arange(offset[-1])]
        places = [each, n + slice_job]
        values = [np.ones(len(each)), -np.ones(len(slice_job))]
        most: list[Floats] = [np.zeros(offset[-1])]
        at = int(offset[-1])
        self.slices = at
        for group, column, value, limit in self._limits():
            kinds, row = np.unique(group, return_inverse=True)
            rows.append(at + row)
            places.append(column)
            values.append(value)
            most.append(limit[np.unique(row, return_index=True)[1]])
            at += len(kinds)
        self.matrix: Any = csc_array(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(places))),
            shape=(at, n + len(jobs)),
        )
        self.most = np.concatenate(most)
        self.least = np.where(np.arange(at) < self.slices, 0.0, -np.inf)
        self.cost = np.concatenate([columns.cost, -self.worth]).astype(float)

    def _limits(self) -> Iterator[tuple[Ints, Ints, Floats, Floats]]:
        """(group, column, value, limit of the group): sums that must not pass a limit."""
        mosaic, columns = self.mosaic, self.columns
        person, n = columns.person, len(columns)
        offset = np.cumsum([0, *(len(job.slices) for job in mosaic.jobs)])
        starts = np.array([s.start for job in mosaic.jobs for s in job.slices], np.int64)
        ends = np.array([s.end for job in mosaic.jobs for s in job.slices], np.int64)
        lengths = np.concatenate([[0], np.cumsum(ends - starts)])
        first, last = offset[columns.job] + columns.first, offset[columns.job] + columns.last
        if not n:
            return
        # Of two times that overlap, one holds the start of the other.
        moments = np.unique(starts)
        low = np.searchsorted(moments, starts[first])
        high = np.searchsorted(moments, ends[last] + mosaic.gap)
        each = np.repeat(np.arange(n), high - low)
        moment = np.repeat(low, high - low) + _counted(high - low)
        yield (
            person[each] * np.int64(len(moments)) + moment,
            each,
            np.ones(len(each)),
            np.ones(len(each)),
        )
        minutes = (lengths[last + 1] - lengths[first]).astype(float)
        limit = mosaic.most_minutes[person].astype(float)
        # Whoever could not help too much anyway needs no row.
        could = np.bincount(person, minutes, minlength=len(mosaic.people))[person]
        tight = np.flatnonzero(could > limit)
        yield person[tight], tight, minutes[tight], limit[tight]
        crowd = np.array([job.most_people or 0 for job in mosaic.jobs])[columns.job]
        full = np.flatnonzero(crowd > 0)
        yield columns.job[full], full, np.ones(len(full)), crowd[full].astype(float)

    def gain(self, chosen: Ints) -> int:
        """What an answer is worth. Raises ``AssertionError`` where it is none."""
        take = np.zeros(len(self.cost))
        take[chosen] = 1
        take[len(self.columns) + np.unique(self.columns.job[chosen])] = 1
        sums = self.matrix @ take
        assert (sums <= self.most + NEARLY).all() and (sums >= self.least - NEARLY).all()
        return -round(float(self.cost @ take))

    def relaxed(self, seconds: float | None) -> "Relaxed | None":
        from scipy.optimize import linprog

        equal = slice(0, self.slices)
        below = slice(self.slices, None)
        rows = self.matrix.tocsr()
        done = linprog(
            self.cost,
            A_ub=rows[below],
            b_ub=self.most[below],
            A_eq=rows[equal],
            b_eq=self.most[equal],
            bounds=(0, 1),
            method="highs-ds",
            # Presolving takes three times as long as solving.
            options={"presolve": False} | ({} if seconds is None else {"time_limit": seconds}),
        )
        if done.status != 0:
            return None
        prices = np.concatenate([done.eqlin.marginals, done.ineqlin.marginals])
        away = self.cost - self.matrix.T @ prices
        n = len(self.columns)
        return Relaxed(-float(done.fun), np.maximum(away[:n], 0.0), done.x[:n])

    def whole(self, useful: Ints, seconds: float | None) -> tuple[Ints | None, int]:
        """The best answer of these columns, None where time ran out before there was one, and
        what no answer of theirs gains more than."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        n = len(self.columns)
        kept = np.concatenate([useful, np.arange(n, len(self.cost))])
        matrix = self.matrix[:, kept].tocsr()
        used = np.flatnonzero(np.diff(matrix.indptr))
        options: dict[str, float] = {"mip_rel_gap": 0.0}
        if seconds is not None:
            options["time_limit"] = seconds
        done = milp(
            self.cost[kept],
            constraints=LinearConstraint(matrix[used], self.least[used], self.most[used]),
            integrality=np.ones(len(kept)),
            bounds=Bounds(0, 1),
            options=options,
        )
        limit = done.mip_dual_bound
        bound = 2**62 if limit is None or not np.isfinite(limit) else _floor(-limit)
        if done.x is None:
            return None, bound
        return useful[np.flatnonzero(done.x[: len(useful)] > 0.5)], bound


def _floor(value: float) -> int:
    """The largest whole number up to ``value``, which is known to some ten digits."""
    return int(np.floor(value + 1e-8 * abs(value) + NEARLY))


def _counted(lengths: Ints) -> Ints:
    """0, 1 … for each length, one after the other."""
    total = int(lengths.sum())
    return np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
