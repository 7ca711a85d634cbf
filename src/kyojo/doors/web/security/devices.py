"""Which browser this is: a random key in a signed cookie, of which only a keyed hash is stored.

``opened`` is called where a login opens. Afterwards the session carries what was unusual about it,
and ``DeviceMiddleware`` gives the cookie and notes once a day that the device is in use.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kyojo.civic.municipalities.tenancy import current_or_none, tenant
from kyojo.civic.people import tasks
from kyojo.civic.people.models import User
from kyojo.civic.people.services import device_look, device_record
from kyojo.kernel import clock

COOKIE, SALT = "kyojo_device", "kyojo.device"
#: Browsers keep no cookie longer.
COOKIE_FOR = timedelta(days=400)
SESSION = "device"
GIVEN = "_device_key"

SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Macintosh", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip
BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip


@dataclass(frozen=True)
class Browser:
    """What is known of the browser of this request; ``silent_for`` as of when the login opened."""

    is_known: bool
    silent_for: timedelta


def key_of(request: HttpRequest) -> str:
    """The browser's key; "" where it carries none that is ours."""
    given = getattr(request, GIVEN, "")
    if given:
        return str(given)
    found = request.get_signed_cookie(COOKIE, default="", salt=SALT)
    return found if found and re.fullmatch(r"[\w-]{20,64}", found) else ""


def name_of(request: HttpRequest) -> str:
    """What a person calls the device: ``iPhone の Safari``."""
    agent = request.headers.get("User-Agent", "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    return " の ".join(part for part in (system, browser) if part) or "名前のわからない機械"


def opened(request: HttpRequest, user: User, *, trusted: bool = False) -> None:
    """A login opens in this browser. ``trusted``: by a passkey, which proves it. Where others are
    known and this one is not, the login's owner is told by mail."""
    if user.municipality_id is None:
        return
    key = key_of(request)
    if not key:
        key = secrets.token_urlsafe(24)
        setattr(request, GIVEN, key)
    with tenant(user.municipality_id):
        seen = device_look(user=user, key=key)
        device_record(user=user, key=key, name=name_of(request), trusted=trusted or seen.is_first)
        if not seen.is_here and not seen.is_first:
            tasks.security_mail.defer(user_id=user.pk, what="device_new")
    request.session[SESSION] = _noted(request, seen.silent_for)


def _noted(request: HttpRequest, silent_for: timedelta) -> dict[str, str | float]:
    """What the session keeps of today. A silence is remembered for a day after it ended, so that
    what follows it is asked about."""
    kept = request.session.get(SESSION, {})
    today = {"day": clock.today().isoformat()}
    if _silence(request) > silent_for:
        return kept | today
    return today | {
        "silent_until": clock.now().isoformat(),
        "silent_seconds": silent_for.total_seconds(),
    }


def _silence(request: HttpRequest) -> timedelta:
    """The silence that ended within the last day, as the session remembers it."""
    kept = request.session.get(SESSION, {})
    since = kept.get("silent_until")
    if not since or clock.now() - datetime.fromisoformat(since) >= timedelta(days=1):
        return timedelta(0)
    return timedelta(seconds=float(kept.get("silent_seconds", 0)))


def trust(request: HttpRequest) -> None:
    """Somebody proved in this browser who they are. Runs inside their tenant."""
    user, key = request.user, key_of(request)
    if isinstance(user, User) and key:
        device_record(user=user, key=key, name=name_of(request), trusted=True)


def browser_of(request: HttpRequest) -> Browser:
    """Runs inside the person's tenant."""
    user = request.user
    assert isinstance(user, User)
    seen = device_look(user=user, key=key_of(request))
    return Browser(
        is_known=seen.is_known or seen.is_first,
        silent_for=max(_silence(request), seen.silent_for),
    )


def touch(request: HttpRequest) -> None:
    """Once a day: the device is in use."""
    kept = request.session.get(SESSION)
    today = clock.today().isoformat()
    if not kept or kept.get("day") == today or current_or_none() is None:
        return
    user, key = request.user, key_of(request)
    if not isinstance(user, User) or not key:
        return
    seen = device_look(user=user, key=key)
    if seen.is_here:
        device_record(user=user, key=key, name=name_of(request), trusted=False)
    request.session[SESSION] = _noted(request, seen.silent_for)


def cookie_give(request: HttpRequest, response: HttpResponse) -> None:
    key = getattr(request, GIVEN, "")
    if key:
        response.set_signed_cookie(
            COOKIE,
            key,
            salt=SALT,
            max_age=COOKIE_FOR,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
