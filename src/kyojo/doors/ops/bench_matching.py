"""``bench matching``: ranking beside brute force, assignment beside OR-Tools' and scipy's own.

Every answer that is timed is also proved: ranking against ``domain.matches`` over everybody,
assignment by its certificate and by the costs that the other solvers find, the mosaic by its bound.
A wrong answer fails the benchmark.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from kyojo.help.matching.engine import mosaic as mosaics
from kyojo.help.matching.engine import nightly
from kyojo.help.matching.engine.assignment import Problem, assign
from kyojo.help.matching.engine.edges import Edges, feasible
from kyojo.help.matching.engine.nightly import STEPS, Town, metres_of_way

from .bench_matching_ground import Geography, country, geography, mosaic, region
from .errors import Bad, Failed
from .progress import progress

DESCRIPTION = (
    "Measure matching: candidates among 100,000 and a million supporters, the assignment of a "
    "region and of 1,741 municipalities, and mosaics. Takes about five minutes, --quick two; the "
    "figures mean something on a quiet machine only."
)
TOP = 20
REQUESTS, SUPPORTERS = 20_000, 100_000
MUNICIPALITIES, ALL_REQUESTS, ALL_SUPPORTERS = 1_741, 100_000, 500_000
JOBS, PEOPLE, MINUTES = 300, 1_000, (240, 360, 480)
#: The same with hardly enough people: for mosaics so many, for assignment one in so many.
SCARCE_PEOPLE, SCARCE = 600, 12


def arguments(parser: argparse.ArgumentParser) -> None:
    """What only this benchmark can be told."""
    parser.add_argument(
        "--towns",
        type=Path,
        metavar="FOLDER",
        help="coordinates of municipalities, a CSV each with the columns lat and lon",
    )


def checked(options: argparse.Namespace) -> dict[str, Any]:
    """The arguments of ``measure``. Raises ``Bad`` for a folder without coordinates."""
    if options.towns is not None and not options.towns.is_dir():
        raise Bad(f"{options.towns} is not a folder")
    return {"ground": geography(options.towns)}


def summary(report: Mapping[str, Any]) -> str:
    """The figures that the design asks for, in one line."""
    told = {**report["figures"], **report["ratios"]}
    return ", ".join(f"{name} {told[name]}" for name in PROMISED)


#: What the design asks for.
PROMISED = (
    "rank_100k_p95_ms",
    "rank_1m_p95_ms",
    "rank_identical_to_brute_force",
    "rank_vs_brute_force",
    "assign_20k_100k_seconds",
    "assign_optimal",
    "municipalities_1741_seconds",
    "mosaic_300_seconds",
    "mosaic_1s_share_of_optimum",
)


@dataclass
class Measured:
    """Figures as they come; a figure is the median of its runs."""

    rounds: int
    figures: dict[str, Any] = field(default_factory=dict)
    ratios: dict[str, Any] = field(default_factory=dict)
    runs: dict[str, list[float]] = field(default_factory=dict)
    #: The same in time of this process's processor, which a busy machine hardly changes.
    cpu: dict[str, float] = field(default_factory=dict)

    def timed(self, name: str, do: Callable[[], Any], *, rounds: int | None = None) -> Any:
        """Do it some times; its seconds are a figure. Gives what the last time gave."""
        seconds, cpu = [], []
        for _ in range(rounds or self.rounds):
            began, worked = time.perf_counter(), time.process_time()
            answer = do()
            seconds.append(round(time.perf_counter() - began, 3))
            cpu.append(time.process_time() - worked)
        self.runs[name] = seconds
        self.cpu[name] = round(median(cpu), 3)
        self.figures[name] = round(median(seconds), 3)
        return answer


def measure(*, quick: bool, ground: Geography) -> dict[str, Any]:
    """Measure everything; the report. Raises ``Failed`` where an answer was wrong."""
    load_average = os.getloadavg()[0]  # before we are the load ourselves
    found = Measured(rounds=1 if quick else 3)
    skipped: list[str] = []
    steps: tuple[Callable[[], None], ...] = (
        lambda: ranking(found, queries=100 if quick else 400, checks=4 if quick else 20),
        lambda: assignment(found, ground, skipped, beside=not quick),
        lambda: municipalities(found, ground),
        lambda: mosaic_300(found, scarce=not quick),
    )
    with progress("measuring") as say:
        for number, step in enumerate(steps):
            say(number, len(steps), NAMES[number])
            step()
        say(len(steps), len(steps), "")
    machine = {
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy", "ortools")},
        "load_average_before": round(load_average, 2),
        "geography": ground.name,
        "rounds": found.rounds,
    }
    return {
        "name": "matching",
        "machine": machine,
        "figures": found.figures,
        "ratios": found.ratios,
        "runs": found.runs,
        "cpu": found.cpu,
        "skipped": skipped,
    }


NAMES = ("ranking", "assignment", "municipalities", "mosaic")


# --- ranking --------------------------------------------------------------------------------------


def ranking(found: Measured, *, queries: int, checks: int, people: int = 100_000) -> None:
    """The best 20 of 100,000 and of a million, and of the former by looking at everybody."""
    from kyojo.help.matching import domain
    from kyojo.help.matching.engine.population import Population

    from . import bench_matching_people as made

    helpers = list(made.helpers(people))
    needs = made.needs(queries)
    population = Population(helpers)
    ours = milliseconds(found, "rank_100k", population, needs)
    same, brute = 0, []
    for need in needs[:checks]:
        began = time.perf_counter()
        wanted = domain.matches(need, helpers)[:TOP]
        brute.append(1_000 * (time.perf_counter() - began))
        told = population.ranked(need, limit=TOP)
        same += [(key.uid, score) for key, score in zip(told.keys, told.scores, strict=True)] == [
            (match.helper.uid, match.score) for match in wanted
        ]
    found.figures["rank_identical_to_brute_force"] = same == checks
    found.figures["rank_brute_force_ms"] = round(median(brute), 1)
    found.ratios["rank_vs_brute_force"] = round(median(brute) / median(ours[:checks]), 1)
    del helpers
    milliseconds(found, "rank_1m", made.many_times(population, 10), needs)


def milliseconds(found: Measured, name: str, population: Any, needs: Any) -> list[float]:
    """The time of each query; median and 95th percentile are figures."""
    for need in needs[:5]:
        population.ranked(need, limit=TOP)
    took, cpu, fits = [], [], []
    for need in needs:
        began, worked = time.perf_counter(), time.process_time()
        told = population.ranked(need, limit=TOP)
        took.append(1_000 * (time.perf_counter() - began))
        cpu.append(1_000 * (time.process_time() - worked))
        fits.append(told.found)
    found.figures[f"{name}_p50_ms"] = round(float(np.percentile(took, 50)), 2)
    found.figures[f"{name}_p95_ms"] = round(float(np.percentile(took, 95)), 2)
    found.cpu[f"{name}_p95_ms"] = round(float(np.percentile(cpu, 95)), 2)
    found.figures[f"{name}_who_can_median"] = int(median(fits))
    return took


# --- assignment -----------------------------------------------------------------------------------


def problem_of(town: Town, edges: Edges) -> Problem:
    return Problem(
        request=edges.request,
        supporter=edges.supporter,
        cost=metres_of_way(town, edges),
        unfilled=town.unfilled,
        capacity=town.capacity,
        steps=STEPS,
        load=town.load,
        slot=town.needs.slot,
    )


def assignment(found: Measured, ground: Geography, skipped: list[str], *, beside: bool) -> None:
    """20,000 requests and 100,000 supporters from coordinates to a proved answer."""
    town = region(ground, REQUESTS, SUPPORTERS)
    edges = found.timed("assign_edges_seconds", lambda: feasible(town.needs, town.helpers))

    def whole_way() -> tuple[Problem, Any]:
        problem = problem_of(town, feasible(town.needs, town.helpers))
        return problem, assign(problem)

    problem, answer = found.timed("assign_20k_100k_seconds", whole_way)
    answer.certificate.check(problem, answer.edge)
    found.figures |= {
        "assign_optimal": answer.certificate.is_optimal,
        "assign_edges": len(edges),
        "assign_edges_per_request_median": int(median(np.bincount(edges.request).tolist())),
        "assign_filled": answer.filled,
        "assign_rounds": answer.certificate.rounds,
        "assign_edges_solved": answer.certificate.looked_at,
    }
    if not beside:
        skipped.append("OR-Tools and scipy over all pairs are measured without --quick only")
        return
    # Matchings know no slots: side by side, nobody has any.
    free = replace(problem, slot=None)
    compare(found, "", free)
    few = free.supporter % SCARCE == 0
    names = ("request", "supporter", "cost")
    compare(found, "_scarce", replace(free, **{name: getattr(free, name)[few] for name in names}))


def compare(found: Measured, kind: str, problem: Problem) -> None:
    """The same pairs solved by us, by OR-Tools without pruning, and by scipy's matching, in turn.

    Raises ``Failed`` where they do not cost the same.
    """
    solvers: dict[str, Callable[[], int]] = {
        f"assign_solve{kind}_seconds": lambda: assign(problem).cost,
        f"ortools_all_edges{kind}_seconds": lambda: by_flow(problem),
        f"scipy_matching{kind}_seconds": lambda: by_matching(problem),
    }
    costs: set[int] = set()
    took, cpu = ({name: list[float]() for name in solvers} for _ in range(2))
    for _ in range(found.rounds):
        for name, solver in solvers.items():
            began, worked = time.perf_counter(), time.process_time()
            costs.add(solver())
            took[name].append(time.perf_counter() - began)
            cpu[name].append(time.process_time() - worked)
    if len(costs) > 1:
        raise Failed(f"assignments that should cost the same cost {sorted(costs)}")
    found.runs |= {name: [round(one, 3) for one in seconds] for name, seconds in took.items()}
    found.figures |= {name: round(median(seconds), 3) for name, seconds in took.items()}
    found.cpu |= {name: round(median(seconds), 3) for name, seconds in cpu.items()}
    ours, *others = solvers
    for name in others:
        ratio = median(took[name]) / median(took[ours])
        found.ratios[f"{name.removesuffix('_seconds')}_vs_ours"] = round(ratio, 2)


def by_flow(problem: Problem) -> int:
    """The least cost by OR-Tools' flow over every pair, as one writes it down at first."""
    from ortools.graph.python import min_cost_flow

    n, m = problem.requests, problem.supporters
    tails, heads = [problem.request, np.arange(n)], [n + problem.supporter, np.full(n, n + m)]
    costs = [problem.cost, problem.unfilled]
    for number in range(int(problem.capacity.max())):
        some = np.flatnonzero(problem.capacity > number)
        tails.append(n + some)
        heads.append(np.full(len(some), n + m))
        costs.append(problem.step(problem.load_now[some] + number))
    cost = np.concatenate(costs)
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate(tails).astype(np.int32),
        np.concatenate(heads).astype(np.int32),
        np.ones(len(cost), np.int64),
        cost,
    )
    flow.set_nodes_supplies(
        np.append(np.arange(n), n + m).astype(np.int32), np.append(np.ones(n, np.int64), -n)
    )
    if flow.solve() != flow.OPTIMAL:
        raise Failed("OR-Tools finds no flow")
    return int(flow.optimal_cost())


