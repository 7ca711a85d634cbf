"""A detector as a file: thresholds instead of all values, and trees as plain lists. No pickle.

A compact reference keeps, for each surprise on a fixed grid, the value beyond which it begins; a
value's surprise is that of the last threshold it passes, at most a grid step lower than with all
values at hand. Everything that is learned on top (neighbourhoods, trees, scales, the threshold) is
learned with compact references already, so that nothing shifts when the file is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .columns import Floats
from .surprise import BEYOND, FURTHEST, Baseline, Rarity, Reference

GRID = np.concatenate([np.arange(1, 50) * 0.04, 2.0 + np.arange(0, 31) * 0.1])
DIGITS = 6


@dataclass(frozen=True)
class Compact:
    """``thresholds[k]``: beyond it a value is as rare as ``GRID[k]`` says."""

    thresholds: Floats
    highest: float
    tail_scale: float

    @classmethod
    def of(cls, full: Rarity) -> "Compact":
        if isinstance(full, cls):
            return full
        assert isinstance(full, Reference)
        values, count = full.sorted_values, len(full.sorted_values)
        if not count:
            return cls(np.zeros(0), 0.0, 1.0)
        distinct, first = np.unique(values, return_index=True)
        surprise = -np.log10((count - first + 1) / (count + 1))
        reached = GRID[np.log10(count + 1) >= GRID]
        # The largest value that is still more usual than each step of the grid.
        before = np.searchsorted(surprise, reached, side="left") - 1
        return cls(
            np.array([_above(value) for value in distinct[before]]),
            _above(distinct[-1]),
            _short(full.tail_scale),
        )

    def surprise(self, values: Floats) -> Floats:
        """As ``Reference.surprise``."""
        if not len(self.thresholds):
            return np.zeros(len(values))
        steps = np.concatenate([[0.0], GRID[: len(self.thresholds)]])
        found = steps[np.searchsorted(self.thresholds, values, side="left")]
        over = (values - self.highest) / self.tail_scale
        beyond = BEYOND * np.log10(1 + np.clip(over, 0.0, FURTHEST))
        return np.where(np.isnan(values), 0.0, found + np.where(over > 0, beyond, 0.0))

    def as_json(self) -> list[Any]:
        """[highest, scale, thresholds], runs of one threshold as [threshold, how often]."""
        runs: list[Any] = []
        for value in self.thresholds.tolist():
            if runs and runs[-1][0] == value:
                runs[-1][1] += 1
            else:
                runs.append([value, 1])
        return [self.highest, self.tail_scale, [one if one[1] > 1 else one[0] for one in runs]]

    @classmethod
    def of_json(cls, given: Sequence[Any]) -> "Compact":
        highest, scale, runs = given
        thresholds = [
            value
            for one in runs
            for value in ([one[0]] * one[1] if isinstance(one, list) else [one])
        ]
        return cls(np.array(thresholds, dtype=float), float(highest), float(scale))


def compact(baseline: Baseline) -> Baseline:
    """The same baseline with compact references."""
    return Baseline(
        baseline.names,
        tuple(tuple(Compact.of(one) for one in channel) for channel in baseline.references),
    )


def baseline_as_json(baseline: Baseline) -> dict[str, Any]:
    return {
        "names": list(baseline.names),
        "channels": [
            [one.as_json() for one in channel if isinstance(one, Compact)]
            for channel in baseline.references
        ],
    }


def baseline_of_json(given: Mapping[str, Any]) -> Baseline:
    return Baseline(
        tuple(given["names"]),
        tuple(tuple(Compact.of_json(one) for one in channel) for channel in given["channels"]),
    )


# --- trees ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PlainTrees:
    """Boosted trees as arrays: for each tree the column, threshold, left and right child and value
    of each node; a column of -1 is a leaf."""

    start: float
    trees: tuple[tuple[np.ndarray, Floats, np.ndarray, np.ndarray, Floats], ...]

    @classmethod
    def of(cls, fitted: Any) -> "PlainTrees":
        """The same trees as of a fitted ``HistGradientBoostingClassifier`` of two classes."""
        trees = []
        for (one,) in fitted._predictors:
            nodes = one.nodes
            leaf = nodes["is_leaf"].astype(bool)
            trees.append(
                (
                    np.where(leaf, -1, nodes["feature_idx"]).astype(np.int64),
                    _shorts(np.where(leaf, 0.0, nodes["num_threshold"])),
                    nodes["left"].astype(np.int64),
                    nodes["right"].astype(np.int64),
                    _shorts(np.where(leaf, nodes["value"], 0.0)),
                )
            )
        return cls(_short(float(np.ravel(fitted._baseline_prediction)[0])), tuple(trees))

    def decision_function(self, inputs: Floats) -> Floats:
        """The log odds of each row."""
        found = np.full(len(inputs), self.start)
        every = np.arange(len(inputs))
        for column, threshold, left, right, value in self.trees:
            at = np.zeros(len(inputs), dtype=np.int64)
            while True:
                inside = column[at] >= 0
                if not inside.any():
                    break
                rows, nodes = every[inside], at[inside]
                goes_left = inputs[rows, column[nodes]] <= threshold[nodes]
                at[inside] = np.where(goes_left, left[nodes], right[nodes])
            found += value[at]
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "start": self.start,
            "trees": [[part.tolist() for part in tree] for tree in self.trees],
        }

    @classmethod
    def of_json(cls, given: Mapping[str, Any]) -> "PlainTrees":
        return cls(
            float(given["start"]),
            tuple(
                (
                    np.array(tree[0], dtype=np.int64),
                    np.array(tree[1], dtype=float),
                    np.array(tree[2], dtype=np.int64),
                    np.array(tree[3], dtype=np.int64),
                    np.array(tree[4], dtype=float),
                )
                for tree in given["trees"]
            ),
        )


def _short(value: float) -> float:
    return float(f"{float(value):.{DIGITS}g}")


def _above(value: float) -> float:
    """A short number no lower than ``value``, so that the value itself is not beyond it."""
    short = _short(value)
    return short if short >= value else _short(short + abs(short) * 10.0 ** (1 - DIGITS))


def _shorts(values: Floats) -> Floats:
    return np.array([_short(value) for value in values], dtype=float)
