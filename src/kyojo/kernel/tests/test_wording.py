"""Dates, times, distances and numbers as people read them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from kyojo.kernel import clock, wording

DAY = date(2026, 11, 28)


def test_dates() -> None:
    assert wording.jdate(DAY) == "11月28日（土）"
    assert wording.jdate_long(DAY) == "2026年（令和8年）11月28日 土曜日"
    assert wording.jdate_plain(date(2027, 3, 31)) == "2027年3月31日"
    assert wording.jdate_era(date(2027, 3, 31)) == "令和9年3月31日"
    assert wording.jdate_short(date(2026, 11, 24)) == "11/24（火）"


def test_a_moment_is_read_in_japan() -> None:
    late_evening_in_utc = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)
    assert wording.jdate(late_evening_in_utc) == "11月28日（土）"
    assert wording.jtime(late_evening_in_utc) == "0時30分"


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(10, 0, "10時"), (10, 30, "10時30分"), (10, 2, "10時2分"), (12, 0, "正午"), (0, 0, "0時")],
)
def test_times(hour: int, minute: int, said: str) -> None:
    assert wording.jtime(clock.at(DAY, hour, minute)) == said


def test_times_of_a_week() -> None:
    assert wording.jhour(time(12)) == "12時"
    assert wording.jhour(time(18, 30)) == "18時30分"
    assert wording.jhour(time.max) == "24時"


def test_ranges() -> None:
    assert wording.jrange(clock.at(DAY, 10), clock.at(DAY, 12)) == "10時〜12時"
    assert wording.jwhen(clock.at(DAY, 9), clock.at(DAY, 9, 30)) == "11月28日（土）9時〜9時30分"
    over_night = wording.jrange(clock.at(DAY, 22), clock.at(date(2026, 11, 29), 1))
    assert over_night == "22時〜11月29日（日）1時"


def test_days_near_today_have_names() -> None:
    with clock.frozen(clock.at(DAY, 9)):
        assert wording.relative_day(DAY) == "きょう"
        assert wording.relative_day(DAY + timedelta(days=1)) == "あす"
        assert wording.relative_day(DAY - timedelta(days=1)) == "きのう"
        assert wording.relative_day(DAY + timedelta(days=3)) == "12月1日（火）"


@pytest.mark.parametrize(
    ("length", "said"),
    [(30, "30分"), (60, "1時間"), (timedelta(hours=2, minutes=2), "2時間2分"), (0, "0分")],
)
def test_lengths(length: int | timedelta, said: str) -> None:
    assert wording.duration(length) == said


def test_waiting() -> None:
    assert wording.waited(timedelta(minutes=40)) == "40分"
    assert wording.waited(timedelta(hours=26)) == "26時間"
    assert wording.waited(timedelta(hours=49)) == "2日"
    assert wording.waited(timedelta(minutes=-3)) == "0分"


@pytest.mark.parametrize(
    ("metres", "said"),
    [
        (0, "10\u00a0m"),
        (604, "600\u00a0m"),
        (998, "1\u00a0km"),
        (1200, "1.2\u00a0km"),
        (4000, "4\u00a0km"),
        (9960, "10\u00a0km"),
        (250_000, "250\u00a0km"),
    ],
)
def test_distances(metres: int, said: str) -> None:
    assert wording.distance(metres) == said


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("0120000000", "0120-000-000"),
        ("09000001234", "090-0000-1234"),
        ("0540001234", "054-000-1234"),
        ("0300001234", "03-0000-1234"),
        ("0120-000-000", "0120-000-000"),
        ("", ""),
    ],
)
def test_telephone_numbers(digits: str, said: str) -> None:
    assert wording.grouped_phone(digits) == said
