"""What a witness remembers: the newest checkpoint of each log, and those it had to refuse.

One SQLite file. Looking at the size and writing the new one happen in one ``BEGIN IMMEDIATE``
transaction, so of two requests, in two threads or two processes, the second sees what the first
has written. ``synchronous = EXTRA`` makes a commit wait until file and folder are on the disk: what
a witness has signed it cannot forget by being killed.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE_NAME = "witness.db"
#: How long a request waits for the one before it.
LOCK_SECONDS = 10
#: Refused checkpoints kept for each log. Only who holds the log's key can make one, so this is
#: reached by a log that misbehaves a hundred times; the first are the proof.
REFUSED_KEPT = 100

SCHEMA = """
CREATE TABLE witness (vkey TEXT NOT NULL);
CREATE TABLE checkpoint (
  origin TEXT PRIMARY KEY,
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  note BLOB NOT NULL,
  cosigned_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE refused (
  origin TEXT NOT NULL,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  code TEXT NOT NULL,
  body BLOB NOT NULL,
  refused_at INTEGER NOT NULL,
  PRIMARY KEY (origin, size, root)
) WITHOUT ROWID;
"""


class StoreMissing(Exception):
    """There is no store in this folder, or it cannot be read as one."""


@dataclass(frozen=True)
class Seen:
    """A checkpoint that was cosigned: ``note`` is the whole signed note, cosignature included."""

    origin: str
    size: int
    root: bytes
    note: bytes
    cosigned_at: datetime


@dataclass(frozen=True)
class Refused:
    """A checkpoint that carried the log's valid signature and was not cosigned, with the code of
    the refusal and the whole request: two such texts can prove that a log told two histories."""

    origin: str
    size: int
    root: bytes
    code: str
    body: bytes
    refused_at: datetime


class Store:
    """The memory of one witness, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    @classmethod
    def create(cls, folder: Path, *, vkey: str) -> "Store":
        """An empty memory that belongs to the key ``vkey``. Raises FileExistsError."""
        store = cls(folder)
        os.close(os.open(store.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with store._opened() as connection:
            connection.executescript(SCHEMA)
            connection.execute("INSERT INTO witness VALUES (?)", [vkey])
        return store

    def vkey(self) -> str:
        """The key this memory belongs to. Raises ``StoreMissing``."""
        if not self.path.is_file():
            raise StoreMissing(str(self.path))
        try:
            with self._opened() as connection:
                (vkey,) = connection.execute("SELECT vkey FROM witness").fetchone()
        except (sqlite3.DatabaseError, TypeError) as error:
            raise StoreMissing(f"{self.path}: {error}") from error
        return str(vkey)

    @contextmanager
    def turn(self) -> Iterator["Turn"]:
        """One request's turn: nobody else reads or writes until the block ends. What it wrote is on
        the disk afterwards, or nothing of it if the block raised."""
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Turn(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def latest(self, origin: str) -> Seen | None:
        """The newest checkpoint cosigned for a log, None if there is none."""
        with self._opened() as connection:
            return Turn(connection).latest(origin)

    def all_latest(self) -> list[Seen]:
        """The newest checkpoint of every log, by origin."""
        with self._opened() as connection:
            origins = connection.execute("SELECT origin FROM checkpoint ORDER BY origin").fetchall()
            found = [Turn(connection).latest(origin) for (origin,) in origins]
        return [seen for seen in found if seen]

    def refused(self, origin: str) -> list[Refused]:
        """What was refused of a log, the oldest first."""
        with self._opened() as connection:
            rows = connection.execute(
                "SELECT origin, size, root, code, body, refused_at FROM refused"
                " WHERE origin = ? ORDER BY refused_at, size",
                [origin],
            ).fetchall()
        return [
            Refused(origin, size, root, code, body, datetime.fromtimestamp(refused_at, UTC))
            for origin, size, root, code, body, refused_at in rows
        ]

    def refused_keep(self, refused: Refused) -> None:
        """Keep a refused checkpoint: each once, and no more than ``REFUSED_KEPT`` of a log."""
        with self._opened() as connection:
            connection.execute(
                "INSERT INTO refused SELECT ?, ?, ?, ?, ?, ?"
                " WHERE (SELECT count(*) FROM refused WHERE origin = ?) < ?"
                " ON CONFLICT DO NOTHING",
                [
                    refused.origin,
                    refused.size,
                    refused.root,
                    refused.code,
                    refused.body,
                    int(refused.refused_at.timestamp()),
                    refused.origin,
                    REFUSED_KEPT,
                ],
            )

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        # mode=rw: a store that was removed is an error, never quietly an empty one.
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        with closing(
            sqlite3.connect(uri, uri=True, timeout=LOCK_SECONDS, isolation_level=None)
        ) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            yield connection


class Turn:
    """Reading and writing inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def latest(self, origin: str) -> Seen | None:
        row = self._connection.execute(
            "SELECT origin, size, root, note, cosigned_at FROM checkpoint WHERE origin = ?",
            [origin],
        ).fetchone()
        if row is None:
            return None
        origin, size, root, note, cosigned_at = row
        return Seen(origin, size, root, note, datetime.fromtimestamp(cosigned_at, UTC))

    def save(self, seen: Seen) -> None:
        """Put ``seen`` in the place of what was the newest."""
        self._connection.execute(
            "INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE SET"
            " size = excluded.size, root = excluded.root, note = excluded.note,"
            " cosigned_at = excluded.cosigned_at",
            [seen.origin, seen.size, seen.root, seen.note, int(seen.cosigned_at.timestamp())],
        )
