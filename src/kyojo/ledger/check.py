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
    # The flags of a balance row are the account's, 16 where it is one of several stripes, and 32
    # on all of them where they are too full for the short ways.
    "balance_belongs_to_account": """
        SELECT ledger, 'account ' || id, format('flags of the account %%s, of its balance rows '
            '%%s; %%s stripes, rows %%s', a.flags, b.flags, a.stripes, b.stripes)
        FROM (
            SELECT ledger, id, flags, stripes,
                flags | CASE WHEN stripes > 1 THEN 16 ELSE 0 END AS striped
            FROM ledger_account
        ) a
        FULL JOIN (
            SELECT ledger, account AS id, array_agg(DISTINCT flags::int) AS flags,
                array_agg(stripe ORDER BY stripe) AS stripes
            FROM ledger_balance GROUP BY 1, 2
        ) b USING (ledger, id)
        WHERE (b.flags IN (ARRAY[a.striped], ARRAY[a.striped | 32])
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
    "history_is_append_only": """
        SELECT 0, 'table ledger_transfer', 'its trigger ' || wanted.name || ' is gone or off'
        FROM (VALUES ('ledger_transfer_append_only'), ('ledger_transfer_no_truncate')) wanted (name)
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger t
            WHERE t.tgrelid = 'ledger_transfer'::regclass AND t.tgname = wanted.name
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
    SELECT a.ledger, a.id, a.currency, sum(b.debits_posted)::bigint, sum(b.credits_posted)::bigint
    FROM ledger_account a JOIN ledger_balance b ON b.ledger = a.ledger AND b.account = a.id
    WHERE a.code = %s GROUP BY 1, 2, 3 ORDER BY 1, 2
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
    accounts = {
        (ledger, account): (currency, debited, credited)
        for ledger, account, currency, debited, credited in _rows(CLEARING, [AccountCode.CLEARING])
    }
    ledgers = sorted({ledger for ledger, _ in accounts})
    currencies = sorted({currency for currency, _, _ in accounts.values()})
    unexplained = set(accounts)
    for currency in currencies:
        for index, one in enumerate(ledgers):
            for other in ledgers[index + 1 :]:
                near = (one, clearing_account_id(one, other, currency))
                far = (other, clearing_account_id(other, one, currency))
                unexplained -= {near, far}
                _, near_debits, near_credits = accounts.get(near, ("", 0, 0))
                _, far_debits, far_credits = accounts.get(far, ("", 0, 0))
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
    for ledger, account in sorted(unexplained):
        _, debited, credited = accounts[ledger, account]
        if (debited or credited) and (wanted is None or ledger in wanted):
            yield Problem(
                "clearing_has_a_counterpart",
                ledger,
                f"account {account}",
                f"debits {debited}, credits {credited}, and no ledger has the other side",
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
