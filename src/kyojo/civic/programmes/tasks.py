"""Jobs of the programmes room. Arguments are ids only; each job opens its own tenancy."""

import logging

from procrastinate.contrib.django import app

from kyojo.civic.municipalities.rounds import towns_each
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel.errors import Refusal

from . import clearing, clearing_selectors

log = logging.getLogger(__name__)


@app.periodic(cron="20 18 1-10 * *")
@app.task(name="programmes.clearing_propose", queueing_lock="programmes.clearing_propose")
def clearing_propose(timestamp: int = 0) -> None:
    """In the first nights of a month: close what is over, for every pair of towns, once.

    More than one night, so that a worker that was down does not leave a month open. Where the two
    sides differ nothing is written, and the next night looks again.
    """
    towns_each(_clearing_propose, job="clearing_propose")


def _clearing_propose(code: int) -> None:
    with tenant(code):
        others = [one.counterpart.pk for one in clearing_selectors.standings()]
    for other in others:
        if other < code:
            continue  # the lower number of the two proposes for both
        try:
            with tenant(code):
                clearing.clearing_propose_due(counterpart_id=other)
        except Refusal as refused:
            log.error("clearing of %s with %s was refused: %s", code, other, refused.code)
