"""What the office rules about held coins, and the objection to it.

A ruling waits: the coins stay held until whoever loses by it has agreed, or until their days to
object are over (``evidence.appeal_days`` of the place's programme). One objection brings it before
another officer, whose word stands. Only then do coins move (docs/decisions/0020).
"""

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.twins import sides_of
from kyojo.civic.people.models import Person, StaffRole, User
from kyojo.civic.people.selectors import staff_required
from kyojo.civic.people.services import act_record
from kyojo.civic.people.staff_selectors import appeal_officer_of
from kyojo.help.matching import services as matching
from kyojo.help.requests.domain import category as category_of
from kyojo.help.requests.services import request_closed, request_done
from kyojo.kernel import clock
from kyojo.kernel.wording import jdate

from .. import domain
from ..desk_selectors import named_by_ruler
from ..domain import Resolution, Role, State, Step
from ..errors import (
    AmountOutside,
    AppealAgreed,
    AppealAlready,
    AppealOver,
    DeciderOfRuler,
    OwnRuling,
    OwnRulingAnswer,
    ResolutionUnknown,
    RulingNotYours,
    RulingWaits,
    StepNotAllowed,
    WordsMissing,
)
from ..models import Dispute, Ruling, Visit
from .closing import dispute_write, done_locked, pay_locked, receipt_make, release_locked
from .steps import (
    Case,
    advance,
    as_system,
    basis_checked,
    house_office_checked,
    place_rules,
    step_of,
    tell,
)

Outcome = Ruling.Outcome
PARTIES = {Role.CARER, Role.SUPPORTER}
WORDS_MAX = 2000


# --- the office rules -----------------------------------------------------------------------------
def dispute_resolve(
    *,
    visit_uid: UUID,
    by: User,
    resolution: str,
    words: str,
    paid_coins: int | None = None,
) -> Visit:
    """The office rules: ``pay`` all held coins, ``pay_part`` (``paid_coins`` of them), or
    ``return`` them; ``words`` go to both. The coins move once nobody who loses by it may object
    any more; at once where nobody loses. Ruled the same way already: nothing changes.

    Raises ``NotFound``, ``ResolutionUnknown``, ``AmountOutside``, ``WordsMissing``,
    ``OwnMatter``, ``RulingWaits``, ``StepNotAllowed``.
    """
    with step_of(visit_uid=visit_uid, name="resolve", by=by, allowed={Role.OFFICE}) as case:
        visit = case.visit
        amount = _amount(case, resolution, paid_coins)
        if visit.state == State.RESOLVED and visit.settled_coins == amount:
            return case.mine
        waiting = ruling_open(case)
        if waiting is not None:
            if waiting.paid_coins == amount and not waiting.is_absence:
                return case.mine
            raise RulingWaits()
        _words_checked(words)
        advance(case, Step.DECIDE, reason=f"ruled_{resolution}")
        _recorded(case, by, "dispute_resolve", f"{resolution} {amount}")
        confirmed = visit.confirmed_by == "carer"
        asks = domain.losers(Resolution(resolution), carer_confirmed=confirmed)
        ruling = ruling_make(
            case,
            resolution=Resolution(resolution),
            amount=amount,
            words=words,
            asks=asks,
            by=by,
        )
        if ruling.ended_at is None:
            _ruled_tell(case, ruling)
        return case.mine


def ruling_make(
    case: Case,
    *,
    resolution: Resolution,
    amount: int,
    words: str,
    asks: frozenset[Role],
    by: User | None,
    is_absence: bool = False,
) -> Ruling:
    """Write the ruling into each town. Where nobody is asked, or the programme gives no days, it
    is carried out at once."""
    days = appeal_days(case.visit) if asks else 0
    with tenant(case.start):
        before = Ruling.objects.filter(visit_uid=case.visit.uid).count()
    fields = {
        "visit_uid": case.visit.uid,
        "number": before + 1,
        "made_by_role": case.role,
        "made_by_id": by.pk if by is not None else None,
        "is_absence": is_absence,
        "resolution": resolution,
        "paid_coins": amount,
        "words": words.strip()[:WORDS_MAX],
        "made_at": clock.now(),
        "appeal_until": clock.at(clock.today() + timedelta(days=days + 1), 0) if days else None,
        "asks_carer": bool(days) and Role.CARER in asks,
        "asks_supporter": bool(days) and Role.SUPPORTER in asks,
    }
    made = {}
    for code in sorted(case.rows):
        with tenant(code):
            made[code] = Ruling.objects.create(**fields)
    ruling = made[case.start]
    if not days:
        _carry_out(case, ruling, Outcome.FINAL)
    return ruling


