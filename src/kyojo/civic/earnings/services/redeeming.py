"""What was granted is used: asked for, held, decided by an officer, paid or handed out."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.sealing import seal, unseal
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, notice_send, persons_lock
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
    DetailNeeded,
    NotEnough,
    OwnRedemption,
    PaidReferenceMissing,
    PayeeNeeded,
    ReasonNeeded,
    RecordDiffers,
    RedemptionNotWaiting,
    UseUnknown,
    YearMostReached,
)
from ..models import Redemption

#: Uses that an office pays or hands out; the others go from member to member.
OFFICE_USES = ("premium", "cash", "donation", "goods", "voucher", "shop", "event")


@dataclass(frozen=True)
class Payee:
    """A bank account, as a transfer file asks for it. ``kind``: 1 ordinary, 2 current."""

    bank: str
    bank_kana: str
    branch: str
    branch_kana: str
    kind: str
    number: str
    holder_kana: str

    def check(self) -> None:
        """Raises ``PayeeNeeded`` for the first part that no bank account has."""
        for value, digits, what in (
            (self.bank, 4, "銀行の番号（4けた）"),
            (self.branch, 3, "支店の番号（3けた）"),
            (self.number, 7, "口座番号（7けた）"),
        ):
            if len(value) != digits or not (value.isascii() and value.isdecimal()):
                raise PayeeNeeded(field="payee", what=what)
        if self.kind not in ("1", "2"):
            raise PayeeNeeded(field="payee", what="口座の種類（普通か当座）")
        if not self.holder_kana.strip() or len(self.holder_kana) > 48:
            raise PayeeNeeded(field="payee", what="口座名義（カナ）")


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
) -> Redemption:
    """Ask to use ``amount`` of what was granted; it is held until somebody decides.

    The same order again changes nothing and returns the first. Raises ``UseUnknown``,
    ``AmountInvalid``, ``DetailNeeded``, ``PayeeNeeded``, ``YearMostReached``, ``NotEnough``,
    ``AlternativeNotReached``, ``RecordDiffers``, ``NotFound``.
    """
    ruled = selectors.ruled(programme_code)
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    found = Redemption.objects.filter(uid=uid).first()
    if found is not None:
        if _differs(found, (ruled.programme.pk, person.pk, use, amount, detail), payee):
            raise RecordDiffers()
        return found
    rule = _use_rule(ruled.document, use)
    value = _checked(ruled, person, rule, amount, detail)
    if use == "cash":
        if payee is None:
            raise PayeeNeeded(field="payee", what="銀行の番号（4けた）")
        payee.check()
    redemption = Redemption(
        uid=uid,
        programme=ruled.programme,
        person=person,
        use=use,
        detail=detail,
        amount=amount,
        value_yen=value,
        fiscal_year=clock.fiscal_year(),
        payee_encrypted=seal(asdict(payee)) if payee and use == "cash" else None,
        asked_by=by,
    )
    redemption.holds = _hold(redemption)
    redemption.save()
    return redemption


def _differs(found: Redemption, body: tuple[Any, ...], payee: Payee | None) -> bool:
    """Whether an order came again with other content; an account that is erased is not compared."""
    stored = found.programme_id, found.person_id, found.use, found.amount, found.detail
    account = payee_of(found)
    return stored != body or (account is not None and account != payee)


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
    if document.at_cap and document.at_cap.use == rule.use:
        return _alternative(ruled, person, amount)
    value = amount * document.worth.yen // document.worth.of if document.worth else 0
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
    _tell(redemption, "承認されました")
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
    _resolve(redemption, Kind.VOID)
    _decide(redemption, Redemption.State.REFUSED, by, note)
    _tell(redemption, "見送りになりました")
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
    _resolve(redemption, Kind.VOID)
    redemption.state = Redemption.State.CANCELLED
    redemption.save(update_fields=["state"])
    return redemption


@transaction.atomic
def redemption_done(*, uid: UUID, reference: str, by: User) -> Redemption:
    """It was paid or handed out, under ``reference`` (a transfer's number). Again: nothing.

    Raises ``PaidReferenceMissing``, ``RedemptionNotWaiting``, ``NotFound``.
    """
    reference = reference.strip()
    if not reference or len(reference) > 60:
        raise PaidReferenceMissing(field="reference")
    redemption = _locked(uid)
    if redemption.state == Redemption.State.DONE:
        return redemption
    _waiting(redemption, Redemption.State.APPROVED)
    redemption.state, redemption.reference = Redemption.State.DONE, reference
    redemption.done_at = clock.now()
    redemption.save(update_fields=["state", "reference", "done_at"])
    act_record(
        actor=by,
        action="redemption_done",
        subject_kind="redemption",
        subject_id=redemption.uid,
        note=reference,
    )
    _tell(redemption, "終わりました")
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


def _tell(redemption: Redemption, what: str) -> None:
    notice_send(
        person=redemption.person,
        kind="redemption",
        key=f"redemption:{redemption.uid}:{redemption.state}",
        title=f"「{USE[redemption.use]}」の申請が{what}",
        body=redemption.note,
        path=f"/me/points/{redemption.programme.code}/",
    )


def payee_of(redemption: Redemption) -> Payee | None:
    """The bank account to pay to; None where there is none (any more)."""
    if redemption.payee_encrypted is None:
        return None
    return Payee(**unseal(redemption.payee_encrypted))
