"""本人確認: by the authentication app where there is one, else (and always) at the counter.

The way there is a POST that leads to the provider; the way back is a GET that the provider's page
leads to. What belongs to it is kept in the session, under one key, and taken out on the way back.
"""

from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kyojo.civic.people import trust, trust_selectors
from kyojo.civic.people.consent_selectors import consent_stands, text_current
from kyojo.civic.people.errors import IdentityDiffers, IdentityTaken
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import (
    consent_ensure,
    identity_begin,
    identity_by_app_offered,
    identity_finish,
)
from kyojo.kernel.errors import Refusal

from ..http import redirect_saying, said
from .access import members_only, person_of
from .trust import is_identified

SESSION_KEY = "identity_ask"


@members_only
@require_safe
def identity_page(request: HttpRequest) -> HttpResponse:
    return _page(request)


@members_only
@require_POST
def identity_start(request: HttpRequest) -> HttpResponse:
    """Agree to what was read, and go to the provider. Raises nothing: what stands in the way is
    said on the page."""
    version = request.POST.get("version", "")
    try:
        if version.isdecimal():
            consent_ensure(person=person_of(request), kind=trust.IDENTITY, version=int(version[:5]))
        url, pending = identity_begin(person=person_of(request), redirect_uri=_back_uri())
    except Refusal as refusal:
        return _page(request, refusal=refusal, status=409)
    request.session[SESSION_KEY] = pending
    return HttpResponseRedirect(url)


@members_only
@require_safe
def identity_back(request: HttpRequest) -> HttpResponse:
    """From the provider. The answer is a page without the address that led here, or one that says
    what to do next; opened a second time, it says that it is over."""
    pending = request.session.pop(SESSION_KEY, None)
    try:
        check = identity_finish(
            person=person_of(request),
            pending=pending,
            state=request.GET.get("state", ""),
            code=request.GET.get("code", ""),
            error=request.GET.get("error", ""),
            redirect_uri=_back_uri(),
            issuer=request.GET.get("iss", ""),
        )
    except Refusal as refusal:
        return _page(request, refusal=refusal, status=409)
    return redirect_saying(request, "me-trust", f"本人確認がすみました（{check.method}）。")


def _back_uri() -> str:
    return f"{settings.BASE_URL}{reverse('me-identity-back')}"


def _page(
    request: HttpRequest, *, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    person = person_of(request)
    offered = identity_by_app_offered()
    context = {
        "is_identified": is_identified(person),
        "text": text_current(trust.IDENTITY),
        "agreed": consent_stands(person, trust.IDENTITY),
        "by_app": offered,
        "waits": _waits(person),
        "refused": said(refusal) if refusal else "",
        "differs": isinstance(refusal, IdentityDiffers),
        "taken": isinstance(refusal, IdentityTaken),
        "documents": [
            name for code, name in trust.DOCUMENTS[trust.IDENTITY].items() if code != "two_papers"
        ],
        "two_papers": trust.DOCUMENTS[trust.IDENTITY]["two_papers"],
    }

    def drawn(request: HttpRequest) -> HttpResponse:
        return render(request, "account/identity.html", context, status=status)

    if not offered:
        return drawn(request)
    # The button is a form, and browsers hold what it leads to against the policy as well.
    parts = urlsplit(settings.IDENTITY_ISSUER)
    allowed = csp_update({"form-action": [f"{parts.scheme}://{parts.netloc}"]})
    return cast(Callable[[HttpRequest], HttpResponse], allowed(drawn))(request)


def _waits(person: Person) -> bool:
    """Whether the counter has seen the card and another member of staff is to confirm it."""
    return any(look.kind == trust.IDENTITY for look in trust_selectors.looks_waiting(person))
