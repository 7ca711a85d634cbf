"""The audit of a log: everything computed again from what it serves.

The checkpoint's signatures, then each entry bundle and tile in order, once: entries are hashed and
read, tiles compared with the hashes, and from both a root is computed. Which of the two gives the
signed root tells whether entries or tiles were changed. Memory: an id of each transfer, and one
hash for every 256 leaves.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from kyojo.ledger.tlog.checkpoints import Checkpoint
from kyojo.ledger.tlog.errors import (
    ConsistencyFails,
    LeafDiffers,
    OriginDiffers,
    QuorumMissing,
    RolledBack,
    RootDiffers,
    Stale,
    TileMalformed,
    TlogError,
)
from kyojo.ledger.tlog.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    leaf_hash,
    root_of,
    verify_consistency,
)
from kyojo.ledger.tlog.notes import SignedNote
from kyojo.ledger.tlog.policy import policy_check
from kyojo.ledger.tlog.tiles import (
    TILE_WIDTH,
    TileRead,
    TileReader,
    entries_path,
    entry_bundle_parse,
    partial_width,
    tile_hashes,
    tile_path,
)

from .errors import TileDiffers, TileMissing
from .history import History
from .trust import Seen, Trust

CHECKPOINT_BYTES_MAX = 1_000_000
TILE_BYTES_MAX = TILE_WIDTH * 32
#: A leaf has some 400 bytes; a whole bundle stays far below.
BUNDLE_BYTES_MAX = 4_000_000
#: Of one code so many places are named; the rest is counted.
PLACES_NAMED = 5

Report = Callable[[int, int, str], None]


class Source(Protocol):
    """Where the files of a log come from, by their paths below its prefix."""

    def read(self, path: str, *, limit: int) -> bytes | None:
        """A file of at most ``limit`` bytes; None when there is none. TooLong, Unreachable."""
        ...

    def read_each(self, paths: Iterable[str], *, limit: int) -> Iterator[bytes | None]:
        """The same for many, in their order; a source may fetch ahead."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: which rule, and where (a number, a file, a witness)."""

    error: TlogError
    where: str = ""

    @property
    def code(self) -> str:
        return self.error.code


@dataclass(slots=True)
class Audit:
    """What an audit found. ``ok`` when nothing is wrong."""

    checkpoint: Checkpoint | None = None
    note: SignedNote | None = None
    cosigned: dict[str, datetime] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    history: History = field(default_factory=History)

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def codes(self) -> list[str]:
        """The codes of what is wrong, each once, in the order found."""
        return list(self.counts)

    def wrong(self, error: TlogError, where: str = "") -> None:
        """Note a finding; of many of one code the first places are kept and all counted."""
        self.counts[error.code] = self.counts.get(error.code, 0) + 1
        if self.counts[error.code] <= PLACES_NAMED:
            self.findings.append(Finding(error, where))


@dataclass(frozen=True, slots=True)
class Earlier:
    """A checkpoint known from elsewhere that the log must continue: seen before, or by whom.

    What was ``published`` once has to stay so; what only a witness saw may be about to be.
    """

    checkpoint: Checkpoint
    where: str
    published: bool = False


def log_audit(
    *,
    source: Source,
    trust: Trust,
    now: datetime,
    seen: Seen | None = None,
    fresh_for: timedelta | None = None,
    earlier: Iterable[Earlier] = (),
    report: Report = lambda done, total, text: None,
) -> Audit:
    """Compute everything of a log again, and compare.

    Args:
        seen: what was verified last time; the log must continue it.
        fresh_for: how old the quorum's cosignatures may be.
        earlier: more checkpoints of this log, such as those its witnesses show.
        report: told after each bundle.

    Raises:
        Unreachable, TooLong: the files cannot be read; everything else is a finding.
    """
    audit = Audit()
    data = source.read("checkpoint", limit=CHECKPOINT_BYTES_MAX)
    try:
        if data is None:
            raise TileMissing(reason="checkpoint")
        audit.note = SignedNote.parse(data)
        checkpoint = Checkpoint.parse(audit.note.text)
        _signatures(audit, checkpoint, trust, now=now, fresh_for=fresh_for)
    except TlogError as error:
        audit.wrong(error, "checkpoint")
        return audit  # nothing of the rest is signed by anybody
    audit.checkpoint = checkpoint
    before = []
    for each in [*([Earlier(seen.checkpoint, "seen", published=True)] if seen else []), *earlier]:
        try:
            if each.checkpoint.origin != checkpoint.origin:
                raise OriginDiffers(reason=each.checkpoint.origin)
            if each.checkpoint.size <= checkpoint.size:
                before.append(each)
            elif each.published:
                raise RolledBack(seen=each.checkpoint.size, size=checkpoint.size)
            else:
                continued_by(source, checkpoint, each.checkpoint)
        except (OriginDiffers, RolledBack, ConsistencyFails) as error:
            audit.wrong(error, each.where)
    _Reading(audit, checkpoint, source, before, report).run()
    return audit


