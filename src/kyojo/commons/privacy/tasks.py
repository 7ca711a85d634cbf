"""The privacy room's own times. Ids only, no names."""

from procrastinate.contrib.django import app

from kyojo.civic.municipalities.rounds import towns_each

from . import retention, services


def purge_due() -> None:
    """Every room erases, in every town, what it keeps no longer, now."""
    retention.all_towns_purge()
    towns_each(retention.town_purge, job="retention")


def erasures_run_due() -> None:
    """Whoever is to be erased is erased, now."""
    towns_each(lambda code: services.erasures_run_due(municipality_id=code), job="erasures_run")


@app.periodic(cron="40 16 * * *")
@app.task(name="privacy.nightly", queueing_lock="privacy.nightly")
def nightly(timestamp: int = 0) -> None:
    """Every night at 1:40 in Japan: what is kept no longer, then who is to be erased."""
    purge_due()
    erasures_run_due()