def appeal_days(visit: Visit) -> int:
    """How long the place's programme lets people object."""
    return place_rules(visit).evidence.appeal_days


def last_day(days: int) -> str:
    """The last day to object, as it is told."""
    return jdate(clock.today() + timedelta(days=days))


def _amount(case: Case, resolution: str, paid_coins: int | None) -> int:
    """How many coins the supporter is given. Raises ``NotFound`` where neither the carer nor the
    place is of this town."""
    visit = case.visit
    house_office_checked(case)
    if resolution not in set(Resolution):
        raise ResolutionUnknown(field="resolution")
    amount = domain.paid(Resolution(resolution), held=visit.amount_coins, part=paid_coins)
    if amount is None:
        raise AmountOutside(field="paid_coins", held=visit.amount_coins)
    return amount


def _words_checked(words: str) -> None:
    if not words.strip():
        raise WordsMissing(field="words")


def _recorded(case: Case, by: User, action: str, note: str = "", basis: str = "") -> None:
    act_record(
        actor=by,
        action=action,
        subject_kind="visit",
        subject_id=case.visit.uid,
        note=note,
        basis=basis,
    )


# --- whoever loses by it --------------------------------------------------------------------------
def ruling_accept(*, visit_uid: UUID, by: Person | User, role: str = "", basis: str = "") -> Visit:
    """「わかりました」: whoever loses by the ruling lets it stand; once all of them have, the coins
    move. Staff notes it for ``role`` ("carer", "supporter") with its ``basis``, but never whoever
    ruled: it ends the days to object. Again: nothing changes.

    Raises ``NotFound``, ``BasisMissing``, ``RulingNotYours``, ``AppealAlready``,
    ``StepNotAllowed``, ``OwnMatter``, ``OwnRulingAnswer``.
    """
    with step_of(
        visit_uid=visit_uid, name="accept", by=by, allowed=PARTIES | {Role.OFFICE}
    ) as case:
        whose = _whose(case, by, role, basis)
        if case.visit.state != State.DISPUTED and _last_agreed(case, whose):
            return case.mine
        ruling = _asked(case, whose)
        if ruling.agreed(whose):
            return case.mine
        if ruling.appealed_at is not None:
            raise AppealAlready()
        if isinstance(by, User) and ruling.made_by_id == by.pk:
            raise OwnRulingAnswer()
        advance(case, Step.ACCEPT, reason=f"agreed_{whose}")
        _change(case, ruling, **{f"{whose}_agreed_at": clock.now()})
        if isinstance(by, User):
            _recorded(case, by, "ruling_accept", note=whose, basis=basis)
        if all(ruling.agreed(one) for one in PARTIES if ruling.asks(one)):
            _carry_out(case, ruling, Outcome.AGREED)
        return case.mine


def ruling_appeal(
    *, visit_uid: UUID, by: Person | User, words: str, role: str = "", basis: str = ""
) -> Visit:
    """「異議を申し立てる」: the ruling goes to another officer; what a carer said of somebody who
    did not come goes to the office. Once for each ruling; again by the same side: nothing changes.
    Staff notes it for ``role`` with its ``basis``.

    Raises ``NotFound``, ``BasisMissing``, ``WordsMissing``, ``RulingNotYours``, ``AppealAgreed``,
    ``AppealAlready``, ``AppealOver``, ``StepNotAllowed``, ``OwnMatter``.
    """
    with step_of(
        visit_uid=visit_uid, name="appeal", by=by, allowed=PARTIES | {Role.OFFICE}
    ) as case:
        whose = _whose(case, by, role, basis)
        if ruling_open(case) is None and _last_objected(case, whose):
            return case.mine
        ruling = _asked(case, whose)
        if ruling.appealed_at is not None:
            if ruling.appealed_by_role == whose:
                return case.mine
            raise AppealAlready()
        if ruling.agreed(whose):
            raise AppealAgreed()
        if ruling.appeal_until is None or clock.now() >= ruling.appeal_until:
            raise AppealOver()
        _words_checked(words)
        advance(case, Step.APPEAL, reason=f"appealed_{whose}")
        if isinstance(by, User):
            _recorded(case, by, "ruling_appeal", note=whose, basis=basis)
        _appeal_write(case, ruling, whose, words.strip()[:WORDS_MAX], basis)
        return case.mine


