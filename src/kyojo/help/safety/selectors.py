"""Reads of the safety room, inside ``tenancy.tenant`` of whoever looks. What stands in the place's
town is read there for the people of a visit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Greatest

from kyojo.civic.municipalities.sealing import unseal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.models import Person, StaffRole, User
from kyojo.help.support.models import Visit
from kyojo.help.support.selectors import VisitView, ended_unsaid
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from . import domain, parties
from .models import (
    Accident,
    Alert,
    CentreMember,
    Emergency,
    EmergencyNote,
    LateWatch,
    OnCall,
    SupportCentre,
    Worry,
)


# --- emergencies, as those see them who pressed ---------------------------------------------------
@dataclass(frozen=True)
class Pressed:
    """Somebody's own emergency. ``taken_by``: who at the office has it, in words; "" for nobody."""

    uid: UUID
    state: str
    raised_at: datetime
    taken_at: datetime | None
    taken_by: str
    has_position: bool

    @property
    def is_open(self) -> bool:
        return self.state in Emergency.OPEN


def pressed_by(person: Person, view: VisitView) -> Pressed | None:
    """The newest that ``person`` raised at this visit; nobody else's."""
    with tenant(view.place_municipality_id):
        row = Emergency.objects.filter(visit_uid=view.uid, by_uid=person.uid).first()
        if row is None:
            return None
        names = staff_selectors.names_of([row.acknowledged_by_id] if row.acknowledged_by_id else [])
    return Pressed(
        uid=row.uid,
        state=row.state,
        raised_at=row.raised_at,
        taken_at=row.acknowledged_at,
        taken_by=names.get(row.acknowledged_by_id or 0, ""),
        has_position=row.position_at is not None,
    )


def carer_phone(view: VisitView) -> str:
    """The carer's number, for whoever pressed at a visit of theirs: "" where it is not known.
    Read in the carer's own town."""
    with tenant(view.carer_municipality_id):
        found = Visit.objects.filter(uid=view.uid).values_list("carer__phone", flat=True).first()
    return str(found or "")


# --- emergencies, at the desk ---------------------------------------------------------------------
def emergencies(user: User | None = None) -> QuerySet[Emergency]:
    """All of this town, the newest first; none from visits in which ``user`` has a part."""
    found: QuerySet[Emergency] = Emergency.objects.select_related("acknowledged_by")
    if user is not None:
        found = found.exclude(visit_uid__in=parties.visits_of(user).values("uid"))
    return found


def emergencies_waiting(user: User | None = None) -> list[Emergency]:
    """Those that nobody has taken, and those that somebody must still close; the oldest first."""
    found = emergencies(user).exclude(state=Emergency.State.CLOSED)
    return list(found.order_by("raised_at"))


def emergencies_unclosed(
    user: User | None = None, *, until: datetime | None = None
) -> QuerySet[Emergency]:
    """What nobody closed, with its last entry as ``last_at``: all, or where that was ``until``
    then; the longest ago first."""
    found = emergencies(user).exclude(state=Emergency.State.CLOSED)
    found = found.annotate(last_at=Max("notes__at")).order_by("last_at")
    return found if until is None else found.filter(last_at__lte=until)


def emergencies_going(user: User | None = None) -> dict[UUID, date]:
    """What nobody closed and the clock will soon erase: uid → on which day, the soonest first."""
    until = clock.now() - domain.ALARMS_KEPT + domain.TOLD_BEFORE
    return {
        one.uid: clock.local(one.last_at + domain.ALARMS_KEPT).date()
        for one in emergencies_unclosed(user, until=until)
    }


def emergency_for(user: User, uid: UUID) -> Emergency:
    """Raises ``NotFound``, also for who of the staff has a part in the visit."""
    row: Emergency | None = emergencies(user).filter(uid=uid).first()
    if row is None:
        raise NotFound()
    return row


@dataclass(frozen=True)
class Contact:
    """Somebody of the visit and their number, whichever town they live in."""

    label: str
    name: str
    phone: str


CONTACTS = (("来た人", "supporter"), ("たのんだ人", "carer"), ("お宅の方", "recipient"))


