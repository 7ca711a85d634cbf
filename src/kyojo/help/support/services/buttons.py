"""Buttons at the places that are visited: pressed when somebody comes and when they go.

For people without a smartphone, on either side. A press is a proof; where the supporter has not
begun the visit with a phone, it begins it, and a later one ends it. Runs inside ``tenancy.tenant``
of the place's town.
"""

from datetime import datetime, timedelta
from uuid import UUID

from kyojo.kernel.errors import Refusal

from .. import evidence
from ..domain import Role, State
from ..evidence import Kind
from ..models import Evidence, Tag, Visit
from .day import begin_by_device, finish
from .proving import evidence_store
from .steps import place_rules, step_of
from .tags import visits_at

#: A second press so soon is the same one, pressed again to be sure.
AGAIN_WITHIN = timedelta(minutes=10)


def button_pressed(tag: Tag, *, nonce: UUID, at: datetime) -> tuple[str, UUID | None]:
    """The button ``tag`` was pressed at ``at``. What came of it, and for which visit: "started",
    "ended", "proof", "again" (pressed twice), "no_visit", or the code of the refusal."""
    visit = _meant(tag, at)
    if visit is None:
        return "no_visit", None
    try:
        return _press(visit, nonce=nonce, at=at), visit.uid
    except Refusal as refusal:
        return refusal.code, visit.uid


def _meant(tag: Tag, at: datetime) -> Visit | None:
    """The visit that a press at this hour is about: one that runs before one that begins."""
    states = (State.STARTED, State.SCHEDULED)
    near = []
    for visit in visits_at(tag, states=states, at=at):
        opens, closes = evidence.window(visit.starts_at, visit.ends_at, place_rules(visit).evidence)
        if opens <= at <= closes:
            near.append(visit)
    return min(near, key=lambda one: (one.state != State.STARTED, one.starts_at), default=None)


def _press(visit: Visit, *, nonce: UUID, at: datetime) -> str:
    with step_of(visit_uid=visit.uid, name="button", by=None, allowed=set()) as case:
        case.role = Role.DEVICE
        rules = place_rules(case.visit)
        if case.visit.state == State.SCHEDULED:
            return begin_by_device(case, rules, Kind.BUTTON, nonce, at)
        started = case.visit.started_at or at
        if at - started < AGAIN_WITHIN:
            if proven(visit, Kind.BUTTON, "start"):
                return "again"
            evidence_store(case, nonce, Kind.BUTTON, "start", in_window=True)
            return "proof"
        evidence_store(case, nonce, Kind.BUTTON, "end", in_window=True)
        finish(case, rules, at)
        return "ended"


def proven(visit: Visit, kind: Kind, moment: str) -> bool:
    return bool(Evidence.objects.filter(visit_uid=visit.uid, kind=kind, moment=moment).exists())
