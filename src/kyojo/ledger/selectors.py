"""What may be read of the ledger: one municipality's, inside ``tenancy.tenant(ledger)``.

Row-level security shows only the ledger that the transaction names in ``app.municipality``; all
others look empty. A selector asked for another ledger than that raises ``RuntimeError`` instead of
answering with zeros.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, Sum

from kyojo.kernel.errors import NotFound

from .models import Account, Transfer
from .models import Balance as BalanceRow
from .types import Balance, Entry, Flag, Kind, Total


def balances(*, ledger: int, accounts: Iterable[UUID]) -> dict[UUID, Balance]:
    """The balance of each of ``accounts``, by account; one that was never opened is left out."""
    _require_scope(ledger)
    rows = (
        BalanceRow.objects.filter(ledger=ledger, account__in=list(accounts))
        .values_list("account")
        .annotate(
            Sum("debits_pending"),
            Sum("debits_posted"),
            Sum("credits_pending"),
            Sum("credits_posted"),
        )
    )
    return {row[0]: Balance(row[0], *map(int, row[1:])) for row in rows}


def balance(*, ledger: int, account: UUID) -> Balance:
    """The balance of ``account``. Raises ``NotFound`` if it was never opened."""
    found = balances(ledger=ledger, accounts=[account])
    if account not in found:
        raise NotFound()
    return found[account]


def account_flags(*, ledger: int, account: UUID) -> Flag:
    """The flags of ``account``. Raises ``NotFound`` if it was never opened."""
    _require_scope(ledger)
    flags = Account.objects.filter(ledger=ledger, id=account).values_list("flags", flat=True)
    if not flags:
        raise NotFound()
    return Flag(flags[0])


STATEMENT = """
    WITH entry AS (
        SELECT a.account, false AS receives, t.*
        FROM unnest(%(accounts)s::uuid[]) a (account), LATERAL (
            SELECT * FROM ledger_transfer t WHERE t.ledger = %(ledger)s AND t.debit = a.account
            ORDER BY t.written_at DESC, t.id DESC LIMIT %(limit)s
        ) t
        UNION ALL
        SELECT a.account, true, t.*
        FROM unnest(%(accounts)s::uuid[]) a (account), LATERAL (
            SELECT * FROM ledger_transfer t WHERE t.ledger = %(ledger)s AND t.credit = a.account
            ORDER BY t.written_at DESC, t.id DESC LIMIT %(limit)s
        ) t
    ), change AS (
        SELECT e.*,
            CASE WHEN e.kind NOT IN ('plain', 'post') THEN 0
                 WHEN e.receives THEN e.amount ELSE -e.amount END AS moved,
            CASE WHEN e.receives AND e.kind IN ('plain', 'post') THEN e.amount
                 WHEN e.receives THEN 0
                 WHEN e.kind IN ('plain', 'hold') THEN -e.amount
                 WHEN e.kind = 'post' THEN h.amount - e.amount
                 ELSE h.amount END AS freed
        FROM entry e
        LEFT JOIN ledger_transfer h ON h.ledger = %(ledger)s AND h.id = e.pending_id
    ), total AS (
        SELECT coalesce(sum(credits_posted - debits_posted), 0) AS owned,
               coalesce(sum(credits_posted - debits_posted - debits_pending), 0) AS available
        FROM ledger_balance WHERE ledger = %(ledger)s AND account = ANY (%(accounts)s::uuid[])
    )
    SELECT c.id, c.account, CASE WHEN c.receives THEN c.debit ELSE c.credit END, c.at, c.kind,
        c.code, c.amount, c.moved, c.freed,
        (total.owned - coalesce(sum(c.moved) OVER later, 0))::bigint,
        (total.available - coalesce(sum(c.freed) OVER later, 0))::bigint,
        c.pending_id, c.reference
    FROM change c, total
    WINDOW later AS (
        ORDER BY c.written_at DESC, c.id DESC, c.receives DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
    ORDER BY c.written_at DESC, c.id DESC, c.receives DESC
    LIMIT %(limit)s
"""


def statement(*, ledger: int, accounts: Sequence[UUID], limit: int | None = 100) -> list[Entry]:
    """The movements of ``accounts`` taken together, newest first, at most ``limit`` (None: all).

    A person's accounts (one per vintage) read as one: ``Entry.balance`` and ``Entry.available``
    are of all of them after the entry. A transfer between two of them is two entries.
    """
    _require_scope(ledger)
    with connection.cursor() as cursor:
        cursor.execute(
            STATEMENT,
            {"ledger": ledger, "accounts": list(dict.fromkeys(accounts)), "limit": limit},
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return [Entry(*(*row[:4], Kind(row[4]), *row[5:])) for row in rows]


def totals_by_code(
    *,
    ledger: int,
    since: datetime,
    until: datetime,
    code: int | None = None,
    debited: Iterable[UUID] | None = None,
    credited: Iterable[UUID] | None = None,
) -> dict[int, Total]:
    """What was moved (plain and post) from ``since`` until before ``until``, by transfer code.

    ``debited`` and ``credited`` count only movements out of, into, these accounts.
    """
    _require_scope(ledger)
    wanted = Q(ledger=ledger, at__gte=since, at__lt=until, kind__in=(Kind.PLAIN, Kind.POST))
    if code is not None:
        wanted &= Q(code=code)
    if debited is not None:
        wanted &= Q(debit__in=list(debited))
    if credited is not None:
        wanted &= Q(credit__in=list(credited))
    rows = (
        Transfer.objects.filter(wanted)
        .values_list("code")
        .annotate(Count("id"), Sum("amount"))
        .order_by("code")
    )
    return {number: Total(number, count, int(amount)) for number, count, amount in rows}


def _require_scope(ledger: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nullif(current_setting('app.municipality', true), '')")
        row = cursor.fetchone()
    scope = row[0] if row else None
    if scope != str(ledger):
        raise RuntimeError(
            f"ledger {ledger} was asked for, but the transaction reads municipality {scope}: "
            f"wrap the call in tenancy.tenant({ledger})"
        )
