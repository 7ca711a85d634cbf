"""Looking for who can come: row numbers narrowed down, property by property. Pure.

The rows of each tier of travel stand together, in bands of latitude and by longitude within a
band: what lies within reach is a few slices.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kyojo.civic.people.domain import DAY_END
from kyojo.civic.people.trust import KINDS
from kyojo.kernel.geometry import EARTH_RADIUS_METRES, Point

from .. import scoring
from ..domain import ADULT_YEARS, Hard, Helper, Need, Shortfall, is_free_for
from .columns import BIT, KIND, Codes, Columns, Key, Ragged, Rows, day_number, slots

#: Tiers of travel: whoever comes no farther than this.
REACHES = np.array([1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0, 64_000.0])
#: A band of latitude, in degrees (1.1 km), and what keeps two bands apart in one sorted key.
BAND, APART = 0.01, 1_000.0
_NOBODY = np.empty(0, np.int64)


class Best(NamedTuple):
    """In the order of ``domain.matches``."""

    minus_score: float
    whole_metres: int
    uid: str
    metres: float
    key: Key


@dataclass(frozen=True)
class Asked:
    """A need, in the words of the columns."""

    need: Need
    skill: np.uint32
    category: int
    #: Rows of ``Columns.checked``, and the day on which they must hold.
    checks: tuple[int, ...]
    day: int
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
    def of(cls, need: Need, codes: Codes, met: Mapping[UUID, int], without: Set[UUID]) -> "Asked":
        return cls(
            need=need,
            skill=np.uint32(1 << BIT[need.category]),
            category=BIT[need.category],
            checks=tuple(KIND[kind] for kind in KINDS if kind in need.trust),
            day=need.starts_at.toordinal(),
            languages=np.uint64(codes.bits("language", need.languages)),
            gender=np.uint64(codes.bit("gender", need.gender_wish) if need.gender_wish else 0),
            adult_by=day_number(need.starts_at.date()) - ADULT_YEARS * 10_000,
            slots=_slots_of(need),
            met=met,
            without=without,
        )


class SortedRows:
    """Columns in the order of tiers, bands and longitudes."""

    def __init__(self, columns: Columns, ragged: Ragged) -> None:
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
        self.ragged, busy = ragged, ragged.busy
        self._odd_rows = dict(zip(self._rows(ragged.odd), ragged.odd.values(), strict=True))
        self._busy_rows = np.array(
            [
                row
                for row, times in zip(self._rows(busy), busy.values(), strict=True)
                for _ in times
            ],
            np.int64,
        )
        self._busy_from = np.array([a.timestamp() for times in busy.values() for a, _ in times])
        self._busy_to = np.array([b.timestamp() for times in busy.values() for _, b in times])
        self._other_days = _grouped(
            (one.day, row) for row, times in self._odd_rows.items() for one in times.exceptions
        )
        self._blocked_by = self._having(ragged.blocked)
        self._trained = self._courses(ragged.trained)

    @classmethod
    def of(cls, helpers: Sequence[Helper], codes: Codes) -> "SortedRows":
        return cls(Columns.of(helpers, codes), Ragged.of(helpers))

    @classmethod
    def joined(cls, *parts: "SortedRows") -> "SortedRows":
        """One of several, without what was removed."""
        left = [part.columns.take(np.flatnonzero(part._alive)) for part in parts]
        together = Columns(
            **{
                name: np.concatenate([getattr(one, name) for one in left], axis=-1)
                for name in Columns.ARRAYS
            }
        )
        return cls(together, Ragged.joined(part.ragged.without(part._gone()) for part in parts))

    def _gone(self) -> set[Key]:
        return {self.columns.key(int(row)) for row in np.flatnonzero(~self._alive)}

    def _having(self, of: Mapping[Key, Iterable[object]]) -> dict[object, Rows]:
        """Thing → rows of who has it."""
        return _grouped(
            (one, row)
            for row, ones in zip(self._rows(of), of.values(), strict=True)
            for one in ones
        )

    def _courses(self, of: Mapping[Key, Mapping[str, int]]) -> dict[str, tuple[Rows, Rows]]:
        """Course → rows of who has finished it, and the last day of each."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for row, courses in zip(self._rows(of), of.values(), strict=True):
            for course, last_day in courses.items():
                found[course].append((row, last_day))
        return {
            course: (
                np.array([row for row, _ in pairs], np.int64),
                np.array([last_day for _, last_day in pairs], np.int64),
            )
            for course, pairs in found.items()
        }

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

    def _rows(self, keys: Collection[Key]) -> list[int]:
        """The row of each of ``keys``, all of whom are here."""
        keys = list(keys)
        lows = np.array([key.uid.int & (1 << 64) - 1 for key in keys], np.uint64)
        first = np.searchsorted(self._low_sorted, lows)
        more = np.searchsorted(self._low_sorted, lows, "right") - first
        rows: list[int] = self._by_uid[first].tolist() if len(keys) else []
        # Several with these bits: the same person in two towns.
        for place in np.flatnonzero(more != 1):
            rows[place] = self._row(keys[place])
        return rows

    def scored(self, asked: Asked) -> tuple[Rows, NDArray[np.float64], NDArray[np.float64]]:
        """(rows, scores, metres) of all who can come."""
        rows, metres = self.fitting(asked)
        return rows, self._scores(rows, metres, asked), metres

    def fitting(self, asked: Asked, farther_m: float = 0) -> tuple[Rows, NDArray[np.float64]]:
        """(rows, metres) of all who can come."""
        c, need = self.columns, asked.need
        rows = self._within_reach(need.place, farther_m)
        rows = rows[(c.skills[rows] & asked.skill) != 0]
        rows = rows[self._open(rows, need.starts_at.date(), asked.slots)]
        for kind in asked.checks:
            rows = rows[c.checked[kind, rows] >= asked.day]
        if need.training:
            rows = rows[self._finished(rows, asked)]
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

    def _trusted(self, rows: Rows, asked: Asked) -> NDArray[np.bool_]:
        """Whether they have every check that is asked for, on the day."""
        found = self._finished(rows, asked)
        for kind in asked.checks:
            found &= self.columns.checked[kind, rows] >= asked.day
        return found

    def _finished(self, rows: Rows, asked: Asked) -> NDArray[np.bool_]:
        """Whether they have finished the course; "": none is asked for."""
        course = asked.need.training
        if not course:
            return np.ones(len(rows), np.bool_)
        if course not in self._trained:
            return np.zeros(len(rows), np.bool_)
        who, last_day = self._trained[course]
        return np.isin(rows, who[last_day >= asked.day])

    def _metres(self, rows: Rows, place: Point) -> NDArray[np.float64]:
        c = self.columns
        up = np.sin(np.radians(c.latitude[rows] - place.latitude) / 2)
        along = np.sin(np.radians(c.longitude[rows] - place.longitude) / 2)
        h = up**2 + np.cos(np.radians(place.latitude)) * self._cosine[rows] * along**2
        return np.asarray(2 * EARTH_RADIUS_METRES * np.arcsin(np.sqrt(np.minimum(1.0, h))))

    def _kept_out(self, asked: Asked) -> Rows:
        """Rows of who is booked at that time, blocks the party, or is not to be proposed."""
        return np.concatenate(
            [self._booked(asked.need), self._party(asked), self._blocked_of(asked)]
        )

    def _booked(self, need: Need) -> Rows:
        start, end = need.starts_at.timestamp(), need.ends_at.timestamp()
        return self._busy_rows[(self._busy_from < end) & (start < self._busy_to)]

    def _party(self, asked: Asked) -> Rows:
        return self._rows_of(asked.party)

    def _blocked_of(self, asked: Asked) -> Rows:
        own = [self._blocked_by.get(uid, _NOBODY) for uid in asked.party]
        return np.concatenate([*own, self._rows_of(asked.without)])

    def _rows_of(self, uids: Iterable[UUID]) -> Rows:
        return np.array([row for uid in uids for row in self._find(uid)], np.int64)

    def shortfall(self, asked: Asked) -> Shortfall:
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
            Hard.TRUST: ~self._trusted(rows, asked),
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

    def _scores(self, rows: Rows, metres: NDArray[np.float64], asked: Asked) -> NDArray[np.float64]:
        c = self.columns
        met, is_last = np.zeros(len(rows)), np.zeros(len(rows))
        for uid, count in asked.met.items():
            for row in self._find(uid):
                met[rows == row] = count
        for row in [] if asked.need.last_uid is None else self._find(asked.need.last_uid):
            is_last[rows == row] = 1
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
            is_last=is_last,
        )

    def best(
        self, rows: Rows, scores: NDArray[np.float64], metres: NDArray[np.float64], limit: int
    ) -> list[Best]:
        """The ``limit`` best, and whoever is as good as the last of them."""
        if len(rows) > limit:
            least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
            keep = np.flatnonzero(scores >= least)
            rows, scores, metres = rows[keep], scores[keep], metres[keep]
        found = []
        for row, score, way in zip(rows, scores, metres, strict=True):
            key = self.columns.key(int(row))
            found.append(Best(-float(score), round(float(way)), str(key.uid), float(way), key))
        return sorted(found)[:limit]


# --- small parts ----------------------------------------------------------------------------------


def _slots_of(need: Need) -> np.uint64 | None:
    """Midnight at the end is the day's last moment."""
    end = need.ends_at.time()
    if need.ends_at.date() != need.starts_at.date():
        if need.ends_at - need.starts_at > timedelta(days=1) or end != time.min:
            return None
        end = DAY_END
    return np.uint64(slots(need.starts_at.time(), end))


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
