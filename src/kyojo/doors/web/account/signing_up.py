"""Signing up: one form, then a link in the mail that proves the address."""

from typing import cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.selectors import municipality_by_code, municipality_by_slug
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.domain import SUPPORTER
from kyojo.civic.people.models import User
from kyojo.civic.people.services import (
    consent_give,
    login_link_send,
    mail_is_known,
    person_register,
    user_create,
)
from kyojo.kernel.errors import NotFound, Refusal

from ..http import redirect_saying
from .coming_in import mails_lie_in
from .forms import SignUpForm

FIRST_STEP = "/me/skills/?first=1"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signup_page(request: HttpRequest) -> HttpResponse:
    """For visitors, and for logins without a person (staff who become members, too)."""
    if getattr(request, "person", None):
        return HttpResponseRedirect(reverse("me"))
    form = _form(request)
    if request.method != "POST":
        return _page(request, form)
    if form.is_valid():
        try:
            if request.user.is_authenticated:
                return _member_made(request, form)
            _signed_up(form)
        except NotFound:
            form.add_error("town", "まちを、一覧から選びなおしてください。")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return HttpResponseRedirect(reverse("signup-sent"))
    return _page(request, form, status=422)


def _form(request: HttpRequest) -> SignUpForm:
    user = request.user
    kinds = {
        "with_mail": not user.is_authenticated,
        "with_town": not user.is_authenticated or cast(User, user).municipality_id is None,
    }
    if request.method == "POST":
        return SignUpForm(request.POST, **kinds)
    role = request.GET.get("role", "")
    initial = {"town": request.GET.get("town", ""), "roles": [role]}
    return SignUpForm(initial=initial, **kinds)


def _page(request: HttpRequest, form: SignUpForm, status: int = 200) -> HttpResponse:
    return render(request, "account/signup.html", {"form": form}, status=status)


def _signed_up(form: SignUpForm) -> None:
    """Register, and mail a link that opens it. An address that is known gets a link and nothing
    else happens: the same checks run, and nothing is kept of them. One that may be put back to the
    login that had it is answered alike, and gets nothing.

    Raises what ``person_register`` and ``login_link_send`` raise, and then changes nothing.
    """
    town = municipality_by_slug(form.cleaned_data["town"])
    email = form.cleaned_data["email"].lower()
    with transaction.atomic():
        is_known = mail_is_known(email)
        with tenant(town.pk):
            user = None if is_known else user_create(email=email, municipality_id=town.pk)
            _registered(form, user)
        wants_to_help = SUPPORTER in form.cleaned_data["roles"]
        login_link_send(
            email=email,
            next_path=FIRST_STEP if wants_to_help and not is_known else "",
            opening="registered_before" if is_known else "signed_up",
        )


def _registered(form: SignUpForm, user: User | None) -> None:
    """The person of ``user``; for None, only whether the form would make one."""
    given = form.given()
    if user is not None:
        person = person_register(user=user, **given)
        consent_give(person=person, kind="registration")
        return
    del given["uid"]  # a replay of the form that made the person meets that person
    trial = transaction.savepoint()
    try:
        person_register(**given)
    finally:
        transaction.savepoint_rollback(trial)


def _member_made(request: HttpRequest, form: SignUpForm) -> HttpResponse:
    user = cast(User, request.user)
    town = _town_of(form, user)
    with tenant(town.pk):
        person = person_register(user=user, **form.given())
        consent_give(person=person, kind="registration")
    path = FIRST_STEP if SUPPORTER in form.cleaned_data["roles"] else "/"
    return redirect_saying(request, path, "登録しました。")


def _town_of(form: SignUpForm, user: User) -> Municipality:
    if user.municipality_id is not None:
        return municipality_by_code(user.municipality_id)
    return municipality_by_slug(form.cleaned_data["town"])


@never_cache
@require_safe
def sent_page(request: HttpRequest) -> HttpResponse:
    """The same for known and unknown addresses."""
    return render(request, "account/signup_sent.html", {"mails_lie_in": mails_lie_in()})
