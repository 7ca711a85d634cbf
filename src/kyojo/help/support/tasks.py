"""The room's own times: every hour what is due, every night the positions. Ids only, no names."""

from procrastinate.contrib.django import app

from . import services


@app.periodic(cron="5 * * * *")
@app.task(queueing_lock="visits_auto_confirm", pass_context=False)
def visits_auto_confirm(timestamp: int) -> None:
    services.visits_auto_confirm()


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="positions_purge", pass_context=False)
def positions_purge(timestamp: int) -> None:
    services.positions_purge()
