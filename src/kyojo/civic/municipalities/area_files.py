"""Reading areas from shapefiles and GeoJSON. Pure: no Django, no database."""

import codecs
import io
import json
import re
import struct
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapefile
from pyproj import CRS

from kyojo.kernel import files as kernel_files
from kyojo.kernel import geometry

from .errors import (
    AreaFileBroken,
    CoordinateSystemMissing,
    FileMissing,
    NoAreas,
    NotAnAreaFile,
    ShapefilePartMissing,
)

UNPACKED_BYTES_MAX = 1_000_000_000
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
AREA_TYPES = {"Polygon", "MultiPolygon"}
#: What the reader raises over bytes that are no shapefile.
BROKEN = (
    shapefile.ShapefileException, struct.error, ValueError, LookupError, EOFError, TypeError,
    AssertionError, OverflowError, MemoryError,
)  # fmt: skip


class WrongEncoding(Exception):
    """The attributes are not in the encoding that was tried."""


@dataclass(frozen=True, slots=True)
class RawFeature:
    """A feature as it stands in the file: GeoJSON geometry or None, and its attributes."""

    row: int
    geometry: Mapping[str, Any] | None
    attributes: dict[str, str]


@dataclass(slots=True)
class RawAreas:
    """A file opened: attributes decoded, geometry still in the file's coordinates."""

    name: str
    form: str
    encoding: str
    crs: CRS
    columns: list[str]
    features: list[RawFeature]
    details: list[str] = field(default_factory=list)


def open_areas(path: Path, *, crs: str = "") -> RawAreas:
    """The file at ``path``: ``.shp`` (its parts beside it), a ``.zip`` of one, or GeoJSON.

    ``crs`` overrules what the file says: ``EPSG:6676`` or a plane rectangular zone, ``8``.

    Raises ``FileMissing``, ``NotAnAreaFile``, ``ShapefilePartMissing``, ``AreaFileBroken``,
    ``CoordinateSystemMissing``, ``UnknownCoordinateSystem``, ``NoAreas``, ``FileUnreadable``.
    """
    if not path.is_file():
        raise FileMissing(name=path.name)
    suffix = path.suffix.lower()
    if suffix == ".shp":
        raw = _shapefile(path.name, _parts_beside(path), crs)
    elif suffix == ".zip":
        raw = _zipped(path, crs)
    elif suffix in {".geojson", ".json"}:
        raw = _geojson(path.name, path.read_bytes(), crs)
    else:
        raise NotAnAreaFile(name=path.name)
    if not raw.features:
        raise NoAreas(name=raw.name)
    return raw


# --- shapefiles ----------------------------------------------------------------------------------


def _parts_beside(path: Path) -> dict[str, bytes]:
    stem = path.name[: -len(path.suffix)].lower()
    beside = {
        entry.suffix.lower(): entry
        for entry in path.parent.iterdir()
        if entry.name[: -len(entry.suffix) or None].lower() == stem
    }
    return {part: beside[part].read_bytes() for part in _SHAPEFILE_PARTS if part in beside}


def _zipped(path: Path, crs: str) -> RawAreas:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [e for e in archive.infolist() if "__MACOSX" not in e.filename]
            if sum(entry.file_size for entry in entries) > UNPACKED_BYTES_MAX:
                raise AreaFileBroken(name=path.name, reason="広げると1GBを超えます。")
            found = [e for e in entries if e.filename.lower().endswith(".shp")]
            geojson = [e for e in entries if e.filename.lower().endswith((".geojson", ".json"))]
            if len(found) > 1 or (not found and len(geojson) > 1):
                raise AreaFileBroken(
                    name=path.name,
                    reason="中に地図が2つ以上あります。1つずつ取り出して指定してください。",
                )
            if found:
                stem = found[0].filename[:-4].lower()
                parts = {
                    entry.filename[-4:].lower(): archive.read(entry)
                    for entry in entries
                    if entry.filename[:-4].lower() == stem
                }
                return _shapefile(f"{path.name}/{found[0].filename}", parts, crs)
            if geojson:
                name = f"{path.name}/{geojson[0].filename}"
                return _geojson(name, archive.read(geojson[0]), crs)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise AreaFileBroken(
            name=path.name, reason="zipが壊れているか、暗号化されています。"
        ) from error
    raise NotAnAreaFile(name=path.name)


