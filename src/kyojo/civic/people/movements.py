"""Which transfers moved the coins of a settled order, and which side of each is whose. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from kyojo.ledger.log.leaves import SideName

from . import coins_domain as domain


@dataclass(frozen=True, slots=True)
class Movement:
    """Coins of one vintage that went from payer to payee, as one ledger wrote them.

    Within a town one transfer has both sides. Across towns there is one in each ledger, whose
    other side is a clearing account and nobody's: then ``payer`` or ``payee`` is None.
    """

    ledger: int
    transfer: UUID
    amount: int
    payer: SideName | None
    payee: SideName | None


def movements(holds: Sequence[dict[str, Any]], amount: int) -> list[Movement]:
    """What ``coins.coins_settle`` wrote for these holds and this amount.

    The oldest vintage first, the payer's ledger before the payee's. A vintage of which nothing
    moved is left out, so what returned as a whole is an empty list.

    Raises ``CoinsAmountWrong`` for more than was held.
    """
    given = cast("list[domain.Hold]", list(holds))
    return [
        Movement(
            ledger=leg.ledger,
            transfer=leg.id,
            amount=part,
            payer="debit" if leg.ledger == hold["ledger"] else None,
            payee="credit" if leg.ledger == hold["payee_ledger"] else None,
        )
        for hold, part in domain.parts_of(given, amount)
        if part
        for leg in sorted(
            domain.post_legs(hold, part), key=lambda leg: leg.ledger != hold["ledger"]
        )
    ]
