"""The room's own times: every hour what is due, every night the positions, and soon after a visit
has ended whether it looks like help. Ids only, no names."""

from procrastinate.contrib.django import app

from kyojo.civic.municipalities.tenancy import tenant

from . import services


def visits_confirm_due() -> None:
    """What silence, forgotten visits and the end of the days to object lead to, now."""
    try:
        services.visits_auto_confirm()
    finally:
        services.rulings_carry_out()


def beacons_end_due() -> None:
    """End the visits whose beacon is not heard any more, now."""
    services.beacons_end_due()


def reviews_reveal_due() -> None:
    """Open the reviews whose days are over, now."""
    services.reviews_reveal_due()


def visits_look_due() -> None:
    """Look at the visits that ended, now."""
    services.visits_look()


def detectors_learn_due() -> None:
    """Learn from what the offices have decided, now."""
    services.detectors_learn()


def positions_purge_due() -> None:
    """Erase the positions whose day has come, now."""
    services.positions_purge()


@app.periodic(cron="5 * * * *")
@app.task(name="support.visits_confirm", queueing_lock="support.visits_confirm")
def visits_confirm(timestamp: int) -> None:
    visits_confirm_due()


@app.periodic(cron="*/5 * * * *")
@app.task(name="support.beacons_end", queueing_lock="support.beacons_end")
def beacons_end(timestamp: int) -> None:
    beacons_end_due()


@app.periodic(cron="15 * * * *")
@app.task(name="support.reviews_reveal", queueing_lock="support.reviews_reveal")
def reviews_reveal(timestamp: int) -> None:
    reviews_reveal_due()


@app.periodic(cron="20 3 * * *")
@app.task(name="support.positions_purge", queueing_lock="support.positions_purge")
def positions_purge(timestamp: int) -> None:
    positions_purge_due()


@app.periodic(cron="*/15 * * * *")
@app.task(name="support.visits_look", queueing_lock="support.visits_look")
def visits_look(timestamp: int) -> None:
    visits_look_due()


@app.task(name="support.town_look")
def town_look(*, municipality_id: int) -> None:
    """A visit has ended in this town."""
    with tenant(municipality_id):
        services.visits_score()


@app.periodic(cron="40 3 * * *")
@app.task(name="support.detectors_learn", queueing_lock="support.detectors_learn")
def detectors_learn(timestamp: int) -> None:
    detectors_learn_due()
