"""Pure decisions about people: names, ages, telephone, free times. No Django.

Readings (ふりがな) are taken as hiragana, katakana or half-width katakana and stored in katakana
with one space between the parts: one stored form sorts, searches and compares, and matches the
lists of the municipality. Members read them in hiragana (``reading``), the desk in katakana.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from kyojo.kernel import text
from kyojo.kernel.clock import age_on
from kyojo.kernel.wording import distance

from .errors import (
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

CARER, SUPPORTER, RECIPIENT = "carer", "supporter", "recipient"
ROLES = (CARER, SUPPORTER, RECIPIENT)

NAME_MAX = 40
KANA_MAX = 60
#: Whoever is younger meets nobody before a guardian or a coordinator has agreed (DESIGN §7).
ALONE_FROM_YEARS = 18
OLDEST_YEARS = 125
ASKS_PER_WEEK_MAX = 14
#: Shortest and longest way somebody may offer to come, in metres along a straight line.
TRAVEL_LIMITS_M = {"walk": (300, 5_000), "bicycle": (300, 15_000), "car": (300, 50_000)}
#: For what somebody acts in another's stead: how they know the person wants it.
BASES = {"phone": "電話", "paper": "紙", "counter": "窓口"}

#: Signs that names in Japan's registers do contain besides letters: 々, 〆, ー, ・, ', -, .
_NAME_SIGNS = frozenset("・･ー'’-‐.　 ゝゞヽヾ〻")


# --- names --------------------------------------------------------------------------------------


def name_part(typed: str, *, part: str, field: str) -> str:
    """A family or given name as stored: white space trimmed and single, letters untouched.

    Letters are not normalised: NFKC and even NFC turn 神 (U+FA19), as some families write it,
    into another letter. Raises ``NameMissing``, ``NameTooLong``, ``NameWrong``.
    """
    name = " ".join(typed.split())
    if not name:
        raise NameMissing(field=field, part=part)
    if len(name) > NAME_MAX:
        raise NameTooLong(field=field, part=part, limit=NAME_MAX)
    for sign in name:
        # L letters, M marks (also the variation selectors that choose a glyph).
        if sign not in _NAME_SIGNS and unicodedata.category(sign)[0] not in "LM":
            raise NameWrong(field=field, part=part, sign=sign if sign.isprintable() else "□")
    return name


def kana_part(typed: str, *, part: str, field: str) -> str:
    """A reading as stored, in katakana. Raises ``NameMissing``, ``KanaWrong``, ``NameTooLong``."""
    if not typed.strip():
        raise NameMissing(field=field, part=part)
    kana = text.kana_name(typed)
    if kana is None:
        raise KanaWrong(field=field, part=part)
    if len(kana) > KANA_MAX:
        raise NameTooLong(field=field, part=part, limit=KANA_MAX)
    return kana


def reading(kana: str) -> str:
    """A stored reading as members read it: はるかぜ けん."""
    return text.to_hiragana(kana)


def kana_key(*parts: str) -> str:
    """What two readings are compared by: spaces and middle dots say nothing about who it is."""
    joined = text.to_katakana(text.normalised("".join(parts)))
    return "".join(sign for sign in joined if sign not in " ・")


def words(typed: str, *, part: str, field: str, limit: int) -> str:
    """Free words as stored: ends trimmed, line ends as ``\\n``, no control signs.

    Raises ``TextTooLong``.
    """
    kept = typed.replace("\r\n", "\n").replace("\r", "\n").strip()
    kept = "".join(s for s in kept if s == "\n" or unicodedata.category(s) not in ("Cc", "Cs"))
    if len(kept) > limit:
        raise TextTooLong(field=field, part=part, limit=limit, length=len(kept))
    return kept


def phone(typed: str, *, field: str = "phone") -> str:
    """Digits of a telephone number, "" for none. Raises ``PhoneWrong``."""
    if not typed.strip():
        return ""
    number = text.phone_number(typed)
    if number is None:
        raise PhoneWrong(field=field)
    return number


# --- ages ---------------------------------------------------------------------------------------


def birth_date_checked(birth_date: date, *, today: date, field: str = "birth_date") -> date:
    """Raises ``BirthDateInFuture``, ``BirthDateTooOld``."""
    if birth_date > today:
        raise BirthDateInFuture(field=field)
    if age_on(birth_date, today) > OLDEST_YEARS:
        raise BirthDateTooOld(field=field, years=OLDEST_YEARS)
    return birth_date


def decade(birth_date: date | None, day: date) -> str:
    """``60代``: what is shown of an age. ``10歳未満``, ``90代以上``; "" when not known."""
    if birth_date is None:
        return ""
    years = age_on(birth_date, day)
    if years < 10:
        return "10歳未満"
    return "90代以上" if years >= 90 else f"{years // 10 * 10}代"


# --- travel -------------------------------------------------------------------------------------


def travel_limit_checked(travel: str, limit_m: int) -> int:
    """``limit_m`` in metres. Raises ``TravelLimitWrong``."""
    low, high = TRAVEL_LIMITS_M[travel]
    if not low <= limit_m <= high:
        raise TravelLimitWrong(field="travel_limit_m", low=distance(low), high=distance(high))
    return limit_m


# --- free times ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A time of day, ``start`` before ``end``, local, within one day."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, order=True)
class WeekTime:
    """A time of each week; ``weekday`` 0 is Monday."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class DayException:
    """A day that differs from the week. No times: the whole day."""

    day: date
    is_free: bool
    start: time | None = None
    end: time | None = None


