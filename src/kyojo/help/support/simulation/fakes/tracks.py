"""Fakes that show in the positions: copied, teleporting, without any jitter."""

import math
from dataclasses import replace

import numpy as np

from ...fraud.facts import MarkFacts, VisitFacts
from ..patterns import STRENGTHS, Injection
from ..town import Town
from .conduct import Diary, length_usual, span


def _visits(
    town: Town, rng: np.random.Generator, name: str, *, supporters: int = 2, each: int = 16
) -> list[VisitFacts]:
    """Visits of a few supporters to three carers each, with positions, as honest ones are."""
    people = town.persons_active(rng, supporters, has_position=True)
    diary, between = Diary(town, rng), span(town, rng, 20)
    found = []
    for n, supporter in enumerate(people):
        carers = town.carers_near(rng, supporter, 3)
        for m in range(each):
            carer, hours = carers[m % len(carers)], length_usual(rng)
            starts_at = diary.moment(supporter, town.home(carer), hours=hours, between=between)
            if starts_at is None:
                continue
            visit = town.visit(
                rng, f"{name}-{n}-{m}", carer=carer, supporter=supporter, starts_at=starts_at,
                hours=hours, has_position=True,
            )  # fmt: skip
            if visit.fixes:
                found.append(visit)
    return found


class CopiedPositions:
    """One recorded track is sent again for each visit, moved to where it should be."""

    name = "copied_positions"
    strengths = STRENGTHS
    #: Metres of noise put on each copy.
    NOISE = {"weak": 1.0, "medium": 0.3, "strong": 0.0}

    def inject(self, town: Town, rng: np.random.Generator, strength: str) -> Injection:
        noise, visits = self.NOISE[strength], []
        tracks: dict[str, list[tuple[float, float, float]]] = {}
        for visit in _visits(town, rng, f"{self.name}-{strength}"):
            if visit.supporter not in tracks:
                # A track worth keeping has some positions between begin and end.
                count = int(rng.integers(4, 9))
                own = np.cumsum(rng.normal(0, 5, (count, 2)), axis=0)
                tracks[visit.supporter] = [
                    (float(e), float(n), round(float(rng.uniform(8, 30)), 1)) for e, n in own
                ]
            visits.append(_replayed(rng, visit, tracks[visit.supporter], noise, town))
        return Injection(tuple(visits))


def _replayed(
    rng: np.random.Generator,
    visit: VisitFacts,
    track: list[tuple[float, float, float]],
    noise: float,
    town: Town,
) -> VisitFacts:
    steps = np.linspace(visit.started_at, visit.ended_at, len(track))
    marks = []
    for n, ((east, north, accuracy), at) in enumerate(zip(track, steps, strict=True)):
        moment = "start" if n == 0 else "end" if n == len(track) - 1 else "during"
        off = rng.normal(0, noise, 2) if noise else np.zeros(2)
        where = (visit.place[0] + east + float(off[0]), visit.place[1] + north + float(off[1]))
        device = town.phone(visit.supporter)
        marks.append(
            MarkFacts("position", moment, float(at), float(at) + 0.001, device, where, accuracy)
        )
    return replace(visit, marks=tuple(marks))


class Teleporting:
    """A program tells the place at begin and end; in between the phone tells where it really is."""

    name = "teleporting"
    strengths = STRENGTHS
    #: Share of visits in which it slips through, and metres away at least.
    SLIPS = {"weak": (0.5, 600.0), "medium": (0.75, 1_200.0), "strong": (1.0, 2_500.0)}

    def inject(self, town: Town, rng: np.random.Generator, strength: str) -> Injection:
        share, metres = self.SLIPS[strength]
        visits = []
        for visit in _visits(town, rng, f"{self.name}-{strength}"):
            if rng.random() >= share:
                visits.append(visit)
                continue
            angle = float(rng.uniform(0, 2 * math.pi))
            away = metres * float(rng.uniform(1, 2))
            real = (
                visit.place[0] + away * math.cos(angle),
                visit.place[1] + away * math.sin(angle),
            )
            slips = []
            for at in rng.uniform(visit.started_at, visit.ended_at, int(rng.integers(1, 4))):
                east, north = rng.normal(0, 8, 2)
                where = (real[0] + float(east), real[1] + float(north))
                slips.append(
                    MarkFacts(
                        "position", "during", float(at), float(at) + 0.001,
                        town.phone(visit.supporter), where, round(float(rng.uniform(6, 30)), 1),
                    )
                )  # fmt: skip
            visits.append(replace(visit, marks=(*visit.marks, *slips)))
        return Injection(tuple(visits))


class NoJitter:
    """A program that tells one place: the same figures each time, or nearly."""

    name = "no_jitter"
    strengths = STRENGTHS
    #: Metres of noise within a visit, and metres by which the place is off, of all its visits.
    NOISE = {"weak": 0.4, "medium": 0.05, "strong": 0.0}

    def inject(self, town: Town, rng: np.random.Generator, strength: str) -> Injection:
        noise, visits = self.NOISE[strength], []
        spots: dict[str, tuple[float, float]] = {}
        for visit in _visits(town, rng, f"{self.name}-{strength}"):
            off = rng.normal(0, 9, 2)
            east, north = spots.setdefault(
                visit.carer,
                (visit.place[0] + float(off[0]), visit.place[1] + float(off[1])),
            )
            accuracy = float(rng.choice([5.0, 10.0, 20.0]))
            marks = []
            for mark in visit.marks:
                if mark.position is not None:
                    own = rng.normal(0, 1, 2) * noise
                    where = (east + float(own[0]), north + float(own[1]))
                    mark = replace(mark, position=where, accuracy_m=accuracy)
                marks.append(mark)
            visits.append(replace(visit, marks=tuple(marks)))
        return Injection(tuple(visits))
