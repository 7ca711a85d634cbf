"""Fakes that show only beside another visit: nobody is at two places at once."""

import math

import numpy as np

from ...fraud.facts import VisitFacts
from ..patterns import STRENGTHS, Injection
from ..town import Town
from .conduct import Diary, by_telephone, length_usual, moved, span


class OverlappingVisits:
    """Two carers are visited by the same supporter at the same time."""

    name = "overlapping_visits"
    strengths = STRENGTHS
    #: Minutes by which they overlap.
    MINUTES = {"weak": (8.0, 20.0), "medium": (20.0, 45.0), "strong": (45.0, 60.0)}

    def inject(self, town: Town, rng: np.random.Generator, strength: str) -> Injection:
        between, diary, visits = span(town, rng, 20), Diary(town, rng), []
        (supporter,) = town.persons_active(rng, 1)
        carers = town.carers_near(rng, supporter, 4)
        for n in range(16):
            first, second = (str(uid) for uid in rng.choice(carers, 2, replace=False))
            hours = length_usual(rng)
            starts_at = diary.moment(
                supporter, town.home(first), hours=2 * hours + 0.5, between=between
            )
            if starts_at is None:
                continue
            overlap = float(rng.uniform(*self.MINUTES[strength])) / 60
            pair: list[VisitFacts] = []
            for m, carer in enumerate((first, second)):
                at = starts_at if m == 0 else starts_at + max(hours - overlap, 0.0)
                visit = town.visit(
                    rng, f"{self.name}-{strength}-{n}-{m}", carer=carer, supporter=supporter,
                    starts_at=at, hours=hours,
                )  # fmt: skip
                visit = moved(
                    visit,
                    at + abs(float(rng.normal(0, 0.02))),
                    at + hours + abs(float(rng.normal(0, 0.02))),
                )
                pair.append(by_telephone(rng, visit, town.phone(supporter)) if m else visit)
            visits += pair
        return Injection(tuple(visits))


class ImpossibleTravel:
    """One visit ends and the next begins kilometres away, a few minutes later."""

    name = "impossible_travel"
    strengths = STRENGTHS
    #: Kilometres an hour that it would have needed.
    SPEED = {"weak": (70.0, 110.0), "medium": (120.0, 240.0), "strong": (300.0, 900.0)}

    def inject(self, town: Town, rng: np.random.Generator, strength: str) -> Injection:
        between, diary, visits = span(town, rng, 20), Diary(town, rng), []
        (supporter,) = town.persons_active(rng, 1)
        others = town.carers_near(rng, supporter, 12)
        by_distance = sorted(
            ((one, two) for one in others for two in others if one < two),
            key=lambda pair: -math.dist(town.home(pair[0]), town.home(pair[1])),
        )[:6]
        for n in range(16):
            first, second = by_distance[n % len(by_distance)]
            hours = length_usual(rng)
            starts_at = diary.moment(
                supporter, town.home(first), hours=2 * hours + 1, between=between
            )
            if starts_at is None:
                continue
            metres = math.dist(town.home(first), town.home(second))
            gap = metres / 1000 / float(rng.uniform(*self.SPEED[strength]))
            late = starts_at + hours + gap
            for m, (carer, begun) in enumerate(((first, starts_at), (second, late))):
                booked = round(begun * 4) / 4 if m else begun
                visit = town.visit(
                    rng, f"{self.name}-{strength}-{n}-{m}", carer=carer, supporter=supporter,
                    starts_at=booked, hours=hours,
                )  # fmt: skip
                visits.append(moved(visit, begun, begun + hours))
        return Injection(tuple(visits))