def by_matching(problem: Problem) -> int:
    """The least cost by scipy's matching: each supporter as many columns as tasks of theirs, each
    request one of its own to stay open."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    start = np.concatenate([[0], np.cumsum(problem.capacity)])
    rows, columns = [np.arange(problem.requests)], [start[-1] + np.arange(problem.requests)]
    weights = [problem.unfilled]
    for number in range(int(problem.capacity.max())):
        pairs = np.flatnonzero(problem.capacity[problem.supporter] > number)
        who = problem.supporter[pairs]
        rows.append(problem.request[pairs])
        columns.append(start[who] + number)
        weights.append(problem.cost[pairs] + problem.step(problem.load_now[who] + number))
    lift = 1  # a weight of 0 would be no pair
    graph = csr_array(
        (
            (np.concatenate(weights) + lift).astype(float),
            (np.concatenate(rows), np.concatenate(columns)),
        ),
        shape=(problem.requests, int(start[-1]) + problem.requests),
    )
    one, other = min_weight_full_bipartite_matching(graph)
    return round(float(graph[one, other].sum())) - lift * problem.requests


def municipalities(found: Measured, ground: Geography) -> None:
    """Everybody's night, by a pool of processes that is started for it."""
    towns = country(ground, MUNICIPALITIES, ALL_REQUESTS, ALL_SUPPORTERS)
    night = found.timed("municipalities_1741_seconds", lambda: nightly.assign_all(towns))
    del found.cpu["municipalities_1741_seconds"]  # others worked
    if night.failures:
        raise Failed(f"{len(night.failures)} towns failed, the first: {night.failures[0]}")
    found.figures |= {
        "municipalities_requests": sum(len(town.needs) for town in towns),
        "municipalities_supporters": sum(len(town.helpers) for town in towns),
        "municipalities_largest_requests": max(len(town.needs) for town in towns),
        "municipalities_filled": sum(plan.filled for plan in night.plans),
        "municipalities_edges": sum(plan.edges for plan in night.plans),
    }


