"""わたしのデータ: the page that leads to all about one's own data, and how long what is kept."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.selectors import municipality_by_slug
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.commons.privacy.retention import kinds
from kyojo.commons.privacy.selectors import erasure_of

from ..account.access import members_only, person_of


@members_only
@require_safe
def data_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    return render(request, "privacy/data.html", {"erasure": erasure_of(person)})


@members_only
@require_safe
def kept_page(request: HttpRequest) -> HttpResponse:
    """The keeping times of one's own town."""
    town = Municipality.objects.get(pk=person_of(request).municipality_id)
    return HttpResponseRedirect(reverse("town-kept", args=[town.slug]))


@require_safe
def town_kept(request: HttpRequest, slug: str) -> HttpResponse:
    """``/town/<slug>/kept/``: how long which record is kept, for everyone to read."""
    municipality = municipality_by_slug(slug)
    with tenant(municipality.id):
        context = {"municipality": municipality, "kinds": kinds()}
        return render(request, "privacy/kept.html", context)
