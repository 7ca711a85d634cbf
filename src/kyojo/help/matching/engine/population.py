"""Everybody who might help, as columns: who may come is found among 100,000 in milliseconds. Pure.

A ``Population`` holds one array a property and one row a supporter. The rows of each tier of
travel stand together, in bands of latitude and by longitude within a band: what lies within reach
is a few slices. ``ranked`` narrows row numbers property by property and scores what is left in one
go; people and order are those of ``domain.matches`` over everybody.

Lengths are metres, angles degrees, times local.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kyojo.civic.people.domain import DAY_END, DayException, WeekTime
from kyojo.help.requests.domain import CATEGORIES
from kyojo.kernel.geometry import EARTH_RADIUS_METRES, Point

from .. import scoring
from ..domain import ADULT_YEARS, Hard, Helper, Need, Shortfall, is_free_for, shortfall, sum_of
from ..way import METRES_PER_MINUTE

Rows = NDArray[np.int64]

#: Tiers of travel: whoever comes no farther than this.
REACHES = np.array([1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0, 64_000.0])
#: A band of latitude, in degrees (1.1 km), and what keeps two bands apart in one sorted key.
BAND, APART = 0.01, 1_000.0
SLOT_MINUTES = 30
DAY_SLOTS = 24 * 60 // SLOT_MINUTES
_BIT = {one.code: index for index, one in enumerate(CATEGORIES)}


class Codes:
    """Words as bits: languages, genders, checks. Words come as they are met, up to 64 a kind."""

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
class Ranking:
    """Who can come, the best first. ``metres`` are straight lines."""

    keys: list[Key]
    scores: NDArray[np.float64]
    metres: NDArray[np.float64]
    #: How many can come in all.
    found: int


@dataclass(frozen=True)
class _Times:
    """When somebody is free, where half hours do not say it: odd minutes, days unlike others."""

    weekly: tuple[WeekTime, ...]
    exceptions: tuple[DayException, ...]


class Columns:
    """The arrays, a value a row; ``take`` makes the same for some of the rows."""

    ARRAYS = (
        "municipality", "uid_high", "uid_low", "latitude", "longitude", "reach", "speed", "skills",
        "notes", "languages", "gender", "born", "resting", "checks", "week", "is_odd", "done",
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
    checks: NDArray[np.uint64]
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
        week = np.zeros((7, n), np.uint64)
        for row, helper in enumerate(helpers):
            for one in helper.weekly:
                week[one.weekday, row] |= np.uint64(_slots(one.start, one.end))
        done = np.zeros((len(CATEGORIES), n), np.uint16)
        for row, helper in enumerate(helpers):
            for code, count in helper.done.items():
                done[_BIT[code], row] = count
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
                [_day_number(h.birth_date) if h.birth_date else 99_999_999 for h in helpers],
                np.int32,
            ),
            resting=np.array(
                [h.resting_until.toordinal() if h.resting_until else 0 for h in helpers], np.int32
            ),
            checks=np.array([_checks(h, codes) for h in helpers], np.uint64),
            week=week,
            is_odd=np.array([_is_odd(h) for h in helpers], np.bool_),
            done=done,
            rating=scoring.rating_believed(
                [h.rating_sum for h in helpers], [h.rating_count for h in helpers]
            ),
            answer_hours=np.array([h.answer_hours for h in helpers], np.float64),
            lately=np.array([h.lately for h in helpers], np.uint16),
            asks=np.array([h.asks_ever for h in helpers], np.uint32),
        )


class Population:
    """Supporters to look for candidates among. ``update`` and ``remove`` are seen at once."""

    #: So many rows beside the sorted ones, as a share of them, before all is sorted anew.
    LATE_SHARE, LATE_LEAST = 0.01, 200

    def __init__(self, helpers: Iterable[Helper] = ()) -> None:
        self.codes = Codes()
        self._late: dict[Key, Helper] = {}
        self._late_sorted: _Sorted | None = None
        known = {Key(h.municipality_id, h.uid): h for h in helpers}
        self._homeless = {key: h for key, h in known.items() if h.home is None}
        self._main = _Sorted.of([h for h in known.values() if h.home is not None], self.codes)

    def __len__(self) -> int:
        return self._main.alive_count + len(self._late) + len(self._homeless)

    def update(self, helper: Helper) -> None:
        """Put somebody in, or in the place of what was known of them."""
        key = Key(helper.municipality_id, helper.uid)
        self.remove(key)
        if helper.home is None:
            self._homeless[key] = helper
            return
        self._late[key] = helper
        self._late_sorted = None
        if len(self._late) > max(self.LATE_LEAST, self.LATE_SHARE * len(self._main)):
            late = _Sorted.of(list(self._late.values()), self.codes)
            self._main, self._late = _Sorted.joined(self._main, late), {}

    def remove(self, key: Key) -> None:
        """Leave somebody out; whoever is not here stays so."""
        self._main.remove(key)
        self._homeless.pop(key, None)
        if self._late.pop(key, None) is not None:
            self._late_sorted = None

    def ranked(
        self,
        need: Need,
        *,
        limit: int,
        met: Mapping[UUID, int] | None = None,
        without: Set[UUID] = frozenset(),
    ) -> Ranking:
        """The ``limit`` best who can come.

        Arguments:
            met: visits to the need's recipient so far, by supporter.
            without: supporters who are not to be proposed: those who were asked already, those
                whom somebody of the party blocks.
        """
        parts = self._parts()
        asked = _Asked.of(need, self.codes, met or {}, without)
        found = [part.scored(asked) for part in parts]
        best = [part.best(*rows, limit) for part, rows in zip(parts, found, strict=True)]
        merged = sorted(one for ones in best for one in ones)[:limit]
        return Ranking(
            keys=[one.key for one in merged],
            scores=np.array([-one.minus_score for one in merged]),
            metres=np.array([one.metres for one in merged]),
            found=sum(len(rows[0]) for rows in found),
        )

    def count(self, need: Need, *, without: Set[UUID] = frozenset(), farther_m: float = 0) -> int:
        """How many can come, if everybody came ``farther_m`` metres farther than they said."""
        asked = _Asked.of(need, self.codes, {}, without)
        return sum(len(part.fitting(asked, farther_m)[0]) for part in self._parts())

    def shortfall(self, need: Need, *, blocking: Set[UUID] = frozenset()) -> Shortfall:
        """Why people cannot come, as ``domain.shortfall`` counts it. ``blocking``: supporters whom
        somebody of the party does not want to meet."""
        asked = _Asked.of(need, self.codes, {}, blocking)
        homeless = (
            replace(one, blocked=one.blocked | {need.carer_uid}) if one.uid in blocking else one
            for one in self._homeless.values()
        )
        parts = [part.shortfall(asked) for part in self._parts()]
        return sum_of([*parts, shortfall(need, homeless)])

    def _parts(self) -> "list[_Sorted]":
        if not self._late:
            return [self._main]
        if self._late_sorted is None:
            self._late_sorted = _Sorted.of(list(self._late.values()), self.codes)
        return [self._main, self._late_sorted]


class _Best(NamedTuple):
    """In the order of ``domain.matches``."""

    minus_score: float
    whole_metres: int
    uid: str
    metres: float
    key: Key


@dataclass(frozen=True)
class _Asked:
    """A need, in the words of the columns."""

    need: Need
    skill: np.uint32
    category: int
    checks: np.uint64
    languages: np.uint64
    gender: np.uint64
    adult_by: int
    #: The half hours of the first day; None: a time that nobody can give, over midnight.
    slots: np.uint64 | None
    met: Mapping[UUID, int]
    without: Set[UUID]

    @property
    def party(self) -> list[UUID]:
        return [uid for uid in (self.need.carer_uid, self.need.recipient_uid) if uid is not None]

    @classmethod
    def of(cls, need: Need, codes: Codes, met: Mapping[UUID, int], without: Set[UUID]) -> "_Asked":
        checks = codes.bits("check", need.trust)
        if need.training:
            checks |= codes.bit("check", ("training", need.training))
        return cls(
            need=need,
            skill=np.uint32(1 << _BIT[need.category]),
            category=_BIT[need.category],
            checks=np.uint64(checks),
            languages=np.uint64(codes.bits("language", need.languages)),
            gender=np.uint64(codes.bit("gender", need.gender_wish) if need.gender_wish else 0),
            adult_by=_day_number(need.starts_at.date()) - ADULT_YEARS * 10_000,
            slots=_slots_of(need),
            met=met,
            without=without,
        )


class _Sorted:
    """Columns in the order of tiers, bands and longitudes."""

    def __init__(
        self,
        columns: Columns,
        odd: dict[Key, _Times],
        busy: dict[Key, tuple[tuple[datetime, datetime], ...]],
        blocked: dict[Key, frozenset[UUID]],
    ) -> None:
        tier = np.searchsorted(REACHES, columns.reach)
        place = np.floor(columns.latitude / BAND) * APART + columns.longitude
        order = np.lexsort((place, tier))
        self.columns = columns.take(order)
        self._place = place[order]
        self._tiers = np.searchsorted(tier[order], np.arange(len(REACHES) + 1))
        self._cosine = np.cos(np.radians(self.columns.latitude))
        self._alive = np.ones(len(columns), np.bool_)
        self.alive_count = len(columns)
        self._by_uid = np.argsort(self.columns.uid_low, kind="stable")
        self._low_sorted = self.columns.uid_low[self._by_uid]
        self._odd, self._busy, self._blocked = odd, busy, blocked
        self._odd_rows = {self._row(key): times for key, times in odd.items()}
        self._busy_rows = np.array(
            [self._row(key) for key, times in busy.items() for _ in times], np.int64
        )
        self._busy_from = np.array([a.timestamp() for times in busy.values() for a, _ in times])
        self._busy_to = np.array([b.timestamp() for times in busy.values() for _, b in times])
        self._other_days = _grouped(
            (one.day, row) for row, times in self._odd_rows.items() for one in times.exceptions
        )
        self._blocked_by = _grouped(
            (uid, self._row(key)) for key, uids in blocked.items() for uid in uids
        )

    @classmethod
    def of(cls, helpers: Sequence[Helper], codes: Codes) -> "_Sorted":
        named = [(Key(h.municipality_id, h.uid), h) for h in helpers]
        return cls(
            Columns.of(helpers, codes),
            {k: _Times(h.weekly, h.exceptions) for k, h in named if h.exceptions or _is_odd(h)},
            {k: h.busy for k, h in named if h.busy},
            {k: h.blocked for k, h in named if h.blocked},
        )

    @classmethod
    def joined(cls, *parts: "_Sorted") -> "_Sorted":
        """One of several, without what was removed."""
        left = [part.columns.take(np.flatnonzero(part._alive)) for part in parts]
        together = Columns(
            **{
                name: np.concatenate([getattr(one, name) for one in left], axis=-1)
                for name in Columns.ARRAYS
            }
        )

        def kept(name: str) -> dict[Key, object]:
            return {
                key: value
                for part in parts
                for key, value in getattr(part, name).items()
                if part._alive[part._row(key)]
            }

        return cls(together, kept("_odd"), kept("_busy"), kept("_blocked"))  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self.columns)

    def remove(self, key: Key) -> None:
        for row in self._find(key.uid):
            if self.columns.municipality[row] == key.municipality_id and self._alive[row]:
                self._alive[row] = False
                self.alive_count -= 1

    def _find(self, uid: UUID) -> list[int]:
        """The rows of a uid: one a municipality."""
        low = np.uint64(uid.int & (1 << 64) - 1)
        start = int(np.searchsorted(self._low_sorted, low))
        stop = int(np.searchsorted(self._low_sorted, low, "right"))
        high = uid.int >> 64
        return [int(r) for r in self._by_uid[start:stop] if int(self.columns.uid_high[r]) == high]

    def _row(self, key: Key) -> int:
        return next(
            row
            for row in self._find(key.uid)
            if self.columns.municipality[row] == key.municipality_id
        )

    def scored(self, asked: _Asked) -> tuple[Rows, NDArray[np.float64], NDArray[np.float64]]:
        """(rows, scores, metres) of all who can come."""
        rows, metres = self.fitting(asked)
        return rows, self._scores(rows, metres, asked), metres

    def fitting(self, asked: _Asked, farther_m: float = 0) -> tuple[Rows, NDArray[np.float64]]:
        """(rows, metres) of all who can come."""
        c, need = self.columns, asked.need
        rows = self._within_reach(need.place, farther_m)
        rows = rows[(c.skills[rows] & asked.skill) != 0]
        rows = rows[self._open(rows, need.starts_at.date(), asked.slots)]
        if asked.checks:
            rows = rows[(c.checks[rows] & asked.checks) == asked.checks]
        if asked.languages:
            rows = rows[(c.languages[rows] & asked.languages) != 0]
        if asked.gender:
            rows = rows[c.gender[rows] == asked.gender]
        if need.adults_only:
            rows = rows[c.born[rows] <= asked.adult_by]
        rows = rows[c.resting[rows] < need.starts_at.toordinal()]
        rows = rows[self._alive[rows]]
        metres = self._metres(rows, need.place)
        near = metres <= c.reach[rows] + farther_m
        rows, metres = rows[near], metres[near]
        keep = ~np.isin(rows, self._kept_out(asked))
        keep &= self._free_exactly(rows, need)
        return rows[keep], metres[keep]

    def _within_reach(self, place: Point, farther_m: float = 0) -> Rows:
        """Rows of the bands and longitudes that a tier's longest way can touch."""
        found = []
        for tier, reach in enumerate(REACHES):
            low, high = self._tiers[tier], self._tiers[tier + 1]
            if low == high:
                continue
            turn = np.degrees((reach + farther_m) / EARTH_RADIUS_METRES) * 1.001
            bands = np.arange(
                np.floor((place.latitude - turn) / BAND),
                np.floor((place.latitude + turn) / BAND) + 1,
            )
            wide = turn / np.cos(np.radians(min(abs(place.latitude) + turn, 89.0)))
            keys = self._place[low:high]
            start = low + np.searchsorted(keys, bands * APART + place.longitude - wide)
            stop = low + np.searchsorted(keys, bands * APART + place.longitude + wide, "right")
            found.append(_ranges(start, stop))
        return np.concatenate(found) if found else np.empty(0, np.int64)

    def _open(self, rows: Rows, day: date, slots: np.uint64 | None) -> NDArray[np.bool_]:
        """Free in all these half hours of their week, or on a day that differs from the week."""
        if slots is None:
            return np.zeros(len(rows), np.bool_)
        is_open = (self.columns.week[day.weekday(), rows] & slots) == slots
        others = self._other_days.get(day)
        return is_open if others is None else is_open | np.isin(rows, others)

    def _metres(self, rows: Rows, place: Point) -> NDArray[np.float64]:
        c = self.columns
        up = np.sin(np.radians(c.latitude[rows] - place.latitude) / 2)
        along = np.sin(np.radians(c.longitude[rows] - place.longitude) / 2)
        h = up**2 + np.cos(np.radians(place.latitude)) * self._cosine[rows] * along**2
        return np.asarray(2 * EARTH_RADIUS_METRES * np.arcsin(np.sqrt(np.minimum(1.0, h))))

    def _kept_out(self, asked: _Asked) -> Rows:
        """Rows of who is booked at that time, blocks the party, or is not to be proposed."""
        return np.concatenate(
            [self._booked(asked.need), self._party(asked), self._blocked_of(asked)]
        )

    def _booked(self, need: Need) -> Rows:
        start, end = need.starts_at.timestamp(), need.ends_at.timestamp()
        return self._busy_rows[(self._busy_from < end) & (start < self._busy_to)]

    def _party(self, asked: _Asked) -> Rows:
        return self._rows_of(asked.party)

    def _blocked_of(self, asked: _Asked) -> Rows:
        own = [self._blocked_by.get(uid, _NOBODY) for uid in asked.party]
        return np.concatenate([*own, self._rows_of(asked.without)])

    def _rows_of(self, uids: Iterable[UUID]) -> Rows:
        return np.array([row for uid in uids for row in self._find(uid)], np.int64)

    def shortfall(self, asked: _Asked) -> Shortfall:
        """Which constraints each of the rows breaks, counted."""
        c, need = self.columns, asked.need
        rows = np.flatnonzero(self._alive)
        day = need.starts_at.date()
        is_open = self._open(rows, day, asked.slots)
        is_open[is_open] = self._free_exactly(rows[is_open], need)
        broken = {
            Hard.SELF: np.isin(rows, self._party(asked)),
            Hard.BLOCKED: np.isin(rows, self._blocked_of(asked)),
            Hard.RESTING: c.resting[rows] >= day.toordinal(),
            Hard.SKILL: (c.skills[rows] & asked.skill) == 0,
            Hard.TRUST: (c.checks[rows] & asked.checks) != asked.checks,
            Hard.AGE: (c.born[rows] > asked.adult_by) & need.adults_only,
            Hard.GENDER: (c.gender[rows] != asked.gender) & bool(asked.gender),
            Hard.LANGUAGE: ((c.languages[rows] & asked.languages) == 0) & bool(asked.languages),
            Hard.TRAVEL: self._metres(rows, need.place) > c.reach[rows],
            Hard.TIME: ~is_open,
            Hard.BUSY: np.isin(rows, self._booked(need)),
        }
        alone = sum(mask.astype(np.int8) for mask in broken.values()) == 1
        return Shortfall(
            supporters=len(rows),
            broken={hard: int(mask.sum()) for hard, mask in broken.items() if mask.any()},
            only={hard: n for hard, mask in broken.items() if (n := int((mask & alone).sum()))},
        )

    def _free_exactly(self, rows: Rows, need: Need) -> NDArray[np.bool_]:
        """Whether those are free whose times are not whole half hours of an ordinary week."""
        sure = ~self.columns.is_odd[rows]
        others = self._other_days.get(need.starts_at.date())
        if others is not None:
            sure &= ~np.isin(rows, others)
        for place in np.flatnonzero(~sure):
            times = self._odd_rows[int(rows[place])]
            sure[place] = is_free_for(need, times.weekly, times.exceptions)
        return sure

    def _scores(
        self, rows: Rows, metres: NDArray[np.float64], asked: _Asked
    ) -> NDArray[np.float64]:
        c = self.columns
        met = np.zeros(len(rows))
        for uid, count in asked.met.items():
            for row in self._find(uid):
                met[rows == row] = count
        return scoring.score(
            met=met,
            minutes=metres / c.speed[rows],
            done=c.done[asked.category, rows],
            rating=c.rating[rows],
            answer_hours=c.answer_hours[rows],
            lately=c.lately[rows],
            asks=c.asks[rows],
            chance=scoring.chances(asked.need.seed, c.uid_low[rows]),
            has_note=(c.notes[rows] & asked.skill) != 0,
        )

    def best(
        self, rows: Rows, scores: NDArray[np.float64], metres: NDArray[np.float64], limit: int
    ) -> list[_Best]:
        """The ``limit`` best, and whoever is as good as the last of them."""
        if len(rows) > limit:
            least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
            keep = np.flatnonzero(scores >= least)
            rows, scores, metres = rows[keep], scores[keep], metres[keep]
        found = []
        for row, score, way in zip(rows, scores, metres, strict=True):
            key = self.columns.key(int(row))
            found.append(_Best(-float(score), round(float(way)), str(key.uid), float(way), key))
        return sorted(found)[:limit]


