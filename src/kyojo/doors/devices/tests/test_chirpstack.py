"""Events of a LoRaWAN network server: who may send them, what they do, what cannot be read."""

import base64
import copy
import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as some

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.doors.devices import chirpstack
from kyojo.help.support import services
from kyojo.help.support.models import Gateway, Tag, TagSignal, TagTally
from kyojo.help.support.services import signals
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    WEEK_BEFORE,
    state_of,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

DEV_EUI = "70b3d57ed0001234"
UP = {
    "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
    "time": "2026-11-28T01:00:00.775023242+00:00",
    "deviceInfo": {
        "tenantId": "52f14cd4-c6f1-4fbd-8f87-4025e1d49242",
        "applicationName": "みどり浜市 見守りボタン",
        "deviceName": "button-1",
        "devEui": DEV_EUI,
    },
    "devAddr": "00189440",
    "adr": True,
    "dr": 1,
    "fCnt": 4,
    "fPort": 1,
    "confirmed": False,
    "data": "AQ==",
    "object": {"button": True, "battery": 71.5},
    "rxInfo": [{"gatewayId": "0016c001f153a14c", "rssi": -36, "snr": 10.5}],
}


@pytest.fixture
def town(standing):
    cast = standing
    with clock.frozen(WEEK_BEFORE):
        with tenant(MIDORI):
            services.tag_enrol(
                uid=new_id(),
                kind="button",
                label="台所のボタン",
                by=cast.officer,
                recipient_uid=cast.mother.uid,
                hardware_id=DEV_EUI,
            )
            _, cast.extra["token"] = services.gateway_make(
                uid=new_id(), label="基地局", by=cast.officer
            )
        yield cast


def send(cast, said=None, *, at=START, event="up", token=None, town=MIDORI, **change):
    body = said if said is not None else {**UP, **change}
    with clock.frozen(at + timedelta(seconds=5)):
        return Client().post(
            f"/devices/{town}/chirpstack/?event={event}",
            body if isinstance(body, bytes | str) else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {cast.extra['token'] if token is None else token}"},
        )


def said(answer):
    return answer.status_code, answer.json()


@pytest.mark.django_db
def test_a_visit_by_two_presses(town):
    uid = visit_make(town)
    assert said(send(town)) == (200, {"outcome": "started"})
    assert said(send(town)) == (200, {"outcome": "started"})  # the server tried again
    ended = {"deduplicationId": str(UUID(int=2)), "fCnt": 5, "time": END.isoformat()}
    assert said(send(town, at=END, **ended)) == (200, {"outcome": "ended"})
    assert state_of(uid) == "ended"
    with tenant(MIDORI):
        assert Tag.objects.get().battery_percent == 72
        assert Gateway.objects.get().heard_at == END + timedelta(seconds=5)
        assert TagSignal.objects.count() == 2


@pytest.mark.django_db
def test_a_sign_of_life_and_other_events_begin_nothing(town):
    uid = visit_make(town)
    life = {"object": None, "data": base64.b64encode(b"\x00\x47").decode()}
    assert said(send(town, **life)) == (200, {"outcome": "alive"})
    assert said(send(town, event="status")) == (200, {"outcome": "left"})
    assert said(send(town, event="")) == (200, {"outcome": "left"})
    assert state_of(uid) == "scheduled"


@pytest.mark.django_db
def test_after_joining_anew_it_counts_from_the_beginning(town):
    visit_make(town)
    send(town, fCnt=900)
    new = {"deduplicationId": str(UUID(int=3)), "fCnt": 0}
    assert said(send(town, **new)) == (200, {"outcome": "tag_replayed"})
    assert said(send(town, event="join")) == (200, {"outcome": "joined"})
    new["deduplicationId"] = str(UUID(int=4))
    assert said(send(town, **new)) == (200, {"outcome": "again"})


HEARD = {"object": {"battery": 88, "beacons": [{"mac_address": "ac:23:3f:a0:00:01", "rssi": -61}]}}


@pytest.mark.django_db
def test_a_reader_over_lorawan_hears_somebody_come_and_go(town):
    uid = visit_make(town)
    with tenant(MIDORI):
        services.tag_enrol(
            uid=new_id(),
            kind="beacon",
            label="カギのビーコン",
            by=town.officer,
            carrier_uid=town.supporter.uid,
            hardware_id="AC233FA00001",
        )
    first = said(send(town, **HEARD))
    assert first == said(send(town, **HEARD)) == (200, {"outcome": "started"})  # a retry

    def report(counter, minutes, **change):
        again = HEARD | {"fCnt": counter, "deduplicationId": str(UUID(int=counter))} | change
        at = START + timedelta(minutes=minutes)
        return said(send(town, at=at, time=at.isoformat(), **again))[1]["outcome"]

    assert report(5, 100) == "present"
    assert report(6, 103, object={"beacons": []}) == "alive"
    assert report(7, 105, object={"beacons": ["ac233fa0ffff", 7, None, "?", {"rssi": 1}]}) == (
        "beacon_unknown"
    )
    assert report(8, 121, object={"beacons": []}) == "alive"
    with clock.frozen(END + timedelta(minutes=15)):
        assert services.beacons_end_due() == 1
    assert state_of(uid) == "ended"
    with tenant(MIDORI):
        assert Tag.objects.get(kind="button").battery_percent == 88


