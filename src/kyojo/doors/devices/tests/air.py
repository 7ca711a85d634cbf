"""A real broker and a button on it, on a loop in another thread."""

import asyncio
import json
import socket
import threading
from dataclasses import replace
from typing import Any
from uuid import uuid4

from amqtt.broker import Broker as RealBroker

from kyojo.doors.devices import mqtt
from kyojo.help.support.signed import Said, signature

SECONDS = 20
ANONYMOUS = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


class Air:
    """``files``: paths of a certificate and its key, for TLS; None for none."""

    def __init__(self, files: dict[str, str] | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.listener = {"type": "tcp", "bind": f"127.0.0.1:{self.port}"}
        if files:
            self.listener |= {"ssl": True, "certfile": files["cert"], "keyfile": files["key"]}
        self.broker = mqtt.Broker(
            "localhost" if files else "127.0.0.1",
            self.port,
            is_secure=bool(files),
            ca_file=files["cert"] if files else None,
            client_id=f"gateway-{self.port}",
        )
        self.answers: list[dict[str, Any]] = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.run(self.start())

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(SECONDS)

    async def start(self) -> None:
        self.real = RealBroker({"listeners": {"default": self.listener}, "plugins": ANONYMOUS})
        await self.real.start()

    async def stop(self) -> None:
        await self.real.shutdown()

    async def send(self, topic: str, payload: str, *, times: int = 1) -> None:
        """Publish ``times``, and hear as many answers."""
        async with self._button() as client:
            await client.subscribe("kyojo/+/+/down", qos=1)
            for _ in range(times):
                await client.publish(topic, payload, qos=1)
            async for message in client.messages:
                self.answers.append(json.loads(message.payload))
                times -= 1
                if not times:
                    return

    async def publish(self, topic: str, payload: str) -> None:
        async with self._button() as client:
            await client.publish(topic, payload, qos=1)

    def _button(self) -> Any:
        return mqtt._client(replace(self.broker, client_id=f"button-{uuid4().hex}"))

    def press(self, town: int, device: str, payload: str) -> str:
        """As a button does it: send the same message until it is answered. The outcome."""
        self.answers.clear()
        for _ in range(SECONDS):
            sent = self.send(f"kyojo/{town}/{device}/up", payload)
            try:
                self.run(asyncio.wait_for(sent, 2))
            except TimeoutError:
                continue
            return str(self.answers[0]["outcome"])
        raise AssertionError("no answer came")

    def close(self) -> None:
        self.run(self.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(SECONDS)
        self.loop.close()


def message(
    key: bytes,
    town: int,
    device: str,
    counter: int,
    event: str = "press",
    *,
    nonce: str = "",
    battery: int | None = None,
    beacons: tuple[str, ...] | None = None,
) -> str:
    """What a device with this key says."""
    nonce, charge = nonce or uuid4().hex, "" if battery is None else str(battery)
    said = Said(town, device, counter, event, charge, "", nonce, beacons or ())
    read = {"counter": counter, "event": event, "nonce": nonce, "sign": signature(said, key)}
    read |= {} if battery is None else {"battery": battery}
    return json.dumps(read | ({} if beacons is None else {"beacons": beacons}))
