"""The roster says what visits and memberships say; an accident goes its way to the insurer."""

from datetime import date, timedelta

import pytest
from procrastinate import testing
from procrastinate.contrib.django import app

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act
from kyojo.civic.people.services import person_leave
from kyojo.help.safety import domain, roster_selectors, selectors, services
from kyojo.help.safety.errors import (
    AccidentDay,
    AccidentPartMissing,
    AccidentSent,
    AccidentStep,
)
from kyojo.help.safety.models import Accident, RosterCopy
from kyojo.help.support import services as support
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    check_in,
    check_out,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)
PARTS = (
    {"day": "2026-11-28", "hour": "10:30", "where": "庭", "what": "はしごから落ちた"},
    {"hurt": "supporter", "hurt_name": "春風 けん", "injury": "足首", "first_aid": "doctor"},
    {"damaged": "yes", "damage": "植木鉢", "owner": "青空 ふみ", "cost": "3000"},
    {"phone": "09000000000"},
)


@pytest.fixture(autouse=True)
def jobs():
    with app.replace_connector(testing.InMemoryConnector()) as replaced:
        yield replaced


def covered(first=NOVEMBER[0], last=NOVEMBER[1], town=MIDORI):
    with tenant(town):
        return [
            (one.kind, one.name, one.minutes)
            for one in roster_selectors.covered_visits(first, last)
        ]


# --- the roster -----------------------------------------------------------------------------------
def test_a_visit_is_on_the_roster_from_its_booking_to_its_end(cast):
    uid = visit_make(cast)
    assert covered() == [("planned", "春風 けん", 120)]
    assert covered(date(2026, 12, 1), date(2026, 12, 31)) == []
    assert covered(town=KITA) == [], "the supporter's own town insures"
    check_in(cast, uid)
    check_out(cast, uid, at=END - timedelta(minutes=30))
    assert covered() == [("done", "春風 けん", 90)]
    gone = visit_make(cast, starts_at=START + timedelta(days=1))
    with tenant(KITA):
        support.visit_cancel(visit_uid=gone, actor=cast.carer)
    assert len(covered()) == 1, "who never set out was not on the way"
    on_the_way = visit_make(cast, starts_at=START + timedelta(days=2))
    with clock.frozen(START + timedelta(days=2, minutes=-30)):
        with tenant(MIDORI):
            support.visit_heading(visit_uid=on_the_way, supporter=cast.supporter)
        with tenant(KITA):
            support.visit_cancel(visit_uid=on_the_way, actor=cast.carer)
    assert ("way", "春風 けん", 120) in covered()
    with tenant(MIDORI):
        rows = {one.name: one for one in roster_selectors.covered_members(*NOVEMBER)}
    assert set(rows) == {"春風 けん", "朝露 じゅん"}
    mine = rows["春風 けん"]
    assert (len(mine.done), mine.planned_count, mine.minutes) == (2, 0, 90)


@pytest.mark.parametrize(
    ("since", "left", "is_on"),
    [
        (date(2026, 11, 30), None, True),
        (date(2026, 12, 1), None, False),
        (date(2026, 5, 1), date(2026, 11, 1), True),
        (date(2026, 5, 1), date(2026, 10, 31), False),
        (None, None, False),
    ],
)
def test_membership_as_of_a_day(since, left, is_on):
    assert domain.member_on(since, left, first=NOVEMBER[0], last=NOVEMBER[1]) == is_on


@pytest.mark.parametrize(
    ("state", "started", "heading", "kind"),
    [
        ("scheduled", None, None, "planned"),
        ("started", START, START, "done"),
        ("settled", START, None, "done"),
        ("disputed", START, None, "done"),
        ("disputed", None, None, "way"),
        ("resolved", None, START, "way"),
        ("no_show", None, START, "way"),
        ("no_show", None, None, None),
        ("cancelled", None, None, None),
    ],
)
def test_what_is_covered(state, started, heading, kind):
    assert domain.covered_as(state, started_at=started, heading_at=heading) == kind


def test_who_left_stays_on_the_roster_of_their_days(cast):
    with tenant(MIDORI):
        with clock.frozen(clock.at(date(2026, 11, 25), 9)):
            person_leave(person=cast.second)
        november = roster_selectors.covered_members(*NOVEMBER)
        december = roster_selectors.covered_members(date(2026, 12, 1), date(2026, 12, 31))
    assert "朝露 じゅん" in [one.name for one in november]
    assert "朝露 じゅん" not in [one.name for one in december]


