"""The honest town: who visits whom over a year, and what is recorded of it."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from ..fraud.facts import DeviceFacts, EditFacts, PersonFacts, Place, TownFacts, VisitFacts
from .population import COUNTERS, HOURS_A_WEEK, Habits, Population, Setting, population_of
from .recording import marks_with_positions, marks_without_positions
from .settling import confirmed, rule_usual

CATEGORIES = ("shopping", "clean", "laundry", "cook", "ride", "company", "stroll", "talk", "tech")
LENGTHS, LENGTH_CHANCES = (0.5, 1.0, 1.5, 2.0, 3.0), (0.14, 0.4, 0.2, 0.2, 0.06)
COINS_AN_HOUR = 20
#: Metres an hour between two visits, as the crow flies.
TRAVEL_METRES_AN_HOUR = 18_000.0
#: People this much further away come a third as often.
NEAR_METRES = 2_500
#: Groups of the town whose share of visits settled without staff is told apart.
GROUPS = ("no_phone", "shared_family_phone", "gps_noise", "honest_colleagues", "everybody_else")
WEEKDAYS = (0.17, 0.16, 0.16, 0.16, 0.15, 0.12, 0.08)
STAFF = ("s1", "s2", "s3", "s4")


def hour_usual(rng: np.random.Generator) -> float:
    """A half hour of the day at which visits begin."""
    return round(float(np.clip(rng.normal(13.5, 3.2), 7, 20)) * 2) / 2


@dataclass(frozen=True)
class Town:
    """A town as the simulation knows it: the ``facts`` that detectors see, and the truth.

    ``fakes``: visit → strength. ``groups``: honest visit → those of ``GROUPS`` that it is in.
    """

    setting: Setting
    facts: TownFacts
    population: Population
    groups: dict[str, frozenset[str]]
    fakes: dict[str, str] = field(default_factory=dict)

    # --- for patterns --------------------------------------------------------------------------
    @property
    def hours(self) -> float:
        """The simulated time: moments lie between 0 and this; the year ends then, too."""
        return self.setting.hours

    def persons_active(
        self, rng: np.random.Generator, count: int, *, has_position: bool | None = None
    ) -> list[str]:
        """Different supporters by lot: here before the simulated time, with some honest visits.
        ``has_position``: only those whose phone tells where it is, or only the others."""
        pool = self._known([visit.supporter for visit in self.facts.visits])
        if has_position is not None:
            habits = self.population.habits
            pool = [uid for uid in pool if habits[uid].has_position is has_position]
        return [str(uid) for uid in rng.choice(pool, count, replace=False)]

    def carers_near(self, rng: np.random.Generator, supporter: str, count: int) -> list[str]:
        """Different carers by lot, the nearer the likelier: not of the supporter's own family."""
        people, home = self.facts.persons, self.home(supporter)
        pool = [
            uid
            for uid in self._known([visit.carer for visit in self.facts.visits])
            if people[uid].household != people[supporter].household
        ]
        pull = np.exp([-math.dist(home, people[uid].home) / NEAR_METRES for uid in pool])
        return [str(uid) for uid in rng.choice(pool, count, replace=False, p=pull / pull.sum())]

    def _known(self, seen: list[str]) -> list[str]:
        visits, people = Counter(seen), self.facts.persons
        return sorted(
            uid
            for uid, n in visits.items()
            if n >= 3 and people[uid].joined_at < 0 and uid in self.population.habits
        )

    def home(self, person: str) -> Place:
        return self.facts.persons[person].home

    def phone(self, person: str) -> str:
        """The identifier of the phone that the person uses."""
        habits = self.population.habits.get(person)
        return habits.phone if habits else f"d{person}"

    def person_new(
        self,
        uid: str,
        *,
        home: Place,
        joined_at: float,
        joined_network: str = "",
        company: str = "",
    ) -> tuple[PersonFacts, DeviceFacts]:
        """Somebody who joins, and their phone: give both to ``Injection``."""
        person = PersonFacts(uid, home, joined_at, f"h{uid}", company, joined_network)
        return person, DeviceFacts(f"d{uid}", "phone", frozenset({uid}))

    def visit(
        self,
        rng: np.random.Generator,
        uid: str,
        *,
        carer: str,
        supporter: str,
        starts_at: float,
        hours: float = 1.0,
        place: Place | None = None,
        has_position: bool | None = None,
    ) -> VisitFacts:
        """A visit exactly as an honest one of these two is recorded: change it with ``replace``."""
        habits = self.population.habits
        own = habits.get(supporter) or _unknown(supporter)
        if has_position is not None:
            own = replace(own, has_position=has_position)
        return visit_recorded(
            rng,
            uid=uid,
            carer=carer,
            supporter=supporter,
            place=place or self.home(carer),
            starts_at=starts_at,
            hours=hours,
            own=own,
            of_carer=habits.get(carer) or _unknown(carer),
            reception=self.population.reception.get(carer, "good"),
        )


