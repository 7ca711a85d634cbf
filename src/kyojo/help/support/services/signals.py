"""What buttons and readers say: taken in once, kept with what came of it.

Runs inside ``tenancy.tenant`` of the place's town. Everybody on a broker can send anything, and a
reader reports every few minutes: of what changes nothing only the first of each day are kept one by
one, the others are counted.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, QuerySet

from kyojo.civic.municipalities.sealing import unseal
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id

from ..domain import BEACON_SILENT_AFTER, SIGNALS_KEPT_A_DAY
from ..errors import TagReplayed
from ..models import Tag, TagSignal, TagTally
from ..signed import Said, is_signed
from .beacons import beacons_heard
from .buttons import button_pressed

#: A network that keeps messages delivers them so late at most; the button's own hour counts.
DELIVERED_WITHIN = timedelta(hours=2)
#: What changed something is kept always.
CHANGED = frozenset({"started", "ended", "proof"})
#: What a signal changes of its device.
SAID = (
    "counter", "seen_at", "speaks_since", "offline_at", "battery_percent", "last_nonce",
    "last_outcome",
)  # fmt: skip


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
        if signal.nonce == tag.last_nonce:
            return tag.last_outcome
        if signal.counter <= tag.counter:
            return _kept(tag, signal, TagReplayed.code)
        at, now = min(signal.at, clock.now()), clock.now()
        if tag.speaks_since is None or tag.seen_at is None or _gap(tag.seen_at, now):
            tag.speaks_since = at if now - at <= DELIVERED_WITHIN else now
        tag.counter, tag.seen_at, tag.offline_at = signal.counter, now, None
        if signal.battery_percent is not None:
            tag.battery_percent = max(0, min(100, signal.battery_percent))
        outcome, visit_uid = _came_of(tag, signal, at)
        tag.last_nonce, tag.last_outcome = signal.nonce, outcome[:40]
        tag.save(update_fields=SAID)
        return _kept(tag, signal, outcome, visit_uid)


def _gap(seen_at: datetime, now: datetime) -> bool:
    return now - seen_at > BEACON_SILENT_AFTER


def _came_of(tag: Tag, signal: Signal, at: datetime) -> tuple[str, UUID | None]:
    """A reader has nothing to press, whatever its first byte says."""
    is_press = signal.pressed and tag.kind == Tag.Kind.BUTTON
    if not is_press and not signal.beacons:
        return "alive", None
    if abs(clock.now() - signal.at) > DELIVERED_WITHIN:
        return "too_late", None
    if is_press:
        return button_pressed(tag, nonce=signal.nonce, at=signal.at)
    return beacons_heard(tag, nonce=signal.nonce, at=at, numbers=signal.beacons)


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
    by their nonces, which never come twice. Until then it may have been without current."""
    _devices(hardware_id).update(counter=-1, seen_at=clock.now(), speaks_since=None)


def _devices(hardware_id: str) -> QuerySet[Tag]:
    found: QuerySet[Tag] = Tag.objects.filter(
        kind__in=Tag.DEVICES, hardware_id=hardware_id.lower(), ended_at=None
    )
    return found


def _kept(tag: Tag | None, signal: Signal, outcome: str, visit_uid: UUID | None = None) -> str:
    if _counted(tag, outcome[:40]) <= SIGNALS_KEPT_A_DAY or outcome in CHANGED:
        kept = TagSignal(
            tag=tag,
            nonce=signal.nonce,
            visit_uid=visit_uid,
            counter=signal.counter,
            device_at=signal.at,
            server_at=clock.now(),
            outcome=outcome[:40],
        )
        # Nobody holds a device that is not enrolled: the same may be taken in twice at once.
        TagSignal.objects.bulk_create([kept], ignore_conflicts=True)
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


def signals_forget(*, before: datetime, unchanged_before: datetime) -> int:
    """Delete what was said until ``before``, and what changed nothing until ``unchanged_before``,
    in the current town; how many there were. The table lets go of no other."""
    unchanged = TagSignal.objects.exclude(outcome__in=CHANGED)
    return _deleted(TagSignal.objects.all(), before) + _deleted(unchanged, unchanged_before)


def _deleted(signals: QuerySet[TagSignal], before: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.signals_end', %s, true)", [before.isoformat()])
        count = signals.filter(server_at__lte=before).delete()[0]
        cursor.execute("SELECT set_config('app.signals_end', '', true)")
    return int(count)
