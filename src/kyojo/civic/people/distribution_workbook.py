"""The rows of an Excel workbook (.xlsx) as text, as a CSV would have them. Pure: knows no database.

A workbook is a zip of XML files from outside: what it unpacks to is bounded before it is read,
nothing in it is executed, followed or computed. A formula stays as it was typed (``=B2*10``), so
that whoever reads the line says that a value was wanted: the result that Excel keeps beside a
formula may be old, and no other program's guess should decide about coins.
"""

import io
import zipfile
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import openpyxl

from kyojo.kernel.errors import Invalid

#: What the parts may unpack to, together. 50,000 lines need about a third of it.
UNPACKED_BYTES_MAX = 40 * 1024 * 1024
PARTS_MAX = 400
#: Rows are counted with the empty ones, which styles can drag down to the end of a sheet.
ROW_NUMBERS_MAX = 200_000
COLUMNS_MAX = 64


class WorkbookUnreadable(Invalid):
    code = "workbook_unreadable"
    sentence = (
        "Excelブックとして読めませんでした。こわれているか、"
        "中に読めない部分があります。Excelで開いて「名前を付けて保存」で「Excelブック（.xlsx）」か"
        "「CSV（コンマ区切り）」を選び、そのファイルを出してください。"
    )


class WorkbookTooLarge(Invalid):
    code = "workbook_too_large"
    sentence = (
        "Excelブックの中身が大きすぎます。要らないシート・画像・色のついた空の行を消すか、"
        "会員番号・カナ・コインの列だけを新しいブックに写して、出しなおしてください。"
    )


def rows_of(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank of the first visible sheet, with Excel's number of the row.

    Raises ``WorkbookUnreadable``, ``WorkbookTooLarge``, also while it is read.
    """
    _bounds_checked(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        try:
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if not sheets:
                raise WorkbookUnreadable(field="file")
            yield from _rows(sheets[0])
        finally:
            book.close()
    except (WorkbookUnreadable, WorkbookTooLarge):
        raise
    except Exception as error:  # of a malformed part openpyxl lets any error through
        raise WorkbookUnreadable(field="file", detail=type(error).__name__) from error


def _bounds_checked(data: bytes) -> None:
    """A part never unpacks to more than its entry says: ``zipfile`` stops there."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            entries = parts.infolist()
            if (
                len(entries) > PARTS_MAX
                or sum(entry.file_size for entry in entries) > UNPACKED_BYTES_MAX
            ):
                raise WorkbookTooLarge(field="file")
            for entry in entries:
                # Excel writes none; entities that swell are declared in one. Of every part: which
                # one is the sheet, whatever its name ends with, another part says.
                if _has_dtd(parts.read(entry)):
                    raise WorkbookUnreadable(field="file", detail="DTD")
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError) as error:
        raise WorkbookUnreadable(field="file", detail=type(error).__name__) from error


def _has_dtd(part: bytes) -> bool:
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        return True
    # UTF-16 as a parser of XML knows it; in a picture these bytes may stand by chance.
    is_wide = part[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) or 0 in part[:2]
    return is_wide and (b"<\0!\0" in part or b"\0<\0!" in part)


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    # What a sheet says of its own size may be wrong, so it is not asked.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(min_row=1, min_col=1, max_col=COLUMNS_MAX, values_only=True)
    for number, values in enumerate(rows, start=1):
        if number > ROW_NUMBERS_MAX:
            raise WorkbookTooLarge(field="file")
        cells = [_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def _text(value: object) -> str:
    """A cell as an office would type it: 40, 40.5, 1986-02-28."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    return str(value).strip()
