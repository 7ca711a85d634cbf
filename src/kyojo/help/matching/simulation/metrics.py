"""What a run comes to, in numbers. Only requests opened after the warm-up count."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from ..asking.calibration import calibration_figures
from .run import Result

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Metrics:
    """``fill``: share of requests that got a yes in time; ``fill_vs_lp``: visits ÷ the bound's
    (``bound``), ``fill_vs_sharper_lp``: ÷ the lower of the two bounds. Hours are of
    the clock, from opening to the yes. ``gini_*``: over everybody who could have been asked."""

    requests: int
    fill: float
    fill_vs_lp: float
    fill_vs_sharper_lp: float
    worst_district_fill: float
    time_to_yes_p50_hours: float
    time_to_yes_p90_hours: float
    asks_per_fill: float
    asks_per_request: float
    redundant_yes_per_fill: float
    travel_minutes: float
    gini_load: float
    gini_asks: float
    ece: float
    brier: float
    brier_base: float
    told_mean: float
    came_mean: float
    escalated: float
    there_at_end: float

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


def metrics_of(result: Result, *, bound: float, sharper_bound: float) -> Metrics:
    town = result.town
    counted = town.measured
    filled = counted & (result.filled_by >= 0)
    visits = int(filled.sum())
    asks = [one for one in result.asks if counted[one.request]]
    waits = (result.filled_at - town.requests.opened_at)[filled]
    people = np.unique(
        np.concatenate([r for r, is_in in zip(town.candidates, counted, strict=True) if is_in])
    )
    load = np.bincount(result.filled_by[filled], minlength=len(town.supporters))[people]
    asked = np.bincount([one.person for one in asks], minlength=len(town.supporters))[people]
    figures = calibration_figures(
        np.array([one.told for one in asks]), np.array([float(one.truth) for one in asks])
    )
    return Metrics(
        requests=int(counted.sum()),
        fill=visits / max(int(counted.sum()), 1),
        fill_vs_lp=visits / max(bound, 1e-9),
        fill_vs_sharper_lp=visits / max(sharper_bound, 1e-9),
        worst_district_fill=_worst(town.requests.district[counted], filled[counted]),
        time_to_yes_p50_hours=_quantile(waits, 0.5),
        time_to_yes_p90_hours=_quantile(waits, 0.9),
        asks_per_fill=len(asks) / max(visits, 1),
        asks_per_request=len(asks) / max(int(counted.sum()), 1),
        redundant_yes_per_fill=float(result.redundant[counted].sum()) / max(visits, 1),
        travel_minutes=float(result.minutes[filled].mean()) if visits else 0.0,
        gini_load=gini(load),
        gini_asks=gini(asked),
        ece=figures.ece,
        brier=figures.brier,
        brier_base=figures.brier_base,
        told_mean=figures.told_mean,
        came_mean=figures.came_mean,
        escalated=float(result.escalated[counted].mean()),
        there_at_end=result.there_share,
    )


def gini(values: NDArray[np.int64]) -> float:
    """0 where all have alike, towards 1 where one has everything."""
    x = np.sort(np.asarray(values, np.float64))
    if not len(x) or not x.sum():
        return 0.0
    ranks = np.arange(1, len(x) + 1)
    return float((2 * ranks - len(x) - 1) @ x / (len(x) * x.sum()))


def _worst(district: NDArray[np.int64], filled: NDArray[np.bool_]) -> float:
    """The least share over districts with at least 15 requests; over all where there is none."""
    shares = [
        float(filled[district == one].mean())
        for one in np.unique(district)
        if (district == one).sum() >= 15
    ]
    return min(shares) if shares else float(filled.mean()) if len(filled) else 0.0


def _quantile(values: Floats, q: float) -> float:
    return float(np.quantile(values, q)) if len(values) else 0.0
