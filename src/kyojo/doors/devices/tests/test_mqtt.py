"""Buttons over MQTT against a real broker with TLS: what counts, what does not, and what happens
when the broker goes away."""

import asyncio
import json
import queue
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiomqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import OperationalError

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.doors.devices import mqtt
from kyojo.help.support import selectors, services
from kyojo.help.support.models import Evidence, Tag, TagSignal
from kyojo.help.support.signed import Said, signature
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
from kyojo.kernel.ids import new_id

from .air import SECONDS, Air, message

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]
DEVICE = "a81758fffe0b1c2d"


class InTest(Executor):
    """Runs the work where the test's transaction is: in its own thread, when it pumps."""

    def __init__(self) -> None:
        self.waiting: queue.Queue[tuple[Future[Any], Callable[[], Any]]] = queue.Queue()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.put((future, lambda: fn(*args, **kwargs)))
        return future

    def pump(self, until: Callable[[], bool]) -> None:
        for _ in range(SECONDS * 20):
            if until():
                return
            try:
                future, work = self.waiting.get(timeout=0.05)
            except queue.Empty:
                continue
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001 (the listener's to handle)
                future.set_exception(error)
        raise AssertionError("nothing came")


class Listening(Air):
    """The broker with the listener of this test."""

    def __init__(self, files: dict[str, str]) -> None:
        super().__init__(files)
        self.executor = InTest()
        self.connections = 0
        self.listening = asyncio.run_coroutine_threadsafe(self.listen(), self.loop)
        self.executor.pump(lambda: self.connections == 1)

    async def listen(self) -> None:
        self.task = asyncio.current_task()

        def ready() -> None:
            self.connections += 1

        await mqtt.listen(
            self.broker, executor=self.executor, backoff_seconds=(0.05, 0.1), ready=ready
        )

    async def cancel(self) -> None:
        self.task.cancel()

    def says(
        self, payload: str, *, town: int = MIDORI, device: str = DEVICE, times: int = 1
    ) -> list[str]:
        """The outcomes that a message is answered with."""
        self.answers.clear()
        sent = asyncio.run_coroutine_threadsafe(
            self.send(f"kyojo/{town}/{device}/up", payload, times=times), self.loop
        )
        self.executor.pump(sent.done)
        sent.result()
        return [answer["outcome"] for answer in self.answers]

    def close(self) -> None:
        self.listening.cancel()
        super().close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> dict[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return {"cert": str(folder / "cert.pem"), "key": str(folder / "key.pem")}


@pytest.fixture
def air(certificate):
    made = Listening(certificate)
    yield made
    made.close()


@pytest.fixture
def town(standing):
    cast = standing
    with clock.frozen(WEEK_BEFORE):
        with tenant(MIDORI):
            enrolled = services.tag_enrol(
                uid=new_id(),
                kind="button",
                label="台所のボタン",
                by=cast.officer,
                recipient_uid=cast.mother.uid,
                hardware_id=DEVICE,
            )
        cast.extra["key"] = bytes.fromhex(enrolled.key)
        yield cast


def said(key: bytes, counter: int, event: str = "press", **more: Any) -> str:
    return message(key, MIDORI, DEVICE, counter, event, **more)


def outcomes() -> list[str]:
    with tenant(MIDORI):
        return list(TagSignal.objects.values_list("outcome", flat=True))


def test_a_press_begins_and_another_ends_whatever_comes_twice(air, town):
    uid, key = visit_make(town), town.extra["key"]
    first = said(key, 7, battery=64)
    with clock.frozen(START):
        assert air.says(first, times=3) == ["started"] * 3  # delivered again
        assert outcomes() == ["started"]
        assert air.says(said(key, 7)) == ["tag_replayed"]  # another under an old number
    with clock.frozen(START + timedelta(minutes=30)):
        assert air.says(first) == ["started"]  # recorded and sent again: the same
        assert state_of(uid) == "started"
    with clock.frozen(END):
        assert air.says(said(key, 8)) == ["ended"]
    assert state_of(uid) == "ended"
    with tenant(MIDORI):
        tag = Tag.objects.get()
        assert (tag.counter, tag.battery_percent, tag.seen_at) == (8, 64, END)
        moments = Evidence.objects.filter(kind="button").values_list("moment", flat=True)
        assert sorted(moments) == ["end", "start"]


def test_a_wrong_key_or_a_moved_message_changes_nothing_and_burns_nothing(air, town):
    uid, key = visit_make(town), town.extra["key"]
    with tenant(KITA):
        services.tag_enrol(
            uid=new_id(),
            kind="button",
            label="よその町のボタン",
            by=town.kita_officer,
            recipient_uid=town.carer.uid,
            hardware_id=DEVICE,
        )
    nonce = uuid4().hex
    true = said(key, 1, nonce=nonce)
    with clock.frozen(START):
        assert air.says(said(b"0" * 16, 1, nonce=nonce)) == ["key_wrong"]
        forged = json.loads(true) | {"counter": 5}
        assert air.says(json.dumps(forged)) == ["key_wrong"]
        assert air.says(true, town=KITA) == ["key_wrong"]
        assert air.says(true, device="0" * 16) == ["unknown"]
        with tenant(MIDORI):
            assert (Tag.objects.get().counter, state_of(uid)) == (-1, "scheduled")
        assert air.says(true) == ["started"]
    assert state_of(uid) == "started"
    with tenant(MIDORI):
        services.tag_end(uid=Tag.objects.get().uid, by=town.officer)
    with clock.frozen(END):
        assert air.says(said(key, 2)) == ["unknown"]
    assert state_of(uid) == "started"


def test_a_reader_hears_somebody_come_and_the_list_is_signed(air, town):
    uid, key = visit_make(town), town.extra["key"]
    theirs, other = "ac233fa00001", "AC233FA00002"
    with tenant(MIDORI):
        services.tag_enrol(
            uid=new_id(),
            kind="beacon",
            label="カギのビーコン",
            by=town.officer,
            carrier_uid=town.supporter.uid,
            hardware_id=theirs,
        )
    with clock.frozen(START):
        true = said(key, 1, "heard", beacons=(other,))
        for forged in ([theirs], [], [other, theirs], [other.lower()]):
            assert air.says(json.dumps(json.loads(true) | {"beacons": forged})) == ["key_wrong"]
        assert air.says(json.dumps(json.loads(true) | {"event": "press"})) == ["key_wrong"]
        assert air.says(true) == ["beacon_unknown"]
        assert state_of(uid) == "scheduled"
        heard = said(key, 2, "heard", beacons=(other, theirs), battery=70)
        assert air.says(heard, times=2) == ["started"] * 2
        assert air.says(said(key, 2, "heard", beacons=(theirs,))) == ["tag_replayed"]
        assert air.says(said(key, 3, "heard", beacons=())) == ["alive"]
    with clock.frozen(START + timedelta(minutes=105)):
        assert air.says(said(key, 4, "heard", beacons=(theirs,))) == ["present"]
    with clock.frozen(START + timedelta(minutes=125)):
        assert air.says(said(key, 5, "heard", beacons=())) == ["alive"]
    with clock.frozen(END + timedelta(minutes=15)):
        assert services.beacons_end_due() == 1
    assert state_of(uid) == "ended"
    with tenant(MIDORI):
        moments = Evidence.objects.filter(kind="beacon").values_list("moment", flat=True)
        assert sorted(moments) == ["end", "start"]


def test_the_line_that_is_signed():
    said = Said(
        *(MIDORI, DEVICE, 9, "heard", "", "", "0123456789abcdef" * 2),
        ("ac233fa00001", "ac233fa00002"),
    )
    assert signature(said, bytes(range(16))) == (
        "c330b0146e4e16f74f6d0893c4a06f2b28e8c8e5dc1d78480d22d41e903f3172"
    )


def test_a_flood_of_forged_messages_is_counted_and_a_true_one_still_counts(air, town):
    uid, key = visit_make(town), town.extra["key"]
    with clock.frozen(START):
        for _ in range(5):  # over the air, and then as fast as they can be taken
            assert air.says(said(b"0" * 16, 1)) == ["key_wrong"]
        for counter in range(295):
            forged = message(b"0" * 16, MIDORI, DEVICE, counter)
            answer = mqtt.taken(f"{MIDORI}/{DEVICE}/up", forged.encode())
            assert answer == {"counter": counter, "outcome": "key_wrong"}
        assert outcomes() == ["key_wrong"] * 20
        with tenant(MIDORI):
            assert [tag.label for tag in selectors.buttons_troubled()] == ["台所のボタン"]
            [refused] = selectors.signals_refused()
        assert (refused.outcome, refused.count) == ("key_wrong", 300)
        assert air.says(said(key, 1)) == ["started"]
    assert state_of(uid) == "started"
    with clock.frozen(START + timedelta(days=1)):
        assert air.says(said(b"0" * 16, 1)) == ["key_wrong"]  # a new day: kept again
    assert outcomes() == [*["key_wrong"] * 20, "started", "key_wrong"]


def test_what_cannot_be_read_is_passed_over(air, town):
    key = town.extra["key"]
    good = json.loads(said(key, 1))
    broken = [
        "", "{", "[]", '"press"', "\xff", "[" * 3000, "x" * 5000,
        *(json.dumps({k: v for k, v in good.items() if k != key_}) for key_ in good),
        *(json.dumps(good | wrong) for wrong in (
            {"counter": -1}, {"counter": "1"}, {"counter": True}, {"counter": 2**48},
            {"event": "explode"}, {"event": 1}, {"nonce": "zz"}, {"nonce": "a|b"},
            {"battery": 101}, {"battery": "full"}, {"at": "yesterday"}, {"sign": 5},
            {"sign": "ｆ" * 64}, {"at": "\ud800"}, {"event": "heard"},
            *({"event": "heard", "beacons": wrong} for wrong in (
                None, "ac233fa00001", [1], ["ac:23:3f:a0:00:01"], ["ac233fa0000"],
                ["ac233fa00001,ac233fa00002"], ["ac233fa00001"] * 101,
            )),
        )),
    ]  # fmt: skip
    for payload in broken:
        with pytest.raises(mqtt.Unreadable):
            mqtt.taken(f"{MIDORI}/{DEVICE}/up", payload.encode())
    for topic in (
        "up",
        f"{MIDORI}/up",
        f"x/{DEVICE}/up",
        f"1/{DEVICE}/up",
        f"{10**12}/{DEVICE}/up",
    ):
        with pytest.raises(mqtt.Unreadable):
            mqtt.taken(topic, said(key, 1).encode())
    for payload in broken[:4]:
        air.run(air.publish(f"kyojo/{MIDORI}/{DEVICE}/up", payload))
    assert air.says(said(key, 1, "alive")) == ["alive"]
    assert outcomes() == ["alive"]


def test_the_broker_goes_and_comes_back(air, town):
    key = town.extra["key"]
    assert air.says(said(key, 1, "alive")) == ["alive"]
    air.run(air.stop())
    air.run(air.start())
    air.executor.pump(lambda: air.connections == 2)
    assert air.says(said(key, 2, "alive")) == ["alive"]
    assert outcomes() == ["alive", "alive"]


@pytest.mark.parametrize("moment", ["the answer is out", "leave is not answered"])
def test_told_to_stop_it_stops_also_where_that_is_lost(air, town, monkeypatch, moment):
    publish, leave = aiomqtt.Client.publish, aiomqtt.Client.__aexit__
    gateway = air.broker.client_id

    async def publish_at_that_moment(client, *said, **more):
        await publish(client, *said, **more)
        if client.identifier == gateway:
            with suppress(asyncio.CancelledError):  # as asyncio.wait_for of Python 3.11 does
                asyncio.current_task().cancel()
                await asyncio.sleep(0)

    async def leave_unanswered(client, *left):
        await leave(client, *left)
        if client.identifier == gateway:
            raise aiomqtt.MqttError("Operation timed out")

    if moment == "the answer is out":
        monkeypatch.setattr(aiomqtt.Client, "publish", publish_at_that_moment)
        assert air.says(said(town.extra["key"], 1, "alive")) == ["alive"]
    else:
        monkeypatch.setattr(aiomqtt.Client, "__aexit__", leave_unanswered)
        air.run(air.stop())
        air.run(air.start())
        air.executor.pump(lambda: air.connections == 2)
        air.run(air.cancel())
    with pytest.raises(CancelledError):
        air.listening.result(SECONDS)


def test_a_message_waits_for_the_database_and_comes_once(air, town, monkeypatch):
    heard, tries = services.button_heard_signed, []

    def away_twice(**said):
        tries.append(1)
        if sum(tries) < 3:
            raise OperationalError("gone")
        return heard(**said)

    class Kept:
        def close(self) -> None:
            tries.append(0)

    monkeypatch.setattr(mqtt, "connection", Kept())
    monkeypatch.setattr(services, "button_heard_signed", away_twice)
    assert air.says(said(town.extra["key"], 1, "alive")) == ["alive"]
    assert (sum(tries), outcomes()) == (3, ["alive"])


def test_a_last_will_makes_a_button_silent_until_it_speaks_again(air, town):
    def troubled(after: timedelta) -> list[Tag]:
        with clock.frozen(START + after), tenant(MIDORI):
            return selectors.buttons_troubled()

    key = town.extra["key"]
    with clock.frozen(START):
        assert air.says(said(key, 1, "alive")) == ["alive"]
        air.run(air.publish(f"kyojo/{MIDORI}/{DEVICE}/status", "offline"))
        air.executor.pump(lambda: bool(is_offline()))
    assert troubled(timedelta(minutes=50)) == []
    assert len(troubled(timedelta(minutes=70))) == 1
    with clock.frozen(START + timedelta(minutes=80)):
        assert air.says(said(key, 2, "alive")) == ["alive"]
    assert troubled(timedelta(minutes=200)) == []


def is_offline() -> bool:
    with tenant(MIDORI):
        return Tag.objects.filter(offline_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"KYOJO_MQTT_URL": "mqtt://broker"}, ("broker", 1883, None, None, False, "kyojo")),
        (
            {"KYOJO_MQTT_URL": "mqtts://u%40x:p%2Fw@b.example:9", "KYOJO_MQTT_TOPIC": "town/"},
            ("b.example", 9, "u@x", "p/w", True, "town"),
        ),
        ({"KYOJO_MQTT_URL": "mqtts://b.example"}, ("b.example", 8883, None, None, True, "kyojo")),
        ({}, None),
        ({"KYOJO_MQTT_URL": "https://b.example"}, None),
        ({"KYOJO_MQTT_URL": "mqtt://b.example:99999999"}, None),
        ({"KYOJO_MQTT_URL": "mqtt://b", "KYOJO_MQTT_TOPIC": "a/+"}, None),
    ],
)
def test_the_brokers_address(environment, expected):
    if expected is None:
        with pytest.raises(mqtt.BrokerUnusable):
            mqtt.broker_of(environment)
        return
    found = mqtt.broker_of(environment)
    assert (
        found.host, found.port, found.user, found.password, found.is_secure, found.topic
    ) == expected  # fmt: skip
