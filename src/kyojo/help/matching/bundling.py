"""Who could do what of a bundle: an answer that is there at once, of everybody who can come.

The pairs are those of ``selectors.candidates``, so that nobody is proposed who breaks a hard
constraint; the engine's mosaic chooses among them, most parts first, then the shortest ways.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock

from .engine.edges import Helpers
from .engine.mosaic import Free, Job, Mosaic, Slice, solve
from .models import Offer
from .selectors import STANDING_STATES, Candidate, candidates, offers_by_request

SECONDS = 1.0
#: So many of the best for a part are looked at.
LOOKED_AT = 40
#: Minutes of one bundle that nobody is asked to pass.
MOST_MINUTES = 240
#: A part that somebody does is worth more than any way; whoever has come before, some metres.
WORTH, KNOWN_METRES = 1_000_000, 3_000
GAP_MINUTES = 30
Who = tuple[int, UUID]


@dataclass(frozen=True)
class PartPlan:
    """A part that nobody is asked for: who is proposed, and who else could come, the best first."""

    request: HelpRequest
    proposed: Candidate | None
    others: list[Candidate]


@dataclass(frozen=True)
class Plan:
    parts: list[PartPlan]
    is_optimal: bool

    @property
    def covered(self) -> int:
        return sum(part.proposed is not None for part in self.parts)


def plan_of(parts: Sequence[HelpRequest], *, seconds: float = SECONDS) -> Plan:
    """``parts``: requests of one bundle, in the carer's town. Those that are open, to come, and
    asked of nobody are planned for."""
    asked = offers_by_request(part.uid for part in parts)
    free = [part for part in parts if _is_free(part, asked.get(part.uid, []))]
    taken = _taken(asked)
    found = [
        [
            one
            for one in candidates(part, limit=LOOKED_AT)
            if not _overlaps(part, taken[one.municipality_id, one.uid])
        ]
        for part in free
    ]
    chosen, is_optimal = _chosen(free, found, seconds)
    return Plan(
        [
            PartPlan(part, one, [other for other in people if other is not one])
            for part, people, one in zip(free, found, chosen, strict=True)
        ],
        is_optimal,
    )


def _is_free(part: HelpRequest, asked: list[Offer]) -> bool:
    return (
        part.state == HelpRequest.State.OPEN
        and part.starts_at > clock.now()
        and not any(one.state in STANDING_STATES for one in asked)
    )


def _taken(asked: Mapping[UUID, list[Offer]]) -> dict[Who, list[tuple[datetime, datetime]]]:
    """When people are asked, or come, for other parts."""
    taken: dict[Who, list[tuple[datetime, datetime]]] = defaultdict(list)
    for offers in asked.values():
        for one in offers:
            if one.state in (*STANDING_STATES, Offer.State.CHOSEN):
                who = (one.supporter_municipality_id, one.supporter_uid)
                taken[who].append((one.starts_at, one.ends_at))
    return taken


def _overlaps(part: HelpRequest, spans: list[tuple[datetime, datetime]]) -> bool:
    return any(start < part.ends_at and part.starts_at < end for start, end in spans)


def _chosen(
    parts: list[HelpRequest], found: list[list[Candidate]], seconds: float
) -> tuple[list[Candidate | None], bool]:
    keys: list[Who] = sorted({(one.municipality_id, one.uid) for ones in found for one in ones})
    if not keys:
        return [None for _ in parts], True
    row = {key: number for number, key in enumerate(keys)}
    n = len(keys)
    # A bit a part instead of a category: who can come for it has been decided exactly.
    able = np.zeros(n, np.uint64)
    known = np.zeros(n, np.int64)
    homes = np.zeros((n, 2))
    for number, ones in enumerate(found):
        for one in ones:
            at = row[one.municipality_id, one.uid]
            able[at] |= np.uint64(1 << number)
            home = one.match.helper.home
            assert home is not None  # whoever can come has one
            homes[at] = home.latitude, home.longitude
            known[at] |= bool(one.match.helper.with_carer)
    minutes = [_minutes(part) for part in parts]
    low, high = min(start for start, _ in minutes), max(end for _, end in minutes)
    mosaic = Mosaic(
        jobs=[
            Job(
                part.latitude,
                part.longitude,
                (Slice(start, end, number),),
                worth=WORTH,
            )
            for number, (part, (start, end)) in enumerate(zip(parts, minutes, strict=True))
        ],
        people=Helpers(homes[:, 0], homes[:, 1], np.full(n, 1e7), able, np.zeros(n, np.uint64)),
        free=Free(np.arange(n), np.full(n, low), np.full(n, high)),
        most_minutes=np.full(n, MOST_MINUTES),
        cost=np.where(known, 0, KNOWN_METRES),
        gap=0 if len({part.place_uid for part in parts}) == 1 else GAP_MINUTES,
    )
    answer = solve(mosaic, deadline=seconds)
    chosen: list[Candidate | None] = [None for _ in parts]
    for part in answer.parts:
        who = keys[part.person]
        chosen[part.job] = next(
            one for one in found[part.job] if (one.municipality_id, one.uid) == who
        )
    return chosen, answer.is_optimal


def _minutes(part: HelpRequest) -> tuple[int, int]:
    return int(part.starts_at.timestamp() // 60), int(part.ends_at.timestamp() // 60)
