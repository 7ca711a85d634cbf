"""Units that go from hand to hand: bought from the office, given for help, to family, in need."""

from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Act, Person, User
from kyojo.civic.people.services import act_record, notice_send, persons_lock
from kyojo.civic.people.suspensions import suspended_refuse
from kyojo.kernel import clock, text
from kyojo.kernel.errors import NotFound
from kyojo.ledger import services as ledger
from kyojo.ledger.errors import ExceedsCredits
from kyojo.ledger.types import Leg, TransferCode

from .. import circulation_selectors, selectors
from ..accounts import account_ensure, split
from ..errors import (
    AmountInvalid,
    HandingStopped,
    HandingUnknown,
    HelpMemberGone,
    NotSold,
    PaidReferenceMissing,
    ReasonNeeded,
    ReceiverNotMatching,
    ReceiverUnfit,
    ReceiverUnknown,
    SaleUsed,
)
from ..models import Movement
from . import lending
from .moving import found_once, legs_of, vintage_now, vintage_of

#: So often a day may a member name a number and a name that do not belong together.
TRIES_A_DAY = 10


@transaction.atomic
def units_buy(
    *, uid: UUID, programme_code: str, person: Person, amount: int, reference: str, by: User
) -> Movement:
    """Sell ``amount`` tickets or notes to a member who paid for them under ``reference``, or take
    ``amount`` yen into their passbook. The same order again changes nothing.

    Raises ``NotSold``, ``AmountInvalid``, ``PaidReferenceMissing``, ``HelpMemberGone``,
    ``RecordDiffers``, ``NotFound``.
    """
    ruled = selectors.ruled(programme_code)
    document, programme = ruled.document, ruled.programme
    if not circulation_selectors.is_sold(document):
        raise NotSold()
    reference = reference.strip()
    if not reference or len(reference) > 60:
        raise PaidReferenceMissing(field="reference")
    most = circulation_selectors.most_sold(document)
    if type(amount) is not int or not 1 <= amount <= most:
        raise AmountInvalid(field="amount", least=1, most=f"{most:,}")
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    found = found_once(uid, Movement.Kind.BOUGHT, ruled=ruled, receiver=person, amount=amount)
    if found is not None:
        return found
    if person.left_at is not None:
        raise HelpMemberGone(field="member")
    movement: Movement = Movement.objects.create(
        uid=uid,
        programme=programme,
        kind=Movement.Kind.BOUGHT,
        receiver=person,
        amount=amount,
        yen=circulation_selectors.sale_yen(document, amount),
        reference=reference,
        by=by,
    )
    vintage = vintage_now(ruled)
    account = account_ensure(programme=programme, person_id=person.pk, vintage=vintage)
    came = (vintage, programme.issuer_account, account, amount)
    ledger.legs_execute(legs=legs_of(movement, [came], TransferCode.ISSUE))
    act_record(
        actor=by,
        action="units_sold",
        subject_kind="person",
        subject_id=person.uid,
        note=f"{programme.code} {amount} {reference}",
    )
    return movement


@transaction.atomic
def sale_void(*, programme_code: str, uid: UUID, reason: str, by: User) -> Movement:
    """Take a sale back that was written down wrongly: what was sold goes back to the issuer, and
    the list shows the money with a minus on the day of the voiding. Again: changes nothing.

    Raises ``ReasonNeeded``, ``SaleUsed`` where less is left of it, ``NotFound``.
    """
    reason = reason.strip()
    if not reason or len(reason) > 150:
        raise ReasonNeeded(field="reason")
    programme = selectors.ruled(programme_code).programme
    sale = circulation_selectors.movement_by_uid(programme, uid, Movement.Kind.BOUGHT)
    if sale.receiver is None:
        raise NotFound()
    person = persons_lock(keys=[(current(), sale.receiver.pk)])[current(), sale.receiver.pk]
    found = circulation_selectors.void_of(sale)
    if found is not None:
        return found
    year = clock.fiscal_year(clock.local(sale.at).date())
    vintage = vintage_of(selectors.ruled(programme_code, year), year)
    movement: Movement = Movement.objects.create(
        uid=circulation_selectors.void_uid(sale),
        programme=programme,
        kind=Movement.Kind.LAPSED,
        giver=person,
        amount=sale.amount,
        yen=sale.yen,
        reference=sale.reference,
        by=by,
    )
    account = account_ensure(programme=programme, person_id=person.pk, vintage=vintage)
    back = (vintage, account, programme.issuer_account, sale.amount)
    try:
        ledger.legs_execute(legs=legs_of(movement, [back], TransferCode.CORRECTION))
    except ExceedsCredits as refused:
        raise SaleUsed() from refused
    act_record(
        actor=by,
        action="sale_voided",
        subject_kind="person",
        subject_id=person.uid,
        note=f"{programme.code} {sale.reference} {reason}",
    )
    return movement


