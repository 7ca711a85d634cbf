"""What every movement of units shares: one order is one movement, and its legs in the ledger."""

from collections.abc import Iterable
from uuid import UUID

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id
from kyojo.ledger.types import Leg, TransferCode

from .. import selectors
from ..errors import RecordDiffers
from ..models import Movement


def found_once(
    uid: UUID,
    kind: str,
    *,
    ruled: selectors.Ruled,
    giver: Person | None = None,
    receiver: Person | None = None,
    amount: int,
    use: str = "",
) -> Movement | None:
    """The movement of this order, if it was made. Raises ``RecordDiffers`` for another one's."""
    found: Movement | None = Movement.objects.filter(uid=uid).first()
    if found is None:
        return None
    made = (
        found.kind,
        found.programme_id,
        found.giver_id,
        found.receiver_id,
        found.amount,
        found.use,
    )
    asked = (
        kind,
        ruled.programme.pk,
        giver.pk if giver else None,
        receiver.pk if receiver else None,
        amount,
        use,
    )
    if made != asked:
        raise RecordDiffers()
    return found


def vintage_now(ruled: selectors.Ruled) -> int:
    """The vintage of what is given out today."""
    return vintage_of(ruled, clock.fiscal_year())


def vintage_of(ruled: selectors.Ruled, fiscal_year: int) -> int:
    """The vintage of what was given out in ``fiscal_year``, by the rules of that year."""
    years = ruled.document.expiry.earned_years
    return 0 if years is None else fiscal_year + years


def legs_of(
    movement: Movement, parts: Iterable[tuple[int, UUID, UUID, int]], code: TransferCode
) -> list[Leg]:
    """A leg for each (vintage, debit, credit, amount); a vintage stands once among them."""
    return [
        Leg(
            ledger=current(),
            id=derived_id(movement.uid, "move", vintage),
            debit=debit,
            credit=credit,
            amount=amount,
            code=code,
            reference=movement.uid,
        )
        for vintage, debit, credit, amount in parts
    ]
