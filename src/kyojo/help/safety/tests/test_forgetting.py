"""Who is forgotten is in none of this room's tables, and what stays says nothing of them."""

from datetime import date, timedelta

import pytest
from procrastinate import testing
from procrastinate.contrib.django import app

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.safety import forgetting, own_data, retention, selectors, services
from kyojo.help.safety.models import Accident, Emergency, EmergencyNote, RosterCopy, Worry
from kyojo.help.support.evidence import Position
from kyojo.help.support.tests.cast import END, KITA, MIDORI, check_in, visit_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


def fallen(cast, uid):
    """A report about the visit, written and not handed in yet."""
    services.accident_start(visit_uid=uid, by=cast.supporter)
    parts = (
        {"day": "2026-11-28", "hour": "10:30", "where": "庭", "what": "ころんだ"},
        {"hurt": "none"}, {"damaged": "no"}, {"phone": "0900"},
    )  # fmt: skip
    for number, answers in enumerate(parts, start=1):
        services.accident_write(visit_uid=uid, by=cast.supporter, part=number, answers=answers)


@pytest.fixture
def history(cast):
    """An alarm that was closed, a worry, an accident that was settled, a roster."""
    with app.replace_connector(testing.InMemoryConnector()):
        uid = visit_make(cast)
        check_in(cast, uid)
        with clock.frozen(END), tenant(MIDORI):
            row = services.emergency_raise(
                uid=new_id(), visit_uid=uid, by=cast.supporter, position=Position(34.86, 138.3, 9)
            )
            worry = services.worry_tell(
                uid=new_id(), visit_uid=uid, by=cast.supporter, signs=["low"], words="元気がない",
                ground="consent",
            )  # fmt: skip
            fallen(cast, uid)
            accident = services.accident_report(visit_uid=uid, by=cast.supporter)
            services.roster_taken(
                kind="members", first=date(2026, 11, 1), last=date(2026, 11, 30), form="csv",
                headings=["会員番号", "氏名"],
                rows=[[cast.supporter.number, "春風 けん"], [cast.second.number, "朝露 じゅん"]],
                by=cast.officer,
            )  # fmt: skip
            stops = forgetting.person_stops(cast.supporter)
            assert len(stops) == 2, stops
            services.emergency_close(
                uid=row.uid, outcome="safe", words="春風さんに電話した", by=cast.officer
            )
            services.accident_settled(uid=accident.uid, words="", by=cast.officer)
            services.worry_close(uid=worry.uid, words="訪問した", by=cast.officer)
        assert forgetting.person_stops(cast.supporter) == []
        yield


def test_one_s_own_data_and_then_nothing(cast, history):
    found = {one.code: one.plain() for one in own_data.person_data(cast.supporter)}
    assert found["worries"][0]["words"] == "元気がない"
    assert found["accidents"][0]["what"] == "ころんだ" and len(found["emergencies"]) == 1
    for _ in range(2):
        with clock.frozen(END):
            forgetting.person_forget(person=cast.supporter)
    assert [one.rows for one in own_data.person_data(cast.supporter)] == [(), (), ()]
    with tenant(MIDORI):
        emergency, worry = Emergency.objects.get(), Worry.objects.get()
        assert emergency.by_uid == worry.reporter_uid != cast.supporter.uid
        assert emergency.position_sealed is None and emergency.outcome == "safe"
        assert not EmergencyNote.objects.exclude(words_sealed=None).exists()
        said = services.content_of(worry)
        assert said["words"] == "元気がない" and said["reporter"] == {}
        assert Accident.objects.get().content_sealed is None
        _, lines = services.roster_copy_lines(uid=RosterCopy.objects.get().uid, by=cast.officer)
    assert lines[1:] == [["（退会した人）", ""], [cast.second.number, "朝露 じゅん"]]


def test_whom_a_worry_was_about_is_forgotten_with_what_was_said(cast, history):
    with clock.frozen(END):
        forgetting.person_forget(person=cast.mother)
    with tenant(MIDORI):
        worry = Worry.objects.get()
        assert worry.content_sealed is None and worry.about_uid != cast.mother.uid
        assert services.content_of(worry)["words"] == ""
        assert worry.reporter_uid == cast.supporter.uid


def test_what_is_over_is_erased_in_time(cast, history):
    with clock.frozen(END + timedelta(days=300)), tenant(MIDORI):
        counts = retention.purge_due()
        assert counts.pop("emergency_positions") == 1
        assert set(counts.values()) == {0}
    with clock.frozen(END + timedelta(days=6 * 365)), tenant(MIDORI):
        counts = retention.purge_due()
        assert (counts["emergencies"], counts["worries"], counts["accidents"]) == (1, 1, 1)
        assert counts["rosters"] == 1
        assert set(retention.purge_due().values()) == {0}
        assert Worry.objects.get().content_sealed is None
    assert set(counts) == set(retention.KEPT)
    with tenant(KITA):
        assert set(retention.purge_due().values()) == {0}


