"""Jobs that start at the same moment, each on its own thread and connection."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def at_once(jobs: Sequence[Callable[[], T]], *, threads: int | None = None) -> list[T]:
    """Run ``jobs`` on threads (one each, if not said) that start together; each begins with a job
    of its own, and they share what is left. Results in the order of the jobs."""
    count = min(threads or len(jobs), len(jobs))
    ready, guard = threading.Barrier(count), threading.Lock()
    left, results = iter(range(count, len(jobs))), dict[int, T]()

    def work(own: int) -> None:
        place: int | None = own
        try:
            ready.wait(timeout=30)
            while place is not None:
                results[place] = jobs[place]()
                with guard:
                    place = next(left, None)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, range(count)))
    return [results[place] for place in range(len(jobs))]
