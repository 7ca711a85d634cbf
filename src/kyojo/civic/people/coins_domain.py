"""Pure decisions about coins: which vintages pay, what a part of a hold is, how it is told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict
from uuid import UUID

from kyojo.kernel import amounts, clock
from kyojo.kernel.ids import derived_id
from kyojo.ledger.domain import expiry_id
from kyojo.ledger.types import Entry, Kind, Leg, TransferCode

from . import sentences
from .errors import CoinsAmountWrong, CoinsShort


class Hold(TypedDict):
    """One hold as rooms keep it (JSON): coins of one vintage, from one person for another.

    It names no account. ``ledger`` is the payer's municipality, ``payee_ledger`` the payee's;
    ``order`` the order that made it; ``vintage`` the fiscal year at whose end the coins expire.
    """

    id: str
    order: str
    ledger: int
    payee_ledger: int
    amount: int
    vintage: int
    reference: str


@dataclass(frozen=True, slots=True)
class Purse:
    """A person's coins. ``by_vintage``: (last day of use, available amount), oldest first."""

    available: int
    held: int
    by_vintage: tuple[tuple[date, int], ...]

    @property
    def next_expiry(self) -> tuple[date, int] | None:
        """The day on which coins run out next, and how many."""
        return self.by_vintage[0] if self.by_vintage else None


@dataclass(frozen=True, slots=True)
class CoinEntry:
    """One line of a person's coin record.

    ``change`` is of what they own, ``available_change`` of what they can spend (whole coins),
    ``available`` what they could spend afterwards. ``kind`` is "held", "returned", "paid",
    "earned", "received" or "other"; ``reference`` is the visit or order it was for.
    """

    at: datetime
    kind: str
    words: str
    change: int
    available_change: int
    available: int
    reference: UUID | None


def expires_on(vintage: int) -> date:
    """The last day of the fiscal year ``vintage``."""
    return date(vintage + 1, 3, 31)


def vintage_again(today: date, days: int) -> int:
    """The first vintage that can be used for ``days`` more, from ``today``."""
    return clock.fiscal_year(today + timedelta(days=days))


def amount_checked(amount: int) -> int:
    """Raises ``CoinsAmountWrong``."""
    if not 1 <= amount <= amounts.COINS_MAX:
        raise CoinsAmountWrong(field="amount", most=amounts.grouped(amounts.COINS_MAX))
    return amount


def split(
    available: Mapping[int, int],
    amount: int,
    *,
    today: date,
    kept: Mapping[int, int] | None = None,
) -> list[tuple[int, int]]:
    """Which vintages pay ``amount``: (vintage, part), the first to expire first.

    Coins whose last day has passed pay nothing, but for those ``kept`` (vintage → amount): coins
    that are held for this already keep their vintage over 31 March. Raises ``CoinsShort``.
    """
    parts: list[tuple[int, int]] = []
    missing = amount
    for vintage in sorted(available):
        has_passed = expires_on(vintage) < today
        usable = (kept or {}).get(vintage, 0) if has_passed else available[vintage]
        part = min(missing, usable)
        if part > 0:
            parts.append((vintage, part))
            missing -= part
    if missing:
        raise CoinsShort(missing=amounts.grouped(missing), missing_coins=missing)
    return parts


def total(holds: Iterable[Hold]) -> int:
    return sum(hold["amount"] for hold in holds)


def parts_of(holds: Sequence[Hold], amount: int) -> list[tuple[Hold, int]]:
    """How much of each hold moves when ``amount`` of them all does; the oldest vintage first."""
    if not 0 <= amount <= total(holds):
        raise CoinsAmountWrong(field="amount", most=amounts.grouped(total(holds)))
    parts = []
    for hold in holds:
        part = min(amount, hold["amount"])
        parts.append((hold, part))
        amount -= part
    return parts


# --- legs: one in each ledger that a hold touches; ids derive from the hold -----------------------


def hold_id(order_id: UUID, vintage: int) -> UUID:
    return derived_id(order_id, "coins", vintage)


def hold_leg_id(hold: Hold, ledger: int) -> UUID:
    return derived_id(UUID(hold["id"]), Kind.HOLD.value, ledger)


def ledgers_of(hold: Hold) -> list[int]:
    return sorted({hold["ledger"], hold["payee_ledger"]})


def hold_legs(
    hold: Hold, accounts: Mapping[int, tuple[UUID, UUID]], *, timeout_at: datetime | None
) -> list[Leg]:
    """``accounts``: (debit, credit) in each ledger of the hold."""
    return [
        Leg(
            ledger=ledger,
            id=hold_leg_id(hold, ledger),
            debit=accounts[ledger][0],
            credit=accounts[ledger][1],
            amount=hold["amount"],
            kind=Kind.HOLD,
            timeout_at=timeout_at,
            code=TransferCode.SUPPORT,
            reference=UUID(hold["reference"]),
        )
        for ledger in ledgers_of(hold)
    ]


