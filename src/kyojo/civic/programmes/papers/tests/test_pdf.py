"""PDFs are made, can be read aloud, say what they should, and run nobody's code."""

import io
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pypdf import PdfReader

from kyojo.civic.programmes.papers import typesetting
from kyojo.civic.programmes.papers.cards import (
    CELLS_MAX,
    Entry,
    Invoice,
    InvoiceRow,
    Passbook,
    StampCard,
    Ticket,
    TicketSheet,
    invoice_pdf,
    passbook_pdf,
    stamp_cards_pdf,
    tickets_pdf,
)
from kyojo.civic.programmes.papers.differences import differences
from kyojo.civic.programmes.papers.errors import CellsWrong, GlyphsMissing
from kyojo.civic.programmes.papers.outline import outline
from kyojo.civic.programmes.papers.pdf import differences_pdf, outline_pdf
from kyojo.civic.programmes.rules import presets

from .cast import MADE_ON, NAMES, OLD_DAY, preset, versions

CARD = StampCard(
    programme="介護支援ボランティア",
    year="2026年度（令和8年度）",
    holder="𠮷田 はな",
    number="I-0042",
    counted="スタンプ",
    cells=30,
    qr="KYOJO:CARD:I-0042",
    office="北ひなた市 共助センター",
    stamps=(date(2026, 4, 3), date(2026, 10, 12)),
)
SHEET = TicketSheet(
    programme="助け合いチケット",
    face="1枚",
    valid="有効期限 2028年3月31日",
    issuer="北ひなた市社会福祉協議会",
    tickets=tuple(Ticket(f"T-{i:05d}", f"KYOJO:T:{i}") for i in range(1, 13)),
)
BOOK = Passbook(
    programme="時間預託",
    holder="髙橋 けん",
    number="D-0007",
    unit="分",
    entries=tuple(
        Entry(date(2026, 4, 1) + timedelta(days=i), "買い物の手伝い", got=0 if i % 4 else 120,
              gave=30 if i % 4 else 0)
        for i in range(40)
    ),
    office="北ひなた市社会福祉協議会",
    opening=1000,
)  # fmt: skip
INVOICE = Invoice(
    number="2026-0113",
    issued_on=date(2026, 11, 28),
    to="株式会社 あおば薬局 御中",
    issuer=("特定非営利活動法人 ひなたの会", "みほん県北ひなた市本町1-2-3"),
    subject="2026年10月分",
    rows=(InvoiceRow("買い物の手伝い", 14, "時間", 800), InvoiceRow("事務費", 1, "式", 1500)),
    pay_to="ひなた銀行 本店 普通 0001234",
    due_on=date(2026, 12, 31),
)
ALL = {
    "outline": lambda: outline_pdf(_outline("kyojo-coin"), made_on=MADE_ON),
    "differences": lambda: differences_pdf(_table(), made_on=MADE_ON),
    "stamp-cards": lambda: stamp_cards_pdf([CARD] * 3, made_on=MADE_ON),
    "tickets": lambda: tickets_pdf(SHEET, made_on=MADE_ON),
    "passbook": lambda: passbook_pdf(BOOK, made_on=MADE_ON),
    "invoice": lambda: invoice_pdf(INVOICE, made_on=MADE_ON),
}


def _outline(name: str, *changes: tuple[str, str]):
    return outline(preset(name, *changes), effective_from=OLD_DAY, names=NAMES)