def contacts_of(visit: Visit) -> list[Contact]:
    """The people of a visit with their numbers, read in each one's own town: for an emergency,
    an accident, or a visit that is overdue. The opening goes on record by the caller."""
    found = []
    for label, role in CONTACTS:
        uid, card = getattr(visit, f"{role}_uid"), getattr(visit, f"{role}_card")
        town = {
            "supporter": visit.supporter_municipality_id,
            "carer": visit.carer_municipality_id,
            "recipient": visit.place_municipality_id,
        }[role]
        if uid is None or not card or (role == "recipient" and uid == visit.carer_uid):
            continue
        with tenant(town):
            phone = Person.objects.filter(uid=uid).values_list("phone", flat=True).first()
        found.append(Contact(label, str(card.get("name", "")), str(phone or "")))
    return found


def notes_of(emergency: Emergency) -> list[dict[str, Any]]:
    """Its history, the oldest first: when, what, by whom, and the office's words."""
    rows = list(EmergencyNote.objects.filter(emergency=emergency))
    names = staff_selectors.names_of([row.by_user_id for row in rows if row.by_user_id])
    return [
        {
            "at": row.at,
            "kind": row.kind,
            "label": row.get_kind_display(),
            "role": row.by_role,
            "by": names.get(row.by_user_id or 0, ""),
            "count": row.count,
            "words": unseal(row.words_sealed) if row.words_sealed is not None else "",
        }
        for row in rows
    ]


def alarmed(emergency: Emergency) -> list[tuple[datetime, int, str]]:
    """(when, step, who) of every alarm, the first first."""
    rows = list(Alert.objects.filter(kind=Alert.Kind.EMERGENCY, subject_uid=emergency.uid))
    names = staff_selectors.names_of([row.user_id for row in rows])
    return [(row.at, row.step, names.get(row.user_id, "")) for row in rows]


def position_of(emergency: Emergency) -> tuple[float, float, int] | None:
    """(latitude, longitude, accuracy in metres), until it is erased."""
    if emergency.position_sealed is None:
        return None
    latitude, longitude, accuracy = unseal(bytes(emergency.position_sealed))
    return latitude, longitude, int(accuracy)


def _staff() -> QuerySet[Any]:
    """The logins that have a role at this desk."""
    return StaffRole.objects.values("user_id")


def duties_listed() -> list[OnCall]:
    """The list of who is on call, in its order."""
    return list(OnCall.objects.select_related("user"))


def on_call_now(at: datetime) -> set[int]:
    """The lines of the list whose time ``at`` (local) is."""
    return {
        row.pk
        for row in OnCall.objects.filter(user__is_active=True, user__in=_staff())
        if domain.on_duty(domain.Duty(row.pk, frozenset(row.days), row.start, row.end), at)
    }


# --- late visits ----------------------------------------------------------------------------------
def late_asked(view: VisitView) -> LateWatch | None:
    """What the supporter of a visit is asked, if anything."""
    with tenant(view.place_municipality_id):
        found = LateWatch.objects.filter(
            visit_uid=view.uid, state__in=(LateWatch.State.ASKED, LateWatch.State.OFFICE)
        )
        return found.first()  # type: ignore[no-any-return]


def lates_open(
    user: User | None = None, *, at_office: bool = False
) -> list[tuple[LateWatch, Visit]]:
    """Visits of this town that are overdue and not resolved, the longest first: also one that ended
    by a beacon's silence when the office had heard of it. A visit that went on a moment ago is left
    out, before the next round says so too, and so is one in which ``user`` has a part."""
    states = Q(state=LateWatch.State.OFFICE)
    if not at_office:
        states |= Q(state__in=(LateWatch.State.ASKED, LateWatch.State.FINE))
    found = LateWatch.objects.filter(states)
    if user is not None:
        found = found.exclude(visit_uid__in=parties.visits_of(user).values("uid"))
    rows = list(found)
    visits = {
        visit.uid: visit for visit in Visit.objects.filter(uid__in=[row.visit_uid for row in rows])
    }
    unsaid = ended_unsaid(visits)
    awaited = {LateWatch.Kind.END: "started", LateWatch.Kind.ARRIVAL: "scheduled"}
    return [
        (row, visits[row.visit_uid])
        for row in rows
        if row.visit_uid in visits
        and (
            visits[row.visit_uid].state == awaited[LateWatch.Kind(row.kind)]
            or (row.is_offices_end and row.visit_uid in unsaid)
        )
    ]


