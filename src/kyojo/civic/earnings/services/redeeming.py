"""What was granted is used: asked for, held, decided by an officer, paid or handed out."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.sealing import seal
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, persons_lock
from kyojo.civic.people.suspensions import suspended_refuse
from kyojo.civic.programmes.rules.model import Document, UseRule
from kyojo.civic.programmes.rules.wording import USE
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id
from kyojo.ledger import services as ledger
from kyojo.ledger.types import Kind, Leg, TransferCode

from .. import selectors
from ..accounts import split, used_ensure
from ..errors import (
    AlternativeNotReached,
    AmountInvalid,
    AmountNotWhole,
    DetailNeeded,
    NotEnough,
    OwnRedemption,
    PayeeNeeded,
    ReasonNeeded,
    RecordDiffers,
    RedemptionNotWaiting,
    UseUnknown,
    YearMostReached,
)
from ..models import Redemption
from .granting import owed_take
from .paying import Payee, payee_of
from .stocking import stock_checked, stock_return, stock_take
from .telling import redemption_tell

#: Uses that an office pays or hands out; the others go from member to member.
OFFICE_USES = ("premium", "cash", "donation", "goods", "voucher", "shop", "event")


#: Uses in which others receive: not for who is suspended.
GIVEN_AWAY = frozenset({"donation", "family", "people_in_need", "event"})


@dataclass(frozen=True)
class Order:
    """What is asked for: ``amount`` of a programme's units for a use, and what or whom for."""

    use: str
    amount: int
    detail: str = ""
    payee: Payee | None = None


@transaction.atomic
def redemption_ask(
    *,
    uid: UUID,
    programme_code: str,
    person: Person,
    use: str,
    amount: int,
    detail: str = "",
    payee: Payee | None = None,
    by: User | None = None,
    dry_run: bool = False,
) -> Redemption:
    """Ask to use ``amount`` of what was granted; it is held until somebody decides, and what is
    asked for is taken from the stock.

    The same order again changes nothing and returns the first. With ``dry_run`` nothing is
    written: the application as it would be, or what stands against it.

    Raises ``UseUnknown``, ``MayNotSpend``, ``AmountInvalid``, ``NotEnough``, ``DetailNeeded``,
    ``AmountNotWhole``, ``AlternativeNotReached``, ``YearMostReached``, ``PayeeNeeded``,
    ``PayeeUnwritable``, ``SoldOut``, ``RecordDiffers``, ``NotFound``.
    """
    ruled = selectors.ruled(programme_code)
    if not dry_run:
        person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    order = Order(use, amount, detail, payee)
    found = _once(uid, ruled, person, order)
    if found is not None:
        return found
    rule = _use_rule(ruled.document, use)
    if use in GIVEN_AWAY:
        suspended_refuse(person)
    selectors.may_spend(ruled, person)
    redemption = _made(uid, ruled, person, order, by)
    redemption.value_yen = _checked(ruled, person, rule, amount, detail)
    redemption.quantity = amount // rule.prices[detail] if detail in rule.prices else 0
    if use == "cash":
        _payable(payee)
    if rule.items:
        move = stock_checked if dry_run else stock_take
        move(programme=ruled.programme, use=use, name=detail, quantity=redemption.quantity or 1)
    if not dry_run:
        redemption.holds = _hold(redemption)
        redemption.save()
    return redemption


def settlement_ask(
    *,
    uid: UUID,
    ruled: selectors.Ruled,
    person: Person,
    order: Order,
    by: User,
) -> Redemption:
    """``redemption_ask`` by the office for somebody who left: neither who may spend nor a year's
    limit stands against what the document says becomes of the rest. The person is locked.

    Raises ``PayeeNeeded``, ``PayeeUnwritable``, ``RecordDiffers``.
    """
    found = _once(uid, ruled, person, order)
    if found is not None:
        return found
    redemption = _made(uid, ruled, person, order, by)
    redemption.value_yen = _worth(ruled.document, order.amount)
    if order.use == "cash":
        _payable(order.payee)
    redemption.holds = _hold(redemption)
    redemption.save()
    return redemption


