"""Files as Japanese offices save them: encodings, look-alike characters, tables.

Nothing is guessed silently: what was found out (the encoding, the separator, characters that had
to be replaced) stands in the result, and what cannot be read is refused with the place.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from .errors import Invalid
from .text import normalised


class FileUnreadable(Invalid):
    """A file that cannot be used at all."""

    code = "file_unreadable"
    sentence = "ファイルを読み取れませんでした。"


class FileEmpty(FileUnreadable):
    code = "file_empty"
    sentence = "ファイルが空です。中身のあるファイルを指定してください。"


class FileNotText(FileUnreadable):
    code = "file_not_text"
    sentence = "{what}のようです。CSV（UTF-8かシフトJIS）で保存しなおして、指定してください。"


class FileUndecodable(FileUnreadable):
    code = "file_undecodable"
    sentence = (
        "{line}行目（先頭から{position}バイト目、値 0x{byte}）の文字を{encoding}として読めません。"
        "UTF-8かシフトJISのCSVで保存しなおしてください。"
    )


class TableHasNoRows(FileUnreadable):
    code = "table_has_no_rows"
    sentence = "見出しの行だけで、データの行がありません。"


class TableQuoteBroken(FileUnreadable):
    code = "table_quote_broken"
    sentence = '{line}行目から、引用符（"）の対応が壊れています。その行を直してください。'


# --- text ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text of a file without its byte order mark, and how it was stored."""

    text: str
    encoding: str  # utf-8, utf-8-sig, utf-16-le, utf-16-be, cp932, euc_jp, iso2022_jp
    nul_bytes: int = 0  # dropped from a text that had some

    @property
    def name(self) -> str:
        return encoding_name(self.encoding)


_ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8（BOM付き）",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp932": "シフトJIS（cp932）",
    "euc_jp": "EUC-JP",
    "iso2022_jp": "JIS（ISO-2022-JP）",
}
_SIGNATURES = (
    (b"PK\x03\x04", "Excelブック（.xlsx）かzip"),
    (b"\xd0\xcf\x11\xe0", "古い形のExcelブック（.xls）"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "画像（PNG）"),
    (b"\xff\xd8\xff", "画像（JPEG）"),
    (b"GIF8", "画像（GIF）"),
    (b"\x1f\x8b", "圧縮されたファイル（gzip）"),
    (b"SQLite format 3", "SQLiteのデータベース"),
)
_HTML = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S
)
_JAPANESE_OR_ASCII = re.compile(r"[\t\r\n\x20-\x7e　-〿぀-ヿ㐀-䶿一-鿿豈-﫿＀-￯①-⓿■-◿℀-℻Ⅰ-ⅿ]")


def encoding_name(encoding: str) -> str:
    """``cp932`` as offices call it: ``シフトJIS（cp932）``."""
    return _ENCODING_NAMES.get(encoding, encoding)


