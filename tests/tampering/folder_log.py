"""A log as files, as an operator with all keys can write it: honestly, or not."""

import hashlib
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from kyojo.kernel import clock
from kyojo.ledger.log.leaves import Leaf
from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_sign
from kyojo.ledger.tlog.merkle import Tree, leaf_hash
from kyojo.ledger.tlog.notes import KeyType, SignedNote, SigningKey, cosign
from kyojo.ledger.tlog.tiles import (
    TILE_WIDTH,
    entries_path,
    entry_bundle,
    partial_width,
    tile_path,
)
from kyojo.ledger.types import Kind, TransferCode

ORIGIN = "kyojo.example/log/kita-hinata"
SPACE = UUID("5f0c1a52-7a52-4b3e-9d58-0d6f4ad0a001")
LEDGER = 990019
MONDAY = date(2026, 6, 1)


def transfer_id(name):
    return uuid5(SPACE, str(name))


def leaf(number, *, name=None, kind=Kind.PLAIN, code=TransferCode.SUPPORT, amount=4, **fields):
    """A leaf whose commitments open to nothing."""
    name = number if name is None else name
    values = {
        "ledger": LEDGER,
        "number": number,
        "transfer": transfer_id(name),
        "kind": str(kind),
        "code": int(code),
        "amount": amount,
        "currency": "coin",
        "day": MONDAY + timedelta(days=number // 1000),
        "pending_id": None,
        "correction_of": None,
        "debit": hashlib.sha256(f"debit {name}".encode()).digest(),
        "credit": hashlib.sha256(f"credit {name}".encode()).digest(),
    }
    return Leaf(**{**values, **fields})


def town_leaves(count):
    """The books of a town: coins issued and distributed, then holds and what became of them."""
    made = [
        leaf(0, code=TransferCode.ISSUE, amount=1_000_000),
        leaf(1, code=TransferCode.DISTRIBUTE, amount=500_000),
    ]
    for number in range(2, count):
        step = number % 4
        if step in (0, 2):
            made.append(leaf(number, kind=Kind.HOLD, amount=10))
        elif step == 1:
            made.append(leaf(number, kind=Kind.VOID, amount=10, pending_id=transfer_id(number - 1)))
        else:
            made.append(leaf(number, kind=Kind.POST, amount=8, pending_id=transfer_id(number - 1)))
    return made[:count]


class FolderLog:
    """Leaves, a key, and a folder to which ``publish`` writes what HTTP would serve."""

    def __init__(self, folder: Path, leaves, *, key=None, witnesses=()):
        self.folder = folder
        self.leaves = [each if isinstance(each, bytes) else each.encode() for each in leaves]
        self.key = key or SigningKey.generate(ORIGIN)
        self.witnesses = list(witnesses)

    @property
    def tree(self):
        return Tree(leaf_hash(each) for each in self.leaves)

    def checkpoint(self, size=None):
        size = len(self.leaves) if size is None else size
        return Checkpoint(self.key.name, size, self.tree.root(size))

    def note(self, size=None, *, at=None) -> SignedNote:
        """The checkpoint, signed by the log and by its witnesses (who believe whatever comes)."""
        note = checkpoint_sign(self.checkpoint(size), self.key)
        at = at or clock.now()
        return note.with_signatures(cosign(note, witness, at) for witness in self.witnesses)

    def publish(self, note: SignedNote | None = None):
        """Entries, tiles and checkpoint, nothing else left in the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        write(self.folder / "checkpoint", (note or self.note()).encode())
        size = len(self.leaves)
        row = [leaf_hash(each) for each in self.leaves]
        for index in range(-(-size // TILE_WIDTH)):
            width = partial_width(size, 0, index)
            entries = self.leaves[index * TILE_WIDTH :][:width]
            write(self.folder / entries_path(index, width), entry_bundle(entries))
        level = 0
        while row:
            above = []
            for index in range(-(-len(row) // TILE_WIDTH)):
                hashes = row[index * TILE_WIDTH :][:TILE_WIDTH]
                write(self.folder / tile_path(level, index, len(hashes)), b"".join(hashes))
                if len(hashes) == TILE_WIDTH:
                    above.append(Tree(hashes).root())
            row = above
            level += 1
        return self.folder

    def entry_replace(self, number, **fields):
        """Other content under one number."""
        self.leaves[number] = replace(Leaf.parse(self.leaves[number]), **fields).encode()

    def policy(self, *, urls=(), quorum=None):
        """The text of a policy: this log, its witnesses by the names w1, w2…, all of them asked."""
        lines = [f"log {self.key.verifier}"]
        names = [f"w{number}" for number in range(1, len(self.witnesses) + 1)]
        urls = [*urls, *[""] * len(names)]
        for name, witness, url in zip(names, self.witnesses, urls, strict=False):
            lines.append(f"witness {name} {witness.verifier} {url}".rstrip())
        if names and quorum is None:
            lines.append(f"group all-of-them all {' '.join(names)}")
            quorum = "all-of-them"
        lines.append(f"quorum {quorum or 'none'}")
        return "\n".join(lines) + "\n"


def witness_key(name="witness.example/kyojo"):
    return SigningKey.generate(name, KeyType.COSIGNATURE)


def write(path: Path, data: bytes):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
