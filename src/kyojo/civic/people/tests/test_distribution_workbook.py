"""Excel workbooks from anywhere: what is read, and what is not even unpacked."""

import io
import re
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter

from kyojo.civic.people import distribution_workbook as workbook
from kyojo.civic.people.distribution_file import WORKBOOK, FileTooLarge, lines_of
from kyojo.civic.people.distribution_workbook import (
    WorkbookTooLarge,
    WorkbookUnreadable,
    rows_of,
)

HEAD = ["会員番号", "カナ", "コイン"]
LINE = ["M-10012", "シオサイ ナミ", 40]


def book(*rows, **sheets):
    """A workbook of a sheet with ``rows``, and ``sheets`` (name → rows) behind it."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for name, others in sheets.items():
        sheet = made.create_sheet(name)
        for row in others:
            sheet.append(row)
    return saved(made)


def saved(made):
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def changed(data, part, change):
    """The workbook with one of its parts rewritten."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text) if name == part else text)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_cells_are_read_as_an_office_would_type_them():
    data = book(
        ["a", 40, 40.0, 40.5, 1e21, True],
        # Excel knows no time zones.
        [date(1986, 2, 28), datetime(1986, 2, 28, 9, 30), None, " x ", "=B1*2", "#N/A"],  # noqa: DTZ001
    )
    assert list(rows_of(data)) == [
        (1, ["a", "40", "40", "40.5", "1000000000000000000000", "True"]),
        (2, ["1986-02-28", "1986-02-28", "", "x", "=B1*2", "#N/A"]),
    ]


def test_rows_keep_the_numbers_that_excel_shows():
    made = openpyxl.Workbook()
    for number, values in ((3, HEAD), (4, LINE), (9, LINE)):
        for column, value in enumerate(values, start=2):
            made.active.cell(number, column, value)
    made.active["B6"].font = openpyxl.styles.Font(bold=True)
    assert [number for number, _ in rows_of(saved(made))] == [3, 4, 9]
    lines, encoding = lines_of(saved(made))
    assert ([line.line for line in lines], encoding) == ([4, 9], WORKBOOK)
    assert lines[0].values == {"会員番号": "M-10012", "カナ": "シオサイ ナミ", "コイン": "40"}


def test_the_first_sheet_that_is_shown_is_read_and_no_other():
    made = openpyxl.Workbook()
    made.active.append(["secret"])
    made.active.sheet_state = "hidden"
    made.create_sheet("配布").append(HEAD)
    made.create_sheet("メモ").append(["memo"])
    assert list(rows_of(saved(made))) == [(1, HEAD)]


def test_what_other_programs_write_is_read_too():
    data = io.BytesIO()
    made = xlsxwriter.Workbook(data, {"in_memory": True, "constant_memory": False})
    sheet = made.add_worksheet()
    for number, row in enumerate((HEAD, LINE)):
        sheet.write_row(number, 0, row)
    made.close()
    lines, _ = lines_of(data.getvalue())
    assert [dict(line.values) for line in lines] == [
        {"会員番号": "M-10012", "カナ": "シオサイ ナミ", "コイン": "40"}
    ]


def test_a_sheet_that_lies_about_its_size_is_read_whole():
    small = changed(
        book(HEAD, LINE, LINE),
        SHEET,
        lambda part: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:A1"', part),
    )
    assert [number for number, _ in rows_of(small)] == [1, 2, 3]
    large = changed(
        book(HEAD, LINE),
        SHEET,
        lambda part: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', part),
    )
    assert [number for number, _ in rows_of(large)] == [1, 2]


def test_a_bomb_is_not_unpacked(monkeypatch):
    bomb = changed(book(HEAD), SHEET, lambda _: b" " * (workbook.UNPACKED_BYTES_MAX + 1))
    assert len(bomb) < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "open", None)  # whoever unpacks anything fails otherwise
    with pytest.raises(WorkbookTooLarge):
        list(rows_of(bomb))


def test_a_part_unpacks_to_no_more_than_it_says():
    """The size in the directory is forged: reading stops there, and the part is broken."""
    bomb = bytearray(changed(book(HEAD), SHEET, lambda _: b"<" * 5_000_000))
    place = bytes(bomb).rindex(SHEET.encode()) - 46
    assert bomb[place : place + 4] == b"PK\x01\x02"
    bomb[place + 24 : place + 28] = (100).to_bytes(4, "little")
    with pytest.raises(WorkbookUnreadable):
        list(rows_of(bytes(bomb)))


def test_too_many_parts_or_rows_are_refused():
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as parts:
        for number in range(workbook.PARTS_MAX + 1):
            parts.writestr(f"{number}.bin", b"")
    with pytest.raises(WorkbookTooLarge):
        list(rows_of(many.getvalue()))
    far = changed(
        book(HEAD, LINE), SHEET, lambda part: re.sub(rb'<row r="2"', b'<row r="1048576"', part)
    )
    with pytest.raises(WorkbookTooLarge):
        list(rows_of(far))


def test_more_lines_than_a_distribution_may_have_are_refused(monkeypatch):
    monkeypatch.setattr("kyojo.civic.people.distribution_file.ROWS_MAX", 2)
    assert len(lines_of(book(HEAD, LINE, LINE))[0]) == 2
    with pytest.raises(FileTooLarge):
        lines_of(book(HEAD, LINE, LINE, LINE))


ENTITIES = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_entities_are_not_even_parsed(encoding):
    def with_entities(part):
        text = part.decode()
        start = text.index("<worksheet")
        return (text[:start] + ENTITIES.decode() + text[start:]).encode(encoding)

    with pytest.raises(WorkbookUnreadable) as refused:
        list(rows_of(changed(book(HEAD), SHEET, with_entities)))
    assert refused.value.data["detail"] == "DTD"


@pytest.mark.parametrize("name", ["sheet1.XML", "sheet1.dat", "sheet1"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_found_in_a_sheet_of_any_name(name, encoding):
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(HEAD, LINE))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for part in old.namelist():
            text = old.read(part).decode()
            if part == SHEET:
                text = text.replace("<worksheet", ENTITIES.decode() + "<worksheet", 1)
                new.writestr(part.replace("sheet1.xml", name), text.encode(encoding))
            else:
                new.writestr(part, text.replace("sheet1.xml", name))
    with pytest.raises(WorkbookUnreadable) as refused:
        list(rows_of(out.getvalue()))
    assert refused.value.data["detail"] == "DTD"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 and no zip",
        pytest.param(None, id="a zip of something else"),
        pytest.param(book(HEAD)[:-300], id="cut off"),
        pytest.param(changed(book(HEAD), SHEET, lambda part: part[:200]), id="broken sheet"),
        pytest.param(changed(book(HEAD), "xl/workbook.xml", lambda _: b"<a/>"), id="no workbook"),
        pytest.param(
            changed(book(HEAD), SHEET, lambda part: part.replace(b'r="A1"', b'r="A"')),
            id="a cell that is nowhere",
        ),
    ],
)
def test_what_is_broken_is_refused_in_a_sentence(data):
    if data is None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as parts:
            parts.writestr("photo.txt", "x")
        data = out.getvalue()
    with pytest.raises(WorkbookUnreadable) as refused:
        list(rows_of(data))
    assert refused.value.field == "file"
    assert "出してください" in refused.value.message()
