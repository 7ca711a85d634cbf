"""Scores of visits: four ways of finding what is odd, made comparable, and one threshold.

* **learned**: boosted trees over all surprises, trained on fakes of known kinds.
* **rare**: how much rarer than honest ones a visit by itself is, all in all. It knows no fakes.
* **together**: the same of what the visits of its pair, supporter, carer and phone add up to.
* **never**: the rarest single thing about the visit itself, for what no honest visit has: two
  places at once, a figure copied to the decimetre. Sums would drown it.

Each is turned into its own surprise among honest visits of the same channel, so that a number means
the same in each. The score is their weighted soft maximum; its threshold leaves the wanted share of
honest visits of towns that nothing else was learned from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .columns import CHANNELS, Floats
from .compact import Compact, PlainTrees, compact
from .facts import TownFacts
from .features import Table, measure
from .neighbours import around
from .surprise import Baseline, Rarity, Reference, learned

#: The share of honest visits that may be flagged.
FALSE_ALARMS = 0.01
WEIGHTS = {"learned": 0.8, "rare": 0.05, "together": 0.1, "never": 0.05}
#: Surprises below this are everyday: one visit in ten has one.
EVERYDAY = 1.0
#: The share of a town's honest visits that the trees see.
HONEST_SHARE = 0.2


@dataclass(frozen=True)
class Seen:
    """A table with its surprises: of each visit, and of its neighbourhoods."""

    table: Table
    own: Floats
    near: Floats
    near_names: tuple[str, ...]

    def inputs(self) -> Floats:
        every = np.hstack([self.own, self.near])
        sums = np.column_stack([_excess(self.own), _excess(self.near), every.max(axis=1)])
        return np.hstack([every, sums]).astype(np.float32)


@dataclass(frozen=True)
class Usual:
    """What is usual for visits and for their neighbourhoods."""

    own: Baseline
    near: Baseline

    @classmethod
    def of(cls, tables: Sequence[Table], *, is_compact: bool = False) -> "Usual":
        """Learned from towns that are honest, or nearly: a few fakes change no quantile much.
        ``is_compact``: with references that can be written to a file."""
        made = compact if is_compact else (lambda baseline: baseline)
        own = made(learned(tables))
        return cls(own, made(learned([around(table, own.surprises(table)) for table in tables])))

    def seen(self, table: Table) -> Seen:
        own = self.own.surprises(table)
        near = around(table, own)
        return Seen(table, own, self.near.surprises(near), near.names)


@dataclass(frozen=True)
class Scored:
    """Scores of a town's visits; ``flagged`` where one is at or above the threshold."""

    seen: Seen
    parts: dict[str, Floats]
    scores: Floats
    threshold: float

    @property
    def flagged(self) -> np.ndarray:
        return np.asarray(self.scores >= self.threshold)


@dataclass(frozen=True)
class Detector:
    """Made by ``fit``."""

    usual: Usual
    trees: Any
    #: For each part and channel, its values among honest visits.
    parts: dict[str, tuple[Rarity, ...]]
    threshold: float

    def scored(self, town: TownFacts) -> Scored:
        """The scores of a town's visits, in their order."""
        return self.scored_of(self.usual.seen(measure(town)))

    def scored_of(self, seen: Seen) -> Scored:
        raw = _raw(seen, self.trees)
        parts = {name: _by_channel(raw[name], seen, self.parts[name]) for name in raw}
        return Scored(seen, parts, joined(parts), self.threshold)


@dataclass(frozen=True)
class Examples:
    """What the trees learn from: the fakes of a town, and some of its honest visits."""

    inputs: Floats
    fake: np.ndarray

    @classmethod
    def of(cls, seen: Seen, fake: np.ndarray, *, seed: int) -> "Examples":
        keep = fake | (np.random.default_rng(seed).random(len(fake)) < HONEST_SHARE)
        return cls(seen.inputs()[keep], fake[keep])


def fit(
    usual: Usual,
    training: Sequence[Examples],
    calibration: Sequence[Seen],
    *,
    false_alarms: float = FALSE_ALARMS,
    seed: int = 0,
    is_compact: bool = False,
) -> Detector:
    """Learn from ``training``, and set all scales and the threshold by ``calibration``, honest
    towns that ``usual`` has not seen. ``is_compact``: one that can be written to a file."""
    trees = _trees(training, seed)
    if is_compact:
        trees = PlainTrees.of(trees)
    raws = [_raw(seen, trees) for seen in calibration]
    channel = np.concatenate([seen.table.channel for seen in calibration])
    parts: dict[str, tuple[Rarity, ...]] = {}
    for name in WEIGHTS:
        values = np.concatenate([raw[name] for raw in raws])
        references: list[Rarity] = [
            Reference.of(values[channel == n] if (channel == n).sum() > 200 else values)
            for n in range(len(CHANNELS))
        ]
        parts[name] = tuple(map(Compact.of, references) if is_compact else references)
    together = [
        joined({name: _by_channel(raw[name], seen, parts[name]) for name in raw})
        for raw, seen in zip(raws, calibration, strict=True)
    ]
    threshold = float(np.quantile(np.concatenate(together), 1 - false_alarms))
    return Detector(usual, trees, parts, threshold)


def _trees(training: Sequence[Examples], seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=60,
        learning_rate=0.12,
        max_leaf_nodes=6,
        max_bins=63,
        min_samples_leaf=60,
        l2_regularization=20.0,
        max_features=0.1,  # each split sees a tenth: many weak signs, so that new kinds show, too
        random_state=seed,
    ).fit(
        np.vstack([one.inputs for one in training]),
        np.concatenate([one.fake for one in training]),
    )


def _raw(seen: Seen, trees: Any) -> dict[str, Floats]:
    names = seen.table.names
    single = [names.index(name) for name in seen.table.single]
    return {
        "learned": np.asarray(trees.decision_function(seen.inputs()), dtype=float),
        "rare": _excess(seen.own[:, single]),
        "together": _excess(seen.near),
        "never": seen.own[:, single].max(axis=1),
    }


def _excess(surprises: Floats) -> Floats:
    """Surprises above the everyday, squared: one that is very rare counts more than many that are
    somewhat rare."""
    return np.asarray((np.maximum(surprises - EVERYDAY, 0.0) ** 2).sum(axis=1))


def _by_channel(values: Floats, seen: Seen, references: tuple[Rarity, ...]) -> Floats:
    found = np.zeros(len(values))
    for n, reference in enumerate(references):
        rows = seen.table.channel == n
        found[rows] = reference.surprise(values[rows])
    return found


def joined(parts: dict[str, Floats]) -> Floats:
    """log10 of the weighted mean of 10 to each part: the largest leads, agreement lifts."""
    return np.asarray(np.log10(sum(WEIGHTS[name] * 10**part for name, part in parts.items())))
