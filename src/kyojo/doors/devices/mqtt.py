"""Buttons and readers over MQTT: every message signed by its device, taken in from a broker.

Topics are ``<topic>/<municipality>/<device>/up`` (what a device says), ``…/down`` (what came of it)
and ``…/status`` (``offline``, the last will of its connection). docs/reference/devices.md has the
format. Messages are taken one after the other, each in a thread of its own connection to the
database; while that is away, the message in hand waits. A broker that goes away is tried again.
"""

import asyncio
import json
import logging
import os
import ssl
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiomqtt
from django.db import InterfaceError, OperationalError, connection

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import services
from kyojo.help.support.services import BEACONS_MAX, Signal, beacon_like
from kyojo.help.support.signed import HEARD, Said
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id

log = logging.getLogger(__name__)

BYTES_MAX = 8 * 1024
BACKOFF_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
KEEPALIVE_SECONDS = 30
#: One device at a time waits for nobody longer than this many others.
QUEUE_MAX = 10_000
EVENTS = ("press", "alive", HEARD)


class Unreadable(ValueError):
    """No message of this kind. ``args[0]`` is the key that is missing or wrong."""


class BrokerUnusable(ValueError):
    """The address of the broker says nothing that can be connected to."""


@dataclass(frozen=True)
class Broker:
    """Where the messages come from. ``topic`` is the part in front of the municipality."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    is_secure: bool = False
    ca_file: str | None = None
    topic: str = "kyojo"
    client_id: str = "kyojo-gateway"


def broker_of(environment: "os._Environ[str] | dict[str, str]") -> Broker:
    """The broker of ``KYOJO_MQTT_URL`` (mqtt:// or mqtts://) and its neighbours. Raises
    ``BrokerUnusable``."""
    address = urlsplit(environment.get("KYOJO_MQTT_URL", ""))
    if address.scheme not in ("mqtt", "mqtts") or not address.hostname:
        raise BrokerUnusable("KYOJO_MQTT_URL must look like mqtts://user:password@host:8883")
    is_secure = address.scheme == "mqtts"
    try:
        port = address.port or (8883 if is_secure else 1883)
    except ValueError:
        raise BrokerUnusable("KYOJO_MQTT_URL names no port that exists") from None
    topic = environment.get("KYOJO_MQTT_TOPIC", "kyojo").strip("/")
    if not topic or "+" in topic or "#" in topic:
        raise BrokerUnusable("KYOJO_MQTT_TOPIC must be a plain topic, as kyojo/buttons")
    return Broker(
        host=address.hostname,
        port=port,
        user=unquote(address.username) if address.username else None,
        password=unquote(address.password) if address.password else None,
        is_secure=is_secure,
        ca_file=environment.get("KYOJO_MQTT_CA") or None,
        topic=topic,
        client_id=environment.get("KYOJO_MQTT_CLIENT") or "kyojo-gateway",
    )


# --- listening ------------------------------------------------------------------------------------
async def listen(
    broker: Broker,
    *,
    executor: Executor | None = None,
    backoff_seconds: tuple[float, ...] = BACKOFF_SECONDS,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Take in messages until cancelled. ``ready`` is called at each connection that stands.

    A session that outlives the connection (QoS 1) keeps what comes meanwhile with the broker.
    """
    own = ThreadPoolExecutor(1, "mqtt") if executor is None else None
    failures = 0
    try:
        while True:
            try:
                async with _client(broker) as client:
                    await client.subscribe(f"{broker.topic}/+/+/up", qos=1)
                    await client.subscribe(f"{broker.topic}/+/+/status", qos=1)
                    failures = 0
                    ready()
                    async for message in client.messages:
                        await _take(broker, client, message, executor or own, backoff_seconds)
                        _end_if_cancelled()
            except aiomqtt.MqttError as error:
                _end_if_cancelled()
                pause = backoff_seconds[min(failures, len(backoff_seconds) - 1)]
                failures += 1
                log.warning("mqtt: %s; again in %s s", type(error).__name__, pause)
                await asyncio.sleep(pause)
    finally:
        if own is not None:
            own.shutdown(wait=False, cancel_futures=True)


def _end_if_cancelled() -> None:
    """Go on with a cancellation that was lost on the way: a broker that does not take leave in time
    turns it into an ``MqttError``, and ``asyncio.wait_for`` of Python 3.11 drops one that comes
    together with the answer waited for."""
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


def _client(broker: Broker) -> aiomqtt.Client:
    tls = ssl.create_default_context(cafile=broker.ca_file) if broker.is_secure else None
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.user,
        password=broker.password,
        identifier=broker.client_id,
        clean_session=False,
        keepalive=KEEPALIVE_SECONDS,
        tls_context=tls,
        max_queued_incoming_messages=QUEUE_MAX,
    )


