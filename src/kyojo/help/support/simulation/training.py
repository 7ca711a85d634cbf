"""The detector that the product ships: learned from simulated towns with fixed seeds."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from threadpoolctl import threadpool_limits

from ..fraud import file
from ..fraud.detector import Detector, Examples, Usual, fit
from .experiment import Measured, Plan, measured
from .fakes import built_in

#: Changes with everything that changes what the file holds: the features, the towns, the learning.
VERSION = "2026-11"


def trained(plan: Plan, *, processes: int) -> Detector:
    """Learned from the fakes of every kind; the same plan gives the same detector."""
    known = [one.name for one in built_in()]
    tasks = [(seed, "") for seed in (*plan.reference, *plan.calibration)]
    tasks += [(seed, name) for seed in plan.training for name in known]
    towns = dict(zip(tasks, _towns(plan, tasks, processes), strict=True))
    usual = Usual.of([towns[seed, ""].table for seed in plan.reference], is_compact=True)
    examples = [
        Examples.of(usual.seen(town.table), town.fake, seed=seed)
        for name in known
        for seed in plan.training
        for town in [towns[seed, name]]
    ]
    calibration = [usual.seen(towns[seed, ""].table) for seed in plan.calibration]
    with threadpool_limits(1):
        return fit(usual, examples, calibration, is_compact=True)


def _towns(plan: Plan, tasks: Sequence[tuple[int, str]], processes: int) -> list[Measured]:
    if processes == 1:
        return [measured(plan.setting, seed, name, None) for seed, name in tasks]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(
            pool.map(
                measured,
                [plan.setting] * len(tasks),
                *zip(*tasks, strict=True),
                [None] * len(tasks),
                chunksize=4,
            )
        )


def model_write(path: Path, plan: Plan, *, processes: int) -> None:
    """Train and write the file that ``fraud.file`` reads."""
    made = {
        "version": VERSION,
        "by": "./kyojo simulate town --fraud --write-model",
        "seeds": {
            "reference": list(plan.reference),
            "training": list(plan.training),
            "calibration": list(plan.calibration),
        },
        "weeks": plan.setting.weeks,
        "visits_a_week": plan.setting.visits_a_week,
        "patterns": [one.name for one in built_in()],
    }
    file.written(path, trained(plan, processes=processes), made)
