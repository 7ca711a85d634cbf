"""The night's assignment for every municipality in one run, by a pool of processes. Pure.

A town is a handful of arrays: they are sent to a worker as they stand in memory, solved there, and
come back as one row number a request. Towns are solved the same whoever solves them and in whatever
order, and the answer is in the order of the towns, so a night can be run again.

Workers are started by a server that has imported the solvers once and holds nothing else
("forkserver", or "spawn" where there is none). A plain fork would copy the caller's locks and
database connections in the middle of whatever its threads are doing.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .assignment import Problem, assign
from .edges import BadArrays, Edges, Helpers, Ints, Needs, feasible

#: ``report(done, total, text)``, as commands show it.
Report = Callable[[int, int, str], None]
#: Towns with fewer possible pairs than this go to a worker several at once.
BATCH_PAIRS = 2_000_000
#: Cost of a supporter's first, second … task of these weeks, in metres of way.
STEPS = (0, 300, 900)


@dataclass(frozen=True)
class Town:
    """A municipality's night.

    Attributes:
        code: its code, which names it in answers and failures.
        needs, helpers: as ``feasible`` takes them.
        unfilled: (requests,) cost of leaving each open, in metres of way: more for the urgent.
        capacity: (supporters,) tasks at most this night.
        load: (supporters,) tasks of the last weeks, or None.
        without: pairs that must not meet, as ``feasible`` takes them.
    """

    code: str
    needs: Needs
    helpers: Helpers
    unfilled: Ints
    capacity: Ints
    load: Ints | None = None
    without: tuple[Ints, Ints] | None = None

    @property
    def pairs(self) -> int:
        """How many there could be at most: how long it may take."""
        return len(self.needs) * len(self.helpers)


@dataclass(frozen=True)
class PairedTown:
    """A municipality's night whose pairs are known with their costs: where times and rules are
    finer than slots and bits say them."""

    code: str
    problem: Problem

    @property
    def pairs(self) -> int:
        return len(self.problem.request)


AnyTown = Town | PairedTown
#: The cost of each pair, (edges,) whole numbers. Goes to the workers by name: a function of a
#: module, no lambda.
CostOf = Callable[[Town, Edges], Ints]


def metres_of_way(_: Town, edges: Edges) -> Ints:
    """A pair costs its way."""
    return np.rint(edges.metres).astype(np.int64)


@dataclass(frozen=True)
class Plan:
    """A town's answer, proved optimal.

    ``supporter``: (requests,) rows, -1 where a request stays open; ``cost``: in all, open ones
    included; ``edges``: pairs there were to choose from; ``seconds``: of the worker.
    """

    code: str
    supporter: NDArray[np.int32] = field(repr=False)
    cost: int
    edges: int
    seconds: float

    @property
    def filled(self) -> int:
        return int((self.supporter >= 0).sum())


@dataclass(frozen=True)
class Failure:
    """A town that has no plan tonight. ``error`` is the exception's name, ``why`` its message
    where it is about arrays (others could quote what they were given)."""

    code: str
    error: str
    why: str = ""


@dataclass(frozen=True)
class Night:
    """All answers, in the order of the towns."""

    plans: list[Plan]
    failures: list[Failure]


def solve(town: AnyTown, *, steps: Sequence[int] = STEPS, cost_of: CostOf = metres_of_way) -> Plan:
    """One town, here and now. A ``PairedTown`` brings its own steps and costs. Raises
    ``BadArrays``, ``NotSolved``."""
    began = time.perf_counter()
    problem = town.problem if isinstance(town, PairedTown) else _problem(town, steps, cost_of)
    found = assign(problem)
    return Plan(
        code=town.code,
        supporter=found.supporter.astype(np.int32),
        cost=found.cost,
        edges=len(problem.request),
        seconds=time.perf_counter() - began,
    )


def _problem(town: Town, steps: Sequence[int], cost_of: CostOf) -> Problem:
    edges = feasible(town.needs, town.helpers, without=town.without)
    if len(town.unfilled) != len(town.needs) or len(town.capacity) != len(town.helpers):
        raise BadArrays("unfilled or capacity has not a row for each request or supporter")
    return Problem(
        request=edges.request,
        supporter=edges.supporter,
        cost=cost_of(town, edges),
        unfilled=town.unfilled,
        capacity=town.capacity,
        steps=steps,
        load=town.load,
        slot=town.needs.slot,
    )


def attempt(
    towns: Sequence[AnyTown], steps: Sequence[int], cost_of: CostOf
) -> list[Plan | Failure]:
    """Each town's plan, or why there is none: one that fails does not stop the others."""
    answers: list[Plan | Failure] = []
    for town in towns:
        try:
            answers.append(solve(town, steps=steps, cost_of=cost_of))
        except Exception as error:  # noqa: BLE001 - whatever it is, the others have their night
            answers.append(failure(town, error))
    return answers


