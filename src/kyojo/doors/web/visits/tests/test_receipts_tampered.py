"""What somebody with the whole database did behind the log's back is told on the public page."""

from contextlib import contextmanager

import pytest
from psycopg import sql

from kyojo.help.support.tests.cast import WEEK_BEFORE, cast_make
from kyojo.kernel import clock

from .logs import NOON, policy_write, public, settled, text, town_logs

TABLES = ("ledger_transfer", "ledger_log_entry", "ledger_log_checkpoint", "support_receipt")
FORTY_IS_44 = (
    "UPDATE ledger_log_entry SET leaf = replace(leaf, chr(10) || '40' || chr(10),"
    " chr(10) || '44' || chr(10))"
)
#: What is done, and what a reader is told of it.
TAMPERINGS = {
    "the row's amount": (
        "UPDATE ledger_transfer SET amount = 44 WHERE kind = 'post'",
        "記録したあとで、書きかえられています",
    ),
    "the leaf's amount": (FORTY_IS_44, "記録したあとで、書きかえられています"),
    "both amounts": (
        (
            FORTY_IS_44,
            "UPDATE ledger_transfer SET amount = 44 WHERE kind = 'post' AND amount = 40",
        ),
        "記録簿に、見つかりません",
    ),
    "what the row was for": (
        "UPDATE ledger_transfer SET reference = gen_random_uuid() WHERE kind = 'post'",
        "記録したあとで、書きかえられています",
    ),
    "whose the row was": (
        "UPDATE ledger_transfer SET debit = credit, credit = debit WHERE kind = 'post'",
        "記録したあとで、書きかえられています",
    ),
    "the row, deleted": (
        "DELETE FROM ledger_transfer WHERE kind = 'post'",
        "記録簿に、見つかりません",
    ),
    "the root that was signed": (
        "UPDATE ledger_log_checkpoint SET cosigned = replace(cosigned, E'\\n\\n', E'x\\n\\n')",
        "記録したあとで、書きかえられています",
    ),
    "the other town's signature": (
        "UPDATE ledger_log_checkpoint SET cosigned = regexp_replace("
        "cosigned, '(midorihama\\S+ \\S{20}).', '\\1/')",
        "記録したあとで、書きかえられています",
    ),
    "what the receipt says": ("UPDATE support_receipt SET coins = 45", "数字が合いません"),
}


@contextmanager
def restored(cursor):
    """What was changed inside is as before afterwards."""
    kept = [(sql.Identifier(table), sql.Identifier(f"kept_{table}")) for table in TABLES]
    for table, copy in kept:
        cursor.execute(sql.SQL("CREATE TEMP TABLE {} AS TABLE {}").format(copy, table))
    yield
    for table, copy in kept:
        cursor.execute(sql.SQL("TRUNCATE {}").format(table))
        cursor.execute(sql.SQL("INSERT INTO {} TABLE {}").format(table, copy))
        cursor.execute(sql.SQL("DROP TABLE {}").format(copy))


@pytest.fixture
def code(towns, settings, tmp_path):
    settings.LOG_POLICY = policy_write(tmp_path)
    with clock.frozen(WEEK_BEFORE):
        _, code = settled(cast_make())
    with clock.frozen(NOON):
        town_logs(tmp_path)
    return code


def test_each_tampering_is_told_in_words(code, owner_cursor):
    owner_cursor.execute("SET session_replication_role = replica")
    for name, (statement, words) in TAMPERINGS.items():
        assert "<h1>記録と合いました</h1>" in text(public(code)), name
        with restored(owner_cursor):
            for one in (statement,) if isinstance(statement, str) else statement:
                owner_cursor.execute(one)
                assert owner_cursor.rowcount > 0, name
            page = text(public(code))
        assert "<h1>記録と合いません</h1>" in page and words in page, name
        assert "checks__one--bad" in page and "記録と合いました" not in page, name
        assert page.count("tel:0120000019") >= 2, "the telephone stands where it is needed"
