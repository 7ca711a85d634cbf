"""What a person decides about a visit that is looked at: nothing is wrong and it goes on where it
was; it is watched; or it is not paid, by way of the office's ruling, to which people may object.

Nobody decides about a visit of their own, nor about one that they wrote down by hand themselves.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import sides_of
from kyojo.civic.people.models import Act, User
from kyojo.civic.people.services import act_record
from kyojo.help.matching import services as matching
from kyojo.help.requests.domain import category as category_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import jdate

from ..domain import Resolution, Role, State, Step
from ..errors import (
    ClearanceLabelUnknown,
    ClearanceUntilWrong,
    LookDecided,
    OwnMatter,
    ResolutionUnknown,
    WordsMissing,
)
from ..fraud_facts import BY_HAND
from ..fraud_selectors import LABELS
from ..models import Clearance, DevicePress, Dispute, Visit, VisitLook, VisitStep
from .closing import office_takes_over, settle_locked
from .fraud_watch import OPEN
from .rulings import dispute_resolve, ruling_open
from .steps import Case, advance, as_system, staff_checked, step_of, tell

Look = VisitLook.State
#: For how long something may be cleared without being looked at again.
CLEARED_DAYS_MAX = 366
NOTE_MAX = 1000


def looks_clear(*, uids: Iterable[UUID], by: User, note: str = "") -> list[VisitLook]:
    """「問題なし」: each visit goes on exactly where it was; one whose coins were held back is
    settled now. All of them or none. Cleared already: nothing changes.

    Raises ``NotFound``, ``OwnMatter``, ``LookDecided``.
    """
    with transaction.atomic():
        return [_clear(look, by, note) for look in _requests_held(_looks(uids, by))]


def _clear(look: VisitLook, by: User, note: str) -> VisitLook:
    with _looked_at(look, by, "look_clear") as (case, row):
        if row.state == Look.CLEARED:
            return row
        if row.state not in OPEN:
            raise LookDecided(state=str(row.get_state_display()))
        _decided(row, Look.CLEARED, by, note)
        if case.visit.state == State.DISPUTED and held_for_look(case):
            _released(case)
        return row


def _released(case: Case) -> None:
    """What was held back for the look is settled as it would have been."""
    visit = case.visit
    advance(case, Step.RELEASE, reason="released")
    for code in sides_of(visit.carer_municipality_id, visit.place_municipality_id):
        with tenant(code):
            Dispute.objects.filter(visit_uid=visit.uid, resolved_at=None).update(
                resolved_at=clock.now(),
                resolution=Resolution.PAY,
                paid_coins=visit.amount_coins,
                office_words="記録を確かめました。",
            )
    settle_locked(as_system(case))
    if visit.confirmed_by != "carer":
        return  # told with the coins
    tell(
        case,
        Role.CARER,
        kind="visit_resolved",
        title=f"{jdate(visit.starts_at)}の{category_of(visit.category).name}の確認が終わりました",
        body=f"{visit.amount_coins}コインをサポーターにお渡ししました。ありがとうございました。",
    )


def held_for_look(case: Case) -> bool:
    """Whether the visit is with the office for nothing but the look."""
    last = VisitStep.objects.filter(visit_uid=case.visit.uid, after=State.DISPUTED).last()
    return last is not None and last.reason == "review" and ruling_open(case) is None


def look_watch(*, uid: UUID, by: User, note: str) -> VisitLook:
    """「確かめてから決める」: a note of what was asked or heard; it stays open, and its coins held.

    Raises ``NotFound``, ``OwnMatter``, ``WordsMissing``, ``LookDecided``.
    """
    (look,) = _looks([uid], by)
    with _looked_at(look, by, "look_watch") as (_, row):
        if not note.strip():
            raise WordsMissing(field="note")
        if row.state not in OPEN:
            raise LookDecided(state=str(row.get_state_display()))
        row.state = Look.WATCHING
        row.note = _added(row.note, note)
        row.save(update_fields=["state", "note"])
        _recorded(by, "look_watch", row)
        return row


def looks_refuse(
    *,
    uids: Iterable[UUID],
    by: User,
    words: str,
    resolution: str = Resolution.RETURN,
    paid_coins: int | None = None,
) -> list[VisitLook]:
    """「支払わない」: the office rules that the coins return (or a part of them is paid), with
    ``words`` to both, who may object (``dispute_resolve``). Of a visit that was paid already it is
    noted only. All of them or none. Refused already: nothing changes.

    Raises ``NotFound``, ``OwnMatter``, ``LookDecided``, ``WordsMissing``, ``ResolutionUnknown``,
    ``AmountOutside``, ``RulingWaits``, ``StepNotAllowed``.
    """
    if resolution not in (Resolution.RETURN, Resolution.PAY_PART):
        raise ResolutionUnknown(field="resolution")
    if not words.strip():
        raise WordsMissing(field="words")
    with transaction.atomic():
        looks = _requests_held(_looks(uids, by))
        return [_refuse(look, by, words, resolution, paid_coins) for look in looks]


def _refuse(
    look: VisitLook, by: User, words: str, resolution: str, paid_coins: int | None
) -> VisitLook:
    with _looked_at(look, by, "look_refuse") as (case, row):
        if row.state == Look.REFUSED:
            return row
        if row.state not in OPEN:
            raise LookDecided(state=str(row.get_state_display()))
        _decided(row, Look.REFUSED, by, words)
        if case.visit.state == State.ENDED:
            office_takes_over(as_system(case), reason="review")
        is_held = case.visit.state == State.DISPUTED
    if is_held:
        dispute_resolve(
            visit_uid=look.visit_uid,
            by=by,
            resolution=resolution,
            words=words,
            paid_coins=paid_coins,
        )
    return row


# --- what is in order for a time ------------------------------------------------------------------
def clearance_make(
    *, uid: UUID, look_uid: UUID, by: User, kind: str, label: str, valid_until: date
) -> Clearance:
    """Not to hold against anybody any more, until ``valid_until``, that these two meet so often
    (``kind`` pair) or that people share the device of this visit (device). ``uid`` is the order's:
    the same again is the one that stands.

    Raises ``NotFound`` (also where there is no such device), ``OwnMatter``,
    ``ClearanceLabelUnknown``, ``ClearanceUntilWrong``.
    """
    before: Clearance | None = Clearance.objects.filter(uid=uid).first()
    if before is not None:
        return before
    (look,) = _looks([look_uid], by)
    if kind not in set(Clearance.Kind):
        raise NotFound()
    if label not in LABELS[kind]:
        raise ClearanceLabelUnknown(field="label")
    latest = clock.today() + timedelta(days=CLEARED_DAYS_MAX)
    if not clock.today() < valid_until <= latest:
        raise ClearanceUntilWrong(field="valid_until", latest=jdate(clock.at(latest, 12)))
    with _looked_at(look, by, "clearance_make") as (case, row):
        fields: dict[str, Any] = {"one_uid": case.visit.supporter_uid}
        fields["other_uid"] = case.visit.carer_uid
        if kind == Clearance.Kind.DEVICE:
            fields = {"device": _device_of(row)}
        made: Clearance = Clearance.objects.create(
            uid=uid,
            kind=kind,
            label=label,
            visit_uid=row.visit_uid,
            valid_until=valid_until,
            made_at=clock.now(),
            made_by=by,
            **fields,
        )
        _recorded(by, "clearance_made", row, note=kind)
        return made


def _device_of(look: VisitLook) -> str:
    """The device that most people used at the visit. Raises ``NotFound`` where none is known."""
    users: dict[str, set[UUID]] = {}
    here = DevicePress.objects.filter(visit_uid=look.visit_uid).values("device")
    for press in DevicePress.objects.filter(device__in=here):
        users.setdefault(press.device, set()).add(press.person_uid)
    if not users:
        raise NotFound()
    return max(users, key=lambda device: (len(users[device]), device))


def clearance_end(*, uid: UUID, by: User) -> Clearance:
    """It counts no longer. Ended already: nothing changes. Raises ``NotFound``."""
    staff_checked(by)
    with transaction.atomic():
        row: Clearance | None = (
            Clearance.objects.select_for_update(of=("self",)).filter(uid=uid).first()
        )
        if row is None:
            raise NotFound()
        if row.ended_at is None:
            row.ended_at = clock.now()
            row.save(update_fields=["ended_at"])
            act_record(
                actor=by,
                action="clearance_ended",
                subject_kind="visit",
                subject_id=row.visit_uid,
                note=row.kind,
            )
        return row


# --- what all have in common ----------------------------------------------------------------------
def _looks(uids: Iterable[UUID], by: User) -> list[VisitLook]:
    """The looks of this town, in the order in which their visits are locked."""
    staff_checked(by)
    wanted = set(uids)
    found = list(VisitLook.objects.filter(uid__in=wanted).order_by("visit_uid"))
    if not wanted or len(found) != len(wanted):
        raise NotFound()
    return found


def _requests_held(looks: list[VisitLook]) -> list[VisitLook]:
    """The same, with the requests of all of them under lock before the first visit's people are:
    somebody who confirms one meanwhile waits, and nobody waits for each other."""
    visits = Visit.objects.filter(uid__in=[look.visit_uid for look in looks])
    matching.requests_hold((one.carer_municipality_id, one.request_uid) for one in visits)
    return looks


@contextmanager
def _looked_at(look: VisitLook, by: User, name: str) -> Iterator[tuple[Case, VisitLook]]:
    """The visit and its look under lock. Raises ``OwnMatter`` for whoever takes part in it."""
    with step_of(visit_uid=look.visit_uid, name=name, by=by, allowed={Role.OFFICE}) as case:
        if case.visit.place_municipality_id != current():
            raise NotFound()
        wrote = Act.objects.filter(
            actor=by,
            subject_kind="visit",
            subject_id=str(look.visit_uid),
            action__in=BY_HAND,
        )
        if wrote.exists():
            raise OwnMatter()
        row = VisitLook.objects.select_for_update(of=("self",)).filter(pk=look.pk).first()
        if row is None:  # a more striking one took its place
            raise NotFound()
        yield case, row


def _decided(row: VisitLook, state: str, by: User, note: str) -> None:
    row.state = state
    row.note = _added(row.note, note)
    row.decided_at = clock.now()
    row.decided_by = by
    row.save(update_fields=["state", "note", "decided_at", "decided_by"])
    _recorded(by, "look_cleared" if state == Look.CLEARED else "look_refused", row)


def _added(before: str, note: str) -> str:
    said = note.strip()[:NOTE_MAX]
    if before == said or before.endswith(f"\n{said}"):
        return before  # sent twice
    lines = [line for line in (before.strip(), said) if line]
    return "\n".join(lines)


def _recorded(by: User, action: str, row: VisitLook, note: str = "") -> None:
    act_record(actor=by, action=action, subject_kind="visit", subject_id=row.visit_uid, note=note)
