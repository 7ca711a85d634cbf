"""From the features of a map to areas: named, valid, in degrees. Pure: no Django, no database."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from pyproj import CRS
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from kyojo.kernel import geometry
from kyojo.kernel.errors import Refusal

from .area_fields import FieldChoice, municipality_of_row
from .area_files import AREA_TYPES, RawAreas
from .domain import AreaRecord, Finding, kana_reading, wide_kana
from .errors import GeometryBroken, GeometryMissing, GeometryNotAnArea, ValueMissing

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class AreasRead:
    """Areas in degrees, and what was refused or is worth knowing."""

    records: list[AreaRecord]
    merged: int
    refused: list[Finding]
    notes: list[Finding]


def areas_of(
    raw: RawAreas,
    choice: FieldChoice,
    *,
    municipality_id: int | None = None,
    progress: Progress | None = None,
) -> AreasRead:
    """The areas of an opened file, in degrees, repaired where needed, pieces of one put together.

    Rows of other municipalities (in files of a whole prefecture) are left out and counted in a
    note. Pieces belong together when they have the same code and, unless the code's column was
    chosen by a person, also when they have the same name.
    """
    refused: list[Finding] = []
    notes: list[Finding] = []
    pieces: dict[str, list[tuple[AreaRecord, BaseGeometry]]] = {}
    left_out = 0
    for count, feature in enumerate(raw.features, start=1):
        if progress:
            progress(count, len(raw.features))
        owner = municipality_of_row(feature.attributes)
        if owner and municipality_id and municipality_id not in owner:
            left_out += 1
            continue
        name = wide_kana(feature.attributes.get(choice.name, ""))
        try:
            if not name:
                raise ValueMissing(name=choice.name)
            area, repair = _area_in_degrees(feature.geometry, raw.crs)
        except Refusal as refusal:
            label = name or f"{feature.row}件目"
            refused.append(Finding.of(refusal, file=raw.name, line=feature.row, label=label))
            continue
        if repair:
            notes.append(Finding(raw.name, feature.row, name, "ring_repaired", repair))
        code = feature.attributes.get(choice.code, "") if choice.code else ""
        kana = kana_reading(feature.attributes.get(choice.kana, "")) if choice.kana else ""
        record = AreaRecord(code or name[:40], name, kana, {}, feature.row)
        key = record.code if choice.code_chosen else name
        pieces.setdefault(key, []).append((record, area))
    if left_out:
        notes.append(
            Finding(raw.name, 0, "", "left_out", f"ほかの自治体の{left_out}件は対象外です。")
        )
    records = [_joined(raw.name, parts, notes) for parts in pieces.values()]
    merged = sum(len(parts) - 1 for parts in pieces.values())
    return AreasRead(records, merged, refused, notes)


def _area_in_degrees(mapping: Mapping[str, Any] | None, crs: CRS) -> tuple[BaseGeometry, str]:
    """A valid (multi)polygon in degrees, and what was repaired ("" when nothing)."""
    if not mapping:
        raise GeometryMissing
    try:
        found = shape(dict(mapping))
    except (
        shapely.errors.ShapelyError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
    ):
        raise GeometryBroken from None
    if found.is_empty:
        raise GeometryMissing
    if found.geom_type == "GeometryCollection":
        found = _polygons_only(found)
    if found.geom_type not in AREA_TYPES:
        raise GeometryNotAnArea(kind=found.geom_type)
    repair = ""
    if not found.is_valid:
        before = found.area
        found = _polygons_only(shapely.make_valid(found, method="structure", keep_collapsed=False))
        if found.is_empty:
            raise GeometryBroken
        change = abs(found.area - before) / found.area * 100 if found.area else 0.0
        repair = f"境界の線が交わっていたので直しました（面積の変化 {change:.2f}%）。"
    found = geometry.to_degrees(found, crs)
    if not found.is_valid:  # rounding can make two corners of a sliver meet
        found = _polygons_only(shapely.make_valid(found, method="structure", keep_collapsed=False))
    if found.is_empty:
        raise GeometryBroken
    return found, repair


def _polygons_only(found: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(found) if part.geom_type in AREA_TYPES]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _joined(
    file: str, parts: Sequence[tuple[AreaRecord, BaseGeometry]], notes: list[Finding]
) -> AreaRecord:
    first, area = parts[0]
    if len(parts) > 1:
        area = shapely.union_all([piece for _, piece in parts])
        notes.append(
            Finding(
                file,
                first.row,
                first.name,
                "pieces_joined",
                f"同じ名前の{len(parts)}件を、ひとつの区域にまとめました。",
            )
        )
    oriented = shapely.orient_polygons(area, exterior_cw=False)
    mapping = json.loads(shapely.to_geojson(oriented))
    return AreaRecord(first.code, first.name, first.name_kana, mapping, first.row)
