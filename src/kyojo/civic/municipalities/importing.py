"""Imports of whole files: read, decide whose they are, store in one transaction, report."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from kyojo.kernel import geometry
from kyojo.kernel.errors import Refusal

from .area_fields import fields_chosen, municipality_of_row
from .area_files import RawAreas, open_areas
from .area_shapes import areas_of
from .domain import PLACE_FIELDS as FIELD_NAMES
from .domain import (
    FileRead,
    Finding,
    ImportReport,
    Merge,
    PlaceRecord,
    area_kind,
    code_readings,
    likely_twins,
    places_merged,
)
from .errors import (
    AreaFileBroken,
    FileMissing,
    KindUnclear,
    MunicipalityNotRegistered,
    MunicipalityUnclear,
    UnknownMunicipality,
)
from .models import Municipality
from .place_files import PlacesRead, read_places
from .services import Progress, Stored, areas_store, municipality_register, places_store


@dataclass(frozen=True, slots=True)
class Registration:
    """A municipality to register before its first file is stored."""

    name: str
    name_kana: str
    prefecture: str


def areas_import(
    *,
    path: Path,
    municipality: str = "",
    kind: str = "",
    name_field: str = "",
    code_field: str = "",
    crs: str = "",
    registration: Registration | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Read a map of areas and store them.

    Arguments:
        municipality: the code as typed; "" to find it in the file, its name, or as the only town.
        kind, name_field, code_field, crs: "" to find them out from the file.

    Raises a ``Refusal`` when the file or an argument cannot be used; then nothing is stored.
    """
    raw = open_areas(path, crs=crs)
    town_id = _town_of_areas(raw, municipality, registration)
    rows = [feature.attributes for feature in raw.features]
    choice = fields_chosen(raw.columns, rows, name_field=name_field, code_field=code_field)
    read = areas_of(raw, choice, municipality_id=town_id, progress=progress)
    if not read.records:
        reason = read.refused[0].message if read.refused else "この自治体の区域がありません。"
        raise AreaFileBroken(name=raw.name, reason=reason)
    found_kind = kind or area_kind([area.name for area in read.records], path.name)
    if found_kind is None:
        raise KindUnclear(name=path.name)
    columns = [f"名前の列 {choice.name}", f"コードの列 {choice.code or 'なし（名前で見分けます）'}"]
    if choice.kana:
        columns.append(f"ふりがなの列 {choice.kana}")
    details = (f"座標系 {_system(raw)}", *columns, *raw.details)
    report = ImportReport("areas", found_kind)
    report.files = [FileRead(raw.name, raw.form, raw.encoding, len(raw.features), details)]
    report.merged = read.merged
    with transaction.atomic():
        town = _town_ready(town_id, registration)
        stored = areas_store(
            municipality_id=town_id, kind=found_kind, areas=read.records, source=path.name
        )
        report.municipalities = [f"{town.name}（{town.code}）"]
        _add(report, stored, read.refused, read.notes)
        report.stored = not dry_run
        if dry_run:
            transaction.set_rollback(True)
    return report


def _system(raw: RawAreas) -> str:
    unit = "度" if raw.crs.is_geographic else "メートル"
    return f"{raw.crs.name}（{geometry.datum_name(raw.crs)}、{unit}）"


def _town_of_areas(raw: RawAreas, typed: str, registration: Registration | None) -> int:
    if typed:
        return _registered_reading(typed, registration)
    stated = {municipality_of_row(feature.attributes) for feature in raw.features} - {()}
    if len(stated) == 1:
        return _registered_reading(f"{stated.pop()[0]:06d}", registration)
    prefix = re.match(r"\d{6}(?!\d)", Path(raw.name).name)
    if prefix:
        return _registered_reading(prefix[0], registration)
    towns = list(Municipality.objects.values_list("pk", flat=True)[:2])
    if len(towns) == 1 and registration is None:
        return int(towns[0])
    raise MunicipalityUnclear


