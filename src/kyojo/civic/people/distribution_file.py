"""The file of a distribution (配布), read line by line. Pure: knows no database.

A file is a CSV or an Excel workbook with a line of headings. Headings are met with tolerance
(width, spaces, the words offices use), values strictly: what a line says wrongly comes back as a
``Problem`` that names the column, the value, the reason and what to do, never as a guess.
"""

import csv
import io
import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from kyojo.kernel import files
from kyojo.kernel.errors import Invalid
from kyojo.kernel.text import date_of_parts, normalised, wareki

from . import distribution_workbook
from .domain import kana_key

#: What stands for the encoding of an Excel workbook.
WORKBOOK = "xlsx"
BYTES_MAX = 5 * 1024 * 1024
ROWS_MAX = 50_000

NUMBER, KANA, BIRTH, GROUP, COINS = "会員番号", "カナ", "生年月日", "区分", "コイン"
COLUMNS = {
    NUMBER: ("会員番号", "会員no", "会員no.", "会員id", "番号"),
    KANA: ("カナ", "フリガナ", "ふりがな", "氏名カナ", "氏名(カナ)", "カナ氏名", "名前カナ"),
    BIRTH: ("生年月日",),
    GROUP: ("区分", "種別"),
    COINS: ("コイン", "枚数", "コイン数", "コイン枚数", "配布コイン"),
}
NEEDED = (NUMBER, KANA, COINS)


class FileEmpty(Invalid):
    code = "file_empty"
    sentence = "ファイルに行がありません。1行目に列の名前、2行目から1人1行で入れてください。"


class FileTooLarge(Invalid):
    code = "file_too_large"
    sentence = "ファイルが大きすぎます。{rows}行、{megabytes} MBまでに分けて出してください。"


class FileIsWorkbook(Invalid):
    """An .xls of before 2007, or an .xlsx with a password: both look the same from outside."""

    code = "file_is_workbook"
    sentence = (
        "古い形式（.xls）か、パスワードつきのExcelブックは読めません。Excelの「名前を付けて保存」で"
        "「Excelブック（.xlsx）」を選び、パスワードなしで保存したファイルを出してください。"
    )


class ColumnsMissing(Invalid):
    code = "columns_missing"
    sentence = (
        "{columns}の列が見つかりません。1行目に列の名前を入れてください。"
        "例：会員番号,カナ,生年月日,区分,コイン"
    )


class ColumnTwice(Invalid):
    code = "column_twice"
    sentence = "「{column}」の列が2つあります。どちらか1つにして、もう一度出してください。"


@dataclass(frozen=True)
class Problem:
    """What is wrong with one line, and how to put it right."""

    column: str
    value: str
    reason: str
    remedy: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Line:
    """A line of the file: its number in the file (headings are line 1) and its values as read."""

    line: int
    values: Mapping[str, str]


def lines_of(data: bytes) -> tuple[list[Line], str]:
    """The lines of the file and its encoding (``WORKBOOK`` for an Excel workbook).

    Raises ``FileEmpty``, ``FileTooLarge``, ``FileIsWorkbook``, ``ColumnsMissing``,
    ``ColumnTwice``, ``WorkbookUnreadable``, ``WorkbookTooLarge`` or a
    ``kernel.files.FileUnreadable``: nothing of the file can be used.
    """
    if len(data) > BYTES_MAX:
        raise _too_large()
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileIsWorkbook(field="file")
    if data.startswith(b"PK\x03\x04"):
        return _lines(distribution_workbook.rows_of(data)), WORKBOOK
    try:
        decoded = files.read_text(data)
    except files.FileEmpty:
        raise FileEmpty(field="file") from None
    except files.FileUnreadable as refused:
        refused.field = "file"
        raise
    return _lines(_rows(decoded.text)), decoded.encoding


def _lines(rows: Iterator[tuple[int, list[str]]]) -> list[Line]:
    heading = next(rows, None)
    if heading is None:
        raise FileEmpty(field="file")
    places = _places(heading[1])
    lines = []
    for number, cells in rows:
        lines.append(Line(number, {name: _cell(cells, place) for name, place in places.items()}))
        if len(lines) > ROWS_MAX:
            raise _too_large()
    if not lines:
        raise FileEmpty(field="file")
    return lines


