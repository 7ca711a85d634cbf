"""Writes of the municipalities room: towns, their areas, operators and places."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from kyojo.kernel import geometry
from kyojo.kernel.geometry import Point
from kyojo.kernel.text import kana_name, normalised

from . import tenancy
from .domain import (
    LIVING_AREA,
    NEIGHBOURHOOD,
    PLACE_FIELDS,
    AreaRecord,
    Finding,
    PlaceRecord,
    code_readings,
)
from .errors import (
    KanaWrong,
    MunicipalityCodeWrong,
    MunicipalityTaken,
    OutsideMunicipality,
    UnknownMunicipality,
    ValueMissing,
    ValueTooLong,
)
from .models import Area, Municipality, Operator, Place

Progress = Callable[[int, int], None]
#: A pier or a digitised edge: this near to the town a place still counts as inside.
EDGE_TOLERANCE_METRES = 100


@dataclass(slots=True)
class Stored:
    """What a store did: rows by fate, rows refused, and what is worth knowing."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


def municipality_register(
    *,
    code: int,
    name: str,
    name_kana: str,
    prefecture: str,
    slug: str = "",
    office_name: str = "",
    office_phone: str = "",
    office_hours: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
) -> Municipality:
    """Register a municipality; the same code and name again brings its other fields up to date.

    ``code`` is the six-digit 全国地方公共団体コード. Without a slug its address is the code.

    Raises ``MunicipalityCodeWrong``, ``ValueMissing``, ``ValueTooLong``, ``KanaWrong``,
    ``OutsideJapan``, ``MunicipalityTaken`` (the code belongs to a town of another name).
    """
    if code not in code_readings(f"{code:06d}"):
        raise MunicipalityCodeWrong(text=f"{code:06d}")
    name, prefecture = normalised(name), normalised(prefecture)
    for shown, value in (("自治体の名前", name), ("都道府県", prefecture)):
        if not value:
            raise ValueMissing(name=shown)
    reading = kana_name(name_kana)
    if reading is None:
        raise KanaWrong(field="name_kana")
    values = {
        "slug": slug or f"{code:06d}",
        "name": name,
        "name_kana": reading,
        "prefecture": prefecture,
        "office_name": office_name or f"{name} 共助センター",
        "office_phone": office_phone,
        "office_hours": office_hours,
    }
    for attribute, value in values.items():
        limit = Municipality._meta.get_field(attribute).max_length or 0
        if len(value) > limit:
            raise ValueTooLong(name=attribute, length=len(value), limit=limit)
    position: dict[str, float] = {}
    if latitude is not None and longitude is not None:
        point = geometry.check_in_japan(latitude, longitude)
        position = {"latitude": point.latitude, "longitude": point.longitude}
    with transaction.atomic():
        known = Municipality.objects.select_for_update(no_key=True).filter(pk=code).first()
        if known is None:
            return Municipality.objects.create(pk=code, **values, **position)
        if known.name != name:
            raise MunicipalityTaken(code=known.code, name=known.name)
        given = {"slug": slug, "office_name": office_name, "office_phone": office_phone}
        given |= {"office_hours": office_hours, "name_kana": reading, "prefecture": prefecture}
        for attribute, value in {**{k: v for k, v in given.items() if v}, **position}.items():
            setattr(known, attribute, value)
        known.save()
        return known


def operator_register(
    *, municipality_id: int, kind: str, name: str, name_kana: str, phone: str = ""
) -> Operator:
    """Register an operator (運営主体); the same name again brings its other fields up to date.

    Raises ``UnknownMunicipality``, ``ValueMissing``, ``KanaWrong``, ``ValueError`` (unknown kind).
    """
    _municipality(municipality_id)
    name = normalised(name)
    if not name:
        raise ValueMissing(name="運営主体の名前", field="name")
    reading = kana_name(name_kana)
    if reading is None:
        raise KanaWrong(field="name_kana")
    values = {"kind": Operator.Kind(kind), "name_kana": reading, "phone": phone}
    with tenancy.tenant(municipality_id):
        operator: Operator
        operator, _ = Operator.objects.update_or_create(
            municipality_id=municipality_id, name=name, defaults=values
        )
        return operator