def test_reports_of_accidents_that_nobody_settles_end_too(cast):
    def left(years, days):
        with clock.frozen(END + timedelta(days=365 * years + days)), tenant(MIDORI):
            assert retention.purge_due()["accidents"] == 0
            return {row.by_role: row.content_sealed is not None for row in Accident.objects.all()}

    uid = visit_make(cast)
    check_in(cast, uid)
    with clock.frozen(END):
        with tenant(MIDORI):
            fallen(cast, uid)
            services.accident_report(visit_uid=uid, by=cast.supporter)
        with tenant(KITA):
            services.accident_start(visit_uid=uid, by=cast.carer)
    assert left(0, 364) == {"supporter": True, "carer": True}
    assert left(1, 0) == left(20, 4) == {"supporter": True}
    with tenant(MIDORI):
        assert [row.state for row in selectors.accidents_waiting()] == ["reported"]
    assert left(20, 5) == left(25, 0) == {"supporter": False}
    with tenant(MIDORI):
        kept = Accident.objects.get()
        assert (kept.state, kept.by_uid, kept.number[:2]) == ("settled", None, "J-")
        assert selectors.accidents_waiting() == []


@pytest.fixture
def unclosed(cast):
    """An alarm and a worry that somebody took and nobody closed: (emergency, worry, last entry)."""
    with app.replace_connector(testing.InMemoryConnector()):
        uid = visit_make(cast)
        check_in(cast, uid)
        with clock.frozen(END), tenant(MIDORI):
            row = services.emergency_raise(
                uid=new_id(), visit_uid=uid, by=cast.supporter, position=Position(34.86, 138.3, 9)
            )
            services.emergency_acknowledge(uid=row.uid, by=cast.officer)
            worry = services.worry_tell(
                uid=new_id(), visit_uid=uid, by=cast.supporter, signs=["low"], words="元気がない",
                ground="consent",
            )  # fmt: skip
        last = END + timedelta(days=40)
        with clock.frozen(last), tenant(MIDORI):
            services.emergency_note(uid=row.uid, words="家族に電話した", by=cast.officer)
            services.worry_answer(uid=worry.uid, words="うかがいました", by=cast.officer)
        yield row.uid, worry.uid, last


def purged(at):
    with clock.frozen(at), tenant(MIDORI):
        counts = retention.purge_due()
        return counts["emergencies_unclosed"], counts["worries_unclosed"]


def test_what_nobody_closes_is_told_and_then_goes_as_long_after_its_last_entry(cast, unclosed):
    emergency_uid, worry_uid, last = unclosed
    day, weeks = timedelta(days=1), timedelta(weeks=6)
    for years, going, uid in (
        (3, selectors.emergencies_going, emergency_uid),
        (5, selectors.worries_going, worry_uid),
    ):
        over = last + timedelta(days=365 * years)
        for at, said in (
            (over - weeks - day, {}),
            (over - weeks, {uid: clock.local(over).date()}),
            (over - day, {uid: clock.local(over).date()}),
        ):
            assert purged(at) == (0, 0)
            with clock.frozen(at), tenant(MIDORI):
                assert going() == said
        assert purged(over) == ((1, 0) if years == 3 else (0, 1))
        assert purged(over + day) == (0, 0)
        with clock.frozen(over + day), tenant(MIDORI):
            assert going() == {}
    with tenant(MIDORI):
        row, worry = Emergency.objects.get(), Worry.objects.get()
        assert (row.state, row.outcome, row.by_uid, row.due_at) == (
            "closed",
            "unclosed",
            None,
            None,
        )
        assert row.position_sealed is None and row.acknowledged_by == cast.officer
        assert not EmergencyNote.objects.exclude(words_sealed=None).exists()
        assert (worry.state, worry.reporter_uid, worry.content_sealed) == ("closed", None, None)
        assert worry.answer_sealed is None


def test_who_writes_in_it_keeps_it(cast, unclosed):
    emergency_uid, worry_uid, last = unclosed
    late = last + timedelta(days=365 * 3 - 1)
    with clock.frozen(late), tenant(MIDORI):
        services.emergency_note(uid=emergency_uid, words="もう一度", by=cast.officer)
        assert selectors.emergencies_going() == {}
    assert purged(late + timedelta(days=2)) == (0, 0)
    with clock.frozen(last + timedelta(days=365 * 5)), tenant(MIDORI):
        assert list(selectors.worries_going()) == [worry_uid]
        services.worry_close(uid=worry_uid, words="終えた", by=cast.officer)
        assert selectors.worries_going() == {}
    assert purged(late + timedelta(days=365 * 3)) == (1, 0), (
        "and closed worries have their own time"
    )
