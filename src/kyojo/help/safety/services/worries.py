"""気になること: told by a supporter, read by the support centre, answered, closed.

Who said so is for the centre alone. The row stands in the place's town.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.sealing import seal, unseal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, StaffRole, User
from kyojo.civic.people.selectors import staff_required
from kyojo.civic.people.services import act_record, notice_send_to
from kyojo.help.community.services.cases import case_open
from kyojo.help.support.models import Visit
from kyojo.help.support.selectors import VisitView, visit_for
from kyojo.kernel import clock, text
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id

from .. import domain, parties
from ..errors import (
    CentreNameMissing,
    GroundNotAbuse,
    GroundUnknown,
    SignMissing,
    WordsNeeded,
    WordsTooLong,
    WorryNotYet,
    WorryOver,
)
from ..models import Alert, CentreMember, SupportCentre, Worry
from .alarming import alert
from .numbering import number_next

State = Worry.State
WORDS_MAX = 3000
#: From a quarter of an hour before a visit until so long after it.
TELL_BEFORE, TELL_UNTIL = timedelta(minutes=15), timedelta(days=30)


# --- telling --------------------------------------------------------------------------------------
def can_tell(view: VisitView) -> bool:
    """Whether the supporter has been there lately, or stands at the door."""
    opens, closes = view.starts_at - TELL_BEFORE, view.ends_at + TELL_UNTIL
    return (
        view.role == "supporter"
        and view.house_is_open
        and view.state != "cancelled"
        and opens <= clock.now() <= closes
    )


def worry_tell(
    *,
    uid: UUID,
    visit_uid: UUID,
    by: Person,
    signs: Collection[str],
    words: str,
    ground: str,
) -> Worry:
    """Hand on what was noticed at a visit, to the centre of the area. The same ``uid`` again is the
    same one. How soon somebody looks follows from the signs (``domain.URGENCIES``).

    Raises ``NotFound`` for who is not the visit's supporter, ``WorryNotYet``, ``SignMissing``,
    ``WordsNeeded`` (``other`` without words), ``WordsTooLong``, ``GroundUnknown``,
    ``GroundNotAbuse``.
    """
    view = visit_for(by, visit_uid)
    if view.role != "supporter":
        raise NotFound()
    wanted = [one for one in domain.SIGNS if one in set(signs)]
    said = words.strip()
    if not wanted:
        raise SignMissing(field="signs")
    if not said and "other" in wanted:
        raise WordsNeeded(field="words", part="気になったこと")
    if len(said) > WORDS_MAX:
        raise WordsTooLong(field="words", part="くわしいこと", most=WORDS_MAX)
    problem = domain.ground_problem(wanted, ground)
    if problem:
        raise (GroundUnknown if problem == "unknown" else GroundNotAbuse)(field="ground")
    with tenant(view.place_municipality_id), transaction.atomic():
        before = Worry.objects.filter(uid=uid, visit_uid=visit_uid).first()
        if before is not None:
            return before  # type: ignore[no-any-return]
        if not can_tell(view):
            raise WorryNotYet()
        return _told(uid, view, by, wanted, said, ground)


def _told(
    uid: UUID, view: VisitView, by: Person, signs: list[str], words: str, ground: str
) -> Worry:
    visit = Visit.objects.select_related("recipient").get(uid=view.uid)
    now = clock.now()
    urgency = domain.urgency_of(signs)
    about = _about(visit)
    centre = centre_for(visit, about["age"])
    row: Worry = Worry.objects.create(
        uid=uid,
        number=number_next("K"),
        visit_uid=visit.uid,
        about_uid=visit.recipient_uid or visit.carer_uid,
        reporter_uid=by.uid,
        reporter_municipality_id=by.municipality_id,
        centre=centre,
        area_code=visit.area_code,
        area_name=visit.area_name,
        urgency=urgency,
        ground=ground,
        content_sealed=seal(
            {
                "signs": signs,
                "words": words,
                "about": about,
                "reporter": {"name": by.name, "kana": by.kana, "phone": by.phone},
            }
        ),
        at=now,
        due_at=now + domain.URGENCIES[urgency].within,
    )
    alert(kind=Alert.Kind.WORRY, subject_uid=uid, step=0, users=readers_of(row))
    return row


def _about(visit: Visit) -> dict[str, Any]:
    """Whom it is about, as the visit knows them: the person visited, else the carer's household."""
    card = visit.recipient_card
    born = card.get("birth_date")
    return {
        "name": card.get("name") or visit.carer_card.get("name", ""),
        "relation": card.get("relation", ""),
        "age": clock.age_on(date.fromisoformat(born), clock.today()) if born else None,
        "address": visit.address,
        "family": visit.carer_card.get("name", ""),
    }