def _unknown(uid: str) -> Habits:
    """Habits of somebody who came with a pattern."""
    return Habits(
        f"d{uid}", True, "spoken_code", 4.5, -1.0, 4.0, 1.8, False, 60.0, 0.01
    )  # fmt: skip


# --- one visit ------------------------------------------------------------------------------------
def visit_recorded(
    rng: np.random.Generator,
    *,
    uid: str,
    carer: str,
    supporter: str,
    place: Place,
    starts_at: float,
    hours: float,
    own: Habits,
    of_carer: Habits,
    reception: str,
) -> VisitFacts:
    """A visit that took place, with its evidence and what became of it."""
    late = (own.lateness + float(rng.normal(0, own.precision))) / 60
    started_at = starts_at + min(max(late, -0.24), 0.8 * hours)
    spent = hours * float(rng.choice([1.0, 0.8], p=[0.9, 0.1])) + float(
        rng.normal(0.02, own.precision / 60)
    )
    ended_at = max(min(started_at + max(spent, 0.2), starts_at + hours + 0.24), started_at + 0.15)
    if own.has_position and rng.random() < 0.93:
        marks = marks_with_positions(
            rng, place=place, started_at=started_at, ended_at=ended_at, habits=own,
            reception=reception,
        )  # fmt: skip
    else:
        # A flat battery or none at all: now and then the carer lends theirs.
        lent = of_carer.phone if rng.random() < 0.012 else ""
        marks = marks_without_positions(
            rng, started_at=started_at, ended_at=ended_at, habits=own, button=f"b{carer}",
            other_phone=lent,
        )  # fmt: skip
    visit = VisitFacts(
        uid=uid,
        carer=carer,
        supporter=supporter,
        category=str(rng.choice(CATEGORIES)),
        place=place,
        reserved_at=starts_at - max(2.5, float(rng.lognormal(math.log(own.lead_hours), 0.5))),
        starts_at=starts_at,
        ends_at=starts_at + hours,
        started_at=started_at,
        ended_at=ended_at,
        coins=round(hours * COINS_AN_HOUR),
        marks=marks,
    )
    if rng.random() < 0.012:
        visit = _forgotten(rng, visit)
    answers_hours = min(of_carer.answers_hours, 20.0)
    return confirmed(visit, rng, answers_hours=answers_hours, device=of_carer.phone)


def _forgotten(rng: np.random.Generator, visit: VisitFacts) -> VisitFacts:
    """Nobody pressed at the end: the office asks and writes it down, a day or some later."""
    written_at = visit.ended_at + float(rng.exponential(30)) + 2
    staff = str(rng.choice(STAFF))
    edit = EditFacts(written_at, staff, float(rng.normal(0, 15)))
    marks = tuple(mark for mark in visit.marks if mark.moment != "end")
    return replace(visit, marks=marks, edits=(edit,))


# --- everybody's year -----------------------------------------------------------------------------
@cache
def town_of(setting: Setting, seed: int) -> Town:
    """The honest town of a seed."""
    rng = np.random.default_rng((seed, 17))
    population = population_of(setting, rng)
    visits = _Year(setting, population, rng).played()
    devices = dict(population.devices)
    for visit in visits:
        for mark in visit.marks:
            if mark.kind == "button":
                users = frozenset({visit.carer})
                devices.setdefault(mark.device, DeviceFacts(mark.device, "button", users))
    facts = TownFacts(
        visits=tuple(sorted(visits, key=lambda one: (one.starts_at, one.uid))),
        persons=population.persons,
        devices=devices,
        companies=population.companies,
        rule=rule_usual(),
        cap_coins=setting.cap_coins,
        year_ends_at=setting.hours,
        counters=frozenset(COUNTERS),
    )
    groups = {visit.uid: _groups(visit, facts, population) for visit in visits}
    return Town(setting, facts, population, groups)


def _groups(visit: VisitFacts, facts: TownFacts, people: Population) -> frozenset[str]:
    found = set()
    if not visit.fixes:
        found.add("no_phone")
    elif people.reception[visit.carer] == "valley":
        found.add("gps_noise")
    phones = (people.habits[visit.carer].phone, people.habits[visit.supporter].phone)
    if any(len(facts.devices[phone].users) > 1 for phone in phones):
        found.add("shared_family_phone")
    if any({visit.carer, visit.supporter} <= set(circle) for circle in people.circles):
        found.add("honest_colleagues")
    return frozenset(found or {"everybody_else"})


