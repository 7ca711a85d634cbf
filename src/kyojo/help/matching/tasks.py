"""Jobs of the matching room."""

from procrastinate.contrib.django import app

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant

from . import live
from .services import acceptance_train, asks_purge, searches_look_due, town_lapse


@app.periodic(cron="* * * * *")
@app.task(name="matching.offers_lapse_due", queueing_lock="matching.offers_lapse_due")
def offers_lapse_due(timestamp: int = 0) -> None:
    """Every minute, town by town, each question in a transaction of its own. Two at once do no
    harm: every question is looked at again under its lock."""
    for code in Municipality.objects.order_by("id").values_list("id", flat=True):
        town_lapse(municipality_id=code)


@app.periodic(cron="* * * * *")
@app.task(name="matching.searches_look", queueing_lock="matching.searches_look")
def searches_look(timestamp: int = 0) -> None:
    """Every minute: the next wave of each request whose time has come."""
    for code in Municipality.objects.order_by("id").values_list("id", flat=True):
        searches_look_due(municipality_id=code)


@app.periodic(cron="35 3 * * *")
@app.task(name="matching.changes_purge", queueing_lock="matching.changes_purge")
def changes_purge(timestamp: int = 0) -> None:
    """Every night: notes of changes that every process has read."""
    for code in Municipality.objects.order_by("id").values_list("id", flat=True):
        with tenant(code):
            live.changes_purge()


@app.periodic(cron="50 3 * * 1")
@app.task(name="matching.acceptance_train", queueing_lock="matching.acceptance_train")
def acceptance_trained(timestamp: int = 0) -> None:
    """Every week: who says yes, learned anew in each town; and the log of long ago dropped."""
    for code in Municipality.objects.order_by("id").values_list("id", flat=True):
        with tenant(code):
            asks_purge()
            acceptance_train()