DAY_START, DAY_END = time.min, time.max


def week_times_merged(times: Iterable[WeekTime]) -> list[WeekTime]:
    """``times`` sorted, overlapping and touching ones made one.

    Raises ``WeekdayWrong``, ``TimesBackwards``.
    """
    merged: list[WeekTime] = []
    for one in sorted(times):
        if not 0 <= one.weekday <= 6:
            raise WeekdayWrong(field="weekday")
        if one.start >= one.end:
            raise TimesBackwards(field="end")
        last = merged[-1] if merged else None
        if last and last.weekday == one.weekday and one.start <= last.end:
            merged[-1] = WeekTime(last.weekday, last.start, max(last.end, one.end))
        else:
            merged.append(one)
    return merged


def exception_times_checked(start: time | None, end: time | None) -> None:
    """Raises ``TimesHalf``, ``TimesBackwards``."""
    if (start is None) != (end is None):
        raise TimesHalf(field="start" if start is None else "end")
    if start is not None and end is not None and start >= end:
        raise TimesBackwards(field="end")


def free_windows(
    weekly: Iterable[WeekTime], exceptions: Iterable[DayException], day: date
) -> list[Window]:
    """When somebody is free on ``day``: their week, with that day's exceptions.

    Not free beats free, as people add a "not then" to a day that they had opened.
    """
    windows = [Window(w.start, w.end) for w in weekly if w.weekday == day.weekday()]
    of_day = [e for e in exceptions if e.day == day]
    windows += [Window(e.start or DAY_START, e.end or DAY_END) for e in of_day if e.is_free]
    free = _union(windows)
    for closed in (e for e in of_day if not e.is_free):
        free = _without(free, Window(closed.start or DAY_START, closed.end or DAY_END))
    return free


def is_free(windows: Sequence[Window], start: time, end: time) -> bool:
    """Whether one window holds the whole time."""
    return any(w.start <= start and end <= w.end for w in windows)


def _union(windows: Iterable[Window]) -> list[Window]:
    joined: list[Window] = []
    for one in sorted(windows):
        if joined and one.start <= joined[-1].end:
            joined[-1] = Window(joined[-1].start, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    return joined


def _without(windows: Iterable[Window], closed: Window) -> list[Window]:
    left: list[Window] = []
    for one in windows:
        if one.end <= closed.start or closed.end <= one.start:
            left.append(one)
            continue
        if one.start < closed.start:
            left.append(Window(one.start, closed.start))
        if closed.end < one.end:
            left.append(Window(closed.end, one.end))
    return left


# --- login links --------------------------------------------------------------------------------

LOGIN_LINKS_MAX = 5
LOGIN_LINKS_WINDOW = timedelta(minutes=15)
