"""Places on the ground: distances, areas, Japanese coordinate systems. No Django, no database.

Angles are degrees of WGS 84 / JGD2011 (the same to a few centimetres), lengths are metres, areas
are GeoJSON ``Polygon`` or ``MultiPolygon`` mappings with the longitude first.
"""

import hashlib
import hmac
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from .errors import Refusal

Coordinates = NDArray[np.float64]

EARTH_RADIUS_METRES = 6_371_008.8  # mean radius R1 of GRS 80
WALKING_METRES_PER_MINUTE = 80  # 不動産の表示に関する公正競争規約施行規則: one minute is 80 m
DETOUR = 1.3  # streets are about this much longer than the straight line

#: From Okinotorishima and Yonaguni to Minamitorishima and Etorofu.
JAPAN_SOUTH, JAPAN_NORTH, JAPAN_WEST, JAPAN_EAST = 20.2, 45.8, 122.7, 154.2

JGD2011 = "EPSG:6668"
_DATUM_NAMES = (
    (re.compile(r"jgd[ _]?2011|japanese geodetic datum 2011", re.IGNORECASE), "JGD2011"),
    (re.compile(r"jgd[ _]?2024|japanese geodetic datum 2024", re.IGNORECASE), "JGD2024"),
    (re.compile(r"jgd[ _]?2000|japanese geodetic datum 2000", re.IGNORECASE), "JGD2000"),
    (re.compile(r"tokyo", re.IGNORECASE), "Tokyo"),
    (re.compile(r"wgs[ _]?(19)?84|world geodetic system 1984", re.IGNORECASE), "WGS 84"),
)


class OutsideJapan(Refusal):
    code = "outside_japan"
    sentence = "緯度{latitude}、経度{longitude}は日本の外です。緯度と経度を確かめてください。"


class CoordinatesSwapped(OutsideJapan):
    code = "coordinates_swapped"
    sentence = (
        "緯度と経度が入れ替わっているようです（緯度{latitude}、経度{longitude}）。"
        "列を確かめてください。"
    )


class MetresForDegrees(OutsideJapan):
    code = "metres_for_degrees"
    sentence = (
        "緯度{latitude}、経度{longitude}は度ではなくメートルのようです。座標系を確かめてください。"
    )


class UnknownCoordinateSystem(Refusal):
    code = "unknown_coordinate_system"
    sentence = (
        "座標系「{name}」が分かりません。EPSGコード（例 EPSG:6668）か、"
        "平面直角座標系の番号（例 8）で指定してください。"
    )


