"""Coins that were held over the end of their vintage and come back: whoever could not use them
meanwhile may use them for a time (``expiry.returned_days`` of the payer's programme).

They return to the account of their own vintage, as every hold does, and go on in the same call to
the person's account of the first vintage that lives so many days more. What was held for a question
only (with an end of its own) stays where it returns: nobody was promised anything by it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes.selectors import programme_current
from kyojo.kernel import amounts, clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id
from kyojo.kernel.wording import jdate_plain
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger.types import Leg, TransferCode

from . import coins_domain as domain
from . import sentences
from .coin_accounts import account_ensure, vintages_of
from .coins_domain import Hold
from .models import CoinOrder, Person
from .services.notices import notice_send


@dataclass(frozen=True)
class Again:
    """Coins of one person that may be used again; ``legs`` belong into the call that returns
    them."""

    person: Person
    order_id: UUID
    amount: int
    vintage: int
    legs: tuple[Leg, ...]

    def tell(self) -> None:
        """Say until when they can be used, once."""
        day = jdate_plain(domain.expires_on(self.vintage))
        with tenant(self.person.municipality_id):
            notice_send(
                person=self.person,
                kind="coins_again",
                key=f"coins_again:{self.order_id}",
                title=sentences.COINS_AGAIN.format(coins=amounts.grouped(self.amount), day=day),
                body=sentences.COINS_AGAIN_BODY,
                path="/me/coins/",
            )


def coins_again(parts: Sequence[tuple[Hold, int]]) -> list[Again]:
    """What becomes usable again where of each hold so much is handed over and the rest returns.

    Called with the payers locked, before the coins return. What returned before is left out.
    """
    today = clock.today()
    by_order: dict[tuple[int, str], list[tuple[Hold, int]]] = defaultdict(list)
    for hold, part in parts:
        rest = hold["amount"] - part
        if rest and domain.expires_on(hold["vintage"]) < today:
            by_order[hold["ledger"], hold["order"]].append((hold, rest))
    found = []
    for (town, order_id), returning in by_order.items():
        with tenant(town):
            again = _again(UUID(order_id), returning)
        if again is not None:
            found.append(again)
    return found


def _again(order_id: UUID, returning: list[tuple[Hold, int]]) -> Again | None:
    """Runs in the payer's town."""
    order = CoinOrder.objects.filter(order_id=order_id).first()
    if order is None:
        raise NotFound()
    days = programme_current()[1].returned_days
    person = Person.objects.filter(pk=order.payer_id, left_at=None).first()
    if not days or order.timeout_at is not None or person is None:
        return None
    ended = ledger_selectors.holds_ended(
        ledger=order.municipality_id,
        holds=[domain.hold_leg_id(hold, order.municipality_id) for hold, _ in returning],
    )
    open_ones = [
        (hold, rest)
        for hold, rest in returning
        if domain.hold_leg_id(hold, order.municipality_id) not in ended
    ]
    if not open_ones:
        return None
    vintage = domain.vintage_again(clock.today(), days)
    accounts = vintages_of(person.pk)
    into = account_ensure(person_id=person.pk, vintage=vintage)
    return Again(
        person=person,
        order_id=order_id,
        amount=sum(rest for _, rest in open_ones),
        vintage=vintage,
        legs=tuple(
            Leg(
                ledger=order.municipality_id,
                id=derived_id(UUID(hold["id"]), "again"),
                debit=accounts[hold["vintage"]],
                credit=into,
                amount=rest,
                code=TransferCode.RENEWED,
                reference=UUID(hold["reference"]),
            )
            for hold, rest in open_ones
        ),
    )
