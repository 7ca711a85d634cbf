"""Policies side by side: the same towns, the same people, several seeds, in a pool of processes."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, fields, replace
from functools import cache
from multiprocessing import get_context
from statistics import fmean, stdev
from typing import Any

import numpy as np

from ..asking.acceptance import PRIOR, AcceptanceModel
from ..asking.policies import (
    Paced,
    Plain,
    Policy,
    Sampled,
    best_score,
    by_lot,
    everyone,
    nearest,
)
from ..asking.rules import Rules
from ..asking.training import LogRows, train
from .bound import bound, edges_of
from .metrics import Metrics, metrics_of
from .responses import MODELS, Fitted
from .run import Knowing, Run
from .town import SUPPLY, Setting, town_of

Say = Callable[[int, int, str], None]

OURS = "ours"
#: Not to be had: told apart from the baselines. ``knowing`` sees what is hidden from the others.
REFERENCES = ("untrained", "knowing")
#: How many a one-shot policy asks, how many a policy in waves keeps open, and for how many hours.
SHOT, WAVE, EVERY_HOURS = 8, 4, 6.0
#: Towns in which the model learns; no policy is measured in them.
LEARNING_SEEDS = (9001, 9002)
#: What the learning policy gives away by lot, so that the log can tell what would have been.
LEARNING_EXPLORES = 0.3


def policies(model: AcceptanceModel) -> dict[str, Policy]:
    """All policies by name, ours first."""
    orders = {"random": by_lot, "nearest": nearest, "top": best_score}
    found: list[Policy] = [
        Paced(model=model),
        Paced(name="untrained"),
        Paced(model=Knowing(delay=model.delay), explore=0.0, name="knowing"),
        everyone(model=model),
        everyone(waves=True, model=model),
    ]
    for name, order in orders.items():
        found.append(Plain(f"{name}_{SHOT}", order, SHOT, model=model))
        found.append(Plain(f"{name}_{WAVE}_waves", order, WAVE, EVERY_HOURS, model=model))
    found.append(Plain("top_1_waves", best_score, 1, EVERY_HOURS / 2, model=model))
    found.append(Sampled("lp_sampling", model))
    found.append(Sampled("lp_sampling_waves", model, 4 * EVERY_HOURS))
    return {one.name: one for one in found}


def is_baseline(name: str) -> bool:
    return name != OURS and name not in REFERENCES


# --- learning -------------------------------------------------------------------------------------
def learned(setting: Setting, seeds: Iterable[int] = LEARNING_SEEDS) -> AcceptanceModel:
    """A model from the logs of other towns of this kind, by the ``fitted`` responses."""
    logs = [_log(setting, seed) for seed in seeds]
    return train(joined(logs), version=f"simulated-{setting.supply}")


def _log(setting: Setting, seed: int) -> LogRows:
    town = town_of(setting, seed)
    policy = Paced(explore=LEARNING_EXPLORES)
    return Run(town, Fitted(town), policy, policy.model).play().log()


def joined(logs: Sequence[LogRows]) -> LogRows:
    """Logs of several towns as one; people of different towns stay apart."""
    columns = {
        one.name: np.concatenate([getattr(log, one.name) for log in logs])
        for one in fields(LogRows)
    }
    columns["supporter"] = np.concatenate(
        [log.supporter + 1_000_000 * n for n, log in enumerate(logs)]
    )
    return LogRows(**columns)


# --- measuring ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Job:
    """One town with one way of answering, and the policies to play through it."""

    setting: Setting
    seed: int
    response: str
    names: tuple[str, ...]
    model: AcceptanceModel


@cache
def _bounds(setting: Setting, seed: int, response: str) -> tuple[float, float]:
    town = town_of(setting, seed)
    edges = edges_of(town, MODELS[response](town), Rules(), np.flatnonzero(town.measured))
    return bound(town, edges), bound(town, edges, sharper=True)


def measured(job: Job) -> dict[str, Metrics]:
    """Every policy's metrics in the job's town."""
    town = town_of(job.setting, job.seed)
    plain, sharper = _bounds(job.setting, job.seed, job.response)
    every = policies(job.model)
    found = {}
    for name in job.names:
        policy = every[name]
        model = getattr(policy, "model", PRIOR)
        result = Run(town, MODELS[job.response](town), policy, model).play()
        found[name] = metrics_of(result, bound=plain, sharper_bound=sharper)
    return found


@dataclass(frozen=True)
class Plan:
    """What to measure. ``names``: of policies, all where empty."""

    setting: Setting = field(default_factory=Setting)
    supplies: tuple[str, ...] = tuple(SUPPLY)
    responses: tuple[str, ...] = tuple(MODELS)
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    names: tuple[str, ...] = ()


#: supply → response → policy → a ``Metrics`` for each seed.
Measured = dict[str, dict[str, dict[str, list[Metrics]]]]


def compared(
    plan: Plan, *, processes: int, say: Say
) -> tuple[Measured, dict[str, AcceptanceModel]]:
    """Measure the plan; also the model that ours used, by supply."""
    names = plan.names or tuple(policies(PRIOR))
    settings = {one: replace(plan.setting, supply=one) for one in plan.supplies}
    total = len(plan.supplies) * (1 + len(plan.responses) * len(plan.seeds) * len(names))
    done = 0
    found: Measured = {
        supply: {response: {name: [] for name in names} for response in plan.responses}
        for supply in plan.supplies
    }
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        say(done, total, "learning")
        waiting = {supply: pool.submit(learned, setting) for supply, setting in settings.items()}
        models = {supply: one.result() for supply, one in waiting.items()}
        done += len(models)
        jobs = {
            pool.submit(measured, Job(settings[supply], seed, response, part, models[supply])): (
                supply,
                response,
                seed,
            )
            for seed in plan.seeds
            for supply in plan.supplies
            for response in plan.responses
            for part in _parts(names)
        }
        by_seed: dict[tuple[str, str, str, int], Metrics] = {}
        for future in as_completed(jobs):
            supply, response, seed = jobs[future]
            for name, metrics in future.result().items():
                by_seed[supply, response, name, seed] = metrics
                done += 1
            say(done, total, f"{supply}, {response}")
    for supply, response, name, seed in sorted(by_seed, key=lambda one: one[3]):
        found[supply][response][name].append(by_seed[supply, response, name, seed])
    return found, models


def _parts(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Two jobs a town, so that the last ones do not keep a core waiting for long."""
    return [part for part in (names[::2], names[1::2]) if part]


def summary(runs: Sequence[Metrics]) -> dict[str, Any]:
    """Mean over the seeds, and the standard error of the mean of ``fill_vs_lp``."""
    found: dict[str, Any] = {
        one.name: round(fmean(getattr(run, one.name) for run in runs), 4) for one in fields(Metrics)
    }
    ratios = [run.fill_vs_lp for run in runs]
    found["fill_vs_lp_error"] = (
        round(stdev(ratios) / len(runs) ** 0.5, 4) if len(runs) > 1 else None
    )
    found["seeds"] = len(runs)
    return found
