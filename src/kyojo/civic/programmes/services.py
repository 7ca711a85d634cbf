"""Writes of the programmes room: a programme's versions, coins issued, coins distributed.

``by`` is the login that acts (anything with a ``pk``): people lie above this room, so what a
login may do is decided where roles are known, before these are called.
"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.models import Operator
from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id, new_id
from kyojo.ledger import services as ledger
from kyojo.ledger.errors import ExceedsCredits
from kyojo.ledger.types import AccountCode, Flag, Leg, TransferCode

from .errors import (
    AmountInvalid,
    CurrencyFixed,
    CurrencyTaken,
    DocumentInvalid,
    NotWaiting,
    OrderDiffers,
    ReasonMissing,
    SecondOfficerNeeded,
    TreasuryShort,
    UnitFixed,
    VersionAmidYear,
    VersionExists,
    VersionInPast,
)
from .models import Issuance, Programme, ProgrammeVersion
from .rules import baseline, reading
from .rules.model import Document
from .rules.places import line_of, lines_of
from .selectors import programme_current, treasury_balance

__all__ = [
    "coins_distribute",
    "issuance_approve",
    "issuance_cancel",
    "issuance_request",
    "programme_install",
    "treasury_balance",
]


class Login(Protocol):
    """Whoever acts, as far as this room knows them."""

    @property
    def pk(self) -> int: ...


@transaction.atomic
def programme_install(
    *, operator: Operator, code: str, document: str, effective_from: date
) -> ProgrammeVersion:
    """Publish ``document`` as the rules of programme ``code`` from ``effective_from`` on.

    The first version opens the issuer's and the treasury's accounts in the municipality's ledger.
    The same document for the same day again changes nothing and returns the version there is.

    Raises:
        DocumentUnreadable, DocumentInvalid: see ``rules.reading``; also when the document names
            another code or breaks a bound of the national baseline. VersionExists: that day has
            another document. VersionInPast: a change of rules that already hold. VersionAmidYear:
            points change on 1 April. CurrencyFixed, UnitFixed: currency, kind and unit of a
            programme stay. CurrencyTaken: another programme of the town has it.
    """
    rules = reading.read(document)
    if rules.code != code:
        raise DocumentInvalid(line=line_of(lines_of(document), ("code",)), key="code", allowed=code)
    for mistake in baseline.breaches(rules, document):
        raise reading.invalid(mistake)
    programme = Programme.objects.select_for_update().filter(code=code).first()
    if programme is None:
        programme = _programme_create(operator=operator, rules=rules)
    if programme.currency != rules.currency:
        raise CurrencyFixed(currency=programme.currency)
    newest = ProgrammeVersion.objects.filter(programme=programme).order_by("-version").first()
    same_day = ProgrammeVersion.objects.filter(
        programme=programme, effective_from=effective_from
    ).first()
    if same_day is not None:
        if same_day.document == document:
            return same_day
        raise VersionExists(effective_from=effective_from.isoformat())
    if newest is not None and effective_from <= clock.today():
        raise VersionInPast(today=clock.today().isoformat())
    if newest is not None:
        before = reading.read(newest.document)
        if (before.kind, before.unit) != (rules.kind, rules.unit):
            raise UnitFixed(kind=before.kind, unit=before.unit)
    # A year of points is counted as a whole; coins are counted visit by visit.
    if (
        newest is not None
        and rules.kind != "coin"
        and (
            effective_from.month,
            effective_from.day,
        )
        != (4, 1)
    ):
        raise VersionAmidYear()
    if programme.name != rules.name:
        programme.name = rules.name
        programme.save(update_fields=["name"])
    return ProgrammeVersion.objects.create(
        programme=programme,
        version=newest.version + 1 if newest else 1,
        effective_from=effective_from,
        document=document,
    )


def _programme_create(*, operator: Operator, rules: Document) -> Programme:
    if Programme.objects.filter(currency=rules.currency).exists():
        raise CurrencyTaken(currency=rules.currency)
    programme = Programme.objects.create(
        code=rules.code,
        name=rules.name,
        currency=rules.currency,
        operator=operator,
        issuer_account=new_id(),
        treasury_account=new_id(),
    )
    for account, kind, flags in (
        (programme.issuer_account, AccountCode.ISSUER, Flag(0)),
        (
            programme.treasury_account,
            AccountCode.TREASURY,
            Flag.DEBITS_MUST_NOT_EXCEED_CREDITS,
        ),
    ):
        ledger.account_open(
            ledger=current(),
            id=account,
            currency=rules.currency,
            code=kind,
            flags=flags,
            stripes=ledger.HOT_STRIPES,
        )
    return programme


@transaction.atomic
def issuance_request(
    *, uid: UUID, programme_code: str, amount: int, reason: str, by: Login
) -> Issuance:
    """Ask for ``amount`` coins to be issued into the treasury.

    Up to the programme's bound they are issued at once; above it the order waits for a second
    officer. The same order again changes nothing and returns the first.

    Raises:
        AmountInvalid, ReasonMissing: nothing is written. OrderDiffers: ``uid`` is another order.
        ProgrammeMissing.
    """
    programme, rules = programme_current(programme_code)
    if type(amount) is not int or not 1 <= amount <= rules.issue_max_coins:
        raise AmountInvalid(field="amount", maximum=f"{rules.issue_max_coins:,}")
    reason = reason.strip()
    if not reason or len(reason) > 200:
        raise ReasonMissing(field="reason")
    issuance = _issuance_once(
        uid=uid, programme=programme, amount=amount, reason=reason, created_by_id=by.pk
    )
    if issuance.state == Issuance.State.WAITING and not rules.second_officer_needed(amount):
        _issue(issuance, approved_by_id=None)
    return issuance


def _issuance_once(
    *, uid: UUID, programme: Programme, amount: int, reason: str, created_by_id: int
) -> Issuance:
    body = {"amount": amount, "reason": reason, "created_by_id": created_by_id}
    try:
        issuance, created = Issuance.objects.select_for_update(of=("self",)).get_or_create(
            uid=uid, defaults={**body, "programme": programme, "state": Issuance.State.WAITING}
        )
    except IntegrityError:  # another municipality's order: as unknown here as any other
        raise OrderDiffers() from None
    same = issuance.programme_id == programme.pk and all(
        getattr(issuance, name) == value for name, value in body.items()
    )
    if not created and not same:
        raise OrderDiffers()
    return issuance


def _issue(issuance: Issuance, *, approved_by_id: int | None) -> None:
    ledger.legs_execute(
        legs=[
            Leg(
                ledger=current(),
                id=derived_id(issuance.uid, "issue"),
                debit=issuance.programme.issuer_account,
                credit=issuance.programme.treasury_account,
                amount=issuance.amount,
                code=TransferCode.ISSUE,
                reference=issuance.uid,
            )
        ]
    )
    issuance.state = Issuance.State.DONE
    issuance.approved_by_id = approved_by_id
    issuance.done_at = clock.now()
    issuance.save(update_fields=["state", "approved_by_id", "done_at"])


def _issuance_locked(uid: UUID) -> Issuance:
    issuance = (
        Issuance.objects.select_related("programme")
        .select_for_update(of=("self",))
        .filter(uid=uid)
        .first()
    )
    if issuance is None:
        raise NotFound()
    return issuance


@transaction.atomic
def issuance_approve(*, uid: UUID, by: Login) -> Issuance:
    """Issue what waits. Approving what is done already changes nothing.

    Raises:
        SecondOfficerNeeded: ``by`` asked for it. NotWaiting: it was cancelled. NotFound.
    """
    issuance = _issuance_locked(uid)
    if issuance.created_by_id == by.pk:
        raise SecondOfficerNeeded()
    if issuance.state == Issuance.State.CANCELLED:
        raise NotWaiting(state=issuance.get_state_display())
    if issuance.state == Issuance.State.WAITING:
        _issue(issuance, approved_by_id=by.pk)
    return issuance


@transaction.atomic
def issuance_cancel(*, uid: UUID) -> Issuance:
    """Take back an order that waits. Raises NotWaiting when it is done, NotFound."""
    issuance = _issuance_locked(uid)
    if issuance.state == Issuance.State.DONE:
        raise NotWaiting(state=issuance.get_state_display())
    if issuance.state == Issuance.State.WAITING:
        issuance.state = Issuance.State.CANCELLED
        issuance.save(update_fields=["state"])
    return issuance


@transaction.atomic
def coins_distribute(
    *, distribution_uid: UUID, programme: Programme, entries: Sequence[tuple[UUID, int, UUID]]
) -> int:
    """Move coins from the treasury to accounts: all of ``entries`` or none.

    ``entries`` holds (account, amount, id of the transfer). Returns how many coins they are. The
    same entries again change nothing.

    Raises:
        TreasuryShort: with the missing number. LedgerRefusal: an account that cannot receive.
    """
    legs = [
        Leg(
            ledger=current(),
            id=leg_id,
            debit=programme.treasury_account,
            credit=account,
            amount=amount,
            code=TransferCode.DISTRIBUTE,
            reference=distribution_uid,
        )
        for account, amount, leg_id in entries
    ]
    total = sum(leg.amount for leg in legs)
    try:
        ledger.legs_execute(legs=legs)
    except ExceedsCredits as refused:
        left = treasury_balance(programme.code).available
        raise TreasuryShort(missing=f"{total - left:,}") from refused
    return total
