"""Going through everything that is sealed: by which key it is, and sealing it by the first one.

Every binary column of ours outside the ledger is sealed, so nothing has to be listed. Safe beside a
running system: a row that somebody else writes meanwhile keeps what they wrote.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection, models, transaction
from psycopg import sql

from .models import Municipality
from .sealing import is_current, key_of, seal_bytes, unseal_bytes
from .tenancy import TenantModel, tenant

ROWS_AT_ONCE = 500
#: ``report(done, total, text)``: how far it is, in tables of towns.
Report = Callable[[int, int, str], None]


class Part(NamedTuple):
    """The sealed columns of one table, of one town (None: a table of all towns)."""

    table: str
    columns: tuple[str, ...]
    town: int | None
    #: The room has keys of its own for it: what no field key opens is not lost.
    has_own_keys: bool = False


class Resealed(NamedTuple):
    values: int
    #: What no key opens: (table, column) → how many. Left as it is.
    lost: Counter[str]


def sealed_tables() -> dict[type[models.Model], tuple[str, ...]]:
    """Model → its sealed columns, by table."""
    found = {}
    for model in sorted(apps.get_models(), key=lambda one: one._meta.db_table):
        name = apps.get_app_config(model._meta.app_label).name
        if not name.startswith("kyojo.") or name.startswith("kyojo.ledger"):
            continue
        columns = tuple(
            str(field.column)
            for field in model._meta.local_concrete_fields
            if isinstance(field, models.BinaryField)
        )
        if columns:
            found[model] = columns
    return found


def keys_counted(report: Report) -> dict[str, Counter[str]]:
    """``table.column`` → how many values each key sealed, by its name (``sealing.key_of``)."""
    counts: dict[str, Counter[str]] = {}
    for part in _parts(report):
        for row in _rows(part):
            for column, value in zip(part.columns, row[1:], strict=True):
                if value and not (part.has_own_keys and not key_of(bytes(value))):
                    place = counts.setdefault(f"{part.table}.{column}", Counter())
                    place[key_of(bytes(value))] += 1
    return counts


def reseal(report: Report) -> Resealed:
    """Seal by the first key whatever another one sealed, some rows at a time, each time committed:
    stopped, it goes on where it was when it is called again."""
    values, lost = 0, Counter[str]()
    for part in _parts(report):
        for row in _rows(part):
            stale = {
                column: bytes(value)
                for column, value in zip(part.columns, row[1:], strict=True)
                if value and not is_current(bytes(value))
            }
            for column, value in stale.items():
                if not key_of(value):
                    if not part.has_own_keys:
                        lost[f"{part.table}.{column}"] += 1
                    continue
                values += _replace(part, row[0], column, value)
    return Resealed(values, lost)


def _parts(report: Report) -> Iterator[Part]:
    towns = list(Municipality.objects.order_by("id").values_list("id", flat=True))
    parts = [
        Part(model._meta.db_table, columns, code, getattr(model, "HAS_OWN_KEYS", False))
        for model, columns in sealed_tables().items()
        for code in (towns if issubclass(model, TenantModel) else [None])
    ]
    for number, part in enumerate(parts):
        report(number, len(parts), part.table)
        yield part
    report(len(parts), len(parts), "")


def _rows(part: Part) -> Iterator[tuple[Any, ...]]:
    """(id, a value for each column) of every row, in the order of the ids; no transaction is open
    while the caller works on them."""
    names = sql.SQL(", ").join(map(sql.Identifier, part.columns))
    statement = sql.SQL(
        "SELECT id, {names} FROM {table} WHERE id > %s {town} ORDER BY id LIMIT %s"
    ).format(
        names=names,
        table=sql.Identifier(part.table),
        town=sql.SQL("" if part.town is None else "AND municipality_id = %s"),
    )
    last = 0
    while True:
        where = [last] if part.town is None else [last, part.town]
        rows = _run(part, statement, [*where, ROWS_AT_ONCE], fetch=True)
        yield from rows
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1][0]


def _replace(part: Part, pk: int, column: str, sealed: bytes) -> int:
    """1 if the value still stood there and is sealed anew, 0 if somebody changed it meanwhile."""
    statement = sql.SQL(
        "UPDATE {table} SET {column} = %s WHERE id = %s AND {column} = %s {town}"
    ).format(
        table=sql.Identifier(part.table),
        column=sql.Identifier(column),
        town=sql.SQL("" if part.town is None else "AND municipality_id = %s"),
    )
    values = [seal_bytes(unseal_bytes(sealed)), pk, sealed]
    return _run(part, statement, values if part.town is None else [*values, part.town])


def _run(part: Part, statement: Any, values: list[Any], *, fetch: bool = False) -> Any:
    def run() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if fetch else cursor.rowcount

    if part.town is None:
        with transaction.atomic():
            return run()
    with tenant(part.town):
        return run()
