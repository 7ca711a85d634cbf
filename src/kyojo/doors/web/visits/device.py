"""Which device pressed at a visit: a random cookie that only the pages of visits set and read.

It is another one than the login's: it says whether one phone speaks for both sides of a visit, is
stored as a keyed hash beside the evidence, and travels to no other page (its path is ``/visits/``).
"""

import re
import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kyojo.help.support import services

from .access import person_of

COOKIE, PATH = "kyojo_visit_device", "/visits/"
#: Browsers keep no cookie longer.
COOKIE_FOR = timedelta(days=400)


def device_of(request: HttpRequest) -> str:
    """The cookie's value; "" where there is none that is ours."""
    found = request.COOKIES.get(COOKIE, "")
    return found if re.fullmatch(r"[\w-]{20,64}", found) else ""


def device_give(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The same response, with the cookie where this browser has none yet."""
    if not device_of(request):
        response.set_cookie(
            COOKIE,
            secrets.token_urlsafe(24),
            max_age=COOKIE_FOR,
            path=PATH,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


def pressed_with(request: HttpRequest, uid: UUID, moment: str) -> None:
    """Keep which device presses ``moment`` (start, during, end, confirm) of this visit."""
    services.device_keep(
        visit_uid=uid, by=person_of(request), moment=moment, cookie=device_of(request)
    )
