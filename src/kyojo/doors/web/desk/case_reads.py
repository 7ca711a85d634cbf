"""Cases as the desk shows them: a line of the list, the people concerned, the history in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.models import StaffRole, User
from kyojo.civic.people.selectors import people_by_uids
from kyojo.civic.people.suspensions import suspension_of
from kyojo.help.community import selectors
from kyojo.help.community.domain import REASONS, STEPS
from kyojo.help.community.models import Case, GroupPost, Message, Thread
from kyojo.help.matching.models import Offer
from kyojo.help.support.models import Visit
from kyojo.kernel import clock
from kyojo.kernel.wording import waited

from .listing import Column
from .words import SUBJECTS

BADGES = {
    Case.State.OPEN: ("対応中", "info", "eye"),
    Case.State.WAITING: ("返事待ち", "", "clock"),
    Case.State.CLOSED: ("終わりました", "good", "done"),
}
URGENCIES = {
    Case.Urgency.URGENT: ("急ぎ", "bad", "alert"),
    Case.Urgency.SOON: ("早め", "warn", "clock"),
    Case.Urgency.USUAL: ("ふつう", "", ""),
}
ORDER = {Case.Urgency.URGENT: 0, Case.Urgency.SOON: 1, Case.Urgency.USUAL: 2}
STATES = {
    "owner": "担当者を決めた",
    "waiting": "返事を待つことにした",
    "closed": "終えた",
    "reopened": "もう一度開いた",
}


@dataclass(frozen=True)
class CaseRow:
    uid: UUID
    number: str
    kind: str
    urgency: str
    subject: str
    opened_at: datetime
    due_at: datetime
    state: str
    owner: str
    outcome: str
    is_late: bool

    @property
    def state_badge(self) -> tuple[str, str, str]:
        return BADGES[Case.State(self.state)]

    @property
    def urgency_badge(self) -> tuple[str, str, str]:
        return URGENCIES[Case.Urgency(self.urgency)]

    @property
    def late_words(self) -> str:
        return f"{waited(clock.now() - self.due_at)}すぎています" if self.is_late else ""


COLUMNS = (
    Column("number", "番号", lambda row: row.number, sortable=True),
    Column("kind", "種類", lambda row: row.kind, sortable=True),
    Column(
        "urgency",
        "急ぎ",
        lambda row: row.urgency_badge[0],
        sortable=True,
        key=lambda row: ORDER[row.urgency],
    ),
    Column("subject", "何について", lambda row: row.subject),
    Column(
        "opened",
        "受けた日時",
        lambda row: row.opened_at,
        sortable=True,
        order=("受けた順", "新しい順"),
    ),
    Column(
        "due",
        "期限",
        lambda row: row.due_at,
        sortable=True,
        order=("期限が近い順", "期限が遠い順"),
    ),
    Column("state", "いま", lambda row: row.state_badge[0], sortable=True),
    Column("owner", "担当者", lambda row: row.owner or None, sortable=True),
    Column("outcome", "結果", lambda row: row.outcome, in_page=False),
)


def case_rows(cases: Iterable[Case]) -> list[CaseRow]:
    found = list(cases)
    names = staff_selectors.names_of(case.owner_id for case in found if case.owner_id)
    return [
        CaseRow(
            uid=case.uid,
            number=case.number,
            kind=case.get_kind_display(),
            urgency=case.urgency,
            subject=SUBJECTS.get(case.subject_kind, ""),
            opened_at=case.opened_at,
            due_at=case.due_at,
            state=case.state,
            owner=names.get(case.owner_id, "") if case.owner_id else "",
            outcome=case.get_outcome_display() if case.outcome else "",
            is_late=selectors.is_late(case),
        )
        for case in found
    ]


def people_of(case: Case) -> list[dict[str, Any]]:
    """Who it is about and who opened it, as far as they are this town's: others are their own
    town's to speak with."""
    here = people_by_uids([UUID(one) for one in case.about])
    opener = people_by_uids([case.opened_by_uid]) if case.opened_by_uid else {}
    rows = [
        {"label": "知らせた人", "person": one, "may_suspend": False, "suspension": None}
        for one in opener.values()
    ]
    rows += [
        {
            "label": "この人について",
            "person": one,
            "may_suspend": True,
            "suspension": suspension_of(one),
        }
        for one in here.values()
    ]
    if len(here) < len(case.about):
        rows.append({"label": "この人について", "person": None})
    return rows


def towns_of(case: Case) -> str:
    """The other towns that have a case of the same number's."""
    others = [town for town in case.sides if town != current()]
    return "、".join(Municipality.objects.filter(pk__in=others).values_list("name", flat=True))


def subject_url(case: Case) -> str:
    """The page of what it is about, "" where this town has none."""
    uid = case.subject_uid
    if uid is None:
        return ""
    if case.subject_kind in ("visit", "review") and Visit.objects.filter(uid=uid).exists():
        return reverse("desk-visit", kwargs={"uid": uid})
    if case.subject_kind == "message":
        offer = _offer_of_message(uid)
        return reverse("desk-talk", kwargs={"uid": offer}) if offer else ""
    if case.subject_kind == "group_post":
        post = GroupPost.objects.select_related("group").filter(uid=uid).first()
        return reverse("desk-group", kwargs={"uid": post.group.uid}) if post else ""
    return ""


def _offer_of_message(uid: UUID) -> UUID | None:
    message = Message.objects.filter(uid=uid).first()
    thread = Thread.objects.filter(uid=message.thread_uid).first() if message else None
    if thread is None or not Offer.objects.filter(uid=thread.about_uid).exists():
        return None
    found: UUID = thread.about_uid
    return found


def reasons_of(case: Case) -> list[str]:
    return [REASONS[code].name for code in case.reasons if code in REASONS]


def history_of(case: Case) -> list[dict[str, Any]]:
    """What was noted and done, in words."""
    notes = selectors.notes_of(case)
    names = staff_selectors.names_of(note.by_id for note in notes if note.by_id)
    return [
        {
            "at": note.at,
            "what": STEPS.get(note.code, "") or STATES.get(note.code, "") or "メモ",
            "words": note.words,
            "by": names.get(note.by_id, "自動") if note.by_id else "自動",
        }
        for note in notes
    ]


def staff_by_key(key: str) -> User | None:
    row = StaffRole.objects.select_related("user").filter(user_id=int(key)).first()
    return row.user if row else None
