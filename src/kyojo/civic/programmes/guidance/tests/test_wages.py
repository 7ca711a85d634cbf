"""The table, the day on which a figure begins, and every way in which there is none."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from kyojo.civic.programmes.guidance import wages
from kyojo.civic.programmes.guidance.errors import PrefectureUnknown
from kyojo.civic.programmes.rules import presets, reading
from kyojo.civic.programmes.rules.model import Document

ON = date(2026, 4, 6)


def document(code: str, **changes: Any) -> Document:
    return reading.read(presets.preset(code)).model_copy(update=changes)


def test_all_47_prefectures_have_a_figure_of_both_years() -> None:
    names = wages.prefectures()
    assert len(names) == 47 and names[0] == "北海道" and names[-1] == "沖縄県"
    assert all(one.endswith(("都", "道", "府", "県")) for one in names)
    first, second = wages.table().years
    assert tuple(first.prefectures) == tuple(second.prefectures) == names


def test_the_year_2024_begins_between_october_and_november() -> None:
    figures = wages.table().years[0].prefectures
    assert {one.since for one in figures.values()} >= {date(2024, 10, 1), date(2024, 11, 1)}
    assert all(date(2024, 10, 1) <= one.since <= date(2024, 11, 1) for one in figures.values())
    assert min(one.yen for one in figures.values()) == 951  # 秋田県
    assert max(one.yen for one in figures.values()) == 1163  # 東京都


def test_the_year_2025_begins_between_october_and_march_and_raises_everybody() -> None:
    before, after = (year.prefectures for year in wages.table().years)
    assert all(date(2025, 10, 1) <= one.since <= date(2026, 3, 31) for one in after.values())
    raises = {name: after[name].yen - before[name].yen for name in after}
    assert (min(raises.values()), max(raises.values())) == (63, 82)  # as the ministry announced
    assert raises["熊本県"] == 82
    lowest = {name for name, one in after.items() if one.yen == 1023}
    assert lowest == {"高知県", "宮崎県", "沖縄県"}
    assert max(one.yen for one in after.values()) == 1226


@pytest.mark.parametrize(
    ("prefecture", "day", "yen"),
    [
        ("東京都", date(2024, 10, 1), 1163),
        ("東京都", date(2025, 10, 2), 1163),
        ("東京都", date(2025, 10, 3), 1226),
        ("岩手県", date(2024, 10, 27), 952),
        ("徳島県", date(2024, 11, 1), 980),
        ("徳島県", date(2025, 12, 31), 980),
        ("徳島県", date(2026, 1, 1), 1046),
        ("群馬県", date(2026, 2, 28), 985),
        ("群馬県", date(2026, 3, 1), 1063),
        ("秋田県", date(2026, 3, 30), 951),
        ("秋田県", date(2026, 3, 31), 1031),
        ("北海道", date(2025, 10, 4), 1075),
        ("鹿児島県", date(2024, 10, 5), 953),
        ("沖縄県", date(2024, 10, 9), 952),
    ],
)
def test_a_figure_holds_from_its_day_on(prefecture: str, day: date, yen: int) -> None:
    wage = wages.minimum_wage(prefecture, day)
    assert wage is not None
    assert (wage.yen, wage.prefecture) == (yen, prefecture)
    assert wage.since <= day
    assert "厚生労働省" in wage.source


@pytest.mark.parametrize(
    ("yen", "status", "warns"),
    [
        (0, "below", False),
        (1225, "below", False),
        (Fraction(2451, 2), "below", False),
        (1226, "equal", True),
        (Fraction(2453, 2), "above", True),
        (1227, "above", True),
    ],
)
def test_thanks_beside_the_minimum_wage(yen: Any, status: str, warns: bool) -> None:
    check = wages.hourly_check(yen, "東京都", ON)
    assert (check.status, check.warns) == (status, warns)
    assert check.sentences[-1] == (
        "東京都の最低賃金は1,226円です（2025年10月3日から。"
        "厚生労働省「令和7年度地域別最低賃金の全国一覧」）。"
    )
    assert ("労働局" in check.sentences[0]) == warns


def test_after_the_tables_end_nothing_passes() -> None:
    last = wages.table().ends_on
    assert last == date(2026, 9, 30)
    assert not wages.hourly_check(650, "東京都", last).warns
    for yen, than in ((650, "より低い"), (1226, "と同じ"), (2000, "をこえる")):
        check = wages.hourly_check(yen, "東京都", date(2026, 10, 1))
        assert (check.status, check.warns) == ("out_of_date", True)
        assert "2026年9月30日で終わっています" in check.sentences[0]
        assert f"表の最後の額{than}額です" in check.sentences[1]
        assert check.sentences[2].startswith("東京都の最低賃金の、表の最後の額は1,226円です")


def test_before_the_table_nothing_passes() -> None:
    for prefecture, day in (("岩手県", date(2024, 10, 26)), ("東京都", date(2015, 1, 1))):
        assert wages.minimum_wage(prefecture, day) is None
        check = wages.hourly_check(1, prefecture, day)
        assert (check.status, check.warns, check.wage) == ("before_table", True, None)
        assert "ありません" in check.sentences[0]


@pytest.mark.parametrize("name", ["東京", "", "江戸", "Tokyo", "東京都 "])
def test_a_prefecture_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(PrefectureUnknown) as refused:
        wages.hourly_check(100, name, ON)
    assert f"「{name}」" in refused.value.message()
    with pytest.raises(PrefectureUnknown):
        wages.document_check(document("gratitude"), name, ON)


def test_less_than_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        wages.hourly_check(-1, "東京都", ON)


@pytest.mark.parametrize(
    ("code", "hourly"),
    [
        ("ticket", 650),
        ("ticket-each-use", 650),
        ("time-deposit", 650),
        ("exchange", 600),
        ("paid-invoice", 850),  # the garden's ¥1,000, less the office's ¥150
        ("paid-cash", 680),  # the dearest choice; a fifth is given away
        ("paid-passbook", 650),  # with what is deposited, without costs
        ("paid-stamp-card", 650),
        ("inagi", 100),
        ("saitama", 240),  # 1 point in 30 minutes; the ¥6,000 voucher instead of ¥5,000
        ("yokohama", None),  # a visit of any length
        ("sanjo", None),
        ("gratitude", None),
        ("time", None),
        ("kyojo-coin", None),
    ],
)
def test_what_an_hour_brings_under_each_preset(code: str, hourly: int | None) -> None:
    assert wages.document_hourly_yen(document(code)) == hourly


def thanks(code: str, **changes: Any) -> Document:
    one = document(code)
    assert one.thanks is not None
    return one.model_copy(update={"thanks": one.thanks.model_copy(update=changes)})


def test_the_dearest_activity_and_choice_are_compared() -> None:
    rates = {"errand": 600, "clean": 800, "garden": 1376, "outing": 800}
    dear = thanks("paid-invoice", by_activity=rates)
    assert wages.document_check(dear, "東京都", ON).status == "equal"
    dearer = thanks("paid-invoice", by_activity=rates | {"garden": 1377})
    check = wages.document_check(dearer, "東京都", ON)
    assert (check.status, check.warns) == ("above", True)
    assert "1時間あたり1,227円" in check.sentences[0]
    assert wages.document_hourly_yen(thanks("paid-cash", most_yen=1500)) == 1080


def test_costs_are_no_thanks_and_what_is_deposited_is() -> None:
    for changes in ({"costs_most_yen": 5000}, {"share_percent": 99}):
        assert wages.document_hourly_yen(thanks("paid-passbook", **changes)) == 650


def test_where_all_is_the_offices_an_hour_brings_nothing() -> None:
    all_given = thanks("paid-invoice", share="office")
    assert wages.document_check(all_given, "東京都", ON).status == "below"


@pytest.mark.parametrize(
    ("earning", "hourly"),
    [
        ({"minutes": 30}, 1700),
        ({"minutes": 90}, Fraction(1700, 3)),
        ({"minutes": 30, "at_least_minutes": 60}, 1700),
        ({"per": "visit", "minutes": None}, None),
        ({"per": "visit", "minutes": None, "at_least_minutes": 30}, 1700),
    ],
)
def test_an_hour_of_paid_help_follows_its_unit(earning: Any, hourly: Any) -> None:
    one = document("paid-invoice")
    other = one.model_copy(update={"earning": one.earning.model_copy(update=earning)})
    assert wages.document_hourly_yen(other) == hourly
    expected = "above" if hourly == 1700 else "below" if hourly else "no_hourly_figure"
    assert wages.document_check(other, "東京都", ON).status == expected


@pytest.mark.parametrize("code", ["yokohama", "sanjo"])
def test_money_without_a_figure_by_the_hour_warns(code: str) -> None:
    check = wages.document_check(document(code), "東京都", ON)
    assert (check.status, check.warns, check.hourly_yen) == ("no_hourly_figure", True, None)
    assert "計算し" in check.sentences[0]


@pytest.mark.parametrize("code", ["gratitude", "time", "kyojo-coin"])
def test_thanks_that_are_no_money_are_not_compared(code: str) -> None:
    check = wages.document_check(document(code), "東京都", ON)
    assert (check.status, check.warns) == ("no_money", False)


def test_a_dear_ticket_is_warned_about() -> None:
    one = document("ticket")
    assert one.worth is not None
    dear = one.model_copy(update={"worth": one.worth.model_copy(update={"yen": 1226})})
    assert wages.document_check(one, "東京都", ON).status == "below"
    assert wages.document_check(dear, "東京都", ON).status == "equal"
    assert wages.document_check(dear, "高知県", ON).status == "above"
    assert wages.document_check(dear, "高知県", date(2024, 1, 1)).status == "before_table"


def test_cash_of_unknown_worth_is_not_taken_for_no_money() -> None:
    one = document("ticket", worth=None)
    assert wages.document_check(one, "東京都", ON).status == "no_hourly_figure"
