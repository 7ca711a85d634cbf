"""An emergency goes from one to the next until somebody takes it, each step once."""

from datetime import time, timedelta

import pytest
from procrastinate import testing
from procrastinate.contrib.django import app

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice
from kyojo.civic.people.services import staff_role_add, staff_role_end, user_create
from kyojo.help.safety import retention, selectors, services, tasks
from kyojo.help.safety.errors import (
    DutyDaysMissing,
    DutyPhoneMissing,
    DutyStaffUnknown,
    EmergencyNotNow,
    EmergencyOver,
    OutcomeMissing,
)
from kyojo.help.safety.models import Alert, Emergency, EmergencyNote, OnCall
from kyojo.help.safety.services import emergencies, lates
from kyojo.help.support.evidence import Position
from kyojo.help.support.selectors import visit_for
from kyojo.help.support.tests.cast import END, KITA, MIDORI, START, check_in, visit_make
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
EVERY_DAY = range(7)
DURING = START + timedelta(minutes=30)


@pytest.fixture
def staff(cast):
    """On call by day: first, second; a third who has the nights."""
    with tenant(MIDORI):
        found = []
        for number, (start, end) in enumerate(
            ((time(8), time(18)), (time(8), time(18)), (time(18), time(8))), start=1
        ):
            user = user_create(email=f"call{number}@example.jp", municipality_id=MIDORI)
            staff_role_add(
                user=user, number=f"S-{user.pk}", role="coordinator", title="当番",
                name=f"当番 {'一二三'[number - 1]}郎", name_kana="トウバン ロウ",
            )  # fmt: skip
            services.duty_save(
                uid=new_id(), user_id=user.pk, phone="090-0000-000" + str(number),
                days=EVERY_DAY, start=start, end=end, by=cast.officer,
            )  # fmt: skip
            found.append(user)
    return found


@pytest.fixture
def jobs(monkeypatch):
    """What would be deferred, by name: (seconds to wait, arguments)."""
    connector = testing.InMemoryConnector()
    with app.replace_connector(connector):
        yield connector


def press(cast, uid, *, at=DURING, by=None, press_id=None, **more):
    with clock.frozen(at), tenant((by or cast.supporter).municipality_id):
        return services.emergency_raise(
            uid=press_id or new_id(), visit_uid=uid, by=by or cast.supporter, **more
        )


def step(row, number, at):
    with clock.frozen(at), tenant(MIDORI):
        return services.emergency_step(uid=row.uid, step=number)


def alarmed(row):
    """Who was alarmed at which step, as [(step, [mail, …]), …]."""
    with tenant(MIDORI):
        rows = Alert.objects.filter(subject_uid=row.uid).order_by("step", "user__email")
        found = {}
        for one in rows.select_related("user"):
            found.setdefault(one.step, []).append(one.user.email)
    return found


