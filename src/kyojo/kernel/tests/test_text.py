"""Kana and eras, as people type them."""

from datetime import date

import pytest

from kyojo.kernel import text
from kyojo.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("あおぞら みなみ", "アオゾラ ミナミ"),
        ("アオゾラ　ミナミ", "アオゾラ ミナミ"),
        ("ｱｵｿﾞﾗ ﾐﾅﾐ", "アオゾラ ミナミ"),
        ("  じょん・すみす ", "ジョン・スミス"),
        ("ゔぃくとりあー", "ヴィクトリアー"),
    ],
)
def test_a_reading_is_stored_as_katakana(typed: str, stored: str) -> None:
    assert text.kana_name(typed) == stored


@pytest.mark.parametrize("typed", ["青空", "Aozora", "", " ", "・", "アオゾラ1"])
def test_what_is_not_a_reading(typed: str) -> None:
    assert text.kana_name(typed) is None


def test_hiragana_and_back() -> None:
    assert text.to_hiragana("アオゾラ・ー") == "あおぞら・ー"
    assert text.to_katakana("青空あおぞら") == "青空アオゾラ"


@pytest.mark.parametrize(
    "typed", ["090-0000-1234", "０９０（００００）１２３４", "+81 90 0000 1234", "090ー0000ー1234"]
)
def test_a_telephone_number_is_its_digits(typed: str) -> None:
    assert text.phone_number(typed) == "09000001234"


@pytest.mark.parametrize("typed", ["", "1234", "190-0000-1234", "090-0000-12345", "でんわ"])
def test_what_is_not_a_telephone_number(typed: str) -> None:
    assert text.phone_number(typed) is None


@pytest.mark.parametrize(
    ("typed", "year"),
    [
        ("2026", 2026),
        ("２０２６", 2026),
        ("2026年", 2026),
        ("令和8", 2026),
        ("令和８年", 2026),
        ("令和 8", 2026),
        ("R8", 2026),
        ("ｒ８", 2026),
        ("R.8", 2026),
        ("令和元年", 2019),
        ("平成31", 2019),
        ("昭和64", 1989),
        ("S23", 1948),
        ("大正15", 1926),
    ],
)
def test_years(typed: str, year: int) -> None:
    assert text.year_number(typed) == year


def test_a_bare_era_year_is_read_only_near_the_present() -> None:
    assert text.year_number("８", near=2026) == 2026
    assert text.year_number("9", near=2026) == 2027
    for typed in ("48", "元", "0"):
        with pytest.raises(text.YearUnreadable) as refused:
            text.year_number(typed, near=2026)
        assert refused.value.message() == "年は、2026か令和8のように入れてください。"
    with pytest.raises(text.YearUnreadable):
        text.year_number("8")


@pytest.mark.parametrize("typed", ["", "来年", "20260", "1600", "令和0", "令和100", "X8"])
def test_what_is_not_a_year(typed: str) -> None:
    with pytest.raises(text.YearUnreadable):
        text.year_number(typed)


def test_an_era_ends() -> None:
    with pytest.raises(text.EraYearUnknown) as refused:
        text.year_number("昭和70")
    assert refused.value.message() == "昭和は64年までです。年を確かめてください。"


@pytest.mark.parametrize(
    ("parts", "field", "sentence"),
    [
        (("令和8", "11", "31"), "day", "11月は30日までです。日を1から30の数字で入れてください。"),
        (
            ("2026", "２", "30"),
            "day",
            "2026年2月は28日までです。日を1から28の数字で入れてください。",
        ),
        (("2026", "13", "1"), "month", "月を1から12の数字で入れてください。"),
        (("2026", "11", "0"), "day", "11月は30日までです。日を1から30の数字で入れてください。"),
        (("2026", "", "3"), "month", "月を入れてください。"),
        (("", "", ""), "year", "年を入れてください。"),
        (("2026", "11", "三日"), "day", "11月は30日までです。日を1から30の数字で入れてください。"),
    ],
)
def test_a_wrong_date_says_which_box_and_what_to_do(
    parts: tuple[str, str, str], field: str, sentence: str
) -> None:
    with pytest.raises(Invalid) as refused:
        text.date_of_parts(*parts)
    assert (refused.value.field, refused.value.message()) == (field, sentence)


def test_dates_of_three_boxes() -> None:
    assert text.date_of_parts("令和8", "11", "28") == date(2026, 11, 28)
    assert text.date_of_parts("８", "１１月", "２８日", near=2026) == date(2026, 11, 28)
    assert text.date_of_parts("2028", "2", "29") == date(2028, 2, 29)


def test_eras_as_they_are_written() -> None:
    assert text.wareki(date(2026, 11, 28)) == "令和8年"
    assert text.wareki(date(2019, 5, 1)) == "令和元年"
    assert text.wareki(date(2019, 4, 30)) == "平成31年"
    assert text.wareki(date(1989, 1, 7)) == "昭和64年"
    assert text.wareki(date(1868, 1, 1)) == "1868年"
    assert text.fiscal_year_name(2026) == "2026年度（令和8年度）"
    assert text.fiscal_year_name(2019) == "2019年度（平成31年度）"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("みどり浜市 港地区 見本町 1-2-3", "みどり浜市 港地区 見本町"),
        ("沖見台3丁目3番33号", "沖見台3丁目"),
        ("沖見台三丁目 3番 メゾン見本201", "沖見台三丁目"),
        ("みほん町大字港１２番地", "みほん町大字港"),
        ("見本団地 B棟", ""),
        ("", ""),
    ],
)
def test_an_address_without_its_numbers(address, kept):
    assert text.chome(address) == kept
