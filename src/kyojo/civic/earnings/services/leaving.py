"""Somebody moves away or dies: what becomes of what they were granted, as each document says."""

from dataclasses import dataclass
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
from ..errors import PayeeNeeded
from ..models import Movement
from .redeeming import Payee, redemption_ask

Event = Literal["leaving", "death"]


@dataclass(frozen=True)
class Outcome:
    """What became of a person's units of one programme."""

    programme_code: str
    rule: str  # the key of the document that decided
    way: str  # lapse, keep, pay_out, heirs, donate
    amount: int
    redemption_uid: UUID | None = None


@transaction.atomic
def leaving_settle(
    *, uid: UUID, person: Person, event: Event, payee: Payee | None = None, by: User
) -> list[Outcome]:
    """Settle what a person who leaves (or has died) can still use, programme by programme.

    What lapses goes back to the issuer; what is paid out, to the person or the heirs, becomes an
    application of ``by`` for ``payee``, which another officer approves; a donation likewise; what
    is kept is left alone. The same order again settles what is left, which is nothing.

    Raises ``PayeeNeeded`` where something is to be paid and nobody said where to: nothing was done.
    """
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    outcomes = []
    for ruled in selectors.programmes_now():
        amount = selectors.wallet(ruled.programme, person).available
        if not amount:
            continue
        expiry = ruled.document.expiry
        way = expiry.on_leaving if event == "leaving" else expiry.on_death
        rule = "expiry.on_leaving" if event == "leaving" else "expiry.on_death"
        code, order = ruled.programme.code, derived_id(uid, ruled.programme.code)
        made: UUID | None = None
        if way in ("pay_out", "heirs") and _pays(ruled):
            if payee is None:
                raise PayeeNeeded(field="payee", what="銀行の番号（4けた）")
            made = redemption_ask(
                uid=order,
                programme_code=code,
                person=person,
                use="cash",
                amount=amount,
                payee=payee,
                by=by,
            ).uid
        elif way == "donate":
            recipients = [
                r for u in ruled.document.uses if u.use == "donation" for r in u.recipients
            ]
            made = redemption_ask(
                uid=order,
                programme_code=code,
                person=person,
                use="donation",
                amount=amount,
                detail=recipients[0],
                by=by,
            ).uid
        elif way != "keep":
            way = "lapse"
            _lapse(ruled, person, order, amount, by)
        outcomes.append(Outcome(code, rule, way, amount, made))
    act_record(
        actor=by,
        action=f"points_{event}",
        subject_kind="person",
        subject_id=person.uid,
        note="、".join(f"{one.programme_code} {one.way} {one.amount}" for one in outcomes),
    )
    return outcomes


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
