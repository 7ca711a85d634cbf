"""Decisions about municipalities, areas and places. Pure: no Django, no database, no files."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from kyojo.kernel.errors import Refusal
from kyojo.kernel.text import normalised, to_katakana

from .errors import MunicipalityCodeWrong

# --- codes ---------------------------------------------------------------------------------------


def check_digit(five_digits: str) -> int:
    """The sixth digit of a 全国地方公共団体コード.

    Source: 総務省「全国地方公共団体コード仕様」: weights 6, 5, 4, 3, 2; the sum's remainder by 11
    from 11, its last digit; a sum below 11 is taken from 11 itself (which is the same).
    """
    total = sum(
        int(digit) * weight for digit, weight in zip(five_digits, range(6, 1, -1), strict=True)
    )
    return (11 - total % 11) % 10


def code_readings(text: str) -> tuple[int, ...]:
    """The codes that ``text`` may mean, likeliest first.

    Six digits must carry their check digit. Five digits are a code that lost its leading zero in
    a spreadsheet, or one published without the check digit.

    Raises ``MunicipalityCodeWrong``.
    """
    digits = normalised(text).removesuffix(".0")
    readings: list[int] = []
    if re.fullmatch(r"[0-9]{6}", digits):
        candidates = [digits]
    elif re.fullmatch(r"[0-9]{5}", digits):
        candidates = ["0" + digits, digits + str(check_digit(digits))]
    elif re.fullmatch(r"[0-9]{4}", digits):
        candidates = ["0" + digits + str(check_digit("0" + digits))]
    else:
        candidates = []
    for candidate in candidates:
        # 01–47 are the prefectures; 99 is nobody's, for towns that are made up.
        known = 1 <= int(candidate[:2]) <= 47 or candidate.startswith("99")
        if known and int(candidate[5]) == check_digit(candidate[:5]):
            readings.append(int(candidate))
    if not readings:
        raise MunicipalityCodeWrong(text=text[:20])
    return tuple(readings)


def municipality_code(text: str) -> int:
    """The code that ``text`` means. Raises ``MunicipalityCodeWrong``."""
    return code_readings(text)[0]


def wide_kana(text: str) -> str:
    """``text`` with half-width katakana made full-width and everything else as published."""
    return re.sub("[｡-ﾟ]+", lambda kana: unicodedata.normalize("NFKC", kana[0]), text)


def kana_reading(text: str) -> str:
    """A reading as it is stored and sorted: katakana, half-width made full-width."""
    return to_katakana(wide_kana(text)).strip()


# --- areas ---------------------------------------------------------------------------------------

MUNICIPALITY, LIVING_AREA, NEIGHBOURHOOD = "municipality", "living_area", "neighbourhood"
KINDS = (MUNICIPALITY, LIVING_AREA, NEIGHBOURHOOD)
_KIND_OF_NAME = (
    (LIVING_AREA, re.compile(r"(中学校?|中学校区|中学校通学区域?|圏域|生活圏)$")),
    (NEIGHBOURHOOD, re.compile(r"(自治会|町内会|町会|区会|部落会|自治区|常会|行政区)$")),
)
_KIND_OF_FILE = (
    (LIVING_AREA, re.compile(r"junior.?high|中学校|圏域|living.?area|A32", re.IGNORECASE)),
    (
        NEIGHBOURHOOD,
        re.compile(r"neighbou?rhood|自治会|町内会|町会|jichikai|chonaikai", re.IGNORECASE),
    ),
    (MUNICIPALITY, re.compile(r"^N03|municipalit|行政区域|市町村界|boundary", re.IGNORECASE)),
)


def area_kind(names: Sequence[str], file_name: str) -> str | None:
    """What kind of area these are, by how most of the names end, else by the file's name."""
    for kind, pattern in _KIND_OF_NAME:
        if names and sum(bool(pattern.search(name)) for name in names) >= 0.6 * len(names):
            return kind
    for kind, pattern in _KIND_OF_FILE:
        if pattern.search(file_name):
            return kind
    return None


@dataclass(frozen=True, slots=True)
class AreaRecord:
    """An area as read: ``geometry`` is GeoJSON in degrees."""

    code: str
    name: str
    name_kana: str
    geometry: dict[str, Any]
    row: int  # 1 for the file's first feature


# --- places --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row stands."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """A row of a facility list, its cells checked."""

    municipality_id: int
    number: str
    name: str
    latitude: float
    longitude: float
    name_kana: str = ""
    alias: str = ""
    kind: str = ""
    address: str = ""
    building: str = ""
    phone: str = ""
    opening_note: str = ""
    description: str = ""
    url: str = ""
    managed_by: str = ""
    remark: str = ""
    source: str = ""
    #: The place stands in another municipality, and the list says so.
    elsewhere: bool = False
    origin: Origin = field(default=Origin("", 0), compare=False)


