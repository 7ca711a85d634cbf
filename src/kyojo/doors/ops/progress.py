"""Progress on stderr: a bar where somebody watches, plain lines where not."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

#: ``report(done, total, text)``: how far it is, out of how many steps, and what is happening.
Report = Callable[[int, int, str], None]


@contextmanager
def progress(title: str) -> Iterator[Report]:
    """Show ``title`` and a bar while the block runs; the block calls the yielded ``Report``."""
    if not sys.stderr.isatty():
        yield _lines(title)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=None)

        def report(done: int, total: int, text: str = "") -> None:
            bar.update(task, completed=done, total=total, description=f"{title} {text}".strip())

        yield report


def _lines(title: str) -> Report:
    tenths_said = -1

    def report(done: int, total: int, text: str = "") -> None:
        nonlocal tenths_said
        tenths = 10 * done // max(total, 1)
        if tenths > tenths_said:
            tenths_said = tenths
            print(f"{title} {done}/{total} {text}".rstrip(), file=sys.stderr, flush=True)

    return report
