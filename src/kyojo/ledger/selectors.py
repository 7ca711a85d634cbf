"""What may be read of the ledger: one municipality's, inside ``tenancy.tenant(ledger)``.

Row-level security shows only the ledger that the transaction names in ``app.municipality``; all
others look empty. A selector asked for another ledger than that raises ``RuntimeError`` instead of
answering with zeros.

Which figure is which, and of what time, is told in ``docs/reference/ledger-time.md``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q, Sum

from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from . import domain, history
from .models import Account, Transfer
from .models import Balance as BalanceRow
from .types import Balance, Entry, Flag, Kind, Total


@dataclass(frozen=True)
class DueHold:
    """A hold whose time has come and that no row has ended yet."""

    id: UUID
    debit: UUID
    credit: UUID
    amount: int
    code: int


def balances(*, ledger: int, accounts: Iterable[UUID]) -> dict[UUID, Balance]:
    """The stored balance of each of ``accounts``, over all stripes: what the limits count.

    A hold is in it until a row ends it, also after its time. By account; one that was never
    opened is left out.
    """
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
    """The stored balance of ``account``. Raises ``NotFound`` if it was never opened."""
    found = balances(ledger=ledger, accounts=[account])
    if account not in found:
        raise NotFound()
    return found[account]


def vintage_left(*, ledger: int, currency: str, vintage: int) -> int:
    """What could be swept of ``vintage`` if it ended now: held amounts keep theirs and stay out."""
    _require_scope(ledger)
    accounts = Account.objects.filter(ledger=ledger, currency=currency, vintage=vintage)
    sums = BalanceRow.objects.filter(ledger=ledger, account__in=accounts.values("id")).aggregate(
        left=Sum(F("credits_posted") - F("debits_posted") - F("debits_pending"))
    )
    return int(sums["left"] or 0)


def balances_now(*, ledger: int, accounts: Iterable[UUID]) -> dict[UUID, Balance]:
    """What is each account's by the clock: stored, but a hold whose time has come is back.

    What people are told they can spend. It is more than the limits allow as long as a due hold
    (``holds_due``) was not ended; whoever spends it ends those holds in the same call.
    """
    found = balances(ledger=ledger, accounts=accounts)
    for hold in holds_due(ledger=ledger, balances=found.values()):
        if hold.debit in found:
            one = found[hold.debit]
            found[hold.debit] = replace(one, debits_pending=one.debits_pending - hold.amount)
        if hold.credit in found:
            one = found[hold.credit]
            found[hold.credit] = replace(one, credits_pending=one.credits_pending - hold.amount)
    return found


HOLDS_DUE = """
    SELECT h.id, h.debit, h.credit, h.amount, h.code
    FROM ledger_transfer h
    WHERE h.ledger = %(ledger)s AND h.timeout_at <= %(now)s
        AND (h.debit = ANY (%(accounts)s::uuid[]) OR h.credit = ANY (%(accounts)s::uuid[]))
        AND NOT EXISTS (
            SELECT FROM ledger_transfer r WHERE r.ledger = %(ledger)s AND r.pending_id = h.id
        )
    ORDER BY h.timeout_at, h.id
