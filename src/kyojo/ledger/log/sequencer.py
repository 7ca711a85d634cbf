"""The sequencer: gives each committed transfer its number, and signs what the log has become.

One round is one transaction of one ledger. It takes the log's head (whoever finds it taken goes
on), reads what is committed and not logged, appends it in order, and signs the new checkpoint;
all of it is there or nothing. docs/reference/log.md says why nothing can be skipped.
"""

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, InternalError, ProgrammingError

from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_open, checkpoint_sign
from kyojo.ledger.tlog.errors import TlogError
from kyojo.ledger.tlog.merkle import EMPTY_ROOT, leaf_hash
from kyojo.ledger.tlog.notes import SignedNote, SigningKey
from kyojo.ledger.tlog.tiles import GrownTree, tiles_grow

from . import keys
from .errors import LogHeadUnsigned, LogKeyLeft, LogRefusal
from .leaves import Row, leaf_of, side_committed
from .ordering import earlier_first, outside
from .scope import ledger_scope, rows
from .tile_rows import tile_read

log = logging.getLogger(__name__)

#: How many transfers one round takes: some megabytes, about a second.
ROUND_ROWS = 20_000

OriginOf = Callable[[int], str]

#: What is wrong with one ledger, its rows, its tiles or its key file, and must not stop the others.
#: A database that is away is not among them.
ONE_LEDGER = (
    LogRefusal, TlogError, DataError, IntegrityError, InternalError, ProgrammingError, OSError,
    UnicodeDecodeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did: how many transfers it logged, how long the log is now, whether there is
    more to log at once."""

    ledger: int
    logged: int
    size: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Head:
    origin: str
    key: str
    size: int
    root: bytes
    horizon: int
    #: Of a snapshot at the round's beginning: every transaction below xmin has ended, none from
    #: xmax on had begun.
    xmin: int
    xmax: int


@dataclass
class Sequencer:
    """Polls for ledgers with something new and logs it. Not for two threads at once.

    ``origin_of`` names the log of a ledger when it begins (``host/log/slug``); ``publish_at_once``
    is for installations without witnesses.
    """

    origin_of: OriginOf
    folder: Path
    publish_at_once: bool = True
    round_rows: int = ROUND_ROWS
    #: Every transaction below it was looked at; None: compare everything, as after a start.
    since: int | None = None
    #: Ledgers that were somebody else's, or refused, the last time.
    again: set[int] = field(default_factory=set)
    #: Those of them whose comparison of everything is still to be made.
    whole: set[int] = field(default_factory=set)
    told: dict[int, str] = field(default_factory=dict)

    def poll(self) -> list[Round]:
        """Log what has been committed since the last poll; one ``Round`` for each that was made.

        A ledger whose key is missing, or whose rows are broken, is told once to the log and tried
        again; the others go on.
        Raises what the database raises: then begin again with a new ``Sequencer``.
        """
        # Before the question: what commits in between is asked for again, never passed over.
        [(horizon,)] = rows("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        due = {row[0] for row in rows("SELECT ledger_log_due(%s)", [self.since])} | self.again
        if self.since is None:
            self.whole |= due
        self.again = set()
        done: list[Round] = []
        for ledger in sorted(due):
            try:
                done += self._ledger(ledger)
            except ONE_LEDGER as error:
                self.again.add(ledger)
                self._tell(ledger, error)
            else:
                self.told.pop(ledger, None)
        self.since = horizon
        return done

    def _ledger(self, ledger: int) -> list[Round]:
        log_ensure(ledger=ledger, origin_of=self.origin_of, folder=self.folder)
        done: list[Round] = []
        while True:
            made = log_round(
                ledger=ledger,
                folder=self.folder,
                everything=ledger in self.whole,
                publish_at_once=self.publish_at_once,
                limit=self.round_rows,
            )
            if made is None:
                self.again.add(ledger)
                return done
            done.append(made)
            if not made.more:
                self.whole.discard(ledger)
                return done

    def _tell(self, ledger: int, error: Exception) -> None:
        what = getattr(error, "code", type(error).__name__)
        if self.told.get(ledger) != what:
            words = error.message() if isinstance(error, Refusal) else str(error)
            log.error("ledger %s is not logged: %s: %s", ledger, what, words)
        self.told[ledger] = what


def log_ensure(*, ledger: int, origin_of: OriginOf, folder: Path) -> None:
    """Begin the log of ``ledger`` if it has none: a key in a file, then the head in the database.

    Raises ``LogKeyLeft`` where the folder has a key of a log that the database does not know.
    """
    if log_key(ledger):
        return
    origin = origin_of(ledger)
    try:
        key = keys.key_begin(folder, ledger, origin)
    except LogKeyLeft:
        if log_key(ledger):  # another worker began it between the two looks
            return
        raise
    rows(
        "SELECT ledger_log_open(%s, %s, %s, %s, %s)",
        [ledger, origin, str(key.verifier), EMPTY_ROOT, clock.now()],
    )
    if log_key(ledger) == str(key.verifier):
        keys.key_settle(folder, ledger)
    else:
        keys.key_discard(folder, ledger, key)


def log_key(ledger: int) -> str:
    """The public key (vkey) that the log of ``ledger`` began with; "" before it has."""
    with ledger_scope(ledger):
        found = rows("SELECT key FROM ledger_log_head WHERE ledger = %s", [ledger])
    return str(found[0][0]) if found else ""


def log_round(
    *,
    ledger: int,
    folder: Path,
    everything: bool = False,
    publish_at_once: bool = True,
    limit: int = ROUND_ROWS,
) -> Round | None:
    """Append what is committed and not logged yet; None when somebody else is doing it.

    ``everything`` compares all transfers with the log instead of those from the horizon on.
    Raises ``LogKeyMissing``, ``LogKeyDiffers``, ``LogKeyOpen``, ``LogHeadUnsigned``; nothing is
    written then.
    """
    with ledger_scope(ledger):
        head = _take(ledger)
        if head is None:
            return None
        key = keys.key_load(folder, ledger, head.key)
        _require_signed(ledger, head, key)
        # A horizon ahead of the server is another server's: the rows were restored from there.
        everything = everything or head.horizon == 0 or head.xmax < head.horizon
        found = _unlogged(ledger, None if everything else head.horizon, head.xmax, limit)
        more = len(found) == limit
        # A hold may be missing that began after ``xmax`` was noted and was resolved before the rows
        # were read, by a transaction that is older than itself.
        found = _completed(ledger, found)
        if found:
            _append(ledger, head, key, earlier_first(found), publish_at_once=publish_at_once)
        if not more:
            rows("SELECT ledger_log_horizon(%s, %s)", [ledger, head.xmin])
        return Round(ledger, len(found), head.size + len(found), more)


def _take(ledger: int) -> _Head | None:
    found = rows("SELECT * FROM ledger_log_take(%s)", [ledger])
    if not found:
        return None
    origin, key, size, root, horizon, xmin, xmax = found[0]
    return _Head(origin, key, size, bytes(root), horizon, xmin, xmax)


SIGNED = "SELECT note FROM ledger_log_checkpoint WHERE ledger = %s AND size = %s"


def _require_signed(ledger: int, head: _Head, key: SigningKey) -> None:
    """Whoever can write to the tables, or call their functions, and does not have the key could put
    leaves of their own below the next signature. So only what the key signed is continued."""
    if not head.size:
        return  # an empty log has no checkpoint, and its root is known
    found = rows(SIGNED, [ledger, head.size])
    try:
        opened = [checkpoint_open(SignedNote.parse(t.encode()), key.verifier) for (t,) in found]
    except TlogError as error:
        raise LogHeadUnsigned(ledger=ledger, reason=error.code) from None
    if opened != [Checkpoint(head.origin, head.size, head.root)]:
        raise LogHeadUnsigned(ledger=ledger, reason="another_head")


UNLOGGED = "SELECT * FROM ledger_log_unlogged(%s, %s, %s, %s::uuid[], %s)"


def _unlogged(ledger: int, since: int | None, until: int, limit: int) -> list[Row]:
    return [_row(*each) for each in rows(UNLOGGED, [ledger, since, until, None, limit])]


def _completed(ledger: int, found: list[Row]) -> list[Row]:
    """With what the rows speak of, where that is not logged either and is not among them."""
    asked: set[UUID] = set()
    while missing := outside(found) - asked:
        asked |= missing
        rest = rows(UNLOGGED, [ledger, None, None, list(missing), None])
        found = [*(_row(*each) for each in rest), *found]
    return found


def _row(*values: Any) -> Row:
    names = Row.__dataclass_fields__
    return Row(**dict(zip(names, values, strict=True)))


def _append(
    ledger: int, head: _Head, key: SigningKey, found: Sequence[Row], *, publish_at_once: bool
) -> None:
    texts = _leaf_texts(ledger, head.size, found)
    grown = tiles_grow(
        old_size=head.size,
        leaf_hashes=[leaf_hash(text.encode()) for text in texts],
        read=tile_read(ledger),
        old_root=head.root,
    )
    note = checkpoint_sign(Checkpoint(head.origin, grown.size, grown.root), key).encode().decode()
    _append_rows(
        ledger,
        head.size,
        [row.transfer for row in found],
        texts,
        grown,
        note,
        publish_at_once=publish_at_once,
    )


def _append_rows(
    ledger: int,
    old_size: int,
    transfers: Iterable[UUID],
    texts: Iterable[str],
    grown: GrownTree,
    note: str,
    *,
    publish_at_once: bool,
) -> None:
    now = clock.now()
    rows(
        "SELECT ledger_log_append(%s, %s, %s::uuid[], %s::text[], %s, %s, %s, %s, %s, %s, %s)",
        [
            ledger,
            old_size,
            # Text literals of arrays move thousands of rows three times as fast as lists. No
            # letter of a leaf needs quoting inside one.
            "{" + ",".join(map(str, transfers)) + "}",
            "{" + ",".join(f'"{text}"' for text in texts) + "}",
            [level for level, _ in grown.tiles],
            [index for _, index in grown.tiles],
            list(grown.tiles.values()),
            grown.root,
            note,
            now,
            now if publish_at_once else None,
        ],
    )


def _leaf_texts(ledger: int, size: int, found: Sequence[Row]) -> list[str]:
    stored = _account_keys(ledger, {each for row in found for each in (row.debit, row.credit)})
    lost = os.urandom(32)
    texts = []
    for number, row in enumerate(found, size):
        debit = side_committed(ledger=ledger, row=row, side="debit", keys=stored, lost=lost)
        credit = side_committed(ledger=ledger, row=row, side="credit", keys=stored, lost=lost)
        leaf = leaf_of(ledger=ledger, number=number, row=row, debit=debit, credit=credit)
        texts.append(leaf.text())
    return texts


ACCOUNT_KEYS = "SELECT account, key FROM ledger_log_key WHERE ledger = %s AND account = ANY (%s)"


def _account_keys(ledger: int, accounts: set[UUID]) -> dict[UUID, bytes]:
    """The keys of accounts, made where there was none; forgotten ones are left out."""
    known = dict(rows(ACCOUNT_KEYS, [ledger, list(accounts)]))
    new = sorted(accounts - known.keys())
    if new:
        rows(
            "SELECT ledger_log_keys_make(%s, %s, %s, %s)",
            [ledger, new, [os.urandom(32) for _ in new], clock.now()],
        )
        known |= dict(rows(ACCOUNT_KEYS, [ledger, new]))
    return {account: bytes(key) for account, key in known.items() if key is not None}
