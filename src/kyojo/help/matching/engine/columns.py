"""Supporters as columns: one array a property, one row a person. Pure.

Lengths are metres, angles degrees, times local.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kyojo.civic.people.domain import DAY_END, DayException, WeekTime
from kyojo.civic.people.trust import KINDS, TRAINING
from kyojo.help.requests.domain import CATEGORIES
from kyojo.kernel.geometry import Point

from .. import scoring
from ..domain import Helper
from ..way import METRES_PER_MINUTE

Rows = NDArray[np.int64]
SLOT_MINUTES = 30
DAY_SLOTS = 24 * 60 // SLOT_MINUTES
BIT = {one.code: index for index, one in enumerate(CATEGORIES)}
#: The row of each kind of check in ``Columns.checked``.
KIND = {kind: index for index, kind in enumerate(KINDS)}


class Codes:
    """Words as bits: languages, genders. Words come as they are met, up to 64 a kind."""

    def __init__(self) -> None:
        self._known: dict[str, dict[object, int]] = defaultdict(dict)

    def bit(self, kind: str, word: object) -> int:
        known = self._known[kind]
        place = known.setdefault(word, len(known))
        if place > 63:
            raise OverflowError(f"more than 64 {kind}")
        return 1 << place

    def bits(self, kind: str, words: Iterable[object]) -> int:
        found = 0
        for word in words:
            found |= self.bit(kind, word)
        return found


class Key(NamedTuple):
    """Who somebody is: their municipality's code and their uid there."""

    municipality_id: int
    uid: UUID


@dataclass(frozen=True)
class Times:
    """When somebody is free, where half hours do not say it: odd minutes, days unlike others."""

    weekly: tuple[WeekTime, ...]
    exceptions: tuple[DayException, ...]


class Columns:
    """The arrays, a value a row; ``take`` makes the same for some of the rows."""

    ARRAYS = (
        "municipality", "uid_high", "uid_low", "latitude", "longitude", "reach", "speed", "skills",
        "notes", "languages", "gender", "born", "resting", "checked", "week", "is_odd", "done",
        "rating", "answer_hours", "lately", "asks",
    )  # fmt: skip

    def __init__(self, **arrays: NDArray[np.generic]) -> None:
        for name in self.ARRAYS:
            setattr(self, name, arrays[name])

    municipality: NDArray[np.int32]
    uid_high: NDArray[np.uint64]
    uid_low: NDArray[np.uint64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    reach: NDArray[np.float64]
    #: Metres a minute.
    speed: NDArray[np.float64]
    skills: NDArray[np.uint32]
    notes: NDArray[np.uint32]
    languages: NDArray[np.uint64]
    gender: NDArray[np.uint64]
    #: 19960501; 99999999 where nobody knows.
    born: NDArray[np.int32]
    #: The last day of rest as an ordinal, 0 for none.
    resting: NDArray[np.int32]
    #: (kinds of checks, rows): the last day as an ordinal, of the longest; 0 for none.
    checked: NDArray[np.int32]
    #: (7, rows): a day's half hours as bits, those touched by any free time.
    week: NDArray[np.uint64]
    is_odd: NDArray[np.bool_]
    #: (categories, rows)
    done: NDArray[np.uint16]
    rating: NDArray[np.float64]
    answer_hours: NDArray[np.float64]
    lately: NDArray[np.uint16]
    asks: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.reach)

    def take(self, rows: Rows) -> "Columns":
        return Columns(**{name: getattr(self, name)[..., rows] for name in self.ARRAYS})

    def key(self, row: int) -> Key:
        uid = UUID(int=int(self.uid_high[row]) << 64 | int(self.uid_low[row]))
        return Key(int(self.municipality[row]), uid)

    @classmethod
    def of(cls, helpers: Sequence[Helper], codes: Codes) -> "Columns":
        """Columns of supporters who have a home point."""
        n = len(helpers)
        homes = [h.home or Point(0, 0) for h in helpers]
        done = np.zeros((len(CATEGORIES), n), np.uint16)
        for row, helper in enumerate(helpers):
            for code, count in helper.done.items():
                done[BIT[code], row] = count
        return cls(
            municipality=np.array([h.municipality_id for h in helpers], np.int32),
            uid_high=np.array([h.uid.int >> 64 for h in helpers], np.uint64),
            uid_low=np.array([h.uid.int & (1 << 64) - 1 for h in helpers], np.uint64),
            latitude=np.array([home.latitude for home in homes], np.float64),
            longitude=np.array([home.longitude for home in homes], np.float64),
            reach=np.array([h.travel_limit_m for h in helpers], np.float64),
            speed=np.array([METRES_PER_MINUTE[h.travel] for h in helpers], np.float64),
            skills=np.array([_mask(h.skills) for h in helpers], np.uint32),
            notes=np.array(
                [_mask(c for c, note in h.skills.items() if note) for h in helpers], np.uint32
            ),
            languages=np.array([codes.bits("language", h.languages) for h in helpers], np.uint64),
            gender=np.array([codes.bit("gender", h.gender) for h in helpers], np.uint64),
            born=np.array(
                [day_number(h.birth_date) if h.birth_date else 99_999_999 for h in helpers],
                np.int32,
            ),
            resting=np.array(
                [h.resting_until.toordinal() if h.resting_until else 0 for h in helpers], np.int32
            ),
            checked=_checked(helpers),
            week=_week(helpers),
            is_odd=np.array([is_odd(h) for h in helpers], np.bool_),
            done=done,
            rating=scoring.rating_sure(
                [h.rating_sum for h in helpers],
                [h.rating_count for h in helpers],
                [h.prior.mean for h in helpers],
                [h.prior.weight for h in helpers],
            ),
            answer_hours=np.array([h.answer_hours for h in helpers], np.float64),
            lately=np.array([h.lately for h in helpers], np.uint16),
            asks=np.array([h.asks_ever for h in helpers], np.uint32),
        )


