"""Visits that nobody ended, and supporters who set out and did not arrive: first they are asked,
then the office is. What goes on by itself ends by itself."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import staff_required
from kyojo.civic.people.services import act_record, notice_send_to
from kyojo.civic.programmes.domain import SafetyRule
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.domain import category as category_of
from kyojo.help.support.domain import State as VisitState
from kyojo.help.support.models import Visit, VisitStep
from kyojo.help.support.selectors import ended_unsaid, visit_for
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import parties
from ..domain import ALARMS_END, Running, overdue_from
from ..models import Alert, LateWatch
from .alarming import alarm_next

log = logging.getLogger(__name__)
State, Kind = LateWatch.State, LateWatch.Kind
#: Nobody is asked about what ended so long ago: it is forgotten, and closing deals with it.
LOOKED_BACK = timedelta(hours=24)


def _rule() -> SafetyRule:
    try:
        return programme_current()[1].safety
    except ProgrammeMissing:
        return SafetyRule()


def late_look() -> None:
    """Look at every visit of this town that is awaited: ask, hand on, or let go. Again: nothing.
    One that fails keeps none of the others waiting, and is tried again by the next round."""
    rule, now = _rule(), clock.now()
    watched = set(
        LateWatch.objects.exclude(state=State.RESOLVED).values_list("visit_uid", flat=True)
    )
    soon = now - rule.late_after
    awaited = Q(state=VisitState.STARTED, ends_at__lte=soon, ends_at__gt=now - LOOKED_BACK) | Q(
        state=VisitState.SCHEDULED,
        heading_at__lte=soon,
        starts_at__lte=soon,
        starts_at__gt=now - LOOKED_BACK,
    )
    here = Visit.objects.filter(place_municipality_id=current())
    due = here.filter(awaited | Q(uid__in=watched)).order_by("starts_at", "uid")
    for visit in due:
        try:
            with transaction.atomic():
                _look(visit, rule, now)
        except Exception as error:  # noqa: BLE001 (told here: the others must not wait for it)
            log.error("late look at visit %s failed: %s", visit.uid, type(error).__name__)


def _running(visit: Visit) -> Running:
    return Running(
        state=visit.state,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        heading_at=visit.heading_at,
        told_late=_told_late(visit),
    )


def _told_late(visit: Visit) -> timedelta:
    """What the supporter announced by 「遅れます」, the newest word."""
    said = (
        VisitStep.objects.filter(visit_uid=visit.uid, reason__startswith="late_")
        .order_by("-at", "-id")
        .values_list("reason", flat=True)
        .first()
    )
    minutes = (said or "").removeprefix("late_")
    return timedelta(minutes=int(minutes) if minutes.isdigit() else 0)


def _look(visit: Visit, rule: SafetyRule, now: datetime) -> None:
    awaited = overdue_from(_running(visit), rule.late_after)
    rows = list(LateWatch.objects.select_for_update().filter(visit_uid=visit.uid))
    for row in rows:
        if row.state == State.RESOLVED or (awaited is not None and awaited[0] == row.kind):
            continue
        if _wants_a_person(row, visit):
            if row.due_at is not None and row.due_at <= now:
                _office_alarmed(row, now)
            continue
        _resolved(row, _how(row.kind, visit.state), now)
    if awaited is None or awaited[1] > now:
        return
    kind, since = awaited
    row = next((one for one in rows if one.kind == kind), None)
    if row is None:
        row, made = LateWatch.objects.get_or_create(
            visit_uid=visit.uid,
            kind=kind,
            defaults={"overdue_at": since, "asked_at": now, "due_at": now + rule.office_after},
        )
        if made:
            _ask(visit, row)
        return
    if row.due_at is None or row.due_at > now:
        return
    if row.state == State.FINE:
        row.state, row.round = State.ASKED, row.round + 1
        row.asked_at, row.due_at = now, now + rule.office_after
        row.taken_at, row.taken_by = None, None
        row.save(update_fields=["state", "round", "asked_at", "due_at", "taken_at", "taken_by"])
        _ask(visit, row)
    elif row.state == State.ASKED:
        row.state, row.office_at = State.OFFICE, now
        _office_alarmed(row, now)
        _carer_told(visit, row)
    elif row.state == State.OFFICE:
        _office_alarmed(row, now)


def _wants_a_person(row: LateWatch, visit: Visit) -> bool:
    """Whether the office goes on with what it has heard of: a beacon that fell silent ended the
    visit, and nobody has said that all is well."""
    return row.is_offices_end and visit.uid in ended_unsaid([visit.uid])


def _how(kind: str, state: str) -> str:
    if kind == Kind.ARRIVAL and state == VisitState.STARTED:
        return "arrived"
    done = (VisitState.ENDED, VisitState.CONFIRMED, VisitState.SETTLED)
    return "ended" if state in done else "closed"


def _resolved(row: LateWatch, how: str, now: datetime) -> None:
    row.state, row.resolved_at, row.resolved_how, row.due_at = State.RESOLVED, now, how, None
    row.save(update_fields=["state", "resolved_at", "resolved_how", "due_at"])


def _ask(visit: Visit, row: LateWatch) -> None:
    what = category_of(visit.category).name
    body = (
        "支援が終わっていたら「終わりました」を押してください。"
        "つづいているときは「だいじょうぶです」を押してください。お返事がないと、センターがお電話します。"
        if row.kind == Kind.END
        else "着いたら「始めます」を、まだのときは「だいじょうぶです」を押してください。"
        "お返事がないと、センターがお電話します。"
    )
    notice_send_to(
        municipality_id=visit.supporter_municipality_id,
        person_uid=visit.supporter_uid,
        kind="visit_late_asked",
        key=f"late/{visit.uid}/{row.kind}/{row.round}",
        title=f"だいじょうぶですか（{what}）",
        body=body,
        path=f"/visits/{visit.uid}/",
    )


def _office_alarmed(row: LateWatch, now: datetime) -> None:
    """The first on call, then the next, and after the last everybody, until somebody has taken it
    or the visit goes on; each time the office hears of it anew it begins with the first."""
    assert row.office_at is not None
    row.due_at = None
    if row.taken_at is None and now - row.office_at < ALARMS_END:
        reach, _ = alarm_next(
            kind=Alert.Kind.LATE,
            subject_uid=row.alert_uid,
            visit_uid=row.visit_uid,
            step=row.step,
            since=row.office_at,
        )
        row.step += 1
        row.due_at = now + reach.late_wait
    row.save(update_fields=["state", "office_at", "step", "due_at"])


def _carer_told(visit: Visit, row: LateWatch) -> None:
    what = category_of(visit.category).name
    name = visit.supporter_card["family_name"]
    words = "終わりの連絡が、まだありません" if row.kind == Kind.END else "まだ着いていません"
    notice_send_to(
        municipality_id=visit.carer_municipality_id,
        person_uid=visit.carer_uid,
        kind="visit_late_office",
        key=f"late/{visit.uid}/{row.kind}/office",
        title=f"{name}さんから、{words}（{what}）",
        body="共助センターが確かめています。分かりしだい、お知らせします。",
        path=f"/visits/{visit.uid}/",
    )


def late_answer(*, visit_uid: UUID, by: Person) -> None:
    """「だいじょうぶです」: the supporter is asked again only after the time has passed once more.
    Where nobody asked: nothing changes. Raises ``NotFound`` for who is not its supporter."""
    view = visit_for(by, visit_uid)
    if view.role != "supporter":
        raise NotFound()
    with tenant(view.place_municipality_id), transaction.atomic():
        now = clock.now()
        for row in LateWatch.objects.select_for_update().filter(
            visit_uid=visit_uid, state__in=(State.ASKED, State.OFFICE)
        ):
            row.state, row.answered_at = State.FINE, now
            row.taken_at, row.taken_by = None, None
            row.due_at = now + _rule().late_after
            row.save(update_fields=["state", "answered_at", "taken_at", "taken_by", "due_at"])


# --- the office -----------------------------------------------------------------------------------
def late_take(*, pk: int, by: User) -> None:
    """「電話します」: nobody else is alarmed, and the desk sees that somebody is at it. Taken
    already, or not with the office: nothing changes. Raises ``NotFound``, also for who has a part
    in the visit."""
    staff_required(by)
    with transaction.atomic():
        row = _locked(pk, by)
        if row.taken_at is None and row.state == State.OFFICE:
            row.taken_at, row.taken_by, row.due_at = clock.now(), by, None
            row.save(update_fields=["taken_at", "taken_by", "due_at"])
            act_record(
                actor=by, action="late_taken", subject_kind="visit", subject_id=row.visit_uid
            )


def late_resolve(*, pk: int, by: User) -> None:
    """The office has made sure that all is well. Again: nothing changes. Raises ``NotFound``, also
    for who has a part in the visit."""
    staff_required(by)
    with transaction.atomic():
        row = _locked(pk, by)
        if row.state != State.RESOLVED:
            _resolved(row, "office", clock.now())
            act_record(
                actor=by, action="late_resolved", subject_kind="visit", subject_id=row.visit_uid
            )


def _locked(pk: int, by: User) -> LateWatch:
    row: LateWatch | None = LateWatch.objects.select_for_update().filter(pk=pk).first()
    if row is None or parties.visits_of(by).filter(uid=row.visit_uid).exists():
        raise NotFound()
    return row
