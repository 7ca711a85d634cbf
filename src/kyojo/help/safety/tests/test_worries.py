"""What a supporter noticed reaches the centre of the area, and nobody else reads it."""

from datetime import timedelta

import pytest
from procrastinate import testing
from procrastinate.contrib.django import app

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice
from kyojo.civic.people.services import staff_role_add, staff_role_end, user_create
from kyojo.help.community.models import Case
from kyojo.help.safety import domain, selectors, services
from kyojo.help.safety.errors import (
    CentreNameMissing,
    GroundNotAbuse,
    GroundUnknown,
    SignMissing,
    WordsNeeded,
    WorryNotYet,
    WorryOver,
)
from kyojo.help.safety.models import Alert, Worry
from kyojo.help.support.selectors import visit_for
from kyojo.help.support.tests.cast import END, MIDORI, START, check_in, visit_make
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
GIVEN = {"signs": ["eating", "low"], "words": "冷蔵庫が空でした。", "ground": "consent"}


@pytest.fixture(autouse=True)
def jobs():
    with app.replace_connector(testing.InMemoryConnector()) as replaced:
        yield replaced


@pytest.fixture
def nurse(cast):
    """Works for the centre of 港地区."""
    with tenant(MIDORI):
        user = user_create(email="houkatsu@example.jp", municipality_id=MIDORI)
        staff_role_add(
            user=user,
            number=f"S-{user.pk}",
            role="coordinator",
            title="包括",
            name="保健 師子",
            name_kana="ホケン シコ",
        )
        for name, areas, members in (
            ("町の包括", [], []),
            ("港の包括", ["minato"], [user.pk, cast.kita_officer.pk]),
        ):
            services.centre_save(
                uid=new_id(), kind="elder", name=name, phone="", area_codes=areas,
                members=members, by=cast.officer,
            )  # fmt: skip
    return user


def started(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    return uid


def tell(cast, visit_uid, *, at=END, by=None, **more):
    by = by or cast.supporter
    with clock.frozen(at), tenant(by.municipality_id):
        return services.worry_tell(
            **{"uid": new_id(), "visit_uid": visit_uid, "by": by} | GIVEN | more
        )


def test_who_left_the_centre_reads_nothing_more(cast, nurse):
    row = tell(cast, started(cast))
    with tenant(MIDORI):
        assert nurse.pk in services.readers_each([row])[row.uid]
        staff_role_end(user=nurse, role="coordinator")
        assert nurse.pk not in services.readers_each([row])[row.uid]
        with pytest.raises(NotFound):
            services.worry_acknowledge(uid=row.uid, by=nurse)
        assert services.staff_left(user=nurse) == 1
        staff_role_add(user=nurse, role="office", title="係", name="保健 師子", name_kana="ホケン")
        assert nurse.pk not in services.readers_each([row])[row.uid], "nobody asked them back"


def test_it_reaches_the_centre_of_the_area_alone(cast, nurse):
    visit_uid, uid = started(cast), new_id()
    row = tell(cast, visit_uid, uid=uid)
    assert tell(cast, visit_uid, uid=uid).pk == row.pk
    with tenant(MIDORI):
        assert (row.number, row.centre.name, row.urgency) == ("K-1001", "港の包括", "today")
        assert row.due_at - row.at == domain.URGENCIES["today"].within
        assert [one.user_id for one in Alert.objects.filter(kind="worry")] == [nurse.pk]
        said = services.content_of(row)
        assert said["signs"] == ["low", "eating"] and said["reporter"]["name"] == "春風 けん"
        assert said["about"]["name"] == "青空 ふみ" and said["about"]["age"] == 82
        assert "冷蔵庫".encode() not in bytes(row.content_sealed)
        assert services.may_read(row, nurse) and not services.may_read(row, cast.officer)
        for act in (services.worry_acknowledge, services.worry_hand_over):
            with pytest.raises(NotFound):
                act(uid=uid, by=cast.officer)
    assert row.state == "sent"


def test_it_is_received_answered_and_closed(cast, nurse):
    visit_uid = started(cast)
    row = tell(cast, visit_uid)
    later = {"uid": row.uid, "by": nurse}
    with clock.frozen(END + timedelta(hours=1)), tenant(MIDORI):
        for _ in range(2):
            services.worry_acknowledge(**later)
        with pytest.raises(WordsNeeded):
            services.worry_answer(words=" ", **later)
        services.worry_answer(words="訪問しました。", **later)
        view = visit_for(cast.supporter, visit_uid)
        told = selectors.told_by(cast.supporter, view)
        assert [(one.state, one.answer) for one in told] == [("answered", "訪問しました。")]
        assert selectors.told_by(cast.second, view) == []
        with pytest.raises(WordsNeeded):
            services.worry_close(words="", **later)
        services.worry_close(words="サービスにつなぎました。", **later)
        services.worry_close(words="二度目", **later)
        with pytest.raises(WorryOver):
            services.worry_answer(words="あとから", **later)
        assert selectors.opened(Worry.objects.get().closing_sealed) == "サービスにつなぎました。"
        news = Notice.objects.filter(person=cast.supporter, kind__startswith="worry_")
        assert news.count() == 2
        assert all("冷蔵庫" not in one.title + one.body for one in news)
        assert Act.objects.filter(subject_kind="worry").count() == 3


def test_the_cases_go_on_with_it_without_its_words(cast, nurse):
    row = tell(cast, started(cast), signs=["abuse"], ground="abuse")
    with tenant(MIDORI):
        for _ in range(2):
            services.worry_hand_over(uid=row.uid, by=nurse)
        case = Case.objects.get(subject_uid=row.uid)
        assert (case.kind, case.urgency) == ("worry", "urgent")
        assert Worry.objects.get().case_uid == case.uid


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"signs": []}, SignMissing),
        ({"signs": ["nothing-known"]}, SignMissing),
        ({"signs": ["other"], "words": " "}, WordsNeeded),
        ({"ground": ""}, GroundUnknown),
        ({"ground": "abuse"}, GroundNotAbuse),
        ({"at": START - timedelta(hours=1)}, WorryNotYet),
        ({"at": END + timedelta(days=31)}, WorryNotYet),
    ],
)
def test_what_is_refused_leaves_nothing(cast, wrong, refusal):
    visit_uid = started(cast)
    with pytest.raises(refusal):
        tell(cast, visit_uid, **wrong)
    for other in (cast.second, cast.mother, cast.carer, cast.stranger):
        with pytest.raises(NotFound):
            tell(cast, visit_uid, by=other)
    with tenant(MIDORI):
        assert not Worry.objects.exists()


