"""What buttons and readers say: taken in once, kept with what came of it.

Runs inside ``tenancy.tenant`` of the place's town. Everybody on a broker can send anything, and a
reader reports every few minutes: of what changes nothing only the first of each day are kept one by
one, the others are counted.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from kyojo.civic.municipalities.sealing import unseal
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id

from ..domain import SIGNALS_KEPT_A_DAY
from ..errors import TagReplayed
from ..models import Tag, TagSignal, TagTally
from ..signed import Said, is_signed
from .beacons import beacons_heard
from .buttons import button_pressed

#: A network that keeps messages delivers them so late at most; the button's own hour counts.
DELIVERED_WITHIN = timedelta(hours=2)
#: What changed something is kept always.
CHANGED = frozenset({"started", "ended", "proof"})


@dataclass(frozen=True)
class Signal:
    """What a gateway heard. ``counter`` is the frame counter, ``at`` when it was received there.

    ``pressed`` False is a sign of life. ``beacons``: the numbers of the beacons that the device
    hears, if it listens.
    """

    nonce: UUID
    counter: int
    at: datetime
    pressed: bool = True
    battery_percent: int | None = None
    beacons: tuple[str, ...] = ()


def button_heard(*, hardware_id: str, signal: Signal) -> str:
    """Take in what the button or reader with this hardware id said. The same ``nonce`` again
    changes nothing. A press counts before what is heard.

    Returns what came of it: what ``button_pressed`` and ``beacons_heard`` return, "alive", or why
    it counts for nothing: "unknown", "tag_replayed", "too_late".
    """
    with transaction.atomic():
        tag = _devices(hardware_id).select_for_update().first()
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
        if not signal.pressed and not signal.beacons:
            return _kept(tag, signal, "alive")
        if abs(clock.now() - signal.at) > DELIVERED_WITHIN:
            return _kept(tag, signal, "too_late")
        if signal.pressed:
            outcome, visit_uid = button_pressed(tag, nonce=signal.nonce, at=signal.at)
        else:
            at = min(signal.at, clock.now())
            outcome, visit_uid = beacons_heard(
                tag, nonce=signal.nonce, at=at, numbers=signal.beacons
            )
        return _kept(tag, signal, outcome, visit_uid)


def button_heard_signed(*, said: Said, sign: str, signal: Signal) -> str:
    """As ``button_heard``, of a message that anybody might have sent: it counts only where the
    device's own key has signed it. Returns also "key_wrong", which changes nothing and is kept
    under an id of its own, so that it takes nothing away from the true message."""
    tag = _devices(said.device).first()
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
    _devices(hardware_id).filter(offline_at=None).update(offline_at=clock.now())


def button_joined(*, hardware_id: str) -> None:
    """It joined its network anew and counts from the beginning: its messages are still told apart
    by their nonces, which never come twice."""
    _devices(hardware_id).update(counter=-1, seen_at=clock.now())


def _devices(hardware_id: str) -> QuerySet[Tag]:
    found: QuerySet[Tag] = Tag.objects.filter(
        kind__in=Tag.DEVICES, hardware_id=hardware_id.lower(), ended_at=None
    )
    return found


def _kept(tag: Tag | None, signal: Signal, outcome: str, visit_uid: UUID | None = None) -> str:
    if _counted(tag, outcome[:40]) <= SIGNALS_KEPT_A_DAY or outcome in CHANGED:
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


def _counted(tag: Tag | None, outcome: str) -> int:
    """How many there are of this today, this one with them."""
    today = {"tag": tag, "day": clock.today(), "outcome": outcome}
    row = TagTally.objects.filter(**today)
    with transaction.atomic():
        if not row.update(count=F("count") + 1):
            TagTally.objects.bulk_create([TagTally(**today)], ignore_conflicts=True)
            row.update(count=F("count") + 1)
        return int(row.values_list("count", flat=True).get())
