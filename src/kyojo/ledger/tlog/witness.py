"""What a witness decides, and the bodies it exchanges (c2sp.org/tlog-witness).

A witness keeps, for each log, the largest checkpoint it cosigned. It cosigns another only when the
log shows that the other continues it. HTTP, storage and keys are the server's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .checkpoints import Checkpoint
from .encoding import base64_text, decimal_number
from .errors import (
    NoteMalformed,
    OriginDiffers,
    ProofMalformed,
    RootDiffers,
    SizeConflict,
)
from .merkle import EMPTY_ROOT, verify_consistency
from .notes import NOTE_BYTES_MAX, SIGNATURES_MAX, Signature, SignedNote
from .proofs import hash_lines

#: A note, and 63 hashes before it.
REQUEST_BYTES_MAX = NOTE_BYTES_MAX + 10_000

_OLD = "old "


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The body of ``POST /add-checkpoint``: the size the log believes the witness to have, the
    consistency proof from it, and the signed checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    note: SignedNote

    def encode(self) -> bytes:
        """The body as it is sent."""
        lines = [f"{_OLD}{self.old_size}", *(base64_text(each) for each in self.proof), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.note.encode()

    @classmethod
    def parse(cls, data: bytes) -> "AddCheckpoint":
        """Read a body. ProofMalformed (NoteMalformed for its second half) unless ``encode`` gives
        the same bytes again: the answer is 400."""
        if len(data) > REQUEST_BYTES_MAX:
            raise ProofMalformed(reason="too_long")
        head, empty_line, note = data.partition(b"\n\n")
        if not empty_line:
            raise ProofMalformed(reason="empty_line")
        try:
            first, *lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise ProofMalformed(reason="ascii") from error
        if not first.startswith(_OLD):
            raise ProofMalformed(reason="old_size")
        try:
            old_size = decimal_number(first.removeprefix(_OLD))
        except ValueError as error:
            raise ProofMalformed(reason="old_size") from error
        return cls(old_size, hash_lines(lines), SignedNote.parse(note))


def cosignature_lines(signatures: Sequence[Signature]) -> bytes:
    """The body of the answer 200."""
    return "".join(each.line() for each in signatures).encode()


def cosignature_lines_parse(data: bytes) -> tuple[Signature, ...]:
    """The lines of an answer 200, not verified yet. NoteMalformed when it is something else."""
    try:
        text = data[: NOTE_BYTES_MAX + 1].decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteMalformed(reason="utf8") from error
    if len(data) > NOTE_BYTES_MAX or text.count("\n") > SIGNATURES_MAX:
        raise NoteMalformed(reason="too_long")
    if not text.endswith("\n"):
        raise NoteMalformed(reason="final_newline")
    return tuple(Signature.parse(line) for line in text.split("\n")[:-1])


def decide(
    *,
    stored: Checkpoint | None,
    old_size: int,
    checkpoint: Checkpoint,
    proof: Sequence[bytes],
) -> None:
    """May the witness cosign this checkpoint? Returns when it may; it then has to store it before
    answering, in one step with having read ``stored``.

    The server has checked the log's signature before (unknown origin: 404; signature missing or
    invalid: 403).

    Args:
        stored: the latest checkpoint cosigned of this origin, None when there is none.
        old_size: what the request says the witness has.
        checkpoint: the one to be cosigned.
        proof: consistency from ``old_size`` to ``checkpoint``.

    Raises, in this order:
        OriginDiffers: ``stored`` is of another log.
        ProofMalformed: the old size is above the checkpoint's (400).
        SizeConflict: the witness has another size; ``.stored`` is it (409).
        RootDiffers: a tree without leaves has another root than the empty one (422).
        ConsistencyFails: the checkpoint does not continue the stored one, or nothing shows that it
            does (422).
    """
    if stored is not None and stored.origin != checkpoint.origin:
        raise OriginDiffers(reason="other_log")
    if old_size > checkpoint.size:
        raise ProofMalformed(reason="old_size")
    stored_size = stored.size if stored else 0
    if old_size != stored_size:
        raise SizeConflict(stored=stored_size)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise RootDiffers(reason="empty_root")
    verify_consistency(
        old_size=old_size,
        old_root=stored.root if stored else EMPTY_ROOT,
        new_size=checkpoint.size,
        new_root=checkpoint.root,
        proof=proof,
    )
