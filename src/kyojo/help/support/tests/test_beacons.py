"""Beacons: a supporter without a phone is heard coming, being there, and gone; and what is not
believed."""

from datetime import timedelta

import pytest
from django.db import Error, transaction

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import selectors, services
from kyojo.help.support.domain import left_unsaid
from kyojo.help.support.errors import (
    BeaconCarrierUnfit,
    SecondAdultMissing,
    TagHardwareTaken,
    TagHardwareWrong,
)
from kyojo.help.support.forgetting import person_forget
from kyojo.help.support.models import (
    Evidence,
    RefusedStep,
    Tag,
    TagSignal,
    TagTally,
    Visit,
    VisitStep,
)
from kyojo.help.support.own_data import person_data
from kyojo.help.support.retention import purge_due
from kyojo.help.support.services import Signal
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .cast import (
    AT_HOUSE,
    END,
    KITA,
    MIDORI,
    START,
    WEEK_BEFORE,
    answer,
    as_door,
    ask_directly,
    check_in,
    check_out,
    request_make,
    state_of,
    supporter_make,
    visit_make,
)

pytestmark = pytest.mark.django_db
READER = "a81758fffe0b1c2d"
BEACON = "ac233fa00001"
ANOTHER = "ac233fa00002"


def minutes(number):
    return timedelta(minutes=number)


def beacon_of(person, number=BEACON, *, town=MIDORI, by=None):
    with clock.frozen(WEEK_BEFORE), tenant(town):
        return services.tag_enrol(
            uid=new_id(),
            kind="beacon",
            label="カギのビーコン",
            by=by,
            carrier_uid=person.uid,
            hardware_id=number,
        ).tag


@pytest.fixture
def house(cast):
    """The mother's house with a reader, and the first supporter's beacon."""
    with tenant(MIDORI):
        services.tag_enrol(
            uid=new_id(),
            kind="reader",
            label="居間の受信機",
            by=cast.officer,
            recipient_uid=cast.mother.uid,
            hardware_id=READER,
        )
    cast.extra["beacon"] = beacon_of(cast.supporter, by=cast.officer)
    cast.extra["counter"] = 0
    return cast


def hear(house, at, *numbers, arrives=None, nonce=None, counter=None):
    """What the reader's report at ``at`` leads to; the beacon of the supporter, if no others."""
    house.extra["counter"] += 1
    signal = Signal(
        nonce or new_id(),
        counter if counter is not None else house.extra["counter"],
        at,
        pressed=False,
        beacons=numbers or (BEACON,),
    )

    def heard():
        with clock.frozen(arrives or at + timedelta(seconds=20)):
            return services.button_heard(hardware_id=READER, signal=signal)

    return as_door(MIDORI, heard)


def job(at):
    with clock.frozen(at):
        return services.beacons_end_due()


def quiet(house, at):
    """The reader hears nothing of theirs at ``at``, and says so."""
    return hear(house, at, "ac233fa0ffff")


def marks(uid):
    with tenant(MIDORI):
        rows = Evidence.objects.filter(visit_uid=uid).order_by("id")
        return list(rows.values_list("kind", "moment", "device_at", "in_window"))


def visit_of(uid):
    with tenant(MIDORI):
        return Visit.objects.get(uid=uid)


