"""Jobs of the matching room."""

from procrastinate.contrib.django import app

from kyojo.civic.municipalities.models import Municipality

from .services import town_lapse


@app.periodic(cron="* * * * *")
@app.task(name="matching.offers_lapse_due", queueing_lock="matching.offers_lapse_due")
def offers_lapse_due(timestamp: int = 0) -> None:
    """Every minute, town by town, each question in a transaction of its own. Two at once do no
    harm: every question is looked at again under its lock."""
    for code in Municipality.objects.order_by("id").values_list("id", flat=True):
        town_lapse(municipality_id=code)
