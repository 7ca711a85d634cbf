"""The geometry of what is drawn: free times, month charts, map sketches, QR codes.

Pages allow no inline styles, so everything is attributes and classes; numbers are strings with one
decimal, so no locale touches them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import ceil, cos, floor, log10, radians
from typing import Any

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kyojo.kernel import clock


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


# --- free times ---------------------------------------------------------------------------------
def freebar(
    free: Iterable[tuple[datetime, datetime]],
    asked: tuple[datetime, datetime],
    *,
    from_hour: int,
    to_hour: int,
) -> dict[str, Any]:
    """Bars on a track of 320 units from x = 10; see ``drawn_parts.freebar``."""
    midnight = clock.local(asked[0]).replace(hour=0, minute=0, second=0, microsecond=0)

    def hour(moment: datetime) -> float:
        return (clock.local(moment) - midnight).total_seconds() / 3600

    first = min(from_hour, max(0, floor(hour(asked[0]))))
    last = max(to_hour, min(24, ceil(hour(asked[1]))))
    scale = 320 / (last - first)

    def bar(start: datetime, end: datetime) -> dict[str, str] | None:
        left, right = max(hour(start), first), min(hour(end), last)
        if right <= left:
            return None
        return {"x": _n(10 + (left - first) * scale), "width": _n((right - left) * scale)}

    step = 2 if last - first <= 12 else 4
    hours = list(range(first, last + 1, step))
    return {
        "free": [drawn for start, end in free if (drawn := bar(start, end))],
        "asked": bar(*asked) or {"x": "10", "width": "0"},
        "ticks": [
            {
                "x": _n(min(max(10 + (at - first) * scale, 14), 320)),
                "text": f"{at}時" if at == hours[-1] else str(at),
            }
            for at in hours
        ],
    }


# --- month chart --------------------------------------------------------------------------------
CHART_TOP, CHART_BOTTOM, CHART_LEFT, CHART_RIGHT = 30.0, 215.0, 44.0, 346.0


def _scale_step(highest: int) -> int:
    """A round step (1, 2, 2.5 or 5 × 10ⁿ) that gives two to four lines under ``highest``."""
    if highest <= 3:
        return 1
    power = int(10 ** floor(log10(highest / 2)))
    return next((step for step in (power, 2 * power, 5 * power) if highest / step < 5), 10 * power)


def month_chart(
    months: Sequence[Mapping[str, Any]],
    *,
    name: str,
    unit: str,
    year_label: str,
    last_label: str,
    now_note: str,
    key: str,
) -> dict[str, Any]:
    """Bars, last year's dots, scale and table; see ``drawn_parts.month_chart``."""
    shown = [m["value"] for m in months if m["value"] is not None]
    last = [m["last"] for m in months if m.get("last") is not None]
    highest = max([*shown, *last, 1])
    height = (CHART_BOTTOM - CHART_TOP) / highest
    pitch = (CHART_RIGHT - CHART_LEFT - 6) / max(len(months), 8)
    step = _scale_step(highest)
    peak = max(shown, default=0)
    bars = []
    for index, month in enumerate(months):
        x = CHART_LEFT + 6 + index * pitch
        value, before = month["value"], month.get("last")
        bars.append(
            {
                "month": month["month"],
                "value": value,
                "last": before,
                "running": bool(month.get("running")),
                "x": _n(x),
                "width": _n(pitch * 0.68),
                "middle": _n(x + pitch * 0.34),
                "y": _n(CHART_BOTTOM - (value or 0) * height),
                "height": _n((value or 0) * height),
                "dot_y": None if before is None else _n(CHART_BOTTOM - before * height),
                "label_y": _n(CHART_BOTTOM - (value or 0) * height - 8)
                if value and value == peak
                else None,
            }
        )
    parts = [f"{bar['month']}月{bar['value']:,}" for bar in bars if bar["value"] is not None]
    return {
        "bars": bars,
        "lines": [
            {
                "y": _n(CHART_BOTTOM - at * height),
                "text_y": _n(CHART_BOTTOM - at * height + 5),
                "text": f"{at:,}",
            }
            for at in range(step, highest + 1, step)
        ],
        "name": name,
        "unit": unit,
        "description": f"{name}の棒グラフ。{'、'.join(parts)}。数字は表にもあります",
        "year_label": year_label,
        "last_label": last_label,
        "now_note": now_note,
        "has_hidden": len(shown) < len(months),
        "has_bars": any(shown) or any(last),
        "total": sum(shown) if len(shown) == len(months) else None,
        "last_total": sum(last) if len(last) == len(months) else None,
        "key": key,
    }