def areas_store(
    *,
    municipality_id: int,
    kind: str,
    areas: Sequence[AreaRecord],
    source: str,
    progress: Progress | None = None,
) -> Stored:
    """Store areas by their code: new ones added, changed ones updated, the same left alone.

    Afterwards neighbourhoods have the living area they lie in as parent, and places their living
    area. Areas that the file no longer names stay, with a note: requests may refer to them.

    Raises ``UnknownMunicipality``; ``ValueTooLong`` rows are refused one by one.
    """
    _municipality(municipality_id)
    result = Stored()
    with tenancy.tenant(municipality_id):
        _imports_one_by_one(municipality_id)
        known = {area.code: area for area in Area.objects.filter(kind=kind)}
        for count, record in enumerate(areas, start=1):
            if progress:
                progress(count, len(areas))
            if len(record.name) > 80 or len(record.code) > 40 or len(record.name_kana) > 120:
                refusal = ValueTooLong(name="名前", length=len(record.name), limit=80)
                label = record.name[:40]
                result.refused.append(
                    Finding.of(refusal, file=source, line=record.row, label=label)
                )
                continue
            _area_store(known.pop(record.code, None), kind, record, source, result)
        for area in known.values():
            message = "このファイルにはありません。前に取り込んだものを残しています。"
            result.notes.append(Finding(source, 0, area.name, "not_in_file", message))
        areas_link(municipality_id=municipality_id, result=result, source=source)
    return result


def _area_store(
    area: Area | None, kind: str, record: AreaRecord, source: str, result: Stored
) -> None:
    box = geometry.box_of(record.geometry)
    values = {
        "name": record.name,
        "name_kana": record.name_kana,
        "geometry": record.geometry,
        "west": box.west,
        "south": box.south,
        "east": box.east,
        "north": box.north,
    }
    if area is None:
        Area.objects.create(kind=kind, code=record.code, source=source[:200], **values)
        result.added += 1
    elif any(getattr(area, attribute) != value for attribute, value in values.items()):
        for attribute, value in values.items():
            setattr(area, attribute, value)
        area.source = source[:200]
        area.save()
        result.updated += 1
    else:
        result.unchanged += 1


def areas_link(*, municipality_id: int, result: Stored, source: str) -> None:
    """Give every neighbourhood and place of the town the living area it lies in."""
    with tenancy.tenant(municipality_id):
        shapes = Coverage(Area.objects.filter(kind=LIVING_AREA))
        if not shapes.living_areas:
            return
        for area in Area.objects.filter(kind=NEIGHBOURHOOD):
            parent = shapes.living_area_of(geometry.inner_point(area.geometry))
            if parent is None:
                message = "どの日常生活圏域にも入っていません。"
                result.notes.append(Finding(source, 0, area.name, "no_living_area", message))
            if area.parent_id != (parent.pk if parent else None):
                area.parent = parent
                area.save(update_fields=["parent"])
        for place in Place.objects.all():
            found = shapes.nearest_living_area(Point(place.latitude, place.longitude))
            if place.area_id != (found.pk if found else None):
                place.area = found
                place.save(update_fields=["area"])