def failure(town: AnyTown, error: BaseException) -> Failure:
    why = str(error) if isinstance(error, BadArrays) else ""
    return Failure(town.code, type(error).__name__, why)


def assign_all(
    towns: Iterable[AnyTown],
    *,
    workers: int | None = None,
    steps: Sequence[int] = STEPS,
    cost_of: CostOf = metres_of_way,
    report: Report | None = None,
) -> Night:
    """Every town's cheapest assignment.

    Arguments:
        workers: processes; None: one a core; 0: none, all is done here.
        steps: as ``Problem.steps``.
        report: told after every batch how many towns are done.
    """
    towns = list(towns)
    if len({town.code for town in towns}) < len(towns):
        raise ValueError("two towns have the same code")
    counting = Counting(len(towns), report)
    if workers == 0:
        for town in towns:
            counting.add(attempt([town], steps, cost_of))
        return counting.night(towns)
    left = list(batches(towns))
    try:
        _run(left, workers or os.cpu_count() or 1, steps, cost_of, counting)
    except BrokenProcessPool:
        # A worker died and took the others' work with it. Who of them did it shows one by one.
        for batch in left:
            for town in batch:
                try:
                    _run([[town]], 1, steps, cost_of, counting)
                except BrokenProcessPool as error:
                    counting.add([failure(town, error)])
    return counting.night(towns)


def batches(towns: Iterable[AnyTown]) -> Iterator[list[AnyTown]]:
    """Towns for one worker at a time, the longest first so that nobody waits for one at the end."""
    batch: list[AnyTown] = []
    pairs = 0
    for town in sorted(towns, key=lambda one: (-one.pairs, one.code)):
        if batch and pairs + town.pairs > BATCH_PAIRS:
            yield batch
            batch, pairs = [], 0
        batch.append(town)
        pairs += town.pairs
    if batch:
        yield batch


class Counting:
    """Answers as they come."""

    def __init__(self, total: int, report: Report | None) -> None:
        self._total, self._report = total, report
        self._answers: dict[str, Plan | Failure] = {}
        self._tell()

    def add(self, answers: Iterable[Plan | Failure]) -> None:
        self._answers |= {answer.code: answer for answer in answers}
        self._tell()

    def _tell(self) -> None:
        if self._report is not None:
            self._report(len(self._answers), self._total, "")

    def night(self, towns: Iterable[AnyTown]) -> Night:
        ordered = [self._answers[town.code] for town in towns]
        return Night(
            plans=[one for one in ordered if isinstance(one, Plan)],
            failures=[one for one in ordered if isinstance(one, Failure)],
        )


def _run(
    left: list[list[AnyTown]],
    workers: int,
    steps: Sequence[int],
    cost_of: CostOf,
    counting: Counting,
) -> None:
    """Solve the batches and take them out of ``left`` as they are done.

    Raises ``BrokenProcessPool`` where a worker died.
    """
    with ProcessPoolExecutor(min(workers, len(left)) or 1, mp_context=_context()) as pool:
        todo = iter(list(left))
        running: dict[Future[list[Plan | Failure]], list[AnyTown]] = {}

        def more() -> None:
            # A few ahead keep workers busy; all at once would stand in memory twice.
            while len(running) < 3 * workers and (batch := next(todo, None)) is not None:
                running[pool.submit(attempt, batch, steps, cost_of)] = batch

        more()
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                batch = running.pop(future)
                counting.add(future.result())
                left.remove(batch)
            more()


def _context() -> Any:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # What a town needs, imported once for all workers.
    context.set_forkserver_preload(
        ["ortools.graph.python.min_cost_flow", "scipy.spatial", __name__]
    )
    return context
