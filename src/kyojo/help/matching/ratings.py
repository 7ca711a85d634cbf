"""What a few ratings are worth. Pure.

A Bayesian mean: a supporter's ratings are read as if the town's usual ones had come before them.
Of ``n`` ratings with the sum ``s``, and a prior of the mean ``m`` that weighs ``w`` ratings,

    believed    = (s + m·w) / (n + w)
    lower bound = believed − z·σ / √(n + w)

with σ = ``SPREAD``, how far one rating usually lies from a person's mean, and z = ``SURE``. Scores
go by the lower bound, so that one lucky 5 does not pass thirty good ones; cards show what is
believed, and only of ``SHOWN_FROM`` ratings on.
"""

from dataclasses import dataclass
from math import floor
from typing import Any, NamedTuple

#: One standard deviation: five of six true means lie above.
SURE = 1.0
SPREAD = 0.8
#: Before a town has ratings of its own: a good rating, five times.
USUAL_MEAN, USUAL_WEIGHT = 4.0, 5.0
#: So many of ours stand beside the town's own when its mean is made, and the bounds of its weight.
FLOOR_COUNT = 20
WEIGHT_MOST = 20.0
#: From so many on a figure is shown, and it moves by so many at once: no single one can be read
#: out of it, not even by looking every day.
SHOWN_FROM = 3


class Sum(NamedTuple):
    """Ratings added up."""

    total: int
    count: int


NONE = Sum(0, 0)


@dataclass(frozen=True)
class Prior:
    mean: float = USUAL_MEAN
    weight: float = USUAL_WEIGHT


USUAL = Prior()


def prior_of(*, total: int, count: int, people: int) -> Prior:
    """A town's prior of all its ratings: their mean, drawn towards the usual one while there are
    few; weighing as much as its people have ratings on average, within bounds."""
    mean = (total + USUAL_MEAN * FLOOR_COUNT) / (count + FLOOR_COUNT)
    average = count / people if people else 0
    return Prior(mean, min(max(average, USUAL_WEIGHT), WEIGHT_MOST))


def believed(total: Any, count: Any, mean: Any = USUAL_MEAN, weight: Any = USUAL_WEIGHT) -> Any:
    """The mean, drawn towards the prior while there are few. Numbers, or arrays of them."""
    return (total + mean * weight) / (count + weight)


def lower_bound(total: Any, count: Any, mean: Any = USUAL_MEAN, weight: Any = USUAL_WEIGHT) -> Any:
    """What the true mean surely reaches. Numbers, or arrays of them."""
    return believed(total, count, mean, weight) - SURE * SPREAD / (count + weight) ** 0.5


def shown_next(shown: Sum, now: Sum) -> Sum:
    """What a card shows after a change: as before until ``SHOWN_FROM`` ratings came or went."""
    if now.count < SHOWN_FROM:
        return NONE
    return now if abs(now.count - shown.count) >= SHOWN_FROM else shown


def mean_shown(shown: Sum, prior: Prior = USUAL) -> str:
    """``4.7``: what is believed, to one place; "" where there is too little to show."""
    if shown.count < SHOWN_FROM:
        return ""
    return f"{floor(believed(*shown, prior.mean, prior.weight) * 10 + 0.5) / 10:.1f}"
