"""Citus can distribute the ledger's tables by ``ledger``: read from PostgreSQL's own catalogue.

What Citus asks of a distributed table: its key, each unique or exclusion constraint and each
foreign key contain the distribution column, and both ends of a foreign key are distributed by it.
What is accepted though Citus is strict about it, and why:

* The triggers that refuse changes (``ACCEPTED_TRIGGERS``) need ``citus.enable_unsafe_triggers``.
  They look at nothing and write nothing, so it does not matter on which node they fire.
* A CHECK that calls a function of ours: the function is made on every node like the tables.
* ``written_xid`` has the node's own transaction id. A ledger lives on one node; after it has been
  moved, the log's sequencer compares all rows once.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

#: Functions that a trigger of the ledger may call, and why Citus may be told to allow it.
ACCEPTED_TRIGGERS = {
    "ledger_refuse_change": "it only raises, on the node where the row is",
    "ledger_log_refuse_change": "likewise",
}

TABLES = """
    SELECT c.oid::regclass::text, a.attnotnull
    FROM pg_class c
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'ledger' AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND c.relname LIKE 'ledger%' ORDER BY 1
"""
KEYS = """
    SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, i.indisprimary, (
        SELECT array_agg(coalesce(a.attname, '(expression)') ORDER BY k.place)
        FROM unnest(i.indkey::int[]) WITH ORDINALITY k (number, place)
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
        WHERE k.place <= i.indnkeyatts
    )
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'ledger%'
        AND (i.indisunique OR i.indisexclusion) ORDER BY 1, 2
"""
FOREIGN_KEYS = """
    SELECT f.conname, f.conrelid::regclass::text, f.confrelid::regclass::text, (
        SELECT count(*) FROM unnest(f.conkey, f.confkey) k (here, there)
        JOIN pg_attribute h ON h.attrelid = f.conrelid AND h.attnum = k.here
        JOIN pg_attribute t ON t.attrelid = f.confrelid AND t.attnum = k.there
        WHERE h.attname = 'ledger' AND t.attname = 'ledger'
    )
    FROM pg_constraint f
    WHERE f.contype = 'f' AND f.conparentid = 0
        AND 'ledger' IN (
            left(f.conrelid::regclass::text, 6), left(f.confrelid::regclass::text, 6))
