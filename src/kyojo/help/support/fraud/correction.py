"""What an office's own decisions change about the scores of its town.

A logistic model on top of the shipped score: the chance that a visit which is looked at turns out
to be none is ten to the power of how far it lies above the threshold, to one, times what the
town's decisions add for each thing that is odd about it. These weights are drawn to zero (a prior
worth some decisions), each is bounded, and so is their sum, by how much has been decided: a few
decisions cannot turn the detector off, nor on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .columns import Floats
from .detector import EVERYDAY, Seen

#: Odds per power of ten of the score.
SLOPE = float(np.log(10))
#: The prior: so strong as to want several decisions of one kind before it yields.
PULL = 3.0
#: The most that one sign, and all of them, may change of a score, in powers of ten.
EACH_MOST = 1.5
ALL_MOST = 3.0
#: With so many decisions half of ``ALL_MOST`` may be used.
HALF_AT = 20
#: What was picked by lot stands for many that nobody looked at.
LOT_WEIGHT = 3.0
#: A sign counts in full from this surprise on.
FULL = 4.0
#: What only comes back in other visits of the same people counts for so much.
NEAR_SHARE = 0.8
#: A visit has no more signs than this.
SIGNS_MOST = 12


@dataclass(frozen=True)
class Labelled:
    """A visit that was decided. ``margin``: its shipped score less the threshold."""

    signs: Mapping[str, float]
    margin: float
    is_fake: bool
    by_lot: bool = False


@dataclass(frozen=True)
class Correction:
    """``weights``: sign → powers of ten. ``decisions``: how many it was learned from."""

    weights: Mapping[str, float] = field(default_factory=dict)
    decisions: int = 0

    @property
    def most(self) -> float:
        """The most that it may change."""
        return ALL_MOST * self.decisions / (self.decisions + HALF_AT)

    def change(self, signs: Mapping[str, float]) -> float:
        total = sum(self.weights.get(name, 0.0) * value for name, value in signs.items())
        return float(min(max(total, -self.most), self.most))


def signs_of(seen: Seen, row: int) -> dict[str, float]:
    """feature → 0 to 1: how far beyond the everyday it is, of the visit or of its people."""
    found: dict[str, float] = {}
    own = zip(seen.table.names, seen.own[row], strict=True)
    near = zip(
        (name.split(":")[1] for name in seen.near_names),
        NEAR_SHARE * seen.near[row],
        strict=True,
    )
    for name, surprise in (*own, *near):
        value = min(max(float(surprise) - EVERYDAY, 0.0) / (FULL - EVERYDAY), 1.0)
        if value > found.get(name, 0.0):
            found[name] = round(value, 3)
    top = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:SIGNS_MOST]
    return dict(top)


def learned(decided: Sequence[Labelled]) -> Correction:
    """The correction that these decisions ask for. The same decisions give the same one."""
    names = sorted({name for one in decided for name in one.signs})
    if not names:
        return Correction({}, len(decided))
    number = {name: n for n, name in enumerate(names)}
    signs = np.zeros((len(decided), len(names)))
    for n, one in enumerate(decided):
        for name, value in one.signs.items():
            signs[n, number[name]] = value
    margins = np.array([one.margin for one in decided])
    fake = np.array([one.is_fake for one in decided], dtype=float)
    weight = np.array([LOT_WEIGHT if one.by_lot else 1.0 for one in decided])
    found = _fitted(signs, margins, fake, weight)
    kept = {
        name: round(float(value), 3)
        for name, value in zip(names, found, strict=True)
        if abs(value) >= 0.0005
    }
    return Correction(kept, len(decided))


def _fitted(signs: Floats, margins: Floats, fake: Floats, weight: Floats) -> Floats:
    from scipy.optimize import minimize

    def loss(weights: Floats) -> tuple[float, Floats]:
        logit = SLOPE * (margins + signs @ weights)
        chance = 1 / (1 + np.exp(-np.clip(logit, -30, 30)))
        missed = np.logaddexp(0, logit) - fake * logit
        slope = SLOPE * signs.T @ (weight * (chance - fake)) + PULL * weights
        return float((weight * missed).sum() + PULL / 2 * weights @ weights), slope

    count = signs.shape[1]
    result: Any = minimize(
        loss,
        np.zeros(count),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-EACH_MOST, EACH_MOST)] * count,
    )
    return np.asarray(result.x)
