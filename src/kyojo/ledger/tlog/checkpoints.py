"""Checkpoints: what a log signs about itself (c2sp.org/tlog-checkpoint).

The note's text is the origin, the size, the root in Base 64, and lines of extensions, if any::

    log.example/990019
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .encoding import HASH_BYTES, SIZE_LIMIT, base64_text, decimal_number, hash_bytes
from .errors import CheckpointMalformed, NoteMalformed, OriginDiffers
from .merkle import verify_consistency
from .notes import SignedNote, SigningKey, VerifierKey, note_sign, note_verify, text_check


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its origin, how many leaves, their root (32 bytes)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if not all(lines) or any("\n" in line for line in lines):
            raise CheckpointMalformed(reason="line")
        if not 0 <= self.size < SIZE_LIMIT:
            raise CheckpointMalformed(reason="size")
        if len(self.root) != HASH_BYTES:
            raise CheckpointMalformed(reason="root")
        try:
            text_check(self.text())
        except NoteMalformed as error:
            raise CheckpointMalformed(reason=error.reason) from error

    def text(self) -> str:
        """The note's text."""
        lines = (self.origin, str(self.size), base64_text(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read a note's text. CheckpointMalformed unless ``text()`` gives the same again."""
        if not text.endswith("\n"):
            raise CheckpointMalformed(reason="final_newline")
        lines = text.split("\n")[:-1]
        if len(lines) < 3:
            raise CheckpointMalformed(reason="three_lines")
        origin, size, root, *extensions = lines
        try:
            number = decimal_number(size)
        except ValueError as error:
            raise CheckpointMalformed(reason="size") from error
        try:
            hashed = hash_bytes(root)
        except ValueError as error:
            raise CheckpointMalformed(reason="root") from error
        return cls(origin, number, hashed, tuple(extensions))


def checkpoint_sign(checkpoint: Checkpoint, key: SigningKey) -> SignedNote:
    """Sign with the log's key, whose name has to be the origin (else OriginDiffers)."""
    if key.name != checkpoint.origin:
        raise OriginDiffers(reason="key_name")
    return note_sign(checkpoint.text(), key)


def checkpoint_open(note: SignedNote, key: VerifierKey) -> Checkpoint:
    """The checkpoint of a note that the log's key signed.

    Raises:
        SignatureMissing, SignatureInvalid: as ``note_verify``.
        CheckpointMalformed: the key signed something else.
        OriginDiffers: its first line is not the key's name.
    """
    note_verify(note, key)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != key.name:
        raise OriginDiffers(reason="key_name")
    return checkpoint


def checkpoint_follows(*, seen: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """Check that a log's checkpoint continues the one seen before.

    Raises:
        OriginDiffers: they are of two logs.
        RolledBack: the new one is smaller.
        ConsistencyFails: history was rewritten, or the proof is wrong.
    """
    if seen.origin != new.origin:
        raise OriginDiffers(reason="other_log")
    verify_consistency(
        old_size=seen.size,
        old_root=seen.root,
        new_size=new.size,
        new_root=new.root,
        proof=proof,
    )