async def _take(
    broker: Broker,
    client: aiomqtt.Client,
    message: aiomqtt.Message,
    executor: Executor | None,
    backoff_seconds: tuple[float, ...],
) -> None:
    """Take one message in; what cannot be read is logged without its content and passed over."""
    topic = str(message.topic).removeprefix(f"{broker.topic}/")
    payload = bytes(message.payload) if isinstance(message.payload, bytes | bytearray) else b""
    loop, failures = asyncio.get_running_loop(), 0
    while True:
        try:
            outcome = await loop.run_in_executor(executor, partial(taken, topic, payload))
            break
        except Unreadable as error:
            log.warning("mqtt: a message without a usable %s was passed over", error.args[0])
            return
        except (OperationalError, InterfaceError) as error:
            pause = backoff_seconds[min(failures, len(backoff_seconds) - 1)]
            failures += 1
            log.error("mqtt: the database is away (%s); again in %s s", type(error).__name__, pause)
            await asyncio.sleep(pause)
        except Exception as error:  # noqa: BLE001 (one message must not stop the others)
            log.error("mqtt: a message could not be taken in: %s", type(error).__name__)
            return
    if outcome:
        answer = f"{broker.topic}/{topic.removesuffix('/up')}/down"
        await client.publish(answer, json.dumps(outcome), qos=1)


# --- one message ----------------------------------------------------------------------------------
def taken(topic: str, payload: bytes) -> dict[str, Any] | None:
    """What came of a message under ``<municipality>/<device>/<kind>``: its counter and outcome, for
    the device; None where nothing is said back. Runs in a thread. Raises ``Unreadable``."""
    parts = topic.split("/")
    if len(parts) != 3 or not parts[0].isdecimal() or len(parts[0]) > 9:
        raise Unreadable("topic")
    town, device, kind = int(parts[0]), parts[1], parts[2]
    try:
        if not Municipality.objects.filter(pk=town).exists():
            raise Unreadable("municipality")
        with tenant(town):
            if kind == "status":
                if payload == b"offline":
                    services.button_silent(hardware_id=device)
                return None
            said, sign, signal = message_of(town, device, payload)
            outcome = services.button_heard_signed(said=said, sign=sign, signal=signal)
    except (OperationalError, InterfaceError):
        connection.close()
        raise
    return {"counter": said.counter, "outcome": outcome}


def message_of(town: int, device: str, payload: bytes) -> tuple[Said, str, Signal]:
    """What a device says, its signature, and what that means. Raises ``Unreadable``."""
    if len(payload) > BYTES_MAX:
        raise Unreadable("length")
    try:
        read = json.loads(payload)
    except (ValueError, RecursionError):
        raise Unreadable("json") from None
    if not isinstance(read, dict):
        raise Unreadable("json")
    counter, battery = read.get("counter"), read.get("battery")
    if not _is_number(counter) or not 0 <= counter < 2**48:
        raise Unreadable("counter")
    if battery is not None and not (_is_number(battery) and 0 <= battery <= 100):
        raise Unreadable("battery")
    event = _text(read, "event", 10)
    if event not in EVENTS:
        raise Unreadable("event")
    beacons = _beacons(read) if event == HEARD else ()
    nonce = _text(read, "nonce", 32)
    at = _text(read, "at", 40) if "at" in read else ""
    said = Said(
        town=town,
        device=device,
        counter=counter,
        event=event,
        battery="" if battery is None else str(battery),
        at=at,
        nonce=nonce,
        beacons=beacons,
    )
    signal = Signal(
        nonce=derived_id(_nonce(nonce), f"mqtt {device.lower()}"),
        counter=counter,
        at=_moment(at) if at else clock.now(),
        pressed=event == "press",
        battery_percent=battery,
        beacons=tuple(one.lower() for one in beacons),
    )
    return said, _text(read, "sign", 64), signal


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(read: dict[str, Any], key: str, most: int) -> str:
    found = read.get(key)
    if not isinstance(found, str) or not 0 < len(found) <= most:
        raise Unreadable(key)
    if "|" in found or not found.isascii():
        raise Unreadable(key)
    return found


def _beacons(read: dict[str, Any]) -> tuple[str, ...]:
    found = read.get("beacons")
    if not isinstance(found, list) or len(found) > BEACONS_MAX:
        raise Unreadable("beacons")
    if not all(isinstance(one, str) and beacon_like(one.lower()) for one in found):
        raise Unreadable("beacons")
    return tuple(found)


def _nonce(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError:
        raise Unreadable("nonce") from None


def _moment(text: str) -> datetime:
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("at") from None
    return said if said.tzinfo else said.replace(tzinfo=UTC)
