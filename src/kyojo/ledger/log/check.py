"""Is the log still true to the ledger, and to itself? Everything is computed again from the rows.

Run as the owner of the tables, as the ledger's own check. One pass over the entries of a log, in
their order, rebuilds each leaf, every tile and the root at each stored checkpoint. What cannot be
seen from inside, a history that was rewritten as a whole with the real key, is for the witnesses.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_open
from kyojo.ledger.tlog.encoding import HASH_BYTES
from kyojo.ledger.tlog.errors import TlogError
from kyojo.ledger.tlog.merkle import EMPTY_ROOT, leaf_hash
from kyojo.ledger.tlog.notes import SignedNote, VerifierKey
from kyojo.ledger.tlog.tiles import TILE_WIDTH, tile_path, tiles_grow
from kyojo.ledger.types import Problem

from .leaves import Leaf, Row, SideName, leaf_of, side_open
from .receipts import SIDES
from .scope import rows

#: A transfer may be this old before it has to be in the log.
GRACE_SECONDS = 60
#: At most this many rows are named for one rule of one ledger.
NAMED_ROWS = 100
CHUNK_ROWS = 5_000
TILE_BYTES = TILE_WIDTH * HASH_BYTES
TRIGGERS = (
    ("ledger_log_entry", "ledger_log_entry_append_only"),
    ("ledger_log_entry", "ledger_log_entry_no_truncate"),
    ("ledger_log_head", "ledger_log_head_stays"),
    ("ledger_log_head", "ledger_log_head_no_truncate"),
    ("ledger_log_tile", "ledger_log_tile_stays"),
    ("ledger_log_tile", "ledger_log_tile_grows"),
    ("ledger_log_tile", "ledger_log_tile_no_truncate"),
    ("ledger_log_checkpoint", "ledger_log_checkpoint_stays"),
    ("ledger_log_checkpoint", "ledger_log_checkpoint_no_truncate"),
    ("ledger_log_key", "ledger_log_key_stays"),
    ("ledger_log_key", "ledger_log_key_once"),
    ("ledger_log_key", "ledger_log_key_no_truncate"),
)

UNLOGGED = """
    SELECT t.ledger, 'transfer ' || t.id, 'was written at ' || t.written_at || ' and is in no log'
        || CASE WHEN h.ledger IS NULL THEN '; the ledger has none: is ./kyojo worker running?'
                ELSE '' END
    FROM ledger_transfer t LEFT JOIN ledger_log_head h ON h.ledger = t.ledger
    -- A row that says it was written in the future would otherwise wait for ever.
    WHERE abs(extract(epoch FROM clock_timestamp() - t.written_at)) > %(grace)s
        AND (t.ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL)
        AND NOT EXISTS (
            SELECT FROM ledger_log_entry e WHERE e.ledger = t.ledger AND e.transfer = t.id)
    ORDER BY 1, t.written_at, t.id LIMIT %(limit)s
"""
HEADLESS = """
    SELECT DISTINCT e.ledger FROM (
        SELECT ledger FROM ledger_log_entry UNION ALL SELECT ledger FROM ledger_log_tile
        UNION ALL SELECT ledger FROM ledger_log_checkpoint
    ) e
    WHERE NOT EXISTS (SELECT FROM ledger_log_head h WHERE h.ledger = e.ledger)
        AND (e.ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL)
    ORDER BY 1
"""
HEADS = """
    SELECT ledger, origin, key, size, root FROM ledger_log_head
    WHERE ledger = ANY (%(ledgers)s) OR %(ledgers)s::int[] IS NULL ORDER BY ledger
"""
ENTRIES = """
    SELECT e.number, e.transfer, e.leaf, t.id, t.debit, t.credit, t.amount, t.kind, t.code,
        t.pending_id, t.timeout_at, t.reference, t.correction_of, t.at, coalesce(a.currency, '-'),
        d.key, d.account IS NOT NULL, c.key, c.account IS NOT NULL, p.number, o.number
    FROM ledger_log_entry e
    LEFT JOIN ledger_transfer t ON t.ledger = e.ledger AND t.id = e.transfer
    LEFT JOIN ledger_account a ON a.ledger = t.ledger AND a.id = t.debit
    LEFT JOIN ledger_log_key d ON d.ledger = t.ledger AND d.account = t.debit
    LEFT JOIN ledger_log_key c ON c.ledger = t.ledger AND c.account = t.credit
    LEFT JOIN ledger_log_entry p ON p.ledger = t.ledger AND p.transfer = t.pending_id
    LEFT JOIN ledger_log_entry o ON o.ledger = t.ledger AND o.transfer = t.correction_of
    WHERE e.ledger = %s ORDER BY e.number
