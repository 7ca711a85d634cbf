"""Pure decisions about clearing between two ledgers: whose debt, what a month's statement says,
which legs settle it.

A payment from a person of ledger A to one of ledger B credits A's clearing account for B and
debits B's for A: A then owes B. Everything here is written from both ledgers at once (``payer``,
``payee``), so that the same words come out whichever of the two is asked.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from uuid import UUID

from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id

from .domain import clearing_account_id
from .types import COIN, Leg, TransferCode

#: Never changes: the ids of all settlements, and so of their legs, derive from it.
SETTLEMENT_NAMESPACE = UUID("3b8a5f0e-8f53-4d0b-9a51-7d5d1f4a6c20")
#: The first line of a statement's text: which form the hash is of.
STATEMENT_FORM = "kyojo-clearing/v1"


def month_of(moment: datetime) -> date:
    """The first day of the month in Japan that ``moment`` falls in."""
    return clock.local(moment).date().replace(day=1)


def month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def month_bounds(month: date) -> tuple[datetime, datetime]:
    """The first moment of the month and the first moment after it, in Japan, as UTC.

    Raises ``ValueError`` for a day that is not the first of its month.
    """
    if month.day != 1:
        raise ValueError(f"{month} does not name a month: it is not its first day")
    return clock.at(month, 0), clock.at(month_after(month), 0)


@dataclass(frozen=True, order=True)
class Pair:
    """Two ledgers that clear with each other in one currency; ``low`` is the smaller number."""

    low: int
    high: int
    currency: str = COIN

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"a pair needs two ledgers, the lower first: {self.low}, {self.high}")

    @classmethod
    def of(cls, one: int, other: int, currency: str = COIN) -> "Pair":
        return cls(min(one, other), max(one, other), currency)

    @property
    def ledgers(self) -> tuple[int, int]:
        """In the order in which they are locked and written."""
        return self.low, self.high

    def counterpart(self, ledger: int) -> int:
        """Raises ``ValueError`` for a ledger that is not of the pair."""
        if ledger not in self.ledgers:
            raise ValueError(f"ledger {ledger} is not one of {self.ledgers}")
        return self.low + self.high - ledger

    def account(self, ledger: int) -> UUID:
        """The clearing account in ``ledger`` for the other one."""
        return clearing_account_id(ledger, self.counterpart(ledger), self.currency)

    def settlement_id(self, month: date) -> UUID:
        """The one settlement that a month of this pair can have; both towns make the same id."""
        month_bounds(month)
        return derived_id(SETTLEMENT_NAMESPACE, *self.ledgers, self.currency, f"{month:%Y-%m}")

    def leg_id(self, month: date, ledger: int) -> UUID:
        return derived_id(self.settlement_id(month), "settle", ledger)


@dataclass(frozen=True)
class Position:
    """Where ``ledger`` stands with ``counterpart`` now, in whole coins, over all time.

    ``given`` came from our people to theirs (we owe for it), ``received`` from theirs to ours
    (they owe for it). A settlement is on the other side of what it settles, so that ``net`` is
    what is still open: positive is a claim on them, negative a debt to them. ``given_held`` and
    ``received_held`` are held for visits that are not over, and in no net.
    """

    ledger: int
    counterpart: int
    currency: str
    given: int
    received: int
    given_held: int
    received_held: int

    @property
    def net(self) -> int:
        return self.received - self.given


@dataclass(frozen=True)
class Movement:
    """Coins that moved between the two ledgers, seen from one of them.

    ``transfer`` is the leg in the ledger that was asked; everything else is the same in both.
    ``corrects``: it puts an earlier transfer right.
    """

    transfer: UUID
    at: datetime
    payer: int
    payee: int
    amount: int
    code: int
    reference: UUID | None
    corrects: bool = False

    @cached_property
    def line(self) -> str:
        """The movement in a statement's text; the same from both sides, and naming no account."""
        return " ".join(
            (
                self.at.astimezone(UTC).isoformat(timespec="microseconds"),
                f"{self.payer:06d}>{self.payee:06d}",
                str(self.amount),
                str(self.code),
                str(self.reference or "-"),
                "correction" if self.corrects else "-",
            )
        )


@dataclass(frozen=True)
class Statement:
    """What a pair settles for a month: its movements that no earlier statement has.

    ``movements`` are in the order of their lines, so of time. Some may be older than the month:
    what came after the statement of its own month was closed is settled with the next.
    """

    pair: Pair
    month: date
    movements: tuple[Movement, ...]

    @classmethod
    def of(cls, pair: Pair, month: date, movements: Iterable[Movement]) -> "Statement":
        """Raises ``ValueError`` for a movement after the month, or of other ledgers."""
        _, until = month_bounds(month)
        lines = tuple(sorted(movements, key=lambda movement: movement.line))
        for movement in lines:
            if movement.at >= until or {movement.payer, movement.payee} != set(pair.ledgers):
                raise ValueError(f"not of {pair} until {until}: {movement.line}")
        return cls(pair, month, lines)

    def is_late(self, movement: Movement) -> bool:
        """Whether it happened before the month and is settled with it all the same."""
        return movement.at < month_bounds(self.month)[0]

    def given(self, ledger: int) -> int:
        """What the people of ``ledger`` gave to the other's."""
        return sum(movement.amount for movement in self.movements if movement.payer == ledger)

    def net(self, ledger: int) -> int:
        """What the other owes to ``ledger``; negative, what ``ledger`` owes to it."""
        return self.given(self.pair.counterpart(ledger)) - self.given(ledger)

    @property
    def amount(self) -> int:
        """What one of the two owes the other, 0 if they are even."""
        return abs(self.net(self.pair.low))

    @property
    def debtor(self) -> int | None:
        """Who owes it, or None."""
        net = self.net(self.pair.low)
        return None if net == 0 else self.pair.low if net < 0 else self.pair.high

    @property
    def text(self) -> str:
        """The statement as both towns have it, letter by letter. Source of ``hash``."""
        low, high = self.pair.ledgers
        head = (
            STATEMENT_FORM,
            f"{low:06d} {high:06d}",
            self.pair.currency,
            f"{self.month:%Y-%m}",
            f"{low:06d}>{high:06d} {self.given(low)}",
            f"{high:06d}>{low:06d} {self.given(high)}",
            str(len(self.movements)),
        )
        return "".join(f"{line}\n" for line in (*head, *(m.line for m in self.movements)))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of ``text`` in UTF-8, 64 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def settlement_legs(
    *, pair: Pair, month: date, debtor: int, amount: int, accounts: Mapping[int, UUID]
) -> list[Leg]:
    """The two legs that settle ``amount`` of ``month``, to be executed as one linked call.

    ``accounts``: in each ledger, the account that bears it; its issuer, usually. In the debtor's
    ledger the clearing account gives: the coins that left its people are retired. In the
    creditor's it receives: its issuer now stands for the coins that came to its people. So each
    clearing account moves by the same amount the opposite way.
    """
    creditor = pair.counterpart(debtor)
    reference = pair.settlement_id(month)
    sides = {
        debtor: (pair.account(debtor), accounts[debtor]),
        creditor: (accounts[creditor], pair.account(creditor)),
    }
    return [
        Leg(
            ledger=ledger,
            id=pair.leg_id(month, ledger),
            debit=sides[ledger][0],
            credit=sides[ledger][1],
            amount=amount,
            code=TransferCode.CLEARING,
            reference=reference,
        )
        for ledger in pair.ledgers
    ]
