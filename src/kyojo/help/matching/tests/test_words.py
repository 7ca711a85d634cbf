from datetime import date, time

import pytest

from kyojo.civic.people.domain import DayException, WeekTime
from kyojo.help.matching.words import asked_reasons, part_of_day
from kyojo.kernel import clock

SUNDAY = date(2026, 11, 22)
SUNDAY_MORNING = WeekTime(6, time(8), time(12))


def reasons(**fields):
    given = {
        "category_name": "さんぽ",
        "note": "",
        "weekly": [SUNDAY_MORNING],
        "exceptions": [],
        "starts_at": clock.at(SUNDAY, 9),
        "ends_at": clock.at(SUNDAY, 10),
    } | fields
    return asked_reasons(**given)


def test_the_reasons_are_what_the_person_said_themselves():
    assert reasons(note="動物が好きです。") == [
        "日曜の朝は空いている、と登録しています",
        "さんぽに「動物が好きです」と書いています",
    ]


def test_without_words_of_their_own_the_skill_is_named():
    assert reasons()[1:] == ["さんぽができる、と登録しています"]


def test_what_they_have_done_comes_before_their_words():
    assert reasons(done_count=3, met_count=2, note="犬") == [
        "日曜の朝は空いている、と登録しています",
        "前に2回、行ったことのあるところです",
        "さんぽを、これまでに3回しています",
        "さんぽに「犬」と書いています",
    ]


def test_a_day_that_was_opened_is_named_by_its_date():
    opened = DayException(SUNDAY, True, time(8), time(11))
    assert reasons(weekly=[], exceptions=[opened])[0] == "11月22日は来られる、と登録しています"


def test_nothing_is_said_about_times_that_hold_no_more():
    closed = DayException(SUNDAY, False)
    for fields in ({"weekly": []}, {"exceptions": [closed]}):
        assert reasons(**fields) == ["さんぽができる、と登録しています"]


def test_until_midnight_is_within_the_day():
    late = WeekTime(6, time(20), time.max)
    found = reasons(
        weekly=[late], starts_at=clock.at(SUNDAY, 22), ends_at=clock.at(date(2026, 11, 23), 0)
    )
    assert found[0] == "日曜の夜は空いている、と登録しています"


@pytest.mark.parametrize(
    ("hour", "said"), [(6, "朝"), (9, "朝"), (10, "午前"), (12, "午後"), (16, "午後"), (17, "夜")]
)
def test_parts_of_a_day(hour, said):
    assert part_of_day(clock.at(SUNDAY, hour)) == said
