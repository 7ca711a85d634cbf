"""Tickets on paper: printed for who has units, brought back by anybody who was given one, once."""

import re
import secrets
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, notice_send, persons_lock
from kyojo.civic.programmes.models import Programme
from kyojo.kernel import clock, text
from kyojo.kernel.ids import derived_id
from kyojo.kernel.wording import jdate_plain
from kyojo.ledger import services as ledger
from kyojo.ledger.types import TransferCode

from .. import circulation_selectors, selectors
from ..accounts import account_ensure, bearer_ensure, split
from ..errors import (
    AmountInvalid,
    NotEnough,
    NotOnPaper,
    PaperExpired,
    PaperUnknown,
    PaperUsed,
    PaperVoided,
    ReasonNeeded,
    RecordDiffers,
)
from ..models import Movement, PaperTicket
from .moving import found_once, legs_of

#: At most so many at once: ten sheets of ten.
MOST = 100
#: Bytes of a token; 16 letters in its QR code.
TOKEN_BYTES = 12


@transaction.atomic
def papers_print(
    *, uid: UUID, programme_code: str, person: Person, amount: int, by: User
) -> Movement:
    """Turn ``amount`` units of a member into as many numbered tickets on paper.

    The units go to the programme's account for the bearer, of the same vintage, until somebody
    brings the ticket back. The same order again changes nothing.

    Raises ``NotOnPaper``, ``AmountInvalid``, ``MayNotSpend``, ``NotEnough``, ``RecordDiffers``,
    ``NotFound``.
    """
    ruled = selectors.ruled(programme_code)
    programme = ruled.programme
    if not circulation_selectors.is_on_paper(ruled.document):
        raise NotOnPaper()
    if type(amount) is not int or not 1 <= amount <= MOST:
        raise AmountInvalid(field="amount", least=1, most=f"{MOST:,}")
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    found = found_once(uid, Movement.Kind.PRINTED, ruled=ruled, giver=person, amount=amount)
    if found is not None:
        return found
    selectors.may_spend(ruled, person)
    available = selectors.wallet(programme, person).available
    if amount > available:
        raise NotEnough(field="amount", available=f"{available:,}", unit=ruled.document.unit)
    movement: Movement = Movement.objects.create(
        uid=uid,
        programme=programme,
        kind=Movement.Kind.PRINTED,
        giver=person,
        amount=amount,
        by=by,
    )
    parts = split(programme=programme, person_id=person.pk, amount=amount)
    gone = [
        (vintage, account, bearer_ensure(programme=programme, vintage=vintage), part)
        for vintage, account, part in parts
    ]
    ledger.legs_execute(legs=legs_of(movement, gone, TransferCode.GIFT))
    number = _last_number(programme)
    PaperTicket.objects.bulk_create(
        PaperTicket(
            programme=programme,
            number=number + place,
            token=secrets.token_urlsafe(TOKEN_BYTES),
            printed=movement,
            vintage=vintage,
        )
        for place, vintage in enumerate(
            (vintage for vintage, _, part in parts for _ in range(part)), start=1
        )
    )
    _on_record(by, "papers_printed", person, f"{programme.code} {amount}")
    return movement


def _last_number(programme: Programme) -> int:
    """The highest number given so far; whoever prints next waits for this transaction."""
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    rows = PaperTicket.objects.filter(programme=programme)
    return int(rows.aggregate(last=Max("number"))["last"] or 0)