def test_without_a_centre_the_officers_read_it(cast):
    row = tell(cast, started(cast))
    with tenant(MIDORI):
        assert row.centre is None
        assert services.may_read(row, cast.officer)
        assert not services.may_read(row, cast.kita_officer)
        with pytest.raises(NotFound):
            services.centre_save(
                uid=new_id(), kind="elder", name="x", phone="", area_codes=[], members=[],
                by=cast.kita_officer,
            )  # fmt: skip
        with pytest.raises(CentreNameMissing):
            services.centre_save(
                uid=new_id(), kind="elder", name=" ", phone="", area_codes=[], members=[],
                by=cast.officer,
            )  # fmt: skip


def test_how_pressing_signs_are_and_whose_they_are():
    assert domain.urgency_of(["low"]) == "soon"
    assert domain.urgency_of(["low", "injury", "abuse"]) == "abuse"
    assert domain.urgency_of([]) == "watch"
    assert all(one.urgency in domain.URGENCIES for one in domain.SIGNS.values())
    kinds = [domain.centre_kind(age) for age in (3, 17, 18, 82, None)]
    assert kinds == ["child", "child", "elder", "elder", "elder"]
    assert all(bool(ground.law) == bool(ground.as_of) for ground in domain.GROUNDS.values())


def test_nobody_of_the_house_and_not_who_told_it_reads_it_at_the_desk(
    cast, nurse, django_assert_num_queries
):
    with tenant(MIDORI):
        for person in (cast.supporter, cast.mother):
            staff_role_add(
                user=person.user,
                number=f"S-{person.user.pk}",
                role="officer",
                title="係",
                name="係 春",
                name_kana="カカリ ハル",
            )
        centre = next(one for one in selectors.centres() if one.name == "港の包括")
        services.centre_save(
            uid=centre.uid, kind="elder", name=centre.name, phone="", area_codes=["minato"],
            members=[cast.supporter.user_id, cast.mother.user_id], by=cast.officer,
        )  # fmt: skip
    visit_uid = started(cast)
    row = tell(cast, visit_uid)
    with tenant(MIDORI):
        readers = services.readers_each([row])[row.uid]
        assert cast.officer.pk in readers, "nobody of the centre is left: the other officers"
        assert not readers & {cast.supporter.user_id, cast.mother.user_id, nurse.pk}
        assert not Alert.objects.filter(user=cast.mother.user).exists()
        with pytest.raises(NotFound):
            services.worry_acknowledge(uid=row.uid, by=cast.mother.user)
        services.worry_hand_over(uid=row.uid, by=cast.officer)
        about = set(Case.objects.get(uid=Worry.objects.get().case_uid).about)
        assert about == {str(cast.mother.uid), str(cast.carer.uid)}
    rows = [row, *(tell(cast, visit_uid) for _ in range(3))]
    with tenant(MIDORI), django_assert_num_queries(4):
        services.readers_each(rows)
