"""Do the towns' settlements say what the ledgers say? Everything is computed again.

Past the walls somebody may have changed a row, a line or a trigger. Each finding names the month.
"""

from collections.abc import Iterator

from django.db import connection

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.ledger import clearing as ledger
from kyojo.ledger.clearing_domain import Pair, Statement, month_bounds

from .clearing import statement_of
from .models import ClearingSettlement

State = ClearingSettlement.State
TRIGGERS = ("programmes_clearing_one_way", "programmes_clearing_line_append_only")


def clearing_check() -> list[str]:
    """One sentence for each thing that is wrong; empty when all is well."""
    found = list(_triggers_missing())
    for code in Municipality.objects.order_by("id").values_list("id", flat=True):
        with tenant(code):
            for settlement in ClearingSettlement.objects.order_by("counterpart_id", "month"):
                named = f"clearing {code} with {settlement.counterpart_id} {settlement.month:%Y-%m}"
                found += [f"{named}: {problem}" for problem in _problems(settlement)]
    return found


def _problems(settlement: ClearingSettlement) -> Iterator[str]:
    here = current()
    pair = Pair.of(here, settlement.counterpart_id, settlement.currency)
    if settlement.uid != pair.settlement_id(settlement.month):
        yield "its id is not the pair's and month's"
    try:
        statement = statement_of(settlement)
    except ValueError as error:
        yield f"a line does not belong to it: {error}"
        return
    if _said(settlement) != _computed(statement, here):
        yield "its figures are not those of its lines"
    yield from _lines_unknown(statement, here)
    settled = ledger.settled(pair=pair, ledger=here, month=settlement.month)
    over = settlement.state in (State.SETTLED, State.PAID)
    if settled != (statement.net(here) if over else 0):
        yield f"it is {settlement.state}, and the ledger settled {settled}"
    with tenant(settlement.counterpart_id):
        twin = ClearingSettlement.objects.filter(uid=settlement.uid).first()
    same = ("state", "debtor_id", "amount", "line_count", "statement_hash", "yen_per_coin")
    if twin is None or any(getattr(twin, name) != getattr(settlement, name) for name in same):
        yield "the other town's row says something else"


def _said(settlement: ClearingSettlement) -> tuple[object, ...]:
    return (
        settlement.statement_hash,
        settlement.given,
        settlement.received,
        settlement.debtor_id,
        settlement.amount,
        settlement.line_count,
    )


def _computed(statement: Statement, here: int) -> tuple[object, ...]:
    return (
        statement.hash,
        statement.given(here),
        statement.given(statement.pair.counterpart(here)),
        statement.debtor,
        statement.amount,
        len(statement.movements),
    )


def _lines_unknown(statement: Statement, here: int) -> Iterator[str]:
    """Lines that are no movement of the ledger, or not that movement."""
    if not statement.movements:
        return
    movements = ledger.movements(
        pair=statement.pair,
        ledger=here,
        since=min(line.at for line in statement.movements),
        until=month_bounds(statement.month)[1],
    )
    known = {movement.transfer: movement for movement in movements}
    for line in statement.movements:
        if known.get(line.transfer) != line:
            yield f"the ledger has no movement like its line {line.transfer}"


def _triggers_missing() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        kept = {row[0] for row in cursor.fetchall()}
    for name in TRIGGERS:
        if name not in kept:
            yield f"clearing: the trigger {name} is gone or off"
