"""わたしの確認: what was checked and until when, what is lacking, what one says oneself."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from kyojo.civic.people import trust, trust_selectors
from kyojo.civic.people.models import Person, TrustCheck
from kyojo.civic.people.services import (
    identity_by_app_offered,
    trust_claim_remove,
    trust_claim_set,
)
from kyojo.help.matching.trust_selectors import Needed, still_needed
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal

from ..http import redirect_saying
from .access import members_only, person_of
from .forms import ClaimForm


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def trust_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    if request.method != "POST":
        return _page(request, ClaimForm())
    form = ClaimForm(request.POST)
    if form.is_valid():
        try:
            trust_claim_set(person=person, **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(
                request, "me-trust", "書きました。窓口で確かめると、紹介に出ます。"
            )
    return _page(request, form, status=422)


@members_only
@require_POST
def claim_remove(request: HttpRequest, pk: int) -> HttpResponse:
    trust_claim_remove(person=person_of(request), claim_id=pk)
    return redirect_saying(request, "me-trust", "消しました。")


def _page(request: HttpRequest, form: ClaimForm, status: int = 200) -> HttpResponse:
    person = person_of(request)
    checks = trust_selectors.checks_of(person)
    needed = still_needed(person) if person.supporter_since is not None else []
    context = {
        "level": trust.LEVELS[trust_selectors.level(person)],
        "checks": [_line(check) for check in checks if check.withdrawn_at is None],
        "needed": [_need(one) for one in needed],
        "claims": trust_selectors.claims_of(person),
        "is_identified": is_identified(person),
        "by_app": identity_by_app_offered(),
        "form": form,
    }
    return render(request, "account/trust.html", context, status=status)


def is_identified(person: Person) -> bool:
    today = clock.today()
    held = trust_selectors.held_of(person)
    return any(one.kind == trust.IDENTITY and one.holds_on(today) for one in held)


def _line(check: TrustCheck) -> dict[str, Any]:
    """A check as its owner reads it: until when, and from when on how to renew it."""
    left = None if check.valid_until is None else (check.valid_until - clock.today()).days
    near = left is not None and left <= max(trust.TOLD_DAYS)
    return {
        "label": check.label,
        "kind_name": trust.NAMES[check.kind],
        "checked_at": check.checked_at,
        "method": check.method,
        "issuer": check.issuer,
        "valid_until": check.valid_until,
        "is_over": left is not None and left < 0,
        "is_near": near,
        "way": trust.WAYS[check.kind] if near else "",
        "by_app": near and check.kind == trust.IDENTITY,
    }


def _need(one: Needed) -> dict[str, Any]:
    return {
        "sentence": one.sentence,
        "ways": [(lack.name, trust.WAYS[lack.kind], url_of(lack)) for lack in one.missing],
    }


def url_of(lack: trust.Missing) -> str:
    """The page that helps with it, "" where the office does."""
    return reverse("me-identity") if lack.kind == trust.IDENTITY else ""
