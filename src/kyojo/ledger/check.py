"""Is the ledger still true? Everything is computed again from the transfers, in SQL.

Run as the owner of the tables (``./kyojo check`` does): row-level security would hide what the
check is to look at. Each rule is one statement, so it sees one moment of a running system.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from .domain import clearing_account_id
from .log.check import check as log_check
from .types import AccountCode, Problem

#: At most this many rows are named for one rule.
NAMED_ROWS = 100

#: rule → statement giving (ledger, row, detail); %(ledgers)s is an array, or null for all.
RULES: dict[str, str] = {
    "balance_is_sum_of_transfers": """
        WITH h AS (
            SELECT ledger, id, amount FROM ledger_transfer WHERE kind = 'hold'
        ), movement AS (
            SELECT t.ledger, t.debit, t.credit,
                CASE WHEN t.kind = 'hold' THEN t.amount ELSE -coalesce(h.amount, 0) END AS pending,
                CASE WHEN t.kind IN ('plain', 'post') THEN t.amount ELSE 0 END AS posted
            FROM ledger_transfer t
            LEFT JOIN h ON h.ledger = t.ledger AND h.id = t.pending_id
            WHERE t.ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL
        ), side AS (
            SELECT ledger, debit AS account, sum(pending) AS dp, sum(posted) AS dd,
                   0 AS cp, 0 AS cc FROM movement GROUP BY 1, 2
            UNION ALL
            SELECT ledger, credit, 0, 0, sum(pending), sum(posted) FROM movement GROUP BY 1, 2
        ), wanted AS (
            SELECT ledger, account, sum(dp) AS dp, sum(dd) AS dd, sum(cp) AS cp, sum(cc) AS cc
            FROM side GROUP BY 1, 2
        ), stored AS (
            SELECT ledger, account, sum(debits_pending) AS dp, sum(debits_posted) AS dd,
                   sum(credits_pending) AS cp, sum(credits_posted) AS cc
            FROM ledger_balance
            WHERE ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL
            GROUP BY 1, 2
        )
        SELECT ledger, 'account ' || account, format(
            'debits_pending %%s, debits_posted %%s, credits_pending %%s, credits_posted %%s stored;'
            ' the transfers give %%s, %%s, %%s, %%s',
            s.dp, s.dd, s.cp, s.cc,
            coalesce(w.dp, 0), coalesce(w.dd, 0), coalesce(w.cp, 0), coalesce(w.cc, 0))
        FROM stored s FULL JOIN wanted w USING (ledger, account)
        WHERE (s.dp, s.dd, s.cp, s.cc) IS DISTINCT FROM
            (coalesce(w.dp, 0), coalesce(w.dd, 0), coalesce(w.cp, 0), coalesce(w.cc, 0))
    """,
    "debits_equal_credits": """
        SELECT ledger, 'currency ' || a.currency, format(
            'posted debits %%s, credits %%s; pending debits %%s, credits %%s',
            sum(b.debits_posted), sum(b.credits_posted),
            sum(b.debits_pending), sum(b.credits_pending))
        FROM ledger_balance b JOIN ledger_account a USING (ledger)
        WHERE a.id = b.account AND (ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL)
        GROUP BY ledger, a.currency
        HAVING sum(b.debits_posted) <> sum(b.credits_posted)
            OR sum(b.debits_pending) <> sum(b.credits_pending)
    """,
    "limit_is_kept": """
        SELECT ledger, 'account ' || account, format('flags %%s, available %%s',
            bit_or(flags), sum(credits_posted - debits_posted - debits_pending))
        FROM ledger_balance
        WHERE ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL
        GROUP BY ledger, account
        HAVING bit_or(flags) & 1 <> 0
                AND sum(debits_pending) + sum(debits_posted) > sum(credits_posted)
            OR bit_or(flags) & 2 <> 0
                AND sum(credits_pending) + sum(credits_posted) > sum(debits_posted)
    """,
    # Currency and flags of a balance row are the account's; 16 where it is one of several stripes,
    # and 32 on all of them where they are too full for the short ways.
    "balance_belongs_to_account": """
        SELECT ledger, 'account ' || id, format('flags of the account %%s, of its balance rows '
            '%%s; %%s stripes, rows %%s; in %%s, rows in %%s',
            a.flags, b.flags, a.stripes, b.stripes, a.currency, b.currencies)
        FROM (
            SELECT ledger, id, flags, stripes, currency,
                flags | CASE WHEN stripes > 1 THEN 16 ELSE 0 END AS striped
            FROM ledger_account
        ) a
        FULL JOIN (
            SELECT ledger, account AS id, array_agg(DISTINCT flags::int) AS flags,
                array_agg(DISTINCT currency::text) AS currencies,
                array_agg(stripe ORDER BY stripe) AS stripes
            FROM ledger_balance GROUP BY 1, 2
        ) b USING (ledger, id)
        WHERE (b.flags IN (ARRAY[a.striped], ARRAY[a.striped | 32])
                AND b.currencies = ARRAY[a.currency::text]
                AND b.stripes = ARRAY(SELECT generate_series(0, a.stripes - 1)::smallint)
            ) IS NOT TRUE
            AND (ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL)
    """,
    "transfer_between_accounts_of_one_currency": """
        SELECT t.ledger, 'transfer ' || t.id, format('debit %%s has %%s, credit %%s has %%s',
            t.debit, coalesce(d.currency, 'no account'),
            t.credit, coalesce(c.currency, 'no account'))
        FROM ledger_transfer t
        LEFT JOIN ledger_account d ON d.ledger = t.ledger AND d.id = t.debit
        LEFT JOIN ledger_account c ON c.ledger = t.ledger AND c.id = t.credit
        WHERE (d.currency = c.currency) IS NOT TRUE
            AND (t.ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL)
    """,
    "resolution_matches_its_hold": """
        SELECT r.ledger, 'transfer ' || r.id, format('%%s of %%s from %%s to %%s, of the hold %%s: '
            '%%s of %%s from %%s to %%s', r.kind, r.amount, r.debit, r.credit, r.pending_id,
            coalesce(h.kind, 'missing'), h.amount, h.debit, h.credit)
        FROM ledger_transfer r
        LEFT JOIN ledger_transfer h ON h.ledger = r.ledger AND h.id = r.pending_id
        WHERE r.kind NOT IN ('plain', 'hold')
            AND (h.kind = 'hold' AND h.debit = r.debit AND h.credit = r.credit
                AND CASE r.kind WHEN 'post' THEN r.amount <= h.amount
                    ELSE r.amount = h.amount END) IS NOT TRUE
            AND (r.ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL)
    """,
    "hold_is_resolved_in_time": """
        SELECT r.ledger, 'transfer ' || r.id, format('%%s at %%s, the hold %%s ends at %%s',
            r.kind, r.at, h.id, coalesce(h.timeout_at::text, 'no time'))
        FROM ledger_transfer r
        JOIN ledger_transfer h ON h.ledger = r.ledger AND h.id = r.pending_id
        WHERE (r.kind = 'expire' AND (h.timeout_at <= r.at) IS NOT TRUE
                OR r.kind <> 'expire' AND h.timeout_at <= r.at)
            AND (r.ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL)
    """,
    "correction_gives_back_at_most_what_moved": """
        SELECT c.ledger, 'transfer ' || c.correction_of, format('%%s of %%s from %%s to %%s; its '
            'corrections are %%s of %%s in all', coalesce(t.kind, 'missing'), t.amount, t.debit,
            t.credit, array_agg(c.id), sum(c.amount))
        FROM ledger_transfer c
        LEFT JOIN ledger_transfer t ON t.ledger = c.ledger AND t.id = c.correction_of
        WHERE c.correction_of IS NOT NULL
            AND (c.ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL)
        GROUP BY c.ledger, c.correction_of, t.kind, t.amount, t.debit, t.credit
        HAVING (t.kind IN ('plain', 'post') AND sum(c.amount) <= t.amount AND bool_and(
            c.kind = 'plain' AND c.debit = t.credit AND c.credit = t.debit)) IS NOT TRUE
    """,
    # Each row of a history follows from another one (or from nothing) by its transfer alone, and
    # one of them is the balance. That needs no order, so a clock that stepped back is no problem.
    "history_follows_its_transfers": """
        WITH wanted AS (
            SELECT t.ledger, a.id AS account, t.id AS transfer, t.at, t.written_at, t.debit = a.id
                AS gives, CASE t.kind WHEN 'plain' THEN 0 WHEN 'hold' THEN t.amount
                    ELSE -h.amount END AS held,
                CASE WHEN t.kind IN ('plain', 'post') THEN t.amount ELSE 0 END AS moved
            FROM ledger_account a
            JOIN ledger_transfer t ON t.ledger = a.ledger AND a.id IN (t.debit, t.credit)
            LEFT JOIN ledger_transfer h ON h.ledger = t.ledger AND h.id = t.pending_id
            WHERE a.flags & 4 <> 0
                AND (a.ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL)
        ), known AS (
            SELECT r.* FROM ledger_history r
            WHERE r.ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL
        )
        SELECT coalesce(w.ledger, k.ledger), 'history of ' || coalesce(w.account, k.account),
            format('transfer %%s leaves debits %%s + %%s, credits %%s + %%s (pending + posted)',
                coalesce(w.transfer, k.transfer), k.debits_pending, k.debits_posted,
                k.credits_pending, k.credits_posted)
        FROM wanted w FULL JOIN known k USING (ledger, account, transfer)
        WHERE w.account IS NULL OR k.account IS NULL
            OR (w.at, w.written_at) <> (k.at, k.written_at)
            OR NOT EXISTS (
                SELECT FROM known b
                WHERE b.ledger = k.ledger AND b.account = k.account
                    AND b.debits_pending = k.debits_pending - w.held * w.gives::int
                    AND b.debits_posted = k.debits_posted - w.moved * w.gives::int
                    AND b.credits_pending = k.credits_pending - w.held * (NOT w.gives)::int
                    AND b.credits_posted = k.credits_posted - w.moved * (NOT w.gives)::int
            ) AND (k.debits_pending + k.debits_posted + k.credits_pending + k.credits_posted)
                <> w.held + w.moved
        UNION ALL
        SELECT b.ledger, 'history of ' || b.account, 'none of its rows is the balance'
        FROM ledger_balance b
        WHERE EXISTS (SELECT FROM known k WHERE k.ledger = b.ledger AND k.account = b.account)
            AND NOT EXISTS (
                SELECT FROM known k
                WHERE k.ledger = b.ledger AND k.account = b.account
                    AND (k.debits_pending, k.debits_posted, k.credits_pending, k.credits_posted)
                        = (b.debits_pending, b.debits_posted, b.credits_pending, b.credits_posted))
    """,
    "history_is_append_only": """
        SELECT 0, 'table ' || wanted.name, 'its trigger ' || wanted.name || wanted.end
            || ' is gone or off'
        FROM (SELECT t.name, e.end
            FROM unnest(ARRAY['ledger_transfer', 'ledger_history', 'ledger_clearing']) t (name),
                unnest(ARRAY['_append_only', '_no_truncate']) e ("end")) wanted
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger t
            WHERE t.tgrelid = wanted.name::regclass AND t.tgname = wanted.name || wanted.end
                AND t.tgenabled IN ('O', 'A'))
    """,
    "hold_is_resolved_once": """
        SELECT ledger, 'hold ' || pending_id, format('%%s resolutions', count(*))
        FROM ledger_transfer
        WHERE pending_id IS NOT NULL
            AND (ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL)
        GROUP BY ledger, pending_id HAVING count(*) > 1
    """,
}

CLEARING = """
    SELECT a.ledger, a.id, a.currency, c.counterpart,
        sum(b.debits_posted)::bigint, sum(b.credits_posted)::bigint
    FROM ledger_account a
    JOIN ledger_balance b ON b.ledger = a.ledger AND b.account = a.id
    LEFT JOIN ledger_clearing c ON c.ledger = a.ledger AND c.account = a.id
    WHERE a.code = %s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2