def _appeal_write(case: Case, ruling: Ruling, whose: Role, words: str, basis: str) -> None:
    """Keep the objection. Its words stand in the carer's and the place's town only."""
    visit = case.visit
    _change(case, ruling, appealed_at=clock.now(), appealed_by_role=str(whose), appeal_basis=basis)
    for code in sides_of(visit.carer_municipality_id, visit.place_municipality_id):
        with tenant(code):
            _twin(ruling).update(appeal_words=words)
    if ruling.made_by_role == Role.CARER:
        # Nobody has ruled yet: the office hears both.
        _end(case, ruling, Outcome.OBJECTED)
        dispute_write(case, words, by=whose)
        return
    for role in sorted(PARTIES - {whose}):
        tell(
            case,
            role,
            kind="visit_appealed",
            title=f"{_what(visit)}の決定に、異議の申し立てがありました",
            body="決めた人とは別の職員が、もう一度確かめます。お話をうかがうことがあります。"
            "それまで、コインはお預かりしたままです。",
        )


def _whose(case: Case, by: Person | User, role: str, basis: str) -> Role:
    """The side whose word it is: their own, or ``role`` where staff notes it; staff of a town from
    which only the supporter comes notes only what the supporter says."""
    if not isinstance(by, User):
        return case.role
    if role not in PARTIES:
        raise RulingNotYours()
    if role != Role.SUPPORTER:
        house_office_checked(case)
    basis_checked(basis)
    return Role(role)


def _asked(case: Case, whose: Role) -> Ruling:
    """The open ruling that waits for this side's word."""
    ruling = ruling_open(case)
    if ruling is None:
        raise StepNotAllowed(state=str(Visit.State(case.visit.state).label))
    if not ruling.asks(whose):
        raise RulingNotYours()
    return ruling


# --- another officer ------------------------------------------------------------------------------
def appeal_decide(
    *,
    visit_uid: UUID,
    by: User,
    resolution: str,
    words: str,
    paid_coins: int | None = None,
) -> Visit:
    """Another officer than the one who ruled, or who decides appeals here from outside
    (``AppealOfficer``), lets the ruling stand or changes it; that is carried out at once. Nobody
    from outside whom the one who ruled let in afterwards, where the town has another officer.
    Decided the same way already: nothing changes.

    Raises ``NotFound`` (also for whoever is neither), ``ResolutionUnknown``,
    ``AmountOutside``, ``WordsMissing``, ``OwnMatter``, ``OwnRuling``, ``DeciderOfRuler``,
    ``StepNotAllowed``.
    """
    outsider = appeal_officer_of(by)
    if outsider is None:
        staff_required(by, StaffRole.Role.OFFICER)
    with step_of(
        visit_uid=visit_uid,
        name="appeal_decide",
        by=by,
        allowed={Role.OFFICE},
        from_outside=True,
    ) as case:
        visit = case.visit
        amount = _amount(case, resolution, paid_coins)
        ruling = ruling_open(case)
        if ruling is None and visit.state == State.RESOLVED and visit.settled_coins == amount:
            return case.mine
        if ruling is None or ruling.appealed_at is None:
            raise StepNotAllowed(state=str(Visit.State(visit.state).label))
        if ruling.made_by_id == by.pk:
            raise OwnRuling()
        if named_by_ruler(visit, ruling, outsider):
            raise DeciderOfRuler()
        _words_checked(words)
        advance(case, Step.DECIDE, reason=f"ruled_{resolution}")
        _recorded(case, by, "appeal_decide", f"{resolution} {amount}")
        _end(case, ruling, Outcome.APPEALED)
        ruling_make(
            case,
            resolution=Resolution(resolution),
            amount=amount,
            words=words,
            asks=frozenset(),
            by=by,
        )
        return case.mine


# --- carried out ----------------------------------------------------------------------------------
def ruling_close_due(*, visit_uid: UUID) -> bool:
    """Carry out a ruling whose days are over and to which nobody objected; called by the hourly
    job in the carer's town. Returns whether it did."""
    with step_of(visit_uid=visit_uid, name="ruling_due", by=None, allowed=set()) as case:
        ruling = ruling_open(case)
        if ruling is None or ruling.appealed_at is not None:
            return False
        if ruling.appeal_until is None or clock.now() < ruling.appeal_until:
            return False
        _carry_out(case, ruling, Outcome.DAYS_OVER)
        return True


