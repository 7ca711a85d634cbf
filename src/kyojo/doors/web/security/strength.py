"""How sure a session is of who is there: by which key, and how long ago.

django-allauth keeps in the session which means were used (``get_authentication_records``). A mailed
link alone is no second factor. Ages are measured by the machine's own clock, as allauth stamps
them: whoever moves a demo's clock is not asked again.
"""

import time
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from kyojo.civic.people.models import User

#: The means of a demo town: being somebody at ``/demo/``.
DEMO = "demo"
#: For so long a press of a mailed link counts as just now.
LINK_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class Strength:
    """The last second factor of this session: its kind and its age."""

    how: str
    age: timedelta


def strength(request: HttpRequest) -> Strength | None:
    """None: there was none in this session."""
    for record in reversed(_records(request)):
        how = record.get("method")
        if how == "mfa":
            return Strength(str(record.get("type", "")), _age(record))
        if how == DEMO and settings.DEMO:
            return Strength(DEMO, timedelta(0))
    return None


def is_strong(request: HttpRequest) -> bool:
    """Whether the desk is open to this session."""
    found = strength(request)
    return found is not None and found.age < timedelta(hours=settings.DESK_STRONG_HOURS)


def is_fresh(request: HttpRequest) -> bool:
    """Whether a second factor was shown so lately that acts which cannot be undone may follow."""
    found = strength(request)
    return found is not None and found.age < timedelta(minutes=settings.ASK_AGAIN_MINUTES)


def age_of(request: HttpRequest, method: str) -> timedelta | None:
    """How long ago ``method`` was used in this session; None: never."""
    for record in reversed(_records(request)):
        if record.get("method") == method:
            return _age(record)
    return None


def link_age(request: HttpRequest) -> timedelta | None:
    """How long ago a mailed link was pressed in this session; None: never."""
    return age_of(request, "link")


def came_by_link(request: HttpRequest) -> bool:
    """Whether a mailed link was pressed just now."""
    age = link_age(request)
    return age is not None and age < LINK_FOR


def strengthen_demo(request: HttpRequest, user: User) -> None:
    """Being somebody in a demo town counts as a second factor, there and nowhere else."""
    record_authentication(request, user, method=DEMO)


def kinds_of(user: User) -> set[str]:
    """The keys that a login has: webauthn, totp, recovery_codes."""
    return set(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))


def has_second(user: User) -> bool:
    return bool(kinds_of(user) & {Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP})


def _records(request: HttpRequest) -> list[dict[str, object]]:
    return get_authentication_records(request, request.user)  # type: ignore[arg-type]


def _age(record: dict[str, object]) -> timedelta:
    at = record.get("at")
    return timedelta(seconds=max(0.0, time.time() - (at if isinstance(at, int | float) else 0)))