"""


def holds_due(*, ledger: int, balances: Iterable[Balance]) -> list[DueHold]:
    """The holds from or to these accounts whose time has come and that no row has ended yet.

    The earliest first. Only accounts with something pending are looked at.
    """
    _require_scope(ledger)
    accounts = [b.account for b in balances if b.debits_pending or b.credits_pending]
    if not accounts:
        return []
    rows = _rows(HOLDS_DUE, {"ledger": ledger, "accounts": accounts, "now": clock.now()})
    return [DueHold(*row) for row in rows]


def holds_ended(*, ledger: int, holds: Iterable[UUID]) -> set[UUID]:
    """Which of these holds a row has ended: handed over, given back or run out."""
    _require_scope(ledger)
    rows = Transfer.objects.filter(ledger=ledger, pending_id__in=list(holds))
    return {ended for ended in rows.values_list("pending_id", flat=True) if ended is not None}


BALANCES_AT = """
    WITH side AS (
        SELECT t.debit AS account, false AS receives, t.id, t.amount, t.kind, t.timeout_at
        FROM ledger_transfer t
        WHERE t.ledger = %(ledger)s AND t.debit = ANY (%(accounts)s::uuid[]) AND t.at <= %(at)s
        UNION ALL
        SELECT t.credit, true, t.id, t.amount, t.kind, t.timeout_at
        FROM ledger_transfer t
        WHERE t.ledger = %(ledger)s AND t.credit = ANY (%(accounts)s::uuid[]) AND t.at <= %(at)s
    ), counted AS (
        SELECT s.account, s.receives, s.amount, s.kind <> 'hold' AS posted
        FROM side s
        -- From its time on a hold can only expire, so whether the row was written matters not.
        LEFT JOIN ledger_transfer r ON s.kind = 'hold' AND r.ledger = %(ledger)s
            AND r.pending_id = s.id AND r.kind <> 'expire' AND r.at <= %(at)s
        WHERE s.kind IN ('plain', 'post') OR s.kind = 'hold' AND r.id IS NULL
            AND (s.timeout_at IS NULL OR s.timeout_at > least(%(at)s, %(now)s))
    )
    SELECT a.id,
        coalesce(sum(c.amount) FILTER (WHERE NOT c.receives AND NOT c.posted), 0)::bigint,
        coalesce(sum(c.amount) FILTER (WHERE NOT c.receives AND c.posted), 0)::bigint,
        coalesce(sum(c.amount) FILTER (WHERE c.receives AND NOT c.posted), 0)::bigint,
        coalesce(sum(c.amount) FILTER (WHERE c.receives AND c.posted), 0)::bigint
    FROM ledger_account a LEFT JOIN counted c ON c.account = a.id
    WHERE a.ledger = %(ledger)s AND a.id = ANY (%(accounts)s::uuid[])
    GROUP BY a.id