def _shapefile(name: str, parts: Mapping[str, bytes], crs_text: str) -> RawAreas:
    stem = name.removesuffix(".shp").removesuffix(".SHP")
    if ".dbf" not in parts:
        raise ShapefilePartMissing(name=f"{stem}.dbf")
    encoding, details = _dbf_encoding(parts)
    try:
        columns, features = _shapefile_features(parts, encoding)
    except WrongEncoding:
        other = "utf-8" if encoding != "utf-8" else "cp932"
        details.append(f"属性の文字が{encoding}ではなかったので、{other}として読みました")
        encoding = other
        try:
            columns, features = _shapefile_features(parts, encoding)
        except WrongEncoding:
            raise AreaFileBroken(
                name=f"{stem}.dbf", reason="属性の文字をシフトJISとしてもUTF-8としても読めません。"
            ) from None
    crs, crs_details = _shapefile_crs(name, parts, crs_text)
    return RawAreas(
        name, "シェープファイル", encoding, crs, columns, features, [*details, *crs_details]
    )


def _dbf_encoding(parts: Mapping[str, bytes]) -> tuple[str, list[str]]:
    """The encoding of the attributes, from the .cpg, else from the .dbf's own mark, else tried."""
    label = parts.get(".cpg", b"").decode("ascii", "ignore").strip().upper()
    if re.search(r"SHIFT|SJIS|932|WINDOWS-31J|MS_KANJI", label):
        # Whatever a .cpg calls Shift_JIS was written by Windows: ①, 髙 and ～ are in it.
        return "cp932", []
    if re.search(r"UTF-?8|65001", label):
        return "utf-8", []
    if "EUC" in label:
        return "euc_jp", []
    if label:
        return "cp932", [f".cpgの「{label[:20]}」は分からないので、シフトJISとして読みました"]
    mark = parts[".dbf"][29] if len(parts[".dbf"]) > 29 else 0
    if mark not in (0x13, 0x7B):
        try:
            parts[".dbf"][32:].decode("utf-8")
        except UnicodeDecodeError:
            return "cp932", []
        return "utf-8", []
    return "cp932", []


def _cut_at_the_end(error: UnicodeError) -> tuple[str, int]:
    # A .dbf field holds bytes, so a long name may end in half a character: drop that half.
    if isinstance(error, UnicodeDecodeError) and len(error.object) - error.start <= 3:
        rest = error.object[error.start :]
        if "incomplete" in error.reason or "end of data" in error.reason or len(rest) == 1:
            return "", len(error.object)
    raise error


codecs.register_error("kyojo-cut", _cut_at_the_end)


def _shapefile_features(
    parts: Mapping[str, bytes], encoding: str
) -> tuple[list[str], list[RawFeature]]:
    try:
        with warnings.catch_warnings():
            # What it warns of (a wrong length in the header …) either reads well or raises.
            warnings.simplefilter("ignore")
            columns, shapes, records = _shapes_and_records(parts, encoding)
    except BROKEN as error:
        if isinstance(error, UnicodeDecodeError) or "Could not decode" in str(error):
            raise WrongEncoding from error
        raise AreaFileBroken(
            name="シェープファイル", reason="中身が壊れているか、別の形のファイルです。"
        ) from error
    if len(shapes) != len(records):
        raise AreaFileBroken(
            name="シェープファイル",
            reason=f"図形（{len(shapes)}件）と属性（{len(records)}件）の数が合いません。",
        )
    return columns, [
        RawFeature(row, _shape_mapping(item), _texts(dict(zip(columns, record, strict=False))))
        for row, (item, record) in enumerate(zip(shapes, records, strict=True), start=1)
    ]


