"""What anybody may open: a badge whose holder shows it, and the check of a certificate."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.selectors import municipality_by_code
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.recognition import selectors
from kyojo.help.recognition.models import Certificate, Standing
from kyojo.help.recognition.services.signing import certificate_rows, certificate_sums
from kyojo.kernel.errors import NotFound, Refusal

from ..http import as_file, page_refused
from . import files
from .forms import NameForm

#: Whether it still holds is asked each time.
NO_STORE = "no-store"


def wants_page(request: HttpRequest) -> bool:
    """Browsers get a page, verifiers the credential: by what they say they take."""
    accepted = request.headers.get("Accept", "")
    return not accepted or "text/html" in accepted or accepted.strip() == "*/*"


@require_safe
def badge(request: HttpRequest, uid: UUID) -> HttpResponse:
    """``/badges/<uid>/``: the badge's page, or the credential for who takes no page. One that no
    longer holds says so; one that its holder keeps to themselves does not exist."""
    standing = selectors.standing_of_badge(uid)
    town = municipality_by_code(standing.town)
    with tenant(town.pk):
        if standing.revoked_at is not None:
            return _gone(request, town, standing)
        view = selectors.badge_public(uid)
        if not wants_page(request):
            return _answered(request, uid, "jwt")
        context = {
            "municipality": town,
            "one": view,
            "address": settings.BASE_URL + reverse("badge", args=[uid]),
        }
        response = render(request, "recognition/badge_public.html", context)
    response["Cache-Control"] = NO_STORE
    response["Vary"] = "Accept"
    return response


def _gone(request: HttpRequest, town: Municipality, standing: Standing) -> HttpResponse:
    context = {"municipality": town, "is_erased": standing.reason == Standing.Reason.ERASED}
    response = render(request, "recognition/badge_gone.html", context, status=410)
    response["Cache-Control"] = NO_STORE
    return response


@require_safe
def badge_file(request: HttpRequest, uid: UUID, form: str) -> HttpResponse:
    """``credential.jwt``, ``.json``, ``.svg`` and ``.png`` (baked) of a badge that is shown."""
    standing = selectors.standing_of_badge(uid)
    if standing.revoked_at is not None:
        raise NotFound()
    with tenant(standing.town):
        return _answered(request, uid, form)


def _answered(request: HttpRequest, uid: UUID, form: str) -> HttpResponse:
    view = selectors.badge_public(uid)
    town = Municipality.objects.get(pk=view.badge.municipality_id)
    try:
        response = files.badge_answer(view, town, form)
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=reverse("badge", args=[uid]))
    response["Cache-Control"] = NO_STORE
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    """``/certificates/<code>/``: what was certified, and nothing more. The name is not shown;
    whoever holds the paper can ask whether it is the one on it."""
    standing = selectors.standing_of_code(code)
    town = municipality_by_code(standing.town)
    form = NameForm(request.POST if request.method == "POST" else None)
    with tenant(town.pk):
        paper = None
        if standing.reason != Standing.Reason.ERASED:
            paper = selectors.certificate_by_uid(standing.uid)
        matches = None
        if paper is not None and request.method == "POST" and form.is_valid():
            matches = selectors.name_matches(paper, form.cleaned_data["name"])
        context = {
            "municipality": town,
            "standing": standing,
            "paper": paper,
            "kind": str(Certificate.Kind(paper.kind).label) if paper else "証明書",
            "sums": certificate_sums(paper) if paper else [],
            "rows": certificate_rows(paper) if paper else [],
            "form": form,
            "matches": matches,
            "code": standing.code,
        }
        status = 422 if form.errors else 200
        response = render(request, "recognition/certificate.html", context, status=status)
    response["Cache-Control"] = NO_STORE
    return response


@require_safe
def certificate_file(request: HttpRequest, code: str) -> HttpResponse:
    """The signed credential of a certificate, for whoever has its code."""
    standing = selectors.standing_of_code(code)
    if standing.revoked_at is not None:
        raise NotFound()
    with tenant(standing.town):
        paper = selectors.certificate_by_uid(standing.uid)
        if not paper.token:
            raise NotFound()
        response = as_file(paper.token.encode(), f"kyojo-{paper.code}.jwt", files.JWT)
    response["Cache-Control"] = NO_STORE
    response["Access-Control-Allow-Origin"] = "*"
    return response
