"""How rare a value is among honest visits that came through the same channel, in powers of ten."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from .columns import CHANNELS, Floats
from .features import Table

#: A value beyond all that was seen: so many powers of ten for each tenfold of the tail's scale.
BEYOND = 4.0
#: The least scale of a tail, for what is the same in all honest visits, and the furthest beyond.
SCALE_MIN, FURTHEST = 0.05, 100.0
#: Fewer visits than this of a channel: all channels are the reference.
FEW = 200


class Rarity(Protocol):
    """Says how rare values are: with all honest values at hand, or with thresholds only."""

    def surprise(self, values: Floats) -> Floats: ...


@dataclass(frozen=True)
class Reference:
    """Sorted values of one feature in one channel, and the scale of its upper tail."""

    sorted_values: Floats
    tail_scale: float

    @classmethod
    def of(cls, values: Floats) -> "Reference":
        known = np.sort(values[~np.isnan(values)])
        if not len(known):
            return cls(known, 1.0)
        middle, high = np.quantile(known, [0.5, 0.99])
        return cls(known, max(float(high - middle) / 3, SCALE_MIN))

    def surprise(self, values: Floats) -> Floats:
        """-log10 of the share of honest values at least as high; beyond the highest, further by
        the distance from it in scales of the tail (log). 0 for nan."""
        n = len(self.sorted_values)
        if n == 0:
            return np.zeros(len(values))
        higher = n - np.searchsorted(self.sorted_values, values, side="left")
        found = -np.log10((higher + 1) / (n + 1))
        over = (values - self.sorted_values[-1]) / self.tail_scale
        beyond = BEYOND * np.log10(1 + np.clip(over, 0.0, FURTHEST))
        return np.where(np.isnan(values), 0.0, found + np.where(over > 0, beyond, 0.0))


@dataclass(frozen=True)
class Baseline:
    """What is usual, by channel and feature."""

    names: tuple[str, ...]
    references: tuple[tuple[Rarity, ...], ...]

    def surprises(self, table: Table) -> Any:
        """(visits, features), in single precision: how rare each value is."""
        assert table.names == self.names
        found = np.zeros(table.values.shape, dtype=np.float32)
        for channel, references in enumerate(self.references):
            rows = table.channel == channel
            for n, reference in enumerate(references):
                found[rows, n] = reference.surprise(table.values[rows, n])
        return found


def learned(tables: Sequence[Table]) -> Baseline:
    """The baseline of all visits of ``tables``."""
    values = np.vstack([table.values for table in tables])
    channel = np.concatenate([table.channel for table in tables])
    references = []
    for number in range(len(CHANNELS)):
        rows = channel == number
        if rows.sum() < FEW:
            rows = np.ones(len(values), dtype=bool)
        references.append(tuple(Reference.of(column) for column in values[rows].T))
    return Baseline(tables[0].names, tuple(references))
