"""One time of paid help is written down and settled as its document says, or struck out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, notice_send, persons_lock
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.rules.model import Document
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id
from kyojo.ledger import services as ledger
from kyojo.ledger.errors import CreditAccountClosed, DebitAccountClosed, ExceedsCredits
from kyojo.ledger.types import Leg, TransferCode

from .. import paid_selectors, selectors
from ..accounts import account_ensure, split, used_ensure
from ..errors import (
    ActivityUnknown,
    HelpBilled,
    HelpForgotten,
    HelpMemberGone,
    HelpOfTwo,
    HelpWordsInvalid,
    ReasonNeeded,
    RecordDiffers,
    RecordInFuture,
    RecordOverlaps,
    RecordTimesInvalid,
    ThanksShort,
    ThanksUsed,
)
from ..models import Movement, PaidHelp
from ..paid_selectors import Deposit, Terms
from ..selectors import Ruled
from .moving import vintage_now
from .records import LONGEST

State = PaidHelp.State
#: Settlements that move what the helped person has, at once.
FROM_ACCOUNT = ("ticket", "stamp_card", "passbook")
WORDS_MOST = 40


@transaction.atomic
def help_record(
    *,
    uid: UUID,
    programme_code: str,
    helper: Person,
    helped: Person,
    activity: str,
    start: datetime,
    end: datetime,
    costs_yen: int = 0,
    chosen_yen: int | None = None,
    by: User,
    basis: str = "",
) -> PaidHelp:
    """Write down help that is over, and settle its thank-you money by the rules of its day.

    Tickets, stamps and what is in a passbook move at once, what expires first in front; cash went
    from hand to hand; what is invoiced waits. All of it happens, or nothing. The same order again
    changes nothing.

    Raises ``HelpOfTwo``, ``HelpMemberGone``, ``ActivityUnknown``, ``HelpWordsInvalid``,
    ``RecordTimesInvalid``, ``RecordInFuture``, ``RecordOverlaps``, ``ThanksUnfit``,
    ``ThanksShort``, ``MayNotSpend``, ``DepositMissing``, ``RecordDiffers``, ``ProgrammeMissing``,
    ``NotFound``.
    """
    if helper.pk == helped.pk:
        raise HelpOfTwo(field="helper")
    if end <= start or end - start > LONGEST:
        raise RecordTimesInvalid(field="end")
    terms = paid_selectors.terms(
        programme_code=programme_code,
        activity=_activity_checked(programme_code, activity, start),
        start=start,
        end=end,
        costs_yen=costs_yen,
        chosen_yen=chosen_yen,
    )
    people = persons_lock(keys=[(current(), helper.pk), (current(), helped.pk)])
    helper, helped = people[current(), helper.pk], people[current(), helped.pk]
    body = _body(terms, helper, helped, activity, start, end)
    found = PaidHelp.objects.filter(uid=uid).first()
    if found is not None:
        if any(getattr(found, name) != value for name, value in body.items()):
            raise RecordDiffers()
        return found
    if end > clock.now():
        raise RecordInFuture(field="end")
    for field, person in (("helper", helper), ("helped", helped)):
        if person.left_at is not None:
            raise HelpMemberGone(field=field)
    _no_overlap(helper, start, end)
    waits = terms.settlement == "invoice" and terms.due.payer_yen > 0
    one = PaidHelp(
        uid=uid,
        rule=terms.due.rule,
        state=State.OPEN if waits else State.SETTLED,
        settled_at=None if waits else clock.now(),
        recorded_by=by,
        **body,
    )
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:  # other people's help under this id
        raise RecordDiffers() from None
    if not waits:
        _settle(one, terms, helper, helped)
    act_record(
        actor=by,
        action="paid_help_record",
        subject_kind="paid_help",
        subject_id=uid,
        basis=basis,
        note=programme_code,
    )
    _tell(one, terms.ruled.document, helper, helped, by)
    return one


def _activity_checked(programme_code: str, activity: str, start: datetime) -> str:
    document = paid_selectors.paid(programme_code, clock.local(start).date()).document
    if document.activities and activity not in document.activities:
        raise ActivityUnknown(field="activity")
    if len(activity) > WORDS_MOST:
        raise HelpWordsInvalid(field="activity")
    return activity


def _body(
    terms: Terms, helper: Person, helped: Person, activity: str, start: datetime, end: datetime
) -> dict[str, Any]:
    due = terms.due
    return {
        "programme_id": terms.ruled.programme.pk,
        "helper_id": helper.pk,
        "helped_id": helped.pk,
        "activity": activity,
        "start": start,
        "end": end,
        "settlement": terms.settlement,
        "pieces": due.pieces,
        "payer_yen": due.payer_yen,
        "person_yen": due.person_yen,
        "costs_yen": due.costs_yen,
        "donated_yen": due.donated_yen,
        "deposited_yen": due.deposited_yen,
        "office_yen": due.office_yen,
    }


def _no_overlap(helper: Person, start: datetime, end: datetime) -> None:
    other = (
        PaidHelp.objects.filter(helper=helper, start__lt=end, end__gt=start)
        .exclude(state=State.VOID)
        .first()
    )
    if other is not None:
        raise RecordOverlaps(
            field="start",
            start=f"{clock.local(other.start):%-m月%-d日 %-H:%M}",
            end=f"{clock.local(other.end):%-H:%M}",
        )


# --- what moves -----------------------------------------------------------------------------------


def _settle(one: PaidHelp, terms: Terms, helper: Person, helped: Person) -> None:
    legs = []
    if terms.settlement in FROM_ACCOUNT:
        legs = _legs_from_account(one, terms, helper, helped)
    legs += deposit_legs(one, terms.deposit, helper)
    if legs:
        ledger.legs_execute(legs=legs)


def _legs_from_account(
    one: PaidHelp, terms: Terms, helper: Person, helped: Person
) -> Sequence[Leg]:
    """What the helped person has goes to the helper first, then to the office's accounts."""
    programme, document = terms.ruled.programme, terms.ruled.document
    selectors.may_spend(terms.ruled, helped, clock.local(one.start).date())
    wanted = [
        ("helper", one.pieces or one.person_yen, TransferCode.SUPPORT),
        ("office", 0 if one.pieces else one.office_yen, TransferCode.SUPPORT),
        ("donation", one.donated_yen, TransferCode.DONATION),
        ("deposit", one.deposited_yen, TransferCode.SUPPORT),
    ]
    needed = sum(amount for _, amount, _ in wanted)
    available = selectors.wallet(programme, helped).available
    if needed > available:
        raise ThanksShort(
            field="helped",
            needed=f"{needed:,}",
            available=f"{available:,}",
            unit=document.unit,
        )
    parts = split(programme=programme, person_id=helped.pk, amount=needed)
    legs = []
    for name, left, code in wanted:
        while left:
            vintage, account, part = parts.pop(0)
            moved = min(left, part)
            if part > moved:
                parts.insert(0, (vintage, account, part - moved))
            legs.append(
                Leg(
                    ledger=current(),
                    id=derived_id(one.uid, "pay", name, vintage),
                    debit=account,
                    credit=_receiver(programme, name, helper, vintage),
                    amount=moved,
                    code=code,
                    reference=one.uid,
                )
            )
            left -= moved
    return legs