class _Year:
    """Makes visits week by week; nobody is at two places at once."""

    def __init__(self, setting: Setting, people: Population, rng: np.random.Generator) -> None:
        self.setting, self.people, self.rng = setting, people, rng
        self.persons = people.persons
        self.busy: dict[str, list[tuple[float, float, Place]]] = {}
        self.visits: list[VisitFacts] = []
        self.earned: dict[str, int] = {}
        self.spells: list[tuple[str, str, int]] = []
        self.willing = {uid: float(rng.lognormal(0, 0.8)) for uid in people.supporters}
        in_circles = {uid for circle in people.circles for uid in circle}
        self.need = np.array(
            [
                float(rng.lognormal(0, 0.9)) * (0.15 if uid in in_circles else 1.0)
                for uid in people.carers
            ]
        )
        self.near = {uid: self._near(uid) for uid in people.carers}
        #: Who wants to reach the year's limit: more visits in the last weeks.
        self.rushing = [uid for uid in people.supporters if rng.random() < 0.08]

    def _near(self, carer: str) -> tuple[list[str], np.ndarray]:
        """Supporters who come to this carer, the usual one or two first, and how likely each."""
        rng = self.rng
        home, household = self.persons[carer].home, self.persons[carer].household
        others = [u for u in self.people.supporters if self.persons[u].household != household]
        metres = np.array([math.dist(home, self.persons[u].home) for u in others])
        pull = np.exp(-metres / NEAR_METRES) * np.array([self.willing[u] for u in others])
        chosen = rng.choice(len(others), min(12, len(others)), replace=False, p=pull / pull.sum())
        weights = np.ones(len(chosen))
        usual = int(rng.choice([0, 1, 2], p=[0.25, 0.5, 0.25]))
        weights[:usual] = 22 / max(usual, 1)
        return [others[int(n)] for n in chosen], weights / weights.sum()

    def played(self) -> list[VisitFacts]:
        rng, setting = self.rng, self.setting
        plain = 1.15 * setting.visits_a_week
        weights = self.need / self.need.sum()
        for week in range(setting.weeks):
            for n in rng.choice(len(self.people.carers), int(rng.poisson(plain)), p=weights):
                carer = self.people.carers[int(n)]
                names, chances = self.near[carer]
                self._try(carer, str(rng.choice(names, p=chances)), week)
            for circle in self.people.circles:
                self._colleagues(circle, week)
            self._spells(week)
            if week >= setting.weeks * 0.88:
                self._rush(week)
        return self.visits

    def _colleagues(self, circle: Sequence[str], week: int) -> None:
        for _ in range(int(self.rng.poisson(self.setting.visits_a_week * 0.02))):
            supporter, carer = (str(uid) for uid in self.rng.choice(circle, 2, replace=False))
            if self.persons[supporter].household != self.persons[carer].household:
                self._try(carer, supporter, week)

    def _spells(self, week: int) -> None:
        """Somebody comes home from hospital, a child is born: for some weeks one supporter comes
        several times a week, often one who never came before."""
        rng = self.rng
        for _ in range(int(rng.poisson(self.setting.visits_a_week * 0.004))):
            carer = str(rng.choice(self.people.carers))
            self.spells.append((carer, str(rng.choice(self.near[carer][0])), week + 5))
        self.spells = [one for one in self.spells if one[2] > week and rng.random() < 0.9]
        for carer, supporter, _ in self.spells:
            for _ in range(int(rng.poisson(2.5))):
                self._try(carer, supporter, week)

    def _rush(self, week: int) -> None:
        for supporter in self.rushing:
            for _ in range(int(self.rng.poisson(0.8))):
                home = self.persons[supporter].home
                near = [
                    uid
                    for uid in self.people.carers
                    if self.persons[uid].household != self.persons[supporter].household
                    and math.dist(home, self.persons[uid].home) < 3_000
                ]
                if near:
                    self._try(str(self.rng.choice(near)), supporter, week)

    def _try(self, carer: str, supporter: str, week: int) -> None:
        """A visit in this week, if both are members by then and the supporter is free."""
        rng = self.rng
        hours = float(rng.choice(LENGTHS, p=LENGTH_CHANCES))
        for _ in range(4):
            day = int(rng.choice(7, p=WEEKDAYS))
            starts_at = week * HOURS_A_WEEK + day * 24 + hour_usual(rng)
            joined = max(self.persons[carer].joined_at, self.persons[supporter].joined_at)
            coins = self.earned.get(supporter, 0) + round(hours * COINS_AN_HOUR)
            if starts_at < joined + 4 or coins > self.setting.cap_coins:
                return
            place = self.persons[carer].home
            if self._is_free(supporter, starts_at, starts_at + hours, place):
                self._make(carer, supporter, starts_at, hours, place)
                return

    def _is_free(self, supporter: str, start: float, end: float, place: Place) -> bool:
        for begun, over, where in self.busy.get(supporter, ()):
            gap = math.dist(where, place) / TRAVEL_METRES_AN_HOUR + 0.1
            if start < over + gap and end > begun - gap:
                return False
        return True

    def _make(
        self, carer: str, supporter: str, starts_at: float, hours: float, place: Place
    ) -> None:
        self.busy.setdefault(supporter, []).append((starts_at, starts_at + hours, place))
        self.earned[supporter] = self.earned.get(supporter, 0) + round(hours * COINS_AN_HOUR)
        habits = self.people.habits
        self.visits.append(
            visit_recorded(
                self.rng,
                uid=f"v{len(self.visits)}",
                carer=carer,
                supporter=supporter,
                place=place,
                starts_at=starts_at,
                hours=hours,
                own=habits[supporter],
                of_carer=habits[carer],
                reception=self.people.reception[carer],
            )
        )
