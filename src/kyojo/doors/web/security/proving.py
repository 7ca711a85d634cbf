"""Proving who one is, on a page of its own or on top of a form that waits.

``proven`` reads what such a page sends: ``_code`` (the app's numbers, a recovery code) or
``_credential`` (a passkey). A form that was sent too early is not lost: its fields are carried
through the page as they are, and go on when the proof is right. Files cannot be carried.
"""

import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth, flows
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.http import HttpResponseClientRedirect

from kyojo.civic.people.models import User
from kyojo.civic.people.selectors import staff_roles
from kyojo.civic.people.staff_selectors import appeal_officer_of
from kyojo.kernel.errors import Refusal

from ..http import said
from . import codes, devices, strength

CODE, CREDENTIAL = "_code", "_credential"
PASSKEY_WRONG = "パスキーで確かめられませんでした。もう一度押してください。"


def is_tried(request: HttpRequest) -> bool:
    return request.method == "POST" and (CODE in request.POST or CREDENTIAL in request.POST)


def proven(request: HttpRequest) -> str:
    """What was sent, taken: "" when it is right, else the sentence that says what to do."""
    user = cast(User, request.user)
    if CREDENTIAL in request.POST:
        problem = "" if _passkey(request, user) else PASSKEY_WRONG
    else:
        try:
            codes.code_use(request, user, request.POST.get(CODE, ""))
            problem = ""
        except Refusal as refused:
            problem = said(refused)
    if not problem:
        devices.trust(request)
    return problem


def _passkey(request: HttpRequest, user: User) -> bool:
    form = ReauthenticateWebAuthnForm({"credential": request.POST.get(CREDENTIAL, "")}, user=user)
    try:
        if not form.is_valid():
            return False
    except (ValueError, TypeError, KeyError, AttributeError, json.JSONDecodeError):
        return False  # no answer of a passkey, but something made by hand
    flows.reauthenticate(request, form.cleaned_data["credential"])
    return True


def passkey_options(user: User) -> dict[str, Any]:
    """What the page's script asks the browser with. The challenge stands in the session."""
    return {"request_options": auth.begin_authentication(user)}


def carried(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of the form that waits, without what proves."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not name.startswith("_") and name != "csrfmiddlewaretoken"
    ]


def page_prove(
    request: HttpRequest,
    *,
    action: str,
    fields: list[tuple[str, str]],
    problem: str = "",
    context: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The page that asks for a second factor and sends it to ``action`` with ``fields``."""
    user = cast(User, request.user)
    kinds = strength.kinds_of(user)
    has_passkey = "webauthn" in kinds
    return render(
        request,
        "security/prove.html",
        {
            "action": action,
            "fields": fields,
            "problem": problem,
            "has_passkey": has_passkey,
            "has_code": "totp" in kinds or "recovery_codes" in kinds,
            "js_data": passkey_options(user) if has_passkey else None,
            **(context or {}),
        },
        status=422 if problem else 403 if request.method == "POST" else 200,
    )


def desk_asks(request: HttpRequest, *, fresh: bool) -> HttpResponse | None:
    """What stands between a member of staff and a page of the desk; None: nothing.

    ``fresh``: for what cannot be undone, the second factor must have been shown lately.
    """
    enough = strength.is_fresh if fresh else strength.is_strong
    if enough(request):
        return None
    if getattr(request, "htmx", False):
        if request.htmx.target == "desk-alert":  # type: ignore[attr-defined]
            # The poll of an open page: who is typing on it must not be led away.
            to = {"asleep": with_next("second", own_page(request))}
            return render(request, "desk/safety/_alert.html", to)
        return HttpResponseClientRedirect(with_next("second", own_page(request)))
    if not strength.has_second(cast(User, request.user)):
        return HttpResponseRedirect(with_next("set-up", own_page(request)))
    if request.method != "POST" or request.FILES:
        return HttpResponseRedirect(with_next("second", own_page(request)))
    problem = ""
    if is_tried(request):
        problem = proven(request)
        if not problem:
            return None
    return page_prove(
        request, action=request.get_full_path(), fields=carried(request), problem=problem
    )


def own_page(request: HttpRequest) -> str:
    """The page to come back to: this one, or the one whose form or part this was."""
    if request.method in ("GET", "HEAD") and not getattr(request, "htmx", False):
        return request.get_full_path()
    where = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if where and url_has_allowed_host_and_scheme(
        where, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        parts = urlsplit(where)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
    return desk_of(request)


def desk_of(request: HttpRequest) -> str:
    """Where who needs a second factor works: who decides appeals from outside has no desk."""
    user = request.user
    if isinstance(user, User) and not staff_roles(user) and appeal_officer_of(user) is not None:
        return "/appeals/"
    return "/desk/"


def with_next(name: str, path: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': path})}"
