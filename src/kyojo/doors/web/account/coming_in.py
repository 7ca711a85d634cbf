"""Coming in by a link in a mail, going out. Passkeys stand in ``security``."""

from typing import cast

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kyojo.civic.people.models import User
from kyojo.civic.people.services import login_link_send, login_link_use
from kyojo.kernel.errors import Refusal

from ..http import redirect_saying, said
from ..security import devices
from .access import own_path
from .forms import LinkForm, LoginForm, with_query

BACKEND = "sesame.backends.ModelBackend"
PASSKEYS = "/accounts/2fa/"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login_page(request: HttpRequest) -> HttpResponse:
    """An address, answered the same whether we know it or not; or a passkey."""
    source = request.POST if request.method == "POST" else request.GET
    next_path = own_path(request, source.get("next", ""))
    if request.method == "POST":
        return _link_asked(request, next_path)
    if request.user.is_authenticated:
        if next_path.startswith(PASSKEYS):
            # Passkeys are changed only by who has just shown that it is them.
            return HttpResponseRedirect(
                with_query(reverse("mfa_reauthenticate_webauthn"), next=next_path)
            )
        return HttpResponseRedirect(next_path or settings.LOGIN_REDIRECT_URL)
    return _login_page(request, LoginForm(initial={"next": next_path}), next_path)


def _login_page(
    request: HttpRequest, form: LoginForm, next_path: str, status: int = 200
) -> HttpResponse:
    context = {"form": form, "next_path": next_path}
    return render(request, "account/login.html", context, status=status)


def _link_asked(request: HttpRequest, next_path: str) -> HttpResponse:
    form = LoginForm(request.POST)
    if form.is_valid():
        try:
            login_link_send(email=form.cleaned_data["email"], next_path=next_path)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"受け付けました：{form.cleaned_data['email']}")
            return HttpResponseRedirect(reverse("login-sent"))
    return _login_page(request, form, next_path, status=422)


@never_cache
@require_safe
def sent_page(request: HttpRequest) -> HttpResponse:
    return render(request, "account/login_sent.html", {"mails_lie_in": mails_lie_in()})


def mails_lie_in() -> str:
    """Where the demo keeps its mails, which go to nobody; "" everywhere else."""
    return "var/mail" if settings.DEMO else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link_page(request: HttpRequest) -> HttpResponse:
    """The page of the mailed link. Mail scanners open links, so opening uses nothing up: one
    press does."""
    if request.method != "POST":
        form = LinkForm(initial={name: request.GET.get(name, "") for name in ("sesame", "next")})
        return render(request, "account/link.html", {"form": form})
    form = LinkForm(request.POST)
    form.is_valid()
    try:
        user = login_link_use(token=form.cleaned_data.get("sesame", ""))
    except Refusal as refusal:
        context = {"sentence": said(refusal), "form": LoginForm()}
        return render(request, "account/link_dead.html", context, status=409)
    login(request, user, backend=BACKEND)
    # Passkeys may be changed for some minutes now: whoever lost theirs comes in by mail.
    record_authentication(request, user, method="link", reauthenticated=True)
    devices.opened(request, user)
    next_path = own_path(request, form.cleaned_data.get("next", ""))
    return HttpResponseRedirect(next_path or settings.LOGIN_REDIRECT_URL)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def logout_page(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponseRedirect("/")
    if request.method != "POST":
        return render(request, "account/logout.html", {"mail": cast(User, request.user).email})
    logout(request)
    return redirect_saying(request, "login", "ログアウトしました。")
