"""The banks' file byte by byte, and everything that must not get into it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyojo.civic.programmes.papers.errors import TransferInvalid, TransferUnreadable
from kyojo.civic.programmes.papers.zengin import (
    YEN_MAX,
    Payee,
    Sender,
    kana,
    read,
    unwritable,
    write,
)

DAY = date(2026, 12, 25)
SENDER = Sender("123456", "キタヒナタシ", "9900", "ヒナタ", "001", "ホンテン", 2, "1234")
HANA = Payee("9901", "みどり", "012", "ﾐﾅﾄ", 1, "0012345", "ヨシダ　ハナ", 5000, "42")
KEN = Payee("9900", "ヒナタ", "001", "ホンテン", 4, "7654321", "ガッコウホウジン（ヴ・ー）", 12000)

HEADER = (
    "1" "21" "0" "0000123456" + "ｷﾀﾋﾅﾀｼ".ljust(40) + "1225" "9900" + "ﾋﾅﾀ".ljust(15)
    + "001" + "ﾎﾝﾃﾝ".ljust(15) + "2" "0001234" + " " * 17
)  # fmt: skip
FIRST = (
    "2" "9901" + "ﾐﾄﾞﾘ".ljust(15) + "012" + "ﾐﾅﾄ".ljust(15) + "0000" "1" "0012345"
    + "ﾖｼﾀﾞ ﾊﾅ".ljust(30) + "0000005000" "0" "0000000042" "0000000000" "7" " " + " " * 7
)  # fmt: skip
SECOND = (
    "2" "9900" + "ﾋﾅﾀ".ljust(15) + "001" + "ﾎﾝﾃﾝ".ljust(15) + "0000" "4" "7654321"
    + "ｶﾞﾂｺｳﾎｳｼﾞﾝ(ｳﾞ.-)".ljust(30) + "0000012000" "0" "0000000000" "0000000000" "7" " " + " " * 7
)  # fmt: skip
TRAILER = "8000002000000017000" + " " * 101
END = "9" + " " * 119
RECORDS = [HEADER, FIRST, SECOND, TRAILER, END]


def refused(payees: list[Payee], sender: Sender = SENDER, **more: int) -> TransferInvalid:
    with pytest.raises(TransferInvalid) as caught:
        write(sender, payees, on=DAY, **more)
    return caught.value


def test_the_file_is_exact_to_the_byte() -> None:
    assert [len(one.encode("cp932")) for one in RECORDS] == [120] * 5
    data = write(SENDER, [HANA, KEN], on=DAY, total_yen=17000)
    assert data == "".join(one + "\r\n" for one in RECORDS).encode("cp932")
    plain = write(SENDER, [HANA, KEN], on=DAY, line_ends=False)
    assert plain == "".join(RECORDS).encode("cp932")
    assert len(plain) == 600


@pytest.mark.parametrize("line_ends", [True, False])
def test_what_was_written_can_be_read(line_ends: bool) -> None:
    found = read(write(SENDER, [HANA, KEN], on=DAY, line_ends=line_ends))
    assert (found.on, found.total_yen) == ((12, 25), 17000)
    assert found.sender.name == "ｷﾀﾋﾅﾀｼ"
    assert found.payees[0] == Payee("9901", "ﾐﾄﾞﾘ", "012", "ﾐﾅﾄ", 1, "0012345", "ﾖｼﾀﾞ ﾊﾅ", 5000, "42")
    again = write(found.sender, found.payees, on=DAY, line_ends=line_ends)
    assert again == write(SENDER, [HANA, KEN], on=DAY, line_ends=line_ends)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("がっきゅう", "ｶﾞﾂｷﾕｳ"),
        ("パーティ−", "ﾊﾟ-ﾃｲ-"),
        ("ヴァイオリン", "ｳﾞｱｲｵﾘﾝ"),
        ("ｶﾞｰﾄﾞ", "ｶﾞ-ﾄﾞ"),
        ("か゛き゜", "ｶﾞｷﾟ"),
        ("ａｂｃ　１２３", "ABC 123"),
        ("カ）ヒナタ・ノ・カイ", "ｶ)ﾋﾅﾀ.ﾉ.ｶｲ"),
        ("  ヤマダ　　タロウ ", "ﾔﾏﾀﾞ ﾀﾛｳ"),
        ("カ\u3099", "ｶﾞ"),
        ("ヶヵヮ", "ｹｶﾜ"),
    ],
)
def test_kana_become_those_of_the_banks(given: str, wanted: str) -> None:
    assert kana(given) == wanted
    assert unwritable(given) == ""


@pytest.mark.parametrize(
    ("given", "bad"),
    [
        ("吉田 ハナ", "吉田"), ("カヲル", "ヲ"), ("ヰノウエ", "ヰ"), ("ｱ/ｲ,ｳ", "/,"),
        ("㈱ヒナタ", "㈱"), ("É", "É"), ("ハナ😀", "😀"), ("A\u0000B", "\u0000"),
        ("ハナ*", "*"), ("ﾊﾅ\\", "\\"),
    ],
)  # fmt: skip
def test_other_characters_are_refused_with_the_row(given: str, bad: str) -> None:
    assert unwritable(given) == bad
    problems = refused([HANA, replace(KEN, holder=given)]).problems
    assert [(one.row, one.item, one.characters) for one in problems] == [(2, "受取人名", bad)]


@pytest.mark.parametrize(
    ("change", "item"),
    [
        ({"bank_code": "990"}, "銀行番号"),
        ({"bank_code": "99０1"}, "銀行番号"),
        ({"branch_code": "0012"}, "支店番号"),
        ({"bank_name": "緑"}, "銀行名"),
        ({"branch_name": "ア" * 16}, "支店名"),
        ({"account_type": 3}, "預金種目"),
        ({"account_type": 9}, "預金種目"),
        ({"account_number": "12345678"}, "口座番号"),
        ({"account_number": ""}, "口座番号"),
        ({"account_number": "12-3456"}, "口座番号"),
        ({"holder": "　"}, "受取人名"),
        ({"holder": "ガ" * 16}, "受取人名"),
        ({"yen": 0}, "金額"),
        ({"yen": -1}, "金額"),
        ({"yen": YEN_MAX + 1}, "金額"),
        ({"customer_code": "12345678901"}, "顧客コード"),
        ({"customer_code": "A1"}, "顧客コード"),
    ],
)
def test_each_item_has_its_own_refusal(change: dict[str, object], item: str) -> None:
    found = refused([HANA, replace(KEN, **change)])
    assert [(one.row, one.item) for one in found.problems] == [(2, item)]
    assert found.message().startswith(f"2行目の「{item}」を直してください。")


@pytest.mark.parametrize(
    ("change", "item"),
    [
        ({"code": "12345678901"}, "依頼人コード"),
        ({"name": ""}, "依頼人名"),
        ({"name": "北ひなた市"}, "依頼人名"),
        ({"bank_code": ""}, "依頼人の銀行番号"),
        ({"account_type": 4}, "依頼人の預金種目"),
    ],
)
def test_the_sender_is_checked_too(change: dict[str, object], item: str) -> None:
    found = refused([HANA], replace(SENDER, **change))
    assert [(one.row, one.item) for one in found.problems] == [(0, item)]
    assert found.message().startswith(f"「{item}」を直してください。")


def test_every_problem_is_told_at_once_in_the_order_of_the_rows() -> None:
    found = refused([replace(HANA, holder="花", yen=0), replace(KEN, bank_code="1")])
    assert [(one.row, one.item) for one in found.problems] == [
        (1, "受取人名"), (1, "金額"), (2, "銀行番号"),
    ]  # fmt: skip
    assert found.message().endswith("ほかに2か所あります。")
    assert "花" not in str(found.data["item"])


def test_a_sum_that_differs_from_the_books_is_refused() -> None:
    (problem,) = refused([HANA, KEN], total_yen=17001).problems
    assert problem.item == "合計金額"
    assert "17,000円" in problem.why
    assert "17,001円" in problem.why


def test_nobody_to_pay_is_no_file() -> None:
    assert [one.item for one in refused([]).problems] == ["件数"]


@pytest.mark.parametrize(
    ("records", "record"),
    [
        ([HEADER[:-1], FIRST, TRAILER, END], 4),
        ([FIRST, TRAILER, END], 1),
        ([HEADER, FIRST, SECOND, TRAILER.replace("17000", "17001"), END], 4),
        ([HEADER, FIRST, TRAILER, END], 3),
        ([HEADER, TRAILER, FIRST, TRAILER, END], 2),
        ([HEADER, FIRST.replace("0000005000", "00000X5000"), TRAILER, END], 2),
        ([HEADER, FIRST.replace("ﾊﾅ", "花"), TRAILER, END], 2),
        ([], 1),
    ],
)
def test_a_broken_file_is_not_read(records: list[str], record: int) -> None:
    with pytest.raises(TransferUnreadable) as caught:
        read("".join(records).encode("cp932"))
    assert caught.value.data["record"] == record


@given(st.text(max_size=20))
def test_any_name_is_written_or_refused_and_never_bent(name: str) -> None:
    bad = unwritable(name)
    try:
        data = write(SENDER, [replace(HANA, holder=name)], on=DAY, line_ends=False)
    except TransferInvalid as error:
        assert [one.item for one in error.problems] == ["受取人名"]
        assert bad or not kana(name) or len(kana(name)) > 30
    else:
        assert not bad
        assert read(data).payees[0].holder == kana(name)