"""
CHECKPOINTS = """
    SELECT size, root, note, cosigned FROM ledger_log_checkpoint WHERE ledger = %s ORDER BY size
"""
TILES = "SELECT level, index, sha256(hashes) FROM ledger_log_tile WHERE ledger = %s"


def check(*, ledgers: Sequence[int] | None = None) -> list[Problem]:
    """Every rule of the logs that does not hold in ``ledgers`` (all, if None).

    The caller has made sure that row-level security does not bind the connection. One snapshot,
    so it may run beside a worker.
    """
    wanted = {
        "ledgers": None if ledgers is None else list(ledgers),
        "grace": GRACE_SECONDS,
        "limit": NAMED_ROWS,
    }
    problems = list(_triggers())
    with _one_moment():
        problems += [Problem("transfer_is_logged", *row) for row in rows(UNLOGGED, wanted)]
        problems += [
            Problem("log_has_its_head", ledger, "log", "its head is gone, and the rest is there")
            for (ledger,) in rows(HEADLESS, wanted)
        ]
        for ledger, origin, key, size, root in rows(HEADS, wanted):
            problems += _Reading(ledger, origin, key, size, bytes(root)).problems()
    return problems


@contextmanager
def _one_moment() -> Iterator[None]:
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _triggers() -> Iterator[Problem]:
    kept = set(
        rows(
            "SELECT t.tgrelid::regclass::text, t.tgname FROM pg_trigger t"
            " WHERE t.tgenabled IN ('O', 'A')"
        )
    )
    for table, trigger in TRIGGERS:
        if (table, trigger) not in kept:
            yield Problem(
                "log_is_append_only", 0, f"table {table}", f"its trigger {trigger} is gone or off"
            )


@dataclass
class _Tree:
    """The tree as its leaves give it; only the tiles at its right edge are kept."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    edge: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def grow(self, leaf_hashes: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
        """Append; the tiles that are full now."""
        grown = tiles_grow(
            old_size=self.size,
            leaf_hashes=leaf_hashes,
            read=lambda level, index, width: self.edge[level, index],
        )
        self.size, self.root = grown.size, grown.root
        full = {name: data for name, data in grown.tiles.items() if len(data) == TILE_BYTES}
        self.edge = {
            name: data
            for name, data in (self.edge | grown.tiles).items()
            if len(data) < TILE_BYTES and name not in full
        }
        return full