# --- maps ---------------------------------------------------------------------------------------
MAP_WIDTH, MAP_HEIGHT, MAP_EDGE = 358.0, 240.0, 28.0
METRES_PER_DEGREE = 111_320.0
#: A map of one address would otherwise have no extent at all.
MAP_EXTENT_MIN_METRES = 600.0


def _rings(geometry: Mapping[str, Any]) -> list[list[tuple[float, float]]]:
    polygons = (
        [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    )
    return [[(point[0], point[1]) for point in ring] for polygon in polygons for ring in polygon]


def _middle(ring: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The centroid of a ring (shoelace formula), its mean where it has no area."""
    twice = sum(
        x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True)
    )
    if abs(twice) < 1e-12:
        return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)
    x = y = 0.0
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x0 * y1 - x1 * y0
        x += (x0 + x1) * cross
        y += (y0 + y1) * cross
    return x / (3 * twice), y / (3 * twice)


def map_sketch(
    label: str,
    *,
    areas: Iterable[Mapping[str, Any]],
    points: Iterable[Mapping[str, Any]],
    key: str,
) -> dict[str, Any]:
    """Areas and points projected (equirectangular, fitted) to a drawing 358 wide.

    The drawing fits the points where there are any, else the areas; see ``drawn_parts.map_sketch``.
    """
    areas, points = list(areas), list(points)
    outlines = [_rings(area["geometry"]) for area in areas]
    places = [(float(p["longitude"]), float(p["latitude"])) for p in points]
    framed = places or [point for rings in outlines for ring in rings for point in ring]
    if not framed:
        return {
            "label": label,
            "areas": [],
            "points": [],
            "key": key,
            "width": _n(MAP_WIDTH),
            "height": _n(MAP_HEIGHT),
        }
    west, east = min(x for x, _ in framed), max(x for x, _ in framed)
    south, north = min(y for _, y in framed), max(y for _, y in framed)
    across = METRES_PER_DEGREE * cos(radians((south + north) / 2))
    reach = max([float(p.get("radius_m") or 0) for p in points], default=0.0)
    wide = max((east - west) * across + 2 * reach, MAP_EXTENT_MIN_METRES if points else 1.0)
    tall = max((north - south) * METRES_PER_DEGREE + 2 * reach, wide * 0.3)
    height = (
        MAP_HEIGHT if points else min(max(MAP_WIDTH * tall / wide, MAP_HEIGHT), MAP_WIDTH * 1.2)
    )
    edge = MAP_EDGE if points else 8.0
    scale = min((MAP_WIDTH - 2 * edge) / wide, (height - 2 * edge) / tall)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2

    def project(longitude: float, latitude: float) -> tuple[float, float]:
        return (
            MAP_WIDTH / 2 + (longitude - middle_x) * across * scale,
            height / 2 - (latitude - middle_y) * METRES_PER_DEGREE * scale,
        )

    drawn_areas = []
    for area, rings in zip(areas, outlines, strict=True):
        projected = [[project(*point) for point in ring] for ring in rings]
        label_x, label_y = _middle(max(projected, key=len))
        drawn_areas.append(
            {
                "path": "".join(
                    "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in ring) + "z" for ring in projected
                ),
                "heat": area.get("heat") or 0,
                "name": area.get("name", ""),
                "value": area.get("value"),
                "x": _n(label_x),
                "name_y": _n(label_y - 4),
                "value_y": _n(label_y + 18),
            }
        )
    drawn_points = []
    for point, place in zip(points, places, strict=True):
        x, y = project(*place)
        drawn_points.append(
            {
                "kind": point.get("kind", "pin"),
                "text": point.get("text", ""),
                "x": _n(x),
                "y": _n(y),
                "text_y": _n(y + 5),
                "label_y": _n(y - 24),
                "radius": _n(max(float(point.get("radius_m") or 0) * scale, 14.0)),
                "house": f"M{_n(x - 16)} {_n(y - 4)}l16 -14 16 14v18h-32z",
            }
        )
    return {
        "label": label,
        "areas": drawn_areas,
        "points": drawn_points,
        "key": key,
        "width": _n(MAP_WIDTH),
        "height": _n(height),
    }


# --- QR codes -----------------------------------------------------------------------------------
def qr(address: str, label: str) -> SafeString:
    """``address`` as a QR code (error correction M), named ``label`` for screen readers."""
    code = segno.make(address, error="m", micro=False)
    rows = [list(row) for row in code.matrix]
    path = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run]:
                run += 1
            if run:
                path.append(f"M{x} {y}.5h{run}")
            x += run or 1
    return format_html(
        '<div class="qr"><svg role="img" aria-label="{}" viewBox="0 0 {} {}"><path d="{}"/></svg>'
        "</div>",
        label,
        len(rows),
        len(rows),
        "".join(path),
    )
