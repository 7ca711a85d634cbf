"""The second factor of the desk: showing it, setting it up, and its recovery codes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from kyojo.civic.people.models import User
from kyojo.civic.people.selectors import staff_roles
from kyojo.civic.people.services.factors import secret_open, secret_seal
from kyojo.civic.people.staff_selectors import appeal_officer_of
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import own_path
from ..drawing import qr
from ..http import redirect_saying
from . import codes, devices, proving, strength
from .forms import CodeForm

View = Callable[..., HttpResponse]
#: The app's secret, sealed, between the page that shows it and its first number.
KEPT = "totp_waiting"


def staff_of(request: HttpRequest) -> User:
    """The login of a member of staff, or of who decides appeals here. Raises ``NotFound`` for
    everybody else."""
    user = request.user
    if not isinstance(user, User) or getattr(request, "municipality_id", None) is None:
        raise NotFound()
    if not staff_roles(user) and appeal_officer_of(user) is None:
        raise NotFound()
    return user


def is_staff(request: HttpRequest) -> bool:
    try:
        staff_of(request)
    except NotFound:
        return False
    return True


def staff_only(view: View) -> View:
    """Visitors log in first; to everybody else the page does not exist."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        staff_of(request)
        return view(request, *args, **kwargs)

    return guarded


def keys_ask(request: HttpRequest) -> HttpResponse | None:
    """What stands between a member of staff and changing their keys; None: nothing.

    Whoever has a key shows it. The first one is made by who has just come in by the mailed link:
    then there is nothing yet that the mailbox alone would get around.
    """
    user = cast(User, request.user)
    if strength.has_second(user):
        if strength.is_fresh(request):
            return None
        return HttpResponseRedirect(proving.with_next("second", request.get_full_path()))
    if strength.came_by_link(request) or strength.is_fresh(request):
        return None
    context = {"next_path": request.get_full_path()}
    return render(request, "security/link_first.html", context, status=403)


def next_of(request: HttpRequest) -> str:
    given = request.POST.get("next") or request.GET.get("next", "")
    return own_path(request, given) or proving.desk_of(request)


# --- showing it -----------------------------------------------------------------------------------


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def second_page(request: HttpRequest) -> HttpResponse:
    """Show the second factor, then go where one wanted to go."""
    user = cast(User, request.user)
    next_path = next_of(request)
    if not strength.has_second(user):
        return HttpResponseRedirect(proving.with_next("set-up", next_path))
    if strength.is_fresh(request):
        return HttpResponseRedirect(next_path)
    problem = ""
    if proving.is_tried(request):
        problem = proving.proven(request)
        if not problem:
            return HttpResponseRedirect(next_path)
    return proving.page_prove(
        request, action=reverse("second"), fields=[("next", next_path)], problem=problem
    )


# --- setting it up --------------------------------------------------------------------------------


@staff_only
@require_http_methods(["GET", "HEAD"])
def set_up_page(request: HttpRequest) -> HttpResponse:
    """A passkey or an app with numbers: one of the two, at once."""
    asked = keys_ask(request)
    if asked is not None:
        return asked
    kinds = strength.kinds_of(cast(User, request.user))
    return render(
        request,
        "security/set_up.html",
        {"next_path": next_of(request), "has_app": "totp" in kinds, "has_any": bool(kinds)},
    )


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def app_page(request: HttpRequest) -> HttpResponse:
    """The app: its secret as a picture and as words, and the first number it shows."""
    asked = keys_ask(request)
    if asked is not None:
        return asked
    user = cast(User, request.user)
    if "totp" in strength.kinds_of(user):
        return redirect_saying(
            request, "mfa_list_webauthn", "アプリの数字は、もう登録してあります。"
        )
    next_path = next_of(request)
    secret = _secret(request)
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = codes.app_add(request, user, secret, form.cleaned_data["code"])
            except Refusal as refused:
                form.refuse(refused)
            else:
                del request.session[KEPT]
                devices.trust(request)
                return after_key(request, made=made, next_path=next_path)
    url = get_adapter().build_totp_url(user, secret)
    context = {
        "form": form,
        "picture": qr(url, "アプリで読み取るQRコード"),
        "secret": [secret[start : start + 4] for start in range(0, len(secret), 4)],
        "next_path": next_path,
    }
    return render(request, "security/app.html", context, status=status)


def _secret(request: HttpRequest) -> str:
    kept = request.session.get(KEPT)
    if kept:
        return secret_open(kept)
    secret = generate_totp_secret()
    request.session[KEPT] = secret_seal(secret)
    return secret


def after_key(request: HttpRequest, *, made: bool, next_path: str) -> HttpResponse:
    """Where a new key leads: to the recovery codes that came with the first, else on."""
    if made:
        return HttpResponseRedirect(proving.with_next("recovery", next_path))
    return redirect_saying(request, next_path, "鍵を登録しました。")


@staff_only
@require_POST
def app_remove(request: HttpRequest) -> HttpResponse:
    asked = keys_ask(request)
    if asked is not None:
        return HttpResponseRedirect(proving.with_next("second", reverse("mfa_list_webauthn")))
    codes.app_remove(cast(User, request.user))
    return redirect_saying(request, "mfa_list_webauthn", "アプリの数字を消しました。")


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_page(request: HttpRequest) -> HttpResponse:
    """The recovery codes, shown once; a press makes new ones."""
    asked = keys_ask(request)
    if asked is not None or not strength.has_second(cast(User, request.user)):
        return asked or HttpResponseRedirect(proving.with_next("set-up", next_of(request)))
    user = cast(User, request.user)
    if request.method == "POST":
        codes.recovery_renew(user)
        return HttpResponseRedirect(proving.with_next("recovery", next_of(request)))
    shown = codes.recovery_show(user) if request.method == "GET" else []
    context = {
        "codes": [f"{code[:4]} {code[4:]}" for code in shown],
        "left": codes.recovery_left(user),
        "next_path": next_of(request),
    }
    return render(request, "security/recovery.html", context)
