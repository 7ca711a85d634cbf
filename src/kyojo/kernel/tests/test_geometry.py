import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from kyojo.kernel import geometry as g
from kyojo.kernel.geometry import Point

TOKYO_STATION = Point(35.681236, 139.767125)
OSAKA_STATION = Point(34.702485, 135.495951)
inside_japan = st.builds(Point, st.floats(24, 45), st.floats(123, 153))


def test_the_distance_from_tokyo_to_osaka() -> None:
    # 403.6 km on the ellipsoid (GRS 80); the sphere may differ by 0.6 %.
    assert g.distance_metres(TOKYO_STATION, OSAKA_STATION) == pytest.approx(403_600, rel=0.006)
    assert g.distance_metres(TOKYO_STATION, TOKYO_STATION) == 0


@pytest.mark.parametrize(("metres", "minutes"), [(0, 1), (500, 9), (1000, 17)])
def test_minutes_count_the_detour_and_round_up(metres: float, minutes: int) -> None:
    assert g.walking_minutes(metres) == minutes


@given(inside_japan, st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_a_moved_point_is_as_far_as_it_was_moved(point: Point, north: float, east: float) -> None:
    there = g.moved(point, north_metres=north, east_metres=east)
    assert g.distance_metres(point, there) == pytest.approx(
        math.hypot(north, east), rel=2e-3, abs=1
    )


@given(inside_japan, st.floats(10, 20_000), st.floats(0, 2 * math.pi))
def test_the_box_around_a_point_holds_the_circle(point: Point, radius: float, turn: float) -> None:
    edge = g.moved(
        point,
        north_metres=radius * 0.99 * math.cos(turn),
        east_metres=radius * 0.99 * math.sin(turn),
    )
    assert g.box_around(point, radius).contains(edge)


@given(inside_japan, st.binary(min_size=16, max_size=32))
def test_a_blurred_home_is_somewhere_in_its_circle_and_always_the_same(
    home: Point, key: bytes
) -> None:
    centre = g.blurred(home, key=key, radius_metres=300)
    assert g.distance_metres(home, centre) <= 300
    assert g.blurred(home, key=key, radius_metres=300) == centre


def test_other_keys_blur_to_other_places() -> None:
    centres = {g.blurred(TOKYO_STATION, key=bytes([n]) * 16) for n in range(50)}
    assert len(centres) == 50


@pytest.mark.parametrize(
    ("latitude", "longitude", "refusal"),
    [
        (138.3, 34.8, g.CoordinatesSwapped),
        (0, 0, g.OutsideJapan),
        (51.5, -0.1, g.OutsideJapan),
        (-134090.6, -18890.9, g.MetresForDegrees),
        (math.nan, 138.3, g.OutsideJapan),
        (math.inf, 138.3, g.MetresForDegrees),
    ],
)
def test_positions_outside_japan_are_refused(
    latitude: float, longitude: float, refusal: type[g.OutsideJapan]
) -> None:
    with pytest.raises(g.OutsideJapan) as refused:
        g.check_in_japan(latitude, longitude)
    assert type(refused.value) is refusal
    assert refused.value.message().endswith("確かめてください。")


@pytest.mark.parametrize(
    "point", [(24.45, 122.93), (45.52, 141.94), (20.43, 136.08), (24.28, 153.98), (45.55, 148.75)]
)
def test_the_ends_of_japan_are_inside(point: tuple[float, float]) -> None:
    assert g.check_in_japan(*point) == Point(*point)


SQUARE = shapely.geometry.mapping(shapely.box(138.30, 34.84, 138.33, 34.87))


def test_a_point_in_an_area_on_its_edge_and_outside() -> None:
    assert g.contains(SQUARE, Point(34.85, 138.31))
    assert g.contains(SQUARE, Point(34.84, 138.30))
    assert not g.contains(SQUARE, Point(34.83, 138.31))
    assert g.contains(SQUARE, g.inner_point(SQUARE))
    assert g.distance_to_area_metres(SQUARE, Point(34.85, 138.31)) == 0
    south = g.moved(Point(34.84, 138.31), north_metres=-250, east_metres=0)
    west = g.moved(Point(34.85, 138.30), north_metres=0, east_metres=-250)
    assert g.distance_to_area_metres(SQUARE, south) == pytest.approx(250, rel=0.01)
    assert g.distance_to_area_metres(SQUARE, west) == pytest.approx(250, rel=0.01)


def test_plane_rectangular_metres_become_degrees() -> None:
    # The origin of zone 8 (平成14年国土交通省告示第9号): 36°N 138°30'E.
    origin = g.to_degrees(shapely.Point(0, 0), g.plane_rectangular(8))
    assert (origin.x, origin.y) == pytest.approx((138.5, 36.0), abs=1e-7)
    old = g.to_degrees(shapely.Point(-18890.871, -134090.609), g.coordinate_system("EPSG:2450"))
    new = g.to_degrees(shapely.Point(-18890.871, -134090.609), g.coordinate_system("8"))
    assert old.equals(new)


def test_the_old_tokyo_datum_is_moved_by_some_400_metres() -> None:
    moved = g.to_degrees(shapely.Point(139.767125, 35.681236), g.coordinate_system("EPSG:4301"))
    # 国土地理院: in Tokyo about +12" north and −12" west.
    assert moved.y - 35.681236 == pytest.approx(12 / 3600, abs=0.0004)
    assert moved.x - 139.767125 == pytest.approx(-12 / 3600, abs=0.0004)


@pytest.mark.parametrize("text", ["", "0", "20", "EPSG:99", "でたらめ", "PROJCS["])
def test_an_unknown_coordinate_system_is_refused(text: str) -> None:
    with pytest.raises(g.UnknownCoordinateSystem):
        g.coordinate_system(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("EPSG:6668", "JGD2011"),
        ("urn:ogc:def:crs:EPSG::4612", "JGD2000"),
        ("EPSG:30168", "Tokyo"),
        ("EPSG:4326", "WGS 84"),
        ("6676", "JGD2011"),
    ],
)
def test_the_datum_is_named(text: str, name: str) -> None:
    assert g.datum_name(g.coordinate_system(text)) == name