"""


def check(*, ledgers: Sequence[int] | None = None) -> list[Problem]:
    """Every invariant that does not hold in ``ledgers`` (all, if None), with the row to look at.

    Raises ``RuntimeError`` on a connection that row-level security binds: it would look in vain.
    """
    _require_owner()
    problems: list[Problem] = []
    for rule, statement in RULES.items():
        rows = _rows(
            f"{statement} ORDER BY 1, 2 LIMIT {NAMED_ROWS}",
            {"ledgers": None if ledgers is None else list(ledgers)},
        )
        problems += [Problem(rule, *row) for row in rows]
    problems += _clearing(None if ledgers is None else set(ledgers))
    problems += log_check(ledgers=ledgers)
    return problems


def _clearing(wanted: set[int] | None) -> Iterator[Problem]:
    """What one ledger's clearing account with another has debited, the other's has credited."""
    rows = _rows(CLEARING, [AccountCode.CLEARING])
    sums = {(ledger, account): (given, taken) for ledger, account, *_, given, taken in rows}
    ledgers = sorted({ledger for ledger, *_ in rows})
    pairs = set()
    for ledger, account, currency, counterpart, given, taken in rows:
        # One opened before counterparts were noted is sought, if it moved anything.
        sought = ledgers if counterpart is None and (given or taken) else [counterpart]
        for other in sought:
            if other not in (None, ledger) and account == clearing_account_id(
                ledger, other, currency
            ):
                pairs.add((min(ledger, other), max(ledger, other), currency))
    unexplained = dict(sums)
    for one, other, currency in sorted(pairs):
        near = (one, clearing_account_id(one, other, currency))
        far = (other, clearing_account_id(other, one, currency))
        near_debits, near_credits = unexplained.pop(near, (0, 0))
        far_debits, far_credits = unexplained.pop(far, (0, 0))
        if wanted is not None and not wanted & {one, other}:
            continue
        if (near_debits, near_credits) != (far_credits, far_debits):
            yield Problem(
                "clearing_is_equal_and_opposite",
                one,
                f"account {near[1]}",
                f"debits {near_debits}, credits {near_credits} of {currency}; "
                f"ledger {other} account {far[1]} has debits {far_debits}, "
                f"credits {far_credits}",
            )
    for (ledger, account), (given, taken) in sorted(unexplained.items()):
        if (given or taken) and (wanted is None or ledger in wanted):
            yield Problem(
                "clearing_has_a_counterpart",
                ledger,
                f"account {account}",
                f"debits {given}, credits {taken}, and no ledger has the other side",
            )


def _require_owner() -> None:
    if any(row[0] for row in _rows("SELECT row_security_active('ledger_transfer')", [])):
        raise RuntimeError(
            "the ledger's check was called on a connection that row-level security binds: "
            "connect as the owner of the tables"
        )


def _rows(statement: str, parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