# --- a visit --------------------------------------------------------------------------------------
def test_somebody_comes_stays_and_is_gone(house):
    uid = visit_make(house)
    assert hear(house, START - minutes(16)) == "no_visit"
    assert hear(house, START - minutes(5)) == "started"
    for number in range(0, 118, 2):
        assert hear(house, START + minutes(number)) == "present"
    assert (job(END), job(END + minutes(15))) == (0, 0)  # heard at 11:56
    assert quiet(house, END + minutes(15)) == quiet(house, END + minutes(16)) == "beacon_unknown"
    assert state_of(uid) == "started"
    assert (job(END + minutes(16)), job(END + minutes(17))) == (1, 0)
    visit, gone = visit_of(uid), END - minutes(4)
    assert (visit.started_at, visit.ended_at) == (START - minutes(5), gone)
    assert marks(uid) == [("beacon", "start", None, True), ("beacon", "end", gone, True)]
    # it says that a number was heard there, not who carried it: the carer is asked
    assert (visit.decision, visit.evidence_score) == ("ask", 60)
    said = [reason["text"] for reason in visit.decision_reasons]
    assert "終わり：だれも伝えていません。ビーコンがさいごに聞こえた時刻です" in said
    assert hear(house, END + minutes(18)) == "no_visit"
    with tenant(MIDORI):
        assert VisitStep.objects.get(visit_uid=uid, after="ended").reason == "beacon_silent"
        assert Tag.objects.get(kind="beacon").seen_at == gone + timedelta(seconds=20)
        # a report a minute does not fill the book
        assert TagSignal.objects.filter(outcome="present").count() == 20
        assert TagTally.objects.get(outcome="present").count == 59
    with tenant(KITA):
        notice = house.carer.notices.get(kind="visit_ended")
    assert "11時56分に、来た人のビーコンがお宅でさいごに聞こえました" in notice.body


def test_a_beacon_beside_a_phone_or_a_press_is_one_more_proof(house):
    uid = visit_make(house)
    check_in(house, uid, position=AT_HOUSE)
    assert hear(house, START + minutes(3)) == "proof"
    assert hear(house, START + minutes(5)) == "present"
    assert hear(house, END - minutes(10)) == "present"
    check_out(house, uid, position=AT_HOUSE)
    visit = visit_of(uid)
    assert (visit.ended_at, visit.decision, visit.evidence_score) == (END, "settle", 92)
    assert [(kind, moment) for kind, moment, *_ in marks(uid)] == [
        ("position", "start"), ("beacon", "start"), ("beacon", "end"), ("position", "end")
    ]  # fmt: skip


def test_a_beacon_that_fell_silent_long_before_the_end_shows_no_end(house):
    uid = visit_make(house)
    hear(house, START)
    hear(house, END - minutes(21))
    check_out(house, uid)
    assert [(kind, moment) for kind, moment, *_ in marks(uid)] == [
        ("beacon", "start"), ("beacon", "during"), ("position", "end")
    ]  # fmt: skip


def test_who_stays_after_hours_is_still_there(house):
    uid = visit_make(house)
    hear(house, START)
    for number in range(10, 160, 10):  # until 12:30, a quarter of an hour after the window
        assert hear(house, START + minutes(number)) == "present"
    last = START + minutes(150)
    for number in (10, 20):
        quiet(house, last + minutes(number))
    assert (job(last + minutes(19)), job(last + minutes(20))) == (0, 1)
    visit = visit_of(uid)
    assert (visit.ended_at, visit.decision, visit.evidence_score) == (last, "ask", 35)


def test_midnight_is_no_end(house):
    """Who is still heard after the day of the visit is still there, and then gone."""
    evening = clock.at(START.date(), 19)
    uid = visit_make(house, starts_at=evening)  # until 21:00
    assert hear(house, evening) == "started"
    for number in range(15, 315, 15):
        assert hear(house, evening + minutes(number)) == "present"
    last = clock.at(START.date() + timedelta(days=1), 0, 15)
    assert hear(house, last) == "present"
    assert job(last + minutes(10)) == 0 and state_of(uid) == "started"
    for number in (10, 20):
        quiet(house, last + minutes(number))
    assert job(last + minutes(20)) == 1
    assert visit_of(uid).ended_at == last
    assert hear(house, last + minutes(25)) == "no_visit"


