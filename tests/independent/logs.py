"""Logs in folders, as a web server would serve them, written with Kyojo's library."""

import os
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_sign
from kyojo.ledger.tlog.merkle import consistency_proof, inclusion_proof, leaf_hash
from kyojo.ledger.tlog.notes import KeyType, SignedNote, SigningKey, cosign
from kyojo.ledger.tlog.proofs import TlogProof
from kyojo.ledger.tlog.tiles import (
    TILE_WIDTH,
    TileReader,
    entries_path,
    entry_bundle,
    entry_bundle_parse,
    partial_width,
    tile_path,
    tiles_grow,
)
from kyojo.ledger.tlog.witness import AddCheckpoint, decide

ORIGIN = "log.example/990019"
KEY = SigningKey(ORIGIN, KeyType.LOG, bytes(range(32)))
WITNESSES = [
    SigningKey(f"witness.example/w{i}", KeyType.COSIGNATURE, bytes([i]) * 32) for i in (1, 2, 3)
]
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def entries_of(start: int, end: int) -> list[bytes]:
    """Made-up leaves, as long as real ones."""
    return [
        f"kyojo-transfer/v1\n990019\n{n}\n{n:08x}-0000-7000-8000-000000000000\nplain\n100\n"
        f"{1 + n % 300}\ncoin\n2026-11-20\n-\n-\n{n * 7919:044x}\n{n * 104729:044x}\n".encode()
        for n in range(start, end)
    ]


class LogFolder:
    """A growing log in a folder: ``checkpoint``, ``tile/…``, and beside them, for the tests,
    ``seen/<size>`` (every checkpoint published) and ``asked/<old>-<size>`` (every request to the
    witnesses)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.size = 0
        self.published: Checkpoint | None = None
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._bundle: list[bytes] = []
        for name in ("seen", "asked"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def append(self, entries: Sequence[bytes]) -> SignedNote:
        """Log the entries and publish a checkpoint that all witnesses have cosigned."""
        old_size = self.size
        grown = tiles_grow(
            old_size=old_size,
            leaf_hashes=[leaf_hash(each) for each in entries],
            read=self._read,
        )
        self._tiles |= grown.tiles
        self.size = grown.size
        for (level, index), data in grown.tiles.items():
            put(self.folder / tile_path(level, index, len(data) // 32), data)
        bundle = [*self._bundle, *entries]
        first = old_size // TILE_WIDTH
        for start in range(0, len(bundle), TILE_WIDTH):
            part = bundle[start : start + TILE_WIDTH]
            put(
                self.folder / entries_path(first + start // TILE_WIDTH, len(part)),
                entry_bundle(part),
            )
        self._bundle = bundle[len(bundle) - self.size % TILE_WIDTH :]
        return self._publish(Checkpoint(ORIGIN, grown.size, grown.root))

    def prove(self, index: int, note: SignedNote) -> TlogProof:
        size = Checkpoint.parse(note.text).size
        return TlogProof(index, tuple(inclusion_proof(index, size, self.reader(size))), note)

    def reader(self, size: int) -> TileReader:
        return TileReader(size, self._read)

    def _read(self, level: int, index: int, width: int) -> bytes:
        return self._tiles[level, index][: 32 * width]

    def _publish(self, checkpoint: Checkpoint) -> SignedNote:
        old = self.published.size if self.published else 0
        proof = consistency_proof(old, checkpoint.size, self.reader(checkpoint.size))
        note = checkpoint_sign(checkpoint, KEY)
        decide(stored=self.published, old_size=old, checkpoint=checkpoint, proof=proof)
        put(
            self.folder / f"asked/{old}-{checkpoint.size}",
            AddCheckpoint(old, tuple(proof), note).encode(),
        )
        note = note.with_signatures(cosign(note, witness, AT) for witness in WITNESSES)
        put(self.folder / "checkpoint", note.encode())
        put(self.folder / f"seen/{checkpoint.size}", note.encode())
        self.published = checkpoint
        return note


def put(path: Path, data: bytes) -> None:
    """Write a file anew: one that is linked elsewhere stays as it was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def copied(folder: Path, to: Path) -> Path:
    """A copy to tamper with; unchanged files are the same ones on the disk."""
    return Path(shutil.copytree(folder, to, copy_function=os.link))


def entries_read(folder: Path, size: int) -> list[bytes]:
    """All entries of a log in a folder."""
    entries = []
    for index in range(-(-size // TILE_WIDTH)):
        width = partial_width(size, 0, index)
        entries += entry_bundle_parse((folder / entries_path(index, width)).read_bytes(), width)
    return entries


def entries_put(folder: Path, entries: Iterable[bytes]) -> None:
    """Write the entry bundles of a log again, and nothing else."""
    entries = list(entries)
    for start in range(0, len(entries), TILE_WIDTH):
        part = entries[start : start + TILE_WIDTH]
        put(folder / entries_path(start // TILE_WIDTH, len(part)), entry_bundle(part))