def _shapes_and_records(
    parts: Mapping[str, bytes], encoding: str
) -> tuple[list[str], list[Any], list[Any]]:
    with shapefile.Reader(
        shp=io.BytesIO(parts[".shp"]),
        dbf=io.BytesIO(parts[".dbf"]),
        encoding=encoding,
        encodingErrors="kyojo-cut",
    ) as reader:
        columns = [str(item.name) for item in reader.fields if item.name != "DeletionFlag"]
        return columns, list(reader.shapes()), list(reader.records())


def _shape_mapping(item: Any) -> Mapping[str, Any] | None:
    if item.shapeType == shapefile.NULL or not getattr(item, "points", None):
        return None
    try:
        mapping: Mapping[str, Any] = item.__geo_interface__
    except (ValueError, IndexError, AttributeError, TypeError):
        return None
    return mapping


def _shapefile_crs(name: str, parts: Mapping[str, bytes], text: str) -> tuple[CRS, list[str]]:
    if text:
        return geometry.coordinate_system(text), []
    wkt = parts.get(".prj", b"").decode("utf-8", "replace").strip()
    if wkt:
        return geometry.coordinate_system(wkt), []
    # The header holds the box of all shapes: x and y at bytes 36–68, little-endian doubles.
    west, south, east, north = struct.unpack("<4d", parts[".shp"][36:68])
    try:
        geometry.check_in_japan(south, west)
        geometry.check_in_japan(north, east)
    except geometry.OutsideJapan:
        raise CoordinateSystemMissing(name=name) from None
    return geometry.coordinate_system(geometry.JGD2011), [
        ".prjがないので、JGD2011の緯度・経度として読みました"
    ]


# --- GeoJSON -------------------------------------------------------------------------------------


def _geojson(name: str, data: bytes, crs_text: str) -> RawAreas:
    decoded = kernel_files.read_text(data)
    try:
        document = json.loads(decoded.text)
    except json.JSONDecodeError as error:
        raise AreaFileBroken(
            name=name, reason=f"{error.lineno}行目がJSONとして正しくありません。"
        ) from None
    except RecursionError:
        raise AreaFileBroken(name=name, reason="入れ子が深すぎます。") from None
    entries = _geojson_entries(document)
    if entries is None:
        raise AreaFileBroken(name=name, reason="GeoJSON（FeatureCollection）ではありません。")
    features = [
        RawFeature(row, geometry_of, _texts(attributes))
        for row, (geometry_of, attributes) in enumerate(entries, start=1)
    ]
    columns = list(dict.fromkeys(key for item in features for key in item.attributes))
    crs, details = _geojson_crs(document, crs_text)
    return RawAreas(name, "GeoJSON", decoded.name, crs, columns, features, details)


def _geojson_entries(document: Any) -> list[tuple[Any, dict[str, Any]]] | None:
    if not isinstance(document, dict):
        return None
    kind = document.get("type")
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        found = [entry if isinstance(entry, dict) else {} for entry in document["features"]]
    elif kind == "Feature":
        found = [document]
    else:
        return [(document, {})] if kind in AREA_TYPES else None
    result: list[tuple[Any, dict[str, Any]]] = []
    for entry in found:
        properties = entry.get("properties")
        attributes = dict(properties) if isinstance(properties, dict) else {}
        if "id" in entry:
            attributes.setdefault("id", entry["id"])
        result.append((entry.get("geometry"), attributes))
    return result


def _geojson_crs(document: Mapping[str, Any], text: str) -> tuple[CRS, list[str]]:
    if text:
        return geometry.coordinate_system(text), []
    member = document.get("crs")
    name = member.get("properties", {}).get("name") if isinstance(member, dict) else None
    if not name or "CRS84" in str(name):
        return CRS.from_epsg(4326), []
    return geometry.coordinate_system(str(name)), []


def _texts(attributes: Mapping[str, Any]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, value in attributes.items():
        if value is None or isinstance(value, (dict, list)):
            text = ""
        elif isinstance(value, float) and value.is_integer():
            text = str(int(value))
        else:
            text = str(value)
        texts[str(key)] = text.replace("\x00", "").strip()
    return texts