@dataclass
class _Reading:
    """One log, read from its first entry to its last."""

    ledger: int
    origin: str
    key: str
    size: int
    root: bytes
    found: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    tree: _Tree = field(default_factory=_Tree)
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def problems(self) -> list[Problem]:
        signed = self._signed()
        # The hash of each tile, so that a log of millions fits into memory.
        self.tiles = {
            (level, index): bytes(digest) for level, index, digest in rows(TILES, [self.ledger])
        }
        place = 0
        with connection.chunked_cursor() as cursor:
            cursor.execute(ENTRIES, [self.ledger])
            while chunk := cursor.fetchmany(CHUNK_ROWS):
                hashes = []
                for number, *entry in chunk:
                    if number != place:
                        self._tell(
                            "log_has_no_gap", f"entry {number}", f"stands where {place} should"
                        )
                        place = number
                    hashes.append(leaf_hash(entry[1].encode()))
                    self._entry(number, *entry)
                    place += 1
                self._grow(hashes, signed)
        self._ends(signed)
        for rule, count in self.counts.items():
            if count > NAMED_ROWS:
                more = f"and {count - NAMED_ROWS} more of the same"
                self.found.append(Problem(rule, self.ledger, "log", more))
        return self.found

    def _tell(self, rule: str, row: str, detail: str) -> None:
        self.counts[rule] += 1
        if self.counts[rule] <= NAMED_ROWS:
            self.found.append(Problem(rule, self.ledger, row, detail))

    # --- what was signed ------------------------------------------------------------------------

    def _signed(self) -> dict[int, bytes]:
        """The roots that the key signed, by size."""
        try:
            key = VerifierKey.parse(self.key)
        except TlogError as error:
            self._tell("checkpoint_is_signed", "head", f"its public key: {error.code}")
            return {}
        if key.name != self.origin:
            self._tell("checkpoint_is_signed", "head", f"the key is of {key.name}")
        signed: dict[int, bytes] = {}
        for size, root, *notes in rows(CHECKPOINTS, [self.ledger]):
            for text in notes:
                self._note(size, bytes(root), text, key)
            signed[size] = bytes(root)
        if self.size and self.size not in signed:
            self._tell("checkpoint_is_signed", "head", f"no checkpoint of its {self.size} leaves")
        return signed

    def _note(self, size: int, root: bytes, text: str, key: VerifierKey) -> None:
        row = f"checkpoint {size}"
        try:
            opened = checkpoint_open(SignedNote.parse(text.encode()), key)
        except TlogError as error:
            self._tell("checkpoint_is_signed", row, f"{error.code} {error.reason}".strip())
            return
        if opened != Checkpoint(key.name, size, root):
            self._tell("checkpoint_is_signed", row, f"signed were {opened.size} leaves, other root")

    # --- entries --------------------------------------------------------------------------------

    def _entry(
        self,
        number: int,
        transfer: UUID,
        text: str,
        *values: Any,
    ) -> None:
        row = f"entry {number}"
        *fields, currency, dkey, dknown, ckey, cknown, hold_number, corrected_number = values
        if fields[0] is None:
            self._tell("entry_has_its_transfer", row, f"the ledger has no transfer {transfer}")
            return
        try:
            leaf = Leaf.parse(text.encode())
        except TlogError as error:
            self._tell("leaf_matches_its_transfer", row, f"{error.code} {error.reason}")
            return
        transferred = Row(**dict(zip(Row.__dataclass_fields__, (*fields, currency), strict=True)))
        # The commitments are looked at by themselves: without a key they cannot be rebuilt.
        wanted = leaf_of(
            ledger=self.ledger,
            number=number,
            row=transferred,
            debit=leaf.debit,
            credit=leaf.credit,
        )
        if leaf != wanted:
            self._tell("leaf_matches_its_transfer", row, _differences(leaf, wanted, transfer))
        keys = {"debit": (dkey, dknown), "credit": (ckey, cknown)}
        for side in SIDES:
            self._side(row, leaf, transferred, side, *keys[side])
        for what, named, place in (
            ("the hold", transferred.pending_id, hold_number),
            ("the corrected", transferred.correction_of, corrected_number),
        ):
            if named is not None and (place is None or place >= number):
                where = "is not logged" if place is None else f"stands after it, at {place}"
                self._tell("logged_after_what_it_speaks_of", row, f"{what} {named} {where}")

    def _side(
        self, row: str, leaf: Leaf, transferred: Row, side: SideName, key: Any, known: bool
    ) -> None:
        account = transferred.account(side)
        if not known:
            self._tell("account_has_its_key", row, f"no key and no empty place for {account}")
        elif key is not None:
            opened = side_open(ledger=self.ledger, row=transferred, side=side, key=bytes(key))
            found = opened.commitment(ledger=self.ledger, transfer=transferred.transfer)
            if found != leaf.commitment(side):
                self._tell(
                    "leaf_matches_its_transfer",
                    row,
                    f"transfer {transferred.transfer}: account, reference, time or timeout of the "
                    f"{side} side (or the key of its account) is not what was committed to",
                )

    # --- the tree -------------------------------------------------------------------------------

    def _grow(self, hashes: list[bytes], signed: dict[int, bytes]) -> None:
        end = self.tree.size + len(hashes)
        stops = sorted({size for size in signed if self.tree.size < size < end} | {end})
        for stop in stops:
            count = stop - self.tree.size
            self._tiles_same(self.tree.grow(hashes[:count]))
            hashes = hashes[count:]
            if stop in signed and signed[stop] != self.tree.root:
                self._tell(
                    "checkpoint_matches_the_entries",
                    f"checkpoint {stop}",
                    "the leaves below it do not give the root that was signed",
                )

    def _tiles_same(self, tiles: dict[tuple[int, int], bytes]) -> None:
        for name, data in tiles.items():
            if self.tiles.pop(name, None) != sha256(data).digest():
                self._tell(
                    "tile_matches_the_entries",
                    tile_path(*name, len(data) // HASH_BYTES),
                    "is missing or not what the leaves give",
                )

    def _ends(self, signed: dict[int, bytes]) -> None:
        self._tiles_same(self.tree.edge)
        for level, index in sorted(self.tiles):
            self._tell("tile_matches_the_entries", tile_path(level, index), "has no leaves")
        if (self.size, self.root) != (self.tree.size, self.tree.root):
            self._tell(
                "head_matches_the_entries",
                "head",
                f"says {self.size} leaves; there are {self.tree.size}"
                + ("" if self.size != self.tree.size else ", and they give another root"),
            )
        for size in sorted(size for size in signed if size > self.tree.size):
            self._tell(
                "checkpoint_matches_the_entries",
                f"checkpoint {size}",
                f"was signed, and the log has {self.tree.size} leaves: it was cut",
            )


def _differences(leaf: Leaf, wanted: Leaf, transfer: UUID) -> str:
    differing = ", ".join(
        f"{name} {getattr(leaf, name)} instead of {getattr(wanted, name)}"
        for name in Leaf.__dataclass_fields__
        if getattr(leaf, name) != getattr(wanted, name)
    )
    return f"transfer {transfer}: the leaf has {differing}"