#: What is stored of a place besides its key; the order is that of the report.
PLACE_FIELDS = {
    "name": "名称",
    "name_kana": "名称_カナ",
    "alias": "名称_通称",
    "kind": "種類",
    "address": "住所",
    "building": "方書",
    "latitude": "緯度",
    "longitude": "経度",
    "phone": "電話番号",
    "opening_note": "利用可能日時",
    "description": "説明",
    "url": "URL",
    "managed_by": "団体名",
    "remark": "備考",
}

_FACILITY = re.compile(
    r"^[^。、\d]{0,30}?(館|センター|庁舎|会館|病院|診療所|園|学校|図書館|体育館|ホール|支所|出張所|公園|"
    r"プラザ|広場|集会所|クラブ|施設|住宅|役場|役所)$"
)


def facility_kind(remark: str) -> str:
    """The kind of facility, when a remark (備考) says only that: ``公民館``; else ""."""
    bare = re.sub(r"[（(].*?[）)]", "", remark).strip()
    return bare if _FACILITY.match(bare) else ""


def stand_in_number(name: str, address: str) -> str:
    """A number for a row that has none: the same name and address always give the same."""
    digest = hashlib.sha256(f"{normalised(name)}\n{normalised(address)}".encode()).hexdigest()
    return f"-{digest[:12]}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rows of one number that differ in a field; the first row's value was kept."""

    field: str
    kept: str
    other: str


@dataclass(frozen=True, slots=True)
class Merge:
    """A row that went into another one with the same number."""

    into: PlaceRecord
    other: PlaceRecord
    conflicts: tuple[Conflict, ...]


def places_merged(records: Iterable[PlaceRecord]) -> tuple[list[PlaceRecord], list[Merge]]:
    """One record for each (municipality, number).

    The first row counts; what it leaves empty is filled from later ones; where both say something
    and differ, the difference is reported.
    """
    kept: dict[tuple[int, str], PlaceRecord] = {}
    merges: list[Merge] = []
    for record in records:
        key = (record.municipality_id, record.number)
        first = kept.get(key)
        if first is None:
            kept[key] = record
            continue
        differing = [name for name in PLACE_FIELDS if _differ(first, record, name)]
        if "remark" in differing and "kind" in differing:
            differing.remove("kind")  # it was read from the remark
        conflicts = tuple(
            Conflict(name, str(getattr(first, name)), str(getattr(record, name)))
            for name in differing
        )
        filled = {
            name: getattr(record, name) for name in PLACE_FIELDS if getattr(first, name) == ""
        }
        kept[key] = replace(first, **filled)
        merges.append(Merge(first, record, conflicts))
    return list(kept.values()), merges


def _differ(first: PlaceRecord, other: PlaceRecord, name: str) -> bool:
    values = (getattr(first, name), getattr(other, name))
    return "" not in values and values[0] != values[1]


def likely_twins(records: Sequence[PlaceRecord]) -> list[tuple[PlaceRecord, PlaceRecord]]:
    """Pairs with different numbers, but the same name within some 100 m: perhaps one facility."""
    seen: dict[tuple[int, str], PlaceRecord] = {}
    twins: list[tuple[PlaceRecord, PlaceRecord]] = []
    for record in records:
        key = (record.municipality_id, normalised(record.name))
        first = seen.setdefault(key, record)
        near = abs(first.latitude - record.latitude) < 0.001
        if first is not record and near and abs(first.longitude - record.longitude) < 0.001:
            twins.append((first, record))
    return twins


# --- reports -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about one row: refused with the reason, or worth knowing."""

    file: str
    line: int
    label: str
    code: str
    message: str

    @classmethod
    def of(cls, refusal: Refusal, *, file: str, line: int, label: str) -> "Finding":
        return cls(file, line, label, refusal.code, refusal.message())


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that was read, and how it was understood."""

    name: str
    form: str
    encoding: str
    rows: int
    details: tuple[str, ...] = ()


@dataclass(slots=True)
class ImportReport:
    """What an import did. ``stored`` is false for a dry run."""

    what: str  # areas, places
    kind: str = ""
    municipalities: list[str] = field(default_factory=list)
    files: list[FileRead] = field(default_factory=list)
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    refused: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    stored: bool = False

    @property
    def rows(self) -> int:
        return sum(read.rows for read in self.files)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``: every field, and the number of rows read."""
        data = {item.name: getattr(self, item.name) for item in fields(self)}
        data |= {
            name: [asdict(entry) for entry in data[name]] for name in ("files", "refused", "notes")
        }
        return data | {"rows": self.rows}
