"""Whom a verifier believes, and what it verified last time."""

from dataclasses import dataclass

from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_open
from kyojo.ledger.tlog.errors import SignatureInvalid, SignatureMissing, TlogError
from kyojo.ledger.tlog.notes import SignedNote, VerifierKey, note_verify
from kyojo.ledger.tlog.policy import NONE, Policy

from .errors import SeenMalformed

SEEN = "kyojo-seen/v1"


@dataclass(frozen=True, slots=True)
class Trust:
    """A policy (logs, witnesses, quorum), the log's own key, or both.

    ``source`` says where they come from: ``policy``, ``key``, ``seen`` (pinned the last time), or
    ``log`` (the log told them itself, which proves that it is whole, not whose it is).
    """

    policy: Policy
    key: VerifierKey | None
    source: str

    @classmethod
    def of(cls, *, policy: Policy | None, key: VerifierKey | None, source: str) -> "Trust":
        """With a key alone no witness is asked for."""
        if policy is None and key is None:
            raise ValueError("whom to trust? a policy or a key is needed")
        return cls(policy or Policy(NONE), key, source)

    def keys(self, origin: str) -> tuple[VerifierKey, ...]:
        """The keys that may sign the log ``origin``."""
        return (self.key,) if self.key else self.policy.keys(origin)

    def signer(self, note: SignedNote, origin: str) -> VerifierKey:
        """The key that signed. SignatureMissing if none did; a forged line raises as well."""
        for key in self.keys(origin):
            try:
                note_verify(note, key)
            except SignatureMissing:
                continue
            return key
        raise SignatureMissing(name=origin)


@dataclass(frozen=True, slots=True)
class Seen:
    """The checkpoint that was verified last, with the key it was verified by."""

    key: VerifierKey
    note: SignedNote

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint.parse(self.note.text)

    def encode(self) -> bytes:
        """The file: a header, the key, an empty line, the signed checkpoint."""
        return f"{SEEN}\n{self.key}\n\n".encode() + self.note.encode()

    @classmethod
    def parse(cls, data: bytes) -> "Seen":
        """Read the file. SeenMalformed unless its key signed its checkpoint."""
        head, _, note = data.partition(b"\n\n")
        try:
            header, key = head.decode("utf-8").split("\n")
            seen = cls(VerifierKey.parse(key), SignedNote.parse(note))
            checkpoint_open(seen.note, seen.key)
        except (ValueError, TlogError, SignatureInvalid) as error:
            raise SeenMalformed(reason=getattr(error, "code", "form")) from error
        if header != SEEN:
            raise SeenMalformed(reason="header")
        return seen
