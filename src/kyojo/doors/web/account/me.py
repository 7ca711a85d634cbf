"""わたし: who one is, which roles one has, one's coins, and the way to everything else."""

from typing import Any, cast

from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kyojo.civic.earnings.services import member_update
from kyojo.civic.earnings.shop_selectors import shops_of
from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.organisations.selectors import company_of_officer
from kyojo.civic.people import coins, minors
from kyojo.civic.people.domain import CARER, SUPPORTER, reading
from kyojo.civic.people.models import Person, TrustCheck, User
from kyojo.civic.people.selectors import blocks_of, staff_roles, trust_checks_of
from kyojo.civic.people.services import role_add, role_drop
from kyojo.civic.people.staff_selectors import appeal_officer_of
from kyojo.civic.people.suspensions import suspension_of
from kyojo.help.matching.selectors import BADGE_ICONS
from kyojo.kernel.errors import Refusal

from ..http import redirect_saying
from . import reads
from .access import members_only, person_of
from .forms import AboutForm, RolesForm, about_initial
from .signing_up import FIRST_STEP

STATEMENT_LINES = 50


@never_cache
@login_required
@require_safe
def hub_page(request: HttpRequest) -> HttpResponse:
    passkeys = Authenticator.objects.filter(
        user=request.user, type=Authenticator.Type.WEBAUTHN
    ).count()
    if not request.person:  # type: ignore[attr-defined]
        return _login_only(request, passkeys)
    person = person_of(request)
    checks = trust_checks_of(person)
    context = {
        "me": person,
        "kana": reading(person.kana),
        "badges": [(c.label, "good", BADGE_ICONS.get(c.kind, "check")) for c in checks],
        "is_checked": is_checked(checks),
        "needs_agreement": minors.is_minor(person) and minors.agreement_of(person) is None,
        "is_carer": person.carer_since is not None,
        "is_supporter": person.supporter_since is not None,
        "rows": reads.hub_rows(person),
        "purse": coins.purse(person),
        "points": reads.points_words(),
        "passkeys": passkeys,
        "blocks_count": len(blocks_of(person)),
        "suspension": suspension_of(person),
    }
    return render(request, "account/hub.html", context)


def is_checked(checks: list[TrustCheck]) -> bool:
    """Whether somebody has looked at this person's card."""
    return any(check.kind == TrustCheck.Kind.IDENTITY for check in checks)


def _login_only(request: HttpRequest, passkeys: int) -> HttpResponse:
    """A login of staff, of a company's officer or of who decides appeals: no member."""
    user = cast(User, request.user)
    in_a_town = request.municipality_id is not None  # type: ignore[attr-defined]
    context = {
        "mail": user.email,
        "passkeys": passkeys,
        "roles": staff_roles(user) if in_a_town else [],
        "company": company_of_officer(user),
        "shops": shops_of(user) if in_a_town else [],
        "decides": appeal_officer_of(user) if in_a_town else None,
    }
    return render(request, "account/login_only.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def name_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    checked = is_checked(trust_checks_of(person))
    if request.method != "POST":
        form = AboutForm(initial=about_initial(person), is_checked=checked)
        return _name_page(request, form, checked)
    form = AboutForm(request.POST, is_checked=checked)
    if form.is_valid():
        try:
            member_update(person=person, **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(request, "me", "書きかえました。")
    return _name_page(request, form, checked, status=422)


def _name_page(
    request: HttpRequest, form: AboutForm, checked: bool, status: int = 200
) -> HttpResponse:
    context = {"form": form, "me": person_of(request), "is_checked": checked}
    context["kana"] = reading(person_of(request).kana)
    return render(request, "account/name.html", context, status=status)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def roles_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    had = roles_of(person)
    if request.method != "POST":
        return _roles_page(request, RolesForm(initial={"roles": sorted(had)}))
    form = RolesForm(request.POST)
    if not form.is_valid():
        return _roles_page(request, form, status=422)
    wanted = set(form.cleaned_data["roles"])
    try:
        with transaction.atomic():
            for role in sorted(wanted - had):
                role_add(person=person, role=role)
            for role in sorted(had - wanted):
                role_drop(person=person, role=role)
    except Refusal as refusal:
        form.refuse(refusal)
        return _roles_page(request, form, status=422)
    if SUPPORTER in wanted - had and reads.is_fresh(person):
        return redirect_saying(request, FIRST_STEP, "ありがとうございます。はじめの3つを入れます。")
    return redirect_saying(request, "me", "使い方を変えました。")


def roles_of(person: Person) -> set[str]:
    """The roles that people choose themselves."""
    since = {CARER: person.carer_since, SUPPORTER: person.supporter_since}
    return {role for role, moment in since.items() if moment is not None}


def _roles_page(request: HttpRequest, form: RolesForm, status: int = 200) -> HttpResponse:
    return render(request, "account/roles.html", {"form": form}, status=status)


@members_only
@require_safe
def coins_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    context: dict[str, Any] = {
        "purse": coins.purse(person),
        "entries": coins.coins_statement(person, STATEMENT_LINES),
        "lines_max": STATEMENT_LINES,
        "town": Municipality.objects.get(pk=person.municipality_id),
    }
    return render(request, "account/coins.html", context)