@dataclass(frozen=True)
class Ragged:
    """What people have in different numbers, by person; who has none is not in it."""

    #: Free times that half hours do not say.
    odd: Mapping[Key, Times]
    busy: Mapping[Key, tuple[tuple[datetime, datetime], ...]]
    #: Whom they do not meet.
    blocked: Mapping[Key, frozenset[UUID]]
    #: Courses they have finished, with the last day as an ordinal. Their names are free, so that no
    #: bits are enough for them.
    trained: Mapping[Key, Mapping[str, int]]

    @classmethod
    def of(cls, helpers: Sequence[Helper]) -> "Ragged":
        named = [(Key(h.municipality_id, h.uid), h) for h in helpers]
        courses = {
            key: {check[1]: _last_day(h, check) for check in h.checks if check[0] == TRAINING}
            for key, h in named
        }
        return cls(
            odd={k: Times(h.weekly, h.exceptions) for k, h in named if h.exceptions or is_odd(h)},
            busy={k: h.busy for k, h in named if h.busy},
            blocked={k: h.blocked for k, h in named if h.blocked},
            trained={key: labels for key, labels in courses.items() if labels},
        )

    @classmethod
    def joined(cls, parts: Iterable["Ragged"]) -> "Ragged":
        """All of several."""
        together: dict[str, dict[Key, Any]] = {one.name: {} for one in fields(cls)}
        for part in parts:
            for name, values in together.items():
                values |= getattr(part, name)
        return cls(**together)

    def without(self, gone: "set[Key]") -> "Ragged":
        return Ragged(
            **{
                one.name: {k: v for k, v in getattr(self, one.name).items() if k not in gone}
                for one in fields(self)
            }
        )


# --- small parts ----------------------------------------------------------------------------------


def _checked(helpers: Sequence[Helper]) -> NDArray[np.int32]:
    kinds: list[list[int]] = [[0] * len(helpers) for _ in KIND]
    for row, helper in enumerate(helpers):
        for check in helper.checks:
            of_kind = kinds[KIND[check[0]]]
            of_kind[row] = max(of_kind[row], _last_day(helper, check))
    return np.array(kinds, np.int32)


def _last_day(helper: Helper, check: tuple[str, str]) -> int:
    return helper.checks_until.get(check, date.max).toordinal()


def _week(helpers: Sequence[Helper]) -> NDArray[np.uint64]:
    days: list[list[int]] = [[0] * len(helpers) for _ in range(7)]
    for row, helper in enumerate(helpers):
        for one in helper.weekly:
            days[one.weekday][row] |= slots(one.start, one.end)
    return np.array(days, np.uint64)


# Times of the day repeat: a hundred thousand weeks have a few hundred.
@lru_cache(maxsize=4096)
def slots(start: time, end: time) -> int:
    """The half hours of a day that [start, end) touches, as bits."""
    first = (start.hour * 60 + start.minute) // SLOT_MINUTES
    last = DAY_SLOTS if end == DAY_END else -(-_minutes(end) // SLOT_MINUTES)
    return (1 << max(last, first)) - (1 << first)


def _minutes(moment: time) -> int:
    """Minutes since midnight, begun ones whole."""
    begun = 1 if moment.second or moment.microsecond else 0
    return moment.hour * 60 + moment.minute + begun


def is_odd(helper: Helper) -> bool:
    """Whether half hours do not say exactly when somebody is free in an ordinary week."""
    return any(not _is_whole(moment) for one in helper.weekly for moment in (one.start, one.end))


@lru_cache(maxsize=2048)
def _is_whole(moment: time) -> bool:
    return moment == DAY_END or (
        moment.minute % SLOT_MINUTES == 0 and not moment.second and not moment.microsecond
    )


def _mask(categories: Iterable[str]) -> int:
    found = 0
    for code in categories:
        found |= 1 << BIT[code]
    return found


def day_number(day: date) -> int:
    """19960501: ages are compared without counting years."""
    return day.year * 10_000 + day.month * 100 + day.day