def _too_large() -> FileTooLarge:
    megabytes = BYTES_MAX // 1024 // 1024
    return FileTooLarge(field="file", rows=f"{ROWS_MAX:,}", megabytes=megabytes)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the number of the line it starts on."""
    first = text.split("\n", 1)[0]
    # Excel's "Unicode text" separates by tabs.
    delimiter = "\t" if "\t" in first and "," not in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    starts_on = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield starts_on, cells
            starts_on = reader.line_num + 1
    except csv.Error:  # a field without an end that swallows the file
        raise FileTooLarge(
            field="file", rows=f"{ROWS_MAX:,}", megabytes=BYTES_MAX // 1024 // 1024
        ) from None


def _heading(text: str) -> str:
    return normalised(text).replace(" ", "").casefold()


def _places(cells: list[str]) -> dict[str, int]:
    """Which cell holds which column. Columns nobody asked for are left alone."""
    places: dict[str, int] = {}
    for place, cell in enumerate(cells):
        for column, words in COLUMNS.items():
            if _heading(cell) in map(_heading, words):
                if column in places:
                    raise ColumnTwice(field="file", column=column)
                places[column] = place
    missing = [column for column in NEEDED if column not in places]
    if missing:
        raise ColumnsMissing(field="file", columns="、".join(f"「{name}」" for name in missing))
    return places


def _cell(cells: list[str], place: int) -> str:
    return cells[place].strip()[:200] if place < len(cells) else ""


# --- values -----------------------------------------------------------------------------------
def formula(line: Line) -> Problem | None:
    """A cell that holds a formula: nobody but the office can say which value was meant."""
    for column, value in line.values.items():
        if value.startswith("="):
            return Problem(
                column,
                value,
                "数式が入っています",
                "数式の結果を、値として入れてください（コピーして「値の貼り付け」）",
            )
    return None


def member_number(text: str) -> str:
    """``Ｍ－２０４１８`` and ``m-20418`` are ``M-20418``."""
    return re.sub(r"[‐-―−ー]", "-", normalised(text)).replace(" ", "").upper()


def coins(text: str, *, maximum: int) -> int | Problem:
    """The number of coins, or what is wrong with it."""
    plain = normalised(text).removesuffix("コイン").removesuffix("枚").strip()
    plain = plain.replace("−", "-")

    def wrong(reason: str, remedy: str) -> Problem:
        return Problem(COINS, text, reason, remedy)

    if not plain:
        return wrong("コインの数がありません", "1以上の数を入れるか、この行を消してください")
    if not re.fullmatch(r"-?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)", plain):
        return wrong("整数ではありません", "小数や文字をのぞき、1以上の数だけを入れてください")
    amount = int(plain.replace(",", ""))
    if amount == 0:
        return wrong("0コインは配れません", "1以上の数にするか、この行を消してください")
    if amount < 0:
        return wrong("0より小さい数は配れません", "1以上の数にするか、この行を消してください")
    if amount > maximum:
        return wrong(
            f"1人に配れるのは{maximum:,}コインまでです", "けた数を確かめて、入れなおしてください"
        )
    return amount


_DATE = re.compile(
    r"(?P<year>(?:令和|平成|昭和|大正|明治|[RHSTMrhstm])?\.?(?:[0-9]{1,4}|元))(?:年|[./-])"
    r"(?P<month>[0-9]{1,2})(?:月|[./-])(?P<day>[0-9]{1,2})日?"
)


def birth_date(text: str) -> date | Problem | None:
    """The date, None where the cell is empty, or what is wrong with it."""
    plain = normalised(text).replace(" ", "")
    if not plain:
        return None
    if re.fullmatch(r"[0-9]{8}", plain):
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    match = _DATE.fullmatch(plain)
    ask = "本人確認の書類で日付を確かめてください"
    if match is None:
        return Problem(
            BIRTH, text, "日付として読めません", "1986/2/28、S61.2.28 のように入れてください"
        )
    try:
        return date_of_parts(match["year"], match["month"], match["day"])
    except Invalid as refused:
        if refused.code != "day_wrong":
            return Problem(BIRTH, text, refused.message().split("。")[0], ask)
    first = date_of_parts(match["year"], match["month"], "1")
    year = f"{first.year}年" if re.match(r"[0-9]{4}", match["year"]) else wareki(first)
    days = monthrange(first.year, first.month)[1]
    return Problem(BIRTH, text, f"{year}{first.month}月は{days}日までです", ask)


def same_kana(one: str, other: str) -> bool:
    """Whether two readings are the same but for width, script and spaces."""
    return kana_key(one) == kana_key(other)


def nearest_number(number: str, candidates: Iterable[str]) -> str | None:
    """A member number that differs from ``number`` in one character or by two exchanged ones."""
    for candidate in candidates:
        if len(candidate) != len(number):
            continue
        pairs = zip(number, candidate, strict=True)
        places = [place for place, (one, other) in enumerate(pairs) if one != other]
        if len(places) == 1:
            return candidate
        if len(places) == 2:
            first, second = places
            exchanged = (number[second], number[first])
            if (candidate[first], candidate[second]) == exchanged:
                return candidate
    return None
