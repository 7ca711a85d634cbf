"""Figures of the past read from ``ledger_history`` where it can answer, instead of added up.

An account with the flag HISTORY has a row per transfer with the sums after it, in the order of
writing. The figures as of a moment are those of the last row of that moment or before, if the order
of the application's clock and the order of writing agree there: no transfer of later was written
before it, none of earlier after it. Where calls overlapped, or a demo's clock was set back, they
may not, and the figures are added up from the transfers as for any other account (``selectors``).
So the cost is that of the transfers after the moment, where adding up costs those before it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from .types import Balance

LAST = """
    SELECT a.account, h.debits_pending, h.debits_posted, h.credits_pending, h.credits_posted
    FROM unnest(%(accounts)s::uuid[]) a (account), LATERAL (
        SELECT * FROM ledger_history h
        WHERE h.ledger = %(ledger)s AND h.account = a.account AND h.at <= %(at)s
        ORDER BY h.at DESC, h.written_at DESC LIMIT 1
    ) h
    -- Each of the three is a walk along an index from the moment on; an EXISTS would be joined.
    WHERE (
        SELECT l.transfer FROM ledger_history l
        WHERE l.ledger = %(ledger)s AND l.account = a.account AND l.at > %(at)s
            AND l.written_at <= h.written_at
        ORDER BY l.at LIMIT 1
    ) IS NULL AND (
        -- Or written in the same moment: nothing says which of the two was last.
        SELECT e.id FROM ledger_transfer e
        WHERE e.ledger = %(ledger)s AND e.debit = a.account AND e.written_at >= h.written_at
            AND e.at <= %(at)s AND e.id <> h.transfer
        ORDER BY e.written_at LIMIT 1
    ) IS NULL AND (
        SELECT e.id FROM ledger_transfer e
        WHERE e.ledger = %(ledger)s AND e.credit = a.account AND e.written_at >= h.written_at
            AND e.at <= %(at)s AND e.id <> h.transfer
        ORDER BY e.written_at LIMIT 1
    ) IS NULL
"""
#: Held in the row that was found, and yet over by then: the sweep came later, or not yet.
OVER = """
    SELECT t.debit, t.credit, t.amount FROM ledger_transfer t
    WHERE t.ledger = %(ledger)s AND t.timeout_at <= least(%(at)s, %(now)s) AND t.at <= %(at)s
        AND (t.debit = ANY (%(accounts)s::uuid[]) OR t.credit = ANY (%(accounts)s::uuid[]))
        AND NOT EXISTS (
            SELECT FROM ledger_transfer r
            WHERE r.ledger = %(ledger)s AND r.pending_id = t.id AND r.at <= %(at)s
        )
"""


def balances_of(
    *, ledger: int, accounts: Sequence[UUID], at: datetime, now: datetime
) -> dict[UUID, Balance]:
    """The balances as of ``at`` of those ``accounts`` whose history can tell them.

    ``now``: no later ``timeout_at`` counts as come. As ``selectors.balances_at``.
    """
    asked: dict[str, Any] = {"ledger": ledger, "at": at, "now": now}
    sums = {row[0]: list(row[1:]) for row in _rows(LAST, asked | {"accounts": list(accounts)})}
    pending = [account for account, (dp, _, cp, _) in sums.items() if dp or cp]
    if pending:
        for debit, credit, amount in _rows(OVER, asked | {"accounts": pending}):
            if debit in sums:
                sums[debit][0] -= amount
            if credit in sums:
                sums[credit][2] -= amount
    return {account: Balance(account, *four) for account, four in sums.items()}


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
