"""What the log says of a transfer: a leaf. Pure; docs/reference/log.md has it for other programs.

A leaf is thirteen lines. Eleven are open: what a town's books would show anyway. The last two are
commitments, one to each side: an account, the caller's reference and the exact times, hashed with
a salt. Who holds the salt can open a side; the salt comes from a key of the account, and without
the key a side is 32 bytes that say nothing.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from urllib.parse import quote, unquote
from uuid import UUID

from kyojo.kernel.clock import TOKYO
from kyojo.ledger.tlog.encoding import SIZE_LIMIT, base64_text, hash_bytes
from kyojo.ledger.types import AMOUNT_MAX, Kind

from .errors import LeafMalformed

LEAF = "kyojo-transfer/v1"
SIDE = "kyojo-side/v1"
SALT = "kyojo-salt/v1"
#: Bytes of an account's key, of a salt and of a commitment.
BYTES = 32
NOTHING = "-"
#: Numbers of a ledger and of a code are below these, as in the tables.
LEDGER_END, CODE_END = 2**31, 2**15
YEAR_MAX = 9998
LINES = 13

SideName = Literal["debit", "credit"]


def moment_text(moment: datetime | None) -> str:
    """``2026-06-10T03:00:00.000000Z``: UTC, always six digits below the second; ``-`` for none."""
    if moment is None:
        return NOTHING
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def moment_parse(text: str) -> datetime | None:
    """What ``moment_text`` wrote. ValueError otherwise."""
    if text == NOTHING:
        return None
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    if moment_text(moment) != text:
        raise ValueError("not the canonical form of a moment")
    if moment.year > YEAR_MAX:
        raise ValueError("a moment that has no day in every time zone")
    return moment


def day_of(moment: datetime) -> date:
    """The calendar day in Japan."""
    return moment.astimezone(TOKYO).date()


def salt_of(*, key: bytes, ledger: int, transfer: UUID, side: SideName) -> bytes:
    """The salt of one side of one transfer: HMAC-SHA256 under the account's key."""
    message = f"{SALT}\n{ledger}\n{transfer}\n{side}\n".encode()
    return hmac.digest(key, message, "sha256")


def commitment_of(
    *,
    salt: bytes,
    ledger: int,
    transfer: UUID,
    side: SideName,
    account: UUID,
    reference: UUID | None,
    at: datetime,
    timeout_at: datetime | None,
) -> bytes:
    """SHA-256 over a tag, the salt and what is committed to; the salt has a fixed length, so no
    two inputs read the same."""
    committed = (
        f"{ledger}\n{transfer}\n{side}\n{account}\n{reference or NOTHING}\n"
        f"{moment_text(at)}\n{moment_text(timeout_at)}\n"
    )
    return hashlib.sha256(f"{SIDE}\n".encode() + salt + committed.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a transfer, opened: what its commitment in the leaf was made from."""

    name: SideName
    salt: bytes
    account: UUID
    reference: UUID | None
    at: datetime
    timeout_at: datetime | None

    def commitment(self, *, ledger: int, transfer: UUID) -> bytes:
        return commitment_of(
            salt=self.salt,
            ledger=ledger,
            transfer=transfer,
            side=self.name,
            account=self.account,
            reference=self.reference,
            at=self.at,
            timeout_at=self.timeout_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What is public of a transfer. ``number`` is its place in the log, from 0 without a gap."""

    ledger: int
    number: int
    transfer: UUID
    kind: str
    code: int
    amount: int
    currency: str
    day: date
    pending_id: UUID | None
    correction_of: UUID | None
    debit: bytes
    credit: bytes

    def text(self) -> str:
        """The leaf as it is logged, thirteen lines; in UTF-8 these are the leaf's bytes."""
        return (
            f"{LEAF}\n{self.ledger}\n{self.number}\n{self.transfer}\n{self.kind}\n{self.code}\n"
            f"{self.amount}\n{quote(self.currency, safe='')}\n{self.day.isoformat()}\n"
            f"{self.pending_id or NOTHING}\n{self.correction_of or NOTHING}\n"
            f"{base64_text(self.debit)}\n{base64_text(self.credit)}\n"
        )

    def encode(self) -> bytes:
        return self.text().encode()

    @classmethod
    def parse(cls, data: bytes) -> "Leaf":
        """Read a leaf. LeafMalformed unless ``encode`` gives the same bytes again."""
        try:
            lines = data.decode("ascii").split("\n")
            if len(lines) != LINES + 1 or lines[0] != LEAF:
                raise LeafMalformed(reason="lines")
            leaf = cls(
                ledger=int(lines[1]),
                number=int(lines[2]),
                transfer=UUID(lines[3]),
                kind=Kind(lines[4]).value,
                code=int(lines[5]),
                amount=int(lines[6]),
                currency=unquote(lines[7], errors="strict"),
                day=date.fromisoformat(lines[8]),
                pending_id=None if lines[9] == NOTHING else UUID(lines[9]),
                correction_of=None if lines[10] == NOTHING else UUID(lines[10]),
                debit=hash_bytes(lines[11]),
                credit=hash_bytes(lines[12]),
            )
        except (ValueError, OverflowError) as error:
            raise LeafMalformed(reason="value") from error
        if not (
            1 <= leaf.ledger < LEDGER_END
            and 0 <= leaf.number < SIZE_LIMIT
            and 0 <= leaf.code < CODE_END
            and 1 <= leaf.amount <= AMOUNT_MAX
            and leaf.encode() == data
        ):
            raise LeafMalformed(reason="not_canonical")
        return leaf

    def commitment(self, side: SideName) -> bytes:
        return self.debit if side == "debit" else self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A transfer as the ledger has it, with the currency of its accounts."""

    transfer: UUID
    debit: UUID
    credit: UUID
    amount: int
    kind: str
    code: int
    pending_id: UUID | None
    timeout_at: datetime | None
    reference: UUID | None
    correction_of: UUID | None
    at: datetime
    currency: str

    def account(self, side: SideName) -> UUID:
        return self.debit if side == "debit" else self.credit


def side_open(*, ledger: int, row: Row, side: SideName, key: bytes) -> Side:
    """The side of a transfer, opened with the key of its account."""
    return Side(
        name=side,
        salt=salt_of(key=key, ledger=ledger, transfer=row.transfer, side=side),
        account=row.account(side),
        reference=row.reference,
        at=row.at,
        timeout_at=row.timeout_at,
    )


def leaf_of(*, ledger: int, number: int, row: Row, debit: bytes, credit: bytes) -> Leaf:
    """The leaf of a transfer, given the commitments to its two sides."""
    return Leaf(
        ledger=ledger,
        number=number,
        transfer=row.transfer,
        kind=row.kind,
        code=row.code,
        amount=row.amount,
        currency=row.currency,
        day=day_of(row.at),
        pending_id=row.pending_id,
        correction_of=row.correction_of,
        debit=debit,
        credit=credit,
    )


def side_committed(
    *, ledger: int, row: Row, side: SideName, keys: Mapping[UUID, bytes], lost: bytes
) -> bytes:
    """The commitment to a side under its account's key; where the account was forgotten, under
    ``lost``, 32 random bytes that nobody keeps."""
    salt = salt_of(
        key=keys.get(row.account(side), lost), ledger=ledger, transfer=row.transfer, side=side
    )
    return commitment_of(
        salt=salt,
        ledger=ledger,
        transfer=row.transfer,
        side=side,
        account=row.account(side),
        reference=row.reference,
        at=row.at,
        timeout_at=row.timeout_at,
    )
