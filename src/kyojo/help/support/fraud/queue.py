"""Which visits a person looks at, and why, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .detector import Scored
from .reasons import reasons_of

#: What an office can look at: this share of a week's visits, at least one.
CAPACITY = 0.02
HOURS_A_WEEK = 168.0


@dataclass(frozen=True)
class Look:
    """A visit to look at. ``reasons``: the weightiest first, in Japanese."""

    uid: str
    score: float
    reasons: tuple[str, ...]


def review_rows(scored: Scored, *, capacity: float = CAPACITY) -> list[int]:
    """The rows to look at: of each week's flagged visits the highest, within the capacity."""
    starts = scored.seen.table.starts
    week = np.floor(starts / HOURS_A_WEEK).astype(int)
    found: list[int] = []
    for number in np.unique(week):
        rows = np.flatnonzero(week == number)
        places = max(1, round(capacity * len(rows)))
        flagged = rows[scored.flagged[rows]]
        found += [int(row) for row in flagged[np.argsort(-scored.scores[flagged])][:places]]
    return found


def review_queue(scored: Scored, *, capacity: float = CAPACITY) -> list[Look]:
    """The visits to look at, the most striking first."""
    rows = sorted(review_rows(scored, capacity=capacity), key=lambda row: -scored.scores[row])
    return [
        Look(scored.seen.table.uids[row], float(scored.scores[row]), reasons_of(scored.seen, row))
        for row in rows
    ]


def precision(rows: Sequence[int], fake: np.ndarray) -> float | None:
    """The share of fakes among the rows; None where there are none."""
    return float(fake[list(rows)].mean()) if len(rows) else None
