"""The day of the visit: on the way, begun, where, ended. Every record may be sent twice."""

from datetime import datetime, timedelta
from uuid import UUID

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.twins import twins_save
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.domain import CoinRules
from kyojo.help.requests.domain import category as category_of
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.kernel.wording import distance, jhour

from .. import domain, evidence
from ..domain import Role, State, Step
from ..errors import (
    ConsentMissing,
    FarFromPlace,
    HeadingTooEarly,
    ProofMissing,
    StepNotAllowed,
    TimeOver,
    TooEarly,
)
from ..evidence import Kind, Position
from ..models import Evidence, RefusedStep, Visit
from .fraud_watch import look_soon
from .presence import heard_to_end
from .proving import Proof, code_right, evidence_store, marks_of, pressed_at, proofs_store
from .readiness import ready_or_refuse
from .steps import (
    Case,
    advance,
    basis_checked,
    history,
    minutes_between,
    place_rules,
    step_of,
    tell,
)
from .tags import TagRead

POSITIONS_MAX = 300
LATE_MINUTES = (10, 20, 30)


def visit_heading(*, visit_uid: UUID, supporter: Person) -> Visit:
    """「向かいます」: the carer sees that the supporter is on the way. Again: nothing changes.

    Raises ``NotFound``, ``HeadingTooEarly``, ``ConsentMissing``, ``TimeOver``, ``StepNotAllowed``.
    """
    with step_of(
        visit_uid=visit_uid, name="heading", by=supporter, allowed={Role.SUPPORTER}
    ) as case:
        visit = case.visit
        if visit.heading_at is not None:
            return case.mine
        _scheduled_or_refuse(case)
        opens = visit.starts_at - domain.HEADING_BEFORE
        if clock.now() < opens:
            raise HeadingTooEarly(opens=jhour(opens), now=jhour(clock.now()))
        if clock.now() > visit.ends_at:
            raise TimeOver(ends=jhour(visit.ends_at))
        _yes_or_refuse(visit)
        twins_save(case.rows, heading_at=clock.now())
        history(case, before=visit.state, after=visit.state, reason="heading")
        name = visit.supporter_card["family_name"]
        tell(
            case,
            Role.CARER,
            kind="visit_heading",
            title=f"{name}さんが向かっています（{category_of(visit.category).name}）",
        )
        return case.mine


def visit_late_tell(*, visit_uid: UUID, supporter: Person, minutes: int) -> Visit:
    """「遅れます」: told to the carer and to the person at home. Costs nobody anything."""
    with step_of(visit_uid=visit_uid, name="late", by=supporter, allowed={Role.SUPPORTER}) as case:
        _scheduled_or_refuse(case)
        late = min(LATE_MINUTES, key=lambda choice: abs(choice - minutes))
        visit = case.visit
        history(case, before=visit.state, after=visit.state, reason=f"late_{late}")
        name, about = visit.supporter_card["family_name"], visit.starts_at + timedelta(minutes=late)
        for role in (Role.CARER, Role.RECIPIENT):
            tell(
                case,
                role,
                kind=f"visit_late_{late}",
                title=f"{name}さんが{late}分ほど遅れます",
                body=f"{jhour(about)}ごろ着く予定です。",
            )
        return case.mine


