import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyojo.kernel import files
from kyojo.kernel.files import for_cp932, read_table, read_text

SAMPLE = "番号,名称\r\n1,港センター①（髙台）～\r\n2,〒425 ㈱みほん\r\n"
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "cp932", "euc_jp", "iso2022_jp"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_encoding_is_found(encoding: str) -> None:
    text = SAMPLE
    if encoding in {"euc_jp", "iso2022_jp"}:  # these know neither ①, 髙, ～ nor ㈱
        text = "番号,名称\r\n1,港センター（高台）\r\n2,郵便局のとなり\r\n"
    decoded = read_text(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, encoding)


@pytest.mark.parametrize(
    ("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")]
)
def test_utf_16_with_a_mark(mark: bytes, encoding: str) -> None:
    decoded = read_text(mark + SAMPLE.encode(encoding))
    assert (decoded.text, decoded.encoding) == (SAMPLE, encoding)


def test_utf_16_without_a_mark_and_almost_without_ascii() -> None:
    text = "港センターと山の集会所と川の公民館\n" * 3
    assert read_text(text.encode("utf-16-le")).text == text


def test_half_width_kana_in_cp932_is_not_taken_for_euc() -> None:
    text = "ﾅﾏｴ,ﾊﾞｼｮ\r\nﾐﾅﾄｾﾝﾀｰ,ﾐﾅﾄﾁｮｳ\r\n"
    assert read_text(text.encode("cp932")).text == text


def test_what_cannot_be_decoded_is_named_by_line_and_byte() -> None:
    data = "番号\n1\n".encode() + "港".encode() + b"\xe6\x9d\n"
    with pytest.raises(files.FileUndecodable) as refused:
        read_text(b"\xef\xbb\xbf" + data)
    assert refused.value.data == {
        "line": 3, "position": 16, "byte": "E6", "encoding": "UTF-8"
    }  # fmt: skip


def test_a_single_nul_byte_is_dropped_and_counted() -> None:
    decoded = read_text(b"a,b\n1,\x002\n" + b"3,4\n" * 100)
    assert ("\x00" in decoded.text, decoded.nul_bytes) == (False, 1)


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\r\n", b"\x00\x00"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(files.FileEmpty):
        read_text(data)


@given(st.binary(max_size=400))
def test_any_bytes_give_text_or_a_refusal(data: bytes) -> None:
    try:
        decoded = read_text(data)
    except files.FileUnreadable as refusal:
        assert refusal.message()
    else:
        assert "\x00" not in decoded.text


@given(st.text(alphabet="港山川あアｱ①髙A1, \n", min_size=1).filter(lambda t: t.strip(" \n")))
def test_cp932_text_survives_the_way_there_and_back(text: str) -> None:
    written, substitutions = for_cp932(text)
    assert (written, substitutions) == (text, [])
    assert written.encode("cp932").decode("cp932") == text


def test_characters_that_cp932_lacks_are_replaced_and_reported() -> None:
    written, substitutions = for_cp932("〜が\n𠮷野\ncafé 辻󠄀 ¥5")
    assert written.encode("cp932").decode("cp932") == "～が\n〓野\ncafe 辻 ￥5"
    assert [(s.character, s.written) for s in substitutions] == [
        ("𠮷", "〓"),
        ("é", "e"),
        ("\U000e0100", ""),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "全国地方公共団体ｺｰﾄﾞ", "全国地方公共団体コ－ド", "全国地方公共団体コ―ド",
        "\ufeff全国地方公共団体コード", "全国地方公共団体　コード ", "全国地方公共団体\xa0コード",
    ],
)  # fmt: skip
def test_look_alike_headers_have_one_key(name: str) -> None:
    assert files.header_key(name) == "全国地方公共団体コード"


def test_full_width_and_tilde_headers_have_one_key() -> None:
    assert files.header_key("ＮＯ") == files.header_key("No") == "NO"
    assert files.header_key("開始〜終了") == files.header_key("開始～終了")
    assert files.header_key("建物名等（方書）") == files.header_key("建物名等(方書)")


def test_a_table_with_quotes_blank_lines_and_empty_columns() -> None:
    table = read_table('名称,備考,,\r\n"甲","一行目\r\n二行目",,\r\n,,,\r\n乙,"""引用"""\r\n\r\n')
    assert table.header == ["名称", "備考"]
    assert [(row.line, row.get("備考")) for row in table.rows] == [
        (2, "一行目\r\n二行目"),
        (5, '"引用"'),
    ]


def test_ragged_rows_are_named_by_line() -> None:
    table = read_table("a,b,c\n1,2,3,4\n1,2\n1,2,3,\n")
    assert [(r.line, r.expected, r.found) for r in table.ragged] == [(2, 3, 4)]
    assert table.short_lines == [3]
    assert [row.line for row in table.rows] == [3, 4]


@pytest.mark.parametrize("text", ['a,b\n1,"2\n3,4\n', 'a,b\n1,"2"x\n'])
def test_a_broken_quote_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(files.TableQuoteBroken) as refused:
        read_table(text)
    assert refused.value.data["line"] == 2


def test_a_header_without_rows_is_refused() -> None:
    with pytest.raises(files.TableHasNoRows):
        read_table("a,b,c\n,,\n")


def test_of_two_columns_with_one_name_the_filled_one_counts() -> None:
    table = read_table("名称,名称\n,甲\n乙,丙\n")
    assert [row.get("名称") for row in table.rows] == ["甲", "乙"]
