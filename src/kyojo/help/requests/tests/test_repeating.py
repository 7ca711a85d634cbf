"""Rhythms as rules, their days, and what is wrong with them: tables, without a database."""

from datetime import date

import pytest

from kyojo.help.requests.repeating import (
    Rhythm,
    days_of,
    end_spoken,
    last_day_allowed,
    rhythm_of,
    rhythm_problems,
    rhythm_spoken,
    rule_of,
)

TUESDAY = date(2026, 12, 1)
FAR = date(2028, 1, 1)


@pytest.mark.parametrize(
    ("rhythm", "rule", "said", "days"),
    [
        (
            Rhythm("week", (1,), times=3),
            "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;COUNT=3",
            "毎週 火曜",
            ["2026-12-01", "2026-12-08", "2026-12-15"],
        ),
        (
            Rhythm("week", (3, 1), until=date(2026, 12, 10)),
            "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU,TH;UNTIL=20261210",
            "毎週 火曜・木曜",
            ["2026-12-01", "2026-12-03", "2026-12-08", "2026-12-10"],
        ),
        (
            Rhythm("two_weeks", (1,), times=3),
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=3",
            "2週間に1回 火曜",
            ["2026-12-01", "2026-12-15", "2026-12-29"],
        ),
        (
            Rhythm("month", (1,), nth=2, times=2),
            "FREQ=MONTHLY;BYDAY=+2TU;COUNT=2",
            "毎月 第2火曜",
            ["2026-12-08", "2027-01-12"],
        ),
        # The last Sunday is the fourth or the fifth, over a year's end; holidays are days.
        (
            Rhythm("month", (6,), nth=-1, times=3),
            "FREQ=MONTHLY;BYDAY=-1SU;COUNT=3",
            "毎月 最後の日曜",
            ["2026-12-27", "2027-01-31", "2027-02-28"],
        ),
    ],
)
def test_a_rhythm_is_a_rule_and_days(rhythm: Rhythm, rule: str, said: str, days: list[str]) -> None:
    assert rule_of(rhythm) == rule
    assert rule_of(rhythm_of(rule)) == rule
    assert rhythm_spoken(rule) == said
    assert [day.isoformat() for day in days_of(rule, TUESDAY, last=FAR)] == days


def test_a_skipped_day_is_left_out_and_counted() -> None:
    rule = rule_of(Rhythm("week", (1,), times=3))
    found = days_of(rule, TUESDAY, last=FAR, skipped=["2026-12-08", "2026-12-09"])
    assert found == [date(2026, 12, 1), date(2026, 12, 15)]
    assert days_of(rule, TUESDAY, first=date(2026, 12, 2), last=date(2026, 12, 8)) == [
        date(2026, 12, 8)
    ]


def test_ends_are_said() -> None:
    assert end_spoken(rule_of(Rhythm("week", (1,), times=3))) == "3回"
    until = rule_of(Rhythm("week", (1,), until=date(2027, 3, 30)))
    assert end_spoken(until) == "3月30日（火）まで"


def test_months_end_within_the_month() -> None:
    assert last_day_allowed(date(2026, 8, 31), 6) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("rhythm", "codes"),
    [
        (Rhythm("week", (1,), times=26), []),
        (Rhythm("week", (1,), until=date(2027, 6, 1)), []),
        (Rhythm("week", (1,), until=date(2027, 6, 2)), ["series_too_far"]),
        (Rhythm("two_weeks", (1,), times=20), ["series_too_far"]),
        (Rhythm("week", (1,), times=1), ["series_too_short"]),
        (Rhythm("week", (1,), times=61), ["series_too_short"]),
        (Rhythm("week", (1,)), ["series_end_missing"]),
        (Rhythm("week", ()), ["series_days_missing", "series_end_missing"]),
        (Rhythm("week", (7,), times=3), ["series_days_missing"]),
        (Rhythm("month", (1, 2), times=3), ["series_days_missing"]),
        (Rhythm("month", (1,), nth=5, times=3), ["series_every_unknown"]),
        (Rhythm("day", (1,), times=3), ["series_every_unknown"]),
        (Rhythm("week", (0,), until=date(2026, 12, 5)), ["series_empty"]),
    ],
)
def test_what_is_wrong_is_said_all_at_once(rhythm: Rhythm, codes: list[str]) -> None:
    assert [one.code for one in rhythm_problems(rhythm, TUESDAY, months=6)] == codes
