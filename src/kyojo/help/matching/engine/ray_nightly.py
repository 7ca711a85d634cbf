"""The night on a Ray cluster, for those who outgrow one machine: ``kyojo[ray]``. Pure.

The same towns, batches and answers as ``nightly.assign_all``; only who works differs. Every machine
of the cluster has the same version of Kyojo with this extra.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from .nightly import (
    STEPS,
    CostOf,
    Counting,
    Failure,
    Night,
    Plan,
    Report,
    Town,
    attempt,
    batches,
    failure,
    metres_of_way,
)

#: Batches ahead for each core of the cluster.
AHEAD = 3


class RayMissing(RuntimeError):
    """Ray is an extra, and it is not installed."""

    def __init__(self) -> None:
        super().__init__("Ray is not installed: pip install 'kyojo[ray]' on every machine")


def assign_all_on_ray(
    towns: Iterable[Town],
    *,
    address: str | None = None,
    steps: Sequence[int] = STEPS,
    cost_of: CostOf = metres_of_way,
    report: Report | None = None,
) -> Night:
    """Every town's cheapest assignment, as ``nightly.assign_all``.

    Arguments:
        address: of the cluster, "auto" for the one this machine belongs to. None: the one this
            process is connected to, or else a cluster of this machine alone. A connection that
            was made here is closed again.
    Raises:
        RayMissing: Ray is not installed.
    """
    try:
        import ray
    except ImportError:
        raise RayMissing from None
    towns = list(towns)
    if len({town.code for town in towns}) < len(towns):
        raise ValueError("two towns have the same code")
    counting = Counting(len(towns), report)
    ours = not ray.is_initialized()
    if ours:
        ray.init(address=address, log_to_driver=False, include_dashboard=False)
    try:
        _run(ray, towns, steps, cost_of, counting)
    finally:
        if ours:
            ray.shutdown()
    return counting.night(towns)


def _run(
    ray: Any, towns: list[Town], steps: Sequence[int], cost_of: CostOf, counting: Counting
) -> None:
    # A batch whose machine went away is tried on another one; one that kills its workers is not
    # tried for ever.
    remote = ray.remote(max_retries=1)(attempt)
    todo = list(reversed(list(batches(towns))))
    ahead = AHEAD * max(int(ray.cluster_resources().get("CPU", 1)), 1)
    running: dict[Any, list[Town]] = {}
    while todo or running:
        while todo and len(running) < ahead:
            batch = todo.pop()
            running[remote.remote(batch, tuple(steps), cost_of)] = batch
        done, _ = ray.wait(list(running), num_returns=1)
        for one in done:
            batch = running.pop(one)
            try:
                answers: list[Plan | Failure] = ray.get(one)
            except ray.exceptions.RayError as error:
                if len(batch) > 1:  # who of them it was shows one by one
                    todo += [[town] for town in batch]
                    continue
                answers = [failure(batch[0], error)]
            counting.add(answers)
