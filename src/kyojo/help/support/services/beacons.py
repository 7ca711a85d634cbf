"""Beacons: small senders that supporters without a smartphone carry, heard by readers in homes.

Heard where its carrier has a visit, a beacon begins it as a press of the button there would; from
then on it shows that they are still there. Nobody presses when they go: a visit whose beacon is not
heard any more, where a device goes on speaking, ends when it was last heard. Runs inside
``tenancy.tenant`` of the place's town.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from kyojo.civic.municipalities.rounds import each_in_towns
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.help.requests.domain import category as category_of
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.kernel.ids import derived_id
from kyojo.kernel.wording import jhour

from .. import evidence
from ..domain import BEACON_SILENT_AFTER, Role, State, left_unsaid
from ..evidence import Kind
from ..models import Evidence, Tag, Visit
from .buttons import AGAIN_WITHIN, proven
from .day import begin_by_device, finish
from .presence import heard_note, last_heard
from .proving import evidence_store
from .steps import place_rules, step_of, tell
from .tags import devices_at, places_of, visits_at, visits_there

#: Of several things that came of one report, the first of these is its outcome; then refusals.
OUTCOMES = ("started", "proof", "present")


def beacons_heard(
    tag: Tag, *, nonce: UUID, at: datetime, numbers: Iterable[str]
) -> tuple[str, UUID | None]:
    """The reader ``tag`` heard the beacons with these numbers at ``at``. What came of it, and for
    which visit: "started", "proof", "present", or why nothing did: "no_visit" (nobody is expected
    now), "beacon_not_theirs" (somebody else is), "beacon_ended", "beacon_unknown", the code of the
    refusal of a press. Of several the nearest miss."""
    beacons = Tag.objects.filter(kind=Tag.Kind.BEACON, hardware_id__in=set(numbers))
    standing = beacons.filter(ended_at=None)
    carriers = set(standing.values_list("carrier_uid", flat=True))
    if not carriers:
        return ("beacon_ended" if beacons.exists() else "beacon_unknown"), None
    visits = _near(tag, at, carriers)
    # In one order, so that two readers that hear the same people wait for each other.
    theirs = sorted(
        (visit for visit in visits.values() if visit.supporter_uid in carriers),
        key=lambda visit: visit.uid,
    )
    if not theirs:
        return ("beacon_not_theirs" if visits else "no_visit"), None
    found = [(_heard(visit, nonce=nonce, at=at), visit) for visit in theirs]
    counted = {visit.supporter_uid for outcome, visit in found if outcome in OUTCOMES}
    standing.filter(carrier_uid__in=counted).update(seen_at=clock.now())
    outcome, visit = min(found, key=lambda one: _rank(one[0]))
    return outcome, visit.uid


def _rank(outcome: str) -> int:
    return OUTCOMES.index(outcome) if outcome in OUTCOMES else len(OUTCOMES)


def _near(tag: Tag, at: datetime, carriers: set[UUID]) -> dict[UUID, Visit]:
    """Each supporter's visit that is meant at this hour: one that runs before one that begins. One
    that runs is meant also after its time and day, as long as the beacon never fell silent."""
    found: dict[UUID, Visit] = {}
    running = list(visits_there(tag).filter(state=State.STARTED).order_by("starts_at"))
    visits = running + visits_at(tag, states=(State.SCHEDULED,), at=at)
    rule = place_rules(visits[0]).evidence if visits else None
    for visit in visits:
        assert rule is not None
        opens, closes = evidence.window(visit.starts_at, visit.ends_at, rule)
        is_carried = visit.state == State.STARTED and visit.supporter_uid in carriers
        if is_carried and at > closes and (last := last_heard(visit)):
            closes = last + BEACON_SILENT_AFTER
        if opens <= at <= closes:
            found.setdefault(visit.supporter_uid, visit)
    return found


def _heard(visit: Visit, *, nonce: UUID, at: datetime) -> str:
    nonce = derived_id(nonce, f"beacon {visit.uid}")
    try:
        with step_of(visit_uid=visit.uid, name="beacon", by=None, allowed=set()) as case:
            case.role = Role.DEVICE
            rules = place_rules(case.visit)
            if case.visit.state == State.SCHEDULED:
                if at < case.visit.starts_at and _just_left(case.visit, at):
                    return "no_visit"
                return begin_by_device(case, rules, Kind.BEACON, nonce, at)
            if case.visit.state != State.STARTED:
                return "no_visit"
            _, closes = evidence.window(visit.starts_at, visit.ends_at, rules.evidence)
            in_window = at <= closes
            started = case.visit.started_at or at
            if at - started < AGAIN_WITHIN and not proven(visit, Kind.BEACON, "start"):
                evidence_store(case, nonce, Kind.BEACON, "start", in_window=in_window, device_at=at)
                return "proof"
            heard_note(case, at, in_window=in_window)
            return "present"
    except Refusal as refusal:
        return refusal.code


def _just_left(visit: Visit, at: datetime) -> bool:
    """Whether whoever comes has ended another visit at the same place shortly before ``at``: they
    are heard there because they leave."""
    there = Q(
        request_uid__in=HelpRequest.objects.filter(place_uid__in=places_of(visit)).values("uid")
    )
    if visit.recipient_uid is not None:
        there |= Q(recipient_uid=visit.recipient_uid)
    others = Visit.objects.filter(there, supporter_uid=visit.supporter_uid)
    return bool(
        others.filter(ended_at__gt=at - BEACON_SILENT_AFTER).exclude(uid=visit.uid).exists()
    )


# --- by itself ------------------------------------------------------------------------------------
def beacons_end_due() -> int:
    """End, in every town, the visits whose beacon is not heard any more, each in a transaction of
    its own. Returns how many there were."""
    ended = each_in_towns(_unheard, lambda uid: visit_end_unheard(visit_uid=uid), job="beacons_end")
    return sum(ended)


def _unheard() -> list[UUID]:
    now = clock.now()
    silent = Evidence.objects.filter(
        kind=Kind.BEACON, moment="during", device_at__lte=now - BEACON_SILENT_AFTER
    )
    return list(
        Visit.objects.filter(
            state=State.STARTED,
            place_municipality_id=current(),
            ends_at__lte=now,
            uid__in=silent.values("visit_uid"),
        )
        .order_by("ends_at")
        .values_list("uid", flat=True)
    )


def visit_end_unheard(*, visit_uid: UUID) -> bool:
    """End the visit when its beacon was last heard, if ``domain.left_unsaid`` and a device there
    spoke all the time since: one without current or network hears nobody, and the question about
    late ends deals with that. Whether it was ended."""
    with step_of(visit_uid=visit_uid, name="beacon_end", by=None, allowed=set()) as case:
        visit, rules = case.visit, place_rules(case.visit)
        last = last_heard(visit)
        _, closes = evidence.window(visit.starts_at, visit.ends_at, rules.evidence)
        if (
            visit.state != State.STARTED
            or visit.started_at is None
            or last is None
            or not left_unsaid(
                last_heard=last,
                started_at=visit.started_at,
                booked=visit.ends_at - visit.starts_at,
                closes=closes,
                now=clock.now(),
            )
            or not _listened_to(visit, last)
        ):
            return False
        case.role = Role.DEVICE
        finish(case, rules, last, is_unsaid=True)
        tell(
            case,
            Role.SUPPORTER,
            kind="visit_ended",
            title=f"{category_of(visit.category).name}を、終わったと記録しました",
            body=f"ビーコンがお宅でさいごに聞こえた{jhour(last)}を、終わりにしました。"
            "ちがうときは、センターにお電話ください。",
        )
        return True


def _listened_to(visit: Visit, last: datetime) -> bool:
    """Whether a device at the place spoke from ``last`` on for as long as a beacon's silence."""
    with tenant(visit.place_municipality_id):
        spoke = Q(speaks_since__lte=last, seen_at__gte=last + BEACON_SILENT_AFTER)
        return bool(devices_at(visit).filter(spoke).exists())
