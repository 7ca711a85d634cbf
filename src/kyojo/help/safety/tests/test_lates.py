"""A visit that nobody ends: first the supporter is asked, then the office is told."""

from datetime import time, timedelta

import pytest
from procrastinate import testing
from procrastinate.contrib.django import app

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Notice, StaffRole
from kyojo.civic.people.services import staff_role_add, user_create
from kyojo.help.safety import selectors, services
from kyojo.help.safety.models import Alert, LateWatch
from kyojo.help.support import services as support
from kyojo.help.support.selectors import visit_for
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


@pytest.fixture(autouse=True)
def jobs():
    with app.replace_connector(testing.InMemoryConnector()) as replaced:
        yield replaced


def look(at, times=1):
    for _ in range(times):
        for town in (KITA, MIDORI):
            with clock.frozen(at), tenant(town):
                services.late_look()


def minutes(number):
    return timedelta(minutes=number)


def asked(cast):
    with tenant(MIDORI):
        return Notice.objects.filter(person=cast.supporter, kind="visit_late_asked").count()


def watch(**only):
    with tenant(MIDORI):
        return LateWatch.objects.get(**only)


def test_first_the_supporter_then_the_office_then_by_itself(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    look(END + minutes(29))
    assert asked(cast) == 0
    look(END + minutes(30), times=2)
    assert asked(cast) == 1
    with clock.frozen(END + minutes(31)), tenant(MIDORI):
        assert selectors.late_asked(visit_for(cast.supporter, uid)).kind == "end"
    look(END + minutes(44))
    assert watch().state == "asked"
    look(END + minutes(45), times=2)
    with tenant(MIDORI):
        assert Alert.objects.filter(kind="late").values("user").distinct().count() == 2
        assert Alert.objects.count() == 2, "nobody on a list: the whole desk, once"
        assert [visit.uid for _, visit in selectors.lates_open(at_office=True)] == [uid]
        services.late_take(pk=watch().pk, by=cast.officer)
    with pytest.raises(NotFound), tenant(KITA):
        services.late_take(pk=watch().pk, by=cast.kita_officer)
    with tenant(KITA):
        told = Notice.objects.get(person=cast.carer, kind="visit_late_office")
    assert "終わりの連絡" in told.title
    check_out(cast, uid, at=END + minutes(46))
    with tenant(MIDORI):
        assert selectors.lates_open() == [], "before the next round says so"
    look(END + minutes(47))
    assert (watch().state, watch().resolved_how) == ("resolved", "ended")
    assert asked(cast) == 1


def test_all_is_well_asks_again_only_later(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    look(END + minutes(30))
    with clock.frozen(END + minutes(35)), tenant(MIDORI):
        services.late_answer(visit_uid=uid, by=cast.supporter)
        services.late_answer(visit_uid=uid, by=cast.supporter)
        with pytest.raises(NotFound):
            services.late_answer(visit_uid=uid, by=cast.second)
        with pytest.raises(NotFound):
            services.late_answer(visit_uid=uid, by=cast.mother)
    look(END + minutes(64))
    assert (watch().state, asked(cast)) == ("fine", 1)
    look(END + minutes(65))
    assert (watch().state, watch().round, asked(cast)) == ("asked", 2, 2)
    look(END + minutes(80))
    assert watch().state == "office"
    with clock.frozen(END + minutes(81)), tenant(MIDORI):
        services.late_resolve(pk=watch().pk, by=cast.officer)
    look(END + minutes(120))
    assert (watch().resolved_how, asked(cast)) == ("office", 2)


def test_who_set_out_and_did_not_arrive(cast):
    uid = visit_make(cast)
    with clock.frozen(START - minutes(20)), tenant(MIDORI):
        support.visit_heading(visit_uid=uid, supporter=cast.supporter)
    with clock.frozen(START - minutes(5)), tenant(MIDORI):
        support.visit_late_tell(visit_uid=uid, supporter=cast.supporter, minutes=20)
    look(START + minutes(49))
    assert asked(cast) == 0, "what was announced is waited for"
    look(START + minutes(50))
    assert (asked(cast), watch().kind) == (1, "arrival")
    check_in(cast, uid, at=START + minutes(55))
    look(START + minutes(70))
    assert watch().resolved_how == "arrived"


def test_who_never_set_out_and_who_ended_are_not_asked(cast):
    uid = visit_make(cast)
    look(START + minutes(90))
    check_in(cast, uid)
    check_out(cast, uid)
    look(END + minutes(60))
    assert asked(cast) == 0
    with tenant(MIDORI):
        assert not LateWatch.objects.exists()


# --- the office -----------------------------------------------------------------------------------
@pytest.fixture
def staff(cast):
    """Two on call all day, in this order; the supporter works at the desk, too, and is the first of
    the list."""
    with tenant(MIDORI):
        others = [
            user_create(email=f"call{number}@example.jp", municipality_id=MIDORI)
            for number in (1, 2)
        ]
        found = [cast.supporter.user, *others]
        for user in found:
            staff_role_add(
                user=user, number=f"S-{user.pk}", role="coordinator", title="当番",
                name="当番 一郎", name_kana="トウバン イチロウ",
            )  # fmt: skip
            services.duty_save(
                uid=new_id(), user_id=user.pk, phone="09000000000", days=range(7),
                start=time(0), end=time(0), by=cast.officer,
            )  # fmt: skip
    return found


def told():
    """Step → the mails of those who were alarmed at it."""
    with tenant(MIDORI):
        rows = Alert.objects.filter(kind="late").select_related("user").order_by("step", "user_id")
        found = {}
        for one in rows:
            found.setdefault(one.step, []).append(one.user.email)
    return found


def at_the_office(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    look(END + minutes(30))
    look(END + minutes(45), times=2)
    return uid


def test_it_moves_on_every_ten_minutes_and_then_to_everybody(cast, staff):
    at_the_office(cast)
    assert told() == {0: ["call1@example.jp"]}, "not who is late themselves"
    look(END + minutes(54))
    assert list(told()) == [0], "before its time"
    look(END + minutes(55), times=2)
    assert told()[1] == ["call2@example.jp"]
    look(END + minutes(65), times=2)
    everybody = told()[2]
    assert {cast.officer.email, "call1@example.jp"} < set(everybody)
    assert cast.supporter.user.email not in everybody
    look(END + minutes(94))
    assert list(told()) == [0, 1, 2]
    look(END + minutes(95))
    assert told()[3] == everybody
    with tenant(MIDORI):
        assert selectors.late_alarmed([watch()]) == {watch().alert_uid: len(everybody)}
    with tenant(KITA):
        carers = Notice.objects.filter(person=cast.carer, kind="visit_late_office")
        assert carers.count() == 1
    look(END + minutes(45) + timedelta(hours=24))
    assert watch().due_at is None, "nobody is mailed for ever"


def test_who_takes_it_stops_it_and_who_is_in_the_visit_cannot(cast, staff):
    at_the_office(cast)
    own, first, second = staff
    with clock.frozen(END + minutes(50)), tenant(MIDORI):
        for act in (services.late_take, services.late_resolve):
            with pytest.raises(NotFound):
                act(pk=watch().pk, by=own)
        assert selectors.lates_open(own) == [] and len(selectors.lates_open(first)) == 1
        assert (watch().taken_at, watch().due_at) == (None, END + minutes(55))
        services.late_take(pk=watch().pk, by=first)
        services.late_take(pk=watch().pk, by=second)
    assert (watch().taken_by, watch().due_at) == (first, None)
    look(END + minutes(120), times=2)
    assert list(told()) == [0]


def test_what_somebody_took_who_then_left_goes_on_to_the_next(cast, staff):
    at_the_office(cast)
    _, first, _ = staff
    with clock.frozen(END + minutes(50)), tenant(MIDORI):
        services.late_take(pk=watch().pk, by=first)
        assert watch().due_at is None
        assert services.staff_left(user=first) == 2, "a line of the list, and this"
        assert (watch().taken_by, watch().taken_at, watch().due_at) == (None, None, clock.now())
    look(END + minutes(50))
    assert told()[1] == ["call2@example.jp"]


def test_the_end_stops_it(cast, staff):
    uid = at_the_office(cast)
    check_out(cast, uid, at=END + minutes(54))
    look(END + minutes(55))
    look(END + minutes(65))
    assert (watch().state, list(told())) == ("resolved", [0])


def test_an_answer_stops_it_and_the_next_silence_begins_with_the_first(cast, staff):
    uid = at_the_office(cast)
    with clock.frozen(END + minutes(50)), tenant(MIDORI):
        services.late_take(pk=watch().pk, by=staff[1])
        services.late_answer(visit_uid=uid, by=cast.supporter)
    look(END + minutes(55))
    assert (watch().state, watch().taken_at, list(told())) == ("fine", None, [0])
    look(END + minutes(80))
    look(END + minutes(95), times=2)
    assert watch().state == "office"
    assert told() == {0: ["call1@example.jp"], 1: ["call1@example.jp"]}


def test_who_called_once_is_not_thought_to_be_at_it_the_next_time(cast, staff):
    uid = at_the_office(cast)
    with clock.frozen(END + minutes(50)), tenant(MIDORI):
        services.late_answer(visit_uid=uid, by=cast.supporter)
        services.late_take(pk=watch().pk, by=staff[1])
    assert (watch().state, watch().taken_at) == ("fine", None)
    with tenant(MIDORI):  # as one was taken before only the office's could be
        LateWatch.objects.update(taken_at=END, taken_by=staff[1])
    look(END + minutes(80))
    with clock.frozen(END + minutes(85)), tenant(MIDORI):
        services.late_take(pk=watch().pk, by=staff[1])
    assert (watch().state, watch().taken_at, watch().taken_by) == ("asked", None, None)
    look(END + minutes(95))
    assert (watch().state, list(told())) == ("office", [0, 1])


def ended_by_silence(cast, uid):
    """A beacon at the house was heard until shortly before the end."""
    with tenant(MIDORI):
        for kind, number, at in (
            ("reader", "a" * 16, {"recipient_uid": cast.mother.uid}),
            ("beacon", "ac233fa00001", {"carrier_uid": cast.supporter.uid}),
        ):
            support.tag_enrol(
                uid=new_id(), kind=kind, label="居間", by=cast.officer, hardware_id=number, **at
            )
        for counter, numbers in enumerate((("ac233fa00001",), ("ac233fa00002",) * 2, ())):
            at = END - minutes(20 - 10 * counter)
            with clock.frozen(at):
                heard = support.Signal(new_id(), counter, at, pressed=False, beacons=numbers)
                support.button_heard(hardware_id="a" * 16, signal=heard)
    with clock.frozen(END + minutes(48)):
        assert support.beacons_end_due() == 1


def test_a_beacons_silence_takes_nothing_off_the_offices_hands(cast, staff):
    uid = at_the_office(cast)
    ended_by_silence(cast, uid)
    look(END + minutes(49))
    assert (watch().state, watch().due_at) == ("office", END + minutes(55))
    look(END + minutes(55), times=2)
    assert told()[1] == ["call2@example.jp"], "nobody has said that all is well"
    with clock.frozen(END + minutes(56)), tenant(MIDORI):
        assert [visit.uid for _, visit in selectors.lates_open(at_office=True)] == [uid]
        services.late_take(pk=watch().pk, by=staff[1])
    look(END + minutes(70))
    assert (watch().state, watch().taken_by, list(told())) == ("office", staff[1], [0, 1])
    with clock.frozen(END + minutes(75)), tenant(MIDORI):
        services.late_resolve(pk=watch().pk, by=staff[1])
        assert selectors.lates_open() == []
    assert watch().resolved_how == "office"


def test_a_beacons_silence_before_the_office_heard_ends_the_question(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    look(END + minutes(30))
    ended_by_silence(cast, uid)
    look(END + minutes(49))
    assert (watch().state, watch().resolved_how) == ("resolved", "ended")


def test_the_carers_word_is_a_persons(cast, staff):
    uid = at_the_office(cast)
    ended_by_silence(cast, uid)
    with clock.frozen(END + minutes(50)), tenant(KITA):
        support.visit_confirm(visit_uid=uid, carer=cast.carer)
    look(END + minutes(55))
    assert (watch().state, watch().resolved_how, list(told())) == ("resolved", "ended", [0])


def test_an_alarm_that_reaches_nobody_is_the_operators(cast, caplog):
    with tenant(MIDORI):
        StaffRole.objects.all().delete()
    at_the_office(cast)
    assert told() == {}
    [record] = [one for one in caplog.records if "reaches nobody" in one.message]
    assert record.levelname == "ERROR" and "of 0 at the desk" in record.message
    assert "春風" not in caplog.text
