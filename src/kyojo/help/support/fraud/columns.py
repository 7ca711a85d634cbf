"""A town's visits as arrays, with the visits of each person, pair and device at hand."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .facts import MarkFacts, TownFacts, VisitFacts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Where a phone told a place with a median accuracy above this, its reception is poor, in metres.
POOR_RECEPTION_M = 60.0
CHANNELS = ("no position", "good position", "poor position")


class Columns:
    """``supporter``, ``carer``, ``pair``: whole numbers of each visit. Lengths in hours."""

    def __init__(self, town: TownFacts) -> None:
        self.town = town
        self.visits: tuple[VisitFacts, ...] = town.visits
        self.persons = list(town.persons)
        self.number = {uid: n for n, uid in enumerate(self.persons)}
        visits = self.visits
        self.supporter = _ints(self.number[one.supporter] for one in visits)
        self.carer = _ints(self.number[one.carer] for one in visits)
        self.pair = self.supporter * len(self.persons) + self.carer
        self.reserved = _floats(one.reserved_at for one in visits)
        self.starts = _floats(one.starts_at for one in visits)
        self.ends = _floats(one.ends_at for one in visits)
        self.started = _floats(one.started_at for one in visits)
        self.ended = _floats(one.ended_at for one in visits)
        self.coins = _floats(one.coins for one in visits)
        self.confirmed = _floats(
            np.nan if one.confirmed_at is None or one.confirmed_by != "carer" else one.confirmed_at
            for one in visits
        )
        self.place = np.array([one.place for one in visits], dtype=float).reshape(-1, 2)

    def __len__(self) -> int:
        return len(self.visits)

    @cached_property
    def span(self) -> tuple[float, float]:
        """When the town's first and last visit in view begin."""
        if self.town.beyond is not None:
            return self.town.beyond.first, self.town.beyond.last
        return float(self.starts.min()), float(self.starts.max())

    @cached_property
    def fixes(self) -> list[list[MarkFacts]]:
        """Positions of each visit in the order of the device's time."""
        return [one.fixes for one in self.visits]

    @cached_property
    def channel(self) -> Ints:
        """Which of ``CHANNELS`` each visit came through: like is compared with like."""
        told = self.accuracy
        return np.where(np.isnan(told), 0, np.where(told > POOR_RECEPTION_M, 2, 1)).astype(np.int64)

    @cached_property
    def accuracy(self) -> Floats:
        """The median of the errors told with each visit's positions, nan where there were none."""
        found = np.full(len(self), np.nan)
        for n, fixes in enumerate(self.fixes):
            kept = self.visits[n].kept
            if fixes:
                found[n] = float(np.median([fix.accuracy_m or 0.0 for fix in fixes]))
            elif kept is not None:
                found[n] = kept.accuracy_m
        return found

    @cached_property
    def phones(self) -> list[frozenset[str]]:
        """The phones that sent each visit's evidence, without readers and buttons."""
        kinds = {uid: device.kind for uid, device in self.town.devices.items()}
        return [
            frozenset(
                mark.device
                for mark in one.marks
                if mark.device and kinds.get(mark.device, "phone") == "phone"
            )
            for one in self.visits
        ]

    @cached_property
    def spent_hours(self) -> Floats:
        return self.ended - self.started

    @cached_property
    def booked_hours(self) -> Floats:
        return self.ends - self.starts


def rows_by(keys: Iterable[int]) -> dict[int, Ints]:
    """key → the rows that have it, in order."""
    found: dict[int, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        found[int(key)].append(row)
    return {key: np.array(rows, dtype=np.int64) for key, rows in found.items()}


def count_of(keys: Ints) -> Floats:
    """How many rows have the key of each row."""
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return counts[inverse].astype(float)


def sum_of(keys: Ints, values: Floats) -> Floats:
    """The sum of ``values`` over the rows that have the key of each row."""
    _, inverse = np.unique(keys, return_inverse=True)
    return np.asarray(np.bincount(inverse, weights=values)[inverse], dtype=float)


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _floats(values: Iterable[float]) -> Floats:
    return np.fromiter(values, dtype=np.float64)
