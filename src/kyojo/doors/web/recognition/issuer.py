"""What a verifier fetches of a town: its profile, its keys, its status lists, what it awards.

Public and the same for everybody; the profile and the achievements are pages for people as well.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.selectors import municipality_by_slug
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.recognition import credentials, selectors
from kyojo.help.recognition.domain import Achievement
from kyojo.help.recognition.domain import achievement as achievement_of
from kyojo.help.recognition.services.keys import issuer_of
from kyojo.kernel.errors import NotFound

from .picture import badge_svg
from .public import wants_page

JSON_LD = "application/ld+json"
#: A newer list or key may be there at any moment.
ASK_AGAIN = "no-cache"


def _document(document: dict[str, Any], content_type: str = JSON_LD) -> HttpResponse:
    response = JsonResponse(
        document, content_type=content_type, json_dumps_params={"ensure_ascii": False}
    )
    return _for_all(response)


def _for_all(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = ASK_AGAIN
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def profile(request: HttpRequest, slug: str) -> HttpResponse:
    """``/badges/issuer/<slug>/``: who vouches."""
    town = municipality_by_slug(slug)
    if not wants_page(request):
        return _document(issuer_of(town).profile())
    with tenant(town.pk):
        context = {"municipality": town, "keys": selectors.keys_public()}
        response = render(request, "recognition/issuer.html", context)
    response["Vary"] = "Accept"
    return response


@require_safe
def key(request: HttpRequest, slug: str, kid: str) -> HttpResponse:
    """One public key as a JWK: where a credential's ``kid`` leads."""
    with tenant(municipality_by_slug(slug).pk):
        return _document(selectors.key_by_id(kid), "application/jwk+json")


@require_safe
def keys(request: HttpRequest, slug: str) -> HttpResponse:
    """Every public key, as a JWK set."""
    with tenant(municipality_by_slug(slug).pk):
        return _document({"keys": selectors.keys_public()}, "application/jwk-set+json")


@require_safe
def status(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A signed list of what was revoked (Bitstring Status List)."""
    with tenant(municipality_by_slug(slug).pk):
        token, _ = selectors.status_list(number)
    return _for_all(HttpResponse(token, content_type="text/plain; charset=utf-8"))


def _achievement(town: Municipality, code: str) -> Achievement:
    label = selectors.course_label(code)
    found = achievement_of(code, town=town.name, label=label)
    if found is None or (found.kind.of == "training" and not label):
        raise NotFound()
    return found


@require_safe
def achievement(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """What a badge is given for."""
    town = municipality_by_slug(slug)
    with tenant(town.pk):
        says = _achievement(town, code)
        if wants_page(request):
            context = {"municipality": town, "says": says}
            response = render(request, "recognition/achievement.html", context)
            response["Vary"] = "Accept"
            return response
    document = credentials.achievement_document(
        issuer=issuer_of(town),
        code=code,
        name=says.name,
        description=says.description,
        criteria=says.criteria,
    )
    return _document({"@context": [credentials.VC_CONTEXT, credentials.OB_CONTEXT], **document})


@require_safe
def image(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The achievement's picture, without a credential in it."""
    town = municipality_by_slug(slug)
    with tenant(town.pk):
        drawn = badge_svg(_achievement(town, code), town=town.name)
    return _for_all(HttpResponse(drawn, content_type="image/svg+xml"))
