"""Which ledger the transaction may read: row-level security shows one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

SCOPE = "SELECT nullif(current_setting('app.municipality', true), '')"


@contextmanager
def ledger_scope(ledger: int) -> Iterator[None]:
    """Read the rows of ``ledger`` inside the block, in one transaction (or a savepoint).

    What ``tenancy.tenant`` does, for a room below municipalities.
    """
    nested = connection.in_atomic_block
    with transaction.atomic():
        before = scope() if nested else ""
        _set(str(int(ledger)))
        yield
        if nested:
            _set(before)


def scope() -> str:
    """The number of the ledger that the transaction reads, "" for none."""
    with connection.cursor() as cursor:
        cursor.execute(SCOPE)
        row = cursor.fetchone()
    return row[0] or "" if row else ""


def require_scope(ledger: int) -> None:
    """Raise ``RuntimeError`` where row-level security would show an empty log instead."""
    found = scope()
    if found != str(ledger):
        raise RuntimeError(
            f"the log of {ledger} was asked for, but the transaction reads {found or 'nobody'}: "
            f"wrap the call in tenancy.tenant({ledger})"
        )


def rows(statement: str, parameters: Any = ()) -> list[Any]:
    """All rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _set(value: str) -> None:
    # SET LOCAL takes no parameters; the value is a number or nothing.
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL app.municipality = '{int(value) if value else ''}'")