def _once(uid: UUID, ruled: selectors.Ruled, person: Person, order: Order) -> Redemption | None:
    """The application of this order, if it was made. An account that is erased is not compared.

    Raises ``RecordDiffers`` for another one's.
    """
    found: Redemption | None = Redemption.objects.filter(uid=uid).first()
    if found is None:
        return None
    stored = found.programme_id, found.person_id, found.use, found.amount, found.detail
    account = payee_of(found)
    if stored != (ruled.programme.pk, person.pk, order.use, order.amount, order.detail) or (
        account is not None and account != order.payee
    ):
        raise RecordDiffers()
    return found


def _made(
    uid: UUID, ruled: selectors.Ruled, person: Person, order: Order, by: User | None
) -> Redemption:
    payee = order.payee if order.use == "cash" else None
    return Redemption(
        uid=uid,
        programme=ruled.programme,
        person=person,
        use=order.use,
        detail=order.detail,
        amount=order.amount,
        value_yen=0,
        fiscal_year=clock.fiscal_year(),
        payee_encrypted=seal(asdict(payee)) if payee else None,
        asked_by=by,
    )


def _payable(payee: Payee | None) -> None:
    if payee is None:
        raise PayeeNeeded(field="payee", what="銀行の番号（4けた）")
    payee.check()


def _use_rule(document: Document, use: str) -> UseRule:
    for rule in document.uses:
        if rule.use == use and use in OFFICE_USES:
            return rule
    raise UseUnknown(field="use")


def _checked(
    ruled: selectors.Ruled, person: Person, rule: UseRule, amount: int, detail: str
) -> int:
    """What ``amount`` is worth in this use, in yen. Raises what stands against it."""
    document, programme = ruled.document, ruled.programme
    available = selectors.wallet(programme, person).available
    if type(amount) is not int or amount < 1:
        raise AmountInvalid(field="amount", least=1, most=f"{max(available, 1):,}")
    if amount > available:
        raise NotEnough(field="amount", available=f"{available:,}", unit=document.unit)
    choices = rule.recipients or rule.items
    if choices and detail not in choices:
        what = "寄付先" if rule.recipients else "品物や店"
        raise DetailNeeded(field="detail", what=what)
    if detail in rule.prices and amount % rule.prices[detail]:
        price = f"{rule.prices[detail]:,}"
        raise AmountNotWhole(field="amount", item=detail, price=price, unit=document.unit)
    if document.at_cap and document.at_cap.use == rule.use:
        return _alternative(ruled, person, amount)
    value = _worth(document, amount)
    if rule.year_most_yen is not None:
        left = rule.year_most_yen - selectors.used_yen(
            programme, person, rule.use, clock.fiscal_year()
        )
        if value > left:
            raise YearMostReached(
                field="amount",
                use=USE[rule.use],
                most=f"{rule.year_most_yen:,}",
                left=f"{max(left, 0):,}",
            )
    return value


def _worth(document: Document, amount: int) -> int:
    return document.worth.yen_of(amount) if document.worth else 0


def _alternative(ruled: selectors.Ruled, person: Person, amount: int) -> int:
    """The voucher at the year's limit: the whole year's grant, and no part of it."""
    assert ruled.document.at_cap is not None
    for number in (clock.fiscal_year(), clock.fiscal_year() - 1):
        year = selectors.year_of(ruled.programme, person, number)
        if year.instead and amount == year.granted:
            return ruled.document.at_cap.yen
    raise AlternativeNotReached(field="use")


def _hold(redemption: Redemption) -> list[list[Any]]:
    """Hold the amount, what expires first in front."""
    programme = redemption.programme
    into = used_ensure(programme=programme, use=redemption.use)
    legs = []
    holds: list[list[Any]] = []
    for vintage, account, part in split(
        programme=programme, person_id=redemption.person_id, amount=redemption.amount
    ):
        hold = derived_id(redemption.uid, "hold", vintage)
        legs.append(
            Leg(
                ledger=current(),
                id=hold,
                debit=account,
                credit=into,
                amount=part,
                kind=Kind.HOLD,
                code=TransferCode.REDEMPTION,
                reference=redemption.uid,
            )
        )
        holds.append([vintage, str(hold), part])
    ledger.legs_execute(legs=legs)
    return holds


