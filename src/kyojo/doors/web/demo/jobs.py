"""What the worker does by the clock, done at once after the demo's clock was moved."""

from kyojo.help.matching import tasks as matching
from kyojo.help.support import tasks as support


def due_run() -> None:
    """The periodic jobs, in the order in which their effects may follow from each other."""
    matching.offers_lapse_due()
    support.visits_confirm_due()
    support.positions_purge_due()
