"""What people who fake visits do about times, proofs and confirmations."""

import math
from dataclasses import replace

import numpy as np

from ...fraud.facts import MarkFacts, Place, VisitFacts
from ..town import (
    LENGTH_CHANCES,
    LENGTHS,
    TRAVEL_METRES_AN_HOUR,
    WEEKDAYS,
    Town,
    hour_usual,
)

#: How often somebody does not trouble to look honest.
CARELESS = {"weak": 0.35, "medium": 0.65, "strong": 0.95}


class Diary:
    """Finds times at which a supporter has no other visit, as fakers would."""

    def __init__(self, town: Town, rng: np.random.Generator) -> None:
        self.town, self.rng = town, rng
        self.busy: dict[str, list[tuple[float, float, Place]]] = {}
        for visit in town.facts.visits:
            during = (visit.starts_at, visit.ends_at, visit.place)
            self.busy.setdefault(visit.supporter, []).append(during)

    def moment(
        self,
        supporter: str,
        place: Place,
        *,
        hours: float,
        between: tuple[float, float],
        at_work: bool = False,
    ) -> float | None:
        """A free half hour to begin at within ``between``, at the days and hours of honest visits,
        taken at once; ``at_work``: in working hours. None after many tries."""
        first_day, last_day = math.ceil(between[0] / 24), math.floor(between[1] / 24)
        for _ in range(60):
            day = int(self.rng.integers(first_day, max(last_day, first_day + 1)))
            hour = hour_usual(self.rng)
            if self.rng.random() > WEEKDAYS[day % 7] / max(WEEKDAYS) or (
                at_work and not (day % 7 < 5 and 9 <= hour < 17)
            ):
                continue
            start = day * 24 + hour
            if self._is_free(supporter, start, start + hours, place):
                self.busy.setdefault(supporter, []).append((start, start + hours, place))
                return start
        return None

    def _is_free(self, supporter: str, start: float, end: float, place: Place) -> bool:
        for begun, over, where in self.busy.get(supporter, ()):
            gap = math.dist(where, place) / TRAVEL_METRES_AN_HOUR + 0.3
            if start < over + gap and end > begun - gap:
                return False
        return True


def span(town: Town, rng: np.random.Generator, weeks: float) -> tuple[float, float]:
    """So many weeks somewhere in the simulated time, at most half of it."""
    hours = min(weeks * 168, town.hours * 0.5)
    begins = float(rng.uniform(town.hours * 0.1, town.hours - hours))
    return begins, begins + hours


def length(rng: np.random.Generator, careless: float) -> float:
    """Hours of a fake: the more careless, the longer."""
    return float(rng.choice([2.0, 3.0]) if rng.random() < careless else rng.choice([1.0, 1.5, 2.0]))


def length_usual(rng: np.random.Generator) -> float:
    """Hours, as of honest visits."""
    return float(rng.choice(LENGTHS, p=LENGTH_CHANCES))


def by_telephone(rng: np.random.Generator, visit: VisitFacts, device: str) -> VisitFacts:
    """Nobody went: the spoken code was told on the telephone, and no phone says where it is."""
    late = float(rng.exponential(0.02))
    marks = tuple(
        MarkFacts("spoken_code", moment, at, at + 0.001, device)
        for moment, at in (("start", visit.started_at), ("end", visit.ended_at + late))
    )
    return replace(visit, marks=marks, edits=())


def pressed_at_once(
    rng: np.random.Generator, visit: VisitFacts, device: str, careless: float
) -> VisitFacts:
    """Times as booked, and a carer who confirms within minutes: each as often as careless."""
    if rng.random() < careless:
        started_at = visit.starts_at + abs(float(rng.normal(0, 0.015)))
        ended_at = visit.ends_at + abs(float(rng.normal(0, 0.02)))
        visit = moved(visit, started_at, ended_at)
    if rng.random() < careless:
        after = float(rng.exponential(0.12)) + 0.005
        visit = replace(
            visit,
            confirmed_at=visit.ended_at + after,
            confirmed_by="carer",
            confirm_device=device,
        )
    if rng.random() < careless:
        visit = replace(visit, reserved_at=visit.starts_at - float(rng.uniform(2.2, 10)))
    return visit


def moved(visit: VisitFacts, started_at: float, ended_at: float) -> VisitFacts:
    """The visit with another begin and end; its marks keep their place in between."""
    old = max(visit.ended_at - visit.started_at, 1e-6)
    stretch = (ended_at - started_at) / old

    def new(at: float) -> float:
        return started_at + (at - visit.started_at) * stretch

    marks = tuple(
        replace(
            mark,
            device_at=new(mark.device_at),
            server_at=new(mark.device_at) + max(mark.server_at - mark.device_at, 0.0),
        )
        for mark in visit.marks
    )
    confirmed_at = visit.confirmed_at
    if confirmed_at is not None:
        confirmed_at = ended_at + max(confirmed_at - visit.ended_at, 0.0)
    return replace(
        visit, started_at=started_at, ended_at=ended_at, marks=marks, confirmed_at=confirmed_at
    )


def fake(
    town: Town,
    rng: np.random.Generator,
    uid: str,
    *,
    carer: str,
    supporter: str,
    starts_at: float,
    hours: float,
    careless: float,
) -> VisitFacts:
    """A visit that nobody made. Careful ones are recorded just as honest ones are (a phone was
    there, or a card had been photographed); careless ones by telephone and to the minute."""
    visit = town.visit(rng, uid, carer=carer, supporter=supporter, starts_at=starts_at, hours=hours)
    if rng.random() < careless:
        visit = by_telephone(rng, visit, town.phone(supporter))
    return pressed_at_once(rng, visit, town.phone(carer), careless)