def late_alarmed(rows: Iterable[LateWatch]) -> dict[UUID, int]:
    """``alert_uid`` → how many of the office heard of it since it came to them."""
    since = {row.alert_uid: row.office_at for row in rows if row.office_at is not None}
    told: dict[UUID, set[int]] = {}
    alerts = Alert.objects.filter(kind=Alert.Kind.LATE, subject_uid__in=since)
    for uid, user_id, at in alerts.values_list("subject_uid", "user_id", "at"):
        if at >= since[uid]:
            told.setdefault(uid, set()).add(user_id)
    return {uid: len(users) for uid, users in told.items()}


# --- worries --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Told:
    """What a reporter sees of what they told: no more than how it stands, and the answer."""

    number: str
    at: datetime
    state: str
    state_label: str
    promise: str
    answer: str


def told_by(person: Person, view: VisitView) -> list[Told]:
    """What ``person`` told at this visit, the newest first."""
    with tenant(view.place_municipality_id):
        rows = list(Worry.objects.filter(visit_uid=view.uid, reporter_uid=person.uid))
    return [
        Told(
            number=row.number,
            at=row.at,
            state=row.state,
            state_label=str(Worry.State(row.state).label),
            promise=domain.URGENCIES[row.urgency].promise,
            answer=str(unseal(row.answer_sealed)) if row.answer_sealed is not None else "",
        )
        for row in rows
    ]


def worries() -> QuerySet[Worry]:
    """All of this town, the newest first: how each stands, not what it says."""
    found: QuerySet[Worry] = Worry.objects.select_related("centre")
    return found


def worries_unclosed(*, until: datetime) -> QuerySet[Worry]:
    """What nobody closed and nobody wrote in since ``until``, with its last entry as ``last_at``;
    the longest ago first."""
    found: QuerySet[Worry] = Worry.objects.exclude(state=Worry.State.CLOSED)
    last = Greatest("at", "acknowledged_at", "answered_at")
    return found.annotate(last_at=last).filter(last_at__lte=until).order_by("last_at")


def worries_going() -> dict[UUID, date]:
    """What nobody closed and the clock will soon erase: uid → on which day, the soonest first."""
    until = clock.now() - domain.WORRIES_KEPT + domain.TOLD_BEFORE
    return {
        one.uid: clock.local(one.last_at + domain.WORRIES_KEPT).date()
        for one in worries_unclosed(until=until)
    }


def worries_waiting() -> list[Worry]:
    """Those that nobody has received, the most pressing first."""
    return list(Worry.objects.filter(state=Worry.State.SENT).order_by("due_at"))


def worry_by_uid(uid: UUID) -> Worry:
    """Raises ``NotFound``."""
    row: Worry | None = Worry.objects.select_related("centre").filter(uid=uid).first()
    if row is None:
        raise NotFound()
    return row


def centres() -> list[SupportCentre]:
    """This town's centres, those that still are first."""
    return list(
        SupportCentre.objects.order_by(F("ended_at").desc(nulls_first=True), "kind", "name")
    )


def centre_members(centre: SupportCentre) -> list[int]:
    return list(CentreMember.objects.filter(centre=centre).values_list("user_id", flat=True))


def opened(sealed: bytes | memoryview | None) -> str:
    """Words that were sealed, "" for none."""
    return "" if sealed is None else str(unseal(bytes(sealed)))


# --- accidents ------------------------------------------------------------------------------------
def accidents() -> QuerySet[Accident]:
    """All of this town, the newest first."""
    found: QuerySet[Accident] = Accident.objects.all()
    return found


def accidents_waiting() -> list[Accident]:
    """What the office has and the insurer has not, the soonest due first."""
    return list(Accident.objects.filter(state=Accident.State.REPORTED).order_by("due_on"))


def accident_by_uid(uid: UUID) -> Accident:
    """Raises ``NotFound``."""
    row: Accident | None = Accident.objects.filter(uid=uid).first()
    if row is None:
        raise NotFound()
    return row
