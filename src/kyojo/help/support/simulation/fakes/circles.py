"""Fakes that show in who visits whom, and when: rings, colleagues, new accounts, a rush."""

from itertools import pairwise, permutations

import numpy as np

from ...fraud.facts import VisitFacts
from ..patterns import STRENGTHS, Injection
from ..town import Town
from .conduct import CARELESS, Diary, fake, length, span


class TradingRing:
    """Two to six people sell each other hours: round in a circle, or each to each."""

    name = "trading_ring"
    strengths = STRENGTHS
    VISITS_A_MEMBER = {"weak": 8, "medium": 14, "strong": 22}

    def inject(self, town: Town, rng: np.random.Generator, strength: str) -> Injection:
        ring = town.persons_active(rng, int(rng.integers(2, 7)))
        if rng.random() < 0.5 or len(ring) == 2:
            pairs = list(pairwise([*ring, ring[0]]))
        else:
            pairs = list(permutations(ring, 2))
        visits = self.VISITS_A_MEMBER[strength] * len(ring)
        turns = [pairs[n % len(pairs)] for n in range(visits)]
        return Injection(_played(town, rng, self.name, strength, turns, span(town, rng, 22)))


class CompanyCircle:
    """Employees of one company record visits to each other, mostly in working hours."""

    name = "company_circle"
    strengths = STRENGTHS
    VISITS = {"weak": 40, "medium": 65, "strong": 90}

    def inject(self, town: Town, rng: np.random.Generator, strength: str) -> Injection:
        staff: dict[str, list[str]] = {}
        for uid in town.population.supporters:
            person = town.facts.persons[uid]
            if (company := person.company) and person.joined_at < 0:
                staff.setdefault(company, []).append(uid)
        large = [sorted(one) for one in staff.values() if len(one) >= 4]
        group = large[int(rng.integers(len(large)))] if large else town.persons_active(rng, 5)
        count = min(len(group), int(rng.integers(4, 9)))
        members = [str(uid) for uid in rng.choice(group, count, replace=False)]
        turns = [
            tuple(str(uid) for uid in rng.choice(members, 2, replace=False))
            for _ in range(self.VISITS[strength])
        ]
        between = span(town, rng, 20)
        pairs = [(one, other) for one, other in turns]
        return Injection(
            _played(town, rng, self.name, strength, pairs, between, at_work=strength != "weak")
        )


class NewAccounts:
    """Made-up carers join from one place, and one or two supporters visit them."""

    name = "new_accounts"
    strengths = STRENGTHS
    #: Days over which they join, and from how many networks.
    JOIN = {"weak": (21, 3), "medium": (7, 2), "strong": (1, 1)}

    def inject(self, town: Town, rng: np.random.Generator, strength: str) -> Injection:
        days, networks = self.JOIN[strength]
        supporters = town.persons_active(rng, 2)
        home = town.home(supporters[0])
        between = span(town, rng, 14)
        persons, devices = [], []
        for n in range(int(rng.integers(5, 10))):
            east, north = rng.normal(0, 150, 2)
            person, device = town.person_new(
                f"new-{strength}-{n}",
                home=(home[0] + float(east), home[1] + float(north)),
                joined_at=between[0] - float(rng.uniform(0, 24 * days)) - 12,
                joined_network=f"net-new-{strength}-{n % networks}",
            )
            persons.append(person)
            devices.append(device)
        pairs = [
            (person.uid, supporters[n % 2]) for n, person in enumerate(persons) for _ in range(6)
        ]
        wider = town.facts.with_visits((), tuple(persons), tuple(devices))
        town = Town(town.setting, wider, town.population, town.groups)
        visits = _played(town, rng, self.name, strength, pairs, between)
        return Injection(visits, persons=tuple(persons), devices=tuple(devices))


class CapRush:
    """In the last weeks before the yearly limit, hours nobody worked, with a friendly carer."""

    name = "cap_rush"
    strengths = STRENGTHS
    VISITS = {"weak": 16, "medium": 26, "strong": 40}

    def inject(self, town: Town, rng: np.random.Generator, strength: str) -> Injection:
        weeks = min(5.0, town.setting.weeks * 0.2)
        between = (town.hours - weeks * 168, town.hours - 24)
        pairs = []
        for supporter in town.persons_active(rng, 2):
            (carer,) = town.carers_near(rng, supporter, 1)
            pairs += [(carer, supporter)] * self.VISITS[strength]
        return Injection(_played(town, rng, self.name, strength, pairs, between))


def _played(
    town: Town,
    rng: np.random.Generator,
    name: str,
    strength: str,
    pairs: list[tuple[str, str]],
    between: tuple[float, float],
    *,
    at_work: bool = False,
) -> tuple[VisitFacts, ...]:
    """A fake for each (carer, supporter), at times at which the supporter is free."""
    diary, careless = Diary(town, rng), CARELESS[strength]
    visits = []
    for n, (carer, supporter) in enumerate(pairs):
        hours = length(rng, careless)
        starts_at = diary.moment(
            supporter, town.home(carer), hours=hours, between=between, at_work=at_work
        )
        if starts_at is None:
            continue
        visits.append(
            fake(
                town, rng, f"{name}-{strength}-{n}", carer=carer, supporter=supporter,
                starts_at=starts_at, hours=hours, careless=careless,
            )
        )  # fmt: skip
    return tuple(visits)
