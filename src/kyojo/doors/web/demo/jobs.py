"""What the worker does by the clock, done at once after the demo's clock was moved."""

from kyojo.civic.people.tasks import checks_end_tell, holds_expire, suspensions_end
from kyojo.commons.privacy.tasks import erasures_run_due
from kyojo.help.matching.tasks import offers_lapse_due, series_make
from kyojo.help.recognition.tasks import recognise_due
from kyojo.help.safety.tasks import look_due
from kyojo.help.support.tasks import (
    beacons_end_due,
    detectors_learn_due,
    positions_purge_due,
    reviews_reveal_due,
    visits_confirm_due,
    visits_look_due,
)
from kyojo.kernel import clock


def due_run() -> None:
    """The periodic jobs, in the order in which their effects may follow from each other."""
    timestamp = int(clock.now().timestamp())
    offers_lapse_due(timestamp)
    series_make(timestamp)
    beacons_end_due()
    look_due()
    visits_look_due()
    visits_confirm_due()
    detectors_learn_due()
    reviews_reveal_due()
    holds_expire(timestamp)
    suspensions_end(timestamp)
    recognise_due()
    checks_end_tell(timestamp)
    positions_purge_due()
    erasures_run_due()
