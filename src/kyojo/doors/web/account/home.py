"""Where a supporter lives and how far they come."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from kyojo.civic.municipalities.models import Area, Place
from kyojo.civic.municipalities.selectors import municipality_by_code
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import home_set, travel_set
from kyojo.kernel import geometry
from kyojo.kernel.errors import Refusal
from kyojo.kernel.geometry import Point

from ..http import redirect_saying
from .access import members_only, person_of
from .offer_forms import HomeForm
from .offering import is_first

PLACES_MAX = 300
GROUPS = {"living_area": "地区", "neighbourhood": "自治会・町内会"}


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def home_page(request: HttpRequest) -> HttpResponse:
    person, first = person_of(request), is_first(request)
    points = points_of(person)
    kinds: dict[str, Any] = {
        "points": grouped(points),
        "has_home": person.latitude is not None,
        "limit": person.travel_limit_m,
    }
    if request.method != "POST":
        initial = {
            "address": person.address,
            "travel": person.travel,
            "travel_limit_m": str(person.travel_limit_m),
        }
        return _page(request, HomeForm(initial=initial, **kinds), first)
    form = HomeForm(request.POST, **kinds)
    if form.is_valid():
        try:
            _saved(person, form.cleaned_data, points)
        except Refusal as refusal:
            if refusal.field not in form.fields:
                refusal.field = "near"
            form.refuse(refusal)
        else:
            if first:
                return redirect_saying(request, "supporter-home", "準備ができました。")
            return redirect_saying(request, "me", "家と、行ける範囲を覚えました。")
    return _page(request, form, first, status=422)


def _page(request: HttpRequest, form: HomeForm, first: bool, status: int = 200) -> HttpResponse:
    context = {"form": form, "first": first, "has_home": form.has_home}
    return render(request, "account/home.html", context, status=status)


def _saved(
    person: Person, given: dict[str, Any], points: dict[str, tuple[str, str, Point]]
) -> None:
    point = _point(person, given, points)
    with transaction.atomic():
        travel_set(person=person, travel=given["travel"], travel_limit_m=given["travel_limit_m"])
        home_set(
            person=person,
            address=given["address"],
            latitude=point.latitude,
            longitude=point.longitude,
        )


def _point(
    person: Person, given: dict[str, Any], points: dict[str, tuple[str, str, Point]]
) -> Point:
    """What was chosen last: the place in the list, the phone's position, else as before."""
    if given["near"]:
        return points[given["near"]][2]
    if given["latitude"] is not None and given["longitude"] is not None:
        return Point(given["latitude"], given["longitude"])
    assert person.latitude is not None
    assert person.longitude is not None
    return Point(person.latitude, person.longitude)


def points_of(person: Person) -> dict[str, tuple[str, str, Point]]:
    """Districts, associations and facilities of the town: value → (group, label, position). The
    town's middle where it has none of them yet."""
    found: dict[str, tuple[str, str, Point]] = {}
    for area in Area.objects.filter(kind__in=GROUPS):
        found[f"area-{area.pk}"] = (
            GROUPS[area.kind],
            area.name,
            geometry.inner_point(area.geometry),
        )
    for place in Place.objects.all()[:PLACES_MAX]:
        found[f"place-{place.pk}"] = ("施設", place.name, Point(place.latitude, place.longitude))
    town = municipality_by_code(person.municipality_id)
    if not found and town.latitude is not None and town.longitude is not None:
        found["middle"] = ("", f"{town.name}のまんなか", Point(town.latitude, town.longitude))
    return found


def grouped(points: dict[str, tuple[str, str, Point]]) -> list[tuple[str, Any]]:
    """As a select's choices with groups."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for value, (group, label, _) in points.items():
        groups.setdefault(group, []).append((value, label))
    plain = groups.pop("", [])
    return [*groups.items(), *plain]
