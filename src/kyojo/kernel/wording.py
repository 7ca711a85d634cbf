"""How dates, times, lengths, distances and numbers are said to people, in Japanese.

The one place for it: notices, refusals and pages say a moment alike. Pages have them as filters.
"""

from datetime import date, datetime, time, timedelta

from . import clock
from .text import wareki

WEEKDAYS = "月火水木金土日"


def day_of(moment: date | datetime) -> date:
    """The day in Japan that ``moment`` falls on."""
    return clock.local(moment).date() if isinstance(moment, datetime) else moment


def jday(moment: date | datetime) -> str:
    """``11月28日``"""
    day = day_of(moment)
    return f"{day.month}月{day.day}日"


def jdate(moment: date | datetime) -> str:
    """``11月28日（土）``"""
    return f"{jday(moment)}（{WEEKDAYS[day_of(moment).weekday()]}）"


def jdate_plain(moment: date | datetime) -> str:
    """``2027年3月31日``"""
    return f"{day_of(moment).year}年{jday(moment)}"


def jdate_era(moment: date | datetime) -> str:
    """``令和9年3月31日``"""
    return f"{wareki(day_of(moment))}{jday(moment)}"


def jdate_long(moment: date | datetime) -> str:
    """``2026年（令和8年）11月28日 土曜日``"""
    day = day_of(moment)
    return f"{day.year}年（{wareki(day)}）{jday(day)} {WEEKDAYS[day.weekday()]}曜日"


def jdate_short(moment: date | datetime) -> str:
    """``11/24（火）``, for tables of staff."""
    day = day_of(moment)
    return f"{day.month}/{day.day}（{WEEKDAYS[day.weekday()]}）"


def jhour(moment: datetime | time) -> str:
    """``10時``, ``10時2分``; noon is ``12時``, the day's last moment ``24時``."""
    if isinstance(moment, datetime):
        moment = clock.local(moment).time()
    if moment == time.max:
        return "24時"
    return f"{moment.hour}時{moment.minute}分" if moment.minute else f"{moment.hour}時"


def jtime(moment: datetime) -> str:
    """``10時``, ``10時30分``; noon is ``正午``."""
    said = jhour(moment)
    return "正午" if said == "12時" else said


def jclock(moment: datetime) -> str:
    """``10:30``, for tables of staff."""
    return f"{clock.local(moment):%H:%M}"


def jmoment(moment: datetime) -> str:
    """``11月28日（土）10時``"""
    return f"{jdate(moment)}{jtime(moment)}"


def jrange(start: datetime, end: datetime) -> str:
    """``10時〜12時``; over midnight the second day is named. Noon is 12時 within a range."""
    said = [jhour(start), jhour(end)]
    if day_of(start) != day_of(end):
        said[1] = f"{jdate(end)}{said[1]}"
    return "〜".join(said)


def jwhen(start: datetime, end: datetime) -> str:
    """``11月28日（土）10時〜12時``"""
    return f"{jdate(start)}{jrange(start, end)}"


def relative_day(moment: date | datetime) -> str:
    """``きょう``, ``あす``, ``あさって``, ``きのう``, or ``11月28日（土）``."""
    near = {-1: "きのう", 0: "きょう", 1: "あす", 2: "あさって"}
    return near.get((day_of(moment) - clock.today()).days) or jdate(moment)


def duration(length: timedelta | int) -> str:
    """A length, or whole minutes: ``30分``, ``2時間``, ``2時間2分``."""
    minutes = int(length.total_seconds() // 60) if isinstance(length, timedelta) else int(length)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}分"
    return f"{hours}時間{rest}分" if rest else f"{hours}時間"


def waited(length: timedelta) -> str:
    """How long somebody waits, roughly: ``40分``, ``26時間``, ``3日`` (from two days)."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 0)}分"
    return f"{minutes // 60}時間" if minutes < 48 * 60 else f"{minutes // (24 * 60)}日"


def distance(metres: float) -> str:
    """``600 m`` (to 10 m below 1 km), ``1.2 km``, ``12 km``; the space does not break."""
    rounded = int(metres / 10 + 0.5) * 10
    if rounded < 1000:
        return f"{max(rounded, 10)}\u00a0m"
    kilometres = f"{metres / 1000:.1f}" if metres < 9950 else f"{metres / 1000:.0f}"
    return f"{kilometres.removesuffix('.0')}\u00a0km"


def grouped_phone(digits: str) -> str:
    """``0120000000`` → ``0120-000-000``; a number that has hyphens already stays."""
    if not digits.isdigit():
        return digits
    if digits.startswith(("0120", "0800", "0570")):
        cut = (4, 7)
    elif len(digits) == 11:
        cut = (3, 7)
    else:
        cut = (3, 6) if not digits.startswith(("03", "06")) else (2, 6)
    return f"{digits[: cut[0]]}-{digits[cut[0] : cut[1]]}-{digits[cut[1] :]}"