def visit_check_in(
    *,
    visit_uid: UUID,
    supporter: Person,
    nonce: UUID,
    position: Position | None = None,
    code: str = "",
    tag: TagRead | None = None,
    device_at: datetime | None = None,
    was_kept: bool = False,
    far_is_meant: bool = True,
) -> Visit:
    """「着きました。始めます」, proven by a position, the spoken code or a card at the place.

    A position far away is kept and sends the visit to the office; with ``far_is_meant`` False it is
    refused instead, so that a page can ask first. What comes with a code or a card is kept beside
    it. One that ``was_kept`` on a phone without network counts from ``device_at``. Begun already by
    the same supporter: nothing changes.

    Raises ``NotFound``, ``TooEarly``, ``TimeOver``, ``ConsentMissing``, ``ProofMissing``,
    ``PositionUnreadable``, ``FarFromPlace``, ``CodeWrong``, ``CodeLocked``, ``NonceReused``,
    ``StepNotAllowed``, the refusals of ``tags.tag_use`` and ``readiness.ready_or_refuse``.
    """
    proof = Proof(nonce, position, code, tag, device_at, was_kept)
    with step_of(
        visit_uid=visit_uid, name="check_in", by=supporter, allowed={Role.SUPPORTER}
    ) as case:
        visit = case.visit
        if visit.state == State.STARTED:
            return case.mine
        _scheduled_or_refuse(case)
        rules = place_rules(visit)
        at = pressed_at(visit, proof, rules)
        opens, closes = evidence.window(visit.starts_at, visit.ends_at, rules.evidence)
        if at < opens:
            raise TooEarly(opens=jhour(opens), now=jhour(at))
        if at > closes:
            raise TimeOver(ends=jhour(visit.ends_at))
        _yes_or_refuse(visit)
        ready_or_refuse(case, rules)
        if proof.is_empty:
            raise ProofMissing(field="code")
        if code and not code_right(case, code, rules):
            return case.mine
        marks = proofs_store(case, "start", proof, rules)
        away = next((mark for mark in marks if evidence.far(mark, rules.evidence)), None)
        if away is not None and not code and not far_is_meant:
            raise FarFromPlace(distance=distance(away.distance_m or 0))
        begin(case, at)
        return case.mine


def begin(case: Case, at: datetime) -> None:
    """The visit has begun; the carer hears of it."""
    advance(case, Step.CHECK_IN, started_at=at)
    visit = case.visit
    name, what = visit.supporter_card["family_name"], category_of(visit.category).name
    tell(
        case,
        Role.CARER,
        kind="visit_started",
        title=f"{name}さんが着いて、{what}が始まりました",
        body=f"{jhour(at)}に始まりました。",
    )


def begin_by_device(case: Case, rules: CoinRules, kind: Kind, nonce: UUID, at: datetime) -> str:
    """A device at the place says that they have come, at ``at`` inside the window: the visit begins
    as by a press on a phone. Returns "started", or the code of a refusal that is on record already:
    devices say the same again and again.

    Raises ``ConsentMissing``, the refusals of ``readiness.ready_or_refuse``.
    """
    visit = case.visit
    try:
        _yes_or_refuse(visit)
        ready_or_refuse(case, rules)
    except Refusal as refusal:
        known = RefusedStep.objects.filter(visit_uid=visit.uid, step=kind, code=refusal.code)
        if known.exists():
            return refusal.code
        raise
    evidence_store(case, nonce, kind, "start", in_window=True)
    begin(case, at)
    return "started"


def visit_position(
    *,
    visit_uid: UUID,
    supporter: Person,
    nonce: UUID,
    position: Position,
    device_at: datetime | None = None,
) -> bool:
    """A position on the way or during the visit, kept only inside the window and encrypted.

    Returns whether it was kept: outside the window, or once the visit has ended, it is dropped
    without a trace. Raises ``NotFound``, ``PositionUnreadable``.
    """
    with step_of(
        visit_uid=visit_uid, name="position", by=supporter, allowed={Role.SUPPORTER}
    ) as case:
        visit = case.visit
        rules = place_rules(visit)
        opens, closes = evidence.window(visit.starts_at, visit.ends_at, rules.evidence)
        moments = {State.SCHEDULED: "heading", State.STARTED: "during"}
        moment = moments.get(State(visit.state))
        if moment is None or not opens <= clock.now() <= closes:
            return False
        with tenant(visit.place_municipality_id):
            if Evidence.objects.filter(visit_uid=visit.uid).count() >= POSITIONS_MAX:
                return False
        proofs_store(case, moment, Proof(nonce, position, device_at=device_at), rules)
        return True