def _receiver(programme: Programme, name: str, helper: Person, vintage: int) -> UUID:
    if name == "helper":
        return account_ensure(programme=programme, person_id=helper.pk, vintage=vintage)
    return used_ensure(programme=programme, use=name)


def settling_uid(one: PaidHelp) -> UUID:
    """Under which id the running settling of this help moves: a payment that was taken back and
    recorded anew moves again."""
    if not one.payments_returned:
        return one.uid  # type: ignore[no-any-return]
    return derived_id(one.uid, "paid-again", one.payments_returned)


def earned_legs(one: PaidHelp, ruled: Ruled, helper: Person) -> list[Leg]:
    """What the helper is given once an invoice is paid."""
    if not one.person_yen:
        return []
    account = account_ensure(
        programme=one.programme, person_id=helper.pk, vintage=vintage_now(ruled)
    )
    return [
        Leg(
            ledger=current(),
            id=derived_id(settling_uid(one), "earned"),
            debit=one.programme.issuer_account,
            credit=account,
            amount=one.person_yen,
            code=TransferCode.EARNED,
            reference=settling_uid(one),
        )
    ]


def deposit_legs(one: PaidHelp, deposit: Deposit | None, helper: Person) -> list[Leg]:
    """The hours that a part of the thank-you money becomes, with their movement."""
    if deposit is None or not deposit.units:
        return []
    programme = deposit.ruled.programme
    movement = Movement.objects.create(
        uid=derived_id(settling_uid(one), "deposit"),
        programme=programme,
        kind=Movement.Kind.DEPOSITED,
        receiver=helper,
        amount=deposit.units,
        yen=deposit.yen,
        by=one.recorded_by,
    )
    account = account_ensure(
        programme=programme,
        person_id=helper.pk,
        vintage=vintage_now(deposit.ruled),
    )
    return [
        Leg(
            ledger=current(),
            id=derived_id(movement.uid, "move"),
            debit=programme.issuer_account,
            credit=account,
            amount=deposit.units,
            code=TransferCode.EARNED,
            reference=settling_uid(one),
        )
    ]


# --- struck out -----------------------------------------------------------------------------------