def _carry_out(case: Case, ruling: Ruling, outcome: str) -> None:
    """The coins move, and the visit is over."""
    _end(case, ruling, outcome)
    if ruling.is_absence:
        _absence_close(case)
        return
    visit, amount = case.visit, ruling.paid_coins
    pay_locked(case, amount)
    advance(
        as_system(case),
        Step.RESOLVE,
        reason=ruling.resolution,
        settled_at=clock.now(),
        settled_coins=amount,
        confirmed_by=visit.confirmed_by or "office",
        receipt_code=receipt_make(visit, amount) if amount else "",
    )
    for code in sides_of(visit.carer_municipality_id, visit.place_municipality_id):
        with tenant(code):
            Dispute.objects.filter(visit_uid=visit.uid, resolved_at=None).update(
                resolved_at=clock.now(),
                resolution=ruling.resolution,
                paid_coins=amount,
                office_words=ruling.words,
                resolved_by_id=ruling.made_by_id,
            )
    if amount:
        done_locked(case, amount)
    else:
        request_done(uid=visit.request_uid, start=visit.carer_municipality_id, reason="returned")
    for role in sorted(PARTIES):
        tell(
            case,
            role,
            kind="visit_resolved",
            title=f"{_what(visit)}の確認が終わりました",
            body=f"{_outcome_words(ruling, visit, is_done=True)}{ruling.words}",
        )


def _absence_close(case: Case) -> None:
    """Nobody came, and nobody says otherwise: every coin returns."""
    visit = case.visit
    advance(as_system(case), Step.ABSENT, closed_reason="supporter_absent")
    release_locked(case)
    carer_town = visit.carer_municipality_id
    matching.offer_withdraw_mark(offer_uid=visit.offer_uid, start=carer_town)
    request_closed(uid=visit.request_uid, start=carer_town, reason="no_show")
    tell(
        case,
        Role.CARER,
        kind="visit_absent",
        title=f"{_what(visit)}のコインが、全部もどりました",
    )


def _ruled_tell(case: Case, ruling: Ruling) -> None:
    visit, last = case.visit, jdate(clock.local(ruling.appeal_until) - timedelta(days=1))
    waits = (
        f"{last}までは、異議を申し立てることができます。それまで、コインはお預かりしたままです。"
    )
    for role in sorted(PARTIES):
        own = "そのままでよければ「わかりました」を押してください。" if ruling.asks(role) else ""
        tell(
            case,
            role,
            kind="visit_ruled",
            title=f"{_what(visit)}について、事務局が決めました",
            body=f"{_outcome_words(ruling, visit)}「{ruling.words}」{own}{waits}",
        )


def _what(visit: Visit) -> str:
    return f"{jdate(visit.starts_at)}の{category_of(visit.category).name}"


def _outcome_words(ruling: Ruling, visit: Visit, *, is_done: bool = False) -> str:
    amount, rest = ruling.paid_coins, visit.amount_coins - ruling.paid_coins
    give, back = (
        ("お渡ししました", "お返ししました") if is_done else ("お渡しします", "お返しします")
    )
    if not amount:
        return f"{rest}コインを、たのんだ人に{back}。"
    if not rest:
        return f"{amount}コインを、来た人に{give}。"
    return f"{amount}コインを来た人にお渡しし、{rest}コインをたのんだ人に{back}。"


# --- the rows -------------------------------------------------------------------------------------
def ruling_open(case: Case) -> Ruling | None:
    """The ruling that waits, if one does."""
    with tenant(case.start):
        return Ruling.objects.filter(visit_uid=case.visit.uid, ended_at=None).first()


def _last(case: Case) -> Ruling | None:
    with tenant(case.start):
        found = Ruling.objects.filter(visit_uid=case.visit.uid).order_by("-number")
        return found.first()  # type: ignore[no-any-return]


def _last_agreed(case: Case, whose: Role) -> bool:
    last = _last(case)
    return last is not None and last.agreed(whose)


def _last_objected(case: Case, whose: Role) -> bool:
    """Whether what a carer said was answered by ``whose`` already, and the office hears both."""
    last = _last(case)
    return (
        last is not None
        and last.outcome == Outcome.OBJECTED
        and last.appealed_by_role == whose
        and case.visit.state == State.DISPUTED
    )


def _twin(ruling: Ruling) -> QuerySet[Ruling]:
    return Ruling.objects.filter(visit_uid=ruling.visit_uid, number=ruling.number)


def _change(case: Case, ruling: Ruling, **changes: object) -> None:
    """Set the same on each town's row, under the visit's lock."""
    for name, value in changes.items():
        setattr(ruling, name, value)
    for code in sorted(case.rows):
        with tenant(code):
            _twin(ruling).update(**changes)


def _end(case: Case, ruling: Ruling, outcome: str) -> None:
    _change(case, ruling, ended_at=clock.now(), outcome=str(outcome))
