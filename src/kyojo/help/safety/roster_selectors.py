"""Who and what the activity insurance covers: this town's supporters, wherever they visit.

Derived from memberships and visits alone, so that a roster of any month says the same whenever it
is made, but for what happened since.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, Skill
from kyojo.help.requests.domain import category as category_of
from kyojo.help.support.models import Visit
from kyojo.kernel import clock

from . import domain
from .models import RosterCopy


@dataclass(frozen=True)
class CoveredVisit:
    """A visit under the insurance. ``kind``: done, planned, way (set out and nothing came of it).
    Times are those that were, else those that are booked."""

    uid: UUID
    number: str
    supporter_uid: UUID
    name: str
    kana: str
    member: str
    category: str
    town: str
    starts_at: datetime
    ends_at: datetime
    kind: str

    @property
    def day(self) -> date:
        return clock.local(self.starts_at).date()

    @property
    def minutes(self) -> int:
        return max(0, round((self.ends_at - self.starts_at).total_seconds() / 60))


@dataclass(frozen=True)
class CoveredMember:
    """A supporter on the roster, with what they did and plan between its two days."""

    uid: UUID
    number: str
    name: str
    kana: str
    birth_date: date | None
    address: str
    phone: str
    joined: date | None
    left: date | None
    town: str
    visits: list[CoveredVisit] = field(default_factory=list)

    @property
    def done(self) -> list[CoveredVisit]:
        return [one for one in self.visits if one.kind != "planned"]

    @property
    def planned_count(self) -> int:
        return len(self.visits) - len(self.done)

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.visits if one.kind == "done")


def covered_visits(first: date, last: date) -> list[CoveredVisit]:
    """Visits by supporters of this town that are booked for the days from ``first`` to ``last``,
    the earliest first."""
    bounds = clock.at(first, 0), clock.at(last, 23, 59)
    found = (
        Visit.objects.filter(supporter_municipality_id=current())
        .filter(starts_at__gte=bounds[0], starts_at__lte=bounds[1])
        .select_related("supporter")
        .order_by("starts_at", "uid")
    )
    towns = dict(Municipality.objects.values_list("id", "name"))
    covered = []
    for visit in found:
        kind = domain.covered_as(
            visit.state, started_at=visit.started_at, heading_at=visit.heading_at
        )
        if kind is None:
            continue
        person = visit.supporter
        covered.append(
            CoveredVisit(
                uid=visit.uid,
                number=visit.number,
                supporter_uid=visit.supporter_uid,
                name=person.name if person else str(visit.supporter_card.get("name", "")),
                kana=person.kana if person else str(visit.supporter_card.get("kana", "")),
                member=person.number if person else "",
                category=category_of(visit.category).name,
                town=towns.get(visit.place_municipality_id, ""),
                starts_at=visit.started_at or visit.starts_at,
                ends_at=_ended(visit),
                kind=kind,
            )
        )
    return covered


def _ended(visit: Visit) -> datetime:
    """When it ended; a visit that began and was never ended counts to its booked end."""
    end: datetime = visit.ended_at or visit.ends_at
    return max(end, visit.started_at) if visit.started_at else end


def covered_members(first: date, last: date) -> list[CoveredMember]:
    """Supporters who were members on one of the days, and whoever visited on one of them; by
    reading. Who came and left again within the days is on it as well."""
    by_person: dict[UUID, list[CoveredVisit]] = defaultdict(list)
    for visit in covered_visits(first, last):
        by_person[visit.supporter_uid].append(visit)
    town = Municipality.objects.values_list("name", flat=True).get(pk=current())
    # Leaving ends every role: whoever offered something until then was a supporter.
    gone = Q(left_at__gte=clock.at(first, 0)) & Exists(Skill.objects.filter(person=OuterRef("pk")))
    rows = []
    for person in Person.objects.filter(
        Q(supporter_since__isnull=False) | gone | Q(uid__in=by_person.keys())
    ):
        joined = _day(person.supporter_since or person.joined_at)
        left = _day(person.left_at)
        if person.uid not in by_person and not domain.member_on(
            joined, left, first=first, last=last
        ):
            continue
        rows.append(
            CoveredMember(
                uid=person.uid,
                number=person.number,
                name=person.name,
                kana=person.kana,
                birth_date=person.birth_date,
                address=person.address,
                phone=person.phone,
                joined=joined,
                left=left,
                town=town,
                visits=by_person.get(person.uid, []),
            )
        )
    return sorted(rows, key=lambda row: (row.kana, row.number))


def _day(moment: datetime | None) -> date | None:
    return clock.local(moment).date() if moment is not None else None


def copies() -> list[RosterCopy]:
    """What was taken away, the newest first."""
    return list(RosterCopy.objects.select_related("made_by")[:200])
