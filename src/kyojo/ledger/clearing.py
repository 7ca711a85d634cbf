"""Clearing between two ledgers: where a ledger stands, what moved, and settling a month.

Reading is of one ledger, inside ``tenancy.tenant(ledger)``: whoever compares both sides opens both
towns, one after the other. ``settle`` writes both ledgers in one linked call and needs no tenant.
What an officer agrees to and when lies above this room.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from .clearing_domain import Movement, Pair, Position, settlement_legs
from .selectors import _require_scope, balances
from .services import legs_execute
from .types import COIN, Result, TransferCode


def positions(*, ledger: int, counterparts: Iterable[int], currency: str = COIN) -> list[Position]:
    """Where ``ledger`` stands with each of ``counterparts`` it has ever cleared with, in order.

    The ledger knows clearing accounts by derived ids only, so the caller names the ledgers there
    are. Raises ``RuntimeError`` outside ``tenant(ledger)``.
    """
    others = {
        Pair.of(ledger, other, currency).account(ledger): other
        for other in sorted(set(counterparts) - {ledger})
    }
    found = balances(ledger=ledger, accounts=others)
    return [
        Position(
            ledger=ledger,
            counterpart=other,
            currency=currency,
            given=found[account].credits_posted,
            received=found[account].debits_posted,
            given_held=found[account].credits_pending,
            received_held=found[account].debits_pending,
        )
        for account, other in others.items()
        if account in found
    ]


MOVED = """
    FROM ledger_transfer t
    WHERE t.ledger = %(ledger)s AND (t.debit = %(account)s OR t.credit = %(account)s)
        AND t.kind IN ('plain', 'post') AND t.code <> %(settlement)s
        AND t.at < %(until)s AND (%(since)s::timestamptz IS NULL OR t.at >= %(since)s)
"""


def movements(
    *, pair: Pair, ledger: int, until: datetime, since: datetime | None = None
) -> list[Movement]:
    """What moved between the pair from ``since`` until before ``until``, as ``ledger`` has it.

    By the business time ``at``, in its order. A hold is no movement, its post is one, at the
    post's time; settlements are none. Raises ``RuntimeError`` outside ``tenant(ledger)``.
    """
    other = pair.counterpart(ledger)
    rows = _moved(
        "SELECT t.id, t.at, t.credit = %(account)s, t.amount, t.code, t.reference,"
        f" t.correction_of IS NOT NULL {MOVED} ORDER BY t.at, t.id",
        pair=pair,
        ledger=ledger,
        since=since,
        until=until,
    )
    return [
        Movement(
            transfer=transfer,
            at=at,
            payer=ledger if gives else other,
            payee=other if gives else ledger,
            amount=amount,
            code=code,
            reference=reference,
            corrects=corrects,
        )
        for transfer, at, gives, amount, code, reference, corrects in rows
    ]


def movement_count(*, pair: Pair, ledger: int, until: datetime) -> int:
    """How many movements of the pair there are before ``until``. Rows are never deleted, so a
    statement that has as many has all of them. Raises ``RuntimeError`` outside
    ``tenant(ledger)``."""
    rows = _moved(f"SELECT count(*) {MOVED}", pair=pair, ledger=ledger, since=None, until=until)
    return int(rows[0][0])


def settled(*, pair: Pair, ledger: int, month: date) -> int:
    """What was settled for ``month`` as ``ledger`` has it: positive was owed to it, negative by
    it, 0 if nothing was. Raises ``RuntimeError`` outside ``tenant(ledger)``."""
    _require_scope(ledger)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(CASE WHEN credit = %s THEN amount ELSE -amount END), 0)::bigint"
            " FROM ledger_transfer WHERE ledger = %s AND id = %s",
            [pair.account(ledger), ledger, pair.leg_id(month, ledger)],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def settle(
    *, pair: Pair, month: date, debtor: int, amount: int, accounts: Mapping[int, UUID]
) -> list[Result]:
    """Settle ``amount`` coins that ``debtor`` owes the other of the pair for ``month``.

    One linked call over both ledgers: both sides or none (``settlement_legs`` has the
    directions). The ids derive from pair and month: again, or from both towns at once, it
    happens once and answers ``exists``. An amount of 0 moves nothing.

    Raises ``LedgerRefusal``: an account that is missing, closed or of another currency; the month
    settled before with another amount, direction or account (``exists_with_different_…``).
    """
    if amount == 0:
        return []
    return legs_execute(
        legs=settlement_legs(
            pair=pair, month=month, debtor=debtor, amount=amount, accounts=accounts
        )
    )


def _moved(
    statement: str, *, pair: Pair, ledger: int, since: datetime | None, until: datetime
) -> list[tuple[Any, ...]]:
    _require_scope(ledger)
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "ledger": ledger,
                "account": pair.account(ledger),
                "settlement": int(TransferCode.CLEARING),
                "since": since,
                "until": until,
            },
        )
        return list(cursor.fetchall())