"""


def balances_at(*, ledger: int, accounts: Iterable[UUID], at: datetime) -> dict[UUID, Balance]:
    """The balance of each account as of ``at`` by the application's clock, ``at`` included.

    Computed from the transfers with ``Transfer.at`` up to then, whenever they were written; so
    debits equal credits as of any moment, and an answer about the past never changes. A hold
    counts as returned from its ``timeout_at`` on, whether or not the sweep had come; one whose
    time is still to come is held, also when ``at`` lies ahead. An account that was never opened
    is left out; before its opening an account has nothing.
    """
    _require_scope(ledger)
    now = clock.now()
    flags = accounts_flags(ledger=ledger, accounts=accounts)
    kept = [account for account, flag in flags.items() if Flag.HISTORY in flag]
    found = history.balances_of(ledger=ledger, accounts=kept, at=at, now=now) if kept else {}
    added_up = list(flags.keys() - found.keys())
    if added_up:
        asked = {"ledger": ledger, "accounts": added_up, "at": at, "now": now}
        found |= {row[0]: Balance(*row) for row in _rows(BALANCES_AT, asked)}
    return found


def account_flags(*, ledger: int, account: UUID) -> Flag:
    """The flags of ``account``. Raises ``NotFound`` if it was never opened."""
    found = accounts_flags(ledger=ledger, accounts=[account])
    if account not in found:
        raise NotFound()
    return found[account]


def accounts_flags(*, ledger: int, accounts: Iterable[UUID]) -> dict[UUID, Flag]:
    """The flags of each of ``accounts``, by account; one that was never opened is left out."""
    _require_scope(ledger)
    rows = Account.objects.filter(ledger=ledger, id__in=list(accounts)).values_list("id", "flags")
    return {account: Flag(flags) for account, flags in rows}


#: ``at`` of an expiry is its hold's ``timeout_at``: when the coins were free, not when the sweep
#: came. The last part speaks of the holds whose time has come and that no sweep has met.
STATEMENT = """
    WITH entry AS (
        SELECT a.account, false AS receives, t.*
        FROM unnest(%(accounts)s::uuid[]) a (account), LATERAL (
            SELECT t.id, t.debit, t.credit, t.kind, t.code, t.amount, t.pending_id, t.reference,
                t.written_at, h.amount AS held,
                CASE WHEN t.kind = 'expire' THEN h.timeout_at ELSE t.at END AS at
            FROM ledger_transfer t
            LEFT JOIN ledger_transfer h ON h.ledger = %(ledger)s AND h.id = t.pending_id
            WHERE t.ledger = %(ledger)s AND t.debit = a.account AND {within}
            ORDER BY t.written_at DESC, t.id DESC LIMIT %(reach)s
        ) t
        UNION ALL
        SELECT a.account, true, t.*
        FROM unnest(%(accounts)s::uuid[]) a (account), LATERAL (
            SELECT t.id, t.debit, t.credit, t.kind, t.code, t.amount, t.pending_id, t.reference,
                t.written_at, h.amount,
                CASE WHEN t.kind = 'expire' THEN h.timeout_at ELSE t.at END
            FROM ledger_transfer t
            LEFT JOIN ledger_transfer h ON h.ledger = %(ledger)s AND h.id = t.pending_id
            WHERE t.ledger = %(ledger)s AND t.credit = a.account AND {within}
            ORDER BY t.written_at DESC, t.id DESC LIMIT %(reach)s
        ) t
        UNION ALL
        SELECT a.account, h.credit = a.account, NULL, h.debit, h.credit, 'expire', h.code,
            h.amount, h.id, NULL, NULL, h.amount, h.timeout_at
        FROM ledger_transfer h
        JOIN unnest(%(accounts)s::uuid[]) a (account) ON a.account IN (h.debit, h.credit)
        WHERE h.ledger = %(ledger)s AND h.id = ANY (%(due)s::uuid[])
            AND h.timeout_at >= %(since)s AND h.timeout_at < %(until)s
    ), change AS (
        SELECT e.*,
            CASE WHEN e.kind NOT IN ('plain', 'post') THEN 0
                 WHEN e.receives THEN e.amount ELSE -e.amount END AS moved,
            CASE WHEN e.receives AND e.kind IN ('plain', 'post') THEN e.amount
                 WHEN e.receives THEN 0
                 WHEN e.kind IN ('plain', 'hold') THEN -e.amount
                 WHEN e.kind = 'post' THEN e.held - e.amount
                 ELSE e.held END AS freed
        FROM entry e
    )
    SELECT c.id, c.account, CASE WHEN c.receives THEN c.debit ELSE c.credit END, c.at, c.kind,
        c.code, c.amount, c.moved, c.freed,
        (%(owned)s - coalesce(sum(c.moved) OVER later, 0))::bigint,
        (%(available)s - coalesce(sum(c.freed) OVER later, 0))::bigint,
        c.pending_id, c.reference
    FROM change c
    WINDOW later AS (
        ORDER BY c.at DESC, c.written_at DESC, c.id DESC, c.pending_id DESC, c.receives DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
    ORDER BY c.at DESC, c.written_at DESC, c.id DESC, c.pending_id DESC, c.receives DESC
    LIMIT %(limit)s
"""
#: Left out where there is no bound: the newest lines then come straight from the index.
WITHIN = """
    CASE WHEN t.kind = 'expire' THEN h.timeout_at ELSE t.at END >= %(since)s
    AND CASE WHEN t.kind = 'expire' THEN h.timeout_at ELSE t.at END < %(until)s
"""
#: The index gives lines in the order of writing, a statement has them in the order of ``at``: an
#: expiry, written minutes after its time, must not push a newer line out. So more are looked at.
OVERTAKEN = 100
BEGINNING, END = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def statement(
    *,
    ledger: int,
    accounts: Sequence[UUID],
    limit: int | None = 100,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Entry]:
    """The movements of ``accounts`` taken together, newest first, at most ``limit`` (None: all).

    From ``since`` until before ``until`` by the application's clock (None: no bound). A person's
    accounts (one per vintage) read as one: ``Entry.balance`` and ``Entry.available`` are of all
    of them after the entry, the newest as ``balances_at`` just before ``until`` says (``None``:
    as ``balances_now``). A transfer between two of them is two entries.

    An expiry stands at its hold's ``timeout_at``, also before the sweep has written it: then
    with the id that the sweep will give it. Lines of one moment are in the order of writing.
    """
    _require_scope(ledger)
    accounts = list(dict.fromkeys(accounts))
    due = holds_due(ledger=ledger, balances=balances(ledger=ledger, accounts=accounts).values())
    if until is None:
        closing = balances_now(ledger=ledger, accounts=accounts)
    else:
        closing = balances_at(ledger=ledger, accounts=accounts, at=until - MOMENT)
    unbounded = since is None and until is None
    rows = _rows(
        STATEMENT.replace("{within}", "true" if unbounded else WITHIN),
        {
            "ledger": ledger,
            "accounts": accounts,
            "limit": limit,
            "reach": None if limit is None else limit + OVERTAKEN,
            "due": [hold.id for hold in due],
            "since": since or BEGINNING,
            "until": until or END,
            "owned": sum(one.posted for one in closing.values()),
            "available": sum(one.available for one in closing.values()),
        },
    )
    # What has no id yet is an expiry (row[11] its hold) that the sweep has still to write.
    return [
        Entry(*(row[0] or domain.expiry_id(row[11]), *row[1:4], Kind(row[4]), *row[5:]))
        for row in rows
    ]


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


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


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