def centre_for(visit: Visit, age_years: int | None) -> SupportCentre | None:
    """The centre of this kind for the visit's area, else the one for the whole town, else None."""
    kind = domain.centre_kind(age_years)
    centres = list(SupportCentre.objects.filter(kind=kind, ended_at=None).order_by("name"))
    own = (one for one in centres if visit.area_code and visit.area_code in one.area_codes)
    whole = (one for one in centres if not one.area_codes)
    return next(own, None) or next(whole, None)


def readers_each(worries: Collection[Worry]) -> dict[UUID, set[int]]:
    """worry → the logins that read what it says: the centre's people; where it has none, or there
    is no centre, the municipality's officers. Never who told it, and nobody of that house."""
    members: dict[int, set[int]] = {}
    for centre_id, user_id in CentreMember.objects.filter(
        centre_id__in={one.centre_id for one in worries if one.centre_id},
        user__is_active=True,
        user__in=StaffRole.objects.values("user_id"),
    ).values_list("centre_id", "user_id"):
        members.setdefault(centre_id, set()).add(user_id)
    role = StaffRole.objects.filter(role=StaffRole.Role.OFFICER, user__is_active=True)
    officers = set(role.values_list("user_id", flat=True))
    around = parties.people_of(one.visit_uid for one in worries)
    for one in worries:
        also = {uid for uid in (one.about_uid, one.reporter_uid) if uid is not None}
        around[one.visit_uid] = around.get(one.visit_uid, set()) | also
    logins = parties.logins_of(uid for people in around.values() for uid in people)
    found = {}
    for one in worries:
        inside = {logins[uid] for uid in around[one.visit_uid] if uid in logins}
        centre = members.get(one.centre_id or 0, set()) - inside
        found[one.uid] = centre or officers - inside
    return found


def readers_of(worry: Worry) -> set[int]:
    return readers_each([worry])[worry.uid]


def may_read(worry: Worry, user: User) -> bool:
    return user.pk in readers_of(worry)


def content_of(worry: Worry) -> dict[str, Any]:
    """What it says, for who may read it (``may_read``); what was forgotten is empty."""
    if worry.content_sealed is None:
        return {"signs": [], "words": "", "about": {}, "reporter": {}}
    found: dict[str, Any] = unseal(bytes(worry.content_sealed))
    return found


# --- the centre -----------------------------------------------------------------------------------
def _locked(uid: UUID, by: User) -> Worry:
    """The row, for who may read it; to everybody else it does not exist."""
    staff_required(by)
    row: Worry | None = Worry.objects.select_for_update().filter(uid=uid).first()
    if row is None or not may_read(row, by):
        raise NotFound()
    return row


def worry_acknowledge(*, uid: UUID, by: User) -> Worry:
    """「受けとりました」: the reporter hears that somebody looks. Again: nothing changes.

    Raises ``NotFound`` for who may not read it.
    """
    with transaction.atomic():
        row = _locked(uid, by)
        if row.acknowledged_at is not None or row.state == State.CLOSED:
            return row
        row.state, row.acknowledged_at, row.acknowledged_by = State.ACKNOWLEDGED, clock.now(), by
        row.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
        _on_record(row, by, "worry_acknowledged")
        _tell(row, "acknowledged", "気になることを、センターが受けとりました。ありがとうございます")
        return row


def worry_answer(*, uid: UUID, words: str, by: User) -> Worry:
    """What the reporter may know of what was done; no more than that. Answered again: the newer
    words stand.

    Raises ``NotFound``, ``WordsNeeded``, ``WordsTooLong``, ``WorryOver``.
    """
    said = words.strip()
    if not said:
        raise WordsNeeded(field="words", part="お返事")
    if len(said) > WORDS_MAX:
        raise WordsTooLong(field="words", part="お返事", most=WORDS_MAX)
    with transaction.atomic():
        row = _locked(uid, by)
        if row.state == State.CLOSED:
            raise WorryOver()
        now = clock.now()
        if row.acknowledged_at is None:
            row.acknowledged_at, row.acknowledged_by = now, by
        row.state, row.answer_sealed, row.answered_at = State.ANSWERED, seal(said), now
        row.save(
            update_fields=[
                "state", "answer_sealed", "answered_at", "acknowledged_at", "acknowledged_by",
            ]
        )  # fmt: skip
        _on_record(row, by, "worry_answered")
        _tell(row, "answered", "気になることに、センターからお返事があります")
        return row


