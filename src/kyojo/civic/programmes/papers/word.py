"""An outline (要綱) and a table of differences (新旧対照表) as Word documents, for offices to edit.

Word carries no typeface: BIZ UDGothic is named, MS Gothic where that is not installed.
"""

import io
import re
from collections.abc import Sequence
from datetime import date, datetime, time

import docx
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph
from lxml import etree

from kyojo.kernel.wording import jdate_era

from .differences import Differences, Line
from .outline import Article, Outline, item_label

FONT, FALLBACK = "BIZ UDGothic", "MS Gothic"
LONG, SHORT = Mm(297), Mm(210)
#: What XML has no place for.
_CONTROLS = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def outline_docx(outline: Outline, *, made_on: date) -> bytes:
    """The outline on A4, upright."""
    document = _document(outline.title, outline.operator, made_on)
    _heading(document, outline.title, "Title")
    begins = document.add_paragraph(f"{jdate_era(outline.effective_from)}施行")
    begins.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for article in outline.everything:
        _article(document, article)
    return _saved(document)


def differences_docx(table: Differences, *, made_on: date) -> bytes:
    """The table on A4, lying; its head stands on every page."""
    title = f"{table.new.title}新旧対照表"
    document = _document(title, table.new.operator, made_on, lying=True)
    _heading(document, title, "Title")
    document.add_paragraph("下線の部分は、改正部分とする。").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    grid = document.add_table(rows=1, cols=2, style="Table Grid")
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    outlines = (("改正前", table.old), ("改正後", table.new))
    for cell, (name, one) in zip(grid.rows[0].cells, outlines, strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.add_run(f"{name}（{jdate_era(one.effective_from)}施行）")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _repeats(grid.rows[0])
    for row in table.rows:
        old, new = grid.add_row().cells
        _side(old, row.old)
        _side(new, row.new)
    return _saved(document)


def _article(document: WordDocument, article: Article) -> None:
    title = f"（{article.title}）" if article.number else article.title
    _heading(document, title, "Heading 2")
    for i, paragraph in enumerate(article.paragraphs):
        label = article.label(i)
        _text(document.add_paragraph(), f"{label}　{paragraph.text}" if label else paragraph.text)
        for j, item in enumerate(paragraph.items):
            _text(document.add_paragraph(), f"{item_label(j)}　{item}", level=1)


def _side(cell: _Cell, lines: Sequence[Line]) -> None:
    for i, line in enumerate(lines):
        paragraph = cell.paragraphs[0] if i == 0 else cell.add_paragraph()
        _hang(paragraph, line.level)
        for span in line.spans:
            paragraph.add_run(_clean(span.text)).underline = span.changed or None


def _text(paragraph: Paragraph, text: str, level: int = 0) -> None:
    paragraph.add_run(_clean(text))
    _hang(paragraph, level)


def _hang(paragraph: Paragraph, level: int) -> None:
    """Second lines begin one character further in; items stand one character in themselves."""
    size = Pt(10.5)
    paragraph.paragraph_format.left_indent = size * (1 + 2 * level)
    paragraph.paragraph_format.first_line_indent = -size * (1 + level)


def _heading(document: WordDocument, text: str, style: str) -> None:
    document.add_paragraph(_clean(text), style=style)


def _clean(text: str) -> str:
    return _CONTROLS.sub("", " ".join(re.split(r"[^\S\u3000]+", text)))


# --- the document itself --------------------------------------------------------------------------


def _document(title: str, author: str, made_on: date, *, lying: bool = False) -> WordDocument:
    document = docx.Document()
    facts = document.core_properties
    facts.title, facts.author, facts.language = _clean(title), _clean(author), "ja-JP"
    facts.comments = ""
    facts.created = facts.modified = datetime.combine(made_on, time())
    section = document.sections[0]
    section.page_width, section.page_height = (LONG, SHORT) if lying else (SHORT, LONG)
    section.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Mm(18 if lying else 25)
    section.top_margin = section.bottom_margin = Mm(18 if lying else 25)
    _styles(document)
    _fallback_named(document)
    _page_number(section.footer.paragraphs[0])
    return document


def _styles(document: WordDocument) -> None:
    for name, size in (("Normal", 10.5), ("Title", 15), ("Heading 2", 10.5)):
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.size, style.font.bold, style.font.italic = Pt(size), False, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()  # a theme's typeface would win over the one that is named
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), FONT)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(1.5)
        style.paragraph_format.line_spacing = 1.3
    title, heading = document.styles["Title"], document.styles["Heading 2"]
    assert isinstance(title, ParagraphStyle)
    assert isinstance(heading, ParagraphStyle)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_after = Pt(12)
    heading.paragraph_format.space_before = Pt(10)
    for border in title.element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "ja-JP")
        language.set(qn("w:eastAsia"), "ja-JP")


def _fallback_named(document: WordDocument) -> None:
    """Say in the document's table of typefaces what to take where ours is not installed."""
    part = next(
        one for one in document.part.package.iter_parts() if one.partname == "/word/fontTable.xml"
    )
    table = etree.fromstring(part.blob)
    font = etree.SubElement(table, qn("w:font"), {qn("w:name"): FONT})
    etree.SubElement(font, qn("w:altName"), {qn("w:val"): FALLBACK})
    etree.SubElement(font, qn("w:charset"), {qn("w:val"): "80"})  # Shift-JIS, so: Japanese
    part._blob = etree.tostring(table, xml_declaration=True, encoding="UTF-8", standalone=True)


def _page_number(paragraph: Paragraph) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _repeats(row: _Row) -> None:
    """The row is the table's head, on every page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _saved(document: WordDocument) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
