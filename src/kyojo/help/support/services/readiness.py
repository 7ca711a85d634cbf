"""Before a visit with a child may begin: the first meeting, and the other adult in the house."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from kyojo.civic.municipalities.sealing import seal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import blocked_either_way, person_by_number
from kyojo.civic.people.services import act_record, notice_send_to
from kyojo.civic.programmes.domain import CoinRules
from kyojo.help.requests.domain import category as category_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.kernel.wording import jmoment

from ..domain import Role, State
from ..errors import (
    MeetingMissing,
    MeetingNotYet,
    MeetingPlaceUnknown,
    MeetingTimeWrong,
    SecondAdultMissing,
    SecondAdultUnfit,
    SecondKindUnknown,
    SecondNameMissing,
    SecondUnknown,
    StepNotAllowed,
)
from ..models import FirstMeeting, SecondAdult, Visit
from ..readiness import (
    ADULT_FROM_YEARS,
    MEETING_AHEAD_MAX,
    MEETING_MINUTES,
    MEETING_PLACES,
    SECOND_KINDS,
)
from ..readiness_selectors import may_stand_by, needs_of
from .steps import Case, basis_checked, step_of

NAME_MAX = 40


def ready_or_refuse(case: Case, rules: CoinRules) -> None:
    """Raises ``MeetingMissing``, ``SecondAdultMissing`` where the programme asks for what is not
    there."""
    for missing in needs_of(case.visit, rules).missing:
        if missing == "meeting":
            raise MeetingMissing()
        raise SecondAdultMissing()


# --- the other adult ------------------------------------------------------------------------------
def second_adult_declare(
    *,
    uid: UUID,
    visit_uid: UUID,
    by: Person | User,
    kind: str,
    name: str = "",
    number: str = "",
) -> None:
    """Who the other adult of a visit is: the carer at home, another adult of the house (``name``),
    or a second supporter (``number`` and family ``name`` of a member of the place's town, with the
    checks that this kind of help needs). A new word replaces the old one; the same ``uid`` again
    changes nothing.

    The carer says so beforehand, the supporter at the door, or the office. Raises ``NotFound``,
    ``SecondKindUnknown``, ``SecondNameMissing``, ``SecondUnknown``, ``SecondAdultUnfit``,
    ``StepNotAllowed`` (it has ended).
    """
    allowed = {Role.CARER, Role.SUPPORTER, Role.OFFICE}
    with step_of(visit_uid=visit_uid, name="second_adult", by=by, allowed=allowed) as case:
        visit = case.visit
        if visit.state not in (State.SCHEDULED, State.STARTED):
            raise StepNotAllowed(state=str(Visit.State(visit.state).label))
        if kind not in SECOND_KINDS:
            raise SecondKindUnknown(field="kind")
        said = name.strip()
        if (kind == "family" and not said) or len(said) > NAME_MAX:
            raise SecondNameMissing(field="name", most=NAME_MAX)
        with tenant(visit.place_municipality_id):
            if SecondAdult.objects.filter(uid=uid).exists():
                return
            adult = _second_supporter(visit, number, said) if kind == "supporter" else None
            SecondAdult.objects.filter(visit_uid=visit.uid, removed_at=None).update(
                removed_at=clock.now()
            )
            shown = adult.name if adult is not None else said if kind == "family" else ""
            SecondAdult.objects.create(
                uid=uid,
                visit_uid=visit.uid,
                kind=kind,
                adult_uid=adult.uid if adult is not None else None,
                name_sealed=seal(shown) if shown else None,
                by_role=case.role,
                by_uid=case.actor_uid,
                by_user=by if isinstance(by, User) else None,
                at=clock.now(),
            )
        if isinstance(by, User):
            act_record(actor=by, action="second_adult", subject_kind="visit", subject_id=visit.uid)


def _second_supporter(visit: Visit, number: str, family_name: str) -> Person:
    """A member of this town by number and family name, which must belong together; another than
    who comes, grown up, with the checks needed, neither suspended nor somebody with whom one of the
    visit does not want to meet. Raises ``SecondUnknown``, ``SecondAdultUnfit``."""
    try:
        person = person_by_number(number)
    except NotFound:
        raise SecondUnknown(field="number") from None
    if person.left_at is not None or person.family_name != family_name:
        raise SecondUnknown(field="number")
    if person.uid in (visit.supporter_uid, visit.carer_uid, visit.recipient_uid):
        raise SecondAdultUnfit(field="number")
    born = person.birth_date
    day = clock.local(visit.starts_at).date()
    is_adult = born is not None and clock.age_on(born, day) >= ADULT_FROM_YEARS
    if person.supporter_since is None or not is_adult or not may_stand_by(visit, person.uid):
        raise SecondAdultUnfit(field="number")
    if _is_blocked(visit, person):
        raise SecondAdultUnfit(field="number")
    return person


def _is_blocked(visit: Visit, person: Person) -> bool:
    """Whether ``person`` and one of the visit are not to meet."""
    others = (
        (visit.carer_municipality_id, visit.carer_uid),
        (visit.supporter_municipality_id, visit.supporter_uid),
        (visit.place_municipality_id, visit.recipient_uid),
    )
    own = (person.municipality_id, person.uid)
    return any(blocked_either_way(own, (town, uid)) for town, uid in others if uid is not None)


# --- the first meeting ----------------------------------------------------------------------------
def meeting_propose(
    *, visit_uid: UUID, by: Person, at: datetime, where: str, minutes: int = 30
) -> None:
    """A day and place to meet before the first visit, from either side; the other one answers.
    Proposing anew replaces what was planned, and counts as the answer to nothing.

    Raises ``NotFound``, ``MeetingTimeWrong``, ``MeetingPlaceUnknown``.
    """
    with _pair(visit_uid, by) as (case, row):
        if row.state == FirstMeeting.State.HELD:
            return
        if not clock.now() < at <= min(case.visit.starts_at, clock.now() + MEETING_AHEAD_MAX):
            raise MeetingTimeWrong(field="day", starts=jmoment(case.visit.starts_at))
        if where not in MEETING_PLACES:
            raise MeetingPlaceUnknown(field="where")
        same = (row.at, row.where, row.proposed_by) == (at, where, str(case.role))
        row.at, row.where = at, where
        row.minutes = min(MEETING_MINUTES, key=lambda one: abs(one - minutes))
        row.proposed_by, row.proposed_at = str(case.role), clock.now()
        row.state = FirstMeeting.State.PROPOSED
        row.carer_said_at = row.supporter_said_at = None
        row.save()
        if not same:
            _tell_other(case, row, "顔合わせの日時の案が届きました", at=at)


def meeting_agree(*, visit_uid: UUID, by: Person) -> None:
    """「この日時でよい」, from who did not propose it. Again: nothing changes.

    Raises ``NotFound``, ``MeetingNotYet`` where there is nothing to agree to.
    """
    with _pair(visit_uid, by) as (case, row):
        if row.state != FirstMeeting.State.PROPOSED:
            return
        if row.at is None or row.proposed_by == case.role:
            raise MeetingNotYet()
        row.state = FirstMeeting.State.AGREED
        row.save(update_fields=["state"])
        _tell_other(case, row, "顔合わせの日時が決まりました", at=row.at)


def meeting_said(*, visit_uid: UUID, by: Person) -> None:
    """「会いました」. Held once both have said so. Again: nothing changes.

    Raises ``NotFound``, ``MeetingNotYet`` before the hour, where one is planned.
    """
    with _pair(visit_uid, by) as (case, row):
        if row.state == FirstMeeting.State.HELD:
            return
        if row.at is not None and clock.now() < row.at:
            raise MeetingNotYet()
        if case.role is Role.CARER:
            row.carer_said_at = row.carer_said_at or clock.now()
        else:
            row.supporter_said_at = row.supporter_said_at or clock.now()
        both = row.carer_said_at is not None and row.supporter_said_at is not None
        if both:
            row.state, row.held_at = FirstMeeting.State.HELD, clock.now()
        row.save(update_fields=["carer_said_at", "supporter_said_at", "state", "held_at"])
        if not both:
            _tell_other(case, row, "顔合わせをしたことを、確かめてください")


def meeting_record(*, visit_uid: UUID, by: User, basis: str) -> None:
    """The office was there, or has heard it from both. Goes on record with its basis.

    Raises ``NotFound``, ``BasisMissing``, ``OwnMatter``.
    """
    basis_checked(basis)
    with step_of(visit_uid=visit_uid, name="meeting", by=by, allowed={Role.OFFICE}) as case:
        visit = case.visit
        with tenant(visit.carer_municipality_id):
            row = _row(case)
            if row.state != FirstMeeting.State.HELD:
                row.state, row.held_at, row.recorded_by = FirstMeeting.State.HELD, clock.now(), by
                row.save(update_fields=["state", "held_at", "recorded_by"])
        act_record(
            actor=by, action="meeting", subject_kind="visit", subject_id=visit.uid, basis=basis
        )


@contextmanager
def _pair(visit_uid: UUID, by: Person) -> Iterator[tuple[Case, FirstMeeting]]:
    """The visit under lock, and the pair's meeting in the carer's town, whose tenant is open.
    Nobody reaches the other by a visit that was called off: raises ``StepNotAllowed``."""
    allowed = {Role.CARER, Role.SUPPORTER}
    with (
        step_of(visit_uid=visit_uid, name="meeting", by=by, allowed=allowed) as case,
        tenant(case.visit.carer_municipality_id),
    ):
        if case.visit.state not in (State.SCHEDULED, State.STARTED):
            raise StepNotAllowed(state=str(Visit.State(case.visit.state).label))
        yield case, _row(case)


def _row(case: Case) -> FirstMeeting:
    """The pair's row, locked; a new one with nothing planned where there is none."""
    visit = case.visit
    row, _ = FirstMeeting.objects.get_or_create(
        carer_uid=visit.carer_uid,
        supporter_uid=visit.supporter_uid,
        recipient_uid=visit.recipient_uid,
        defaults={
            "uid": new_id(),
            "visit_uid": visit.uid,
            "supporter_municipality_id": visit.supporter_municipality_id,
            "proposed_by": str(case.role),
            "proposed_at": clock.now(),
        },
    )
    locked: FirstMeeting = FirstMeeting.objects.select_for_update().get(pk=row.pk)
    return locked


def _tell_other(case: Case, row: FirstMeeting, title: str, *, at: datetime | None = None) -> None:
    visit = case.visit
    to_carer = case.role is Role.SUPPORTER
    when = f"{jmoment(at)}、{MEETING_PLACES[row.where]}。" if at is not None else ""
    notice_send_to(
        municipality_id=visit.carer_municipality_id
        if to_carer
        else visit.supporter_municipality_id,
        person_uid=visit.carer_uid if to_carer else visit.supporter_uid,
        kind="first_meeting",
        key=f"meeting/{row.uid}/{row.state}/{case.role}/{int(row.proposed_at.timestamp())}",
        title=f"{title}（{category_of(visit.category).name}）",
        body=f"{when}支援のページで見られます。",
        path=f"/visits/{visit.uid}/ready/",
    )