def continued_by(source: Source, checkpoint: Checkpoint, later: Checkpoint) -> None:
    """Check that a larger checkpoint, signed by the log and seen elsewhere, continues this one.

    Between signing and publishing a log waits for its witnesses, so a witness may be ahead by a
    little; but the log must then have what it signed.

    Raises:
        RolledBack: the log does not have the tiles of the larger tree (any more).
        ConsistencyFails: the larger tree is another history.
    """

    try:
        proof = consistency_proof(
            checkpoint.size, later.size, TileReader(later.size, tiles_of(source), later.root)
        )
    except (RootDiffers, TileMalformed, TileMissing) as error:
        raise RolledBack(seen=later.size, size=checkpoint.size, reason=error.reason) from error
    verify_consistency(
        old_size=checkpoint.size,
        old_root=checkpoint.root,
        new_size=later.size,
        new_root=later.root,
        proof=proof,
    )


def tiles_of(source: Source) -> TileRead:
    """How a ``TileReader`` reads the tiles of a source; a partial tile may be gone once the full
    one is there. Raises ``TileMissing``."""

    def read(level: int, index: int, width: int) -> bytes:
        data = source.read(tile_path(level, index, width), limit=TILE_BYTES_MAX)
        if data is None and width < TILE_WIDTH:
            whole = source.read(tile_path(level, index), limit=TILE_BYTES_MAX)
            data = whole[: width * 32] if whole else None
        if data is None:
            raise TileMissing(reason=tile_path(level, index, width))
        return data

    return read


def _signatures(
    audit: Audit,
    checkpoint: Checkpoint,
    trust: Trust,
    *,
    now: datetime,
    fresh_for: timedelta | None,
) -> None:
    assert audit.note is not None
    try:
        result = policy_check(audit.note, trust.policy, now=now, fresh_for=fresh_for, key=trust.key)
        audit.cosigned = dict(result.cosigned)
    except (QuorumMissing, Stale) as error:
        # The log did sign it: worth reading, so that everything that is wrong is named.
        audit.wrong(error, "checkpoint")


class _Tops:
    """The roots of the full tiles of level 0, as one side (entries or tiles) has them."""

    def __init__(self) -> None:
        self.tops: list[bytes] = []
        self.last: list[bytes] = []
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}

    def add(self, hashes: list[bytes], wanted: Iterable[int]) -> None:
        """One more tile's hashes; ``wanted`` are sizes inside it whose root is asked for."""
        for size in wanted:
            self.roots[size] = self._root(hashes[: size - len(self.tops) * TILE_WIDTH])
        if len(hashes) == TILE_WIDTH:
            self.tops.append(root_of(hashes))
        else:
            self.last = hashes

    def _root(self, hashes: list[bytes]) -> bytes:
        # An incomplete subtree at the right rises unhashed, as a single leaf there would.
        return root_of([*self.tops, root_of(hashes)])