"""
COUNTERS = """
    SELECT a.attrelid::regclass::text, a.attname
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'ledger%'
        AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
        AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval(%')
"""
TRIGGERS = """
    SELECT t.tgrelid::regclass::text, t.tgname, p.proname
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'ledger%'
        AND NOT t.tgisinternal
"""


def rows(cursor: psycopg.Cursor[Any], statement: str) -> list[tuple[Any, ...]]:
    cursor.execute(statement)  # type: ignore[arg-type]
    return cursor.fetchall()


def obstacles(cursor: psycopg.Cursor[Any]) -> Iterator[str]:
    """One sentence for each thing that keeps a table of the ledger from being distributed."""
    keys = rows(cursor, KEYS)
    with_key = {table for table, _, primary, _ in keys if primary}
    for table, not_null in rows(cursor, TABLES):
        if not_null is None:
            yield f"{table} has no column ledger to be distributed by"
        elif not not_null:
            yield f"{table}.ledger may be null: a row without it belongs to no node"
        if table not in with_key:
            yield f"{table} has no primary key"
    for table, index, _, columns in keys:
        if columns[0] != "ledger":
            yield f"{index} of {table} is unique by {columns}: let it start with ledger"
    for name, here, there, with_ledger in rows(cursor, FOREIGN_KEYS):
        if not (here.startswith("ledger") and there.startswith("ledger")):
            yield f"{name} runs from {here} to {there}: no foreign key enters or leaves the ledger"
        elif not with_ledger:
            yield f"{name} from {here} to {there} does not pair ledger with ledger"
    for table, column in rows(cursor, COUNTERS):
        yield f"{table}.{column} counts by a sequence, whose numbers are each node's own"
    for table, name, function in rows(cursor, TRIGGERS):
        if function not in ACCEPTED_TRIGGERS:
            yield f"{name} of {table} calls {function}: name it in ACCEPTED_TRIGGERS with a reason"


def test_every_table_of_the_ledger_can_be_distributed(
    committed_db: None, owner_cursor: psycopg.Cursor[Any]
) -> None:
    seen = {table for table, _ in rows(owner_cursor, TABLES)}
    assert {"ledger_account", "ledger_balance", "ledger_transfer", "ledger_history"} <= seen
    assert list(obstacles(owner_cursor)) == []


BAD: dict[str, tuple[str, str]] = {
    "no ledger": (
        "CREATE TABLE ledger_bad (id int PRIMARY KEY)",
        "ledger_bad has no column ledger",
    ),
    "a ledger that may be null": (
        "CREATE TABLE ledger_bad (ledger int, id int)",
        "ledger_bad.ledger may be null",
    ),
    "no key": (
        "CREATE TABLE ledger_bad (ledger int NOT NULL)",
        "ledger_bad has no primary key",
    ),
    "a key without the ledger": (
        "CREATE TABLE ledger_bad (ledger int NOT NULL, id int PRIMARY KEY)",
        "ledger_bad_pkey of ledger_bad is unique by ['id']",
    ),
    "a key that starts elsewhere": (
        "CREATE TABLE ledger_bad (ledger int, id int, PRIMARY KEY (id, ledger))",
        "ledger_bad_pkey of ledger_bad is unique by ['id', 'ledger']",
    ),
    "a unique constraint": (
        "ALTER TABLE ledger_history ADD CONSTRAINT bad UNIQUE (account, transfer)",
        "bad of ledger_history is unique by ['account', 'transfer']",
    ),
    "a unique index on an expression": (
        "CREATE UNIQUE INDEX bad ON ledger_history ((ledger + 1), account)",
        "bad of ledger_history is unique by ['(expression)', 'account']",
    ),
    "an exclusion": (
        "CREATE TABLE ledger_bad (ledger int, id int, during int8range, PRIMARY KEY (ledger, id),"
        " CONSTRAINT bad EXCLUDE USING gist (during WITH &&))",
        "bad of ledger_bad is unique by ['during']",
    ),
    "a foreign key to a town": (
        "ALTER TABLE ledger_account ADD CONSTRAINT bad FOREIGN KEY (ledger)"
        " REFERENCES municipalities_municipality",
        "bad runs from ledger_account to municipalities_municipality",
    ),
    "a foreign key into the ledger": (
        "CREATE TABLE outsider (ledger int, account uuid, CONSTRAINT bad FOREIGN KEY"
        " (ledger, account) REFERENCES ledger_account (ledger, id))",
        "bad runs from outsider to ledger_account",
    ),
    "a foreign key that mixes ledgers": (
        "CREATE TABLE ledger_bad (ledger int, other int, account uuid, PRIMARY KEY (ledger),"
        " CONSTRAINT bad FOREIGN KEY (other, account) REFERENCES ledger_account (ledger, id))",
        "bad from ledger_bad to ledger_account does not pair ledger with ledger",
    ),
    "an identity": (
        "ALTER TABLE ledger_history ADD number bigint GENERATED ALWAYS AS IDENTITY",
        "ledger_history.number counts by a sequence",
    ),
    "a serial": (
        "ALTER TABLE ledger_history ADD number bigserial",
        "ledger_history.number counts by a sequence",
    ),
    "a trigger that does something": (
        "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER bad BEFORE INSERT ON ledger_account FOR EACH ROW EXECUTE FUNCTION meddle()",
        "bad of ledger_account calls meddle",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_distributed_is_named(
    committed_db: None, owner_cursor: psycopg.Cursor[Any], name: str
) -> None:
    statement, words = BAD[name]
    owner_cursor.execute("BEGIN")
    try:
        owner_cursor.execute(statement)  # type: ignore[arg-type]
        found = list(obstacles(owner_cursor))
    finally:
        owner_cursor.execute("ROLLBACK")
    assert any(words in obstacle for obstacle in found), found
