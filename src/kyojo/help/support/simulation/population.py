"""Who lives in the town: homes, families and their phones, employers, and people's habits."""

from dataclasses import dataclass, replace

import numpy as np

from ..fraud.facts import CompanyFacts, DeviceFacts, PersonFacts, Place

HOURS_A_WEEK = 168.0
#: Networks that are the office's own: at the counter, and at meetings where many join in an hour.
COUNTERS = ("net-counter", "net-hall")
#: Share of people whose phone never tells where it is, or who have none.
NO_PHONE = 0.38
#: Shares of homes by how well a phone finds itself there, with the median error told, in metres.
RECEPTION = {"good": (0.66, 14.0), "indoors": (0.22, 32.0), "valley": (0.12, 110.0)}


@dataclass(frozen=True)
class Setting:
    """How large a town and how long. Shares and habits are in ``docs/reference/simulator.md``."""

    weeks: int = 52
    visits_a_week: float = 120.0

    @property
    def hours(self) -> float:
        return self.weeks * HOURS_A_WEEK

    @property
    def carers(self) -> int:
        return round(self.visits_a_week * 1.7)

    @property
    def supporters(self) -> int:
        return round(self.visits_a_week * 2.1)

    @property
    def cap_coins(self) -> int:
        """About what 150 hours a year bring."""
        return round(3_000 * self.weeks / 52)


@dataclass(frozen=True)
class Habits:
    """What stays the same about a person. Hidden from detectors.

    ``proof``: of visits by those without positions. ``precision``: the spread of being early or
    late, in minutes. ``answers_hours``: median until a carer confirms. ``fix_rate``: positions an
    hour while the page is open. ``wifi``: the phone keeps giving the last place it knew.
    """

    phone: str
    has_position: bool
    proof: str
    precision: float
    lateness: float
    answers_hours: float
    fix_rate: float
    wifi: bool
    lead_hours: float
    offline: float


@dataclass(frozen=True)
class Population:
    persons: dict[str, PersonFacts]
    devices: dict[str, DeviceFacts]
    companies: dict[str, CompanyFacts]
    habits: dict[str, Habits]
    #: Reception at somebody's home, a key of ``RECEPTION``.
    reception: dict[str, str]
    carers: tuple[str, ...]
    supporters: tuple[str, ...]
    #: Colleagues who help each other's families, by company.
    circles: tuple[tuple[str, ...], ...]


def habits_of(rng: np.random.Generator, phone: str, *, has_position: bool = True) -> Habits:
    """A person's habits by lot."""
    return Habits(
        phone=phone,
        has_position=has_position,
        proof=str(
            rng.choice(
                ["spoken_code", "qr_card", "nfc_card", "button", "photo"],
                p=[0.5, 0.2, 0.1, 0.12, 0.08],
            )
        ),
        precision=float(rng.lognormal(1.5, 0.5)),
        lateness=float(rng.normal(-1.0, 2.5)),
        answers_hours=float(rng.lognormal(1.4, 1.1)),
        fix_rate=float(rng.lognormal(0.6, 0.7)),
        wifi=bool(rng.random() < 0.1),
        lead_hours=float(rng.lognormal(4.2, 0.6)),
        offline=float(rng.choice([0.01, 0.15], p=[0.85, 0.15])),
    )


def population_of(setting: Setting, rng: np.random.Generator) -> Population:
    """The town's people by lot."""
    districts = rng.normal(0, 3_200, (10, 2))
    companies = {
        f"c{n}": CompanyFacts(f"c{n}", _place(rng.normal(0, 2_500, 2)))
        for n in range(max(4, round(setting.supporters / 20)))
    }
    weights = rng.pareto(1.5, len(companies)) + 0.3
    people = _Register(setting, rng, districts, tuple(companies), weights / weights.sum())
    carers = tuple(people.joins() for _ in range(setting.carers))
    both = tuple(one for one in carers if rng.random() < 0.15)
    supporters = both + tuple(people.joins() for _ in range(setting.supporters - len(both)))
    circles = _circles(people, rng, supporters)
    carers += tuple(uid for circle in circles for uid in circle if uid not in carers)
    return Population(
        people.persons, people.devices, companies, people.habits, people.reception,
        carers, supporters, circles,
    )  # fmt: skip


class _Register:
    """Takes people in, one by one."""

    def __init__(
        self,
        setting: Setting,
        rng: np.random.Generator,
        districts: np.ndarray,
        companies: tuple[str, ...],
        weights: np.ndarray,
    ) -> None:
        self.setting, self.rng, self.districts = setting, rng, districts
        self.companies, self.weights = companies, weights
        self.persons: dict[str, PersonFacts] = {}
        self.devices: dict[str, DeviceFacts] = {}
        self.habits: dict[str, Habits] = {}
        self.reception: dict[str, str] = {}
        #: Days with a meeting at the hall, where many join.
        self.meetings = rng.uniform(-200 * 24, setting.hours * 0.9, 6)

    def joins(self) -> str:
        """Somebody new; now and then of a family that is known, often with the same phone."""
        rng, uid = self.rng, f"p{len(self.persons)}"
        relative = None
        if self.persons and rng.random() < 0.13:
            relative = self.persons[f"p{int(rng.integers(len(self.persons)))}"]
        if relative is not None:
            home, household = relative.home, relative.household
        else:
            home = _place(self.districts[rng.integers(len(self.districts))] + rng.normal(0, 700, 2))
            household = f"h{uid}"
        phone = f"d{uid}"
        if relative is not None and rng.random() < 0.5:
            phone = self.habits[relative.uid].phone
        known = self.devices.get(phone, DeviceFacts(phone, "phone"))
        self.devices[phone] = replace(known, users=known.users | {uid})
        works = rng.random() < 0.45
        joined_at, network = self._joined(household)
        self.persons[uid] = PersonFacts(
            uid=uid,
            home=home,
            joined_at=joined_at,
            household=household,
            company=str(rng.choice(self.companies, p=self.weights)) if works else "",
            joined_network=network,
        )
        self.habits[uid] = habits_of(rng, phone, has_position=bool(rng.random() >= NO_PHONE))
        names = list(RECEPTION)
        self.reception[uid] = (
            self.reception[relative.uid]
            if relative is not None
            else str(rng.choice(names, p=[RECEPTION[name][0] for name in names]))
        )
        return uid

    def _joined(self, household: str) -> tuple[float, str]:
        rng, hours = self.rng, self.setting.hours
        if rng.random() < 0.2:
            return float(rng.choice(self.meetings)) + float(rng.uniform(0, 2)), COUNTERS[1]
        before = rng.random() < 0.7
        at = float(rng.uniform(-500 * 24, 0) if before else rng.uniform(0, hours * 0.85))
        return at, COUNTERS[0] if rng.random() < 0.2 else f"net-{household}"


def _circles(
    people: _Register, rng: np.random.Generator, supporters: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    """Of the larger companies, some employees who agreed to help each other's families."""
    staff: dict[str, list[str]] = {}
    for uid in supporters:
        if company := people.persons[uid].company:
            staff.setdefault(company, []).append(uid)
    large = sorted((one for one in staff.values() if len(one) >= 4), key=len, reverse=True)
    return tuple(
        tuple(str(uid) for uid in rng.choice(one, min(len(one), int(rng.integers(4, 9))), False))
        for one in large[:3]
    )


def _place(array: np.ndarray) -> Place:
    return float(array[0]), float(array[1])