def post_legs(hold: Hold, amount: int) -> list[Leg]:
    """Move ``amount`` of the hold; the rest returns. 0 gives all of it back."""
    return _resolve(hold, Kind.POST, amount) if amount else void_legs(hold)


def void_legs(hold: Hold) -> list[Leg]:
    return _resolve(hold, Kind.VOID, 0)


def expire_legs(hold: Hold) -> list[Leg]:
    return [
        expiry_leg(ledger, hold_leg_id(hold, ledger), TransferCode.SUPPORT)
        for ledger in ledgers_of(hold)
    ]


def expiry_leg(ledger: int, hold_leg: UUID, code: int) -> Leg:
    """Ends a hold after its time as the ledger's own sweep does, so that both are one."""
    return Leg(
        ledger=ledger,
        id=expiry_id(hold_leg),
        amount=0,
        kind=Kind.EXPIRE,
        pending_id=hold_leg,
        code=code,
    )


def _resolve(hold: Hold, kind: Kind, amount: int) -> list[Leg]:
    return [
        Leg(
            ledger=ledger,
            id=derived_id(UUID(hold["id"]), kind.value, ledger),
            amount=amount,
            kind=kind,
            pending_id=hold_leg_id(hold, ledger),
            code=TransferCode.SUPPORT,
            reference=UUID(hold["reference"]),
        )
        for ledger in ledgers_of(hold)
    ]


# --- the record in words --------------------------------------------------------------------------


def told(entries: Sequence[Entry], *, municipality: str) -> list[CoinEntry]:
    """A statement (newest first) as people read it: the vintages of one movement as one line,
    without what only concerns somebody else's hold, and without the change of a provisional hold
    into a firm one, which moves nothing."""
    lines: list[CoinEntry] = []
    for entry in entries:
        if entry.change == 0 and entry.available_change == 0:
            continue
        if entry.code == TransferCode.RENEWED:
            continue  # from one of their own accounts to another
        kind, words = _kind_and_words(entry, municipality)
        last = lines[-1] if lines else None
        if last and (last.at, last.kind, last.reference) == (entry.at, kind, entry.reference):
            lines[-1] = CoinEntry(
                at=last.at,
                kind=kind,
                words=words,
                change=last.change + entry.change,
                available_change=last.available_change + entry.available_change,
                available=last.available,
                reference=entry.reference,
            )
            continue
        lines.append(
            CoinEntry(
                at=entry.at,
                kind=kind,
                words=words,
                change=entry.change,
                available_change=entry.available_change,
                available=entry.available,
                reference=entry.reference,
            )
        )
    return _without_replacements(lines)


def _without_replacements(lines: list[CoinEntry]) -> list[CoinEntry]:
    dropped: set[int] = set()
    for index, line in enumerate(lines):
        if line.kind != "held" or index in dropped:
            continue
        for other_index in range(index + 1, len(lines)):
            other = lines[other_index]
            if other.at != line.at:
                break
            if (
                other.kind == "returned"
                and other_index not in dropped
                and other.available_change == -line.available_change
            ):
                dropped |= {index, other_index}
                break
    return [line for index, line in enumerate(lines) if index not in dropped]


def _kind_and_words(entry: Entry, municipality: str) -> tuple[str, str]:
    if entry.kind is Kind.HOLD:
        return "held", sentences.COINS_HELD
    if entry.kind is Kind.VOID:
        return "returned", sentences.COINS_RETURNED
    if entry.kind is Kind.EXPIRE:
        return "returned", sentences.COINS_EXPIRED_HOLD
    receives = entry.change > 0
    words = {
        (TransferCode.SUPPORT, True): ("earned", sentences.COINS_EARNED),
        (TransferCode.SUPPORT, False): ("paid", sentences.COINS_PAID),
        (TransferCode.DISTRIBUTE, True): ("received", sentences.COINS_DISTRIBUTED),
        (TransferCode.GIFT, True): ("received", sentences.COINS_GIFT),
        (TransferCode.GIFT, False): ("other", sentences.COINS_GIVEN),
        (TransferCode.DONATION, False): ("other", sentences.COINS_DONATED),
        (TransferCode.EXPIRY, False): ("other", sentences.COINS_LAPSED),
    }.get((TransferCode(entry.code), receives), ("other", sentences.COINS_CORRECTED))
    return words[0], words[1].format(municipality=municipality)
