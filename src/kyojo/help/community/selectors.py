"""Reads of the community room, in the current municipality."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from kyojo.civic.municipalities.sealing import unseal
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import (
    blocked_either_way,
    blocks_of,
    person_of_user,
    staff_roles,
)
from kyojo.civic.programmes.selectors import kept_days
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .domain import POSTS_DAYS, Talk, is_open
from .models import (
    Case,
    CaseNote,
    Group,
    GroupMember,
    GroupPost,
    Message,
    Thread,
    ThreadRead,
)


# --- cases ----------------------------------------------------------------------------------------
def cases_for(user: User) -> QuerySet[Case]:
    """This town's cases that ``user``, of the staff, may see: never one they are a party of."""
    found: QuerySet[Case] = Case.objects.select_related("owner")
    person = person_of_user(user)
    if person is not None:
        found = found.exclude(about__contains=[str(person.uid)]).exclude(
            opened_by_uid=person.uid, opened_by_uid__isnull=False
        )
    return found


def case_for(*, user: User, uid: UUID, lock: bool = False) -> Case:
    """Raises ``NotFound``: unknown, another town's, no staff, or the reader is a party."""
    if not staff_roles(user):
        raise NotFound()
    found = cases_for(user).filter(uid=uid)
    if lock:
        found = found.select_for_update(of=("self",))
    case = found.first()
    if case is None:
        raise NotFound()
    return case


def is_party(case: Case, user: User) -> bool:
    """Whether the case is about ``user``, or was opened by them as a member."""
    person = person_of_user(user)
    return person is not None and (
        str(person.uid) in case.about or case.opened_by_uid == person.uid
    )


def cases_waiting(user: User) -> list[Case]:
    """What is not closed, the most pressing first."""
    return list(cases_for(user).exclude(state=Case.State.CLOSED).order_by("due_at", "id"))


def is_late(case: Case) -> bool:
    return case.state != Case.State.CLOSED and case.due_at <= clock.now()


def words_of(case: Case) -> str:
    """What was said when it was opened; "" once it is erased."""
    return str(unseal(case.words_sealed)) if case.words_sealed else ""


@dataclass(frozen=True)
class NoteRead:
    """A line of a case's history, in words."""

    at: datetime
    kind: str
    code: str
    words: str
    by_id: int | None


def notes_of(case: Case) -> list[NoteRead]:
    """What was noted and done, the oldest first."""
    return [
        NoteRead(
            at=note.at,
            kind=note.kind,
            code=note.code,
            words=str(unseal(note.words_sealed)) if note.words_sealed else "",
            by_id=note.by_id,
        )
        for note in CaseNote.objects.filter(case=case)
    ]


def reports_by(person: Person) -> list[Case]:
    """What somebody reported, the newest first."""
    return list(Case.objects.filter(opened_by_uid=person.uid).order_by("-opened_at", "-id"))


def report_by(person: Person, uid: UUID) -> Case:
    """Raises ``NotFound`` for anybody else's."""
    found: Case | None = Case.objects.filter(opened_by_uid=person.uid, uid=uid).first()
    if found is None:
        raise NotFound()
    return found


# --- messages -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class MessageRead:
    """A message as those who take part read it. ``is_read``: all others have seen it;
    ``is_proxy``: the office wrote it for its author, who had telephoned."""

    uid: UUID
    author_uid: UUID | None
    author_role: str
    words: str
    at: datetime
    is_read: bool
    is_proxy: bool


def messages_of(talk: Talk) -> list[MessageRead]:
    """What was written, the oldest first; in the town of somebody who takes part."""
    reads = dict(
        ThreadRead.objects.filter(thread_uid=talk.uid).values_list("person_uid", "read_at")
    )

    def seen(message: Message) -> bool:
        others = talk.others(message.author_uid)
        return all(one.uid in reads and reads[one.uid] >= message.at for one in others)

    return [
        MessageRead(
            uid=one.uid,
            author_uid=one.author_uid,
            author_role=one.author_role,
            words=str(unseal(one.sealed)),
            at=one.at,
            is_read=seen(one),
            is_proxy=bool(one.basis),
        )
        for one in Message.objects.filter(thread_uid=talk.uid)
    ]


def may_write(talk: Talk) -> bool:
    """Whether the page offers to write: while it is open and nobody has blocked anybody."""
    return is_open(talk, clock.now()) and not blocked_either_way(*talk.sides)


@dataclass(frozen=True)
class ThreadRow:
    """A thread in somebody's list: what it is about, when somebody last wrote, what is new."""

    about_uid: UUID
    last_at: datetime
    unread: int


def threads_of(person: Person) -> list[ThreadRow]:
    """The threads of a member of the current town, the newest first."""
    threads = Thread.objects.filter(people__contains=[{"uid": str(person.uid)}])
    by_uid = {thread.uid: thread for thread in threads}
    reads = dict(
        ThreadRead.objects.filter(person_uid=person.uid, thread_uid__in=by_uid).values_list(
            "thread_uid", "read_at"
        )
    )
    last: dict[UUID, datetime] = {}
    unread: dict[UUID, int] = {}
    for thread_uid, author_uid, at in Message.objects.filter(thread_uid__in=by_uid).values_list(
        "thread_uid", "author_uid", "at"
    ):
        last[thread_uid] = max(at, last.get(thread_uid, at))
        read = reads.get(thread_uid)
        if author_uid != person.uid and (read is None or at > read):
            unread[thread_uid] = unread.get(thread_uid, 0) + 1
    rows = [ThreadRow(by_uid[uid].about_uid, at, unread.get(uid, 0)) for uid, at in last.items()]
    return sorted(rows, key=lambda row: row.last_at, reverse=True)