def test_a_reader_without_current_says_nothing_of_who_is_there(house):
    """Neither while it is silent nor when it speaks again: it did not hear whether they stayed."""
    uid = visit_make(house)
    for number in range(0, 110, 10):
        hear(house, START + minutes(number))
    assert job(END + timedelta(hours=1)) == 0
    for number in range(60, 100, 10):
        assert quiet(house, END + minutes(number)) == "beacon_unknown"
        assert job(END + minutes(number + 1)) == 0
    assert state_of(uid) == "started"
    with tenant(MIDORI):
        reader = Tag.objects.get(kind="reader")
        assert reader.speaks_since == END + minutes(60)
        services.button_joined(hardware_id=READER)
    quiet(house, END + minutes(100))
    with tenant(MIDORI):
        assert Tag.objects.get(kind="reader").speaks_since == END + minutes(100)


def test_whoever_leaves_the_first_of_two_visits_has_not_come_to_the_second(house):
    first = visit_make(house)
    starts = END + minutes(30)
    second = visit_make(house, starts_at=starts)
    hear(house, START)
    hear(house, END - minutes(5))
    check_out(house, first, at=END + minutes(12))
    assert hear(house, END + minutes(16)) == "no_visit"
    assert hear(house, starts - minutes(1)) == "no_visit"
    assert (state_of(second), marks(second)) == ("scheduled", [])
    assert hear(house, starts) == "started"
    assert visit_of(second).started_at == starts


def test_whoever_comes_back_for_the_second_visit_begins_it_as_ever(house):
    first = visit_make(house)
    starts = END + minutes(30)
    second = visit_make(house, starts_at=starts)
    hear(house, START)
    check_out(house, first, at=END)
    assert hear(house, END + minutes(20)) == "started"
    assert state_of(second) == "started"


def test_the_newest_message_is_answered_as_before_though_it_is_kept_no_more(house):
    uid = visit_make(house)
    hear(house, START)
    for number in range(1, 25):
        hear(house, START + minutes(number))
    nonce = new_id()
    assert hear(house, START + minutes(30), nonce=nonce, counter=99) == "present"
    for _ in range(3):
        assert hear(house, START + minutes(30), nonce=nonce, counter=99) == "present"
    assert hear(house, START + minutes(30), counter=99) == "tag_replayed"
    with tenant(MIDORI):
        assert not TagSignal.objects.filter(nonce=nonce).exists()
        assert TagTally.objects.get(outcome="present").count == 25
        assert TagTally.objects.get(outcome="tag_replayed").count == 1
    assert state_of(uid) == "started"


def test_signals_go_after_their_time(house):
    visit_make(house)
    hear(house, START)
    hear(house, START + minutes(2))
    quiet(house, START + minutes(4))

    def left(after):
        with clock.frozen(START + minutes(5) + after), tenant(MIDORI):
            gone = purge_due()["tag_signals"]
            return gone, list(TagSignal.objects.values_list("outcome", flat=True))

    assert left(timedelta(days=89)) == (0, ["started", "present", "beacon_unknown"])
    assert left(timedelta(days=90)) == (2, ["started"])
    assert left(timedelta(days=364)) == (0, ["started"])
    with tenant(MIDORI), pytest.raises(Error, match="append-only"), transaction.atomic():
        TagSignal.objects.all().delete()
    assert left(timedelta(days=365)) == (1, [])


def test_who_is_first_heard_after_hours_was_not_there_all_along(house):
    uid = visit_make(house)
    check_in(house, uid, position=AT_HOUSE)
    assert hear(house, END + minutes(16)) == "no_visit"
    assert job(END + timedelta(hours=2)) == 0
    assert state_of(uid) == "started"
    assert [kind for kind, *_ in marks(uid)] == ["position"]


def test_a_phones_word_is_not_lowered_by_a_beacon_after_hours(house):
    uid = visit_make(house)
    hear(house, START)
    for number in range(10, 140, 10):
        hear(house, START + minutes(number))
    kept = {"device_at": END + minutes(10), "was_kept": True}
    check_out(house, uid, at=END + minutes(12), position=AT_HOUSE, **kept)
    assert visit_of(uid).evidence_score == 60


