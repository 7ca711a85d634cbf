"""Each pattern left out of training in turn, and found, or not, in towns never seen before."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ..fraud.detector import FALSE_ALARMS, Detector, Examples, Scored, Usual, fit
from ..fraud.features import Table, measure
from ..fraud.queue import CAPACITY, review_rows
from .fakes import built_in
from .patterns import Pattern, patterns_read, played
from .population import Setting
from .settling import settled_without_staff
from .town import GROUPS, town_of

Say = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Plan:
    """Towns by what they are for; a seed is used for one purpose only."""

    setting: Setting = field(default_factory=Setting)
    reference: tuple[int, ...] = (1001, 1002, 1003, 1004, 1005, 1006)
    training: tuple[int, ...] = (2001, 2002)
    calibration: tuple[int, ...] = tuple(range(3001, 3009))
    test: tuple[int, ...] = (1, 2)
    patterns_file: Path | None = None


#: Fewer towns, for a look within half a minute.
QUICK = Plan(
    reference=tuple(range(1001, 1005)),
    training=(2001,),
    calibration=tuple(range(3001, 3006)),
    test=(1,),
)


@dataclass(frozen=True)
class Measured:
    """A town's table with the truth: the strength of each fake ("" for honest visits), and of
    honest ones the groups and whether they were settled without staff."""

    table: Table
    strength: np.ndarray
    groups: tuple[frozenset[str], ...]
    settled: np.ndarray

    @property
    def fake(self) -> np.ndarray:
        return np.asarray(self.strength != "")


@cache
def patterns(path: Path | None) -> dict[str, Pattern]:
    """All patterns by name, those from outside last. Raises ``PatternUnusable``."""
    found = built_in()
    if path is not None:
        found += patterns_read(path, [one.name for one in found])
    return {one.name: one for one in found}


def measured(setting: Setting, seed: int, name: str, path: Path | None) -> Measured:
    """The honest town of a seed, with a pattern in it unless ``name`` is "". Raises
    ``PatternUnusable``."""
    town = town_of(setting, seed)
    if name:
        town = played(town, patterns(path)[name], seed)
    table = measure(town.facts)
    return Measured(
        table=table,
        strength=np.array([town.fakes.get(uid, "") for uid in table.uids]),
        groups=tuple(town.groups.get(uid, frozenset()) for uid in table.uids),
        settled=np.array([settled_without_staff(visit) for visit in town.facts.visits]),
    )


# --- the whole ------------------------------------------------------------------------------------
def experiment(plan: Plan, *, processes: int, say: Say) -> dict[str, Any]:
    """The report. Raises ``PatternUnusable``."""
    known, every = [one.name for one in built_in()], patterns(plan.patterns_file)
    tasks = [(seed, "") for seed in (*plan.reference, *plan.calibration, *plan.test)]
    tasks += [(seed, name) for seed in plan.training for name in known]
    tasks += [(seed, name) for seed in plan.test for name in every]
    total = len(tasks) + 2 + len(every)
    towns = _towns(plan, tasks, processes, lambda done: say(done, total, "towns"))
    done = len(tasks)

    usual = Usual.of([towns[seed, ""].table for seed in plan.reference])
    calibration = [usual.seen(towns[seed, ""].table) for seed in plan.calibration]
    examples = {
        name: [
            Examples.of(usual.seen(town.table), town.fake, seed=seed)
            for seed in plan.training
            for town in [towns[seed, name]]
        ]
        for name in known
    }
    say(done + 1, total, "learning")

    def detector(left_out: str) -> Detector:
        chosen = [one for name in known if name != left_out for one in examples[name]]
        return fit(usual, chosen, calibration)

    with threadpool_limits(1):
        whole = detector("")
    honest = [(towns[s, ""], whole.scored_of(usual.seen(towns[s, ""].table))) for s in plan.test]
    by_pattern = {}

    def of_pattern(name: str) -> dict[str, Any]:
        # A pattern from outside is in no training, so that nothing has to be left out for it.
        finds = detector(name) if name in known else whole
        tests = [towns[seed, name] for seed in plan.test]
        found = [(town, finds.scored_of(usual.seen(town.table))) for town in tests]
        return _of_pattern(found, every[name].strengths)

    # Trees of one thread each, several at a time: on a busy machine threads of one tree wait long.
    with threadpool_limits(1), ThreadPoolExecutor(processes) as pool:
        for n, (name, of_one) in enumerate(zip(every, pool.map(of_pattern, every), strict=True)):
            by_pattern[name] = of_one
            say(done + 2 + n, total, name)
    say(total, total, "done")
    return _report(plan, by_pattern, honest)


def _towns(
    plan: Plan, tasks: Sequence[tuple[int, str]], processes: int, say: Callable[[int], None]
) -> dict[tuple[int, str], Measured]:
    found = {}
    ordered = sorted(tasks)  # the towns of a seed together: a worker keeps the honest one
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting = {
            pool.submit(measured, plan.setting, seed, name, plan.patterns_file): (seed, name)
            for seed, name in ordered
        }
        try:
            for future in as_completed(waiting):
                found[waiting[future]] = future.result()
                say(len(found))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return found


def _of_pattern(
    found: Sequence[tuple[Measured, Scored]], strengths: Sequence[str]
) -> dict[str, Any]:
    fake = np.concatenate([town.fake for town, _ in found])
    strength = np.concatenate([town.strength for town, _ in found])
    scores = np.concatenate([scored.scores for _, scored in found])
    flagged = np.concatenate([scored.flagged for _, scored in found])
    # Where the threshold of the calibration lets more than 1 % of these honest visits through, the
    # one that does not counts: a threshold may be made stricter here, never milder.
    strict = max(found[0][1].threshold, float(np.quantile(scores[~fake], 1 - FALSE_ALARMS)))
    looked = [town.fake[review_rows(scored)] for town, scored in found]
    by_strength, calibrated = (
        {
            one: round(float(hit[strength == one].mean()), 4)
            for one in strengths
            if (strength == one).any()
        }
        for hit in (scores >= strict, flagged)
    )
    return {
        "recall_at_1pct": round(fmean(by_strength.values()), 4),
        "left_out": True,
        "strength": "all",
        "by_strength": by_strength,
        "recall_as_calibrated": round(fmean(calibrated.values()), 4),
        "false_alarms_as_calibrated": round(float(flagged[~fake].mean()), 4),
        "precision_at_capacity": _share(np.concatenate(looked)),
        "looked_at": int(sum(map(len, looked))),
        "fakes": int(fake.sum()),
        "share_of_visits": round(float(fake.mean()), 4),
    }


def _report(
    plan: Plan,
    by_pattern: dict[str, dict[str, Any]],
    honest: Sequence[tuple[Measured, Scored]],
) -> dict[str, Any]:
    alone = np.concatenate([town.settled & ~scored.flagged for town, scored in honest])
    flagged = np.concatenate([scored.flagged for _, scored in honest])
    groups = [groups for town, _ in honest for groups in town.groups]
    looked = sum(one["looked_at"] for one in by_pattern.values())
    right = sum(
        (one["precision_at_capacity"] or 0) * one["looked_at"] for one in by_pattern.values()
    )
    recalls = [one["recall_at_1pct"] for one in by_pattern.values()]
    of_groups = {}
    for name in GROUPS:
        rows = np.array([name in one for one in groups])
        of_groups[name] = {
            "share_of_visits": round(float(rows.mean()), 4),
            "settled_without_staff": _share(alone[rows]),
            "flagged": _share(flagged[rows]),
        }
    return {
        "name": "town --fraud",
        "setting": {
            "weeks": plan.setting.weeks,
            "visits_in_honest_towns": [len(town.table) for town, _ in honest],
            "seeds": list(plan.test),
            "false_alarms_wanted": FALSE_ALARMS,
            "capacity_share_of_a_weeks_visits": CAPACITY,
        },
        "figures": {
            "recall_at_1pct_left_out": round(fmean(recalls), 4),
            "recall_at_1pct_left_out_lowest": min(recalls),
            "precision_at_capacity": round(right / looked, 4) if looked else None,
            "honest_settled_without_staff": _share(alone),
            "honest_flagged": _share(flagged),
        },
        "patterns": by_pattern,
        "honest_groups": of_groups,
    }


def _share(mask: np.ndarray) -> float | None:
    return round(float(mask.mean()), 4) if len(mask) else None
