"""The chance that somebody says yes: P(there) × P(yes | there, what is known), calibrated.

The first factor is the belief (``belief``), the second a logistic in ``features.FEATURES``, and a
Platt map brings their product to what those who were really asked did. A model is plain numbers and
goes through JSON; a town that starts empty uses ``PRIOR``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .belief import Activity
from .delays import ReplyDelay
from .features import FEATURES

Chances = NDArray[np.float64]

#: What is believed before anybody was asked. Signs and sizes are ours, set so that an ordinary
#: candidate (15 minutes away, a visit or two of the kind) says yes in 3 of 10 cases while they are
#: there, amid the 17–47 % of volunteers alerted by telephone (Khalemsky et al. 2023).
PRIOR_INTERCEPT = -0.85
PRIOR_COEFFICIENTS = {
    "minutes": -0.45, "met": 0.6, "done": 0.2, "lately": -0.15, "asks_month": -0.15, "slow": -0.1,
    "says_yes": 0.7, "replies": 0.2, "weekend": 0.0, "evening": -0.1, "short_notice": -0.5,
    "long_visit": -0.2,
}  # fmt: skip
#: No chance is told as surer than this, either way.
LEAST, MOST = 0.002, 0.95


@dataclass(frozen=True)
class AcceptanceModel:
    """``platt``: (shift, slope) on the logit. ``trained_on``: rows, supporters, span.
    ``figures``: ``calibration.Figures`` as JSON, on rows that the coefficients had not seen."""

    version: str = "prior-1"
    intercept: float = PRIOR_INTERCEPT
    coefficients: Mapping[str, float] = field(default_factory=lambda: dict(PRIOR_COEFFICIENTS))
    activity: Activity = field(default_factory=Activity)
    delay: ReplyDelay = field(default_factory=ReplyDelay)
    platt: tuple[float, float] = (0.0, 1.0)
    trained_on: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def weights(self) -> NDArray[np.float64]:
        """Coefficients in the order of ``FEATURES``; what the model does not know weighs 0."""
        return np.array([self.coefficients.get(name, 0.0) for name in FEATURES])

    def if_there(self, matrix: NDArray[np.float64]) -> Chances:
        """P(yes | asked, there) of each row, before calibration."""
        return sigmoid(self.intercept + matrix @ self.weights)

    def chances(self, matrix: NDArray[np.float64], belief: ArrayLike) -> Chances:
        """P(yes, sooner or later | asked), calibrated. ``matrix``: ``Facts.matrix()``."""
        shift, slope = self.platt
        raw = np.asarray(belief, np.float64) * self.if_there(matrix)
        return np.clip(sigmoid(shift + slope * logit(raw)), LEAST, MOST)

    def answers(self, belief: ArrayLike) -> Chances:
        """P(any answer, sooner or later | asked)."""
        b = np.asarray(belief, np.float64)
        return np.asarray(b * self.activity.answers + (1 - b) * self.activity.answers_away)

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and words; ``from_json`` makes the same model of it."""
        return {
            "version": self.version,
            "intercept": round(self.intercept, 6),
            "coefficients": {name: round(float(v), 6) for name, v in self.coefficients.items()},
            "activity": self.activity.as_json(),
            "delay": self.delay.as_json(),
            "platt": [round(float(v), 6) for v in self.platt],
            "trained_on": dict(self.trained_on),
            "figures": dict(self.figures),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "AcceptanceModel":
        shift, slope = data["platt"]
        return cls(
            version=str(data["version"]),
            intercept=float(data["intercept"]),
            coefficients={str(k): float(v) for k, v in data["coefficients"].items()},
            activity=Activity.from_json(data["activity"]),
            delay=ReplyDelay.from_json(data["delay"]),
            platt=(float(shift), float(slope)),
            trained_on=dict(data["trained_on"]),
            figures=dict(data["figures"]),
        )


def sigmoid(value: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(np.asarray(value, np.float64), -30, 30))))


def logit(share: ArrayLike) -> NDArray[np.float64]:
    p = np.clip(np.asarray(share, np.float64), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(p / (1 - p)))


PRIOR = AcceptanceModel()
