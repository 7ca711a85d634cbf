"""Which attribute of a map is the area's name, its reading, its code. Pure: no Django."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kyojo.kernel.files import header_key

from .domain import code_readings
from .errors import FieldUnknown, MunicipalityCodeWrong, NameFieldUnclear

#: Names of the name, best first; the A.._ and N03 ones are those of 国土数値情報.
_NAME_FIELDS = (
    "名称", "自治会名", "町内会名", "圏域名", "学区名", "校区名", "中学校区名", "中学校区",
    "学校名", "中学校名", "区域名", "地区名", "名前", "A32_004", "A27_004", "N03_004", "S_NAME",
    "NAME_JA", "NAME",
)  # fmt: skip
_CODE_FIELDS = (
    "コード", "区域コード", "地区コード", "自治会コード", "ID", "番号", "NO", "CODE", "KEY_CODE",
    "A32_003", "A27_003", "SAUID", "GID", "FID", "OBJECTID",
)  # fmt: skip
_KANA_FIELDS = re.compile(r"カナ|かな|よみ|ヨミ|読み|ふりがな|フリガナ|KANA", re.IGNORECASE)
_OWNER_FIELDS = (
    "行政区域コード", "市区町村コード", "全国地方公共団体コード",
    "都道府県コード又は市区町村コード", "N03_007", "A32_001", "A27_001",
)  # fmt: skip
_AREA_WORD = re.compile(
    r"(自治会|町内会|町会|区会|自治区|中学校?|小学校|校区|学区|圏域|地区|区|町|市|村)$"
)
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿]")
_SENTENCE = re.compile(r"[。、]|\d{2,4}[-/]\d{1,4}[-/]\d{1,4}")
_ALL_KANA = re.compile(r"[ぁ-ゖァ-ヺー・ｦ-ﾟ　 ]+")


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """The columns that were taken; ``code`` and ``kana`` may be ""."""

    name: str
    code: str
    kana: str
    code_chosen: bool = False


def fields_chosen(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    *,
    name_field: str = "",
    code_field: str = "",
) -> FieldChoice:
    """The columns of name, code and reading: as a person chose, else by name, else by content.

    Raises ``FieldUnknown``, ``NameFieldUnclear``.
    """
    kana = _kana_column(columns, rows)
    name = _chosen(columns, name_field) or _name_column(columns, rows, kana)
    if not name:
        raise NameFieldUnclear(fields="、".join(columns) or "なし")
    code = _chosen(columns, code_field) or _code_column(columns, rows, name)
    return FieldChoice(name, code, kana if kana != name else "", bool(code_field))


def _chosen(columns: Sequence[str], wanted: str) -> str:
    if not wanted:
        return ""
    for column in columns:
        if header_key(column) == header_key(wanted):
            return column
    raise FieldUnknown(field_name=wanted, fields="、".join(columns) or "なし")


def _values(rows: Sequence[Mapping[str, str]], column: str) -> list[str]:
    return [row.get(column, "") for row in rows]


def _by_name(columns: Sequence[str], names: Sequence[str]) -> list[str]:
    keys = {header_key(column): column for column in columns}
    return [keys[header_key(name)] for name in names if header_key(name) in keys]


def _name_column(columns: Sequence[str], rows: Sequence[Mapping[str, str]], kana: str) -> str:
    for column in _by_name(columns, _NAME_FIELDS):
        if any(_values(rows, column)):
            return column
    scores = {column: _name_score(_values(rows, column)) for column in columns if column != kana}
    best = max(scores, key=lambda column: scores[column], default="")
    return best if best and scores[best] > 0.8 else ""


def _name_score(values: Sequence[str]) -> float:
    """How much a column looks like names: filled, different, Japanese, short, no sentences."""
    filled = [value for value in values if value]
    if not filled:
        return 0.0
    total = len(values)
    japanese = sum(bool(_JAPANESE.search(v)) and len(v) <= 40 for v in filled) / total
    different = len(set(filled)) / total
    sentences = sum(bool(_SENTENCE.search(v)) for v in filled) / total
    words = sum(bool(_AREA_WORD.search(v)) for v in filled) / total
    return (
        japanese + 0.5 * different + words - 2 * sentences - (1 if different < 0.2 < total else 0)
    )


def _kana_column(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    for column in columns:
        values = [value for value in _values(rows, column) if value]
        if _KANA_FIELDS.search(column) and any(map(_JAPANESE.search, values)):
            return column
    for column in columns:
        values = [value for value in _values(rows, column) if value]
        if len(values) == len(rows) > 1 and all(map(_ALL_KANA.fullmatch, values)):
            return column
    return ""


def _code_column(columns: Sequence[str], rows: Sequence[Mapping[str, str]], name: str) -> str:
    def identifies(column: str) -> bool:
        # Every named area has a code, and one code never belongs to two names.
        pairs = {(row.get(column, ""), row.get(name, "")) for row in rows}
        codes = [code for code, _ in pairs]
        short = all(re.fullmatch(r"[0-9A-Za-z_.-]{1,40}", code) for code in codes)
        return short and len(set(codes)) == len(codes)

    others = [column for column in columns if column != name]
    for column in _by_name(others, _CODE_FIELDS):
        if identifies(column):
            return column
    numbers = [
        column
        for column in others
        if all(re.fullmatch(r"[0-9]{1,12}", value) for value in _values(rows, column))
    ]
    return next((column for column in numbers if identifies(column)), "")


def municipality_of_row(attributes: Mapping[str, str]) -> tuple[int, ...]:
    """The codes that a row itself says it belongs to; empty when it says nothing readable."""
    for column in _by_name(list(attributes), _OWNER_FIELDS):
        if attributes[column]:
            try:
                return code_readings(attributes[column])
            except MunicipalityCodeWrong:
                continue
    return ()