def _registered_reading(text: str, registration: Registration | None) -> int:
    readings = code_readings(text)
    towns = set(Municipality.objects.filter(pk__in=readings).values_list("pk", flat=True))
    for reading in readings:
        if reading in towns:
            return reading
    if registration is None:
        raise MunicipalityNotRegistered(code=f"{readings[0]:06d}")
    return readings[0]


def _town_ready(town_id: int, registration: Registration | None) -> Municipality:
    if registration is None:
        return Municipality.objects.get(pk=town_id)
    return municipality_register(
        code=town_id,
        name=registration.name,
        name_kana=registration.name_kana,
        prefecture=registration.prefecture,
    )


def places_import(
    *,
    paths: Sequence[Path],
    municipality: str = "",
    registration: Registration | None = None,
    strict: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Read facility lists and store their places, each number once, in one transaction.

    With ``strict``, one refused row stops everything. ``report.stored`` tells what happened.

    Raises a ``Refusal`` when a file or an argument cannot be used; then nothing is stored.
    """
    only = _registered_reading(municipality, registration) if municipality else None
    registered = frozenset(Municipality.objects.values_list("pk", flat=True))
    if registration is not None and only is None:
        raise MunicipalityUnclear
    report = ImportReport("places")
    records: list[PlaceRecord] = []
    for path in paths:
        read = _read(path, registered | ({only} if only else set()), only)
        report.files.append(read.read)
        report.refused += read.refused
        report.notes += read.notes
        records += read.records
    _all_unknown(report, records)
    kept, merges = places_merged(records)
    report.merged = len(merges)
    report.notes += _merge_notes(merges) + _twin_notes(kept)
    with transaction.atomic():
        for town_id in sorted({record.municipality_id for record in kept}):
            town = _town_ready(town_id, registration if town_id == only else None)
            places = [record for record in kept if record.municipality_id == town_id]
            stored = places_store(municipality_id=town_id, places=places, progress=progress)
            report.municipalities.append(f"{town.name}（{town.code}）")
            _add(report, stored, [], [])
        undone = dry_run or (strict and bool(report.refused))
        report.stored = not undone and bool(report.added + report.updated + report.unchanged)
        if not report.stored:
            transaction.set_rollback(True)
    return report


def _read(path: Path, registered: frozenset[int], only: int | None) -> PlacesRead:
    if not path.is_file():
        raise FileMissing(name=path.name)
    try:
        return read_places(path.name, path.read_bytes(), registered=registered, only=only)
    except Refusal as refusal:
        refusal.field = refusal.field or path.name
        raise


def _all_unknown(report: ImportReport, records: list[PlaceRecord]) -> None:
    """When no row is usable only because the town is not registered, say how to register it."""
    codes = {finding.code for finding in report.refused}
    if records or codes != {UnknownMunicipality.code}:
        return
    found = re.search(r"\d{6}", report.refused[0].message)
    raise MunicipalityNotRegistered(code=found[0] if found else "")


def _merge_notes(merges: Sequence[Merge]) -> list[Finding]:
    notes = []
    for merge in merges:
        other, into = merge.other.origin, merge.into.origin
        for conflict in merge.conflicts:
            message = (
                f"番号{merge.into.number}の{FIELD_NAMES[conflict.field]}が{into.file}の{into.line}行目と"
                f"違います。「{_short(conflict.kept)}」を使い、「{_short(conflict.other)}」は使いません。"
            )
            notes.append(
                Finding(other.file, other.line, merge.other.name, "duplicate_differs", message)
            )
    return notes


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"


def _twin_notes(kept: Sequence[PlaceRecord]) -> list[Finding]:
    return [
        Finding(
            twin.origin.file,
            twin.origin.line,
            twin.name,
            "likely_twin",
            f"番号{twin.number}は、番号{first.number}（{first.origin.file}の{first.origin.line}行目）と"
            "同じ施設かもしれません。別の施設として取り込みます。",
        )
        for first, twin in likely_twins(kept)
    ]


def _add(
    report: ImportReport, stored: Stored, refused: list[Finding], notes: list[Finding]
) -> None:
    report.added += stored.added
    report.updated += stored.updated
    report.unchanged += stored.unchanged
    report.refused += [*refused, *stored.refused]
    report.notes += [*notes, *stored.notes]
