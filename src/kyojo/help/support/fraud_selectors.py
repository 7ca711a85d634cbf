"""Reads about visits that are looked at. They run inside ``tenancy.tenant`` of the place's town."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q

from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .domain import State
from .models import Clearance, DevicePress, TownDetector, Visit, VisitLook, VisitScore

OPEN = (VisitLook.State.WAITING, VisitLook.State.WATCHING)
#: Why something is in order, by kind.
LABELS: dict[str, dict[str, str]] = {
    Clearance.Kind.PAIR: {
        "family": "同じ家族、親せき",
        "neighbours": "となり近所で、よく会う",
        "known": "事情を聞いて、分かっている",
    },
    Clearance.Kind.DEVICE: {
        "shared_phone": "家族で共用のスマホ",
        "lent": "たのんだ人がスマホを貸している",
        "office_device": "事務局や施設のスマホ",
    },
}
#: So many visits of the same people are shown beside one that is looked at.
BESIDE_MOST = 30
LATELY = timedelta(days=28)
#: How a visit beside another belongs to it.
PAIR, RETURNED, DEVICE, RING = "pair", "returned", "device", "ring"


@dataclass(frozen=True)
class LookRow:
    """A look with its visit. ``is_late``: nobody has decided within the promised time."""

    look: VisitLook
    visit: Visit

    @property
    def is_open(self) -> bool:
        return self.look.state in OPEN

    @property
    def is_late(self) -> bool:
        return self.is_open and clock.now() > self.look.due_at

    @property
    def is_paid(self) -> bool:
        """Whether its coins have moved: then a decision is a note, and no coin comes back by it."""
        return self.visit.state not in (State.ENDED, State.CONFIRMED, State.DISPUTED)


@dataclass(frozen=True)
class Decided:
    """A look whose outcome stands."""

    look: VisitLook
    is_fake: bool


@dataclass(frozen=True)
class Beside:
    """A visit that belongs to the pattern of another. ``how``: pair, returned, device, ring."""

    visit: Visit
    how: str
    look: VisitLook | None


def looks(state: str = "") -> list[LookRow]:
    """Looks of this town, of one ``state`` ("open": nobody has decided yet) or of all, the most
    striking first."""
    found = VisitLook.objects.all()
    if state:
        found = found.filter(state__in=OPEN if state == "open" else (state,))
    rows = list(found.order_by("by_lot", "-score", "id")[:2000])
    visits = {one.uid: one for one in Visit.objects.filter(uid__in=[r.visit_uid for r in rows])}
    return [LookRow(row, visits[row.visit_uid]) for row in rows if row.visit_uid in visits]


def looks_open_since() -> list[VisitLook]:
    """What waits for a person, the longest waiting first."""
    return list(VisitLook.objects.filter(state__in=OPEN).order_by("opened_at"))


def look_by_uid(uid: UUID) -> LookRow:
    """Raises ``NotFound``."""
    look = VisitLook.objects.filter(uid=uid).select_related("decided_by").first()
    visit = Visit.objects.filter(uid=look.visit_uid).first() if look is not None else None
    if look is None or visit is None:
        raise NotFound()
    return LookRow(look, visit)


def look_of_visit(uid: UUID) -> VisitLook | None:
    found: VisitLook | None = VisitLook.objects.filter(visit_uid=uid).first()
    return found


def beside(visit: Visit) -> list[Beside]:
    """Visits of this town that belong to the same pattern, the newest first: of the same two, of
    the two the other way round, with the same devices, and of the ring that both stand in."""
    same = Q(supporter_uid=visit.supporter_uid, carer_uid=visit.carer_uid)
    back = Q(supporter_uid=visit.carer_uid, carer_uid=visit.supporter_uid)
    devices = DevicePress.objects.filter(visit_uid=visit.uid).values("device")
    with_device = set(
        DevicePress.objects.filter(device__in=devices)
        .exclude(visit_uid=visit.uid)
        .values_list("visit_uid", flat=True)
    )
    ring = _ring(visit)
    inside = Q(supporter_uid__in=ring, carer_uid__in=ring) if len(ring) > 2 else Q(pk__in=[])
    found = (
        Visit.objects.filter(same | back | Q(uid__in=with_device) | inside)
        .filter(ended_at__isnull=False)
        .exclude(uid=visit.uid)
        .order_by("-starts_at")[:BESIDE_MOST]
    )
    rows = list(found)
    looked = {
        one.visit_uid: one for one in VisitLook.objects.filter(visit_uid__in=[v.uid for v in rows])
    }

    def how(one: Visit) -> str:
        if (one.supporter_uid, one.carer_uid) == (visit.supporter_uid, visit.carer_uid):
            return PAIR
        if (one.supporter_uid, one.carer_uid) == (visit.carer_uid, visit.supporter_uid):
            return RETURNED
        return DEVICE if one.uid in with_device else RING

    return [Beside(one, how(one), looked.get(one.uid)) for one in rows]


def _ring(visit: Visit) -> set[UUID]:
    """Who gave to whom so that it comes back to this visit's carer within three steps."""
    pairs = Visit.objects.filter(ended_at__isnull=False).values_list("supporter_uid", "carer_uid")
    to: dict[UUID, set[UUID]] = defaultdict(set)
    for supporter, carer in pairs.distinct():
        to[supporter].add(carer)
    first, last = visit.carer_uid, visit.supporter_uid
    found: set[UUID] = set()
    for one in to.get(first, ()):
        if last in to.get(one, ()):
            found |= {first, one, last}
        for two in to.get(one, ()):
            if last in to.get(two, ()):
                found |= {first, one, two, last}
    return found


