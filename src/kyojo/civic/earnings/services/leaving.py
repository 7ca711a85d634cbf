"""Somebody moves away, leaves or dies: what becomes of what they have, as each document says."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, person_leave, persons_lock
from kyojo.civic.people.services.acts import proxy_checked
from kyojo.kernel.ids import derived_id
from kyojo.ledger import services as ledger
from kyojo.ledger.types import Leg, TransferCode

from .. import circulation_selectors, open_selectors, selectors
from ..accounts import split
from ..errors import PaperNotTheirs, RecipientNeeded, StillOpen
from ..models import Movement, Redemption
from .lending import lent_return
from .papers import paper_take_in
from .paying import Payee
from .records import standing_set
from .redeeming import Order, settlement_ask

#: "leaving": moved away; "quitting": lives here still and wants to be a member no more.
Event = Literal["leaving", "quitting", "death"]
#: (code of the programme, number) of a ticket on paper.
Paper = tuple[str, int]


@dataclass(frozen=True)
class Outcome:
    """What becomes of a person's units of one programme."""

    programme_code: str
    rule: str  # the key of the document that decided
    way: str  # lapse, keep, pay_out, heirs, donate
    amount: int
    redemption_uid: UUID | None = None
    #: To whom it is given, where it is given away and that is known already.
    recipient: str = ""
    #: To whom it may be given by the document.
    recipients: tuple[str, ...] = ()
    #: What was lent goes back first, out of what there was.
    returned: int = 0
    #: Something stands open that comes first (``open_selectors``): it is not settled now.
    waits: bool = False

    @property
    def is_paid(self) -> bool:
        """Whether money is paid for it, so that somebody has to say where to."""
        return self.way in ("pay_out", "heirs") and self.amount > 0

    @property
    def asks_recipient(self) -> bool:
        """Whether somebody has to choose to whom it is given."""
        return self.way == "donate" and self.amount > 0 and len(self.recipients) > 1


def leaving_plan(*, person: Person, event: Event, papers: Collection[Paper] = ()) -> list[Outcome]:
    """What ``leaving_settle`` would do now, programme by programme, with what ``waits`` first.
    Writes nothing."""
    waits = _waiting(person)
    return [
        replace(outcome, waits=ruled.programme.code in waits)
        for ruled in _programmes()
        if (outcome := _now(ruled, person, event, papers)) is not None
    ]


def _programmes() -> list[selectors.Ruled]:
    return selectors.programmes_now((*selectors.KINDS, "coin"))


def _waiting(person: Person) -> set[str]:
    """The programmes that cannot be settled yet, by code."""
    items = open_selectors.open_items(person)
    return {one.programme.code for one in items if one.stops_settling}


def _now(
    ruled: selectors.Ruled, person: Person, event: Event, papers: Collection[Paper] = ()
) -> Outcome | None:
    """What becomes of what a person has, and of ``papers`` that are brought back; None: nothing."""
    code = ruled.programme.code
    amount = selectors.wallet(ruled.programme, person).available
    amount += sum(1 for paper in set(papers) if paper[0] == code)
    if not amount:
        return None
    outcome = _outcome(ruled, event, amount)
    if outcome.way == "keep":
        return outcome
    returned = min(circulation_selectors.outstanding(ruled.programme, person), amount)
    return replace(outcome, amount=amount - returned, returned=returned)


def _outcome(ruled: selectors.Ruled, event: Event, amount: int) -> Outcome:
    expiry, code = ruled.document.expiry, ruled.programme.code
    way: str = expiry.on_death if event == "death" else expiry.on_leaving
    rule = "expiry.on_death" if event == "death" else "expiry.on_leaving"
    if way in ("pay_out", "heirs") and not _pays(ruled):
        way = "lapse"
    if ruled.document.kind == "coin" and way != "keep":
        way = "lapse"  # coins become no money, and their office decides no applications
    recipients: tuple[str, ...] = ()
    if way == "donate":
        recipients = tuple(
            one for use in ruled.document.uses if use.use == "donation" for one in use.recipients
        )
    known = recipients[0] if len(recipients) == 1 else ""
    return Outcome(code, rule, way, amount, recipient=known, recipients=recipients)


@transaction.atomic
def leaving_settle(
    *,
    uid: UUID,
    person: Person,
    event: Event,
    payee: Payee | None = None,
    day: date | None = None,
    ties: Collection[str] = (),
    recipients: Mapping[str, str] | None = None,
    papers: Collection[Paper] = (),
    by: User,
) -> list[Outcome]:
    """Settle what a person who leaves (or has died) can still use, programme by programme.

    ``papers``, printed for them and brought back, are taken in first. What was lent returns out of
    what there is. What lapses goes back to the issuer; what is paid out, to the person or the
    heirs, becomes an application of ``by`` for ``payee``, which another officer approves; a
    donation to ``recipients`` (by the programme's code) likewise; what is kept is left alone, and
    so is every programme in which something stands open that comes first. With ``day`` their
    standing is written down first: from that day on they live here no more, and only ``ties``
    (works, studies) are left. The same order again changes nothing and says what it did.

    Raises ``PayeeNeeded`` where something is to be paid and nobody said where to,
    ``PayeeUnwritable``, ``RecipientNeeded``, ``PaperNotTheirs``, ``AlreadyUsed``: nothing was done.
    """
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    before = settled_of(uid=uid, person=person, event=event)
    if before:
        return before
    if day is not None:
        _standing_end(person, day, ties, by)
    _papers_take_in(uid, person, papers, by)
    outcomes = []
    waits = _waiting(person)
    for ruled in _programmes():
        if ruled.programme.code in waits:
            continue
        outcome = _now(ruled, person, event)
        if outcome is not None:
            chosen = (recipients or {}).get(ruled.programme.code, "")
            outcomes.append(_settled(uid, ruled, person, outcome, chosen, payee, by))
    act_record(
        actor=by,
        action=f"points_{event}",
        subject_kind="person",
        subject_id=person.uid,
        note="、".join(f"{one.programme_code} {one.way} {one.amount}" for one in outcomes),
    )
    return outcomes