def test_what_was_taken_away_is_kept_as_it_was(cast):
    with tenant(MIDORI):
        copy = services.roster_taken(
            kind="members", first=NOVEMBER[0], last=NOVEMBER[1], form="csv",
            headings=["名前"], rows=[["春風 けん"]], by=cast.officer,
        )  # fmt: skip
        assert "春風".encode() not in bytes(copy.rows_sealed)
        again, lines = services.roster_copy_lines(uid=copy.uid, by=cast.officer)
        assert (again.rows_count, lines) == (1, [["名前"], ["春風 けん"]])
        assert Act.objects.filter(action__startswith="roster_").count() == 2
        with pytest.raises(NotFound):
            services.roster_copy_lines(uid=copy.uid, by=cast.kita_officer)
    with tenant(KITA), pytest.raises(NotFound):
        services.roster_copy_lines(uid=copy.uid, by=cast.kita_officer)
    assert RosterCopy is not None


# --- accidents ------------------------------------------------------------------------------------
def write(cast, uid, by=None, parts=PARTS):
    by = by or cast.supporter
    with tenant(by.municipality_id):
        services.accident_start(visit_uid=uid, by=by)
        for number, answers in enumerate(parts, start=1):
            services.accident_write(visit_uid=uid, by=by, part=number, answers=answers)


def test_step_by_step_to_the_insurer(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    with clock.frozen(END):
        write(cast, uid, parts=PARTS[:2])
        with tenant(MIDORI):
            with pytest.raises(AccidentPartMissing):
                services.accident_report(visit_uid=uid, by=cast.supporter)
            row = Accident.objects.get()
            assert (row.number, row.state, row.due_on) == ("J-1001", "draft", date(2026, 12, 28))
            assert services.answers_of(row)["phone"] == cast.supporter.phone, "known already"
            with pytest.raises(AccidentStep):
                services.accident_sent(uid=row.uid, insurer_number="", by=cast.officer)
        write(cast, uid)
        with tenant(MIDORI):
            for _ in range(2):
                services.accident_report(visit_uid=uid, by=cast.supporter)
            with pytest.raises(AccidentSent):
                services.accident_write(visit_uid=uid, by=cast.supporter, part=1, answers=PARTS[0])
            services.accident_write(
                uid=row.uid, by=cast.officer, part=4, answers={"phone": "0900", "witness": "なし"}
            )
            assert [one.number for one in selectors.accidents_waiting()] == ["J-1001"]
            for number in ("H-55", ""):
                services.accident_sent(uid=row.uid, insurer_number=number, by=cast.officer)
            with pytest.raises(AccidentSent):
                services.accident_write(uid=row.uid, by=cast.officer, part=4, answers={})
            for words in ("支払われました", "二度目"):
                services.accident_settled(uid=row.uid, words=words, by=cast.officer)
            row.refresh_from_db()
            assert (row.state, row.insurer_number) == ("settled", "H-55")
            assert selectors.opened(row.settled_note_sealed) == "支払われました"
            assert "植木鉢".encode() not in bytes(row.content_sealed)


def test_the_carer_of_another_town_reports_to_the_supporter_s_and_others_cannot(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    with clock.frozen(END):
        write(cast, uid, by=cast.carer)
        with tenant(KITA):
            services.accident_report(visit_uid=uid, by=cast.carer)
            assert services.accident_of(visit_uid=uid, by=cast.carer).state == "reported"
            for other in (cast.stranger,):
                with pytest.raises(NotFound):
                    services.accident_start(visit_uid=uid, by=other)
        with tenant(MIDORI):
            assert Accident.objects.get().by_role == "carer"
            for other in (cast.second, cast.mother):
                with pytest.raises(NotFound):
                    services.accident_start(visit_uid=uid, by=other)
            with pytest.raises(NotFound):
                services.accident_of(visit_uid=uid, by=cast.supporter)
            assert Accident.objects.count() == 1


def test_a_day_that_has_not_come_and_an_office_report(cast):
    uid = visit_make(cast)
    with tenant(MIDORI):
        services.accident_start(visit_uid=uid, by=cast.supporter)
        for wrong in ({"day": "2026-12-24"}, {"day": "x"}, {"hour": ""}):
            with pytest.raises(AccidentDay):
                services.accident_write(
                    visit_uid=uid, by=cast.supporter, part=1, answers=PARTS[0] | wrong
                )
        same = new_id()
        for _ in range(2):
            services.accident_start_office(uid=same, by=cast.officer)
        assert Accident.objects.filter(by_role="office").count() == 1
    with tenant(KITA), pytest.raises(NotFound):
        services.accident_write(uid=same, by=cast.kita_officer, part=4, answers={})


def test_what_must_be_answered_follows_from_the_answers():
    def missing(**answers):
        return [field.code for _, field in domain.accident_missing(answers)]

    nothing = missing(hurt="none", damaged="no")
    assert "injury" not in nothing and "damage" not in nothing
    assert {"injury", "hurt_name", "first_aid"} <= set(missing(hurt="recipient", damaged="no"))
    assert {"damage", "owner"} <= set(missing(hurt="none", damaged="yes"))
