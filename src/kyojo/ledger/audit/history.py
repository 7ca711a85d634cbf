"""What the leaves of a log say when they are read from the first to the last.

From outside only the open part of a leaf can be read, so this checks what follows from it: numbers
without a gap, each transfer once, holds that are resolved once, by what was held, after they were
made. It adds up what moved, by the transfers' codes.
"""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from kyojo.ledger.log.leaves import Leaf
from kyojo.ledger.tlog.errors import TlogError
from kyojo.ledger.types import Kind

from .errors import (
    CorrectionUnknown,
    CurrencyDiffers,
    HoldExceeded,
    HoldResolvedTwice,
    HoldUnknown,
    LedgerDiffers,
    NumberDiffers,
    TransferTwice,
)

RESOLVING = frozenset({Kind.POST.value, Kind.VOID.value, Kind.EXPIRE.value})
#: Kinds after which coins stand on another account.
MOVING = frozenset({Kind.PLAIN.value, Kind.POST.value})


@dataclass(slots=True)
class Total:
    """What moved under one code: how often, how many coins."""

    count: int = 0
    amount: int = 0


@dataclass(slots=True)
class History:
    """The state after the leaves read so far.

    Attributes:
        totals: by (currency, code): what moved at once or out of a hold.
        held: by currency, what is set aside at the end.
        kinds: how many leaves of each kind there were.
        whole: False once a leaf could not be read; what would refer to it is then not looked for.
    """

    totals: dict[tuple[str, int], Total] = field(default_factory=dict)
    held: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    whole: bool = True
    ledger: int = 0
    _transfers: set[UUID] = field(default_factory=set)
    _holds: dict[UUID, tuple[int, str]] = field(default_factory=dict)
    _resolved: set[UUID] = field(default_factory=set)

    def add(self, number: int, data: bytes) -> list[TlogError]:
        """Read leaf ``number``; answers what is wrong with it, often nothing."""
        try:
            leaf = Leaf.parse(data)
        except TlogError as error:
            self.whole = False
            return [error]
        found: list[TlogError] = []
        self.ledger = self.ledger or leaf.ledger
        if leaf.ledger != self.ledger:
            found.append(LedgerDiffers(reason=str(leaf.ledger)))
        if leaf.number != number:
            found.append(NumberDiffers(reason=str(leaf.number)))
        if leaf.transfer in self._transfers:
            found.append(TransferTwice(reason=str(leaf.transfer)))
            return found  # it would be added up twice
        self.kinds[leaf.kind] += 1
        found += self._hold(leaf)
        if leaf.correction_of and leaf.correction_of not in self._transfers and self.whole:
            found.append(CorrectionUnknown(reason=str(leaf.correction_of)))
        self._transfers.add(leaf.transfer)
        if leaf.kind in MOVING:
            total = self.totals.setdefault((leaf.currency, leaf.code), Total())
            total.count += 1
            total.amount += leaf.amount
        return found

    def missing(self) -> None:
        """Leaves could not be read: what refers to them is not wrong for that."""
        self.whole = False

    def _hold(self, leaf: Leaf) -> list[TlogError]:
        if leaf.kind not in RESOLVING:
            if leaf.pending_id:
                return [HoldUnknown(reason="not_expected")]
            if leaf.kind == Kind.HOLD.value:
                self._holds[leaf.transfer] = (leaf.amount, leaf.currency)
                self.held[leaf.currency] += leaf.amount
            return []
        hold = self._holds.pop(leaf.pending_id, None) if leaf.pending_id else None
        if hold is None or leaf.pending_id is None:
            if leaf.pending_id in self._resolved:
                return [HoldResolvedTwice(reason=str(leaf.pending_id))]
            return [HoldUnknown(reason=str(leaf.pending_id))] if self.whole else []
        self._resolved.add(leaf.pending_id)
        amount, currency = hold
        self.held[currency] -= amount
        found: list[TlogError] = []
        if leaf.currency != currency:
            found.append(CurrencyDiffers(reason=leaf.currency))
        if leaf.amount > amount or (leaf.kind != Kind.POST.value and leaf.amount != amount):
            found.append(HoldExceeded(reason=f"{leaf.amount} of {amount}"))
        return found
