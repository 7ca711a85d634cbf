"""What is written on a chain of a log's checkpoint, and the record of what was written. Pure.

The payload is 48 bytes of calldata: which log (8), how many leaves (8), their root (32). An account
used for nothing else writes it in a transaction to itself, so its transactions are numbered from 0
without a gap: a record that explains each of these numbers is complete, and a checkpoint anchored
for other eyes cannot be left out of it. docs/decisions/0015 says why so.

The record is a text, made by the writer and published beside the log::

    kyojo-anchor/v1 <chain id> <address of the account>
    <number> <transaction> <size> <root, Base 64> <origin>
"""

import hashlib
import re
from dataclasses import dataclass, replace

from kyojo.ledger.tlog.checkpoints import Checkpoint
from kyojo.ledger.tlog.encoding import base64_text, decimal_number, hash_bytes
from kyojo.ledger.tlog.errors import CheckpointMalformed, TlogError

RECORD = "kyojo-anchor/v1"
RECORD_BYTES_MAX = 10_000_000
TAG_BYTES = 8
PAYLOAD_BYTES = 48

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_TRANSACTION = re.compile(r"0x[0-9a-f]{64}")


class AnchorMalformed(TlogError):
    """Not a record of anchors."""

    code = "anchor_malformed"
    sentence = "アンカーの控えの形が正しくありません。もとの場所から、もう一度受けとってください。"


class AnchorMissing(TlogError):
    """The account made a transaction that the record lacks, or the chain lacks a recorded one."""

    code = "anchor_missing"
    sentence = (
        "アンカーの控えと、ブロックチェーンにある取引の数が合いません。"
        "隠された記録があるかもしれないので、センターにお知らせください。"
    )


class AnchorDiffers(TlogError):
    """The chain has something else than the record says."""

    code = "anchor_differs"
    sentence = (
        "ブロックチェーンに書かれた内容が、控えとちがいます。"
        "書きかえのおそれがあるので、センターにお知らせください。"
    )


class AnchorUnconfirmed(TlogError):
    """Too few blocks stand on the transaction yet."""

    code = "anchor_unconfirmed"
    sentence = "いちばん新しいアンカーは、まだ確定していません。しばらくして確かめてください。"


class ChainDiffers(TlogError):
    """The node speaks for another chain than the record, or the account is another."""

    code = "chain_differs"
    sentence = (
        "控えとは別のブロックチェーンか、別のアカウントです。接続先とアドレスを確かめてください。"
    )


@dataclass(frozen=True, slots=True)
class Anchor:
    """One checkpoint on the chain: the transaction ``number`` (nonce) of the account."""

    number: int
    transaction: str
    checkpoint: Checkpoint

    def payload(self) -> bytes:
        """What the transaction carries."""
        return payload_of(self.checkpoint)


@dataclass(frozen=True, slots=True)
class AnchorRecord:
    """Everything an account ever wrote, in order."""

    chain: int
    address: str
    anchors: tuple[Anchor, ...] = ()

    def encode(self) -> bytes:
        """The file."""
        lines = [f"{RECORD} {self.chain} {self.address}"]
        for each in self.anchors:
            head = each.checkpoint
            lines.append(
                f"{each.number} {each.transaction} {head.size} {base64_text(head.root)}"
                f" {head.origin}"
            )
        return "".join(f"{line}\n" for line in lines).encode()

    @classmethod
    def parse(cls, data: bytes) -> "AnchorRecord":
        """Read the file. AnchorMalformed unless ``encode`` gives the same bytes again; also when
        its numbers are not 0, 1, 2, …"""
        try:
            header, *lines = data.decode("utf-8").split("\n")
            name, chain, address = header.split(" ")
            record = cls(
                decimal_number(chain), address, tuple(_anchor(line) for line in lines[:-1])
            )
        except (ValueError, CheckpointMalformed) as error:
            raise AnchorMalformed(reason="form") from error
        if name != RECORD or not _ADDRESS.fullmatch(address) or record.encode() != data:
            raise AnchorMalformed(reason="not_canonical")
        if [each.number for each in record.anchors] != list(range(len(record.anchors))):
            raise AnchorMalformed(reason="numbers")
        return record

    def of(self, origin: str) -> list[Anchor]:
        """The anchors of one log; an account may serve several."""
        return [each for each in self.anchors if each.checkpoint.origin == origin]

    def with_anchor(self, transaction: str, checkpoint: Checkpoint) -> "AnchorRecord":
        """The record with one more."""
        new = Anchor(len(self.anchors), transaction, checkpoint)
        return replace(self, anchors=(*self.anchors, new))

    def without_last(self) -> "AnchorRecord":
        """The record without one that never reached the chain."""
        return replace(self, anchors=self.anchors[:-1])


def payload_of(checkpoint: Checkpoint) -> bytes:
    """SHA-256(tag ‖ origin)[:8] ‖ size, big-endian ‖ root: 48 bytes."""
    tag = hashlib.sha256(f"{RECORD}\n{checkpoint.origin}".encode()).digest()[:TAG_BYTES]
    return tag + checkpoint.size.to_bytes(8, "big") + checkpoint.root


def _anchor(line: str) -> Anchor:
    number, transaction, size, root, origin = line.split(" ", 4)
    if not _TRANSACTION.fullmatch(transaction):
        raise ValueError("not a transaction")
    return Anchor(
        decimal_number(number),
        transaction,
        Checkpoint(origin, decimal_number(size), hash_bytes(root)),
    )
