"""Groups: who comes in, who leads, what is written on the board; and what the room forgets."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.errors import Suspended
from kyojo.civic.people.forgetting import erased_as
from kyojo.civic.people.models import Notice, Person
from kyojo.civic.people.services import block_add, suspension_begin
from kyojo.civic.people.testing import (
    JUN,
    OUTSIDER,
    TAE,
    make_carer,
    make_officer,
    make_programme,
    make_supporter,
)
from kyojo.help.community import retention, selectors, services
from kyojo.help.community.errors import (
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
from kyojo.help.community.forgetting import person_forget, person_stops
from kyojo.help.community.models import Case, Group, GroupMember, GroupPost
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)


@pytest.fixture
def town(db, towns):
    with clock.frozen(NOW):
        make_programme(towns.kita.id)
        with tenant(towns.kita.id):
            yield towns.kita.id


def found(founder: Person, **more) -> Group:
    given = {
        "order_id": new_id(),
        "name": "丘の上のお茶会",
        "kind": "neighbours",
        "about": "月に1回、お茶を飲みます。",
        "is_open": True,
    } | more
    return services.group_found(founder=founder, **given)


def test_a_group_is_founded_once_and_by_adults_who_are_not_suspended(town):
    ken, order = make_supporter(town), new_id()
    assert found(ken, order_id=order) == found(ken, order_id=order)
    with pytest.raises(OrderDiffers):
        found(ken, order_id=order, name="ほかの会")
    with pytest.raises(GroupNameMissing):
        found(ken, name=" ")
    for _ in range(4):
        found(ken)
    with pytest.raises(GroupLeadsMany):
        found(ken)
    jun = make_supporter(town, JUN)
    Person.objects.filter(pk=jun.pk).update(birth_date=date(2010, 4, 1))
    jun.refresh_from_db()
    with pytest.raises(GroupForAdults):
        found(jun)
    with pytest.raises(GroupForAdults):
        services.group_join(uid=order, person=jun)
    suspension_begin(
        uid=new_id(), person=ken, by=make_officer(town), reason="確認中", until=NOW + timedelta(1)
    )
    with pytest.raises(Suspended):
        services.post_write(order_id=new_id(), uid=order, author=ken, words="こんにちは")
    assert GroupPost.objects.count() == 0


def test_who_comes_in_by_invitation_and_who_hands_over(town):
    ken, jun, minami = make_supporter(town), make_supporter(town, JUN), make_carer(town)
    group = found(ken, is_open=False)
    uid = group.uid
    with pytest.raises(GroupByInvitation):
        services.group_join(uid=uid, person=jun)
    block_add(person=minami, blocked_uid=ken.uid)
    for number in ("M-99999", minami.number):
        with pytest.raises(GroupPersonUnknown):
            services.group_invite(uid=uid, leader=ken, number=number)
    for _ in range(2):
        services.group_invite(uid=uid, leader=ken, number=jun.number.lower())
    assert Notice.objects.filter(person=jun, kind="group_invited").count() == 1
    with pytest.raises(NotFound):
        services.post_write(order_id=new_id(), uid=uid, author=jun, words="まだ入っていない")
    services.group_join(uid=uid, person=jun)
    with pytest.raises(GroupLeadersOnly):
        services.group_invite(uid=uid, leader=jun, number=minami.number)
    with pytest.raises(GroupNeedsLeader):
        services.group_leave(uid=uid, person=ken)
    services.group_lead(uid=uid, leader=ken, person_uid=jun.uid, stays=False)
    services.group_leave(uid=uid, person=ken)
    services.group_leave(uid=uid, person=ken)
    assert [one.person_id for one in selectors.members_of(group)] == [jun.pk]
    services.group_leave(uid=uid, person=jun)
    group.refresh_from_db()
    assert group.closed_at is not None
    with pytest.raises(GroupClosed):
        services.group_join(uid=uid, person=ken)


def test_the_board_is_for_members_and_without_whom_one_has_blocked(town, towns):
    ken, jun = make_supporter(town), make_supporter(town, JUN)
    group, order = found(ken), new_id()
    services.group_join(uid=group.uid, person=jun)
    post = services.post_write(order_id=order, uid=group.uid, author=ken, words="あすは10時です")
    again = services.post_write(order_id=order, uid=group.uid, author=ken, words="あすは10時です")
    assert post == again and Notice.objects.filter(person=jun, kind="group").count() == 1
    with pytest.raises(WordsMissing):
        services.post_write(order_id=new_id(), uid=group.uid, author=ken, words=" ")
    assert [one.words for one in selectors.posts_of(group, reader=jun)] == ["あすは10時です"]
    block_add(person=jun, blocked_uid=ken.uid)
    assert selectors.posts_of(group, reader=jun) == []
    for _ in range(9):
        services.post_write(order_id=new_id(), uid=group.uid, author=ken, words="お知らせ")
    with pytest.raises(PostsTooMany):
        services.post_write(order_id=new_id(), uid=group.uid, author=ken, words="お知らせ")
    stranger = make_carer(town, OUTSIDER)
    for call in (
        lambda: services.post_remove(uid=post.uid, person=stranger),
        lambda: services.post_remove(uid=post.uid, person=jun),
        lambda: services.post_remove(uid=post.uid, by=make_officer(towns.midori.id)),
        lambda: services.group_close(uid=group.uid, by=stranger.user),
    ):
        with pytest.raises(NotFound):
            call()
    post.refresh_from_db()
    assert post.removed_at is None
    services.post_remove(uid=post.uid, person=ken)


def test_what_is_over_is_erased_and_counted(town):
    ken, minami = make_supporter(town), make_carer(town)
    group = found(ken)
    services.post_write(order_id=new_id(), uid=group.uid, author=ken, words="古いお知らせ")
    case = services.report_send(
        order_id=new_id(),
        reporter=minami,
        subject_kind="person",
        subject_uid=ken.uid,
        about=[(town, ken.uid)],
        reasons=["rude"],
        words="どなられました",
    )
    assert set(retention.purge_due().values()) == {0}
    services.case_close(uid=case.uid, by=make_officer(town), outcome="talked", words="話した")
    with clock.frozen(NOW + timedelta(days=retention.CASES_DAYS)):
        assert retention.purge_due() == {
            "messages": 0, "cases": 1, "group_posts": 1, "group_members": 0,
        }  # fmt: skip
        assert set(retention.purge_due().values()) == {0}
    case.refresh_from_db()
    assert (case.about, case.opened_by_uid, selectors.words_of(case)) == ([], None, "")
    assert [one.words for one in selectors.notes_of(case)] == [""]


def test_a_closed_board_is_read_by_who_was_in_it_and_written_by_nobody(town):
    ken, jun, minami = make_supporter(town), make_supporter(town, JUN), make_carer(town)
    tae = make_supporter(town, TAE)
    group, order = found(ken), new_id()
    uid = group.uid
    for person in (jun, tae):
        services.group_join(uid=uid, person=person)
    services.group_invite(uid=uid, leader=ken, number=minami.number)
    said = {"order_id": order, "uid": uid, "author": jun, "words": "あすは10時です"}
    post = services.post_write(**said)
    services.group_leave(uid=uid, person=tae)
    services.group_close(uid=uid, leader=ken)
    group.refresh_from_db()
    assert services.post_write(**said) == post, "sent again, it is there"
    with pytest.raises(GroupClosed):
        services.post_write(**said | {"order_id": new_id()})
    with pytest.raises(GroupClosed):
        services.group_join(uid=uid, person=tae)
    with pytest.raises(GroupClosed):
        services.group_invite(uid=uid, leader=ken, number=tae.number)
    with pytest.raises(GroupClosed):
        services.group_lead(uid=uid, leader=ken, person_uid=jun.uid, stays=True)
    assert GroupPost.objects.count() == 1
    for outside in (tae, minami):  # left before, and never came in
        assert selectors.groups_of(outside) == []
        with pytest.raises(NotFound):
            selectors.group_for(outside, uid)
    until = NOW + timedelta(days=365)
    assert selectors.board_until(group) == until
    with clock.frozen(until - timedelta(seconds=1)):
        other = found(jun)
        assert [one.group for one in selectors.groups_of(jun)] == [other, group]
        assert selectors.group_for(jun, uid)[0] == group
        assert [one.words for one in selectors.posts_of(group, reader=jun)] == ["あすは10時です"]
        assert retention.purge_due()["group_members"] == 0
    with clock.frozen(until):
        assert [one.group for one in selectors.groups_of(jun)] == [other]
        with pytest.raises(NotFound):
            selectors.group_for(jun, uid)
        found_out = retention.purge_due()
        assert (found_out["group_posts"], found_out["group_members"]) == (1, 3)
        assert GroupMember.objects.get().group == other


@pytest.mark.parametrize("who", ["reporter", "about"])
def test_whoever_is_erased_is_in_no_case_and_no_group(town, who):
    ken, minami = make_supporter(town), make_carer(town)
    group = found(ken)
    services.group_join(uid=group.uid, person=minami)
    case = services.report_send(
        order_id=new_id(),
        reporter=minami,
        subject_kind="person",
        subject_uid=ken.uid,
        about=[(town, ken.uid)],
        reasons=["rude"],
        words=f"{ken.name}さんが、{minami.name}に",
    )
    person = minami if who == "reporter" else ken
    assert person_stops(person) == ["事務局で手続き中のこと"]
    services.case_close(uid=case.uid, by=make_officer(town), outcome="talked", words=ken.name)
    assert person_stops(person) == []
    for _ in range(2):
        person_forget(person=person)
    case.refresh_from_db()
    assert selectors.words_of(case) == "" and [n.words for n in selectors.notes_of(case)] == [""]
    if who == "reporter":
        assert case.opened_by_uid is None and case.about == [str(ken.uid)]
    else:
        assert case.about == [str(erased_as(ken))] and case.opened_by_uid == minami.uid
    assert not GroupMember.objects.filter(person=person).exists()
    assert Case.objects.count() == 1
