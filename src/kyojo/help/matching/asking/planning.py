"""The linear programme behind ``policies.Sampled``. Needs scipy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]


def shares(
    chances: Sequence[Column],
    people: Sequence[NDArray[np.int64]],
    asks_left: Sequence[NDArray[np.int64]],
    wanted: Column,
) -> list[Column]:
    """With which chance to ask whom: x maximising Σ p·x with 0 ≤ x ≤ 1, Σ p·x ≤ ``wanted`` of a
    request, and Σ x ≤ the questions left of a person.

    Arguments:
        chances, people, asks_left: a list entry a request, a value a candidate.
        wanted: expected answers a request, at most.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, vstack

    p, who = np.concatenate(chances), np.concatenate(people)
    if not len(p):
        return [np.empty(0) for _ in chances]
    which = np.repeat(np.arange(len(chances)), [len(c) for c in chances])
    names, person = np.unique(who, return_inverse=True)
    left = np.zeros(len(names))
    left[person] = np.concatenate(asks_left)
    columns = np.arange(len(p))
    by_request = coo_array((p, (which, columns)), shape=(len(chances), len(p)))
    by_person = coo_array((np.ones(len(p)), (person, columns)), shape=(len(names), len(p)))
    found = linprog(
        -p,
        A_ub=vstack([by_request, by_person]).tocsr(),
        b_ub=np.concatenate([wanted, left]),
        bounds=(0, 1),
        method="highs",
    )
    return np.split(np.clip(found.x, 0, 1), np.cumsum([len(c) for c in chances])[:-1])
