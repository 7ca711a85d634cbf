"""Cards and buttons: enrolled once, read at their place, never twice; a press that came late."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import Error, transaction

from kyojo.civic.municipalities.sealing import unseal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import nfc, services
from kyojo.help.support.errors import (
    CodeWrong,
    TagElsewhere,
    TagEnded,
    TagHardwareTaken,
    TagHardwareWrong,
    TagLabelMissing,
    TagPlaceMissing,
    TagReplayed,
    TagUnknown,
    TimeOver,
)
from kyojo.help.support.models import Evidence, Tag, TagSignal, Visit
from kyojo.help.support.nfc import Touch
from kyojo.help.support.services import Signal, TagRead
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

from .cast import (
    AT_HOUSE,
    COINS,
    END,
    FAR_AWAY,
    KITA,
    MIDORI,
    START,
    WEEK_BEFORE,
    as_door,
    check_in,
    check_out,
    purses,
    spoken_code,
    state_of,
    visit_make,
)

pytestmark = pytest.mark.django_db
CHIP = "04de5f1eacc040"
DEV_EUI = "70b3d57ed0001234"


def enrol(cast, kind="qr_card", **more):
    given = {"uid": new_id(), "label": "玄関", "by": cast.officer} | more
    given.setdefault("recipient_uid", cast.mother.uid)
    with clock.frozen(WEEK_BEFORE), tenant(MIDORI):
        return services.tag_enrol(kind=kind, **given)


def read(code):
    with tenant(MIDORI):
        return services.card_read(code=code)


def touch(tag, counter, key):
    p, m = nfc.address_values(Touch(bytes.fromhex(CHIP), counter), key=bytes.fromhex(key))
    with tenant(MIDORI):
        return services.chip_read(tag_uid=tag.uid, p=p, m=m)


def kinds(uid):
    with tenant(MIDORI):
        return list(
            Evidence.objects.filter(visit_uid=uid).values_list("kind", "moment", "in_window")
        )


def visit_of(uid):
    with tenant(MIDORI):
        return Visit.objects.get(uid=uid)


# --- enrolled -------------------------------------------------------------------------------------
def test_a_code_is_told_once_and_only_its_hash_stays(cast):
    uid = new_id()
    made, again = enrol(cast, uid=uid), enrol(cast, uid=uid)
    assert len(made.code.replace("-", "")) == 16 and made.key == ""
    assert again == services.Enrolled(made.tag)
    with tenant(MIDORI):
        assert made.code not in str(list(Tag.objects.values()))
    for typed in (made.code, made.code.lower(), made.code.replace("-", " "), f" {made.code} "):
        assert read(typed) == TagRead(uid)


def test_a_key_is_sealed(cast):
    made = enrol(cast, "button", hardware_id="70:B3:D5:7E:D0:00:12:34")
    with tenant(MIDORI):
        row = Tag.objects.get(uid=made.tag.uid)
    assert row.hardware_id == DEV_EUI and unseal(row.key_sealed) == made.key
    assert bytes.fromhex(made.key) not in bytes(row.key_sealed)


@pytest.mark.parametrize(
    ("kind", "change", "refusal"),
    [
        ("qr_card", {"label": "  "}, TagLabelMissing),
        ("qr_card", {"label": "長" * 41}, TagLabelMissing),
        ("qr_card", {"recipient_uid": None}, TagPlaceMissing),
        ("nfc_card", {"hardware_id": "04de"}, TagHardwareWrong),
        ("button", {"hardware_id": ""}, TagHardwareWrong),
        ("button", {"hardware_id": "z" * 16}, TagHardwareWrong),
    ],
)
def test_what_cannot_be_enrolled(cast, kind, change, refusal):
    with pytest.raises(refusal):
        enrol(cast, kind, **change)
    with tenant(MIDORI):
        assert not Tag.objects.exists()


def test_hardware_is_at_one_place_at_a_time(cast):
    made = enrol(cast, "button", hardware_id=DEV_EUI)
    with pytest.raises(TagHardwareTaken):
        enrol(cast, "button", hardware_id=DEV_EUI.upper())
    with tenant(MIDORI):
        for _ in range(2):
            services.tag_end(uid=made.tag.uid, by=cast.officer)
    enrol(cast, "button", hardware_id=DEV_EUI)


def test_only_the_desk_of_the_place_enrols_and_ends(cast):
    made = enrol(cast)
    for town, who in ((MIDORI, cast.kita_officer), (KITA, cast.kita_officer)):
        with tenant(town), pytest.raises(NotFound):
            services.tag_end(uid=made.tag.uid, by=who)
    with pytest.raises(NotFound):
        enrol(cast, by=cast.kita_officer)
    with tenant(KITA), pytest.raises(TagUnknown):
        services.card_read(code=made.code)


# --- read at the place ----------------------------------------------------------------------------
def test_a_card_and_the_spoken_code_settle_without_a_position(cast):
    card, uid = read(enrol(cast).code), visit_make(cast)
    check_in(cast, uid, tag=card, code=spoken_code(uid))
    check_out(cast, uid, tag=card, code=spoken_code(uid))
    assert set(kinds(uid)) == {
        (kind, moment, True) for kind in ("qr_card", "spoken_code") for moment in ("start", "end")
    }
    assert (visit_of(uid).decision, visit_of(uid).evidence_score) == ("settle", 92)


def test_a_card_alone_asks_the_carer(cast):
    card, uid = read(enrol(cast).code), visit_make(cast)
    check_in(cast, uid, tag=card)
    check_out(cast, uid, tag=card)
    assert (visit_of(uid).decision, visit_of(uid).evidence_score) == ("ask", 60)


def test_a_photographed_card_far_away_is_the_offices(cast):
    card, uid = read(enrol(cast).code), visit_make(cast)
    check_in(cast, uid, tag=card, position=FAR_AWAY)
    check_out(cast, uid)
    assert visit_of(uid).decision == "office"


def test_a_card_of_another_place_begins_nothing(cast):
    card, uid = read(enrol(cast, recipient_uid=None, place_uid=new_id()).code), visit_make(cast)
    with pytest.raises(TagElsewhere):
        check_in(cast, uid, tag=card)
    assert state_of(uid) == "scheduled" and kinds(uid) == []


def test_a_card_is_found_by_the_place_too(cast):
    card = read(enrol(cast, recipient_uid=None, place_uid=cast.place.uid).code)
    uid = visit_make(cast)
    check_in(cast, uid, tag=card)
    assert kinds(uid) == [("qr_card", "start", True)]


def test_a_wrong_code_beside_a_card_begins_nothing(cast):
    card, uid = read(enrol(cast).code), visit_make(cast)
    wrong = f"{(int(spoken_code(uid)) + 1) % 10_000:04}"
    with pytest.raises(CodeWrong):
        check_in(cast, uid, tag=card, code=wrong)
    assert state_of(uid) == "scheduled" and kinds(uid) == []


def test_an_ended_card_is_worth_nothing_even_when_it_was_read_before(cast):
    made = enrol(cast)
    card, uid = read(made.code), visit_make(cast)
    with tenant(MIDORI):
        services.tag_end(uid=made.tag.uid, by=cast.officer)
    with pytest.raises(TagEnded):
        check_in(cast, uid, tag=card)
    with pytest.raises(TagEnded):
        read(made.code)
    assert state_of(uid) == "scheduled"


def test_a_chip_counts_up_and_an_old_address_is_refused(cast):
    made, uid = enrol(cast, "nfc_card", hardware_id=CHIP), visit_make(cast)
    first = touch(made.tag, 7, made.key)
    check_in(cast, uid, tag=first)
    with pytest.raises(TagReplayed):
        touch(made.tag, 7, made.key)
    with pytest.raises(TagReplayed):
        check_out(cast, uid, tag=first)
    assert state_of(uid) == "started"
    check_out(cast, uid, tag=touch(made.tag, 8, made.key))
    assert (visit_of(uid).decision, visit_of(uid).evidence_score) == ("settle", 85)


def test_a_chip_with_another_key_or_number_is_unknown(cast):
    made = enrol(cast, "nfc_card", hardware_id=CHIP)
    other = enrol(cast, "nfc_card", hardware_id="04de5f1eacc041")
    with pytest.raises(TagUnknown):
        touch(made.tag, 1, other.key)
    with pytest.raises(TagUnknown):
        touch(other.tag, 1, other.key)  # its key, but the number of another chip
    with tenant(MIDORI), pytest.raises(TagUnknown):
        services.chip_read(tag_uid=new_id(), p="00" * 16, m="00" * 8)


# --- buttons --------------------------------------------------------------------------------------
def press(at, counter, *, nonce=None, hardware=DEV_EUI, **more):
    signal = Signal(nonce or new_id(), counter, at, **more)
    return as_door(MIDORI, lambda: _heard(at, hardware, signal))


def _heard(at, hardware, signal):
    with clock.frozen(at + timedelta(seconds=20)):
        return services.button_heard(hardware_id=hardware, signal=signal)


def test_a_visit_of_two_people_without_a_phone(cast):
    enrol(cast, "button", hardware_id=DEV_EUI)
    uid = visit_make(cast)
    assert press(START, 1) == "started"
    assert press(START + timedelta(minutes=2), 2) == "again"
    assert press(END, 3) == "ended"
    visit = visit_of(uid)
    assert (visit.started_at, visit.ended_at, visit.decision) == (START, END, "settle")
    assert purses(cast) == (COINS - 40, 40, 0)


def test_a_press_beside_the_phone_is_one_more_proof(cast):
    enrol(cast, "button", hardware_id=DEV_EUI)
    uid = visit_make(cast)
    check_in(cast, uid, position=AT_HOUSE)
    assert press(START + timedelta(minutes=3), 1) == "proof"
    check_out(cast, uid, position=AT_HOUSE)
    assert ("button", "start", True) in kinds(uid)
    assert press(END + timedelta(minutes=1), 2) == "no_visit"


def test_replayed_late_unknown_and_idle_signals_are_kept_and_do_nothing(cast):
    made = enrol(cast, "button", hardware_id=DEV_EUI)
    uid, nonce = visit_make(cast), new_id()
    assert press(START, 5, nonce=nonce, battery_percent=130) == "started"
    assert press(START, 5, nonce=nonce) == "started"  # the network sent it twice
    assert press(END, 5) == "tag_replayed"
    assert press(END, 4) == "tag_replayed"
    assert press(START, 9, hardware="70b3d57ed0009999") == "unknown"
    assert press(END, 6, pressed=False, battery_percent=15) == "alive"
    late = Signal(new_id(), 7, START)
    with clock.frozen(START + timedelta(hours=2, minutes=1)), tenant(MIDORI):
        assert services.button_heard(hardware_id=DEV_EUI, signal=late) == "too_late"
    assert press(END + timedelta(days=1), 8) == "no_visit"
    assert state_of(uid) == "started"
    with tenant(MIDORI):
        tag = Tag.objects.get(uid=made.tag.uid)
        assert (tag.counter, tag.battery_percent) == (8, 15)
        outcomes = sorted(TagSignal.objects.values_list("outcome", flat=True))
    assert outcomes == sorted(
        ["started", "tag_replayed", "tag_replayed", "unknown", "alive", "too_late", "no_visit"]
    )


def test_nobody_comes_by_a_button_before_the_house_has_said_yes(cast):
    enrol(cast, "button", hardware_id=DEV_EUI)
    uid = visit_make(cast, with_yes=False)
    assert press(START, 1) == "consent_missing"
    assert state_of(uid) == "scheduled"


def test_what_tags_said_cannot_be_changed(cast):
    enrol(cast, "button", hardware_id=DEV_EUI)
    press(START, 1)
    with tenant(MIDORI):
        for change in (
            lambda: TagSignal.objects.update(outcome="started"),
            lambda: TagSignal.objects.all().delete(),
        ):
            with pytest.raises(Error, match="append-only"), transaction.atomic():
                change()


# --- without network ------------------------------------------------------------------------------
def kept(at):
    return {"device_at": at, "was_kept": True}


def test_what_a_phone_kept_counts_from_its_own_hour(cast):
    uid, later = visit_make(cast), END + timedelta(hours=5)
    check_in(cast, uid, at=later, position=AT_HOUSE, **kept(START))
    check_out(cast, uid, at=later, position=AT_HOUSE, **kept(END))
    visit = visit_of(uid)
    assert (visit.started_at, visit.ended_at) == (START, END)
    assert (visit.decision, visit.evidence_score) == ("settle", 72)
    with tenant(MIDORI):
        rows = list(Evidence.objects.filter(visit_uid=uid).values_list("device_at", "server_at"))
    assert rows == [(START, later), (END, later)]
    assert any("電波" in reason["text"] for reason in visit.decision_reasons)
    # the carer has the whole time from when it could be heard
    assert visit.confirm_until >= later + timedelta(hours=48)


@pytest.mark.parametrize(
    ("said", "arrives"),
    [
        (START, END + timedelta(hours=21)),  # too long ago to be believed
        (START - timedelta(hours=1), END + timedelta(hours=5)),  # before the window
        (END + timedelta(hours=6), END + timedelta(hours=5)),  # of the future
    ],
)
def test_what_cannot_have_been_kept_is_too_late(cast, said, arrives):
    uid = visit_make(cast)
    with pytest.raises(TimeOver):
        check_in(cast, uid, at=arrives, position=AT_HOUSE, **kept(said))
    assert state_of(uid) == "scheduled" and kinds(uid) == []


def test_a_phone_with_network_cannot_choose_its_hour(cast):
    uid = visit_make(cast)
    now = START + timedelta(minutes=40)
    check_in(cast, uid, at=now, position=AT_HOUSE, device_at=START)
    assert visit_of(uid).started_at == now


def test_the_same_kept_press_twice_is_one(cast):
    uid, nonce, later = visit_make(cast), UUID(int=7), END + timedelta(hours=1)
    for _ in range(2):
        check_in(cast, uid, at=later, position=AT_HOUSE, nonce=nonce, **kept(START))
    assert kinds(uid) == [("position", "start", True)]
