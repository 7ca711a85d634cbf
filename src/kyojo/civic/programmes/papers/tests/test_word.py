"""Word documents read back: all text, our typeface, the table's head on every page."""

import io

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from kyojo.civic.programmes.papers.differences import differences
from kyojo.civic.programmes.papers.outline import outline
from kyojo.civic.programmes.papers.word import differences_docx, outline_docx
from kyojo.civic.programmes.rules import presets

from .cast import MADE_ON, NAMES, OLD_DAY, preset, versions


@pytest.mark.parametrize("name", presets.preset_names())
def test_an_outline_is_written_whole(name: str) -> None:
    made = outline(preset(name), effective_from=OLD_DAY, names=NAMES)
    document = docx.Document(io.BytesIO(outline_docx(made, made_on=MADE_ON)))
    text = "\n".join(one.text for one in document.paragraphs)
    assert document.paragraphs[0].text == made.title
    assert document.core_properties.title == made.title
    for article in made.everything:
        for line in article.text.splitlines():
            assert line in text
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 2"]
    assert headings[0] == "（目的）"
    assert headings[-2:] == ["附則", "別記"]


def test_the_typeface_is_named_with_one_to_fall_back_to() -> None:
    made = outline(preset("inagi"), effective_from=OLD_DAY, names=NAMES)
    document = docx.Document(io.BytesIO(outline_docx(made, made_on=MADE_ON)))
    for name in ("Normal", "Title", "Heading 2"):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == "BIZ UDGothic"
        assert fonts.get(qn("w:asciiTheme")) is None
    table = next(
        one for one in document.part.package.iter_parts() if one.partname == "/word/fontTable.xml"
    )
    assert b'w:name="BIZ UDGothic"><w:altName w:val="MS Gothic"' in table.blob


def test_differences_lie_across_the_page_with_a_head_that_repeats() -> None:
    table = differences(*versions(("year_most = 5000", "year_most = 6000")))
    document = docx.Document(io.BytesIO(differences_docx(table, made_on=MADE_ON)))
    section = document.sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert section.page_width > section.page_height
    (grid,) = document.tables
    assert grid.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [cell.text for cell in grid.rows[0].cells] == [
        "改正前（令和8年4月1日施行）", "改正後（令和9年4月1日施行）",
    ]  # fmt: skip
    assert len(grid.rows) == len(table.rows) + 1
    underlined = [
        run.text
        for cell in grid.columns[1].cells
        for paragraph in cell.paragraphs
        for run in paragraph.runs
        if run.underline
    ]
    assert underlined == ["6,000", "9"]


def test_what_xml_cannot_hold_is_left_out() -> None:
    document = preset("inagi").model_copy(update={"name": "名\u0001前<b>&amp;\n二行"})
    made = outline(document, effective_from=OLD_DAY)
    read = docx.Document(io.BytesIO(outline_docx(made, made_on=MADE_ON)))
    assert read.paragraphs[0].text == "名前<b>&amp; 二行実施要綱"
