"""Somebody moves away or dies: what becomes of what they were granted, as each document says."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, persons_lock
from kyojo.kernel.ids import derived_id
from kyojo.ledger import services as ledger
from kyojo.ledger.types import Leg, TransferCode

from .. import selectors
from ..accounts import balances
from ..models import Movement, Redemption
from .paying import Payee
from .records import standing_set
from .redeeming import Order, settlement_ask

Event = Literal["leaving", "death"]


@dataclass(frozen=True)
class Outcome:
    """What becomes of a person's units of one programme."""

    programme_code: str
    rule: str  # the key of the document that decided
    way: str  # lapse, keep, pay_out, heirs, donate
    amount: int
    redemption_uid: UUID | None = None
    #: To whom it is given, where it is given away.
    recipient: str = ""

    @property
    def is_paid(self) -> bool:
        """Whether money is paid for it, so that somebody has to say where to."""
        return self.way in ("pay_out", "heirs")


def leaving_plan(*, person: Person, event: Event) -> list[Outcome]:
    """What ``leaving_settle`` would do now, programme by programme. Writes nothing."""
    return [
        _outcome(ruled, event, amount)
        for ruled in selectors.programmes_now()
        if (amount := selectors.wallet(ruled.programme, person).available)
    ]


def _outcome(ruled: selectors.Ruled, event: Event, amount: int) -> Outcome:
    expiry, code = ruled.document.expiry, ruled.programme.code
    way: str = expiry.on_leaving if event == "leaving" else expiry.on_death
    rule = "expiry.on_leaving" if event == "leaving" else "expiry.on_death"
    if way in ("pay_out", "heirs") and not _pays(ruled):
        way = "lapse"
    recipient = ""
    if way == "donate":
        given = [r for u in ruled.document.uses if u.use == "donation" for r in u.recipients]
        recipient = given[0] if given else ""
    return Outcome(code, rule, way, amount, recipient=recipient)


@transaction.atomic
def leaving_settle(
    *,
    uid: UUID,
    person: Person,
    event: Event,
    payee: Payee | None = None,
    day: date | None = None,
    ties: Collection[str] = (),
    by: User,
) -> list[Outcome]:
    """Settle what a person who leaves (or has died) can still use, programme by programme.

    What lapses goes back to the issuer; what is paid out, to the person or the heirs, becomes an
    application of ``by`` for ``payee``, which another officer approves; a donation likewise; what
    is kept is left alone. With ``day`` their standing is written down first: from that day on
    they live here no more, and only ``ties`` (works, studies) are left. The same order again
    changes nothing and says what it did.

    Raises ``PayeeNeeded`` where something is to be paid and nobody said where to,
    ``PayeeUnwritable``, ``AlreadyUsed``: nothing was done.
    """
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    before = settled_of(uid=uid, person=person, event=event)
    if before:
        return before
    if day is not None:
        known = selectors.standings([person.pk]).get(person.pk, [])
        insured, _ = selectors.standing_on(known, day)
        standing_set(
            person=person,
            since=day,
            insured=insured,
            lives=False,
            works="works" in ties,
            studies="studies" in ties,
            by=by,
        )
    outcomes = []
    for ruled in selectors.programmes_now():
        amount = selectors.wallet(ruled.programme, person).available
        if amount:
            outcomes.append(_settled(uid, ruled, person, event, amount, payee, by))
    act_record(
        actor=by,
        action=f"points_{event}",
        subject_kind="person",
        subject_id=person.uid,
        note="、".join(f"{one.programme_code} {one.way} {one.amount}" for one in outcomes),
    )
    return outcomes


def _settled(
    uid: UUID,
    ruled: selectors.Ruled,
    person: Person,
    event: Event,
    amount: int,
    payee: Payee | None,
    by: User,
) -> Outcome:
    outcome = _outcome(ruled, event, amount)
    uid = derived_id(uid, ruled.programme.code)
    if outcome.way == "lapse":
        _lapse(ruled, person, uid, amount, by)
        return outcome
    if outcome.is_paid:
        order = Order("cash", amount, payee=payee)
    elif outcome.way == "donate":
        order = Order("donation", amount, outcome.recipient)
    else:
        return outcome
    made = settlement_ask(uid=uid, ruled=ruled, person=person, order=order, by=by)
    return replace(outcome, redemption_uid=made.uid)


def settled_of(*, uid: UUID, person: Person, event: Event) -> list[Outcome]:
    """What the order ``uid`` did: what lapsed and what was asked for; what was kept is not
    written down anywhere."""
    found = []
    for ruled in selectors.programmes_now():
        one = derived_id(uid, ruled.programme.code)
        asked = Redemption.objects.filter(uid=one, person=person).first()
        lapsed = Movement.objects.filter(uid=one, giver=person).first()
        if asked is not None:
            outcome = _outcome(ruled, event, asked.amount)
            way = "donate" if asked.use == "donation" else outcome.way
            found.append(
                replace(outcome, way=way, redemption_uid=asked.uid, recipient=asked.detail)
            )
        elif lapsed is not None:
            found.append(replace(_outcome(ruled, event, lapsed.amount), way="lapse"))
    return found


def _pays(ruled: selectors.Ruled) -> bool:
    """Hours and thanks have heirs only where they are worth money."""
    return any(rule.use == "cash" for rule in ruled.document.uses)


def _lapse(ruled: selectors.Ruled, person: Person, uid: UUID, amount: int, by: User) -> None:
    programme = ruled.programme
    movement = Movement.objects.create(
        uid=uid,
        programme=programme,
        kind=Movement.Kind.LAPSED,
        giver=person,
        amount=amount,
        by=by,
    )
    ledger.legs_execute(
        legs=[
            Leg(
                ledger=current(),
                id=derived_id(uid, "lapse", vintage),
                debit=account,
                credit=programme.issuer_account,
                amount=balance.available,
                code=TransferCode.EXPIRY,
                reference=movement.uid,
            )
            for vintage, (account, balance) in balances(
                programme=programme, person_id=person.pk
            ).items()
            if balance.available > 0
        ]
    )
