"""Visits of a real town as they come in: less sure while little is known, milder where the office
has looked before, and by what the office has decided so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from .columns import Floats
from .correction import Correction, signs_of
from .detector import EVERYDAY, Detector, Scored, Seen, joined
from .facts import TownFacts
from .features import measure
from .reasons import reasons_of

#: With fewer visits than this in view, what several visits add up to says little, and more has to
#: be odd. In honest simulated towns of 4 to 120 visits a week about one visit in a hundred is
#: flagged with it, from the first week on (docs/reference/fraud.md).
YOUNG = 150
YOUNG_RAISED = 0.8
#: With fewer than this nothing is usual yet: nobody is flagged.
NOTHING_USUAL = 10

#: What a cleared pair or phone is not held against any more: who they are to each other, and their
#: hours. Where they were at the time is no matter of that.
OF_PAIR = frozenset(
    {
        "pair_visits", "pair_share_supporter", "pair_share_carer", "pair_density", "pair_burst",
        "returned", "returned_share", "balance", "carer_balance", "circle", "circle_closed",
        "circle_size", "few_carers", "few_supporters", "same_slot", "code_only_again",
        "colleagues_share", "colleagues_at_work", "joined_together", "both_sides",
        "both_sides_again", "foreign_device", "confirmed_fast", "exact_start", "exact_length",
        "booked_late", "odd_hour", "long_visit", "busy_day", "rush", "carer_rush",
    }
)  # fmt: skip
OF_DEVICE = frozenset({"both_sides", "both_sides_again", "foreign_device", "device_homes"})


@dataclass(frozen=True)
class Cleared:
    """What an office has looked at and found in order, for a time: (supporter, carer) pairs in
    both directions, and phones that several people share."""

    pairs: frozenset[tuple[str, str]] = frozenset()
    devices: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Watched:
    """``scored`` with the town's own threshold, and of each visit the sum of what lowered or
    raised its score."""

    scored: Scored
    changes: Floats = field(repr=False)

    def row_of(self, uid: str) -> int:
        return self.scored.seen.table.uids.index(uid)

    def reasons(self, row: int) -> tuple[str, ...]:
        return reasons_of(self.scored.seen, row)

    def signs(self, row: int) -> dict[str, float]:
        """What is odd about a visit, as the correction learns from it."""
        return signs_of(self.scored.seen, row)


def watch(
    town: TownFacts,
    detector: Detector,
    *,
    cleared: Cleared | None = None,
    correction: Correction | None = None,
) -> Watched | None:
    """Scores of all visits in view; None while there are too few to say anything."""
    if town.visits_count < NOTHING_USUAL:
        return None
    seen = forgiven(detector.usual.seen(measure(town)), town, cleared or Cleared())
    scored = detector.scored_of(seen)
    youth = max(0.0, 1 - town.visits_count / YOUNG)
    scores = scored.scores
    if youth:
        none = np.zeros(len(scores))
        scores = joined({**scored.parts, "together": none})
    threshold = detector.threshold + YOUNG_RAISED * youth
    changes = np.zeros(len(scores))
    if correction is not None:
        # Only where it can decide something.
        for row in np.flatnonzero(np.abs(scores - threshold) <= correction.most):
            changes[row] = correction.change(signs_of(seen, int(row)))
    return Watched(replace(scored, scores=scores + changes, threshold=threshold), changes)


def forgiven(seen: Seen, town: TownFacts, cleared: Cleared) -> Seen:
    """The same without what was cleared: as if it were everyday."""
    if not cleared.pairs and not cleared.devices:
        return seen
    own, near = seen.own.copy(), seen.near.copy()
    masks: Mapping[frozenset[str], np.ndarray] = {
        OF_PAIR: np.array([(v.supporter, v.carer) in cleared.pairs for v in town.visits]),
        OF_DEVICE: np.array(
            [
                bool({v.confirm_device, *(mark.device for mark in v.marks)} & cleared.devices)
                for v in town.visits
            ]
        ),
    }
    for names, rows in masks.items():
        columns = [n for n, name in enumerate(seen.table.names) if name in names]
        around = [
            n
            for n, name in enumerate(seen.near_names)
            if name.split(":")[1] in names or (names is OF_PAIR and name.startswith("pair:"))
        ]
        for values, chosen in ((own, columns), (near, around)):
            block = np.ix_(rows, np.array(chosen, dtype=np.int64))
            values[block] = np.minimum(values[block], EVERYDAY / 2)
    return replace(seen, own=own, near=near)