def test_a_visit_later_that_day_is_not_taken_for_the_morning_one(house):
    first = visit_make(house)
    second = visit_make(house, starts_at=START + timedelta(hours=4))
    hear(house, START)
    hear(house, START + minutes(20))  # then silence: too short to end by itself
    assert job(END + timedelta(hours=1)) == 0
    assert hear(house, START + timedelta(hours=4)) == "started"
    assert (state_of(first), state_of(second)) == ("started", "started")
    assert visit_of(first).started_at == START


SHOP = {"started_at": START, "booked": END - START, "closes": END + minutes(15)}


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        (100, 135, True),
        (100, 134, False),  # they may come back, or somebody presses, until the window closes
        (120, 139, False),
        (120, 140, True),
        (61, 200, True),
        (60, 200, False),  # half of it: whoever asks after late visits asks
    ],
)
def test_when_silence_ends_a_visit(last, now, expected):
    found = left_unsaid(last_heard=START + minutes(last), now=START + minutes(now), **SHOP)
    assert found is expected


# --- what is not believed -------------------------------------------------------------------------
def test_somebody_elses_or_an_unknown_beacon_begins_nothing(house):
    uid = visit_make(house)
    beacon_of(house.second, ANOTHER, by=house.officer)
    assert hear(house, START, ANOTHER) == "beacon_not_theirs"
    assert hear(house, START, "ac233fa0ffff", "0" * 32) == "beacon_unknown"
    # of a visit that is looked for elsewhere nothing is kept of who came by
    with tenant(MIDORI):
        assert Tag.objects.get(hardware_id=ANOTHER).seen_at is None
        services.tag_end(uid=house.extra["beacon"].uid, by=house.officer)
    assert hear(house, START) == "beacon_ended"
    assert state_of(uid) == "scheduled" and marks(uid) == []
    with tenant(MIDORI):
        kept = set(TagSignal.objects.values_list("outcome", "visit_uid"))
    assert kept == {
        (code, None) for code in ("beacon_not_theirs", "beacon_unknown", "beacon_ended")
    }


def test_a_beacon_of_another_town_is_unknown(house):
    uid = visit_make(house)
    other = supporter_make("夕凪", "あおい", "ユウナギ", "アオイ", town=KITA)
    beacon_of(other, ANOTHER, town=KITA, by=house.kita_officer)
    assert hear(house, START, ANOTHER) == "beacon_unknown"
    assert state_of(uid) == "scheduled"


def test_what_was_said_before_or_comes_too_late_begins_nothing(house):
    uid, nonce = visit_make(house), new_id()
    assert hear(house, START, arrives=START + timedelta(hours=2, minutes=1)) == "too_late"
    assert hear(house, START, counter=0) == "tag_replayed"
    assert state_of(uid) == "scheduled"
    assert hear(house, START, nonce=nonce) == "started"
    assert hear(house, START, nonce=nonce) == "started"  # delivered twice: one
    assert len(marks(uid)) == 1
    with tenant(MIDORI):
        assert TagSignal.objects.filter(outcome="started").count() == 1


def test_the_house_is_asked_first_and_one_refusal_is_kept(house):
    uid = visit_make(house, with_yes=False)
    for number in range(5):
        assert hear(house, START + minutes(number)) == "consent_missing"
    assert state_of(uid) == "scheduled" and marks(uid) == []
    with tenant(MIDORI):
        refused = RefusedStep.objects.filter(visit_uid=uid, step="beacon")
        assert list(refused.values_list("code", flat=True)) == ["consent_missing"]
        services.consent_give(visit_uid=uid, by=house.mother)
    assert hear(house, START + minutes(6)) == "started"


def test_what_stops_a_press_stops_a_beacon(house, monkeypatch):
    def alone(case, rules):
        raise SecondAdultMissing()

    monkeypatch.setattr("kyojo.help.support.services.day.ready_or_refuse", alone)
    uid = visit_make(house)
    assert hear(house, START) == "second_adult_missing"
    assert state_of(uid) == "scheduled" and marks(uid) == []


