"""What a town knows of its visits, as ``fraud.facts`` wants it. Runs inside ``tenancy.tenant``.

Of other towns' visits of the same supporters there are ids, times and places, in memory only;
of people ids, homes, the day they joined and the company that confirmed them.
"""

import hmac
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.organisations import domain as employment
from kyojo.civic.organisations.models import Employment
from kyojo.civic.people.models import Act, Person
from kyojo.civic.programmes.domain import EvidenceRule
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.matching.asking.hours import local_hours
from kyojo.kernel import clock
from kyojo.kernel.geometry import EARTH_RADIUS_METRES

from .domain import State
from .evidence import Kind, Position, window
from .fraud.facts import (
    Beyond,
    CompanyFacts,
    DeviceFacts,
    EditFacts,
    KeptTrack,
    MarkFacts,
    PersonFacts,
    Place,
    TownFacts,
    Track,
    VisitFacts,
)
from .fraud.watch import Cleared
from .models import Clearance, DevicePress, Dispute, Evidence, Visit, VisitScore
from .sealed import unseal

#: How far back a town is looked at.
IN_VIEW = timedelta(days=365)
#: How far back other towns are asked about supporters who came from there.
ELSEWHERE = timedelta(days=35)
OVER = (State.ENDED, State.CONFIRMED, State.SETTLED, State.DISPUTED, State.RESOLVED)
#: Acts by which staff writes down that a visit took place.
BY_HAND = ("visit_start", "visit_end")
#: More people than this on one day came together for a reason of their own; those count apart.
MANY_A_DAY = 10
HOURS_APART = 1_000.0
#: Coins have no limit in a year: nobody rushes towards it.
NO_CAP = 10**9


@dataclass(frozen=True)
class Fix:
    """Metres east and north of a point of the town."""

    latitude: float
    longitude: float

    def __call__(self, latitude: float, longitude: float) -> Place:
        metres = math.radians(1) * EARTH_RADIUS_METRES
        east = (longitude - self.longitude) * metres * math.cos(math.radians(self.latitude))
        return east, (latitude - self.latitude) * metres


def town_facts() -> tuple[TownFacts, frozenset[UUID]]:
    """(the current town's facts, the visits whose place is here): only these can be judged."""
    visits = _visits()
    facts = Town(visits, programme_current()[1].evidence)
    here = {one.uid for one in visits if one.place_municipality_id == current()}
    return facts.facts(), frozenset(here)


def cleared() -> Cleared:
    """What the office has found in order and that still counts."""
    pairs: set[tuple[str, str]] = set()
    devices: set[str] = set()
    for one in clearances_standing():
        if one.kind == Clearance.Kind.DEVICE:
            devices.add(one.device)
        else:
            pair = (str(one.one_uid), str(one.other_uid))
            pairs |= {pair, pair[::-1]}
    return Cleared(frozenset(pairs), frozenset(devices))


def clearances_standing() -> list[Clearance]:
    """What counts today, the newest first."""
    return list(Clearance.objects.filter(ended_at=None, valid_until__gte=clock.today()))


def device_hash(cookie: str) -> str:
    """A device's name in this town; another town's name for it is another one."""
    return salted_hmac(f"kyojo.device/{current()}", cookie, algorithm="sha256").hexdigest()[:32]


def visits_in_view() -> QuerySet[Visit]:
    """This town's visits that took place and are looked at, in no order."""
    by_hand = Q(state=State.RESOLVED, settled_coins__gt=0)
    took_place = Q(started_at__isnull=False, ended_at__isnull=False) | by_hand
    found: QuerySet[Visit] = Visit.objects.filter(
        took_place, state__in=OVER, ends_at__gte=clock.now() - IN_VIEW
    )
    return found


def _visits() -> list[Visit]:
    rows = list(light(visits_in_view()))
    return rows + elsewhere(rows)


