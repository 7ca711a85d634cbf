"""Whom an alarm reaches: the list of who is on call, and one mail for each step and person."""

import logging
from collections.abc import Iterable
from datetime import datetime, time
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import StaffRole, User
from kyojo.civic.people.selectors import person_of_user, staff_required
from kyojo.civic.people.services import act_record, notice_send
from kyojo.kernel import clock, text
from kyojo.kernel.errors import NotFound

from .. import parties, tasks
from ..domain import Duty, Reach, reach_next
from ..errors import DutyDaysMissing, DutyPhoneMissing, DutyStaffUnknown
from ..models import Alert, OnCall
from ..words import ALERT_MAILS

log = logging.getLogger(__name__)


def duties() -> list[Duty]:
    """The list as it is now, in its order; the key is the login. Who left the desk is not on it."""
    rows = OnCall.objects.filter(user_id__in=everybody())
    return [Duty(row.user_id, frozenset(row.days), row.start, row.end) for row in rows]


def everybody() -> list[int]:
    """The logins of all who work at this town's desk."""
    found = StaffRole.objects.filter(user__is_active=True).order_by("user_id")
    return list(found.values_list("user_id", flat=True).distinct())


def alert(*, kind: Alert.Kind, subject_uid: UUID, step: int, users: Iterable[int]) -> int:
    """Alarm these logins for this step; who was alarmed for it already is not again. Returns how
    many are now. The mail goes out with the caller's transaction."""
    count = 0
    for user_id in sorted(set(users)):
        row, made = Alert.objects.get_or_create(
            kind=kind,
            subject_uid=subject_uid,
            step=step,
            user_id=user_id,
            defaults={"at": clock.now()},
        )
        if not made:
            continue
        count += 1
        tasks.alert_mail.defer(municipality_id=current(), alert_id=row.pk)
        member = person_of_user(user_id=user_id)
        if member is not None:
            subject, _, path = ALERT_MAILS[kind]
            notice_send(
                person=member,
                kind=f"alert_{kind}",
                key=f"alert/{kind}/{subject_uid}/{step}",
                title=subject,
                path=path.format(uid=subject_uid),
            )
    return count


def alarm_next(
    *,
    kind: Alert.Kind,
    subject_uid: UUID,
    visit_uid: UUID,
    step: int,
    since: datetime,
    not_user: int | None = None,
) -> tuple[Reach, int]:
    """Alarm whoever comes next on the list, or everybody after its last, and say whom that reaches
    and how many. Who was alarmed ``since`` then has had their turn. It may be about anybody in the
    visit (and ``not_user``): none of them is who should come to help."""
    had = Alert.objects.filter(kind=kind, subject_uid=subject_uid, at__gte=since)
    people = parties.people_of([visit_uid]).get(visit_uid, set())
    inside = {not_user, *parties.logins_of(people).values()}
    reach = reach_next(
        [duty for duty in duties() if duty.key not in inside],
        at=clock.local(clock.now()),
        alarmed=set(had.values_list("user_id", flat=True)),
    )
    users = set(reach.keys)
    if reach.is_everybody:
        all_here = set(everybody())
        users |= all_here - inside
        if not users:
            log.error(
                "an alarm (%s) reaches nobody: of %d at the desk of %d none may be told",
                kind,
                len(all_here),
                current(),
            )
    return reach, alert(kind=kind, subject_uid=subject_uid, step=step, users=users)


# --- the list -------------------------------------------------------------------------------------
def duty_save(
    *,
    uid: UUID,
    user_id: int,
    phone: str,
    days: Iterable[int],
    start: time,
    end: time,
    by: User,
) -> OnCall:
    """A line of the list: new at its end, or changed in its place where ``uid`` is there.

    Raises ``DutyStaffUnknown``, ``DutyPhoneMissing``, ``DutyDaysMissing``, ``NotFound``.
    """
    staff_required(by)
    wanted = sorted({day for day in days if 0 <= day <= 6})
    if not wanted:
        raise DutyDaysMissing(field="days")
    if not StaffRole.objects.filter(user_id=user_id, user__is_active=True).exists():
        raise DutyStaffUnknown(field="user_id")
    digits = text.phone_number(phone)
    if digits is None:
        raise DutyPhoneMissing(field="phone")
    fields = {"user_id": user_id, "phone": digits, "days": wanted, "start": start, "end": end}
    with transaction.atomic():
        rows = list(OnCall.objects.select_for_update())
        row = next((one for one in rows if one.uid == uid), None)
        if row is None:
            place = max((one.place for one in rows), default=0) + 1
            row = OnCall.objects.create(uid=uid, place=place, **fields)
        elif any(getattr(row, name) != value for name, value in fields.items()):
            for name, value in fields.items():
                setattr(row, name, value)
            row.save(update_fields=[*fields])
        else:
            return row  # type: ignore[no-any-return]
        act_record(actor=by, action="duty_saved", subject_kind="user", subject_id=user_id)
    return row  # type: ignore[no-any-return]


def duty_move(*, uid: UUID, up: bool, by: User) -> None:
    """Change places with the neighbour; at either end nothing changes. Raises ``NotFound``."""
    staff_required(by)
    with transaction.atomic():
        rows = list(OnCall.objects.select_for_update())
        at = next((number for number, one in enumerate(rows) if one.uid == uid), None)
        if at is None:
            raise NotFound()
        to = at - 1 if up else at + 1
        if not 0 <= to < len(rows):
            return
        rows[at], rows[to] = rows[to], rows[at]
        for place, row in enumerate(rows, start=1):
            if row.place != place:
                row.place = place
                row.save(update_fields=["place"])
        act_record(actor=by, action="duty_moved", subject_kind="user", subject_id=rows[to].user_id)


def duty_remove(*, uid: UUID, by: User) -> None:
    """Take a line out; one that is out stays out."""
    staff_required(by)
    with transaction.atomic():
        row = OnCall.objects.select_for_update().filter(uid=uid).first()
        if row is None:
            return
        act_record(actor=by, action="duty_removed", subject_kind="user", subject_id=row.user_id)
        row.delete()