@pytest.mark.parametrize(
    ("beacon", "number"),
    [
        ("AC:23:3F:A0:00:01", "ac233fa00001"),
        ({"id": "ac233fa00001"}, "ac233fa00001"),
        ({"mac": "ac-23-3f-a0-00-01"}, "ac233fa00001"),
        ({"address": "AC233FA00001"}, "ac233fa00001"),
        (
            {"uuid": "FDA50693-A4E2-4FB1-AFCF-C6EB07647825", "major": 1, "minor": 255},
            "fda50693a4e24fb1afcfc6eb07647825000100ff",
        ),
    ],
)
def test_how_decoders_write_a_beacon(beacon, number):
    with clock.frozen(START):
        signal = chirpstack.signal_of({**UP, "object": {"beacons": [beacon]}})
    assert signal.beacons == (number,)


def test_of_many_senders_around_the_beacons_among_the_first_are_read():
    many = ["?", {"rssi": 1}, 7] * 100 + [f"ac233fa0{number:04x}" for number in range(120)] * 2
    with clock.frozen(START):
        signal = chirpstack.signal_of({**UP, "object": {"beacons": many}})
    assert signal.beacons == tuple(f"ac233fa0{number:04x}" for number in range(100))


@pytest.mark.django_db
def test_a_readers_heartbeat_is_no_press(town):
    uid = visit_make(town)
    with tenant(MIDORI):
        Tag.objects.update(kind="reader")
    assert said(send(town, object=None)) == (200, {"outcome": "alive"})
    assert state_of(uid) == "scheduled"


@pytest.mark.django_db
def test_the_same_of_a_device_that_is_not_enrolled_is_kept_once(town):
    signal = services.Signal(new_id(), 1, START)
    with clock.frozen(START), tenant(MIDORI):
        for _ in range(2):  # at the same moment: neither sees the other's
            assert signals._kept(None, signal, "unknown") == "unknown"
        assert TagSignal.objects.count() == 1


@pytest.mark.django_db
def test_a_gateway_cannot_fill_the_book(town):
    for number in range(50):
        change = {"deduplicationId": str(UUID(int=number)), "deviceInfo": {"devEui": "0" * 16}}
        assert said(send(town, **change)) == (200, {"outcome": "unknown"})
    with tenant(MIDORI):
        assert TagSignal.objects.count() == 20
        [tally] = TagTally.objects.all()
        assert (tally.tag, tally.outcome, tally.count) == (None, "unknown", 50)


@pytest.mark.django_db
def test_only_a_gateway_of_the_town_is_heard(town):
    uid = visit_make(town)
    for token in ("", "x", town.extra["token"] + "x"):
        assert said(send(town, token=token)) == (401, {"error": "token"})
    assert send(town, town=KITA).status_code == 401
    assert send(town, town=1).status_code == 401
    with tenant(MIDORI):
        services.gateway_end(uid=Gateway.objects.get().uid, by=town.officer)
    assert send(town).status_code == 401
    assert state_of(uid) == "scheduled"
    with tenant(MIDORI):
        assert not TagSignal.objects.exists()


@pytest.mark.django_db
def test_a_token_is_told_once_and_only_to_officers(town):
    uid = new_id()
    with tenant(MIDORI):
        _, token = services.gateway_make(uid=uid, label="二つめ", by=town.officer)
        assert len(token) > 40
        assert services.gateway_make(uid=uid, label="二つめ", by=town.officer)[1] == ""
        assert token not in str(list(Gateway.objects.values()))
        with pytest.raises(NotFound):
            services.gateway_make(uid=new_id(), label="よそ", by=town.kita_officer)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("broken", "key"),
    [
        ("{", "json"),
        ("[]", "json"),
        (b"\xff\xfe", "json"),
        ("[" * 100_000, "length"),
        ({**UP, "fCnt": -1}, "fCnt"),
        ({**UP, "fCnt": True}, "fCnt"),
        ({**UP, "fCnt": 2**32}, "fCnt"),
        ({**UP, "deduplicationId": "x"}, "deduplicationId"),
        ({**UP, "time": "きのう"}, "time"),
        ({**UP, "deviceInfo": []}, "deviceInfo.devEui"),
        ({**UP, "object": {}, "data": "!"}, "data"),
        ({**UP, "object": {"beacons": "ac233fa00001"}}, "object.beacons"),
        ({**UP, "time": "0001-01-01T00:00:00+14:00"}, "time"),
        ({**UP, "time": (START + timedelta(days=366)).isoformat()}, "time"),
        ({**UP, "time": (START - timedelta(days=366)).isoformat()}, "time"),
        ({**UP, "deviceInfo": {"devEui": f"{DEV_EUI}\0"}}, "deviceInfo.devEui"),
    ],
)
def test_what_cannot_be_read_is_named(town, broken, key):
    assert said(send(town, broken)) == (400, {"error": key})


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=10),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=5,
)


@given(some.sampled_from(sorted(UP)), JSON)
def test_any_value_anywhere_is_read_or_named(key, value):
    changed = copy.deepcopy(UP) | {key: value}
    try:
        with clock.frozen(START):
            signal = chirpstack.signal_of(changed)
    except chirpstack.Unreadable as error:
        assert error.args[0]
    else:
        assert signal.counter >= 0 and signal.at.tzinfo