class Coverage:
    """The town's areas, prepared for many questions of the kind "where does this point lie"."""

    def __init__(self, areas: Iterable[Area]) -> None:
        found = list(areas)
        self.outlines = {area.pk: geometry.outline(area.geometry) for area in found}
        self.living_areas = [area for area in found if area.kind == LIVING_AREA]
        self.towns = [area for area in found if area.kind == Area.Kind.MUNICIPALITY]

    def living_area_of(self, point: Point) -> Area | None:
        """The living area that ``point`` lies in (of two that share an edge, the first)."""
        for area in self.living_areas:
            box = geometry.Box(area.west, area.south, area.east, area.north)
            if box.contains(point) and geometry.contains(self.outlines[area.pk], point):
                return area
        return None

    def nearest_living_area(self, point: Point) -> Area | None:
        """Like ``living_area_of``, but a point just outside the edge belongs to the nearest."""
        inside = self.living_area_of(point)
        if inside is not None or not self.living_areas:
            return inside
        away, _, area = min(
            (geometry.distance_to_area_metres(self.outlines[area.pk], point), area.pk, area)
            for area in self.living_areas
        )
        return area if away <= EDGE_TOLERANCE_METRES else None

    def metres_outside(self, point: Point) -> float:
        """0 inside the town, or when no areas are known; else metres to its nearest edge."""
        areas = self.towns or self.living_areas
        return min(
            (geometry.distance_to_area_metres(self.outlines[area.pk], point) for area in areas),
            default=0.0,
        )


def places_store(
    *, municipality_id: int, places: Sequence[PlaceRecord], progress: Progress | None = None
) -> Stored:
    """Store places by their number, each with the living area it lies in.

    The file is the truth: a value that it leaves empty is emptied. A place further outside the
    town than ``EDGE_TOLERANCE_METRES`` is refused, unless its row says that it stands elsewhere.

    Raises ``UnknownMunicipality``.
    """
    town = _municipality(municipality_id)
    result = Stored()
    with tenancy.tenant(municipality_id):
        _imports_one_by_one(municipality_id)
        shapes = Coverage(Area.objects.exclude(kind=NEIGHBOURHOOD))
        known = {
            place.number: place
            for place in Place.objects.filter(number__in=[record.number for record in places])
        }
        new: list[Place] = []
        for count, record in enumerate(places, start=1):
            if progress:
                progress(count, len(places))
            point = Point(record.latitude, record.longitude)
            away = 0.0 if record.elsewhere else shapes.metres_outside(point)
            if away > EDGE_TOLERANCE_METRES:
                refusal = OutsideMunicipality(municipality=town.name, metres=f"{away:,.0f}")
                result.refused.append(_finding(refusal, record))
                continue
            if away:
                message = f"区域の端から{away:.0f}m外ですが、いちばん近い圏域に入れました。"
                result.notes.append(
                    Finding(
                        record.origin.file, record.origin.line, record.name, "at_the_edge", message
                    )
                )
            area = None if record.elsewhere else shapes.nearest_living_area(point)
            _place_store(known.get(record.number), record, area, result, new)
        Place.objects.bulk_create(new, batch_size=500)
    return result


def _finding(refusal: OutsideMunicipality, record: PlaceRecord) -> Finding:
    return Finding.of(
        refusal, file=record.origin.file, line=record.origin.line, label=record.name[:40]
    )


def _place_store(
    place: Place | None, record: PlaceRecord, area: Area | None, result: Stored, new: list[Place]
) -> None:
    values: dict[str, object] = {name: getattr(record, name) for name in PLACE_FIELDS}
    values["area_id"] = area.pk if area else None
    if place is None:
        new.append(Place(number=record.number, source=record.source, **values))
        result.added += 1
    elif any(getattr(place, attribute) != value for attribute, value in values.items()):
        for attribute, value in values.items():
            setattr(place, attribute, value)
        place.source = record.source
        place.save()
        result.updated += 1
    else:
        result.unchanged += 1


def _imports_one_by_one(municipality_id: int) -> None:
    # Not FOR UPDATE: that would stop every new row in town, whose foreign key points here.
    list(Municipality.objects.select_for_update(no_key=True).filter(pk=municipality_id))


def _municipality(municipality_id: int) -> Municipality:
    town = Municipality.objects.filter(pk=municipality_id).first()
    if town is None:
        raise UnknownMunicipality(code=f"{municipality_id:06d}")
    return town
