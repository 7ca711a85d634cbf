"""Somebody at a visit asks for help: pressed, handed from one on call to the next, taken, closed.

The row stands in the place's town and its lock decides each step: a job that comes twice, a job
that comes late and the round of every minute find the step done and change nothing.
"""

import logging
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.sealing import seal
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import staff_required
from kyojo.civic.people.services import act_record, notice_send_to
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.support.domain import HEADING_BEFORE, Role
from kyojo.help.support.evidence import Position
from kyojo.help.support.models import Visit
from kyojo.help.support.selectors import VisitView, visit_for
from kyojo.help.support.services.proving import readable
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import parties, tasks
from ..domain import ALARMS_END, OUTCOMES, STEP_SLACK
from ..errors import EmergencyNotNow, EmergencyOver, OutcomeMissing, WordsNeeded, WordsTooLong
from ..models import Alert, Emergency, EmergencyNote
from .alarming import alarm_next

log = logging.getLogger(__name__)
Kind, State = EmergencyNote.Kind, Emergency.State
#: How long after the booked end somebody may still press.
PRESS_UNTIL = timedelta(hours=24)
WORDS_MAX = 2000
POSITIONS_KEPT_DAYS = 30


def can_press(view: VisitView) -> bool:
    """Whether this is the time of the visit: from when one may set out to a day after its end."""
    opens = view.starts_at - HEADING_BEFORE
    return opens <= clock.now() <= view.ends_at + PRESS_UNTIL


def emergency_raise(
    *, uid: UUID, visit_uid: UUID, by: Person, position: Position | None = None
) -> Emergency:
    """Alarm the office of the place. The first on call hears of it in this very transaction.

    The same ``uid`` again, or another press while one is open, is that one. ``by`` is in the visit;
    whoever is not, raises ``NotFound``. Raises ``EmergencyNotNow`` outside the visit's time.
    """
    view = visit_for(by, visit_uid)
    with tenant(view.place_municipality_id):
        before = Emergency.objects.filter(uid=uid, visit_uid=visit_uid, by_uid=by.uid).first()
        if before is not None:
            return before  # type: ignore[no-any-return]
        if not can_press(view):
            raise EmergencyNotNow()
        try:
            with transaction.atomic():
                return _raised(uid, view, by, position)
        except IntegrityError:
            # Pressed again while the first press is open, or this one sent twice at once.
            row = _open_of(visit_uid, by)
        if row is None:
            raise NotFound()
        if row.uid != uid:
            _note(row, Kind.AGAIN, view.role)
        if position is not None:
            _position_keep(row, view.role, position)
        return row


def _raised(uid: UUID, view: VisitView, by: Person, position: Position | None) -> Emergency:
    now = clock.now()
    row: Emergency = Emergency.objects.create(
        uid=uid,
        visit_uid=view.uid,
        by_uid=by.uid,
        by_role=view.role,
        by_municipality_id=by.municipality_id,
        by_user_id=by.user_id,
        raised_at=now,
        due_at=now,
    )
    _note(row, Kind.RAISED, view.role)
    if position is not None:
        _position_keep(row, view.role, position)
    _alarm_locked(row)
    # What the carer or the person visited presses may be about the others: nobody else is told.
    if view.role == Role.SUPPORTER:
        name = view.supporter["family_name"]
        with suppress(NotFound):  # whoever is gone meanwhile keeps nobody from being helped
            notice_send_to(
                municipality_id=view.carer_municipality_id,
                person_uid=Visit.objects.values_list("carer_uid", flat=True).get(uid=view.uid),
                kind="emergency_raised",
                key=f"emergency/{row.uid}",
                title=f"{name}さんが助けを求めました（{view.category.name}）",
                body="共助センターが確かめています。分かりしだい、お電話します。",
                path=f"/visits/{view.uid}/",
            )
    return row


def _open_of(visit_uid: UUID, by: Person) -> Emergency | None:
    found = Emergency.objects.select_for_update().filter(
        visit_uid=visit_uid, by_uid=by.uid, state__in=Emergency.OPEN
    )
    return found.first()  # type: ignore[no-any-return]


