"""Groups of a town: founded, joined, left, closed; notices on their boards.

Who is under 18 comes in when an adult has agreed to their taking part (``people.minors``), and
founds none. Everything runs in the current municipality.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.sealing import seal
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people import domain as people
from kyojo.civic.people.minors import is_minor, is_waiting
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import blocked_either_way, staff_required
from kyojo.civic.people.services import News, act_record, notice_send, notices_send
from kyojo.civic.people.suspensions import suspended_refuse
from kyojo.kernel import clock, text
from kyojo.kernel.errors import NotFound

from .. import domain, sentences
from ..errors import (
    GroupAboutMissing,
    GroupByInvitation,
    GroupClosed,
    GroupForAdults,
    GroupLeadersOnly,
    GroupLeadsMany,
    GroupNameMissing,
    GroupNeedsLeader,
    GroupPersonUnknown,
    OrderDiffers,
    PostsTooMany,
    WordsMissing,
)
from ..models import Group, GroupMember, GroupPost
from ..selectors import group_by_uid, group_member

DAY = timedelta(days=1)


# --- founding and joining -------------------------------------------------------------------------
def group_found(
    *,
    order_id: UUID,
    founder: Person,
    name: str,
    kind: str,
    about: str,
    is_open: bool,
    area: Area | None = None,
) -> Group:
    """A new group, led by ``founder``. The same order again: the group.

    Raises ``GroupForAdults``, ``Suspended``, ``GroupNameMissing``, ``GroupAboutMissing``,
    ``GroupLeadsMany``, ``OrderDiffers``, ``TextTooLong``.
    """
    _may_join(founder)
    if is_minor(founder):
        raise GroupForAdults()
    fields = {
        "name": people.words(
            name, part="グループの名前", field="name", limit=domain.GROUP_NAME_MAX
        ),
        "about": people.words(
            about, part="どんなグループか", field="about", limit=domain.GROUP_ABOUT_MAX
        ),
        "kind": kind if kind in Group.Kind.values else Group.Kind.OTHER,
        "is_open": is_open,
        "area": area,
    }
    if not fields["name"]:
        raise GroupNameMissing(field="name")
    if not fields["about"]:
        raise GroupAboutMissing(field="about")
    with transaction.atomic():
        group, is_new = Group.objects.get_or_create(
            uid=order_id, defaults={**fields, "created_at": clock.now()}
        )
        if not is_new:
            mine = GroupMember.objects.filter(group=group, person=founder, is_leader=True)
            if group.name != fields["name"] or not mine.exists():
                raise OrderDiffers()
            return group  # type: ignore[no-any-return]
        leads = GroupMember.objects.filter(
            person=founder, is_leader=True, group__closed_at__isnull=True
        ).count()
        if leads >= domain.LEADS_MANY:
            raise GroupLeadsMany(most=domain.LEADS_MANY)
        GroupMember.objects.create(
            group=group, person=founder, is_leader=True, joined_at=clock.now()
        )
        _on_record(group, founder.user, "group_founded")
    return group  # type: ignore[no-any-return]


def group_join(*, uid: UUID, person: Person) -> GroupMember:
    """Join an open group, or one to which one was invited. In it already: nothing changes.

    Raises ``NotFound``, ``GroupClosed``, ``GroupByInvitation``, ``GroupForAdults``, ``Suspended``.
    """
    _may_join(person)
    with _locked(uid) as group:
        found = GroupMember.objects.filter(group=group, person=person).first()
        if found is not None and found.joined_at is not None:
            return found  # type: ignore[no-any-return]
        if found is None and not group.is_open:
            raise GroupByInvitation()
        member, _ = GroupMember.objects.update_or_create(
            group=group, person=person, defaults={"joined_at": clock.now()}
        )
    return member  # type: ignore[no-any-return]


def group_invite(*, uid: UUID, leader: Person, number: str) -> GroupMember:
    """A leader invites a member of the town by number. Invited or in it already: nothing changes,
    and whoever has blocked the leader looks like an unknown number.

    Raises ``NotFound``, ``GroupLeadersOnly``, ``GroupClosed``, ``GroupPersonUnknown``,
    ``Suspended``.
    """
    suspended_refuse(leader)
    with _locked(uid) as group:
        _leader(group, leader)
        digits = text.normalised(number).upper().removeprefix("M").lstrip("-ー ")
        person = Person.objects.filter(number=f"M-{digits}", left_at=None).first()
        if person is None or is_waiting(current(), person.uid) or _apart(person, leader):
            raise GroupPersonUnknown(field="number")
        member, is_new = GroupMember.objects.get_or_create(
            group=group, person=person, defaults={"invited_at": clock.now()}
        )
        if is_new:
            notice_send(
                person=person,
                kind="group_invited",
                key=f"group:{uid}:invited",
                title=sentences.GROUP_INVITED.format(name=group.name),
                body=sentences.GROUP_INVITED_BODY,
                path=f"/groups/{uid}/",
            )
    return member  # type: ignore[no-any-return]


def group_leave(*, uid: UUID, person: Person) -> None:
    """Leave, or say no to an invitation. Nobody is told. Out already: nothing changes. Raises
    ``GroupNeedsLeader`` for the only leader while others are in it."""
    with _locked(uid, also_closed=True) as group:
        mine = GroupMember.objects.filter(group=group, person=person).first()
        if mine is None:
            return
        others = GroupMember.objects.filter(group=group, joined_at__isnull=False).exclude(
            pk=mine.pk
        )
        if mine.is_leader and not others.filter(is_leader=True).exists():
            if others.exists() and group.closed_at is None:
                raise GroupNeedsLeader()
            Group.objects.filter(pk=group.pk, closed_at=None).update(closed_at=clock.now())
        mine.delete()


def group_lead(*, uid: UUID, leader: Person, person_uid: UUID, stays: bool) -> None:
    """Make another member a leader; ``stays`` False hands the group over. Again: nothing changes.
    Raises ``NotFound``, ``GroupLeadersOnly``, ``GroupClosed``."""
    with _locked(uid) as group:
        own = _leader(group, leader)
        member = (
            GroupMember.objects.select_related("person")
            .filter(group=group, person__uid=person_uid, joined_at__isnull=False)
            .first()
        )
        if member is None or member.pk == own.pk:
            raise NotFound()
        if not member.is_leader:
            GroupMember.objects.filter(pk=member.pk).update(is_leader=True)
            notice_send(
                person=member.person,
                kind="group_leader",
                key=f"group:{uid}:leader:{clock.now().isoformat()}",
                title=sentences.GROUP_LEADER.format(name=group.name),
                path=f"/groups/{uid}/",
            )
        if not stays:
            GroupMember.objects.filter(pk=own.pk).update(is_leader=False)


def group_close(*, uid: UUID, leader: Person | None = None, by: User | None = None) -> Group:
    """End a group: a leader, or the office. Everybody in it is told; they read its board as long as
    it is kept, and nothing comes to it any more. Closed already: nothing changes. Raises
    ``NotFound``, ``GroupLeadersOnly``."""
    if by is not None:
        staff_required(by)
    with _locked(uid, also_closed=True) as group:
        if by is None:
            if leader is None:
                raise NotFound()
            _leader(group, leader)
        if group.closed_at is not None:
            return group
        group.closed_at = clock.now()
        group.save(update_fields=["closed_at"])
        _on_record(group, by or (leader.user if leader else None), "group_closed")
        _all_told(group, "closed", sentences.GROUP_CLOSED, but=leader)
    return group


# --- the board ------------------------------------------------------------------------------------
def post_write(*, order_id: UUID, uid: UUID, author: Person, words: str) -> GroupPost:
    """A notice on the board of a group; its members are told that there is one. The same order
    again: the notice. Raises ``NotFound``, ``GroupClosed``, ``WordsMissing``, ``TextTooLong``,
    ``PostsTooMany``, ``Suspended``."""
    suspended_refuse(author)
    kept = people.words(words, part="お知らせ", field="words", limit=domain.POST_MAX)
    if not kept:
        raise WordsMissing(field="words")
    with _locked(uid, also_closed=True) as group:
        group_member(group, author)
        before = GroupPost.objects.filter(uid=order_id).first()
        if before is not None:
            if before.group_id != group.pk or before.author_id != author.pk:
                raise OrderDiffers()
            return before  # type: ignore[no-any-return]
        if group.closed_at is not None:
            raise GroupClosed()
        mine = GroupPost.objects.filter(author=author, at__gt=clock.now() - DAY)
        if mine.count() >= domain.POSTS_A_DAY:
            raise PostsTooMany(most=domain.POSTS_A_DAY)
        post: GroupPost = GroupPost.objects.create(
            uid=order_id, group=group, author=author, sealed=seal(kept), at=clock.now()
        )
        _all_told(group, f"post:{order_id}", sentences.GROUP_POST, but=author)
    return post


def post_remove(*, uid: UUID, person: Person | None = None, by: User | None = None) -> GroupPost:
    """Take a notice down: its author, a leader of the group, or the office. Down already: nothing
    changes. Raises ``NotFound``."""
    if by is not None:
        staff_required(by)
    with transaction.atomic():
        post = (
            GroupPost.objects.select_related("group")
            .select_for_update(of=("self",))
            .filter(uid=uid)
            .first()
        )
        if post is None:
            raise NotFound()
        if by is None:
            if person is None:
                raise NotFound()
            own = group_member(post.group, person)
            if post.author_id != person.pk and not own.is_leader:
                raise NotFound()
        if post.removed_at is None:
            post.removed_at = clock.now()
            post.save(update_fields=["removed_at"])
            _on_record(post.group, by or (person.user if person else None), "group_post_removed")
    return post  # type: ignore[no-any-return]


# --- inside ---------------------------------------------------------------------------------------
def _may_join(person: Person) -> None:
    suspended_refuse(person)
    if is_waiting(person.municipality_id, person.uid):
        raise GroupForAdults()


@contextmanager
def _locked(uid: UUID, *, also_closed: bool = False) -> Iterator[Group]:
    with transaction.atomic():
        group = group_by_uid(uid, lock=True)
        if group.closed_at is not None and not also_closed:
            raise GroupClosed()
        yield group


def _leader(group: Group, person: Person) -> GroupMember:
    own = group_member(group, person)
    if not own.is_leader:
        raise GroupLeadersOnly()
    return own


def _apart(one: Person, other: Person) -> bool:
    return blocked_either_way((one.municipality_id, one.uid), (other.municipality_id, other.uid))


def _all_told(group: Group, event: str, title: str, *, but: Person | None) -> None:
    members = GroupMember.objects.select_related("person").filter(
        group=group, joined_at__isnull=False, person__left_at=None
    )
    notices_send(
        kind="group",
        key=f"group:{group.uid}:{event}"[:100],
        news=[
            News(
                person=one.person,
                title=title.format(name=group.name),
                path=f"/groups/{group.uid}/",
            )
            for one in members
            if but is None or one.person_id != but.pk
        ],
    )


def _on_record(group: Group, by: User | None, action: str) -> None:
    act_record(actor=by, action=action, subject_kind="group", subject_id=group.uid)
