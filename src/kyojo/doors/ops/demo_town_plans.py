"""Who comes to whom in the demo's history: visits that fit people's skills, times and ways."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from random import Random

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import CarePlace, Person
from kyojo.help.matching import services as matching
from kyojo.kernel import clock
from kyojo.kernel.geometry import Point, distance_metres

from .demo_town_cast import Helper
from .demo_town_history import Agenda, Plan, request_make
from .demo_town_people import People, uid_of


@dataclass
class Planner:
    """Finds visits that fit: somebody who can, is free and near enough, and is not there twice."""

    town: People
    random: Random
    busy: dict[str, set[date]] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def visit(
        self, helper_key: str, day: date, *, fate: str = "settled", area: str = "", asker: str = ""
    ) -> Plan | None:
        """A visit by this supporter on ``day``, to this carer in this area where they are named;
        None when nobody needs one that fits."""
        helper, person = self.town.helpers[helper_key]
        hours = [(start, end) for weekday, start, end in helper.times if weekday == day.weekday()]
        if not hours or day in self.busy.setdefault(helper_key, set()):
            return None
        fitting = self._needs(helper, person, asker, area)
        if not fitting:
            return None
        asker, place, category = self.random.choice(fitting)
        start, end = self.random.choice(hours)
        minutes = self.random.choice([m for m in (30, 60, 60, 120) if m <= (end - start) * 60])
        price = minutes // 3
        budget = self.town.askers[asker][0].coins - 110
        if self.spent.get(asker, 0) + price > budget:
            return None
        hour = self.random.randrange(max(start, 7), end - (minutes + 59) // 60 + 1)
        self.count += 1
        self.busy[helper_key].add(day)
        self.spent[asker] = self.spent.get(asker, 0) + price
        return Plan(
            uid=uid_of("request", self.count),
            asker=asker,
            place=place,
            helper=helper_key,
            category=category,
            starts_at=clock.at(day, hour),
            minutes=minutes,
            fate=fate,
        )

    def _needs(
        self, helper: Helper, person: Person, asker: str, area: str
    ) -> list[tuple[str, CarePlace, str]]:
        home = Point(person.latitude, person.longitude)
        fitting: list[tuple[str, CarePlace, str]] = []
        for (key, _), place in self.town.places.items():
            if asker not in ("", key) or area not in ("", place.area_name):
                continue
            if place.place_municipality_id != helper.town:
                continue
            spot = Point(place.latitude, place.longitude)
            if distance_metres(home, spot) > helper.limit_m * 0.95:
                continue
            wants = self.town.askers[key][0].wants
            fitting += [(key, place, wanted) for wanted in wants if wanted in helper.skills]
        return fitting

    def visit_somewhen(
        self, helpers: Sequence[str], first: date, last: date, **wish: str
    ) -> Plan | None:
        """As ``visit``, by one of ``helpers`` on a day between the two; a few tries."""
        for _ in range(60):
            # Drawn a little towards the end: the scheme grows.
            day = first + timedelta(
                days=int(((last - first).days + 1) * self.random.random() ** 0.8)
            )
            plan = self.visit(self.random.choice(helpers), day, **wish)
            if plan is not None:
                return plan
        return None


#: Areas whose need the town page can show: at least five carers ask for help there.
SHOWN_AREAS = ("港地区", "浜辺地区", "中央地区", "山手地区")
OFTEN = ("ken", "ken", "jun", "tae", "nao", "wakakusa")


def history_plan(town: People, first: date, last: date, visits: int) -> list[Plan]:
    """About ``visits`` visits between the days, some of them cancelled, one where nobody came.

    Six people of みほん電機 come every month, those of the other companies a few times, and in
    the last whole month every carer asks in every area: below five people no page shows figures.
    """
    planner = Planner(town, town.random)
    found: list[Plan | None] = []
    of_company: dict[str, list[str]] = {}
    for key, (helper, _) in town.helpers.items():
        of_company.setdefault(helper.company, []).append(key)
    many = visits > 100
    for start, end in _months(first, last):
        people = list(of_company["mihon-denki"])
        town.random.shuffle(people)
        found += [planner.visit_somewhen([key], start, end) for key in people[: 7 if many else 1]]
    for company, keys in of_company.items():
        if company not in ("", "mihon-denki") and many:
            found += [planner.visit_somewhen([key], first, last) for key in keys for _ in "ab"]
    if many:
        found += _last_month(town, planner, first, last)
    everybody = [*town.helpers, *OFTEN]
    while len([plan for plan in found if plan]) < visits:
        found.append(planner.visit_somewhen(everybody, first, last))
    plans = sorted((plan for plan in found if plan), key=lambda plan: plan.starts_at)
    return [replace(plan, fate=_fate(number)) for number, plan in enumerate(plans)]


def _months(first: date, last: date) -> list[tuple[date, date]]:
    """The calendar months between the days, cut at both ends."""
    months = []
    start = first
    while start <= last:
        following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        months.append((start, min(last, following - timedelta(days=1))))
        start = following
    return months


def _last_month(town: People, planner: Planner, first: date, last: date) -> list[Plan | None]:
    months = _months(first, last)
    if len(months) < 2:
        return []
    return [
        planner.visit_somewhen([*town.helpers], *months[-2], asker=key, area=area)
        for area in SHOWN_AREAS
        for key in town.askers
        if any(k == key and p.area_name == area for (k, _), p in town.places.items())
    ]


def unfilled_add(agenda: Agenda, town: People, last: date) -> None:
    """A few requests of the last whole month that nobody could take: what the town page counts
    as missing."""
    month = last.replace(day=1) - timedelta(days=1)
    for number, (asker, home, category) in enumerate(
        (
            ("nami", "own", "ride"),
            ("nami", "chichi", "ride"),
            ("sato", "own", "company"),
            ("yu", "own", "child"),
            ("sato", "haha", "company"),
        )
    ):
        plan = Plan(
            uid=uid_of("unfilled", number), asker=asker, place=town.places[asker, home],
            helper="", category=category, minutes=60,
            starts_at=clock.at(month.replace(day=6 + 4 * number), 10),
        )  # fmt: skip
        carer = town.askers[asker][1]
        agenda.add(plan.starts_at - timedelta(days=3), partial(_ask_nobody, plan, carer))
        agenda.add(plan.starts_at + timedelta(minutes=5), partial(_lapse, carer))


def _ask_nobody(plan: Plan, carer: Person) -> None:
    with tenant(carer.municipality_id):
        request_make(plan, carer)


def _lapse(carer: Person) -> None:
    with tenant(carer.municipality_id):
        matching.offers_lapse()


def _fate(number: int) -> str:
    return {17: "cancelled", 33: "supporter_cancelled", 48: "cancelled", 61: "no_show",
            79: "cancelled", 96: "supporter_cancelled", 111: "cancelled"}.get(number, "settled")  # fmt: skip
