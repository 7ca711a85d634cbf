"""Where a supporter lives and how far they come."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from kyojo.civic.people.models import Person
from kyojo.civic.people.services import home_set, travel_set
from kyojo.kernel.errors import Refusal
from kyojo.kernel.geometry import Point

from ..http import redirect_saying
from ..known_points import KnownPoint, point_choices, points_of
from ..security.stepping import step_up_required
from .access import members_only, person_of
from .offer_forms import HomeForm
from .offering import is_first


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def home_page(request: HttpRequest) -> HttpResponse:
    person, first = person_of(request), is_first(request)
    asked = step_up_required(request, "home_change") if person.latitude is not None else None
    if asked is not None:
        return asked
    points = points_of(person.municipality_id)
    kinds: dict[str, Any] = {
        "points": point_choices(points),
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


def _saved(person: Person, given: dict[str, Any], points: dict[str, KnownPoint]) -> None:
    point = _point(person, given, points)
    with transaction.atomic():
        travel_set(person=person, travel=given["travel"], travel_limit_m=given["travel_limit_m"])
        home_set(
            person=person,
            address=given["address"],
            latitude=point.latitude,
            longitude=point.longitude,
        )


def _point(person: Person, given: dict[str, Any], points: dict[str, KnownPoint]) -> Point:
    """What was chosen last: the place in the list, the phone's position, else as before."""
    if given["near"]:
        return points[given["near"]].point
    if given["latitude"] is not None and given["longitude"] is not None:
        return Point(given["latitude"], given["longitude"])
    assert person.latitude is not None
    assert person.longitude is not None
    return Point(person.latitude, person.longitude)
