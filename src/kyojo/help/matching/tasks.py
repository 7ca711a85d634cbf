"""Jobs of the matching room."""

from procrastinate.contrib.django import app

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant

from .services import offers_lapse


@app.periodic(cron="* * * * *")
@app.task(name="matching.offers_lapse_due", queueing_lock="matching.offers_lapse_due")
def offers_lapse_due(timestamp: int = 0) -> None:
    """Every minute, town by town, each in its own transaction. Two at once do no harm: every
    question is looked at again under its lock."""
    for code in Municipality.objects.order_by("id").values_list("id", flat=True):
        with tenant(code):
            offers_lapse()