def unread_by_question(
    person: Person, among: QuerySet[Any, dict[str, Any]] | None = None
) -> dict[UUID, int]:
    """How many messages of others ``person`` has not seen, by question, in one query. ``among``:
    only of these questions, as a query for their uids."""
    threads = Thread.objects.filter(people__contains=[{"uid": str(person.uid)}])
    if among is not None:
        threads = threads.filter(about_uid__in=among)
    seen = ThreadRead.objects.filter(
        thread_uid=OuterRef("thread_uid"), person_uid=person.uid, read_at__gte=OuterRef("at")
    )
    question = threads.filter(uid=OuterRef("thread_uid")).values("about_uid")[:1]
    found = (
        Message.objects.filter(~Exists(seen), thread_uid__in=threads.values("uid"))
        .exclude(author_uid=person.uid)
        .annotate(about_uid=Subquery(question))
        .order_by()
        .values_list("about_uid")
        .annotate(Count("id"))
    )
    return dict(found)


def message_by(person: Person, uid: UUID) -> tuple[Message, Thread]:
    """A message of a thread in which ``person`` takes part. Raises ``NotFound``."""
    message = Message.objects.filter(uid=uid).first()
    thread = (
        Thread.objects.filter(
            uid=message.thread_uid, people__contains=[{"uid": str(person.uid)}]
        ).first()
        if message is not None
        else None
    )
    if message is None or thread is None:
        raise NotFound()
    return message, thread


# --- groups ---------------------------------------------------------------------------------------
def group_by_uid(uid: UUID, *, lock: bool = False) -> Group:
    """Raises ``NotFound``."""
    found = Group.objects.filter(uid=uid)
    group: Group | None = (found.select_for_update() if lock else found).first()
    if group is None:
        raise NotFound()
    return group


def group_member(group: Group, person: Person) -> GroupMember:
    """``person`` in the group. Raises ``NotFound`` for whoever is not, or is only invited."""
    found: GroupMember | None = GroupMember.objects.filter(
        group=group, person=person, joined_at__isnull=False
    ).first()
    if found is None:
        raise NotFound()
    return found


def groups_of(person: Person) -> list[GroupMember]:
    """The groups that somebody is in or invited to, and behind them those that were closed while
    they were in, for as long as their boards are kept."""
    is_kept = Q(
        joined_at__isnull=False, group__closed_at__gt=clock.now() - timedelta(days=_posts_days())
    )
    return list(
        GroupMember.objects.select_related("group")
        .filter(is_kept | Q(group__closed_at=None), person=person)
        .order_by(F("group__closed_at").desc(nulls_first=True), "group__name", "group_id")
    )


def _posts_days() -> int:
    return kept_days("group_posts", POSTS_DAYS)


def board_until(group: Group) -> datetime | None:
    """Until when those who were in it may read the board of a closed group; None: it is open."""
    return group.closed_at + timedelta(days=_posts_days()) if group.closed_at else None


def groups_open(*, but: Person) -> list[Group]:
    """Groups of the town that whoever likes may join, without those ``but`` is in."""
    return list(Group.objects.filter(closed_at=None, is_open=True).exclude(members__person=but))


def group_for(person: Person, uid: UUID) -> tuple[Group, GroupMember | None]:
    """A group as ``person`` may see it: a member, somebody invited, or anybody if it is open. A
    closed one: who was in it, as long as its board is kept. Raises ``NotFound``."""
    group = group_by_uid(uid)
    mine = GroupMember.objects.filter(group=group, person=person).first()
    if mine is None and not group.is_open:
        raise NotFound()
    until = board_until(group)
    if until is not None and (mine is None or mine.joined_at is None or until <= clock.now()):
        raise NotFound()
    return group, mine


def members_of(group: Group) -> list[GroupMember]:
    """Who is in it, leaders first."""
    return list(
        GroupMember.objects.select_related("person").filter(group=group, joined_at__isnull=False)
    )


@dataclass(frozen=True)
class PostRead:
    """A notice on a board. ``author`` None: gone meanwhile."""

    uid: UUID
    author: Person | None
    words: str
    at: datetime


def posts_of(group: Group, *, reader: Person, limit: int = 50) -> list[PostRead]:
    """The board as ``reader`` sees it, the newest first: nothing of whom they have blocked."""
    blocked = {block.blocked_uid for block in blocks_of(reader)}
    found = GroupPost.objects.select_related("author").filter(group=group, removed_at=None)
    return [
        PostRead(one.uid, one.author, str(unseal(one.sealed)), one.at)
        for one in found[:limit]
        if one.author is None or one.author.uid not in blocked
    ]


def posts_at_desk(group: Group) -> list[PostRead]:
    """The whole board, for the office."""
    found = GroupPost.objects.select_related("author").filter(group=group, removed_at=None)
    return [PostRead(one.uid, one.author, str(unseal(one.sealed)), one.at) for one in found]


def post_by(person: Person, uid: UUID) -> GroupPost:
    """A notice on the board of a group that ``person`` is in. Raises ``NotFound``."""
    found: GroupPost | None = (
        GroupPost.objects.select_related("author", "group")
        .filter(
            uid=uid,
            removed_at=None,
            group__members__person=person,
            group__members__joined_at__isnull=False,
        )
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def groups_all() -> list[tuple[Group, int]]:
    """Every group of the town for the desk, with how many are in it; open ones first."""
    counted = Group.objects.annotate(
        count=Count("members", filter=Q(members__joined_at__isnull=False))
    ).order_by(F("closed_at").asc(nulls_first=True), "name")
    return [(group, group.count) for group in counted]
