"""Points of a town that people know: a position is chosen from a list, without a map."""

from dataclasses import dataclass

from kyojo.civic.municipalities.models import Area, Place
from kyojo.civic.municipalities.selectors import municipality_by_code
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel import geometry
from kyojo.kernel.geometry import Point

FACILITIES_MAX = 300
GROUPS = {"living_area": "地区", "neighbourhood": "自治会・町内会"}


@dataclass(frozen=True)
class KnownPoint:
    """A district, an association or a facility; ``group`` "" stands outside the groups."""

    group: str
    label: str
    point: Point


def points_of(town_id: int) -> dict[str, KnownPoint]:
    """Districts, associations and facilities of a town by their value in the list. Only the
    town's middle where it has none of them yet."""
    found: dict[str, KnownPoint] = {}
    with tenant(town_id):
        for area in Area.objects.filter(kind__in=GROUPS):
            point = geometry.inner_point(area.geometry)
            found[f"area-{area.pk}"] = KnownPoint(GROUPS[area.kind], area.name, point)
        for place in Place.objects.all()[:FACILITIES_MAX]:
            point = Point(place.latitude, place.longitude)
            found[f"place-{place.pk}"] = KnownPoint("施設", place.name, point)
    if not found:
        town = municipality_by_code(town_id)
        if town.latitude is not None and town.longitude is not None:
            middle = Point(town.latitude, town.longitude)
            found["middle"] = KnownPoint("", f"{town.name}のまんなか", middle)
    return found


def point_choices(
    points: dict[str, KnownPoint],
) -> list[tuple[str, str | list[tuple[str, str]]]]:
    """The points as a select's choices, in groups."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for value, known in points.items():
        groups.setdefault(known.group, []).append((value, known.label))
    plain = groups.pop("", [])
    return [*groups.items(), *plain]