# --- mosaic ---------------------------------------------------------------------------------------


def mosaic_300(found: Measured, *, scarce: bool) -> None:
    """300 jobs, to the end and with a second for it; and the same with hardly enough people."""
    plan(found, "mosaic", mosaic(JOBS, PEOPLE, minutes=MINUTES))
    if scarce:
        plan(found, "mosaic_scarce", mosaic(JOBS, SCARCE_PEOPLE, minutes=MINUTES))


def plan(found: Measured, name: str, one: mosaics.Mosaic) -> None:
    best = found.timed(f"{name}_300_seconds", lambda: mosaics.solve(one), rounds=1)
    if not best.is_optimal:
        raise Failed(f"{name}: the last answer gains {best.gain} of at most {best.bound}")
    soon = mosaics.solve(one, deadline=1.0)
    first = next(mosaics.answers(one))
    found.figures |= {
        f"{name}_columns": len(mosaics.Columns.of(one)),
        f"{name}_jobs_done": len(best.jobs_done),
        f"{name}_1s_seconds": round(soon.seconds, 3),
        f"{name}_first_seconds": round(first.seconds, 3),
    }
    found.ratios |= {
        f"{name}_1s_share_of_optimum": share(soon.gain, best.gain),
        f"{name}_first_share_of_optimum": share(first.gain, best.gain),
    }


def share(gain: int, best: int) -> float:
    """Of what could be gained over doing nothing."""
    return round(gain / best, 4) if best else 1.0
