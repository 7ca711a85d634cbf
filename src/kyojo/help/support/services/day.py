"""The day of the visit: on the way, begun, where, ended. Every record may be sent twice."""

from datetime import datetime, timedelta
from math import isfinite
from uuid import UUID

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.twins import twins_save
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.domain import CoinRules
from kyojo.help.requests.domain import category as category_of
from kyojo.kernel import clock
from kyojo.kernel.geometry import Point, distance_metres
from kyojo.kernel.ids import derived_id
from kyojo.kernel.wording import distance, jhour

from .. import domain
from ..domain import Mark, Position, Role, State, Step
from ..errors import (
    CodeLocked,
    CodeWrong,
    ConsentMissing,
    FarFromPlace,
    HeadingTooEarly,
    NonceReused,
    PositionUnreadable,
    ProofMissing,
    StepNotAllowed,
    TimeOver,
    TooEarly,
)
from ..models import Evidence, Visit
from ..sealed import seal
from .steps import (
    Case,
    advance,
    basis_checked,
    history,
    minutes_between,
    office_phone,
    place_rules,
    step_of,
    tell,
)

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
    device_at: datetime | None = None,
    far_is_meant: bool = True,
) -> Visit:
    """「着きました。始めます」, proven by a position or by the spoken code. A position
    far away is kept and sends the visit to the office; with ``far_is_meant`` False it is refused
    instead, so that a page can ask first. When both come the code begins the visit, and the
    position is kept beside it. Begun already by the same supporter: nothing changes.

    Raises ``NotFound``, ``TooEarly``, ``TimeOver``, ``ConsentMissing``, ``ProofMissing``,
    ``PositionUnreadable``, ``FarFromPlace``, ``CodeWrong``, ``CodeLocked``, ``NonceReused``,
    ``StepNotAllowed``.
    """
    with step_of(
        visit_uid=visit_uid, name="check_in", by=supporter, allowed={Role.SUPPORTER}
    ) as case:
        visit = case.visit
        if visit.state == State.STARTED:
            return case.mine
        _scheduled_or_refuse(case)
        rules = place_rules(visit)
        opens, closes = domain.window(visit.starts_at, visit.ends_at, rules.evidence)
        if clock.now() < opens:
            raise TooEarly(opens=jhour(opens), now=jhour(clock.now()))
        if clock.now() > closes:
            raise TimeOver(ends=jhour(visit.ends_at))
        _yes_or_refuse(visit)
        if not code and position is None:
            raise ProofMissing(field="code")
        if code and not _code_right(case, code, rules):
            return case.mine
        mark = _mark(case, "start", nonce, position, code, device_at, rules)
        if mark is not None and not code and not far_is_meant and domain.far(mark, rules.evidence):
            raise FarFromPlace(distance=distance(mark.distance_m or 0))
        _begin(case)
        return case.mine


def _begin(case: Case) -> None:
    advance(case, Step.CHECK_IN, started_at=clock.now())
    visit = case.visit
    name, what = visit.supporter_card["family_name"], category_of(visit.category).name
    tell(
        case,
        Role.CARER,
        kind="visit_started",
        title=f"{name}さんが着いて、{what}が始まりました",
        body=f"{jhour(clock.now())}に始まりました。",
    )


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
        opens, closes = domain.window(visit.starts_at, visit.ends_at, rules.evidence)
        moments = {State.SCHEDULED: "heading", State.STARTED: "during"}
        moment = moments.get(State(visit.state))
        if moment is None or not opens <= clock.now() <= closes:
            return False
        with tenant(visit.place_municipality_id):
            if Evidence.objects.filter(visit_uid=visit.uid).count() >= POSITIONS_MAX:
                return False
        _mark(case, moment, nonce, position, "", device_at, rules)
        return True


def visit_check_out(
    *,
    visit_uid: UUID,
    supporter: Person,
    nonce: UUID,
    position: Position | None = None,
    code: str = "",
    device_at: datetime | None = None,
    note: str = "",
) -> Visit:
    """「終わりました」, with a position, the spoken code, or neither (then the carer is asked).
    The evidence is judged, the carer told and asked. Ended already: nothing changes.

    Raises ``NotFound``, ``CodeWrong``, ``CodeLocked``, ``PositionUnreadable``, ``NonceReused``,
    ``StepNotAllowed``.
    """
    with step_of(
        visit_uid=visit_uid, name="check_out", by=supporter, allowed={Role.SUPPORTER}
    ) as case:
        visit = case.visit
        if visit.state == State.ENDED:
            return case.mine
        if visit.state != State.STARTED:
            raise StepNotAllowed(state=str(Visit.State(visit.state).label))
        rules = place_rules(visit)
        if code and not _code_right(case, code, rules):
            return case.mine
        _mark(case, "end", nonce, position, code, device_at, rules)
        _finish(case, rules, note)
        return case.mine