def _resolve(redemption: Redemption, kind: Kind) -> None:
    ledger.legs_execute(
        legs=[
            Leg(
                ledger=current(),
                id=derived_id(UUID(hold), kind.value),
                amount=part if kind is Kind.POST else 0,
                kind=kind,
                pending_id=UUID(hold),
                code=TransferCode.REDEMPTION,
                reference=redemption.uid,
            )
            for _, hold, part in redemption.holds
        ]
    )


def _put_back(redemption: Redemption) -> None:
    """What nobody got is in stock again; of an item that has none nothing changes. Before units
    move, as in asking, so that two of one item wait for each other one way only."""
    stock_return(
        programme=redemption.programme,
        use=redemption.use,
        name=redemption.detail,
        quantity=redemption.quantity or 1,
    )


def _locked(uid: UUID) -> Redemption:
    """The redemption, its person locked first, as everywhere."""
    found = Redemption.objects.filter(uid=uid).first()
    if found is None:
        raise NotFound()
    persons_lock(keys=[(current(), found.person_id)])
    return Redemption.objects.select_related("programme", "person").get(pk=found.pk)


def _waiting(redemption: Redemption, state: str) -> None:
    if redemption.state != state:
        raise RedemptionNotWaiting(state=redemption.get_state_display())


@transaction.atomic
def redemption_approve(*, uid: UUID, by: User) -> Redemption:
    """Let it be used: what was held moves. Approving again changes nothing.

    Raises ``OwnRedemption``, ``RedemptionNotWaiting``, ``NotFound``.
    """
    redemption = _locked(uid)
    if by.pk in (redemption.person.user_id, redemption.asked_by_id):
        raise OwnRedemption()
    if redemption.state in (Redemption.State.APPROVED, Redemption.State.DONE):
        return redemption
    _waiting(redemption, Redemption.State.ASKED)
    _resolve(redemption, Kind.POST)
    _decide(redemption, Redemption.State.APPROVED, by, "")
    redemption_tell(redemption, "承認されました")
    return redemption


@transaction.atomic
def redemption_refuse(*, uid: UUID, note: str, by: User) -> Redemption:
    """Do not let it be used: what was held is the person's again. ``note`` tells them why.

    Raises ``ReasonNeeded``, ``RedemptionNotWaiting``, ``NotFound``.
    """
    note = note.strip()
    if not note or len(note) > 200:
        raise ReasonNeeded(field="note")
    redemption = _locked(uid)
    if redemption.state == Redemption.State.REFUSED:
        return redemption
    _waiting(redemption, Redemption.State.ASKED)
    _put_back(redemption)
    _resolve(redemption, Kind.VOID)
    owed_take(programme=redemption.programme, person=redemption.person)
    _decide(redemption, Redemption.State.REFUSED, by, note)
    redemption_tell(redemption, "見送りになりました")
    return redemption


@transaction.atomic
def redemption_cancel(*, uid: UUID, person: Person) -> Redemption:
    """The person takes it back before anybody decided. Again: changes nothing.

    Raises ``RedemptionNotWaiting``, ``NotFound``.
    """
    redemption = _locked(uid)
    if redemption.person_id != person.pk:
        raise NotFound()
    if redemption.state == Redemption.State.CANCELLED:
        return redemption
    _waiting(redemption, Redemption.State.ASKED)
    _put_back(redemption)
    _resolve(redemption, Kind.VOID)
    owed_take(programme=redemption.programme, person=redemption.person)
    redemption.state = Redemption.State.CANCELLED
    redemption.save(update_fields=["state"])
    return redemption


def _decide(redemption: Redemption, state: str, by: User, note: str) -> None:
    redemption.state, redemption.note = state, note
    redemption.decided_by, redemption.decided_at = by, clock.now()
    redemption.save(update_fields=["state", "note", "decided_by", "decided_at"])
    act_record(
        actor=by,
        action=f"redemption_{state}",
        subject_kind="redemption",
        subject_id=redemption.uid,
        note=note,
    )
