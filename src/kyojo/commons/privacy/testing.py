"""For tests: whether anything of somebody is left anywhere in the database, sealed or not."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
from cryptography.fernet import InvalidToken
from psycopg import sql

from kyojo.civic.municipalities.sealing import unseal_bytes
from kyojo.civic.people.models import Person, User


def words_of(person: Person) -> list[str]:
    """What somebody could be found by: full name and reading in every way that they are written,
    telephone, mail, address and the person's id."""
    user: User | None = person.user
    found = [
        person.name,
        person.name.replace(" ", ""),
        person.name.replace(" ", "　"),
        person.kana,
        person.kana.replace(" ", ""),
        person.phone,
        person.address,
        str(person.uid),
        person.uid.hex,
        user.email if user is not None else "",
    ]
    return [word for word in found if word]


def traces(connection: psycopg.Connection[Any], words: Iterable[str]) -> list[str]:
    """``table.column: word`` wherever a word stands, in any table of any town, past every wall;
    what is sealed is opened first."""
    wanted = list(words)
    return sorted(
        {
            f"{place}: {word}"
            for place, text in _everything(connection)
            for word in wanted
            if word in text
        }
    )


def _everything(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, str]]:
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    ).fetchall()
    for (table,) in tables:
        rows = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
        names = [column.name for column in rows.description or ()]
        for row in rows:
            for name, value in zip(names, row, strict=True):
                yield from ((f"{table}.{name}", text) for text in _texts(value))


def _texts(value: object) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, bytes | memoryview):
        yield from _opened(bytes(value))
        return
    text = json.dumps(value, ensure_ascii=False, default=str)
    yield text
    # A sealed text column is ciphertext in letters.
    if isinstance(value, str) and "gAAAA" in value:
        for part in value.split(":"):
            yield from _opened(part.encode())


def _opened(sealed: bytes) -> Iterator[str]:
    try:
        plain = unseal_bytes(sealed).decode("utf-8", "replace")
    except (InvalidToken, ValueError):
        yield sealed.decode("utf-8", "replace")
        return
    yield plain
    try:
        yield json.dumps(json.loads(plain), ensure_ascii=False)
    except ValueError:
        return