def emergency_position(*, visit_uid: UUID, by: Person, position: Position) -> None:
    """Where the phone is: it comes after the press, which waits for nothing. The newest is kept.

    Raises ``NotFound`` for who is not in the visit. What is over or cannot be read is dropped.
    """
    view = visit_for(by, visit_uid)
    with tenant(view.place_municipality_id), transaction.atomic():
        row = _open_of(visit_uid, by)
        if row is not None:
            _position_keep(row, view.role, position)


def _position_keep(row: Emergency, role: str, position: Position) -> None:
    if not readable(position):
        return
    first = row.position_at is None
    row.position_sealed = seal(
        [round(position.latitude, 6), round(position.longitude, 6), round(position.accuracy_m)]
    )
    row.position_at = clock.now()
    row.purge_at = clock.now() + timedelta(days=_kept_days())
    row.save(update_fields=["position_sealed", "position_at", "purge_at"])
    if first:
        _note(row, Kind.POSITION, role)


def _kept_days() -> int:
    try:
        return programme_current()[1].evidence.positions_kept_days
    except ProgrammeMissing:
        return POSITIONS_KEPT_DAYS


def emergency_withdraw(*, visit_uid: UUID, by: Person) -> None:
    """「まちがえて押しました」: the office reads so, and nothing else changes.

    Somebody may have made them press it: the alarm goes on from one to the next until a person of
    the office has taken it, who calls back and closes it. Again, or where none is open: nothing
    changes. Raises ``NotFound`` for who is not in the visit.
    """
    view = visit_for(by, visit_uid)
    with tenant(view.place_municipality_id), transaction.atomic():
        row = _open_of(visit_uid, by)
        if row is None:
            return
        row.state, row.withdrawn_at = State.WITHDRAWN, clock.now()
        row.save(update_fields=["state", "withdrawn_at"])
        _note(row, Kind.WITHDRAWN, view.role)


def _locked(uid: UUID, by: User) -> Emergency:
    """The row, for staff who have no part in the visit."""
    staff_required(by)
    row: Emergency | None = Emergency.objects.select_for_update().filter(uid=uid).first()
    if row is None or parties.visits_of(by).filter(uid=row.visit_uid).exists():
        raise NotFound()
    return row


# --- from one to the next -------------------------------------------------------------------------
def emergency_step(*, uid: UUID, step: int) -> bool:
    """The next alarm, if it is this step's turn and time and nobody has taken it. Returns whether
    anybody was alarmed. Where somebody holds the row it is not waited for: the next round of every
    minute comes to it."""
    with transaction.atomic():
        row = Emergency.objects.select_for_update(skip_locked=True).filter(uid=uid).first()
        if row is None or row.step != step or row.due_at is None:
            return False
        if clock.now() + STEP_SLACK < row.due_at:
            return False
        _alarm_locked(row)
        return True


def emergencies_step_due() -> int:
    """Every alarm of this town whose time has come and whose job did not. One that fails keeps none
    of the others waiting, and is tried again by the next round. Returns how many."""
    due = Emergency.objects.filter(due_at__lte=clock.now())
    pairs = list(due.order_by("due_at").values_list("uid", "step"))
    count = 0
    for uid, step in pairs:
        try:
            count += emergency_step(uid=uid, step=step)
        except Exception as error:  # noqa: BLE001 (told here: the others must not wait for it)
            log.error("emergency %s: step %s failed: %s", uid, step, type(error).__name__)
    return count


def _alarm_locked(row: Emergency) -> None:
    now = clock.now()
    reach, count = alarm_next(
        kind=Alert.Kind.EMERGENCY,
        subject_uid=row.uid,
        visit_uid=row.visit_uid,
        step=row.step,
        since=row.raised_at,
        not_user=row.by_user_id,
    )
    _note(row, Kind.ALARMED, "system", count=count)
    row.step += 1
    going_on = now - row.raised_at < ALARMS_END
    row.due_at = now + reach.wait if going_on else None
    row.save(update_fields=["step", "due_at"])
    if going_on:
        # From the worker's own clock, which a demo town does not move.
        tasks.emergency_step.configure(
            schedule_in={"seconds": int(reach.wait.total_seconds())}
        ).defer(municipality_id=current(), uid=str(row.uid), step=row.step)


