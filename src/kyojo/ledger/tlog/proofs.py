"""One entry's proof in one file (c2sp.org/tlog-proof)::

c2sp.org/tlog-proof@v1
extra (Base 64; the line is there only when there is something)
index 73894
(hashes from the leaf's sibling up, Base 64)

(the checkpoint, a signed note)
"""

from dataclasses import dataclass

from .checkpoints import Checkpoint
from .encoding import (
    HASH_BYTES,
    PROOF_HASHES_MAX,
    SIZE_LIMIT,
    base64_bytes,
    base64_text,
    decimal_number,
    hash_bytes,
)
from .errors import ProofMalformed
from .merkle import verify_inclusion
from .notes import NOTE_BYTES_MAX, SignedNote

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
PROOF_BYTES_MAX = NOTE_BYTES_MAX + 1_000_000

_EXTRA = "extra "
_INDEX = "index "


@dataclass(frozen=True, slots=True)
class TlogProof:
    """That a leaf is number ``index`` of a log.

    Attributes:
        index: of the leaf, from 0.
        hashes: the inclusion proof, 32 bytes each, the leaf's sibling first.
        checkpoint: the signed note of the tree the proof leads to.
        extra: what the application adds; nobody signed it.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: SignedNote
    extra: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.index < SIZE_LIMIT:
            raise ProofMalformed(reason="index")
        if len(self.hashes) > PROOF_HASHES_MAX:
            raise ProofMalformed(reason="hash_count")
        if any(len(each) != HASH_BYTES for each in self.hashes):
            raise ProofMalformed(reason="hash")

    def encode(self) -> bytes:
        """The file (usually ``….tlog-proof``)."""
        lines = [
            PROOF_HEADER,
            *([_EXTRA + base64_text(self.extra)] if self.extra else []),
            f"{_INDEX}{self.index}",
            *(base64_text(each) for each in self.hashes),
            "",
        ]
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint.encode()

    @classmethod
    def parse(cls, data: bytes) -> "TlogProof":
        """Read a file. ProofMalformed (NoteMalformed for its second half) unless ``encode`` gives
        the same bytes again."""
        if len(data) > PROOF_BYTES_MAX:
            raise ProofMalformed(reason="too_long")
        head, empty_line, note = data.partition(b"\n\n")
        if not empty_line:
            raise ProofMalformed(reason="empty_line")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise ProofMalformed(reason="ascii") from error
        if lines.pop(0) != PROOF_HEADER:
            raise ProofMalformed(reason="header")
        extra = b""
        if lines and lines[0].startswith(_EXTRA):
            extra = _extra(lines.pop(0).removeprefix(_EXTRA))
        if not lines or not lines[0].startswith(_INDEX):
            raise ProofMalformed(reason="index")
        try:
            index = decimal_number(lines.pop(0).removeprefix(_INDEX))
        except ValueError as error:
            raise ProofMalformed(reason="index") from error
        return cls(index, hash_lines(lines), SignedNote.parse(note), extra)

    def verify(self, leaf_hash: bytes) -> Checkpoint:
        """Check that the leaf with this hash is under the checkpoint's root; answer the checkpoint.

        The signatures are another question: ``policy.policy_check`` or
        ``checkpoints.checkpoint_open`` asks it.

        Raises:
            CheckpointMalformed: the note is no checkpoint.
            InclusionFails: the leaf is not there.
        """
        checkpoint = Checkpoint.parse(self.checkpoint.text)
        verify_inclusion(
            leaf_hash=leaf_hash,
            index=self.index,
            size=checkpoint.size,
            proof=self.hashes,
            root=checkpoint.root,
        )
        return checkpoint


def hash_lines(lines: list[str]) -> tuple[bytes, ...]:
    """At most 63 hashes, each a line of Base 64, else ProofMalformed."""
    if len(lines) > PROOF_HASHES_MAX:
        raise ProofMalformed(reason="hash_count")
    try:
        return tuple(hash_bytes(line) for line in lines)
    except ValueError as error:
        raise ProofMalformed(reason="hash") from error


def _extra(text: str) -> bytes:
    try:
        extra = base64_bytes(text)
    except ValueError as error:
        raise ProofMalformed(reason="extra") from error
    if not extra:
        raise ProofMalformed(reason="extra_empty")
    return extra
