"""Fakes that show in devices and in what was written afterwards."""

from dataclasses import replace

import numpy as np

from ...fraud.facts import EditFacts
from ..patterns import STRENGTHS, Injection
from ..town import STAFF, Town
from .conduct import Diary, length, span


class OneDevice:
    """One phone is logged in for both sides: it checks in for one and confirms for the other."""

    name = "one_device"
    strengths = STRENGTHS
    SHARE = {"weak": 0.5, "medium": 0.75, "strong": 1.0}

    def inject(self, town: Town, rng: np.random.Generator, strength: str) -> Injection:
        diary, between = Diary(town, rng), span(town, rng, 20)
        visits = []
        for n, supporter in enumerate(town.persons_active(rng, 3)):
            (carer,) = town.carers_near(rng, supporter, 1)
            device = town.phone(supporter)
            for m in range(14):
                hours = length(rng, 0.4)
                starts_at = diary.moment(supporter, town.home(carer), hours=hours, between=between)
                if starts_at is None:
                    continue
                visit = town.visit(
                    rng, f"{self.name}-{strength}-{n}-{m}", carer=carer, supporter=supporter,
                    starts_at=starts_at, hours=hours,
                )  # fmt: skip
                if rng.random() < self.SHARE[strength]:
                    visit = replace(
                        visit,
                        marks=tuple(
                            mark if mark.kind in {"office_word", "button"} else
                            replace(mark, device=device)
                            for mark in visit.marks
                        ),
                        confirmed_at=visit.ended_at + float(rng.exponential(0.5)) + 0.01,
                        confirmed_by="carer",
                        confirm_device=device,
                    )  # fmt: skip
                visits.append(visit)
        return Injection(tuple(visits))


class HandEdits:
    """Somebody of the office makes a friend's visits longer afterwards."""

    name = "hand_edits"
    strengths = STRENGTHS
    #: Share of the friend's visits, minutes by which they grow, days until then.
    SIZE = {
        "weak": (0.3, (15, 45), (1, 6)),
        "medium": (0.6, (30, 80), (2, 12)),
        "strong": (1.0, (45, 150), (4, 30)),
    }

    def inject(self, town: Town, rng: np.random.Generator, strength: str) -> Injection:
        share, minutes, days = self.SIZE[strength]
        staff = str(rng.choice(STAFF))
        visits = []
        for supporter in town.persons_active(rng, 3):
            own = [visit for visit in town.facts.visits if visit.supporter == supporter][-24:]
            for visit in own:
                if visit.uid in town.fakes or rng.random() >= share:
                    continue
                longer = round(float(rng.uniform(*minutes)))
                edit = EditFacts(
                    visit.ended_at + 24 * float(rng.uniform(*days)), staff, float(longer)
                )
                visits.append(
                    replace(
                        visit,
                        edits=(edit,),
                        ended_at=visit.ended_at + longer / 60,
                        coins=visit.coins + round(longer / 3),
                    )
                )
        return Injection(tuple(visits))
