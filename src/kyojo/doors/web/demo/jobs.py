"""What the worker does by the clock, done at once after the demo's clock was moved."""

from kyojo.help.matching import tasks as matching
from kyojo.help.support import tasks as support
from kyojo.kernel import clock


def due_run() -> None:
    """The periodic jobs, in the order in which their effects may follow from each other."""
    timestamp = int(clock.now().timestamp())
    matching.offers_lapse_everywhere(timestamp)
    support.visits_auto_confirm(timestamp)
    support.positions_purge(timestamp)
