"""A receipt: one file that proves a transfer, to anybody, without a database. Pure.

    kyojo-receipt/v1
    debit <salt> <account> <reference> <at> <timeout_at>
    credit <salt> <account> <reference> <at> <timeout_at>

    (the leaf, thirteen lines)

    (a tlog-proof, which ends in the checkpoint and its signatures)

Each opened side is one line; a receipt has none, one or both, the debit first. What is nothing is
``-``; salts are Base 64. docs/reference/log.md says how to verify one by hand.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_open
from kyojo.ledger.tlog.encoding import base64_text, hash_bytes
from kyojo.ledger.tlog.errors import LeafDiffers
from kyojo.ledger.tlog.merkle import leaf_hash
from kyojo.ledger.tlog.notes import VerifierKey
from kyojo.ledger.tlog.policy import Policy, PolicyResult, policy_check
from kyojo.ledger.tlog.proofs import TlogProof

from .errors import ReceiptMalformed
from .leaves import LINES, NOTHING, Leaf, Side, SideName, day_of, moment_parse, moment_text

RECEIPT = "kyojo-receipt/v1"
RECEIPT_BYTES_MAX = 2_000_000
SIDES: tuple[SideName, SideName] = ("debit", "credit")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A leaf, sides of it that were opened (the debit first), and the proof that it is logged."""

    leaf: Leaf
    sides: tuple[Side, ...]
    proof: TlogProof

    def __post_init__(self) -> None:
        names = [side.name for side in self.sides]
        if names not in ([], ["debit"], ["credit"], ["debit", "credit"]):
            raise ReceiptMalformed(reason="sides")

    @property
    def origin(self) -> str:
        """The log that the receipt says it is of; nothing is verified by reading it."""
        return Checkpoint.parse(self.proof.checkpoint.text).origin

    def encode(self) -> bytes:
        """The file (usually ``….kyojo-receipt``), text in UTF-8."""
        head = "".join(f"{line}\n" for line in (RECEIPT, *map(_side_line, self.sides), ""))
        return head.encode() + self.leaf.encode() + b"\n" + self.proof.encode()

    @classmethod
    def parse(cls, data: bytes) -> "Receipt":
        """Read a file.

        Raises:
            ReceiptMalformed: not a receipt.
            LeafMalformed, ProofMalformed, NoteMalformed: a part of it is not what it should be.
        """
        if len(data) > RECEIPT_BYTES_MAX:
            raise ReceiptMalformed(reason="too_long")
        parts = data.split(b"\n\n", 2)
        if len(parts) != 3:
            raise ReceiptMalformed(reason="parts")
        head, leaf, proof = parts
        if leaf.count(b"\n") != LINES - 1:
            raise ReceiptMalformed(reason="leaf")
        try:
            header, *lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise ReceiptMalformed(reason="ascii") from error
        if header != RECEIPT:
            raise ReceiptMalformed(reason="header")
        receipt = cls(
            Leaf.parse(leaf + b"\n"),
            tuple(_side_parse(line) for line in lines),
            TlogProof.parse(proof),
        )
        if receipt.encode() != data:
            raise ReceiptMalformed(reason="not_canonical")
        return receipt

    def verify(
        self,
        *,
        policy: Policy | None = None,
        key: VerifierKey | None = None,
        now: datetime,
        fresh_for: timedelta | None = None,
    ) -> PolicyResult:
        """Check everything the receipt says; answer its checkpoint and who cosigned it when.

        Args:
            policy: whom to trust: logs, witnesses and their quorum.
            key: the log's key, instead of a policy's logs; alone, no witness is asked for.
            now, fresh_for: as in ``policy_check``.

        Raises:
            ValueError: neither policy nor key.
            OriginDiffers, SignatureMissing, SignatureInvalid, QuorumMissing, Stale,
            CheckpointMalformed: the checkpoint is not to be trusted.
            InclusionFails: the leaf is not in the log.
            LeafDiffers: the leaf has another number, a side is not the one committed to, or what
                was committed to contradicts the other side or the leaf's day.
        """
        if policy is not None:
            result = policy_check(
                self.proof.checkpoint, policy, now=now, fresh_for=fresh_for, key=key
            )
        elif key is not None:
            result = PolicyResult(checkpoint_open(self.proof.checkpoint, key))
        else:
            raise ValueError("whom to trust? a policy or a key is needed")
        self.proof.verify(leaf_hash(self.leaf.encode()))
        if self.leaf.number != self.proof.index:
            raise LeafDiffers(reason="number")
        for side in self.sides:
            found = side.commitment(ledger=self.leaf.ledger, transfer=self.leaf.transfer)
            if found != self.leaf.commitment(side.name):
                raise LeafDiffers(reason=side.name)
            if day_of(side.at) != self.leaf.day:
                raise LeafDiffers(reason="day")
        # What both sides share was committed to twice: a log that lied on one side shows here.
        if len({(side.reference, side.at, side.timeout_at) for side in self.sides}) > 1:
            raise LeafDiffers(reason="sides")
        return result


def _side_line(side: Side) -> str:
    return " ".join(
        (
            side.name,
            base64_text(side.salt),
            str(side.account),
            str(side.reference or NOTHING),
            moment_text(side.at),
            moment_text(side.timeout_at),
        )
    )


def _side_parse(line: str) -> Side:
    words = line.split(" ")
    if len(words) != 6 or words[0] not in SIDES:
        raise ReceiptMalformed(reason="side")
    try:
        at = moment_parse(words[4])
        if at is None:
            raise ReceiptMalformed(reason="side_at")
        return Side(
            name=words[0],
            salt=hash_bytes(words[1]),
            account=UUID(words[2]),
            reference=None if words[3] == NOTHING else UUID(words[3]),
            at=at,
            timeout_at=moment_parse(words[5]),
        )
    except (ValueError, OverflowError) as error:
        raise ReceiptMalformed(reason="side_value") from error