def worry_close(*, uid: UUID, words: str, by: User) -> Worry:
    """Done, with what was done in the centre's own words. Again: nothing changes.

    Raises ``NotFound``, ``WordsNeeded``, ``WordsTooLong``.
    """
    said = words.strip()
    if not said:
        raise WordsNeeded(field="words", part="したこと")
    if len(said) > WORDS_MAX:
        raise WordsTooLong(field="words", part="したこと", most=WORDS_MAX)
    with transaction.atomic():
        row = _locked(uid, by)
        if row.state == State.CLOSED:
            return row
        now = clock.now()
        if row.acknowledged_at is None:
            row.acknowledged_at, row.acknowledged_by = now, by
        row.state, row.closing_sealed = State.CLOSED, seal(said)
        row.closed_at, row.closed_by = now, by
        row.save(
            update_fields=[
                "state", "closing_sealed", "closed_at", "closed_by", "acknowledged_at",
                "acknowledged_by",
            ]
        )  # fmt: skip
        _on_record(row, by, "worry_closed")
        return row


def _on_record(row: Worry, by: User, action: str) -> None:
    act_record(actor=by, action=action, subject_kind="worry", subject_id=row.uid)


def _tell(row: Worry, event: str, title: str) -> None:
    """News to the reporter, without a word of what it was about."""
    if row.reporter_uid is None:
        return
    try:
        notice_send_to(
            municipality_id=row.reporter_municipality_id,
            person_uid=row.reporter_uid,
            kind=f"worry_{event}",
            key=f"worry/{row.uid}/{event}",
            title=title,
            path=f"/visits/{row.visit_uid}/worry/",
        )
    except NotFound:
        return  # they have left and are forgotten: there is nobody to tell


# --- centres --------------------------------------------------------------------------------------
def centre_save(
    *,
    uid: UUID,
    kind: str,
    name: str,
    phone: str,
    area_codes: Collection[str],
    members: Collection[int],
    by: User,
) -> SupportCentre:
    """A centre: new, or changed where ``uid`` is there. ``members`` are logins of this desk.

    Raises ``NotFound`` for who is no officer, ``CentreNameMissing``.
    """
    staff_required(by, StaffRole.Role.OFFICER)
    called = " ".join(name.split())
    if not called or len(called) > 80 or kind not in SupportCentre.Kind.values:
        raise CentreNameMissing(field="name")
    known = set(
        StaffRole.objects.filter(user_id__in=set(members)).values_list("user_id", flat=True)
    )
    with transaction.atomic():
        row, _ = SupportCentre.objects.update_or_create(
            uid=uid,
            defaults={
                "kind": kind,
                "name": called,
                "phone": text.phone_number(phone) or "",
                "area_codes": sorted(set(area_codes)),
                "ended_at": None,
            },
        )
        CentreMember.objects.filter(centre=row).exclude(user_id__in=known).delete()
        for user_id in sorted(known):
            CentreMember.objects.get_or_create(centre=row, user_id=user_id)
        act_record(actor=by, action="centre_saved", subject_kind="centre", subject_id=row.uid)
    return row  # type: ignore[no-any-return]


def centre_end(*, uid: UUID, by: User) -> None:
    """Nothing new goes there; what it has it keeps. Again: nothing changes."""
    staff_required(by, StaffRole.Role.OFFICER)
    ended = SupportCentre.objects.filter(uid=uid, ended_at=None).update(ended_at=clock.now())
    if ended:
        act_record(actor=by, action="centre_ended", subject_kind="centre", subject_id=uid)


# --- handed over ----------------------------------------------------------------------------------
#: What the case says: not what was told.
HANDED_OVER = "気になること {number} の引きつぎです。内容は、センターの人が「安全」で読めます。"
CASE_URGENCY = {"abuse": "urgent", "today": "urgent", "soon": "soon", "watch": "usual"}


def _house_of(row: Worry) -> list[UUID]:
    """Whom the case is about: the person visited, and who cares for them, since it may be either;
    whoever of them works at the desk does not see it."""
    visit = Visit.objects.filter(uid=row.visit_uid).first()
    found = {row.about_uid, visit.carer_uid if visit is not None else None}
    return sorted(uid for uid in found if uid is not None)


def worry_hand_over(*, uid: UUID, by: User) -> Worry:
    """Let the office's cases (相談・通報) go on with it. What was said stays here for those who may
    read it; the case names the number alone. Again: nothing changes. Raises ``NotFound``."""
    with transaction.atomic():
        row = _locked(uid, by)
        if row.case_uid is not None:
            return row
        case = case_open(
            kind="worry",
            urgency=CASE_URGENCY[row.urgency],
            subject_kind="worry",
            subject_uid=row.uid,
            about=_house_of(row),
            words=HANDED_OVER.format(number=row.number),
            uid=derived_id(row.uid, "case"),
        )
        row.case_uid = case.uid
        row.save(update_fields=["case_uid"])
        _on_record(row, by, "worry_handed_over")
        return row
