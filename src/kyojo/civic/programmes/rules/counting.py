"""The one evaluator: what every visit earned under a document, and which rule decided it.

Pure and deterministic: the same visits in any order of rows give the same answer, since each
person's visits are taken by their beginning (and, at the same moment, by their line).

A line's ``rule`` is the key of the document that decided it. Against a visit may stand, in this
order: ``who.relation``, ``who.any_of``, ``activities``, ``hosts``, ``earning.other_reward``,
``earning.at_least_minutes``, ``earning.minutes`` (no full step), ``earning.day_most``,
``earning.year_most``. A limit that left a part of it is named as well; else ``earning.units``.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

from kyojo.kernel.clock import age_on, fiscal_year

from . import thanks
from .consistency import FIRST_FROM, SECOND_FROM
from .consistency_paid import is_in_yen
from .model import Document, Earner, Who
from .visits import ANY, Visit

DAY = timedelta(days=1)


class Line(NamedTuple):
    """What one visit earned: the line of the log, units, and the key that decided."""

    line: int
    units: int
    rule: str


@dataclass(slots=True)
class Year:
    """A person's fiscal year. ``rules`` names what decided about the year as a whole.

    ``units`` were counted in it, ``carried`` came over from the year before; both became
    ``granted``, ``leftover`` did not.
    """

    units: int = 0
    granted: int = 0
    value_yen: int = 0
    lines: list[Line] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    carried: int = 0
    leftover: int = 0
    expires_on: date | None = None
    #: Units by who pays for them (``funding``).
    funds: dict[str, int] = field(default_factory=dict)
    #: (use, yen): what may be taken instead, at the year's limit.
    instead: tuple[str, int] | None = None
    #: Of tickets, in yen: what members paid for them, are paid for them, and the office keeps.
    tickets: dict[str, int] = field(default_factory=dict)


#: Fiscal year → person → what it came to; years and persons ascend.
Result = dict[int, dict[str, Year]]


def count(
    document: Document,
    visits: Iterable[Visit],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Result:
    """What ``visits`` earn under ``document``: by fiscal year and person."""
    people: dict[str, list[Visit]] = {}
    for visit in visits:
        people.setdefault(visit.person, []).append(visit)
    counter = Counter(document)
    result: Result = {}
    done, total = 0, sum(map(len, people.values()))
    for person in sorted(people):
        for year, what in counter.person(people[person]).items():
            result.setdefault(year, {})[person] = what
        done += len(people[person])
        progress(done, total)
    return dict(sorted(result.items()))


def is_earner(row: Earner, born: date, insured: str, day: date) -> bool:
    """Whether a person is one of ``row``.

    A class of insurance begins on the day before the birthday (Act on the Calculation of Ages), so
    who is written down as insured is asked for that age; a limit of the programme's own counts
    birthdays.
    """
    if row.insured is not None:
        if insured != row.insured:
            return False
        legal = age_on(born, day + DAY)
        if row.insured == "first" and legal < FIRST_FROM:
            return False
        if row.insured == "second" and not SECOND_FROM <= legal < FIRST_FROM:
            return False
    age = age_on(born, day)
    return (row.age_from is None or age >= row.age_from) and (
        row.age_to is None or age <= row.age_to
    )


def is_among(who: Who, born: date, insured: str, relations: Collection[str], day: date) -> bool:
    """Whether a person with these ``relations`` to the town is one of ``who`` on ``day``."""
    return not set(who.relation).isdisjoint(relations) and (
        not who.any_of or any(is_earner(row, born, insured, day) for row in who.any_of)
    )


class Counter:
    """A document, ready to count one person after the other."""

    def __init__(self, document: Document) -> None:
        self.document = document
        earning = document.earning
        self.relations = frozenset(document.who.relation)
        self.earners = document.who.any_of
        self.activities = frozenset(document.activities or document.categories)
        self.hosts = frozenset(document.hosts.designated) if document.hosts else frozenset[str]()
        self.excludes_rewarded = earning.other_reward == "excludes"
        self.earning = earning
        self.is_in_yen = is_in_yen(document)

    def person(self, visits: Sequence[Visit]) -> dict[int, Year]:
        """One person's fiscal years, in order. ``visits`` in any order."""
        years: dict[int, Year] = {}
        earning = self.earning
        today: date | None = None
        of_day = 0
        year = Year()
        for visit in sorted(visits, key=attrgetter("start", "line")):
            day = visit.start.date()
            if day != today:
                today, of_day = day, 0
                year = years.setdefault(fiscal_year(day), Year())
            rule = self._against(visit, day)
            units = 0
            if not rule:
                units, rule = self._units(visit)
            if units and earning.day_most is not None and of_day + units > earning.day_most:
                units, rule = earning.day_most - of_day, "earning.day_most"
            if units and earning.year_most is not None and year.units + units > earning.year_most:
                units, rule = earning.year_most - year.units, "earning.year_most"
            of_day += units
            year.units += units
            year.lines.append(Line(visit.line, units, rule))
            if units and self.document.funding:
                fund = self._fund(visit.born, day)
                year.funds[fund] = year.funds.get(fund, 0) + units
        last = None
        for number in sorted(years):
            year = years[number]
            if last is not None and number - 1 in years:
                year.carried = self.carried(last)
            self._close(number, year)
            last = year
        return years

    def year(self, number: int, visits: Sequence[Visit], *, carried: int = 0) -> Year:
        """One person's fiscal year ``number``, with what the year before left for it."""
        year = self.person(visits).get(number) or Year()
        year.carried, year.rules = carried, []
        self._close(number, year)
        return year

    def carried(self, year: Year) -> int:
        """What a year leaves for the next one."""
        return year.leftover if self.document.expiry.leftover == "carry" else 0

    def _against(self, visit: Visit, day: date) -> str:
        """The key of the first rule that stands against a visit; empty: none."""
        if not self.relations & visit.relations:
            return "who.relation"
        if self.earners and not any(
            is_earner(row, visit.born, visit.insured, day) for row in self.earners
        ):
            return "who.any_of"
        if self.activities and visit.activity != ANY and visit.activity not in self.activities:
            return "activities"
        if self.hosts and visit.host != ANY and visit.host not in self.hosts:
            return "hosts"
        if self.excludes_rewarded and visit.rewarded:
            return "earning.other_reward"
        return ""

    def _units(self, visit: Visit) -> tuple[int, str]:
        earning = self.earning
        minutes = int((visit.end - visit.start).total_seconds()) // 60
        if minutes < earning.at_least_minutes:
            return 0, "earning.at_least_minutes"
        if self.is_in_yen:
            return self._yen(visit.activity, minutes)
        if earning.per == "visit":
            return earning.units, "earning.units"
        assert earning.minutes is not None
        units = minutes // earning.minutes * earning.units
        return units, "earning.units" if units else "earning.minutes"

    def _yen(self, activity: str, minutes: int) -> tuple[int, str]:
        """What is left for the helper. A log says neither costs nor what a payer chose, so that
        none and the least are taken; ``any`` activity is the one that pays least."""
        document, rule = self.document, self.document.thanks
        if not thanks.steps_of(document, minutes):
            return 0, "earning.minutes"
        if activity == ANY and document.activities:
            prices = rule.by_activity if rule else {}
            activity = min(document.activities, key=lambda code: prices.get(code, 0))
        found = thanks.due(
            document,
            activity=activity,
            minutes=minutes,
            chosen_yen=rule.least_yen if rule else None,
        )
        if rule and rule.share == "office":
            return found.person_yen, "thanks.share"
        return found.person_yen, found.rule

    def _fund(self, born: date, day: date) -> str:
        age = age_on(born, day)
        for row in self.document.funding:
            if (row.age_from or 0) <= age and (row.age_to is None or age <= row.age_to):
                return row.fund
        raise AssertionError("funding covers every age")

    def _close(self, number: int, year: Year) -> None:
        """What the year's units become."""
        year.lines.sort()
        document, total = self.document, year.units + year.carried
        granted, most = total, self.earning.year_most
        one = document.conversion
        if one is not None:
            most = one.year_most
            if total < one.from_units:
                granted, rule = 0, "conversion.from_units"
            elif one.way == "steps":
                granted, rule = total // one.units * one.grants, "conversion.units"
            else:
                granted, rule = total * one.grants // one.units, "conversion.units"
            if most is not None and granted > most:
                granted, rule = most, "conversion.year_most"
            year.rules.append(rule)
            year.leftover = total - -(-granted * one.units // one.grants)
        year.granted = granted
        if document.worth is not None:
            year.value_yen = document.worth.yen_of(granted)
        if document.ticket is not None and document.kind == "ticket" and not self.is_in_yen:
            year.tickets = {
                "bought_yen": granted * document.ticket.bought_yen,
                "paid_yen": granted * document.ticket.paid_yen,
                "office_yen": granted * document.ticket.office_yen,
            }
        reached = granted if one is not None else year.units
        if document.at_cap and most is not None and reached >= most:
            year.instead = (document.at_cap.use, document.at_cap.yen)
            year.rules.append("at_cap")
        if document.expiry.earned_years is not None and granted:
            year.expires_on = date(number + document.expiry.earned_years + 1, 3, 31)
