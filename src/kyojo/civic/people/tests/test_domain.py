from datetime import date, time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyojo.civic.people import domain
from kyojo.civic.people.domain import DayException, WeekTime, Window
from kyojo.civic.people.errors import (
    BirthDateInFuture,
    BirthDateTooOld,
    KanaWrong,
    NameMissing,
    NameTooLong,
    NameWrong,
    PhoneWrong,
    TextTooLong,
    TimesBackwards,
    TimesHalf,
    TravelLimitWrong,
    WeekdayWrong,
)

TODAY = date(2026, 11, 20)


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("青空", "青空"),
        (" 春風　けん ", "春風 けん"),
        ("髙﨑", "髙﨑"),
        ("\ufa19谷", "\ufa19谷"),  # a compatibility ideograph is another letter to its family
        ("葛\U000e0100城", "葛\U000e0100城"),  # a variation selector stays
        ("O'Brien-Ito", "O'Brien-Ito"),
        ("佐々木", "佐々木"),
    ],
)
def test_a_name_is_kept_as_its_family_writes_it(typed, stored):
    assert domain.name_part(typed, part="姓", field="family_name") == stored


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("", NameMissing),
        ("　 ", NameMissing),
        ("青" * 41, NameTooLong),
        ("青空2", NameWrong),
        ("<b>", NameWrong),
        ("a\u202eb", NameWrong),
        ("a\x00b", NameWrong),
        ("青空@", NameWrong),
    ],
)
def test_what_is_no_name_is_refused_beside_its_field(typed, refusal):
    with pytest.raises(refusal) as caught:
        domain.name_part(typed, part="姓", field="family_name")
    assert caught.value.field == "family_name"
    assert "姓" in caught.value.message()


@pytest.mark.parametrize("typed", ["はるかぜ", "ハルカゼ", "ﾊﾙｶｾﾞ", " はるかぜ　"])
def test_a_reading_is_stored_in_katakana_however_it_was_typed(typed):
    assert domain.kana_part(typed, part="ふりがな", field="family_kana") == "ハルカゼ"


@pytest.mark.parametrize("typed", ["春風", "harukaze", "はる1"])
def test_a_reading_that_is_not_kana_is_refused(typed):
    with pytest.raises(KanaWrong):
        domain.kana_part(typed, part="ふりがな", field="family_kana")


def test_members_read_hiragana():
    assert domain.reading("ハルカゼ ケン") == "はるかぜ けん"


def test_readings_compare_without_spaces_dots_and_widths():
    assert domain.kana_key("アオゾラ", "フミ") == domain.kana_key("あおぞら　ﾌﾐ")
    assert domain.kana_key("ジャン・ポール") == domain.kana_key("じゃん", "ぽーる")
    assert domain.kana_key("アオゾラ", "フミ") != domain.kana_key("アオゾラ", "フミコ")


def test_words_keep_lines_and_lose_control_signs():
    assert domain.words(" 一行\r\n二行\x07 ", part="紹介", field="x", limit=10) == "一行\n二行"
    with pytest.raises(TextTooLong) as caught:
        domain.words("あ" * 11, part="紹介", field="x", limit=10)
    assert "11文字" in caught.value.message()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("", ""), ("０９０-1234-5678", "09012345678"), ("(03) 1234 5678", "0312345678")],
)
def test_a_telephone_number_is_stored_as_digits(typed, stored):
    assert domain.phone(typed) == stored


@pytest.mark.parametrize("typed", ["123", "電話なし", "19012345678"])
def test_what_is_no_telephone_number_is_refused(typed):
    with pytest.raises(PhoneWrong):
        domain.phone(typed)


# --- ages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "words"),
    [
        (date(1960, 11, 20), "60代"),
        (date(2020, 1, 1), "10歳未満"),
        (date(1930, 1, 1), "90代以上"),
        (date(1910, 1, 1), "90代以上"),
        (None, ""),
    ],
)
def test_only_the_decade_of_an_age_is_shown(birth, words):
    assert domain.decade(birth, TODAY) == words


def test_impossible_birth_dates_are_refused():
    with pytest.raises(BirthDateInFuture):
        domain.birth_date_checked(date(2026, 11, 21), today=TODAY)
    with pytest.raises(BirthDateTooOld):
        domain.birth_date_checked(date(1900, 1, 1), today=TODAY)
    assert domain.birth_date_checked(TODAY, today=TODAY) == TODAY


# --- travel and times ---------------------------------------------------------------------------


def test_travel_limits_depend_on_the_way():
    assert domain.travel_limit_checked("car", 50_000) == 50_000
    with pytest.raises(TravelLimitWrong) as caught:
        domain.travel_limit_checked("walk", 5_001)
    assert "300\u00a0mから5\u00a0kmまで" in caught.value.message()


def week(weekday, start, end):
    return WeekTime(weekday, time(start), time(end))


def test_overlapping_and_touching_times_become_one():
    merged = domain.week_times_merged(
        [week(0, 13, 15), week(0, 9, 12), week(0, 12, 14), week(1, 9, 10)]
    )
    assert merged == [week(0, 9, 15), week(1, 9, 10)]


def test_bad_times_are_refused():
    with pytest.raises(WeekdayWrong):
        domain.week_times_merged([week(7, 9, 10)])
    with pytest.raises(TimesBackwards):
        domain.week_times_merged([week(0, 10, 10)])
    with pytest.raises(TimesHalf):
        domain.exception_times_checked(time(9), None)
    with pytest.raises(TimesBackwards):
        domain.exception_times_checked(time(9), time(9))


SATURDAY = date(2026, 11, 28)


def test_a_day_is_the_week_with_that_days_exceptions():
    weekly = [week(5, 9, 13)]
    opened = DayException(SATURDAY, True, time(15), time(17))
    closed = DayException(SATURDAY, False, time(10), time(11))
    assert domain.free_windows(weekly, [], SATURDAY) == [Window(time(9), time(13))]
    assert domain.free_windows(weekly, [opened, closed], SATURDAY) == [
        Window(time(9), time(10)),
        Window(time(11), time(13)),
        Window(time(15), time(17)),
    ]
    assert domain.free_windows(weekly, [opened, DayException(SATURDAY, False)], SATURDAY) == []
    assert domain.free_windows([], [DayException(SATURDAY, True)], SATURDAY) == [
        Window(time.min, time.max)
    ]
    assert domain.free_windows(weekly, [closed], date(2026, 12, 5)) == [Window(time(9), time(13))]


def test_a_time_is_free_when_one_window_holds_all_of_it():
    windows = [Window(time(9), time(12)), Window(time(13), time(15))]
    assert domain.is_free(windows, time(9), time(12))
    assert not domain.is_free(windows, time(11), time(14))


times = st.builds(
    lambda d, a, b: WeekTime(d, time(min(a, b)), time(max(a, b) if a != b else (a + 1))),
    st.integers(0, 6),
    st.integers(0, 22),
    st.integers(0, 22),
)


@given(st.lists(times, max_size=30))
def test_merging_loses_no_hour_and_leaves_no_overlap(given_times):
    def hours(all_times):
        return {(t.weekday, h) for t in all_times for h in range(t.start.hour, t.end.hour)}

    merged = domain.week_times_merged(given_times)
    assert hours(merged) == hours(given_times)
    assert domain.week_times_merged(merged) == merged
    for one, other in pairwise(merged):
        assert (one.weekday, one.end) < (other.weekday, other.start)
