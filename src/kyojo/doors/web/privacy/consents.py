"""What one agreed to, in the words that were read; agreeing, and taking it back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from kyojo.civic.organisations.selectors import employment_of
from kyojo.civic.organisations.services import consent_give as company_give
from kyojo.civic.people.consent_selectors import consents_of
from kyojo.civic.people.models import Consent, ConsentText, Person
from kyojo.civic.people.services import consent_give
from kyojo.commons.privacy.services import consent_withdraw
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..http import page_refused, redirect_saying

Kind = ConsentText.Kind


@members_only
@require_safe
def consents_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    past = Consent.objects.filter(person=person).exclude(withdrawn_at=None).select_related("text")
    states = [one for one in consents_of(person) if _is_offered(person, one.kind, one.consent)]
    return render(request, "privacy/consents.html", {"states": states, "past": past})


def _is_offered(person: Person, kind: str, consent: Consent | None) -> bool:
    """The company's is offered where one works; what one agreed to is always shown."""
    return kind != Kind.COMPANY_SUM or consent is not None or _works(person)


def _works(person: Person) -> bool:
    employment = employment_of(person)
    return employment is not None and employment.state in ("requested", "confirmed")


@members_only
@require_POST
def answer(request: HttpRequest, kind: str) -> HttpResponse:
    """``answer=yes`` to the version that was on the screen, or ``answer=no``."""
    person, said = person_of(request), request.POST.get("answer")
    version = request.POST.get("version", "")
    if kind not in Kind.values or said not in ("yes", "no") or not version.isdecimal():
        raise NotFound()
    try:
        if said == "no":
            consent_withdraw(person=person, kind=kind)
            return redirect_saying(request, "me-data-consents", "同意をやめました。")
        employment = employment_of(person) if kind == Kind.COMPANY_SUM else None
        if kind == Kind.COMPANY_SUM and employment is None:
            raise NotFound()
        consent_give(person=person, kind=kind, version=int(version))
        if employment is not None:
            company_give(employment=employment)
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back="/me/data/consents/")
    return redirect_saying(request, "me-data-consents", "同意しました。いつでもやめられます。")