# --- the office -----------------------------------------------------------------------------------
def emergency_acknowledge(*, uid: UUID, by: User) -> Emergency:
    """「受けます」: nobody else is alarmed, and whoever pressed sees that somebody has it. Taken
    already: nothing changes.

    Raises ``NotFound``, ``EmergencyOver``.
    """
    staff_required(by)
    with transaction.atomic():
        row = _locked(uid, by)
        if row.state == State.ACKNOWLEDGED or row.acknowledged_at is not None:
            return row
        if row.state == State.CLOSED:
            raise EmergencyOver()
        row.acknowledged_at, row.acknowledged_by, row.due_at = clock.now(), by, None
        if row.state == State.RAISED:
            row.state = State.ACKNOWLEDGED
        row.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "due_at"])
        _note(row, Kind.ACKNOWLEDGED, "office", by=by)
        act_record(actor=by, action="emergency_taken", subject_kind="emergency", subject_id=row.uid)
        return row


def emergency_note(*, uid: UUID, words: str, by: User) -> EmergencyNote:
    """What was done, in the office's words. Raises ``NotFound``, ``WordsNeeded``,
    ``WordsTooLong``."""
    staff_required(by)
    said = _words(words, part="メモ", is_needed=True)
    with transaction.atomic():
        row = _locked(uid, by)
        return _note(row, Kind.NOTE, "office", by=by, words=said)


def emergency_close(*, uid: UUID, outcome: str, words: str, by: User) -> Emergency:
    """It is over, and how. Closed already: nothing changes.

    Raises ``NotFound``, ``OutcomeMissing``, ``WordsTooLong``.
    """
    staff_required(by)
    if outcome not in OUTCOMES:
        raise OutcomeMissing(field="outcome")
    said = _words(words, part="したこと")
    with transaction.atomic():
        row = _locked(uid, by)
        if row.state == State.CLOSED:
            return row
        now = clock.now()
        if row.acknowledged_at is None:
            row.acknowledged_at, row.acknowledged_by = now, by
        row.state, row.outcome, row.due_at = State.CLOSED, outcome, None
        row.closed_at, row.closed_by = now, by
        row.save(
            update_fields=[
                "state", "outcome", "due_at", "closed_at", "closed_by", "acknowledged_at",
                "acknowledged_by",
            ]
        )  # fmt: skip
        _note(row, Kind.CLOSED, "office", by=by, words=said)
        act_record(
            actor=by,
            action="emergency_closed",
            subject_kind="emergency",
            subject_id=row.uid,
            note=outcome,
        )
        if row.by_uid is not None:
            with suppress(NotFound):
                notice_send_to(
                    municipality_id=row.by_municipality_id,
                    person_uid=row.by_uid,
                    kind="emergency_closed",
                    key=f"emergency/{row.uid}/closed",
                    title="センターへの知らせは、終わりました。ありがとうございました",
                    body="まちがいでも、気にしないでください。迷ったときは、また押してください。",
                    path=f"/visits/{row.visit_uid}/",
                )
        return row


def _words(words: str, *, part: str, is_needed: bool = False) -> str:
    said = words.strip()
    if is_needed and not said:
        raise WordsNeeded(field="words", part=part)
    if len(said) > WORDS_MAX:
        raise WordsTooLong(field="words", part=part, most=WORDS_MAX)
    return said


def _note(
    row: Emergency,
    kind: str,
    role: str,
    *,
    by: User | None = None,
    count: int | None = None,
    words: str = "",
) -> EmergencyNote:
    return EmergencyNote.objects.create(  # type: ignore[no-any-return]
        emergency=row,
        at=clock.now(),
        kind=kind,
        by_role=role,
        by_user=by,
        count=count,
        words_sealed=seal(words) if words else None,
    )


def emergency_positions_purge() -> int:
    """Erase positions whose day has come. Returns how many."""
    due = Emergency.objects.filter(purge_at__lte=clock.now(), position_sealed__isnull=False)
    return int(due.update(position_sealed=None))