class _Reading:
    """One pass over entries and tiles."""

    def __init__(
        self,
        audit: Audit,
        checkpoint: Checkpoint,
        source: Source,
        before: list[Earlier],
        report: Report,
    ) -> None:
        self.audit = audit
        self.checkpoint = checkpoint
        self.source = source
        self.before = before
        self.wanted = {checkpoint.size, *(each.checkpoint.size for each in before)}
        self.report = report
        self.entries = _Tops()
        self.tiles = _Tops()
        self.differing: list[tuple[int, int]] = []

    def run(self) -> None:
        size = self.checkpoint.size
        count = -(-size // TILE_WIDTH)

        # One after the other: whatever size was signed, no more is kept than files are there.
        def places() -> Iterator[tuple[int, int]]:
            return ((index, partial_width(size, 0, index)) for index in range(count))

        bundles = self.source.read_each(
            (entries_path(index, width) for index, width in places()), limit=BUNDLE_BYTES_MAX
        )
        tiles = self.source.read_each(
            (tile_path(0, index, width) for index, width in places()), limit=TILE_BYTES_MAX
        )
        for (index, width), bundle, tile in zip(places(), bundles, tiles, strict=True):
            if not self._place(index, width, bundle, tile):
                return
            self.report(index + 1, count, f"{min((index + 1) * TILE_WIDTH, size)}件")
        self._compare()

    def _place(self, index: int, width: int, bundle: bytes | None, tile: bytes | None) -> bool:
        """Bundle and tile ``index``. False when neither can be read: then nothing follows."""
        entries = self._entries(index, width, bundle)
        from_tile = self._tile(0, index, width, tile)
        if entries is None:
            self.audit.history.missing()
            hashes = from_tile
        else:
            hashes = [leaf_hash(entry) for entry in entries]
            for number, entry in enumerate(entries, index * TILE_WIDTH):
                for error in self.audit.history.add(number, entry):
                    self.audit.wrong(error, f"#{number}")
        if hashes is None:
            return False
        first = index * TILE_WIDTH
        wanted = [size for size in self.wanted if first < size <= first + width]
        self.entries.add(hashes, wanted)
        self.tiles.add(hashes if from_tile is None else from_tile, wanted)
        if from_tile is not None and hashes != from_tile:
            numbers = [
                first + place
                for place, pair in enumerate(zip(hashes, from_tile, strict=True))
                if pair[0] != pair[1]
            ]
            self.differing += [(index, number) for number in numbers]
        return True

    def _entries(self, index: int, width: int, data: bytes | None) -> list[bytes] | None:
        path = entries_path(index, width)
        if data is None and width < TILE_WIDTH:
            # A partial bundle may be gone once the full one is there.
            whole = self.source.read(entries_path(index), limit=BUNDLE_BYTES_MAX)
            if whole is not None:
                try:
                    return entry_bundle_parse(whole, TILE_WIDTH)[:width]
                except TlogError as error:
                    self.audit.wrong(error, entries_path(index))
                    return None
        try:
            if data is None:
                raise TileMissing(reason="entries")
            return entry_bundle_parse(data, width)
        except TlogError as error:
            self.audit.wrong(error, path)
            return None

    def _tile(self, level: int, index: int, width: int, data: bytes | None) -> list[bytes] | None:
        path = tile_path(level, index, width)
        if data is None and width < TILE_WIDTH:
            whole = self.source.read(tile_path(level, index), limit=TILE_BYTES_MAX)
            data = whole[: width * 32] if whole else None
        try:
            if data is None:
                raise TileMissing(reason="tile")
            return tile_hashes(data, width)
        except TlogError as error:
            self.audit.wrong(error, path)
            return None

    def _compare(self) -> None:
        """Roots against what was signed, then tiles against the side that gives the root."""
        size, root = self.checkpoint.size, self.checkpoint.root
        entries_fit = self.entries.roots.get(size) == root
        tiles_fit = self.tiles.roots.get(size) == root
        if not entries_fit and not tiles_fit:
            self.audit.wrong(RootDiffers(reason="entries"), "checkpoint")
        if not entries_fit:
            for _, number in self.differing:
                self.audit.wrong(LeafDiffers(reason="entry"), f"#{number}")
        elif not tiles_fit:
            for index in dict.fromkeys(index for index, _ in self.differing):
                width = partial_width(size, 0, index)
                self.audit.wrong(TileDiffers(reason="entries"), tile_path(0, index, width))
        good = self.entries if entries_fit or not tiles_fit else self.tiles
        self._upper_tiles(good.tops)
        if entries_fit or tiles_fit:
            for each in self.before:
                if good.roots[each.checkpoint.size] != each.checkpoint.root:
                    self.audit.wrong(ConsistencyFails(reason="root"), each.where)

    def _upper_tiles(self, row: list[bytes]) -> None:
        level = 1
        while row:
            above = []
            starts = range(0, len(row), TILE_WIDTH)
            paths = [
                tile_path(level, n, min(TILE_WIDTH, len(row) - start))
                for n, start in enumerate(starts)
            ]
            found = self.source.read_each(paths, limit=TILE_BYTES_MAX)
            for start, path, data in zip(starts, paths, found, strict=True):
                hashes = row[start : start + TILE_WIDTH]
                served = self._tile(level, start // TILE_WIDTH, len(hashes), data)
                if served is not None and served != hashes:
                    self.audit.wrong(TileDiffers(reason="below"), path)
                if len(hashes) == TILE_WIDTH:
                    above.append(root_of(hashes))
            row = above
            level += 1
