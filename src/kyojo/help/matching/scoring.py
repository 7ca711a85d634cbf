"""What speaks for somebody, as one number: parts between 0 and 1, and a point more for a known
face, two for whoever came last time. Pure.

One formula for one person and for a hundred thousand: every argument is an array with a value a
supporter. The score only orders people who can come; it never decides whether they can.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import ratings

#: What each part weighs; each part lies between 0 and 1. ``docs/reference/matching.md`` has the
#: reasons. The sum is 1.
WEIGHTS = {
    "met": 0.27,
    "near": 0.24,
    "experience": 0.20,
    "rating": 0.08,
    "quick": 0.06,
    "rested": 0.06,
    "chance": 0.05,
    "note": 0.04,
}
#: Whoever came before, and whoever came last time: each more than all parts together.
KNOWN = LAST = 1.0
#: Hours to an answer that are assumed of somebody who has never answered.
USUAL_ANSWER_HOURS = 8.0
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def score(
    *,
    met: ArrayLike,
    minutes: ArrayLike,
    done: ArrayLike,
    rating: ArrayLike,
    answer_hours: ArrayLike,
    lately: ArrayLike,
    asks: ArrayLike,
    chance: ArrayLike,
    has_note: ArrayLike,
    is_last: ArrayLike = False,
) -> NDArray[np.float64]:
    """The score of each supporter, rounded to six places: the weighted parts, and whole points
    above them for whoever came before, so that a known face goes before everybody else.

    Arguments:
        met: how often they were with this recipient before, to the carer's content.
        minutes: their way to the place, in minutes.
        done: visits of this category so far.
        rating: 1 to 5, as ``rating_sure`` has it.
        answer_hours: how long they usually take to answer.
        lately: visits of the last four weeks, and those they are booked for.
        asks: how often they were ever asked.
        chance: ``chances`` for this request.
        has_note: whether they wrote something about the category.
        is_last: whether it was they who came last time, to the carer's content.
    """
    parts = {
        "met": 1 - np.exp(-_floats(met) / 2),
        "near": np.exp(-_floats(minutes) / 20),
        "experience": 1 - np.exp(-_floats(done) / 10),
        "rating": (_floats(rating) - 1) / 4,
        "quick": np.exp(-_floats(answer_hours) / 12),
        "rested": np.exp(-_floats(lately) / 3),
        # Whoever was never asked has the whole of it; after twenty questions a twenty-first.
        "chance": _floats(chance) / (1 + _floats(asks)),
        "note": _floats(has_note),
    }
    total = np.zeros(np.broadcast_shapes(*(part.shape for part in parts.values())))
    for name, weight in WEIGHTS.items():
        total += weight * parts[name]
    total = total + KNOWN * (_floats(met) > 0) + LAST * (_floats(is_last) > 0)
    return total.round(6)


def _floats(values: ArrayLike) -> NDArray[np.float64]:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def rating_sure(
    rating_sum: ArrayLike,
    rating_count: ArrayLike,
    mean: ArrayLike = ratings.USUAL_MEAN,
    weight: ArrayLike = ratings.USUAL_WEIGHT,
) -> NDArray[np.float64]:
    """What a supporter's ratings surely come to: ``ratings.lower_bound``."""
    every = (rating_sum, rating_count, mean, weight)
    return np.asarray(ratings.lower_bound(*(_floats(one) for one in every)))


def chances(request: int, supporters: ArrayLike) -> NDArray[np.float64]:
    """A number in [0, 1) for each supporter, by lot for each request: the same request and
    supporter always draw the same, so that an order can be made again. Arguments are the low 64
    bits of ids. (splitmix64's finaliser over both.)"""
    with np.errstate(over="ignore"):
        x = np.atleast_1d(np.asarray(supporters, dtype=np.uint64)) ^ np.uint64(request)
        x = x + _GOLDEN
        x = (x ^ (x >> np.uint64(30))) * _MIX_1
        x = (x ^ (x >> np.uint64(27))) * _MIX_2
        x = x ^ (x >> np.uint64(31))
    return np.asarray((x >> np.uint64(11)).astype(np.float64) * 2.0**-53)
