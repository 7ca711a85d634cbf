"""Units that go from hand to hand: bought from the office, given for help, to family, in need."""

from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, notice_send, persons_lock
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id
from kyojo.ledger import services as ledger
from kyojo.ledger.types import Leg, TransferCode

from .. import selectors
from ..accounts import account_ensure, split
from ..errors import (
    AmountInvalid,
    HandingUnknown,
    NotEnough,
    NotSold,
    PaidReferenceMissing,
    ReceiverUnknown,
    RecordDiffers,
)
from ..models import Movement

#: Uses that are handed to another member.
HANDED = ("help", "family", "people_in_need", "gift_to_carer")
#: At most so many at once: a slip of the finger ends here.
MOST = 1_000


@transaction.atomic
def units_buy(
    *, uid: UUID, programme_code: str, person: Person, amount: int, reference: str, by: User
) -> Movement:
    """Sell ``amount`` tickets or notes to a member who paid for them under ``reference``.

    Raises ``NotSold``, ``AmountInvalid``, ``PaidReferenceMissing``, ``RecordDiffers``,
    ``NotFound``.
    """
    ruled = selectors.ruled(programme_code)
    document, programme = ruled.document, ruled.programme
    if document.kind not in selectors.SOLD:
        raise NotSold()
    reference = reference.strip()
    if not reference or len(reference) > 60:
        raise PaidReferenceMissing(field="reference")
    if type(amount) is not int or not 1 <= amount <= MOST:
        raise AmountInvalid(field="amount", least=1, most=f"{MOST:,}")
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    price = document.ticket.bought_yen if document.ticket else 0
    if document.ticket is None and document.worth:
        price = document.worth.yen
    found = _once(uid, Movement.Kind.BOUGHT, None, person, amount)
    if found is not None:
        return found
    movement = Movement.objects.create(
        uid=uid,
        programme=programme,
        kind=Movement.Kind.BOUGHT,
        receiver=person,
        amount=amount,
        yen=amount * price,
        reference=reference,
        by=by,
    )
    account = account_ensure(programme=programme, person_id=person.pk, vintage=_vintage(ruled))
    _move(movement, [(programme.issuer_account, account, amount, 0)], TransferCode.ISSUE)
    act_record(
        actor=by,
        action="units_sold",
        subject_kind="person",
        subject_id=person.uid,
        note=f"{programme.code} {amount} {reference}",
    )
    return movement


@transaction.atomic
def units_hand(
    *,
    uid: UUID,
    programme_code: str,
    giver: Person,
    receiver_number: str,
    amount: int,
    use: str,
    by: User | None = None,
) -> Movement:
    """Hand ``amount`` of what the giver has to another member: for help, or as a present.

    What expires first goes first and keeps its last day. Where the office takes its share at every
    use, it is written down with the movement. The same order again changes nothing.

    Raises ``HandingUnknown``, ``ReceiverUnknown``, ``AmountInvalid``, ``NotEnough``,
    ``RecordDiffers``, ``NotFound``.
    """
    ruled = selectors.ruled(programme_code)
    document, programme = ruled.document, ruled.programme
    if use not in HANDED or use not in {rule.use for rule in document.uses}:
        raise HandingUnknown(field="use")
    receiver = Person.objects.filter(number=receiver_number.strip(), left_at=None).first()
    if receiver is None or receiver.pk == giver.pk:
        raise ReceiverUnknown(field="receiver")
    people = persons_lock(keys=[(current(), giver.pk), (current(), receiver.pk)])
    giver, receiver = people[current(), giver.pk], people[current(), receiver.pk]
    found = _once(uid, Movement.Kind.HANDED, giver, receiver, amount)
    if found is not None:
        return found
    available = selectors.wallet(programme, giver).available
    if type(amount) is not int or amount < 1:
        raise AmountInvalid(field="amount", least=1, most=f"{max(available, 1):,}")
    if amount > available:
        raise NotEnough(field="amount", available=f"{available:,}", unit=document.unit)
    ticket = document.ticket
    shared = ticket is not None and ticket.share_at == "use" and document.kind == "ticket"
    movement = Movement.objects.create(
        uid=uid,
        programme=programme,
        kind=Movement.Kind.HANDED,
        giver=giver,
        receiver=receiver,
        use=use,
        amount=amount,
        yen=amount * ticket.bought_yen if shared and ticket else 0,
        office_yen=amount * ticket.office_yen if shared and ticket else 0,
        by=by,
    )
    parts = [
        (
            account,
            account_ensure(programme=programme, person_id=receiver.pk, vintage=vintage),
            part,
            vintage,
        )
        for vintage, account, part in split(programme=programme, person_id=giver.pk, amount=amount)
    ]
    _move(movement, parts, TransferCode.GIFT)
    notice_send(
        person=receiver,
        kind="units_handed",
        key=f"units_handed:{uid}",
        title=f"{giver.name}さんから、{document.name}の{amount:,}{document.unit}が届きました",
        path=f"/me/points/{programme.code}/",
    )
    return movement


def _once(
    uid: UUID, kind: str, giver: Person | None, receiver: Person, amount: int
) -> Movement | None:
    """The movement of this order, if it was made. Raises ``RecordDiffers`` for another one's."""
    found: Movement | None = Movement.objects.filter(uid=uid).first()
    if found is None:
        return None
    same = (kind, giver.pk if giver else None, receiver.pk, amount)
    if (found.kind, found.giver_id, found.receiver_id, found.amount) != same:
        raise RecordDiffers()
    return found


def _vintage(ruled: selectors.Ruled) -> int:
    years = ruled.document.expiry.earned_years
    return 0 if years is None else clock.fiscal_year() + years


def _move(movement: Movement, parts: list[tuple[UUID, UUID, int, int]], code: TransferCode) -> None:
    ledger.legs_execute(
        legs=[
            Leg(
                ledger=current(),
                id=derived_id(movement.uid, "move", vintage),
                debit=debit,
                credit=credit,
                amount=amount,
                code=code,
                reference=movement.uid,
            )
            for debit, credit, amount, vintage in parts
        ]
    )
