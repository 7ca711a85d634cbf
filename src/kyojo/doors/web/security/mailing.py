"""メールアドレスを変える: the new one, the numbers that came to it, done."""

from typing import cast
from uuid import UUID

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kyojo.civic.people.models import MailChange, Person, User
from kyojo.civic.people.security_selectors import mail_change_open
from kyojo.civic.people.services import mail_change_ask, mail_change_confirm
from kyojo.civic.people.services.mails import CODE_FOR
from kyojo.kernel.errors import NotFound, Refusal

from ..account.coming_in import mails_lie_in
from ..http import redirect_saying
from . import codes, proving, second, strength
from .forms import MailCodeForm, MailForm
from .moving import mail_moved
from .stepping import step_up_required

#: Which change this session asked for. Its numbers are worth nothing in another one.
KEPT = "mail_change"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mail_page(request: HttpRequest) -> HttpResponse:
    """The new address. Whoever is there proves first that it is them: members as for any act that
    would hurt, staff by their second factor, everybody else by a link that was pressed just now."""
    user = _login(request)
    asked = _asked(request)
    if asked is not None:
        return asked
    form = MailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change = mail_change_ask(uid=form.order, user=user, email=form.cleaned_data["email"])
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            request.session[KEPT] = str(change.uid)
            return HttpResponseRedirect(reverse("me-mail-code"))
    context = {"form": form, "mail": user.email, "change": _open(request)}
    return render(request, "security/mail.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    """The numbers from the mail. Where no change waits, back to where one is asked for."""
    user = _login(request)
    kept = request.session.get(KEPT)
    if not kept:
        return HttpResponseRedirect(reverse("me-mail"))
    form = MailCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _confirmed(request, user, UUID(kept), codes.cleaned(form.cleaned_data["code"]))
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            return redirect_saying(request, "me", "メールアドレスを変えました。")
    change = _open(request)
    if change is None and not form.is_bound:
        return HttpResponseRedirect(reverse("me-mail"))
    context = {
        "form": form,
        "change": change,
        "minutes": int(CODE_FOR.total_seconds()) // 60,
        "mails_lie_in": mails_lie_in(),
    }
    return render(request, "security/mail_code.html", context, status=422 if form.errors else 200)


def _confirmed(request: HttpRequest, user: User, uid: UUID, code: str) -> None:
    person: Person | None = getattr(request, "person", None)
    mail_moved(lambda: mail_change_confirm(uid=uid, user=user, code=code), person)
    del request.session[KEPT]
    user.refresh_from_db()
    update_session_auth_hash(request, user)


def _login(request: HttpRequest) -> User:
    """A login of this town. Raises ``NotFound`` for one without a town, whom the office helps."""
    user = cast(User, request.user)
    if user.municipality_id is None:
        raise NotFound()
    return user


def _asked(request: HttpRequest) -> HttpResponse | None:
    if second.is_staff(request):
        if strength.is_fresh(request):
            return None
        has_one = strength.has_second(cast(User, request.user))
        return HttpResponseRedirect(
            proving.with_next("second" if has_one else "set-up", request.path)
        )
    if getattr(request, "person", None):
        return step_up_required(request, "mail_change")
    if strength.is_fresh(request) or strength.came_by_link(request):
        return None
    context = {"next_path": reverse("me-mail"), "what": "メールアドレスは"}
    return render(request, "security/link_first.html", context, status=403)


def _open(request: HttpRequest) -> MailChange | None:
    kept = request.session.get(KEPT)
    return mail_change_open(cast(User, request.user), UUID(kept)) if kept else None
