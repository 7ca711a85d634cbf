"""Chance by hash: the same names draw the same number, whoever asks and in whatever order."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def uniform(seed: int, salt: int, *names: ArrayLike) -> NDArray[np.float64]:
    """A number in (0, 1) for each combination of ``names`` (whole numbers, broadcast)."""
    with np.errstate(over="ignore"):
        x: Any = _mixed(np.uint64(seed) + _GOLDEN * np.uint64(salt + 1))
        for name in names:
            x = _mixed(x ^ (np.asarray(name).astype(np.uint64) + _GOLDEN))
    return np.asarray(((x >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53)


def _mixed(x: Any) -> Any:
    """splitmix64's finaliser."""
    x = x + _GOLDEN
    x = (x ^ (x >> np.uint64(30))) * _MIX_1
    x = (x ^ (x >> np.uint64(27))) * _MIX_2
    return x ^ (x >> np.uint64(31))


def normal(seed: int, salt: int, *names: ArrayLike) -> NDArray[np.float64]:
    """A standard normal number for each combination of ``names``."""
    from scipy.special import ndtri

    return np.asarray(ndtri(uniform(seed, salt, *names)))
