"""The demo's two towns clear with each other: every month that is over was closed in the next.

The last one waits for the officers who try the demo. The earlier ones are settled in the full town
only: ``demo --check`` plays in the small one and reads what has gathered in the clearing accounts.
"""

from datetime import date, timedelta

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes import clearing
from kyojo.civic.programmes.models import ClearingSettlement
from kyojo.kernel import clock
from kyojo.ledger.clearing_domain import month_after, month_of

from .demo_town_cast import KITA, MIDORI
from .demo_town_history import Agenda
from .demo_town_people import People

#: The coins alone are settled: the programme buys nothing for cash, and neither do the towns.
YEN_PER_COIN = 0


def clearing_add(agenda: Agenda, town: People, start: date, *, settled: bool) -> None:
    """Put the closing of each month since ``start`` on the agenda, and what officers did then."""
    now = clock.now()
    this_month = month_of(now)
    month = start.replace(day=1)
    while (closing := clock.at(following := month_after(month), 3, 20)) <= now:
        agenda.add(closing, months_close)
        if settled and following < this_month:
            first = _workday(following + timedelta(days=3))
            second = _workday(first + timedelta(days=1))
            third = _workday(second + timedelta(days=1))
            agenda.add(clock.at(first, 10, 40), lambda: _agree(town, KITA))
            agenda.add(clock.at(second, 14), lambda: _agree(town, MIDORI))
            agenda.add(clock.at(third, 9, 15), lambda: _settle(town))
        month = following


def _workday(day: date) -> date:
    """``day``, or the Monday after it."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)


def months_close() -> None:
    """What the worker's job does in the first night of a month."""
    with tenant(KITA):
        clearing.clearing_propose_due(counterpart_id=MIDORI)


def _agree(town: People, code: int) -> None:
    with tenant(code):
        for one in ClearingSettlement.objects.filter(state="proposed"):
            clearing.clearing_agree(
                uid=one.uid,
                by=town.ground.staff[code, "officer"],
                statement_hash=one.statement_hash,
                yen_per_coin=YEN_PER_COIN,
            )


def _settle(town: People) -> None:
    with tenant(KITA):
        for one in ClearingSettlement.objects.filter(state="agreed"):
            clearing.clearing_settle(uid=one.uid, by=town.ground.staff[KITA, "officer"])