def light(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    """These visits as they took place, without what facts do not need."""
    return visits.order_by("starts_at", "uid").defer(
        "memo", "address", "recipient_card", "supporter_note", "during"
    )


def elsewhere(rows: Iterable[Visit]) -> list[Visit]:
    """What supporters of other towns did there lately: they cannot be here at the same time."""
    since, here = clock.now() - ELSEWHERE, current()
    of_town: dict[int, set[UUID]] = defaultdict(set)
    known = set()
    for row in rows:
        known.add(row.uid)
        if row.supporter_municipality_id != here and row.ends_at >= since:
            of_town[row.supporter_municipality_id].add(row.supporter_uid)
    found: list[Visit] = []
    for town in sorted(of_town):
        with tenant(town):
            found += (
                Visit.objects.filter(
                    supporter_uid__in=of_town[town],
                    state__in=OVER,
                    started_at__isnull=False,
                    ended_at__isnull=False,
                    ends_at__gte=since,
                )
                .exclude(uid__in=known)
                .only(
                    "uid", "carer_uid", "supporter_uid", "category", "state", "reserved_at",
                    "starts_at", "ends_at", "started_at", "ended_at", "amount_coins", "latitude",
                    "longitude", "confirmed_at", "confirmed_by", "place_municipality_id",
                    "carer_municipality_id", "supporter_municipality_id", "settled_at",
                )
            )  # fmt: skip
    return found


class Town:
    """Puts a town's rows together. ``people``: all who take part in its visits, and ``origin``, its
    first visit with a place, where ``visits`` are only some of them."""

    def __init__(
        self,
        visits: list[Visit],
        rule: EvidenceRule,
        *,
        people: Iterable[UUID] = (),
        origin: Visit | None = None,
    ) -> None:
        self.visits, self.rule = visits, rule
        self.uids = [one.uid for one in visits]
        self.positions: dict[int, Position | None] = {}
        here = {uid for row in visits for uid in (row.carer_uid, row.supporter_uid)}
        self.here, self.people = sorted(here), sorted(here | set(people))
        first = origin or next((one for one in visits if one.latitude is not None), None)
        self.metres = Fix(
            float(first.latitude or 0.0) if first else 0.0,
            float(first.longitude or 0.0) if first else 0.0,
        )
        self.key = salted_hmac(f"kyojo.position_print/{current()}", "", algorithm="sha256").digest()

    def facts(self, beyond: Beyond | None = None) -> TownFacts:
        return TownFacts(
            visits=tuple(
                sorted(map(self._visit, self.visits), key=lambda one: (one.starts_at, one.uid))
            ),
            persons=self._persons(),
            devices=self._devices(),
            companies={name: CompanyFacts(name, (0.0, 0.0)) for name in self.companies.values()},
            rule=self.rule,
            cap_coins=NO_CAP,
            year_ends_at=moment(clock.now() + IN_VIEW),
            beyond=beyond,
        )

    # --- what stands in the database --------------------------------------------------------------
    @cached_property
    def evidence(self) -> dict[UUID, list[Evidence]]:
        return _grouped(Evidence.objects.filter(visit_uid__in=self.uids))

    @cached_property
    def presses(self) -> dict[UUID, list[DevicePress]]:
        return _grouped(DevicePress.objects.filter(visit_uid__in=self.uids).order_by("at", "id"))

    @cached_property
    def kept(self) -> dict[UUID, VisitScore]:
        rows = VisitScore.objects.filter(visit_uid__in=self.uids, accuracy_m__isnull=False)
        return {row.visit_uid: row for row in rows}

    @cached_property
    def hands(self) -> dict[str, str]:
        """visit → which member of staff wrote down that it took place."""
        acts = Act.objects.filter(
            subject_kind="visit",
            subject_id__in=[str(uid) for uid in self.uids],
            action__in=BY_HAND,
            at__gte=clock.now() - IN_VIEW,
        ).order_by("at")
        return {one.subject_id: str(one.actor_id or "") for one in acts}

    @cached_property
    def rulers(self) -> dict[UUID, str]:
        rows = Dispute.objects.filter(visit_uid__in=self.uids, resolved_at__isnull=False)
        return {one.visit_uid: str(one.resolved_by_id or "") for one in rows.order_by("opened_at")}

    @cached_property
    def companies(self) -> dict[UUID, str]:
        """person → the company that has confirmed them."""
        rows = Employment.objects.filter(
            state=employment.CONFIRMED, person__uid__in=self.here
        ).select_related("person")
        return {one.person.uid: str(one.company_id) for one in rows}

    # --- one visit --------------------------------------------------------------------------------
    def _visit(self, row: Visit) -> VisitFacts:
        records = self.evidence.get(row.uid, [])
        _, closes = window(row.starts_at, row.ends_at, self.rule)
        late = [one for one in records if one.kind == Kind.OFFICE_WORD and one.server_at > closes]
        edits = self._edits(row, late)
        marks = tuple(self._mark(row, one) for one in records if one not in late)
        kept = self.kept.get(row.uid)
        confirm = [one.device for one in self.presses.get(row.uid, []) if one.moment == "confirm"]
        started, ended = row.started_at or row.starts_at, row.ended_at or row.ends_at
        if any(one.moment == "end" for one in late):
            ended = max(started, min(ended, row.ends_at))  # written down later than it ended
        confirmed = row.confirmed_at
        if settings.DEMO:
            started, ended, confirmed = _as_lived(row.uid, started, ended, confirmed)
        return VisitFacts(
            uid=str(row.uid),
            carer=str(row.carer_uid),
            supporter=str(row.supporter_uid),
            category=row.category,
            place=self._place(row),
            reserved_at=moment(row.reserved_at),
            starts_at=moment(row.starts_at),
            ends_at=moment(row.ends_at),
            started_at=moment(min(started, ended)),
            ended_at=moment(ended),
            coins=row.amount_coins,
            marks=marks,
            edits=edits,
            confirmed_at=moment(confirmed) if confirmed else None,
            confirmed_by=row.confirmed_by,
            confirm_device=confirm[-1] if confirm else "",
            kept=KeptTrack(float(kept.accuracy_m or 0.0), kept.numbers) if kept else None,
            prints=self.prints(records) or frozenset(kept.prints if kept else ()),
        )

    def _place(self, row: Visit) -> Place:
        if row.latitude is None or row.longitude is None:
            return 0.0, 0.0
        return self.metres(row.latitude, row.longitude)

    def _mark(self, row: Visit, record: Evidence) -> MarkFacts:
        position = self._position(record)
        by_phone = record.kind not in (Kind.BUTTON, Kind.BEACON, Kind.OFFICE_WORD)
        device = self._device(row.uid, record.moment) if by_phone else ""
        server = moment(record.server_at)
        return MarkFacts(
            kind=record.kind,
            moment=record.moment,
            device_at=moment(record.device_at) if record.device_at else server,
            server_at=server,
            device=device,
            position=self.metres(position.latitude, position.longitude) if position else None,
            accuracy_m=record.accuracy_m,
        )

    def _device(self, visit: UUID, when: str) -> str:
        return next((p.device for p in self.presses.get(visit, []) if p.moment == when), "")

    def _position(self, record: Evidence) -> Position | None:
        if record.pk not in self.positions:
            sealed = record.position_encrypted
            self.positions[record.pk] = None if sealed is None else unseal(bytes(sealed))
        return self.positions[record.pk]

    def prints(self, records: Iterable[Evidence]) -> frozenset[str]:
        """A keyed hash of each position, at most 32."""
        found = set()
        for record in records:
            position = self._position(record)
            if position is not None:
                found.add(self._hash(f"{position.latitude:.6f},{position.longitude:.6f}"))
        return frozenset(sorted(found)[:32])

    def track(self, row: Visit, records: Iterable[Evidence]) -> Track:
        """The positions of a visit that is not among ``visits``."""
        found = []
        for record in sorted(records, key=lambda one: one.device_at or one.server_at):
            position = self._position(record)
            if position is not None:
                found.append(self.metres(position.latitude, position.longitude))
        east, north = self._place(row)
        return Track(tuple((x - east, y - north) for x, y in found), tuple(found))

    def _hash(self, said: str) -> str:
        return hmac.digest(self.key, said.encode(), "sha256")[:8].hex()

    def _edits(self, row: Visit, late: list[Evidence]) -> tuple[EditFacts, ...]:
        """What staff wrote down after the day: when, who, and how many minutes came from it."""
        hand = self.hands.get(str(row.uid), "")
        edits = [EditFacts(moment(one.server_at), hand, 0.0) for one in late]
        if row.started_at is None or row.ended_at is None:
            minutes = (row.ends_at - row.starts_at).total_seconds() / 60
            at = row.settled_at or row.ends_at
            edits.append(EditFacts(moment(at), self.rulers.get(row.uid, ""), minutes))
        return tuple(edits)

    # --- people and phones ------------------------------------------------------------------------
    def _persons(self) -> dict[str, PersonFacts]:
        members = {
            one.uid: one
            for one in Person.objects.filter(uid__in=self.here).only(
                "uid", "latitude", "longitude", "family_name", "joined_at"
            )
        }
        where: dict[UUID, Place] = {}
        for row in self.visits:
            where.setdefault(row.carer_uid, self._place(row))
            where.setdefault(row.supporter_uid, self._place(row))
        joined = self._joined()
        found = {}
        for uid in self.here:
            one = members.get(uid)
            home, household = where[uid], ""
            if one is not None and one.latitude is not None and one.longitude is not None:
                home = self.metres(one.latitude, one.longitude)
                household = self._hash(f"{home[0]:.0f}/{home[1]:.0f}/{one.family_name}")
            found[str(uid)] = PersonFacts(
                uid=str(uid),
                home=home,
                joined_at=joined[uid],
                household=household,
                company=self.companies.get(uid, ""),
            )
        return found

    def _joined(self) -> dict[UUID, float]:
        """When people joined. Of whom that says nothing, because they are another town's or came
        with many on one day (a list was read in, there was a meeting): long ago, one by one."""
        members = Person.objects.filter(uid__in=self.people)
        joined_at = dict(members.values_list("uid", "joined_at"))
        day_of = {uid: clock.local(at).date() for uid, at in joined_at.items()}
        on_day = Counter(day_of.values())
        many = max(MANY_A_DAY, len(self.people) // 20)
        long_ago = moment(clock.now() - 2 * IN_VIEW)
        found = {}
        for number, uid in enumerate(self.people):
            at = joined_at.get(uid)
            if at is None or on_day[day_of[uid]] > many:
                found[uid] = long_ago - number * HOURS_APART
            else:
                found[uid] = moment(at)
        return found

    def _devices(self) -> dict[str, DeviceFacts]:
        """A phone is whose who used it first, and whose who use it where neither that person nor
        its own use stands on the other side: families share one. The office may say so, too."""
        presses = sorted(
            (one for found in self.presses.values() for one in found), key=lambda one: one.at
        )
        owner: dict[str, UUID] = {}
        at_visit: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
        for one in presses:
            owner.setdefault(one.device, one.person_uid)
            at_visit[one.visit_uid, one.device].add(one.person_uid)
        sides = {row.uid: {row.carer_uid, row.supporter_uid} for row in self.visits}
        users = {device: {str(first)} for device, first in owner.items()}
        for one in presses:
            others = sides.get(one.visit_uid, set()) - {one.person_uid}
            if not others & ({owner[one.device]} | at_visit[one.visit_uid, one.device]):
                users[one.device].add(str(one.person_uid))
        return {
            device: DeviceFacts(device, "phone", frozenset(people))
            for device, people in users.items()
        }


def _as_lived(
    uid: UUID, started: datetime, ended: datetime, confirmed: datetime | None
) -> tuple[datetime, datetime, datetime | None]:
    """Some minutes off, the same for a visit each time: whoever plays with the demo sets its clock
    to the minute and answers at once, and is no program for that."""
    early, late, after = uid.int % 7 - 3, uid.int // 7 % 9 - 3, 25 + uid.int // 63 % 300
    started += timedelta(minutes=early)
    ended = max(started, ended + timedelta(minutes=late))
    return started, ended, confirmed and max(confirmed, ended) + timedelta(minutes=after)


def _grouped(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.visit_uid].append(row)
    return found


def moment(at: datetime) -> float:
    """Local hours, as the features count them."""
    return local_hours(clock.local(at))