@transaction.atomic
def paper_take_in(
    *, uid: UUID, programme_code: str, token_or_number: str, person: Person, by: User
) -> Movement:
    """Take a ticket in from the member who brings it: its unit is theirs. Each ticket once.

    The same order again changes nothing. Raises ``NotOnPaper``, ``PaperUnknown``, ``PaperUsed``,
    ``PaperVoided``, ``PaperExpired``, ``RecordDiffers``, ``NotFound``.
    """
    ruled = selectors.ruled(programme_code)
    programme = ruled.programme
    if not circulation_selectors.is_on_paper(ruled.document):
        raise NotOnPaper()
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    paper = _locked(programme, token_or_number)
    found = found_once(uid, Movement.Kind.TAKEN_IN, ruled=ruled, receiver=person, amount=1)
    if found is not None:
        if paper.taken_in_id != found.pk:
            raise RecordDiffers()
        return found
    _still_out(paper)
    movement: Movement = Movement.objects.create(
        uid=uid,
        programme=programme,
        kind=Movement.Kind.TAKEN_IN,
        receiver=person,
        amount=1,
        reference=f"{paper.number}",
        by=by,
    )
    account = account_ensure(programme=programme, person_id=person.pk, vintage=paper.vintage)
    bearer = bearer_ensure(programme=programme, vintage=paper.vintage)
    came = (paper.vintage, bearer, account, 1)
    ledger.legs_execute(legs=legs_of(movement, [came], TransferCode.GIFT))
    paper.state, paper.taken_in = PaperTicket.State.IN, movement
    paper.save(update_fields=["state", "taken_in"])
    _on_record(by, "paper_taken_in", person, f"{programme.code} {paper.number}")
    notice_send(
        person=person,
        kind="paper_taken_in",
        key=f"paper_taken_in:{uid}",
        title=f"{ruled.document.name}の紙の券{paper.number}番を受け取りました",
        path=f"/me/points/{programme.code}/",
    )
    return movement


@transaction.atomic
def paper_void(*, programme_code: str, number: int, reason: str, by: User) -> PaperTicket:
    """Make a lost ticket void: nobody can bring it any more, and its unit goes back to the issuer.

    Again: changes nothing. Raises ``ReasonNeeded``, ``PaperUnknown``, ``PaperUsed``,
    ``PaperExpired``, ``NotFound``.
    """
    reason = reason.strip()
    if not reason or len(reason) > 150:
        raise ReasonNeeded(field="reason")
    ruled = selectors.ruled(programme_code)
    programme = ruled.programme
    paper = _locked(programme, str(number))
    if paper.state == PaperTicket.State.VOID:
        return paper
    _still_out(paper)
    movement = Movement.objects.create(
        uid=derived_id(paper.printed.uid, "void", paper.number),
        programme=programme,
        kind=Movement.Kind.LAPSED,
        amount=1,
        reference=f"{paper.number}",
        by=by,
    )
    bearer = bearer_ensure(programme=programme, vintage=paper.vintage)
    back = (paper.vintage, bearer, programme.issuer_account, 1)
    ledger.legs_execute(legs=legs_of(movement, [back], TransferCode.CORRECTION))
    paper.state = PaperTicket.State.VOID
    paper.save(update_fields=["state"])
    act_record(
        actor=by,
        action="paper_voided",
        subject_kind="programme",
        subject_id=programme.code,
        note=f"{paper.number} {reason}",
    )
    return paper


def _locked(programme: Programme, token_or_number: str) -> PaperTicket:
    """The ticket, locked: who takes it in at another desk at the same moment waits."""
    typed = token_or_number.strip()
    rows = PaperTicket.objects.filter(programme=programme).select_related("printed", "taken_in")
    number = text.normalised(typed).removesuffix("番").replace(",", "")
    if re.fullmatch(r"[0-9]{1,9}", number):
        rows = rows.filter(number=int(number))
    else:
        rows = rows.filter(token=typed)
    found: PaperTicket | None = rows.select_for_update(of=("self",)).first()
    if found is None:
        raise PaperUnknown(field="paper")
    return found


def _still_out(paper: PaperTicket) -> None:
    if paper.state == PaperTicket.State.IN:
        assert paper.taken_in is not None
        raise PaperUsed(field="paper", number=paper.number, day=jdate_plain(paper.taken_in.at))
    if paper.state == PaperTicket.State.VOID:
        raise PaperVoided(field="paper", number=paper.number)
    if 0 < paper.vintage < clock.fiscal_year():
        day = jdate_plain(date(paper.vintage + 1, 3, 31))
        raise PaperExpired(field="paper", number=paper.number, day=day)


def _on_record(by: User, action: str, person: Person, note: str) -> None:
    act_record(actor=by, action=action, subject_kind="person", subject_id=person.uid, note=note)
