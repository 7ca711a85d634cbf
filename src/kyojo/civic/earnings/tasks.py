"""Jobs of the earnings room. Arguments are ids only; each job opens its own tenancy."""

from datetime import timedelta

from procrastinate.contrib.django import app

from kyojo.civic.municipalities.rounds import towns_each, within
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import User
from kyojo.kernel import clock

from .errors import YearClosed
from .models import Redemption
from .services import ending_tell
from .services import year_close as service

#: Bank accounts are kept this long after the money was paid, for a transfer that comes back.
PAYEE_KEPT_DAYS = 365


@app.task(name="earnings.year_close", queue="default")
def year_close(
    *, municipality_id: int, programme_code: str, fiscal_year: int, by_id: int | None = None
) -> None:
    """Close a programme's fiscal year, once."""
    with tenant(municipality_id):
        try:
            service(
                programme_code=programme_code,
                fiscal_year=fiscal_year,
                by=User.objects.filter(pk=by_id).first(),
            )
        except YearClosed:
            return  # ordered twice


@app.periodic(cron="40 15 * * *")
@app.task(name="earnings.payees_purge", queueing_lock="earnings.payees_purge")
def payees_purge(timestamp: int = 0) -> None:
    """Every night: bank accounts of what was paid a year ago, or never will be, are erased."""
    towns_each(within(_payees_purge), job="payees_purge")


def _payees_purge() -> None:
    before = clock.now() - timedelta(days=PAYEE_KEPT_DAYS)
    State = Redemption.State  # noqa: N806 - an enum's name
    kept = Redemption.objects.filter(payee_encrypted__isnull=False)
    kept.filter(state=State.DONE, done_at__lt=before).update(payee_encrypted=None)
    kept.filter(state__in=(State.REFUSED, State.CANCELLED)).update(payee_encrypted=None)


@app.periodic(cron="35 0 * * *")
@app.task(name="earnings.units_end_tell", queueing_lock="earnings.units_end_tell")
def units_end_tell(timestamp: int = 0) -> None:
    """Every day at 9:35 in Japan: who has points, stamps, tickets or hours that end soon hears it,
    twice before the day."""
    towns_each(lambda code: ending_tell(municipality_id=code), job="units_end_tell")