def read_text(data: bytes) -> DecodedText:
    """The text of ``data``: UTF-8 or UTF-16 (with a mark or evidently), cp932, EUC-JP or JIS.

    UTF-8 comes before cp932 because Japanese in cp932 is practically never valid UTF-8. cp932 is
    what "Shift_JIS" means in practice (①, 髙, ～ are not in the strict one).

    Raises ``FileEmpty``, ``FileNotText`` (Excel, PDF, HTML, binary), ``FileUndecodable``.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise FileEmpty
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise FileNotText(what=what)
    decoded = _decoded(data)
    if _HTML.match(decoded.text[:2000]):
        raise FileNotText(what="Webページ（HTML）")
    return decoded


def _decoded(data: bytes) -> DecodedText:
    if data.startswith(b"\xef\xbb\xbf"):
        return _strict(data[3:], "utf-8", stored="utf-8-sig", skipped=3)
    if data.startswith(b"\xff\xfe"):
        return _strict(data[2:], "utf-16-le", skipped=2)
    if data.startswith(b"\xfe\xff"):
        return _strict(data[2:], "utf-16-be", skipped=2)
    nul_bytes = data.count(0)
    if nul_bytes:
        wide = _wide(data)
        if wide is not None:
            return wide
        if nul_bytes > max(4, len(data) // 100):
            raise FileNotText(what="文字ではないファイル")
        data = data.replace(b"\x00", b"")
    if b"\x1b$B" in data or b"\x1b$@" in data:
        return _strict(data, "iso2022_jp")
    try:
        return DecodedText(data.decode("utf-8"), "utf-8", nul_bytes)
    except UnicodeDecodeError as error:
        utf8_failure = error
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError as error:
        euc = _euc(data)
        if euc is not None:
            return euc
        # The encoding that came further is the one that was meant.
        furthest = max((utf8_failure, error), key=lambda failure: failure.start)
        raise _undecodable(data, furthest, 0) from None
    euc = _euc(data) if _half_width_share(text) > 0.3 else None
    if euc is not None:
        return euc
    if _plausible_share(text) < 0.8:
        raise FileNotText(what="文字ではないファイル")
    return DecodedText(text, "cp932", nul_bytes)


def _strict(data: bytes, encoding: str, *, stored: str = "", skipped: int = 0) -> DecodedText:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(data, error, skipped) from None
    return DecodedText(text.replace("\x00", ""), stored or encoding, text.count("\x00"))


def _undecodable(data: bytes, error: UnicodeDecodeError, skipped: int) -> FileUndecodable:
    line = data.count(b"\n", 0, error.start) + 1
    return FileUndecodable(
        line=line,
        position=error.start + skipped + 1,
        byte=f"{data[error.start]:02X}",
        encoding=encoding_name(error.encoding),
    )


def _wide(data: bytes) -> DecodedText | None:
    """UTF-16 without a mark: evident when one byte order reads as Japanese and the other not."""
    if len(data) % 2:
        return None
    shares: list[tuple[float, str, str]] = []
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        shares.append((_plausible_share(text), encoding, text))
    share, encoding, text = max(shares, default=(0.0, "", ""))
    return DecodedText(text, encoding) if share > 0.95 else None


def _euc(data: bytes) -> DecodedText | None:
    try:
        text = data.decode("euc_jp")
    except UnicodeDecodeError:
        return None
    return DecodedText(text, "euc_jp") if _plausible_share(text) > 0.95 else None


def _plausible_share(text: str) -> float:
    sample = text[:20_000]
    return len(_JAPANESE_OR_ASCII.findall(sample)) / len(sample) if sample else 0.0


def _half_width_share(text: str) -> float:
    beyond_ascii = [c for c in text[:20_000] if c > "\x7f"]
    return sum("｡" <= c <= "ﾟ" for c in beyond_ascii) / len(beyond_ascii) if beyond_ascii else 0.0


# --- writing cp932 -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Substitution:
    """A character that cp932 cannot write, and what stands there instead."""

    character: str
    written: str


#: Same meaning, but the code point that Windows uses. (Python would write ¥ as a backslash.)
_SAME = str.maketrans(
    {
        "〜": "～",
        "−": "－",
        "—": "―",
        "‖": "∥",
        "•": "・",
        "¥": "￥",
        "¢": "￠",
        "£": "￡",
        "¬": "￢",
        "¦": "￤",
        "\xa0": " ",
    }
)
GETA = "〓"  # what printers set for a type they did not have


def for_cp932(text: str) -> tuple[str, list[Substitution]]:
    """``text`` in characters that cp932 has, and every character that had to be replaced: by its
    meaning (é by e), or by 〓.

    Pure changes of code point (〜 to ～) are not reported: both look and read the same.
    """
    composed = unicodedata.normalize("NFC", text).translate(_SAME)
    substitutions: list[Substitution] = []
    written: list[str] = []
    for character in composed:
        if _in_cp932(character):
            written.append(character)
            continue
        if unicodedata.category(character) in {"Mn", "Cf"} and written:
            replacement = ""  # a variation selector: the plain form of the character stays
        else:
            replacement = _fallback(character)
        substitutions.append(Substitution(character, replacement))
        written.append(replacement)
    return "".join(written), substitutions


def _in_cp932(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _fallback(character: str) -> str:
    for form in ("NFKC", "NFKD"):
        plain = "".join(
            c for c in unicodedata.normalize(form, character) if not unicodedata.combining(c)
        )
        if plain and all(map(_in_cp932, plain)):
            return plain
    return GETA


# --- tables --------------------------------------------------------------------------------------

_INVISIBLE = re.compile("[\ufeff\u200b-\u200f\u2060\u00ad\x00-\x08]")
_DASHES = re.compile("[-‐‑‒–—―−─━ｰ]")
_DASH_IN_KANA = re.compile("(?<=[ァ-ヶー])[-‐‑‒–—―−─━](?=[ァ-ヶー]|\\b|$)")


def header_key(name: str) -> str:
    """A column's name as compared: widths, kana, dashes, tildes, spaces and case made alike.

    ``全国地方公共団体ｺｰﾄﾞ`` and ``全国地方公共団体コ－ド`` both give ``全国地方公共団体コード``.
    """
    plain = normalised(_INVISIBLE.sub("", name)).replace(" ", "").replace("〜", "~")
    plain = _DASH_IN_KANA.sub("ー", plain)
    return _DASHES.sub("-", plain).upper()


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: where it stands in the file, and its cells by ``header_key``."""

    line: int
    cells: dict[str, str]

    def get(self, *names: str) -> str:
        """The first of these columns that the row fills in; "" when none does."""
        for name in names:
            value = self.cells.get(header_key(name), "")
            if value:
                return value
        return ""