def _standing_end(person: Person, day: date, ties: Collection[str], by: User) -> None:
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


def _papers_take_in(uid: UUID, person: Person, papers: Collection[Paper], by: User) -> None:
    """Take in what was printed for the person and came back. Raises ``PaperNotTheirs``."""
    new = set(papers) - set(papers_taken_by(uid=uid, person=person, papers=papers))
    taken = {paper: _paper_order(uid, paper) for paper in new}
    out = {
        (ruled.programme.code, paper.number)
        for ruled in selectors.programmes_now()
        for paper in open_selectors.papers_out(ruled.programme, person)
    }
    if not out.issuperset(taken):
        raise PaperNotTheirs(field="papers")
    for (code, number), order in sorted(taken.items()):
        paper_take_in(
            uid=order,
            programme_code=code,
            token_or_number=str(number),
            person=person,
            by=by,
        )


def _paper_order(uid: UUID, paper: Paper) -> UUID:
    return derived_id(uid, "paper", *paper)


def papers_taken_by(*, uid: UUID, person: Person, papers: Collection[Paper]) -> list[Paper]:
    """Those of ``papers`` that the order ``uid`` took in already."""
    orders = {_paper_order(uid, paper): paper for paper in papers}
    done = Movement.objects.filter(uid__in=orders, receiver=person).values_list("uid", flat=True)
    return sorted(orders[order] for order in done)


def _settled(
    uid: UUID,
    ruled: selectors.Ruled,
    person: Person,
    outcome: Outcome,
    chosen: str,
    payee: Payee | None,
    by: User,
) -> Outcome:
    uid = derived_id(uid, ruled.programme.code)
    if outcome.returned:
        lent_return(uid=derived_id(uid, "lent"), programme=ruled.programme, person=person, by=by)
    if not outcome.amount:
        return outcome
    if outcome.way == "lapse":
        _lapse(ruled, person, uid, outcome.amount, by)
        return outcome
    if outcome.is_paid:
        order = Order("cash", outcome.amount, payee=payee)
    elif outcome.way == "donate":
        outcome = replace(outcome, recipient=_recipient(ruled, outcome, chosen))
        order = Order("donation", outcome.amount, outcome.recipient)
    else:
        return outcome
    made = settlement_ask(uid=uid, ruled=ruled, person=person, order=order, by=by)
    return replace(outcome, redemption_uid=made.uid)


def _recipient(ruled: selectors.Ruled, outcome: Outcome, chosen: str) -> str:
    """To whom it is given: as chosen among the document's, or the only one there is."""
    if chosen in outcome.recipients or not outcome.recipients:
        return chosen if outcome.recipients else ""
    if outcome.recipient and not chosen:
        return outcome.recipient
    raise RecipientNeeded(field=f"recipient_{ruled.programme.code}", name=ruled.document.name)


def settled_of(*, uid: UUID, person: Person, event: Event) -> list[Outcome]:
    """What the order ``uid`` did: what lapsed, returned and was asked for; what was kept is not
    written down anywhere."""
    found = []
    for ruled in _programmes():
        one = derived_id(uid, ruled.programme.code)
        asked = Redemption.objects.filter(uid=one, person=person).first()
        lapsed = Movement.objects.filter(uid=one, giver=person).first()
        lent = Movement.objects.filter(uid=derived_id(one, "lent"), giver=person).first()
        returned = lent.amount if lent else 0
        if asked is not None:
            outcome = _outcome(ruled, event, asked.amount)
            way = "donate" if asked.use == "donation" else outcome.way
            outcome = replace(outcome, way=way, redemption_uid=asked.uid, recipient=asked.detail)
        elif lapsed is not None:
            outcome = replace(_outcome(ruled, event, lapsed.amount), way="lapse")
        elif lent is not None:
            outcome = _outcome(ruled, event, 0)
        else:
            continue
        found.append(replace(outcome, returned=returned))
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
                amount=part,
                code=TransferCode.EXPIRY,
                reference=movement.uid,
            )
            for vintage, account, part in split(
                programme=programme, person_id=person.pk, amount=amount
            )
        ]
    )


# --- the membership itself ------------------------------------------------------------------------


def left_to_settle(*, person: Person, event: Event) -> list[Outcome]:
    """What a person still has that no document lets them keep."""
    plan = leaving_plan(person=person, event=event)
    return [one for one in plan if one.way != "keep"]


@transaction.atomic
def membership_end(
    *, person: Person, event: Event, by: User | None = None, basis: str = ""
) -> Person:
    """End a membership (``people.services.person_leave``) where nothing stands open any more.

    Every way out leads through here: moved away, left, died. ``by`` None: they go by themselves.
    Again: changes nothing.

    Raises ``StillOpen``, ``BasisMissing``, ``NotFound``.
    """
    proxy_checked(by=by, basis=basis)
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    if person.left_at is not None:
        return person
    items = open_selectors.stops_leaving(person)
    if items:
        raise StillOpen(what=open_selectors.NAMES[items[0].kind])
    if left_to_settle(person=person, event=event):
        raise StillOpen(what="残っている分の精算")
    return person_leave(person=person, by=by, basis=basis)
