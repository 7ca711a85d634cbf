"""How units of a currency come among people who have helped nobody yet: everybody is given some
once, and who asks for help may be lent some, which the first that comes to them returns."""

from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, persons_lock
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.rules.counting import is_among
from kyojo.civic.programmes.rules.wording import earners_words
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id
from kyojo.ledger import services as ledger
from kyojo.ledger.types import Leg, TransferCode

from .. import circulation_selectors, selectors
from ..accounts import account_ensure, split
from ..errors import (
    BirthDateNeeded,
    HelpMemberGone,
    LentMostReached,
    MayNotStart,
    NotEnough,
    NothingToStart,
)
from ..models import Movement
from .moving import legs_of, vintage_now


@transaction.atomic
def circulation_start(
    *, programme_code: str, person: Person, by: User | None = None, basis: str = ""
) -> Movement:
    """Give a member what everybody begins with, once. ``by``: staff who press for them, on
    ``basis`` (a code of ``people.domain.BASES``).

    Again: changes nothing and returns the first. Raises ``NothingToStart``, ``HelpMemberGone``,
    ``BirthDateNeeded``, ``MayNotStart``, ``NotFound``.
    """
    ruled = selectors.ruled(programme_code)
    circulation, programme = ruled.document.circulation, ruled.programme
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    found = circulation_selectors.start_of(programme, person)
    if found is not None:
        return found
    if circulation is None or not circulation.start_units:
        raise NothingToStart()
    if person.left_at is not None:
        raise HelpMemberGone(field="member")
    _may_start(ruled, person)
    movement: Movement = Movement.objects.create(
        uid=derived_id(person.uid, "start", programme.code),
        programme=programme,
        kind=Movement.Kind.STARTED,
        receiver=person,
        amount=circulation.start_units,
        by=by,
    )
    vintage = vintage_now(ruled)
    account = account_ensure(programme=programme, person_id=person.pk, vintage=vintage)
    came = (vintage, programme.issuer_account, account, movement.amount)
    legs = legs_of(movement, [came], TransferCode.DISTRIBUTE)
    returned_with(movement, person, [(vintage, account, movement.amount)], by=by, legs=legs)
    ledger.legs_execute(legs=legs)
    if by is not None:
        act_record(
            actor=by,
            action="circulation_started",
            subject_kind="person",
            subject_id=person.uid,
            basis=basis,
            note=f"{programme.code} {movement.amount}",
        )
    return movement


def _may_start(ruled: selectors.Ruled, person: Person) -> None:
    """Who may earn may begin."""
    who, today = ruled.document.who, clock.today()
    rows = selectors.standings([person.pk]).get(person.pk, [])
    insured, ties = selectors.standing_on(rows, today)
    if who.any_of and person.birth_date is None:
        raise BirthDateNeeded()
    born = person.birth_date or selectors.NOT_KNOWN
    if not is_among(who, born, insured, ties, today):
        raise MayNotStart(who=earners_words(ruled.document))


def lent_for(
    ruled: selectors.Ruled, giver: Person, *, use: str, amount: int, available: int
) -> int:
    """How much of ``amount`` the office has to lend; 0 where the giver has enough.

    Only for help, never for presents. The giver is locked. Raises ``NotEnough`` where nothing is
    lent, ``LentMostReached`` where it would be too much.
    """
    if amount <= available:
        return 0
    unit = ruled.document.unit
    left = circulation_selectors.lent_left(ruled, giver) if use == "help" else 0
    if not left:
        raise NotEnough(field="amount", available=f"{available:,}", unit=unit)
    if amount - available > left:
        raise LentMostReached(field="amount", most=f"{available + left:,}", unit=unit)
    return amount - available


def advanced_with(
    order: Movement, ruled: selectors.Ruled, amount: int
) -> tuple[list[Leg], int, UUID]:
    """Lend ``amount`` to the giver of ``order``, in the same call as the handing.

    Returns the legs that come before it, and the vintage and account that hold the units then.
    """
    assert order.giver is not None
    vintage = vintage_now(ruled)
    account = account_ensure(programme=order.programme, person_id=order.giver.pk, vintage=vintage)
    movement = Movement.objects.create(
        uid=derived_id(order.uid, "advance"),
        programme=order.programme,
        kind=Movement.Kind.ADVANCED,
        receiver=order.giver,
        amount=amount,
        by=order.by,
    )
    lent = (vintage, order.programme.issuer_account, account, amount)
    return legs_of(movement, [lent], TransferCode.DISTRIBUTE), vintage, account


def returned_with(
    order: Movement,
    person: Person,
    parts: list[tuple[int, UUID, int]],
    *,
    by: User | None,
    legs: list[Leg],
) -> Movement | None:
    """Return what ``person`` was lent out of what comes to them by ``order``: adds to ``legs``.

    ``parts`` are (vintage, account, amount) of what comes, what expires first in front. The person
    is locked. None where nothing is to be returned.
    """
    uid = derived_id(order.uid, "return")
    return _returned(uid, order.programme, person, parts, by=by, legs=legs)


def lent_return(*, uid: UUID, programme: Programme, person: Person, by: User) -> int:
    """Return what a person who leaves was lent, out of what they have left. The person is locked.

    Returns how many units went back; what they have not got is not asked for.
    """
    available = selectors.wallet(programme, person).available
    parts = split(programme=programme, person_id=person.pk, amount=available)
    legs: list[Leg] = []
    movement = _returned(uid, programme, person, parts, by=by, legs=legs)
    if movement is None:
        return 0
    ledger.legs_execute(legs=legs)
    return int(movement.amount)


def _returned(
    uid: UUID,
    programme: Programme,
    person: Person,
    parts: list[tuple[int, UUID, int]],
    *,
    by: User | None,
    legs: list[Leg],
) -> Movement | None:
    left = min(circulation_selectors.outstanding(programme, person), sum(one for *_, one in parts))
    if not left:
        return None
    movement: Movement = Movement.objects.create(
        uid=uid,
        programme=programme,
        kind=Movement.Kind.RETURNED,
        giver=person,
        amount=left,
        by=by,
    )
    back = []
    for vintage, account, part in parts:
        taken = min(part, left)
        if taken:
            back.append((vintage, account, programme.issuer_account, taken))
            left -= taken
    legs += legs_of(movement, back, TransferCode.DISTRIBUTE)
    return movement
