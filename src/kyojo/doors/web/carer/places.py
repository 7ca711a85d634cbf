"""A new place to ask help for: what kind and where, then whose and how to find it."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from kyojo.civic.municipalities.selectors import municipalities_all, municipality_by_code
from kyojo.civic.people.consent_selectors import text_current
from kyojo.civic.people.services import Recipient, care_place_add
from kyojo.kernel import geometry
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.geometry import Point
from kyojo.kernel.text import normalised

from ..http import redirect_saying
from ..known_points import KnownPoint, point_choices, points_of
from .access import carers_only, person_of
from .ask import KEPT
from .forms import PersonPlaceForm, PlaceForm, PlaceKindForm


@carers_only
def place_page(request: HttpRequest) -> HttpResponse:
    """First step (GET): kind and town. Second (GET with both, then POST): the place itself."""
    source = request.POST if request.method == "POST" else request.GET
    if "kind" not in source and "town" not in source:
        own_town = request.municipality_id  # type: ignore[attr-defined]
        return _first_page(request, PlaceKindForm(towns=_towns(), initial={"town": own_town}))
    first = PlaceKindForm(source, towns=_towns())
    if not first.is_valid():
        return _first_page(request, first, status=422)
    kind, town_id = first.cleaned_data["kind"], int(first.cleaned_data["town"])
    if kind == "own_home":
        town_id = request.municipality_id  # type: ignore[attr-defined]
    points = points_of(town_id)
    make = PersonPlaceForm if kind == "other_home" else PlaceForm
    if request.method == "POST":
        form = make(request.POST, points=point_choices(points))
        return _added(request, form, kind, town_id, points)
    labels = {"own_home": "自分の家"}
    initial = {"kind": kind, "town": town_id, "label": labels.get(kind, "")}
    return _second_page(request, make(points=point_choices(points), initial=initial), kind, town_id)


def _towns() -> Any:
    return municipalities_all()


def _first_page(request: HttpRequest, form: PlaceKindForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "back": _way_back(request), "is_kept": KEPT in request.session}
    return render(request, "carer/place_kind.html", context, status=status)


def _second_page(
    request: HttpRequest, form: PlaceForm, kind: str, town_id: int, status: int = 200
) -> HttpResponse:
    return render(
        request,
        "carer/place_add.html",
        {
            "form": form,
            "kind": kind,
            "town": municipality_by_code(town_id),
            "back": reverse("carer-ask-place"),
            "text": text_current("health"),
        },
        status=status,
    )


def _way_back(request: HttpRequest) -> str:
    path = request.session.get(KEPT, {}).get("path")
    return f"{path}{'&' if '?' in path else '?'}kept=1" if path else "/me/places/"


def _added(
    request: HttpRequest,
    form: PlaceForm,
    kind: str,
    town_id: int,
    points: dict[str, KnownPoint],
) -> HttpResponse:
    if not form.is_valid():
        return _second_page(request, form, kind, town_id, status=422)
    given = form.cleaned_data
    try:
        point = position_of(given["position"]) or points[given["near"]].point
        place = care_place_add(
            carer=person_of(request),
            uid=form.order,
            kind=kind,
            label=given["label"],
            address=given["address"],
            latitude=point.latitude,
            longitude=point.longitude,
            place_municipality_id=town_id,
            recipient=_recipient(given) if kind == "other_home" else None,
            visitor_note=given["visitor_note"],
        )
    except NotFound:
        raise
    except (Refusal, ValueError) as refusal:
        if isinstance(refusal, Refusal):
            form.refuse(refusal)
        else:
            form.add_error("position", str(refusal))
        return _second_page(request, form, kind, town_id, status=422)
    kept = request.session.get(KEPT)
    if not kept:
        return redirect_saying(request, "/me/places/", "場所を入れました。")
    kept["typed"]["place"] = str(place.uid)
    request.session[KEPT] = kept
    return redirect(_way_back(request))


def position_of(typed: str) -> Point | None:
    """``34.86, 138.32`` as map applications show it; None when empty.

    Raises ``ValueError`` with a sentence, or ``OutsideJapan``.
    """
    cleaned = normalised(typed).strip(" ()")
    if not cleaned:
        return None
    numbers = re.findall(r"-?\d+(?:\.\d+)?", cleaned)
    if len(numbers) != 2:
        raise ValueError("くわしい位置は、2つの数字で入れてください。例：34.8600, 138.3200")
    return geometry.check_in_japan(float(numbers[0]), float(numbers[1]))


def _recipient(given: dict[str, Any]) -> Recipient:
    names = (
        "family_name", "given_name", "family_kana", "given_kana", "birth_date", "phone", "relation",
    )  # fmt: skip
    return Recipient(**{name: given[name] for name in names})
