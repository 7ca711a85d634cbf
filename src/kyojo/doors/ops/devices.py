"""``devices mqtt``: take in what buttons say to an MQTT broker."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Coroutine
from typing import Any

from .arguments import Parser
from .errors import Bad
from .serving import NEEDED
from .surroundings import django_ready, production_environment

USAGE = "devices mqtt; --help after it tells more"


def run(arguments: list[str]) -> int:
    """``./kyojo devices …``. Raises ``Bad`` for what it cannot work with."""
    what = arguments[1] if len(arguments) > 1 else ""
    if what in {"-h", "--help"}:
        print(f"usage: ./kyojo {USAGE}")
        return 0
    if what != "mqtt":
        raise Bad(f"devices what? {USAGE}")
    Parser(
        "devices mqtt",
        "Listen to the MQTT broker of KYOJO_MQTT_URL until told to stop; one process of this kind.",
    ).parse_args(arguments[2:])
    production_environment(*NEEDED, "KYOJO_MQTT_URL")
    django_ready()
    from kyojo.doors.devices import mqtt

    try:
        broker = mqtt.broker_of(os.environ)
    except mqtt.BrokerUnusable as error:
        raise Bad(str(error)) from None
    print(f"devices mqtt: listening to {broker.host}:{broker.port}/{broker.topic}", flush=True)
    asyncio.run(_until_told(mqtt.listen(broker)))
    return 0


async def _until_told(listening: Coroutine[Any, Any, None]) -> None:
    """Run ``listening`` until SIGTERM or SIGINT."""
    task = asyncio.ensure_future(listening)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