# --- small parts ----------------------------------------------------------------------------------

_NOBODY = np.empty(0, np.int64)


def _slots_of(need: Need) -> np.uint64 | None:
    """Midnight at the end is the day's last moment."""
    end = need.ends_at.time()
    if need.ends_at.date() != need.starts_at.date():
        if need.ends_at - need.starts_at > timedelta(days=1) or end != time.min:
            return None
        end = DAY_END
    return np.uint64(_slots(need.starts_at.time(), end))


def _slots(start: time, end: time) -> int:
    """The half hours of a day that [start, end) touches, as bits."""
    first = (start.hour * 60 + start.minute) // SLOT_MINUTES
    last = DAY_SLOTS if end == DAY_END else -(-_minutes(end) // SLOT_MINUTES)
    return (1 << max(last, first)) - (1 << first)


def _minutes(moment: time) -> int:
    """Minutes since midnight, begun ones whole."""
    begun = 1 if moment.second or moment.microsecond else 0
    return moment.hour * 60 + moment.minute + begun


def _is_odd(helper: Helper) -> bool:
    """Whether half hours do not say exactly when somebody is free in an ordinary week."""
    return any(not _is_whole(moment) for one in helper.weekly for moment in (one.start, one.end))


def _is_whole(moment: time) -> bool:
    return moment == DAY_END or (
        moment.minute % SLOT_MINUTES == 0 and not moment.second and not moment.microsecond
    )


def _mask(categories: Iterable[str]) -> int:
    found = 0
    for code in categories:
        found |= 1 << _BIT[code]
    return found


def _checks(helper: Helper, codes: Codes) -> int:
    kinds = codes.bits("check", (kind for kind, _ in helper.checks))
    return kinds | codes.bits("check", (one for one in helper.checks if one[0] == "training"))


def _day_number(day: date) -> int:
    """19960501: ages are compared without counting years."""
    return day.year * 10_000 + day.month * 100 + day.day


def _ranges(starts: Rows, stops: Rows) -> Rows:
    """All numbers of the half-open ranges, one after the other."""
    lengths = np.maximum(stops - starts, 0)
    total = int(lengths.sum())
    if not total:
        return _NOBODY
    ends = np.cumsum(lengths)
    return np.arange(total) + np.repeat(starts - (ends - lengths), lengths)


def _grouped(pairs: Iterable[tuple[object, int]]) -> dict[object, Rows]:
    found: dict[object, list[int]] = defaultdict(list)
    for name, row in pairs:
        found[name].append(row)
    return {name: np.array(sorted(set(rows)), np.int64) for name, rows in found.items()}