def _table():
    return differences(*versions(("year_most = 5000", "year_most = 6000")))


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    """All text, without the spaces and breaks that the layout put in."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in read(pdf).pages))


@pytest.mark.parametrize("name", ALL)
def test_a_paper_can_be_kept_and_read_aloud(name: str) -> None:
    reader = read(ALL[name]())
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].lower().startswith("ja")
    assert root["/StructTreeRoot"]["/K"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = root["/Metadata"].get_data().decode()
    assert re.search(r"pdfuaid:part>1<|pdfuaid:part=.1", metadata)
    assert re.search(r"pdfaid:part>2<|pdfaid:part=.2", metadata)
    assert re.search(r"pdfaid:conformance>A<|pdfaid:conformance=.A", metadata)
    assert reader.metadata
    assert reader.metadata.title
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            assert re.search(r"Noto(Sans|Serif)JP", font.get_object()["/BaseFont"])


@pytest.mark.parametrize("name", ALL)
def test_the_same_values_give_the_same_bytes(name: str) -> None:
    assert ALL[name]() == ALL[name]()


@pytest.mark.parametrize("name", presets.preset_names())
def test_an_outline_is_printed_whole(name: str) -> None:
    made = _outline(name)
    text = text_of(outline_pdf(made, made_on=MADE_ON))
    for article in made.everything:
        assert article.heading in text
        for line in article.text.splitlines():
            assert re.sub(r"\s", "", line) in text


def test_differences_have_both_sides_and_a_head_on_each_page() -> None:
    text = text_of(differences_pdf(_table(), made_on=MADE_ON))
    for wanted in (
        "新旧対照表",
        "改正前（令和8年4月1日施行）",
        "改正後（令和9年4月1日施行）",
        "5,000",
        "6,000",
    ):
        assert wanted in text
    coin, inagi = _outline("kyojo-coin"), _outline("inagi")
    long = read(differences_pdf(differences(inagi, coin), made_on=MADE_ON))
    assert len(long.pages) > 1
    assert all("改正前" in page.extract_text() for page in long.pages)
    page = long.pages[0].mediabox
    assert page.width > page.height


def test_a_table_without_a_difference_is_printed_too() -> None:
    one = _outline("inagi")
    assert "改正前" in text_of(differences_pdf(differences(one, one), made_on=MADE_ON))


@pytest.mark.parametrize(
    "name",
    [
        '#panic("stop")', "#read(\"/etc/passwd\")", "$x^2$ *bold* _it_ `raw` <label> @ref",
        "] #text(fill: red)[x", "\\u{41} // comment /* more */", "= heading", "{{data}} \"quoted\"",
    ],
)  # fmt: skip
def test_no_text_is_read_as_code(name: str) -> None:
    """What a document or a name says is printed as it stands."""
    document = preset("inagi").model_copy(update={"name": name})
    made = outline(document, effective_from=OLD_DAY, names=NAMES)
    wanted = re.sub(r"\s", "", name)
    assert wanted in text_of(outline_pdf(made, made_on=MADE_ON))
    table = differences(_outline("inagi"), made)
    assert wanted in text_of(differences_pdf(table, made_on=MADE_ON))
    assert wanted in text_of(stamp_cards_pdf([replace(CARD, holder=name)], made_on=MADE_ON))


def test_names_are_printed_in_their_own_kanji() -> None:
    for name in ("𠮷野 髙﨑", "葛󠄀城 辻󠄀", "渡邉 渡邊 栁", "か\u3099く"):
        text = text_of(passbook_pdf(replace(BOOK, holder=name), made_on=MADE_ON))
        assert re.sub(r"\s", "", name.replace("か\u3099", "が")) in text


@pytest.mark.parametrize(
    ("holder", "characters", "codes"),
    [
        ("田中 𛀁", "「𛀁」", "U+1B001"),
        ("田中\u0007", "印刷できない文字", "U+0007"),
        ("山\U000e01ef田 😀", "「山\U000e01ef」、「😀」", "U+5C71 U+E01EF、U+1F600"),
    ],
)
def test_a_character_that_cannot_be_printed_is_named(
    holder: str, characters: str, codes: str
) -> None:
    with pytest.raises(GlyphsMissing) as refused:
        passbook_pdf(replace(BOOK, holder=holder), made_on=MADE_ON)
    assert refused.value.data["codes"] == codes
    assert characters.split("、")[-1] in refused.value.message()
    assert "田中" not in refused.value.message()


def test_line_breaks_and_tabs_become_spaces() -> None:
    assert typesetting.cleaned("一\n二\t三\u3000四  五\u2028六") == "一 二 三\u3000四 五 六"


# --- cards ----------------------------------------------------------------------------------------


def test_a_stamp_card_has_its_cells_and_stamps() -> None:
    pdf = stamp_cards_pdf([CARD, CARD, CARD], made_on=MADE_ON)
    assert len(read(pdf).pages) == 2
    text = text_of(pdf)
    for wanted in (
        "𠮷田はな",
        "I-0042",
        "2026年度（令和8年度）",
        "4/3",
        "10/12",
        "30",
        "2スタンプ",
    ):
        assert wanted in text


@pytest.mark.parametrize(("cells", "stamps"), [(0, 0), (CELLS_MAX + 1, 0), (2, 3)])
def test_a_card_of_the_wrong_size_is_refused(cells: int, stamps: int) -> None:
    card = replace(CARD, cells=cells, stamps=(OLD_DAY,) * stamps)
    with pytest.raises(CellsWrong):
        stamp_cards_pdf([card], made_on=MADE_ON)


def test_the_fullest_card_fits_on_half_a_sheet() -> None:
    card = replace(CARD, cells=CELLS_MAX, stamps=(OLD_DAY,) * CELLS_MAX, note="受け入れ先で押印")
    assert len(read(stamp_cards_pdf([card, card], made_on=MADE_ON)).pages) == 1


def test_ten_tickets_fill_a_sheet() -> None:
    reader = read(tickets_pdf(SHEET, made_on=MADE_ON))
    assert len(reader.pages) == 2
    assert "T-00010" in reader.pages[0].extract_text()
    assert "T-00011" in reader.pages[1].extract_text()


def test_a_passbook_computes_its_balances() -> None:
    book = replace(BOOK, entries=BOOK.entries[:3])
    assert book.balances() == [1120, 1090, 1060]
    reader = read(passbook_pdf(BOOK, made_on=MADE_ON))
    assert len(reader.pages) > 1
    assert all("残り" in page.extract_text() for page in reader.pages)
    text = text_of(passbook_pdf(book, made_on=MADE_ON))
    for wanted in ("くりこし1,000", "2026.4.1", "1,120", "1,060", "2026年11月28日現在", "髙橋けん"):
        assert wanted in text


def test_an_invoice_adds_up() -> None:
    assert INVOICE.total_yen == 14 * 800 + 1500
    text = text_of(invoice_pdf(INVOICE, made_on=MADE_ON))
    for wanted in ("12,700円", "11,200", "令和8年12月31日", "あおば薬局御中", "2026-0113"):
        assert wanted in text
    assert "登録番号" not in text
    registered = replace(INVOICE, registration="T1234567890123")
    assert "T1234567890123" in text_of(invoice_pdf(registered, made_on=MADE_ON))
