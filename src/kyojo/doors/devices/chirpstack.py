"""The HTTP integration of ChirpStack v4: one POST an event, its name in ``?event=``.

``up`` is what a button or a reader said, ``join`` that it begins to count anew; all other events
are taken and left alone. The gateway shows its token as ``Authorization: Bearer …``. The radio is
protected by LoRaWAN's own keys, which the network server checks. docs/reference/devices.md has the
format.
"""

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import services
from kyojo.help.support.services import BEACONS_MAX, Signal, beacon_like, plain_number
from kyojo.kernel import clock

#: More than any event of a device.
BYTES_MAX = 64 * 1024
#: So far from now at most a server says that it received something.
TIME_OFF_MAX = timedelta(days=365)
#: What a decoder may call a press, in the event's ``object``.
PRESSED = ("pressed", "press", "button")
#: Where it may list the beacons that a reader hears, and what it may call the number of one, which
#: may also stand there as plain text.
BEACONS = "beacons"
BEACON_NUMBER = ("id", "mac_address", "mac", "address")
#: What it may call the battery, in percent.
BATTERY = ("battery", "battery_percent", "batteryLevel")
#: First byte of a payload without a decoder.
BYTE_PRESSED = 1


class Unreadable(ValueError):
    """Not an event of this kind. ``args[0]`` is the key that is missing or wrong."""


@csrf_exempt  # a machine with a token, no browser with a cookie
@require_POST
def event(request: HttpRequest, town: int) -> JsonResponse:
    """401 without the token of a gateway of this town, 400 for what cannot be read, else 200 with
    what came of it; a retry of the same event answers the same."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not Municipality.objects.filter(pk=town).exists():
        return JsonResponse({"error": "token"}, status=401)
    with tenant(town):
        if not services.gateway_known(token):
            return JsonResponse({"error": "token"}, status=401)
        try:
            return JsonResponse({"outcome": _take(request)})
        except Unreadable as error:
            return JsonResponse({"error": error.args[0]}, status=400)


def _take(request: HttpRequest) -> str:
    name = request.GET.get("event", "")
    if name not in ("up", "join"):
        return "left"
    said = _read(request)
    hardware = _text(said, "deviceInfo", "devEui")
    if name == "join":
        services.button_joined(hardware_id=hardware)
        return "joined"
    return services.button_heard(hardware_id=hardware, signal=signal_of(said))


def _read(request: HttpRequest) -> dict[str, Any]:
    if int(request.headers.get("Content-Length") or 0) > BYTES_MAX:
        raise Unreadable("length")
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Unreadable("json") from None
    if not isinstance(said, dict):
        raise Unreadable("json")
    return said


def signal_of(said: dict[str, Any]) -> Signal:
    """What an up-link says. Raises ``Unreadable``."""
    counter = said.get("fCnt")
    if not isinstance(counter, int) or isinstance(counter, bool) or not 0 <= counter < 2**32:
        raise Unreadable("fCnt")
    try:
        nonce = UUID(_text(said, "deduplicationId"))
    except ValueError:
        raise Unreadable("deduplicationId") from None
    decoded = said.get("object")
    decoded = decoded if isinstance(decoded, dict) else {}
    return Signal(
        nonce=nonce,
        counter=counter,
        at=_moment(_text(said, "time")),
        pressed=_pressed(said, decoded),
        battery_percent=_battery(decoded),
        beacons=_beacons(decoded),
    )


def _text(said: dict[str, Any], *keys: str) -> str:
    found: Any = said
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, str) or not found or len(found) > 100 or "\0" in found:
        raise Unreadable(".".join(keys))
    return found


def _moment(text: str) -> datetime:
    """Nanoseconds are cut: Python reads microseconds. What is far from now is no hour that a server
    received something."""
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("time") from None
    said = said if said.tzinfo else said.replace(tzinfo=UTC)
    if abs(said - clock.now()) > TIME_OFF_MAX:
        raise Unreadable("time")
    return said


def _pressed(said: dict[str, Any], decoded: dict[str, Any]) -> bool:
    """What the decoder says, else the first byte. Whoever lists beacons presses nothing."""
    for name in PRESSED:
        if name in decoded:
            return bool(decoded[name])
    if BEACONS in decoded:
        return False
    try:
        data = base64.b64decode(str(said.get("data") or ""), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("data") from None
    return data[:1] == bytes([BYTE_PRESSED])


def _beacons(decoded: dict[str, Any]) -> tuple[str, ...]:
    """The numbers that a reader hears, the first of them; what is no number of a beacon is left
    out."""
    found = decoded.get(BEACONS, [])
    if not isinstance(found, list):
        raise Unreadable("object.beacons")
    numbers = dict.fromkeys(map(_number, found))
    return tuple(filter(beacon_like, numbers))[:BEACONS_MAX]


def _number(beacon: Any) -> str:
    """Of one beacon: its address, an iBeacon's UUID, major and minor, or the plain text."""
    if isinstance(beacon, dict):
        parts = [beacon.get(name) for name in ("uuid", "major", "minor")]
        if isinstance(parts[0], str) and all(_is_short(part) for part in parts[1:]):
            return plain_number(f"{parts[0][:40]}{parts[1]:04x}{parts[2]:04x}")
        beacon = next((beacon[name] for name in BEACON_NUMBER if name in beacon), None)
    return plain_number(beacon[:60]) if isinstance(beacon, str) else ""


def _is_short(part: Any) -> bool:
    return isinstance(part, int) and not isinstance(part, bool) and 0 <= part < 2**16


def _battery(decoded: dict[str, Any]) -> int | None:
    for name in BATTERY:
        said = decoded.get(name)
        if isinstance(said, int | float) and not isinstance(said, bool) and 0 <= said <= 100:
            return round(said)
    return None