def test_two_people_at_one_place_are_told_apart(house):
    first = visit_make(house)
    request = request_make(house, starts_at=START)
    second = answer(ask_directly(house, request, house.second), house.second)
    with tenant(MIDORI):
        services.consent_give(visit_uid=second.uid, by=house.mother)
    beacon_of(house.second, ANOTHER, by=house.officer)
    assert hear(house, START, ANOTHER) == "started"
    assert (state_of(first), state_of(second.uid)) == ("scheduled", "started")
    assert hear(house, START + minutes(2), BEACON, ANOTHER, BEACON) == "started"
    assert state_of(first) == "started"
    assert len(marks(first)) == 1 and len(marks(second.uid)) == 2


# --- at the desk ----------------------------------------------------------------------------------
def test_who_may_carry_one_and_what_its_number_looks_like(house):
    with pytest.raises(BeaconCarrierUnfit):
        beacon_of(house.mother, ANOTHER, by=house.officer)  # no supporter
    kita = supporter_make("夕凪", "あおい", "ユウナギ", "アオイ", town=KITA)
    with pytest.raises(BeaconCarrierUnfit):
        beacon_of(kita, ANOTHER, by=house.officer)
    with pytest.raises(TagHardwareWrong):
        beacon_of(house.second, "ac233fa0", by=house.officer)
    with pytest.raises(TagHardwareTaken):
        beacon_of(house.second, "AC:23:3F:A0:00:01", by=house.officer)
    long = "FDA50693-A4E2-4FB1-AFCF-C6EB07647825 0001 00ff"
    assert beacon_of(house.second, long, by=house.officer).hardware_id == (
        "fda50693a4e24fb1afcfc6eb07647825000100ff"
    )
    with tenant(MIDORI):
        assert [tag.key_sealed for tag in Tag.objects.filter(kind="beacon")] == [None, None]


def test_a_reader_is_watched_as_a_button_is(house):
    with clock.frozen(START + timedelta(days=4)), tenant(MIDORI):
        assert [tag.label for tag in selectors.buttons_troubled()] == ["居間の受信機"]


def test_a_flood_is_counted_and_a_true_report_still_counts(house):
    uid = visit_make(house)
    for _ in range(60):
        assert hear(house, START, counter=-1) == "tag_replayed"
    assert hear(house, START) == "started"
    assert state_of(uid) == "started"
    with clock.frozen(START + timedelta(hours=1)), tenant(MIDORI):
        assert TagSignal.objects.filter(outcome="tag_replayed").count() == 20
        assert TagTally.objects.get(outcome="tag_replayed").count == 60
        [refused] = selectors.signals_refused()
        assert (refused.tag.label, refused.outcome, refused.count) == (
            "居間の受信機", "tag_replayed", 60
        )  # fmt: skip
    with clock.frozen(START + timedelta(days=7)), tenant(MIDORI):
        assert selectors.signals_refused() == []
        assert purge_due()["tag_tallies"] == 0
    with clock.frozen(START + timedelta(days=90)), tenant(MIDORI):
        assert purge_due()["tag_tallies"] == 2
        assert purge_due()["tag_tallies"] == 0


# --- their own ------------------------------------------------------------------------------------
def test_whoever_carries_one_can_read_it_and_be_forgotten(house):
    uid = visit_make(house)
    hear(house, START)
    rows = {one.code: one for one in person_data(house.supporter)}["tags"].rows
    assert [(row[0], row[2]) for row in rows] == [("ビーコン", BEACON)]
    mothers = {one.code: one for one in person_data(house.mother)}["tags"].rows
    assert [(row[0], row[2]) for row in mothers] == [("受信機", "")]
    for _ in range(2):
        person_forget(person=house.supporter)
    with tenant(MIDORI):
        tag = Tag.objects.get(kind="beacon")
        assert (tag.label, tag.hardware_id, tag.ended_at is None) == ("", "", False)
        assert tag.carrier_uid != house.supporter.uid
    assert hear(house, START + minutes(2)) == "beacon_unknown"
    assert state_of(uid) == "started"