def receiver_find(*, giver: Person, number: str, family_name: str, by: User | None) -> Person:
    """The member whose number and family name (or its reading) the giver knows.

    A number alone tells nobody's name. What does not match goes on record, which the caller keeps:
    it is written before ``ReceiverNotMatching`` is raised, and after ``TRIES_A_DAY`` of them only
    ``HandingStopped`` is heard that day.
    """
    today = clock.at(clock.today(), 0)
    tries = Act.objects.filter(
        action="handing_mismatched", subject_id=str(giver.uid), at__gte=today
    ).count()
    if tries >= TRIES_A_DAY:
        raise HandingStopped()
    digits = text.normalised(number).upper().replace(" ", "").removeprefix("M-")
    person: Person | None = Person.objects.filter(number=f"M-{digits}", left_at=None).first()
    named = text.normalised(family_name).replace(" ", "")
    if person is not None and person.pk != giver.pk and named:
        known = {text.normalised(person.family_name), text.to_katakana(person.family_kana)}
        if named in known or text.to_katakana(named) in known:
            return person
    act_record(actor=by, action="handing_mismatched", subject_kind="person", subject_id=giver.uid)
    raise ReceiverNotMatching(field="number")


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

    What expires first goes first and keeps its last day. What is missing for help the office lends
    (``circulation.lent_most``), and what the receiver was lent goes back out of it, in the same
    call. Where the office takes its share at every use, it is written down with the movement. The
    same order again changes nothing.

    Raises ``HandingUnknown``, ``ReceiverUnknown``, ``ReceiverUnfit``, ``AmountInvalid``,
    ``MayNotSpend``, ``NotEnough``, ``LentMostReached``, ``RecordDiffers``, ``NotFound``.
    """
    ruled = selectors.ruled(programme_code)
    document, programme = ruled.document, ruled.programme
    if use not in circulation_selectors.handed_uses(document):
        raise HandingUnknown(field="use")
    receiver = Person.objects.filter(number=receiver_number.strip(), left_at=None).first()
    if receiver is None or receiver.pk == giver.pk:
        raise ReceiverUnknown(field="receiver")
    people = persons_lock(keys=[(current(), giver.pk), (current(), receiver.pk)])
    giver, receiver = people[current(), giver.pk], people[current(), receiver.pk]
    found = found_once(
        uid,
        Movement.Kind.HANDED,
        ruled=ruled,
        giver=giver,
        receiver=receiver,
        amount=amount,
        use=use,
    )
    if found is not None:
        return found
    if receiver.left_at is not None:  # left while the giver pressed
        raise ReceiverUnknown(field="receiver")
    suspended_refuse(giver)
    if use == "gift_to_carer" and receiver.carer_since is None:
        raise ReceiverUnfit(field="use")
    selectors.may_spend(ruled, giver)
    available = selectors.wallet(programme, giver).available
    if type(amount) is not int or amount < 1:
        raise AmountInvalid(field="amount", least=1, most=f"{max(available, 1):,}")
    lent = lending.lent_for(ruled, giver, use=use, amount=amount, available=available)
    ticket = document.ticket
    shared = ticket is not None and ticket.share_at == "use" and document.kind == "ticket"
    movement: Movement = Movement.objects.create(
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
    returned = _handed_over(movement, ruled, lent)
    unit = document.unit
    notice_send(
        person=receiver,
        kind="units_handed",
        key=f"units_handed:{uid}",
        title=f"{giver.name}さんから、{document.name}の{amount:,}{unit}が届きました",
        body=f"このうち{returned:,}{unit}は、前貸しの分として事務局にもどりました。"
        if returned
        else "",
        path=f"/me/points/{programme.code}/",
    )
    return movement


def _handed_over(movement: Movement, ruled: selectors.Ruled, lent: int) -> int:
    """Everything that the handing moves, in one call. How much of it the receiver returned."""
    programme, giver, receiver = movement.programme, movement.giver, movement.receiver
    assert giver is not None and receiver is not None
    held = split(programme=programme, person_id=giver.pk, amount=movement.amount - lent)
    given = {vintage: (account, part) for vintage, account, part in held}
    legs: list[Leg] = []
    if lent:
        legs, vintage, account = lending.advanced_with(movement, ruled, lent)
        given[vintage] = (account, given.get(vintage, (account, 0))[1] + lent)
    came = [
        (
            vintage,
            account_ensure(programme=programme, person_id=receiver.pk, vintage=vintage),
            part,
        )
        for vintage, (_, part) in given.items()
    ]
    handed = [(vintage, given[vintage][0], account, part) for vintage, account, part in came]
    legs += legs_of(movement, handed, TransferCode.GIFT)
    returned = lending.returned_with(movement, receiver, came, by=movement.by, legs=legs)
    ledger.legs_execute(legs=legs)
    return returned.amount if returned else 0