def decided_looks() -> list[Decided]:
    """Every look whose outcome stands, the oldest first. What people objected to with success, or
    was paid in part, is no fake; what still waits for their word says nothing yet."""
    rows = list(VisitLook.objects.exclude(state__in=OPEN).order_by("decided_at", "id"))
    visits = {
        one.uid: one
        for one in Visit.objects.filter(uid__in=[row.visit_uid for row in rows]).only(
            "uid", "state", "settled_coins", "amount_coins"
        )
    }
    found = []
    for row in rows:
        visit = visits.get(row.visit_uid)
        outcome = _outcome(row, visit) if visit is not None else None
        if outcome is not None:
            found.append(Decided(row, outcome))
    return found


def _outcome(look: VisitLook, visit: Visit) -> bool | None:
    if look.state == VisitLook.State.CLEARED:
        return False
    if look.state == VisitLook.State.REFUSED and not look.holds_coins:
        return True
    if visit.state not in (State.RESOLVED, State.SETTLED):
        return None
    if visit.settled_coins == 0:
        return True
    return False if visit.settled_coins == visit.amount_coins else None


@dataclass(frozen=True)
class Learned:
    """What the town's detector has learned so far. ``missed``: visits above the threshold that
    nobody could look at, in the last four weeks."""

    newest: TownDetector | None
    earlier: list[TownDetector]
    missed: int
    scored: int


def learned() -> Learned:
    """The newest versions of the town's detector, and how much of what it flags is looked at."""
    rows = list(TownDetector.objects.order_by("-number")[:30])
    lately = VisitScore.objects.filter(scored_at__gte=clock.now() - LATELY, score__isnull=False)
    looked = VisitLook.objects.values("visit_uid")
    missed = lately.filter(score__gte=F("threshold")).exclude(visit_uid__in=looked).count()
    return Learned(rows[0] if rows else None, rows[1:], missed, lately.count())


def clearances() -> list[Clearance]:
    """What the office has cleared, what still counts first."""
    return list(Clearance.objects.order_by(F("ended_at").asc(nulls_first=True), "-made_at")[:200])


def clearances_of(visit: Visit) -> list[Clearance]:
    """What was cleared for these two people or for their devices."""
    people = (visit.supporter_uid, visit.carer_uid)
    pair = Q(one_uid__in=people, other_uid__in=people)
    devices = DevicePress.objects.filter(visit_uid=visit.uid).values("device")
    return list(Clearance.objects.filter(pair | Q(device__in=devices)))


@dataclass(frozen=True)
class DeviceUse:
    """A device of a visit, as it is called on its page (「スマホ1」), and who pressed with it."""

    name: str
    by_carer: bool
    by_supporter: bool
    others: int


def devices_of(visit: Visit) -> list[DeviceUse]:
    """The devices that pressed at a visit, and how many further people ever used each."""
    here: dict[str, set[UUID]] = {}
    for press in DevicePress.objects.filter(visit_uid=visit.uid):
        here.setdefault(press.device, set()).add(press.person_uid)
    users: dict[str, set[UUID]] = defaultdict(set)
    for press in DevicePress.objects.filter(device__in=list(here)):
        users[press.device].add(press.person_uid)
    both = {visit.carer_uid, visit.supporter_uid}
    return [
        DeviceUse(
            name=f"スマホ{number}",
            by_carer=visit.carer_uid in people,
            by_supporter=visit.supporter_uid in people,
            others=len(users[device] - both),
        )
        for number, (device, people) in enumerate(here.items(), 1)
    ]