def visit_check_out(
    *,
    visit_uid: UUID,
    supporter: Person,
    nonce: UUID,
    position: Position | None = None,
    code: str = "",
    tag: TagRead | None = None,
    device_at: datetime | None = None,
    was_kept: bool = False,
    note: str = "",
) -> Visit:
    """「終わりました」, with a position, the spoken code, a card at the place, or nothing (then the
    carer is asked). The evidence is judged, the carer told and asked. Ended already: nothing
    changes.

    Raises ``NotFound``, ``CodeWrong``, ``CodeLocked``, ``PositionUnreadable``, ``NonceReused``,
    ``StepNotAllowed``, the refusals of ``tags.tag_use``.
    """
    proof = Proof(nonce, position, code, tag, device_at, was_kept)
    with step_of(
        visit_uid=visit_uid, name="check_out", by=supporter, allowed={Role.SUPPORTER}
    ) as case:
        visit = case.visit
        if visit.state == State.ENDED:
            return case.mine
        if visit.state != State.STARTED:
            raise StepNotAllowed(state=str(Visit.State(visit.state).label))
        rules = place_rules(visit)
        if code and not code_right(case, code, rules):
            return case.mine
        proofs_store(case, "end", proof, rules)
        at = max(pressed_at(visit, proof, rules), visit.started_at or visit.starts_at)
        finish(case, rules, at, note)
        return case.mine


def finish(
    case: Case, rules: CoinRules, at: datetime, note: str = "", *, is_unsaid: bool = False
) -> None:
    """The visit has ended: what its evidence says is decided, and the carer asked. ``is_unsaid``:
    nobody said so, ``at`` is when a beacon was last heard."""
    visit = case.visit
    heard_to_end(visit, at)
    decision = evidence.decide(
        marks=marks_of(visit),
        booked_minutes=minutes_between(visit.starts_at, visit.ends_at),
        spent_minutes=minutes_between(visit.started_at or at, at),
        rule=rules.evidence_for(visit.category),
    )
    reasons = (*decision.reasons, *((evidence.UNSAID,) if is_unsaid else ()))
    # The carer has the whole time from when they can hear of it.
    until = rules.evidence.confirm_until(clock.local())
    advance(
        case,
        Step.CHECK_OUT,
        reason=domain.BEACON_SILENT if is_unsaid else "",
        ended_at=at,
        confirm_until=until,
        decision=str(decision.verdict),
        evidence_score=decision.score,
        decision_reasons=[{"text": r.text, "good": r.good} for r in reasons],
        supporter_note=note.strip()[:500],
    )
    look_soon(visit.place_municipality_id)
    what = category_of(visit.category).name
    tell(
        case,
        Role.CARER,
        kind="visit_ended",
        title=f"{what}が終わりました。確認をお願いします",
        body=f"{jhour(at)}に、来た人のビーコンがお宅でさいごに聞こえました。そのときに終わったと"
        "記録しています。ちがうときは、確認のページで教えてください。"
        if is_unsaid
        else f"{jhour(at)}に終わりました。",
    )


def visit_check_by_office(
    *, visit_uid: UUID, by: User, nonce: UUID, moment: str, basis: str
) -> Visit:
    """The office notes that a visit began (``moment`` "start") or ended ("end"), after a call:
    the way out when the code is locked or the phone is empty. Goes on record with its basis.

    Raises ``NotFound``, ``BasisMissing``, ``TooEarly``, ``StepNotAllowed``, ``OwnMatter``.
    """
    with step_of(
        visit_uid=visit_uid, name=f"office_{moment}", by=by, allowed={Role.OFFICE}
    ) as case:
        visit = case.visit
        basis_checked(basis)
        rules = place_rules(visit)
        now = clock.now()
        opens, closes = evidence.window(visit.starts_at, visit.ends_at, rules.evidence)
        if now < opens:
            raise TooEarly(opens=jhour(opens), now=jhour(now))
        if moment == "start":
            _yes_or_refuse(visit)
            ready_or_refuse(case, rules)
            begin(case, now)
        evidence_store(case, nonce, Kind.OFFICE_WORD, moment, in_window=now <= closes)
        if moment == "end":
            finish(case, rules, now)
        act_record(
            actor=by,
            action=f"visit_{moment}",
            subject_kind="visit",
            subject_id=visit.uid,
            basis=basis,
        )
        return case.mine


def _scheduled_or_refuse(case: Case) -> None:
    if case.visit.state != State.SCHEDULED:
        raise StepNotAllowed(state=str(Visit.State(case.visit.state).label))


def _yes_or_refuse(visit: Visit) -> None:
    if visit.consent not in (Visit.Consent.NOT_NEEDED, Visit.Consent.GIVEN):
        raise ConsentMissing()
