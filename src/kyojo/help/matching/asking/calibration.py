"""Whether told chances come true: ECE, Brier score and reliability.

Of a question that was taken back (somebody else had said yes) nobody knows what the answer would
have been. Such rows are left out and those like them that were watched to the end count for them
(inverse probability of censoring weighting, Kaplan–Meier of the time until a question is taken
back).
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
BINS = 10


@dataclass(frozen=True)
class Bin:
    """People whose told chance lay together: their mean chance, and the share that said yes."""

    told: float
    came: float
    rows: int


@dataclass(frozen=True)
class Figures:
    """``ece``: mean distance between told and come, over bins of equal size. ``brier``: mean
    square error; ``brier_base``: of telling everybody the overall share."""

    rows: int
    ece: float
    brier: float
    brier_base: float
    told_mean: float
    came_mean: float
    bins: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        return {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(self).items()} | {
            "bins": [
                {"told": round(b.told, 4), "came": round(b.came, 4), "rows": b.rows}
                for b in self.bins
            ]
        }


def calibration_figures(told: Column, came: Column, weights: Column | None = None) -> Figures:
    """Figures of ``told`` chances beside what ``came`` (0 or 1). ``weights``: 1 where not given;
    a row with weight 0 is not counted. Without rows all figures are 0."""
    told, came = np.asarray(told, np.float64), np.asarray(came, np.float64)
    w = np.ones(len(told)) if weights is None else np.asarray(weights, np.float64)
    told, came, w = told[w > 0], came[w > 0], w[w > 0]
    if not len(told):
        return Figures(0, 0.0, 0.0, 0.0, 0.0, 0.0, ())
    order = np.argsort(told, kind="stable")
    parts = [p for p in np.array_split(order, min(BINS, max(1, len(told) // 20))) if len(p)]
    bins, off = [], 0.0
    for part in parts:
        share = w[part].sum()
        mean, real = (float(np.average(v[part], weights=w[part])) for v in (told, came))
        off += share * abs(mean - real)
        bins.append(Bin(mean, real, len(part)))
    base = float(np.average(came, weights=w))
    return Figures(
        rows=len(told),
        ece=float(off / w.sum()),
        brier=float(np.average((told - came) ** 2, weights=w)),
        brier_base=float(np.average((base - came) ** 2, weights=w)),
        told_mean=float(np.average(told, weights=w)),
        came_mean=base,
        bins=tuple(bins),
    )


def censoring_weights(
    waited: Column, answered: NDArray[np.bool_], horizon: float
) -> NDArray[np.float64]:
    """Weights for "yes within ``horizon`` awake hours" (IPCW).

    Arguments:
        waited: awake hours until the answer, or until the question ended.
        answered: whether there was an answer.
    """
    known = np.where(answered, np.minimum(waited, horizon), horizon)
    complete = answered | (waited >= horizon)
    ended = np.sort(waited[~answered & (waited < horizon)])
    times, counts = np.unique(ended, return_counts=True)
    at_risk = len(waited) - np.searchsorted(np.sort(waited), times, side="left")
    survival = np.concatenate([[1.0], np.cumprod(1 - counts / np.maximum(at_risk, 1))])
    still = survival[np.searchsorted(times, known, side="left")]
    return np.where(complete, 1 / np.maximum(still, 0.05), 0.0)
