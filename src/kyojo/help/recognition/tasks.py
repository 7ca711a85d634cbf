"""The room's own times: every quarter of an hour what lately changed, every night everything, and
at once what somebody waits for. Ids only, no names."""

from procrastinate.contrib.django import app

from kyojo.civic.municipalities.rounds import towns_each, within
from kyojo.civic.municipalities.tenancy import tenant

from . import rounds
from .services import sign_due


def recognise_due() -> None:
    """Badges for what lately changed, given, taken back and signed, now."""
    towns_each(within(rounds.recognise_lately), job="recognise")


@app.periodic(cron="*/15 * * * *")
@app.task(name="recognition.recognise", queueing_lock="recognition.recognise")
def recognise(timestamp: int = 0) -> None:
    recognise_due()


@app.periodic(cron="25 4 * * *")
@app.task(name="recognition.recognise_all", queueing_lock="recognition.recognise_all")
def recognise_all(timestamp: int = 0) -> None:
    towns_each(within(rounds.recognise_all), job="recognise_all")


@app.task(name="recognition.sign")
def sign(*, municipality_id: int) -> None:
    """Somebody waits for a signature."""
    with tenant(municipality_id):
        sign_due()
