"""The room's own times: every hour what is due, every night the positions. Ids only, no names."""

from procrastinate.contrib.django import app

from . import services


def visits_confirm_due() -> None:
    """What silence and forgotten visits lead to, now."""
    services.visits_auto_confirm()


def positions_purge_due() -> None:
    """Erase the positions whose day has come, now."""
    services.positions_purge()


@app.periodic(cron="5 * * * *")
@app.task(name="support.visits_confirm", queueing_lock="support.visits_confirm")
def visits_confirm(timestamp: int) -> None:
    visits_confirm_due()


@app.periodic(cron="20 3 * * *")
@app.task(name="support.positions_purge", queueing_lock="support.positions_purge")
def positions_purge(timestamp: int) -> None:
    positions_purge_due()
