"""What the worker does by the clock, done at once after the demo's clock was moved."""

from kyojo.civic.people.tasks import holds_expire
from kyojo.help.matching.tasks import offers_lapse_due, series_make
from kyojo.help.support.tasks import positions_purge_due, visits_confirm_due
from kyojo.kernel import clock


def due_run() -> None:
    """The periodic jobs, in the order in which their effects may follow from each other."""
    timestamp = int(clock.now().timestamp())
    offers_lapse_due(timestamp)
    series_make(timestamp)
    visits_confirm_due()
    holds_expire(timestamp)
    positions_purge_due()
