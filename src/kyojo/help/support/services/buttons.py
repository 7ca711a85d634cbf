"""Buttons at the places that are visited: pressed when somebody comes and when they go.

For people without a smartphone, on either side. A press is a proof; where the supporter has not
begun the visit with a phone, it begins it, and a later one ends it. Runs inside ``tenancy.tenant``
of the place's town. Whatever a button says is kept, with what came of it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.sealing import unseal
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.kernel.ids import derived_id

from .. import evidence
from ..domain import Role, State
from ..errors import ConsentMissing, TagReplayed
from ..evidence import Kind
from ..models import Evidence, Tag, TagSignal, Visit
from ..signed import Said, is_signed
from .day import begin, finish
from .proving import evidence_store
from .readiness import ready_or_refuse
from .steps import place_rules, step_of
from .tags import visits_at

#: A second press so soon is the same one, pressed again to be sure.
AGAIN_WITHIN = timedelta(minutes=10)
#: A network that keeps messages delivers them so late at most; the button's own hour counts.
DELIVERED_WITHIN = timedelta(hours=2)


@dataclass(frozen=True)
class Signal:
    """What a gateway heard. ``counter`` is the frame counter, ``at`` when it was received there.

    ``pressed`` False is a sign of life.
    """

    nonce: UUID
    counter: int
    at: datetime
    pressed: bool = True
    battery_percent: int | None = None


def button_heard(*, hardware_id: str, signal: Signal) -> str:
    """Take in what the button with this hardware id said. The same ``nonce`` again changes nothing.

    Returns what came of it: "started", "ended", "proof", "again" (pressed twice), "alive",
    "no_visit", or the code of the refusal that was kept: "unknown", "tag_replayed", "too_late",
    "consent_missing" …
    """
    hardware = hardware_id.lower()
    with transaction.atomic():
        tag = (
            Tag.objects.select_for_update()
            .filter(kind=Tag.Kind.BUTTON, hardware_id=hardware, ended_at=None)
            .first()
        )
        before = TagSignal.objects.filter(nonce=signal.nonce).first()
        if before is not None:
            return str(before.outcome)
        if tag is None:
            return _kept(None, signal, "unknown")
        if signal.counter <= tag.counter:
            return _kept(tag, signal, TagReplayed.code)
        tag.counter, tag.seen_at, tag.offline_at = signal.counter, clock.now(), None
        if signal.battery_percent is not None:
            tag.battery_percent = max(0, min(100, signal.battery_percent))
        tag.save(update_fields=["counter", "seen_at", "offline_at", "battery_percent"])
        if not signal.pressed:
            return _kept(tag, signal, "alive")
        if abs(clock.now() - signal.at) > DELIVERED_WITHIN:
            return _kept(tag, signal, "too_late")
        visit = _meant(tag, signal.at)
        if visit is None:
            return _kept(tag, signal, "no_visit")
        try:
            outcome = _press(visit, signal)
        except Refusal as refusal:
            outcome = refusal.code
        return _kept(tag, signal, outcome, visit.uid)


def button_heard_signed(*, said: Said, sign: str, signal: Signal) -> str:
    """As ``button_heard``, of a message that anybody might have sent: it counts only where the
    button's own key has signed it. Returns also "key_wrong", which changes nothing and is kept
    under an id of its own, so that it takes nothing away from the true message."""
    tag = Tag.objects.filter(
        kind=Tag.Kind.BUTTON, hardware_id=said.device.lower(), ended_at=None
    ).first()
    if tag is None:
        return "unknown"
    if not is_signed(said, bytes.fromhex(unseal(tag.key_sealed)), sign):
        forged = replace(signal, nonce=derived_id(signal.nonce, f"forged {sign[:80]}"))
        known = TagSignal.objects.filter(nonce=forged.nonce).exists()
        return "key_wrong" if known else _kept(tag, forged, "key_wrong")
    return button_heard(hardware_id=said.device, signal=signal)


def button_silent(*, hardware_id: str) -> None:
    """Its connection broke: the broker tells what it was asked to tell then (last will). The desk
    is told if it stays so. Anybody on the broker could say this; it only sends somebody to look."""
    Tag.objects.filter(
        kind=Tag.Kind.BUTTON, hardware_id=hardware_id.lower(), ended_at=None, offline_at=None
    ).update(offline_at=clock.now())


def button_joined(*, hardware_id: str) -> None:
    """It joined its network anew and counts from the beginning: its messages are still told apart
    by their nonces, which never come twice."""
    Tag.objects.filter(kind=Tag.Kind.BUTTON, hardware_id=hardware_id.lower(), ended_at=None).update(
        counter=-1, seen_at=clock.now()
    )


def _kept(tag: Tag | None, signal: Signal, outcome: str, visit_uid: UUID | None = None) -> str:
    TagSignal.objects.create(
        tag=tag,
        nonce=signal.nonce,
        visit_uid=visit_uid,
        counter=signal.counter,
        device_at=signal.at,
        server_at=clock.now(),
        outcome=outcome[:40],
    )
    return outcome


def _meant(tag: Tag, at: datetime) -> Visit | None:
    """The visit that a press at this hour is about: one that runs before one that begins."""
    states = (State.STARTED, State.SCHEDULED)
    near = []
    for visit in visits_at(tag, states=states, at=at):
        opens, closes = evidence.window(visit.starts_at, visit.ends_at, place_rules(visit).evidence)
        if opens <= at <= closes:
            near.append(visit)
    return min(near, key=lambda one: (one.state != State.STARTED, one.starts_at), default=None)


def _press(visit: Visit, signal: Signal) -> str:
    with step_of(visit_uid=visit.uid, name="button", by=None, allowed=set()) as case:
        case.role = Role.DEVICE
        rules = place_rules(case.visit)
        if case.visit.state == State.SCHEDULED:
            if case.visit.consent not in (Visit.Consent.NOT_NEEDED, Visit.Consent.GIVEN):
                raise ConsentMissing()
            ready_or_refuse(case, rules)
            evidence_store(case, signal.nonce, Kind.BUTTON, "start", in_window=True)
            begin(case, signal.at)
            return "started"
        started = case.visit.started_at or signal.at
        if signal.at - started < AGAIN_WITHIN:
            if _proven(visit, "start"):
                return "again"
            evidence_store(case, signal.nonce, Kind.BUTTON, "start", in_window=True)
            return "proof"
        evidence_store(case, signal.nonce, Kind.BUTTON, "end", in_window=True)
        finish(case, rules, signal.at)
        return "ended"


def _proven(visit: Visit, moment: str) -> bool:
    return Evidence.objects.filter(visit_uid=visit.uid, kind=Kind.BUTTON, moment=moment).exists()
