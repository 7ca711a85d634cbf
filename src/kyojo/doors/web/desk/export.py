"""Lists as files that staff can take away: Excel, CSV in UTF-8 with a mark, CSV in Shift-JIS.

Shift-JIS here is cp932, what Excel on an office PC writes. It lacks characters that names have
(𠮷; 髙 is there): those are replaced, and every replacement is listed for the
reader before the file is given, so that nobody's name changes silently.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.http import HttpResponse

from kyojo.kernel import clock
from kyojo.kernel.files import for_cp932

from ..http import as_file
from .listing import Column

FORMATS = ("xlsx", "csv", "sjis")
#: What a spreadsheet takes for the beginning of a formula, full width included.
FORMULA = frozenset("=+-@\t\r\n＝＋－＠−")
NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class Substitution:
    """A character that Shift-JIS lacks: where it stood, and what stands there now."""

    line: int
    column: str
    value: str
    character: str
    code_point: str
    replaced_by: str


def table_texts(columns: Sequence[Column], rows: Sequence[Any]) -> list[list[str]]:
    """The headings and one line per row, as text."""
    return [
        [column.label for column in columns],
        *([_text(column.value(row)) for column in columns] for row in rows),
    ]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{clock.local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    # A cell that begins like a formula would be computed when the file is opened. A negative
    # number is one, and harmless.
    return f"'{text}" if text[:1] in FORMULA and not NUMBER.fullmatch(text) else text


def substitutions(lines: Sequence[Sequence[str]]) -> tuple[list[list[str]], list[Substitution]]:
    """The lines in characters that cp932 has, and what was replaced."""
    replaced: list[list[str]] = []
    found: list[Substitution] = []
    for number, line in enumerate(lines, start=1):
        cells = []
        for place, cell in enumerate(line):
            written, changes = for_cp932(cell)
            cells.append(written)
            found += [
                Substitution(
                    line=number,
                    column=lines[0][place],
                    value=cell,
                    character=change.character,
                    code_point=f"U+{ord(change.character):04X}",
                    replaced_by=change.written,
                )
                for change in changes
            ]
        replaced.append(cells)
    return replaced, found


def csv_bytes(lines: Sequence[Sequence[str]], encoding: str) -> bytes:
    """A CSV file with Windows' line ends, as Excel opens it."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode(encoding)


def workbook_bytes(title: str, columns: Sequence[Column], rows: Sequence[Any]) -> bytes:
    """One sheet with real numbers and dates, its headings fixed and with filters."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(title[:31])
    heading = book.add_format({"bold": True, "bottom": 1})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.label, heading)
        sheet.set_column(place, place, max(12, 2 * len(column.label) + 2))
    for number, row in enumerate(rows, start=1):
        for place, column in enumerate(columns):
            value = column.value(row)
            if isinstance(value, datetime):
                sheet.write_datetime(number, place, clock.local(value).replace(tzinfo=None), moment)
            elif isinstance(value, date):
                sheet.write_datetime(number, place, value, day)
            elif isinstance(value, int):
                sheet.write_number(number, place, value)
            elif value is not None:
                sheet.write_string(number, place, str(value))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), max(len(columns) - 1, 0))
    book.close()
    return target.getvalue()


def file_response(content: bytes, *, kind: str, name: str) -> HttpResponse:
    """``name`` without its ending; it holds no person's name."""
    types = {
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "csv": "text/csv; charset=utf-8",
        "sjis": "text/csv; charset=Shift_JIS",
    }
    ending = "xlsx" if kind == "xlsx" else "csv"
    return as_file(content, f"{name}.{ending}", types[kind], cache="no-store")


def table_file(
    kind: str, *, name: str, title: str, columns: Sequence[Column], rows: Sequence[Any]
) -> HttpResponse:
    """The list as a file of ``kind`` (one of ``FORMATS``)."""
    if kind == "xlsx":
        content = workbook_bytes(title, columns, rows)
    elif kind == "csv":
        content = csv_bytes(table_texts(columns, rows), "utf-8-sig")
    else:
        content = csv_bytes(substitutions(table_texts(columns, rows))[0], "cp932")
    return file_response(content, kind=kind, name=name)
