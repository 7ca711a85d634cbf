"""How long answers take: a mixture of two lognormal distributions over awake hours.

Some answer while they hold the phone, others in the evening or the next day. The distribution is of
those who answer at all.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from math import exp, log
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_GRID = np.concatenate([[0.0], np.geomspace(1 / 120, 400, 400)])


@dataclass(frozen=True)
class ReplyDelay:
    """``quick_share`` of the answers have the median ``quick_hours``, the others ``slow_hours``;
    both lognormal with the spreads ``*_sigma`` (of the logarithm). Awake hours."""

    quick_share: float = 0.55
    quick_hours: float = 0.6
    quick_sigma: float = 1.2
    slow_hours: float = 8.0
    slow_sigma: float = 0.9

    def cdf(self, hours: ArrayLike) -> NDArray[np.float64]:
        """The share of the answers that are there after ``hours``; read off a table, to 1e-3."""
        return np.interp(np.asarray(hours, dtype=np.float64), _GRID, self._table)

    def survival(self, hours: ArrayLike) -> NDArray[np.float64]:
        """The share of the answers that are still to come after ``hours``."""
        return np.asarray(1.0 - self.cdf(hours))

    def density(self, hours: ArrayLike) -> NDArray[np.float64]:
        """Answers an hour after ``hours``, as a share of all."""
        t = np.maximum(np.asarray(hours, dtype=np.float64), 1e-3)
        quick = _lognormal_density(t, self.quick_hours, self.quick_sigma)
        slow = _lognormal_density(t, self.slow_hours, self.slow_sigma)
        return np.asarray(self.quick_share * quick + (1 - self.quick_share) * slow)

    def cdf_exact(self, hours: ArrayLike) -> NDArray[np.float64]:
        from scipy.special import ndtr

        t = np.log(np.maximum(np.asarray(hours, dtype=np.float64), 1e-9))
        quick = ndtr((t - log(self.quick_hours)) / self.quick_sigma)
        slow = ndtr((t - log(self.slow_hours)) / self.slow_sigma)
        return np.asarray(self.quick_share * quick + (1 - self.quick_share) * slow)

    @cached_property
    def _table(self) -> NDArray[np.float64]:
        return np.concatenate([[0.0], self.cdf_exact(_GRID[1:])])

    def as_json(self) -> dict[str, float]:
        return {name: round(float(value), 6) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ReplyDelay":
        return cls(**{name: float(data[name]) for name in cls.__dataclass_fields__})


def _lognormal_density(t: NDArray[np.float64], median: float, sigma: float) -> NDArray[np.float64]:
    z = (np.log(t) - log(median)) / sigma
    return np.asarray(np.exp(-z * z / 2) / (t * sigma * (2 * np.pi) ** 0.5))


def fitted(
    delays: NDArray[np.float64], silences: NDArray[np.float64], start: ReplyDelay
) -> tuple[ReplyDelay, float]:
    """The delay and the share that answers at all which make a log most likely.

    Arguments:
        delays: awake hours to each answer.
        silences: awake hours for which each unanswered question was watched (a cure model: some
            of them would have answered later, some never).
        start: where the search begins, and what a thin log is drawn towards (as if it were worth
            20 answers).
    """
    from scipy.optimize import minimize

    delays = np.maximum(np.asarray(delays, np.float64), 1e-2)
    silences = np.asarray(silences, np.float64)
    centre = _packed(start)

    def loss(z: NDArray[np.float64]) -> float:
        delay, share = _unpacked(z[:5]), _squash(z[5])
        told = np.log(np.maximum(share * delay.density(delays), 1e-12)).sum()
        silent = np.log(np.maximum(1 - share * delay.cdf_exact(silences), 1e-12)).sum()
        return float(-(told + silent) + 10 * ((z[:5] - centre) ** 2).sum())

    begin = np.append(centre, 0.0)
    found = minimize(loss, begin, method="Nelder-Mead", options={"maxiter": 800, "xatol": 1e-3})
    return _unpacked(found.x[:5]), _squash(float(found.x[5]))


def _packed(delay: ReplyDelay) -> NDArray[np.float64]:
    share = delay.quick_share
    return np.array(
        [
            log(share / (1 - share)),
            log(delay.quick_hours),
            log(delay.quick_sigma),
            log(delay.slow_hours),
            log(delay.slow_sigma),
        ]
    )


def _unpacked(z: NDArray[np.float64]) -> ReplyDelay:
    quick, slow = (exp(float(np.clip(z[1], -5, 5))), exp(float(np.clip(z[3], -3, 5))))
    spreads = [exp(float(np.clip(v, -2, 0.5))) for v in (z[2], z[4])]
    return ReplyDelay(_squash(float(z[0])), quick, spreads[0], slow, spreads[1])


def _squash(value: float) -> float:
    return 1 / (1 + exp(-min(max(value, -12.0), 12.0)))