def _finish(case: Case, rules: CoinRules, note: str) -> None:
    visit, now = case.visit, clock.now()
    with tenant(visit.place_municipality_id):
        marks = [
            Mark(row.kind, row.moment, row.in_window, row.distance_m, row.accuracy_m)
            for row in Evidence.objects.filter(visit_uid=visit.uid)
        ]
    decision = domain.decide(
        marks=marks,
        booked_minutes=minutes_between(visit.starts_at, visit.ends_at),
        spent_minutes=minutes_between(visit.started_at or now, now),
        rule=rules.evidence,
    )
    until = rules.evidence.confirm_until(clock.local(now))
    advance(
        case,
        Step.CHECK_OUT,
        ended_at=now,
        confirm_until=until,
        decision=str(decision.verdict),
        decision_reasons=[{"text": r.text, "good": r.good} for r in decision.reasons],
        supporter_note=note.strip()[:500],
    )
    what = category_of(visit.category).name
    tell(
        case,
        Role.CARER,
        kind="visit_ended",
        title=f"{what}が終わりました。確認をお願いします",
        body=f"{jhour(now)}に終わりました。",
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
        opens, closes = domain.window(visit.starts_at, visit.ends_at, rules.evidence)
        if clock.now() < opens:
            raise TooEarly(opens=jhour(opens), now=jhour(clock.now()))
        if moment == "start":
            _yes_or_refuse(visit)
            _begin(case)
        _evidence(case, nonce, "office_word", moment, in_window=clock.now() <= closes)
        if moment == "end":
            _finish(case, rules, "")
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


def _code_right(case: Case, code: str, rules: CoinRules) -> bool:
    """Whether the code is right. A wrong one is counted, which outlives the refusal."""
    tries = rules.evidence.code_tries_max
    visit = case.visit
    phone = office_phone(visit.place_municipality_id)
    if visit.code_failures >= tries:
        raise CodeLocked(field="code", tries=tries, phone=phone)
    if code == case.places_row.spoken_code:
        return True
    twins_save(case.rows, code_failures=visit.code_failures + 1)
    locked = visit.code_failures >= tries
    case.refusal = (
        CodeLocked(field="code", tries=tries, phone=phone)
        if locked
        else CodeWrong(field="code", tries=tries)
    )
    return False


def _mark(
    case: Case,
    moment: str,
    nonce: UUID,
    position: Position | None,
    code: str,
    device_at: datetime | None,
    rules: CoinRules,
) -> Mark | None:
    """Store what came as evidence; None when nothing came."""
    visit, now = case.visit, clock.now()
    opens, closes = domain.window(visit.starts_at, visit.ends_at, rules.evidence)
    inside = opens <= now <= closes and (device_at is None or opens <= device_at <= closes)
    if code:
        said = _evidence(case, nonce, "spoken_code", moment, in_window=inside, device_at=device_at)
        if position is None or not _readable(position):
            return said
        nonce = derived_id(nonce, "position")  # what came with the code is kept beside it
    if position is None:
        return None
    if not _readable(position):
        raise PositionUnreadable()
    away_m = None
    place = case.carers_row
    if place.latitude is not None and place.longitude is not None:
        away_m = round(
            distance_metres(
                Point(position.latitude, position.longitude),
                Point(place.latitude, place.longitude),
            )
        )
    return _evidence(
        case,
        nonce,
        "position",
        moment,
        in_window=inside,
        device_at=device_at,
        distance_m=away_m,
        accuracy_m=round(position.accuracy_m),
        position_encrypted=seal(position),
        purge_at=visit.ends_at + timedelta(days=rules.evidence.positions_kept_days),
    )


def _readable(position: Position) -> bool:
    numbers = (position.latitude, position.longitude, position.accuracy_m)
    return (
        all(isfinite(number) for number in numbers)
        and abs(position.latitude) <= 90
        and abs(position.longitude) <= 180
        and 0 <= position.accuracy_m <= 1_000_000
    )


def _evidence(
    case: Case, nonce: UUID, kind: str, moment: str, *, in_window: bool, **fields: object
) -> Mark:
    """One row in the place's town; the same nonce again is the row that stands."""
    visit = case.visit
    with tenant(visit.place_municipality_id):
        row = Evidence.objects.filter(nonce=nonce).first()
        if row is not None and (row.visit_uid != visit.uid or row.moment != moment):
            raise NonceReused()
        if row is None:
            row = Evidence.objects.create(
                visit_uid=visit.uid,
                nonce=nonce,
                kind=kind,
                moment=moment,
                in_window=in_window,
                server_at=clock.now(),
                **fields,
            )
    return Mark(row.kind, row.moment, row.in_window, row.distance_m, row.accuracy_m)
