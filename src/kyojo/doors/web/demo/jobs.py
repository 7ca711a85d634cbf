"""What the worker does by the clock, done at once after the demo's clock was moved."""

from collections.abc import Callable

from kyojo.help.matching import tasks as matching
from kyojo.help.support import tasks as support

#: The periodic jobs, in the order in which their effects may follow from each other.
DUE: tuple[Callable[..., object], ...] = (
    matching.offers_lapse_due,
    support.visits_confirm_due,
    support.positions_purge_due,
)


def due_run() -> None:
    for job in DUE:
        job()
