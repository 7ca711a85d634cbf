"""Reads of the municipalities room. Everything about areas and places needs ``tenancy.tenant``."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from kyojo.kernel import geometry
from kyojo.kernel.errors import NotFound
from kyojo.kernel.geometry import Point
from kyojo.kernel.text import normalised, to_katakana

from .domain import LIVING_AREA, NEIGHBOURHOOD
from .errors import UnknownMunicipality
from .models import Area, Municipality, Operator, Place


def municipalities_all() -> QuerySet[Municipality]:
    """Every registered municipality, by reading. Needs no tenant."""
    return Municipality.objects.all()


def municipality_by_slug(slug: str) -> Municipality:
    """Raises ``NotFound``. Needs no tenant."""
    town = Municipality.objects.filter(slug=slug).first()
    if town is None:
        raise NotFound
    return town


def municipality_by_code(code: int) -> Municipality:
    """Raises ``UnknownMunicipality``. Needs no tenant."""
    town = Municipality.objects.filter(pk=code).first()
    if town is None:
        raise UnknownMunicipality(code=f"{code:06d}")
    return town


def operators() -> QuerySet[Any]:
    """Who runs programmes in the town, by reading."""
    return Operator.objects.all()


def living_areas() -> QuerySet[Any]:
    """The town's living areas (layer 2)."""
    return Area.objects.filter(kind=LIVING_AREA)


def neighbourhoods(*, parent_id: int | None = None) -> QuerySet[Any]:
    """The town's neighbourhood associations; those of one living area, if named."""
    found = Area.objects.filter(kind=NEIGHBOURHOOD)
    return found if parent_id is None else found.filter(parent_id=parent_id)


def area_of_point(latitude: float, longitude: float, *, kind: str = LIVING_AREA) -> Area | None:
    """The area of ``kind`` that the point (degrees) lies in, or None."""
    point = Point(latitude, longitude)
    boxes = Area.objects.filter(
        kind=kind,
        west__lte=longitude,
        east__gte=longitude,
        south__lte=latitude,
        north__gte=latitude,
    ).order_by("code")
    return next((area for area in boxes if geometry.contains(area.geometry, point)), None)


def areas_outline(kind: str) -> dict[str, Any]:
    """The areas of one kind as a GeoJSON FeatureCollection (``properties``: id, code, name,
    name_kana), for a map without tiles."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": area.pk,
                "geometry": area.geometry,
                "properties": {
                    "id": area.pk,
                    "code": area.code,
                    "name": area.name,
                    "name_kana": area.name_kana,
                },
            }
            for area in Area.objects.filter(kind=kind)
        ],
    }


@dataclass(frozen=True, slots=True)
class NearPlace:
    """A place and how far it is in a straight line."""

    place: Place
    distance_metres: float

    @property
    def walking_minutes(self) -> int:
        return geometry.walking_minutes(self.distance_metres)


def places_near(
    latitude: float, longitude: float, *, within_metres: float = 2000, limit: int = 20
) -> list[NearPlace]:
    """The nearest places first; ties by number."""
    here = Point(latitude, longitude)
    box = geometry.box_around(here, within_metres)
    inside = Place.objects.filter(
        latitude__range=(box.south, box.north), longitude__range=(box.west, box.east)
    ).select_related("area")
    found = [
        NearPlace(place, geometry.distance_metres(here, Point(place.latitude, place.longitude)))
        for place in inside
    ]
    near = [entry for entry in found if entry.distance_metres <= within_metres]
    return sorted(near, key=lambda entry: (entry.distance_metres, entry.place.number))[:limit]


def places_all() -> QuerySet[Any]:
    """The town's places, by reading, each with its area."""
    return Place.objects.select_related("area")


def places_search(text: str, *, limit: int = 50) -> list[Place]:
    """Places whose name, reading, other name, kind or address holds every word of ``text``.

    Hiragana finds katakana readings; widths do not matter. Empty text finds nothing.
    """
    words = normalised(text).split()
    if not words:
        return []
    found = places_all()
    for word in words[:5]:
        found = found.filter(
            Q(name__icontains=word)
            | Q(name_kana__icontains=to_katakana(word))
            | Q(alias__icontains=word)
            | Q(kind__icontains=word)
            | Q(address__icontains=word)
        )
    return list(found[:limit])
