"""Reading facility lists (公共施設一覧) in the municipal standard's forms. Pure: no Django.

Old form: 推奨データセット (内閣官房, 2017–2022), keyed by ``NO``. New form:
自治体標準オープンデータセット (デジタル庁, since 2023), keyed by ``ID``. Columns are found by name,
in any order.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kyojo.kernel import geometry
from kyojo.kernel.errors import Refusal
from kyojo.kernel.files import Table, TableRow, header_key, read_table, read_text
from kyojo.kernel.text import normalised

from .domain import (
    PLACE_FIELDS,
    FileRead,
    Finding,
    Origin,
    PlaceRecord,
    code_readings,
    facility_kind,
    kana_reading,
    stand_in_number,
    wide_kana,
)
from .errors import (
    ColumnsMissing,
    MunicipalityCodeWrong,
    NotANumber,
    OtherMunicipality,
    RowRagged,
    UnknownMunicipality,
    ValueMissing,
    ValueTooLong,
)

OLD_CODE = ("都道府県コード又は市区町村コード", "市区町村コード", "都道府県コード")
NEW_CODE = ("全国地方公共団体コード",)
NUMBER = ("NO", "ID", "番号")
NAME = ("名称", "施設名", "施設名称")
NAME_KANA = ("名称_カナ", "名称カナ", "名称(カナ)", "施設名カナ")
ADDRESS = ("所在地_連結表記", "住所", "所在地")
ADDRESS_PARTS = ("所在地_都道府県", "所在地_市区町村", "所在地_町字", "所在地_番地以下")
BUILDING = ("建物名等(方書)", "方書")
LATITUDE = ("緯度", "緯度(世界測地系)", "LATITUDE", "LAT")
LONGITUDE = ("経度", "経度(世界測地系)", "LONGITUDE", "LON", "LNG")
KIND = ("施設種別", "種別", "分類", "施設分類", "小分類", "カテゴリ")
PHONE = ("電話番号", "連絡先電話番号")
HOURS_NOTE = ("利用可能日時特記事項",)
STANDARD_COLUMNS = (
    *OLD_CODE, *NEW_CODE, *NUMBER, *NAME, *NAME_KANA, *ADDRESS, *ADDRESS_PARTS, *BUILDING,
    *LATITUDE, *LONGITUDE, *KIND, *PHONE, *HOURS_NOTE, "利用可能曜日", "開始時間", "終了時間",
    "説明", "URL", "団体名", "備考", "名称_通称", "所在地_全国地方公共団体コード", "内線番号",
)  # fmt: skip

#: Longest values that are stored, as in the table of places.
LIMITS = {
    "number": 40, "name": 120, "name_kana": 200, "alias": 120, "kind": 60, "address": 200,
    "building": 120, "phone": 40, "url": 500, "managed_by": 120,
}  # fmt: skip

_DEGREES = re.compile(
    r"(?P<d>\d{1,3})[°度](?P<m>\d{1,2})['′分](?P<s>\d{1,2}(\.\d+)?)(\"|''|″|秒)?[NE]?"
)


@dataclass(slots=True)
class PlacesRead:
    """The rows of one file: usable, refused with the reason, or worth knowing."""

    read: FileRead
    records: list[PlaceRecord] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


def read_places(
    name: str, data: bytes, *, registered: frozenset[int], only: int | None = None
) -> PlacesRead:
    """The facility list in ``data``.

    Arguments:
        registered: codes of the municipalities that rows may belong to.
        only: the municipality that a person chose; rows of others are refused, rows without a
            code belong to it.

    Raises ``FileUnreadable`` (or a subclass) or ``ColumnsMissing`` when the file cannot be used.
    """
    decoded = read_text(data)
    table = read_table(decoded.text, expected=STANDARD_COLUMNS)
    form = _form(name, table, only)
    result = PlacesRead(
        FileRead(name, form, decoded.name, len(table.rows) + len(table.ragged), _details(table))
    )
    for ragged in table.ragged:
        refusal = RowRagged(expected=ragged.expected, found=ragged.found)
        result.refused.append(Finding.of(refusal, file=name, line=ragged.line, label=""))
    for row in table.rows:
        try:
            record = _record(name, row, result.notes, registered, only)
        except Refusal as refusal:
            label = row.get(*NAME)[:40]
            result.refused.append(Finding.of(refusal, file=name, line=row.line, label=label))
        else:
            result.records.append(record)
    result.refused.sort(key=lambda finding: finding.line)
    return result


def _form(name: str, table: Table, only: int | None) -> str:
    keys = set(table.keys)

    def has(columns: Sequence[str]) -> bool:
        return any(header_key(column) in keys for column in columns)

    missing = [columns[0] for columns in (NAME, LATITUDE, LONGITUDE) if not has(columns)]
    if not has((*OLD_CODE, *NEW_CODE)) and only is None:
        missing.insert(0, NEW_CODE[0])
    if missing:
        raise ColumnsMissing(name=name, columns="・".join(missing))
    return "新しい形" if has(NEW_CODE) else "旧い形" if has(OLD_CODE) else "ほかの形"


def _details(table: Table) -> tuple[str, ...]:
    known = {header_key(column) for column in STANDARD_COLUMNS}
    unused = [
        title
        for title, key in zip(table.header, table.keys, strict=True)
        if key and key not in known
    ]
    details = []
    if table.header_line > 1:
        details.append(f"{table.header_line}行目を見出しとして読みました")
    if table.short_lines:
        lines = "、".join(map(str, table.short_lines[:10]))
        details.append(f"列の足りない行は空欄で補いました（{lines}行目）")
    if unused:
        details.append(f"使わない列：{'、'.join(unused)}")
    return tuple(details)


def _record(
    file: str, row: TableRow, notes: list[Finding], registered: frozenset[int], only: int | None
) -> PlaceRecord:
    name = wide_kana(row.get(*NAME))
    if not name:
        raise ValueMissing(name=NAME[0])
    municipality_id = _municipality(row, registered, only)
    point = geometry.check_in_japan(_degrees(row, LATITUDE), _degrees(row, LONGITUDE))
    address = row.get(*ADDRESS) or "".join(row.get(part) for part in ADDRESS_PARTS)
    remark = row.get("備考")
    number = row.get(*NUMBER)
    if not number:
        number = stand_in_number(name, address)
        notes.append(
            Finding(
                file, row.line, name, "number_missing", "番号がないので、名称と住所で見分けます。"
            )
        )
    record = PlaceRecord(
        municipality_id=municipality_id,
        number=number,
        name=name,
        name_kana=kana_reading(row.get(*NAME_KANA)),
        alias=wide_kana(row.get("名称_通称")),
        kind=row.get(*KIND) or facility_kind(remark),
        address=address,
        building=row.get(*BUILDING),
        latitude=point.latitude,
        longitude=point.longitude,
        phone=_phone(row),
        opening_note=_opening(row),
        description=row.get("説明"),
        url=_url(file, row, name, notes),
        managed_by=row.get("団体名"),
        remark=remark,
        source=file[:200],
        elsewhere=_elsewhere(row, municipality_id),
        origin=Origin(file, row.line),
    )
    for attribute, limit in LIMITS.items():
        length = len(getattr(record, attribute))
        if length > limit:
            shown = PLACE_FIELDS.get(attribute, NUMBER[0])
            raise ValueTooLong(name=shown, length=length, limit=limit)
    return record


def _municipality(row: TableRow, registered: frozenset[int], only: int | None) -> int:
    text = row.get(*NEW_CODE, *OLD_CODE)
    if not text:
        if only is None:
            raise ValueMissing(name=NEW_CODE[0])
        return only
    readings = code_readings(text)
    if only is not None and only not in readings:
        raise OtherMunicipality(code=f"{readings[0]:06d}", expected=f"{only:06d}")
    for reading in readings:
        if reading in registered:
            return reading
    raise UnknownMunicipality(code=f"{readings[0]:06d}")


def _elsewhere(row: TableRow, municipality_id: int) -> bool:
    text = row.get("所在地_全国地方公共団体コード")
    if not text:
        return False
    try:
        return municipality_id not in code_readings(text)
    except MunicipalityCodeWrong:
        return False


def _degrees(row: TableRow, columns: Sequence[str]) -> float:
    text = normalised(row.get(*columns))
    if not text:
        raise ValueMissing(name=columns[0])
    sexagesimal = _DEGREES.fullmatch(text.replace(" ", ""))
    if sexagesimal:
        d, m, s = (float(sexagesimal[part]) for part in "dms")
        return d + m / 60 + s / 3600
    # float() would also take "nan", "1_000" and "infinity".
    if not re.fullmatch(r"[+-]?\d+(\.\d*)?", text):
        raise NotANumber(name=columns[0], text=text[:30])
    return float(text)


def _phone(row: TableRow) -> str:
    phone, extension = row.get(*PHONE), row.get("内線番号", "連絡先内線番号")
    return f"{phone} 内線{extension}" if phone and extension else phone


def _opening(row: TableRow) -> str:
    """Days, hours and the note, each as published."""
    start, end = row.get("開始時間"), row.get("終了時間")
    hours = f"{start}～{end}" if start or end else ""
    parts = (row.get("利用可能曜日"), hours, row.get(*HOURS_NOTE))
    return " ".join(part for part in parts if part)


def _url(file: str, row: TableRow, name: str, notes: list[Finding]) -> str:
    url = row.get("URL")
    if not url or re.fullmatch(r"https?://[^\s]{1,490}", url):
        return url
    message = f"URL「{url[:40]}」は http から始まるURLではないので、空にしました。"
    notes.append(Finding(file, row.line, name, "url_dropped", message))
    return ""