@transaction.atomic
def help_void(*, uid: UUID, reason: str, by: User) -> PaidHelp:
    """Strike out help that was written down wrongly; what moved for it moves back. Cash, and what
    was paid on an invoice, people give back by hand. Again: changes nothing.

    Raises ``ReasonNeeded``, ``HelpBilled``, ``ThanksUsed``, ``HelpForgotten``, ``NotFound``.
    """
    reason = reason.strip()
    if not reason or len(reason) > 200:
        raise ReasonNeeded(field="reason")
    found = paid_selectors.help_by_uid(uid)
    sides = [key for key in (found.helper_id, found.helped_id) if key is not None]
    persons_lock(keys=[(current(), key) for key in sides])
    PaidHelp.objects.select_for_update(no_key=True).get(pk=found.pk)
    one = paid_selectors.help_by_uid(uid)
    if one.state == State.VOID:
        return one
    if one.state == State.BILLED:
        assert one.invoice is not None
        raise HelpBilled(number=paid_selectors.invoice_number(one.invoice))
    if one.state == State.SETTLED:
        give_back(one, by)
    one.state, one.void_at, one.void_by, one.void_reason = State.VOID, clock.now(), by, reason
    one.save(update_fields=["state", "void_at", "void_by", "void_reason"])
    act_record(
        actor=by,
        action="paid_help_void",
        subject_kind="paid_help",
        subject_id=uid,
        note=reason,
    )
    for person in (one.helper, one.helped):
        if person is not None:
            notice_send(
                person=person,
                kind="paid_help",
                key=f"paid_help_void:{uid}",
                title=f"{clock.local(one.start):%-m月%-d日}の手伝いの記録が取り消されました",
                body=reason,
                path=f"/me/points/{one.programme.code}/",
            )
    return one


def give_back(one: PaidHelp, by: User) -> None:
    """Correct every movement of this help, whose people are locked.

    Raises ``ThanksUsed``, ``HelpForgotten``.
    """
    settling = settling_uid(one)
    movement = Movement.objects.select_related("programme").filter(
        uid=derived_id(settling, "deposit")
    )
    deposited = movement.first()
    from_account = one.settlement in FROM_ACCOUNT
    if not (from_account or deposited or one.settlement == "invoice"):
        return
    if one.helper is None or (from_account and one.helped is None):
        raise HelpForgotten()
    entries = []
    if from_account:
        entries = selectors.statement(one.programme, one.helped)
    elif one.settlement == "invoice":
        entries = selectors.statement(one.programme, one.helper)
    if deposited is not None:
        entries = entries + selectors.statement(deposited.programme, one.helper)
        Movement.objects.create(
            uid=derived_id(settling, "deposit-void"),
            programme=deposited.programme,
            kind=Movement.Kind.DEPOSITED,
            giver=one.helper,
            amount=deposited.amount,
            yen=deposited.yen,
            by=by,
        )
    mine = [entry for entry in entries if entry.reference == settling]
    if sum(entry.amount for entry in mine) != _moved(one) + (deposited.amount if deposited else 0):
        raise HelpForgotten()
    legs = [
        Leg(
            ledger=current(),
            id=derived_id(entry.transfer, "void"),
            debit=entry.account if entry.change > 0 else entry.counterpart,
            credit=entry.counterpart if entry.change > 0 else entry.account,
            amount=entry.amount,
            code=TransferCode.CORRECTION,
            reference=settling,
            correction_of=entry.transfer,
        )
        for entry in mine
    ]
    if not legs:
        return
    try:
        ledger.legs_execute(legs=legs)
    except ExceedsCredits:
        raise ThanksUsed() from None
    except (DebitAccountClosed, CreditAccountClosed):
        raise HelpForgotten() from None


def _moved(one: PaidHelp) -> int:
    """What its settling moved in its own programme."""
    if one.settlement not in FROM_ACCOUNT:
        return one.person_yen if one.settlement == "invoice" else 0
    given = one.pieces or one.person_yen + one.office_yen
    return given + one.donated_yen + one.deposited_yen


# --- said -----------------------------------------------------------------------------------------


def _tell(
    one: PaidHelp, document: Document, helper: Person, helped: Person, by: User | None
) -> None:
    path = f"/me/points/{one.programme.code}/"
    day = f"{clock.local(one.start):%-m月%-d日}"
    units = one.pieces or one.person_yen
    if not units:  # all of it is the office's
        thanks = "手伝いが記録されました"
    elif one.settlement in FROM_ACCOUNT:
        thanks = f"手伝いのお礼{units:,}{document.unit}が届きました"
    elif one.settlement == "cash":
        thanks = "手伝いが記録されました。お礼は現金です"
    else:
        thanks = "手伝いが記録されました。入金があると、お礼が届きます"
    for person, title in (
        (helper, f"{helped.name}さんの{day}の{thanks}"),
        (helped, f"{helper.name}さんに手伝ってもらった記録（{day}）ができました"),
    ):
        if by is None or person.user_id != by.pk:
            notice_send(
                person=person,
                kind="paid_help",
                key=f"paid_help:{one.uid}",
                title=title,
                path=path,
            )