@dataclass(frozen=True, slots=True)
class RaggedRow:
    """A row whose cells do not match the header, so that nobody can say what stands where."""

    line: int
    expected: int
    found: int


@dataclass(slots=True)
class Table:
    """A CSV file. ``header`` holds the names as written, ``keys`` the same compared alike."""

    header: list[str]
    keys: list[str]
    header_line: int
    rows: list[TableRow] = field(default_factory=list)
    ragged: list[RaggedRow] = field(default_factory=list)
    short_lines: list[int] = field(default_factory=list)  # filled up with empty cells
    separator: str = ","


def read_table(text: str, *, expected: Collection[str] = ()) -> Table:
    """The table in a CSV (or tab-separated) text.

    Quoted line breaks, empty lines, trailing empty columns and a title above the header are fine;
    ``expected`` column names tell the header from a title. Cells lose white space at their ends.

    Raises ``FileEmpty``, ``TableHasNoRows``, ``TableQuoteBroken``.
    """
    separator = _separator(text)
    lines = list(_records(text, separator))
    filled = [(line, cells) for line, cells in lines if any(cells)]
    if not filled:
        raise FileEmpty
    start = _header_index([cells for _, cells in filled], expected)
    header_line, header = filled[start]
    while header and not header[-1]:
        header = header[:-1]
    table = Table(header, [header_key(name) for name in header], header_line, separator=separator)
    width = len(header)
    for line, cells in filled[start + 1 :]:
        if any(cells[width:]):
            table.ragged.append(RaggedRow(line, width, len(cells)))
            continue
        if len(cells) < width:
            table.short_lines.append(line)
            cells = [*cells, *[""] * (width - len(cells))]
        row: dict[str, str] = {}
        for key, cell in zip(table.keys, cells, strict=False):
            # Of two columns with one name the first that is filled in counts.
            row[key] = row.get(key) or cell
        table.rows.append(TableRow(line, row))
    if not table.rows and not table.ragged:
        raise TableHasNoRows
    return table


def _separator(text: str) -> str:
    """Of comma, tab and semicolon the one that cuts one of the first lines into most pieces."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text[:20_000].splitlines()[:10]]
    return max(",\t;", key=lambda mark: max((line.count(mark) for line in lines), default=0))


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(2**24)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise TableQuoteBroken(line=line) from None
        yield line, [_INVISIBLE.sub("", cell).replace("\xa0", " ").strip() for cell in cells]


def _header_index(rows: Sequence[list[str]], expected: Collection[str]) -> int:
    wanted = {header_key(name) for name in expected}
    if not wanted:
        return 0
    found = [len(wanted.intersection(map(header_key, cells))) for cells in rows[:10]]
    best = max(found, default=0)
    return found.index(best) if best >= 2 else 0