@dataclass(frozen=True, slots=True)
class Point:
    """A position in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Box:
    """A box in degrees; for plain btree filters before the exact test."""

    west: float
    south: float
    east: float
    north: float

    def contains(self, point: Point) -> bool:
        return (
            self.south <= point.latitude <= self.north and self.west <= point.longitude <= self.east
        )


def check_in_japan(latitude: float, longitude: float) -> Point:
    """The two numbers as a ``Point``.

    Raises ``CoordinatesSwapped``, ``MetresForDegrees`` or ``OutsideJapan`` (all are the last).
    """
    if _in_japan(latitude, longitude):
        return Point(latitude, longitude)
    data = {"latitude": f"{latitude:g}", "longitude": f"{longitude:g}"}
    if _in_japan(longitude, latitude):
        raise CoordinatesSwapped(**data)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise MetresForDegrees(**data)
    raise OutsideJapan(**data)


def _in_japan(latitude: float, longitude: float) -> bool:
    # Comparisons with NaN are false, so NaN is outside.
    return JAPAN_SOUTH <= latitude <= JAPAN_NORTH and JAPAN_WEST <= longitude <= JAPAN_EAST


def distance_metres(a: Point, b: Point) -> float:
    """The straight line over the sphere (haversine); within 0.6 % of the ellipsoid."""
    phi_a, phi_b = math.radians(a.latitude), math.radians(b.latitude)
    half_latitude = math.sin((phi_b - phi_a) / 2)
    half_longitude = math.sin(math.radians(b.longitude - a.longitude) / 2)
    h = half_latitude**2 + math.cos(phi_a) * math.cos(phi_b) * half_longitude**2
    return 2 * EARTH_RADIUS_METRES * math.asin(math.sqrt(min(1.0, h)))


def walking_minutes(straight_metres: float) -> int:
    """Minutes on foot for a straight-line distance, detour included, rounded up; at least 1."""
    return max(1, math.ceil(straight_metres * DETOUR / WALKING_METRES_PER_MINUTE))


def moved(point: Point, *, north_metres: float, east_metres: float) -> Point:
    """``point`` moved by a short way (to some kilometres)."""
    degrees_per_metre = 180 / (math.pi * EARTH_RADIUS_METRES)
    return Point(
        point.latitude + north_metres * degrees_per_metre,
        point.longitude + east_metres * degrees_per_metre / math.cos(math.radians(point.latitude)),
    )


def box_around(point: Point, radius_metres: float) -> Box:
    """The box that holds every point within ``radius_metres`` of ``point``."""
    reach = radius_metres * 1.001  # the poleward edge is narrower than the middle
    low = moved(point, north_metres=-reach, east_metres=-reach)
    high = moved(point, north_metres=reach, east_metres=reach)
    return Box(low.longitude, low.latitude, high.longitude, high.latitude)


def blurred(point: Point, *, key: bytes, radius_metres: float = 300) -> Point:
    """The centre of a circle of ``radius_metres`` that holds ``point`` somewhere inside.

    The same key and point give the same centre, so repeated looks reveal nothing more. The key
    must be secret (a keyed hash of the person's id): who knows it can undo the offset.
    """
    digest = hmac.digest(
        key, f"{point.latitude:.6f},{point.longitude:.6f}".encode(), hashlib.sha256
    )
    turn = int.from_bytes(digest[:4], "big") / 2**32 * 2 * math.pi
    share = int.from_bytes(digest[4:8], "big") / 2**32
    # Evenly over the disc out to 90 % of the radius: rounding never puts the point outside.
    away = radius_metres * 0.9 * math.sqrt(share)
    centre = moved(point, north_metres=away * math.cos(turn), east_metres=away * math.sin(turn))
    return Point(round(centre.latitude, 5), round(centre.longitude, 5))


# --- areas ---------------------------------------------------------------------------------------


Area = Mapping[str, Any] | BaseGeometry


def outline(geometry: Area) -> BaseGeometry:
    """The shapely geometry of a GeoJSON mapping; worth keeping when many points are asked."""
    return geometry if isinstance(geometry, BaseGeometry) else shape(dict(geometry))


def box_of(geometry: Area) -> Box:
    """The bounding box of a GeoJSON mapping."""
    west, south, east, north = outline(geometry).bounds
    return Box(west, south, east, north)


def contains(geometry: Area, point: Point) -> bool:
    """Whether ``point`` lies in the area or on its edge."""
    covered: bool = outline(geometry).covers(shapely.Point(point.longitude, point.latitude))
    return covered


def inner_point(geometry: Area) -> Point:
    """A point that surely lies inside the area (a centroid may not)."""
    inner = outline(geometry).representative_point()
    return Point(inner.y, inner.x)


def distance_to_area_metres(geometry: Area, point: Point) -> float:
    """0 inside; else the metres from ``point`` to the nearest edge (good to a few kilometres)."""
    area, spot = outline(geometry), shapely.Point(point.longitude, point.latitude)
    if area.covers(spot):
        return 0.0
    # Longitudes shrink with the cosine of the latitude: stretch both alike before measuring.
    shrink = math.cos(math.radians(point.latitude))
    flat = shapely.transform(area, lambda xy: xy * np.array([shrink, 1.0]))
    degrees: float = flat.distance(shapely.Point(point.longitude * shrink, point.latitude))
    return degrees * math.pi * EARTH_RADIUS_METRES / 180


# --- coordinate systems --------------------------------------------------------------------------


def plane_rectangular(zone: int) -> CRS:
    """The plane rectangular coordinate system (平面直角座標系) ``zone`` 1–19 of JGD2011."""
    if not 1 <= zone <= 19:
        raise UnknownCoordinateSystem(name=str(zone))
    return CRS.from_epsg(6668 + zone)


def coordinate_system(text: str) -> CRS:
    """A CRS from WKT (a ``.prj``), ``EPSG:6676``, a URN, or a plane rectangular zone number.

    Raises ``UnknownCoordinateSystem``.
    """
    cleaned = text.strip().lstrip("\ufeff").strip("\0 \r\n")
    if re.fullmatch(r"\d{1,2}", cleaned):
        return plane_rectangular(int(cleaned))
    if re.fullmatch(r"\d{4,5}", cleaned):
        cleaned = f"EPSG:{cleaned}"
    try:
        return CRS.from_user_input(cleaned)
    except CRSError:
        raise UnknownCoordinateSystem(name=cleaned[:60] or "（空）") from None


def datum_name(crs: CRS) -> str:
    """``JGD2011``, ``JGD2000``, ``WGS 84``, ``Tokyo`` …; the file's own name for others."""
    geodetic = crs.geodetic_crs
    texts = [crs.name]
    if geodetic is not None:
        texts = [geodetic.name, geodetic.datum.name if geodetic.datum else "", crs.name]
    for text in texts:
        for pattern, name in _DATUM_NAMES:
            if pattern.search(text):
                return name
    return texts[0]


@lru_cache(maxsize=32)
def _transformer(wkt: str) -> Transformer:
    crs = CRS.from_wkt(wkt)
    name = datum_name(crs)
    if name == "Tokyo":
        # 400 m off: shifted by EPSG's three parameters (9 m), since the grid is not shipped.
        tokyo = _on_epsg_datum(crs, 4301)
        return Transformer.from_crs(
            tokyo, CRS.from_epsg(4326), always_xy=True, allow_ballpark=False
        )
    if name in {"JGD2011", "JGD2024", "JGD2000", "WGS 84"} and crs.geodetic_crs is not None:
        # Unproject only. Between these datums lie centimetres, or, where the ground itself moved
        # in 2011, up to 5 m that nobody corrects in a map of districts.
        return Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    return Transformer.from_crs(crs, CRS.from_epsg(4326), always_xy=True)


def _on_epsg_datum(crs: CRS, epsg: int) -> CRS:
    """``crs`` on the datum that EPSG knows: a .prj names the datum, but gives no way out of it."""
    if crs.is_geographic:
        return CRS.from_epsg(epsg)
    projection = _projection(crs)
    for zone_code in range(30161, 30180):
        known = CRS.from_epsg(zone_code)
        if _projection(known) == projection:
            return known
    return crs


def _projection(crs: CRS) -> frozenset[float]:
    operation = crs.coordinate_operation
    return (
        frozenset(round(float(p.value), 4) for p in operation.params) if operation else frozenset()
    )


def to_degrees(geometry: BaseGeometry, crs: CRS) -> BaseGeometry:
    """``geometry`` in degrees, longitude first, rounded to 7 places (1 cm); heights are dropped.

    Raises ``OutsideJapan`` (or a subclass) when the result does not lie in Japan.
    """
    flat = shapely.force_2d(geometry)
    if not (crs.is_geographic and datum_name(crs) != "Tokyo"):
        transformer = _transformer(crs.to_wkt())

        def unproject(xy: Coordinates) -> Coordinates:
            return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

        flat = shapely.transform(flat, unproject)
    west, south, east, north = flat.bounds
    check_in_japan(south, west)
    check_in_japan(north, east)
    return shapely.transform(flat, lambda xy: xy.round(7))