def started(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    return uid


def test_it_moves_on_every_two_minutes_and_then_to_everybody(cast, staff, jobs):
    uid = started(cast)
    row = press(cast, uid)
    assert alarmed(row) == {0: ["call1@example.jp"]}
    with tenant(KITA):
        told = Notice.objects.get(person=cast.carer, kind="emergency_raised")
    assert "助けを求めました" in told.title

    two = timedelta(minutes=2)
    assert not step(row, 1, DURING + two - timedelta(seconds=30)), "before its time"
    assert step(row, 1, DURING + two)
    assert not step(row, 1, DURING + two), "the same job twice"
    assert not step(row, 5, DURING + two), "a job of no turn"
    assert alarmed(row)[1] == ["call2@example.jp"], "who is not on call by day is left out"
    assert step(row, 2, DURING + 2 * two)
    everybody = alarmed(row)[2]
    assert {"call1@example.jp", "call3@example.jp", cast.officer.email} <= set(everybody)
    assert not step(row, 3, DURING + 3 * two), "everybody is alarmed again after five minutes"
    assert step(row, 3, DURING + 2 * two + timedelta(minutes=5))
    assert alarmed(row)[3] == everybody

    with clock.frozen(DURING + timedelta(minutes=10)), tenant(MIDORI):
        services.emergency_acknowledge(uid=row.uid, by=staff[1])
        services.emergency_acknowledge(uid=row.uid, by=staff[0])
        assert services.emergencies_step_due() == 0
    assert not step(row, 4, DURING + timedelta(minutes=30))
    with tenant(MIDORI):
        seen = selectors.pressed_by(cast.supporter, visit_for(cast.supporter, uid))
        kinds = [note["kind"] for note in selectors.notes_of(Emergency.objects.get())]
        assert Act.objects.filter(action="emergency_taken").count() == 1
    assert (seen.state, seen.taken_by) == ("acknowledged", "当番・当番 二郎")
    assert kinds == ["raised"] + ["alarmed"] * 4 + ["acknowledged"]
    waits = [
        job["scheduled_at"] is not None
        for job in jobs.jobs.values()
        if job["task_name"] == "safety.emergency_step"
    ]
    assert waits == [True] * 4


def test_the_round_finds_what_no_job_came_to(cast, staff, jobs):
    row = press(cast, started(cast))
    jobs.reset()
    with clock.frozen(DURING + timedelta(minutes=2, seconds=1)):
        tasks.look_due()
        tasks.look_due()
    assert alarmed(row) == {0: ["call1@example.jp"], 1: ["call2@example.jp"]}


def test_with_no_list_the_whole_desk_is_alarmed_and_at_night_who_has_it(cast, staff, jobs):
    uid = started(cast)
    night = START + timedelta(hours=11)
    row = press(cast, uid, at=night)
    assert alarmed(row) == {0: ["call3@example.jp"]}
    with tenant(MIDORI):
        OnCall.objects.all().delete()
    with clock.frozen(night), tenant(MIDORI):
        services.emergency_close(uid=row.uid, outcome="safe", words="", by=cast.officer)
    assert cast.officer.email in alarmed(press(cast, uid, at=night))[0]


def test_pressing_twice_is_one_and_each_of_a_visit_has_their_own(cast, staff, jobs):
    uid, press_id = started(cast), new_id()
    row = press(cast, uid, press_id=press_id)
    assert press(cast, uid, press_id=press_id).pk == row.pk
    assert press(cast, uid).pk == row.pk, "again, while the first is open"
    theirs = press(cast, uid, by=cast.mother)
    assert theirs.pk != row.pk
    with clock.frozen(DURING), tenant(KITA):
        assert selectors.pressed_by(cast.carer, visit_for(cast.carer, uid)) is None
        kinds = Notice.objects.filter(person=cast.carer, kind="emergency_raised")
        assert kinds.count() == 1, "what the house presses, nobody of the visit is told"
    with tenant(MIDORI):
        assert EmergencyNote.objects.filter(emergency=row, kind="again").count() == 1
    with pytest.raises(NotFound):
        press(cast, uid, by=cast.stranger)
    with pytest.raises(NotFound):
        press(cast, uid, by=cast.second)
    with tenant(MIDORI):
        assert Emergency.objects.count() == 2


def test_who_says_it_was_a_mistake_is_called_back_before_anything_stops(cast, staff, jobs):
    """Somebody may stand beside them and have them say so."""
    uid = started(cast)
    row = press(cast, uid)
    with clock.frozen(DURING), tenant(MIDORI):
        services.emergency_withdraw(visit_uid=uid, by=cast.mother)  # nothing of hers
        assert Emergency.objects.get().state == "raised"
        services.emergency_withdraw(visit_uid=uid, by=cast.supporter)
        services.emergency_withdraw(visit_uid=uid, by=cast.supporter)
    with tenant(MIDORI):
        assert (Emergency.objects.get().state, Emergency.objects.get().step) == ("withdrawn", 1)
        kinds = [note["kind"] for note in selectors.notes_of(row)]
        assert kinds == ["raised", "alarmed", "withdrawn"], "said twice is said once"
    assert step(row, 1, DURING + timedelta(minutes=2)), "the next hears of it all the same"
    with clock.frozen(DURING + timedelta(minutes=4)), tenant(MIDORI):
        assert services.emergencies_step_due() == 1, "also where its job did not come"
    assert list(alarmed(row)) == [0, 1, 2]
    with clock.frozen(DURING + timedelta(minutes=9)), tenant(MIDORI):
        services.emergency_acknowledge(uid=row.uid, by=staff[1])
        assert services.emergencies_step_due() == 0
        taken = Emergency.objects.get()
        assert (taken.state, taken.acknowledged_by, taken.due_at) == ("withdrawn", staff[1], None)
    assert not step(row, 3, DURING + timedelta(minutes=30))
    with clock.frozen(DURING), tenant(MIDORI):
        assert [one.uid for one in selectors.emergencies_waiting()] == [row.uid]
        with pytest.raises(OutcomeMissing):
            services.emergency_close(uid=row.uid, outcome="", words="", by=cast.officer)
        for _ in range(2):
            services.emergency_close(
                uid=row.uid, outcome="false_alarm", words="電話で確かめました", by=cast.officer
            )
        with pytest.raises(EmergencyOver):
            Emergency.objects.filter(uid=row.uid).update(acknowledged_at=None)
            services.emergency_acknowledge(uid=row.uid, by=cast.officer)
        told = Notice.objects.get(person=cast.supporter, kind="emergency_closed")
        assert "気にしないで" in told.body
        assert selectors.emergencies_waiting() == []
    assert press(cast, uid).uid != row.uid, "and it may be pressed again"


def test_the_place_comes_after_the_press_is_sealed_and_erased(cast, staff, jobs):
    uid = started(cast)
    row = press(cast, uid)
    with clock.frozen(DURING), tenant(MIDORI):
        services.emergency_position(
            visit_uid=uid, by=cast.supporter, position=Position(34.86, 138.32, 12)
        )
        services.emergency_position(
            visit_uid=uid, by=cast.supporter, position=Position(float("nan"), 138.32, 12)
        )
        row.refresh_from_db()
        assert selectors.position_of(row) == (34.86, 138.32, 12)
        assert b"138.32" not in bytes(row.position_sealed)
        assert retention.purge_due()["emergency_positions"] == 0
    with clock.frozen(DURING + timedelta(days=31)), tenant(MIDORI):
        assert retention.purge_due()["emergency_positions"] == 1
        assert selectors.position_of(Emergency.objects.get()) is None


def test_out_of_the_visit_s_time_there_are_numbers_to_call(cast, staff, jobs):
    uid = visit_make(cast)
    for at in (START - timedelta(days=2), START + timedelta(days=3)):
        with pytest.raises(EmergencyNotNow):
            press(cast, uid, at=at)
    with tenant(MIDORI):
        assert not Emergency.objects.exists()


def test_the_desk_of_another_town_has_no_part_in_it(cast, staff, jobs):
    row = press(cast, started(cast))
    for act in (
        lambda: services.emergency_acknowledge(uid=row.uid, by=cast.kita_officer),
        lambda: services.emergency_close(
            uid=row.uid, outcome="safe", words="", by=cast.kita_officer
        ),
    ):
        for town in (KITA, MIDORI):
            with pytest.raises(NotFound), tenant(town):
                act()
    with tenant(MIDORI):
        assert Emergency.objects.get().state == "raised"


def test_the_list_is_kept_in_order(cast, staff):
    with tenant(MIDORI):
        first, second, third = OnCall.objects.all()
        services.duty_move(uid=third.uid, up=True, by=cast.officer)
        services.duty_move(uid=first.uid, up=True, by=cast.officer)
        assert [one.uid for one in OnCall.objects.all()] == [first.uid, third.uid, second.uid]
        services.duty_remove(uid=first.uid, by=cast.officer)
        services.duty_remove(uid=first.uid, by=cast.officer)
        good = {
            "uid": new_id(), "user_id": staff[0].pk, "phone": "0900000000", "days": [0],
            "start": time(9), "end": time(9), "by": cast.officer,
        }  # fmt: skip
        good["phone"] = "09000000000"
        for wrong, refusal in (
            ({"days": []}, DutyDaysMissing),
            ({"days": [9]}, DutyDaysMissing),
            ({"phone": "abc"}, DutyPhoneMissing),
            ({"user_id": cast.kita_officer.pk}, DutyStaffUnknown),
            ({"by": cast.kita_officer}, NotFound),
        ):
            with pytest.raises(refusal):
                services.duty_save(**good | wrong)
        assert OnCall.objects.count() == 2
        services.duty_save(**good)
        services.duty_save(**good)
        assert OnCall.objects.count() == 3


def test_who_left_the_desk_is_not_alarmed_and_not_on_call(cast, staff, jobs):
    first, second, _ = staff
    with tenant(MIDORI):
        staff_role_end(user=first, role="coordinator")
        rows = OnCall.objects.filter(pk__in=selectors.on_call_now(clock.local(DURING)))
        assert [row.user for row in rows] == [second]
    row = press(cast, started(cast))
    assert alarmed(row)[0] == [second.email]
    everybody = {email for step in alarmed(row).values() for email in step}
    for number in (1, 2, 3):
        step(row, number, DURING + timedelta(minutes=5 * number))
        everybody |= {email for step in alarmed(row).values() for email in step}
    assert cast.officer.email in everybody and first.email not in everybody
    with tenant(MIDORI):
        assert services.staff_left(user=first) == 1
        assert services.staff_left(user=first) == 0
        staff_role_add(
            user=first, role="office", title="係", name="当番 一郎", name_kana="トウバン"
        )
        assert first not in [row.user for row in OnCall.objects.all()], "nobody asked them back"


def at_the_desk(person):
    with tenant(MIDORI):
        staff_role_add(
            user=person.user,
            number=f"S-{person.user.pk}", role="coordinator", title="センター", name="当番 四郎",
            name_kana="トウバン シロウ",
        )  # fmt: skip
    return person.user


def test_staff_who_are_in_the_visit_neither_hear_of_it_nor_take_it(cast, staff, jobs):
    helper = at_the_desk(cast.supporter)
    with tenant(MIDORI):
        OnCall.objects.all().delete()
        services.duty_save(
            uid=new_id(), user_id=helper.pk, phone="09000000009", days=EVERY_DAY,
            start=time(0), end=time(0), by=cast.officer,
        )  # fmt: skip
    row = press(cast, started(cast), by=cast.mother)
    everybody = alarmed(row)[0]
    assert cast.officer.email in everybody and helper.email not in everybody
    with clock.frozen(DURING), tenant(MIDORI):
        assert selectors.emergencies_waiting(helper) == []
        assert selectors.emergencies_waiting(cast.officer) == [row]
        for act in (
            lambda: selectors.emergency_for(helper, row.uid),
            lambda: services.emergency_acknowledge(uid=row.uid, by=helper),
            lambda: services.emergency_note(uid=row.uid, words="無事です", by=helper),
            lambda: services.emergency_close(
                uid=row.uid, outcome="false_alarm", words="", by=helper
            ),
        ):
            with pytest.raises(NotFound):
                act()
    assert step(row, 1, DURING + timedelta(minutes=5)), "it goes on"


def test_one_that_fails_keeps_no_other_waiting(cast, staff, jobs, monkeypatch, caplog):
    uid = started(cast)
    broken, sound = press(cast, uid), press(cast, uid, by=cast.mother)
    alarm = emergencies._alarm_locked

    def breaks(row):
        if row.uid == broken.uid:
            raise RuntimeError("春風さんの家")
        alarm(row)

    monkeypatch.setattr(emergencies, "_alarm_locked", breaks)
    monkeypatch.setattr(lates, "_look", lambda *_: 1 / 0)
    with clock.frozen(END + timedelta(hours=1)):
        tasks.look_due()
    assert list(alarmed(broken)) == [0]
    assert list(alarmed(sound)) == [0, 1]
    assert "RuntimeError" in caplog.text and "春風" not in caplog.text
    assert "ZeroDivisionError" in caplog.text
