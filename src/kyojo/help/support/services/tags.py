"""Cards, buttons and readers at the places that are visited, and the beacons that supporters carry:
enrolled, read, replaced, ended.

Everything here stands in the place's town (a beacon in its carrier's); the functions run inside
``tenancy.tenant`` of that town (the desk's), but for ``tag_use``, which a step calls with the
visit's row of that town.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from kyojo.civic.municipalities.sealing import seal, unseal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import readable_code
from kyojo.kernel.text import normalised

from .. import nfc
from ..domain import State
from ..errors import (
    BeaconCarrierUnfit,
    TagElsewhere,
    TagEnded,
    TagHardwareTaken,
    TagHardwareWrong,
    TagLabelMissing,
    TagPlaceMissing,
    TagReplayed,
    TagUnknown,
)
from ..evidence import Kind
from ..models import Tag, TagSignal, Visit
from .steps import staff_checked

#: Letters of a printed card's code: 26 kinds, so 16 of them are over 75 bits.
CODE_LENGTH = 16
LABEL_MAX = 40
#: What a beacon sends, in hex digits: its address (MAC), an Eddystone-UID (namespace and instance),
#: or an iBeacon's UUID, major and minor.
BEACON_DIGITS = (12, 32, 40)
#: More beacons than a reader hears in a house.
BEACONS_MAX = 100
#: Hex digits of what is written on the hardware.
HARDWARE_DIGITS = {
    Tag.Kind.NFC_CARD: (14,),
    Tag.Kind.BUTTON: (16,),
    Tag.Kind.READER: (16,),
    Tag.Kind.BEACON: BEACON_DIGITS,
}
WITHOUT_KEY = (Tag.Kind.QR_CARD, Tag.Kind.BEACON)


@dataclass(frozen=True)
class TagRead:
    """A card that was read: which, and for one that counts, its counter."""

    tag_uid: UUID
    counter: int | None = None


@dataclass(frozen=True)
class Enrolled:
    """A new tag with what is told once: a printed card's ``code``, another's ``key`` (hex)."""

    tag: Tag
    code: str = ""
    key: str = ""


# --- the desk -------------------------------------------------------------------------------------
def tag_enrol(
    *,
    uid: UUID,
    kind: str,
    label: str,
    by: User,
    recipient_uid: UUID | None = None,
    place_uid: UUID | None = None,
    carrier_uid: UUID | None = None,
    hardware_id: str = "",
) -> Enrolled:
    """A new card, button or reader at the home of ``recipient_uid``, or at ``place_uid``; or a
    beacon that ``carrier_uid``, a supporter of this town, carries. Its code or key is told this
    once and never again: the same ``uid`` again returns the tag without them.

    Raises ``NotFound`` (no desk), ``TagPlaceMissing``, ``BeaconCarrierUnfit``, ``TagLabelMissing``,
    ``TagHardwareWrong``, ``TagHardwareTaken``.
    """
    staff_checked(by)
    kind = Tag.Kind(kind)
    label, hardware = normalised(label), plain_number(hardware_id)
    if kind == Tag.Kind.BEACON:
        _carrier_checked(carrier_uid)
        recipient_uid = place_uid = None
    elif recipient_uid is None and place_uid is None:
        raise TagPlaceMissing(field="place")
    if not 0 < len(label) <= LABEL_MAX:
        raise TagLabelMissing(field="label", most=LABEL_MAX)
    digits = HARDWARE_DIGITS.get(kind, ())
    if digits and not _is_hex(hardware, digits):
        raise TagHardwareWrong(field="hardware_id", digits="か".join(map(str, digits)))
    before = Tag.objects.filter(uid=uid).first()
    if before is not None:
        return Enrolled(before)
    code = readable_code(CODE_LENGTH) if kind == Tag.Kind.QR_CARD else ""
    key = token_bytes(16) if kind not in WITHOUT_KEY else b""
    try:
        with transaction.atomic():
            tag = Tag.objects.create(
                uid=uid,
                kind=kind,
                label=label,
                recipient_uid=recipient_uid,
                place_uid=place_uid,
                carrier_uid=carrier_uid if kind == Tag.Kind.BEACON else None,
                code_hash=hashed(code) if code else "",
                hardware_id=hardware if digits else "",
                key_sealed=seal(key.hex()) if key else None,
                enrolled_at=clock.now(),
                enrolled_by=by,
            )
            act_record(actor=by, action="tag_enrol", subject_kind="tag", subject_id=uid, note=kind)
    except IntegrityError:
        raise TagHardwareTaken(field="hardware_id") from None
    return Enrolled(tag, code, key.hex())


def plain_number(text: str) -> str:
    """A number as it is stored, however it was written."""
    return normalised(text).lower().translate({ord(one): None for one in ":- "})


def beacon_like(number: str) -> bool:
    """Whether a plain number may be that of a beacon."""
    return _is_hex(number, BEACON_DIGITS)


def _is_hex(number: str, digits: tuple[int, ...]) -> bool:
    return len(number) in digits and not set(number) - set("0123456789abcdef")


def _carrier_checked(uid: UUID | None) -> None:
    """Raises ``BeaconCarrierUnfit`` for whoever is no supporter of this town."""
    standing = Person.objects.filter(uid=uid, supporter_since__isnull=False, left_at=None)
    if uid is None or not standing.exists():
        raise BeaconCarrierUnfit(field="kind")


def tag_end(*, uid: UUID, by: User) -> Tag:
    """Nothing that ``uid`` says counts from now on: it was lost, or the person has moved. Ended
    already: nothing changes. Raises ``NotFound``."""
    staff_checked(by)
    with transaction.atomic():
        tag = Tag.objects.select_for_update().filter(uid=uid).first()
        if tag is None:
            raise NotFound()
        if tag.ended_at is None:
            tag.ended_at = clock.now()
            tag.save(update_fields=["ended_at"])
            act_record(actor=by, action="tag_end", subject_kind="tag", subject_id=uid)
    return tag


# --- read at the place ----------------------------------------------------------------------------
def card_read(*, code: str) -> TagRead:
    """The printed card with this code. Raises ``TagUnknown``, ``TagEnded``."""
    tag = Tag.objects.filter(code_hash=hashed(code)).first() if code.strip() else None
    return TagRead(_standing(tag).uid)


def chip_read(*, tag_uid: UUID, p: str, m: str) -> TagRead:
    """The card with a chip that wrote ``p`` and ``m`` into the address that the phone opened.

    Raises ``TagUnknown`` (also for values that the chip did not make), ``TagEnded``,
    ``TagReplayed`` (an address that was opened before).
    """
    tag = _standing(Tag.objects.filter(uid=tag_uid, kind=Tag.Kind.NFC_CARD).first())
    try:
        said = nfc.touch(p=p, m=m, key=bytes.fromhex(unseal(tag.key_sealed)))
    except nfc.BadTouch:
        raise TagUnknown() from None
    if said.uid.hex() != tag.hardware_id:
        raise TagUnknown()
    if said.counter <= tag.counter:
        raise TagReplayed()
    return TagRead(tag.uid, said.counter)


def _standing(tag: Tag | None) -> Tag:
    if tag is None:
        raise TagUnknown()
    if tag.ended_at is not None:
        raise TagEnded()
    return tag


def hashed(code: str) -> str:
    """What is kept of a printed code; however it was typed."""
    plain = normalised(code).upper().replace("-", "").replace(" ", "")
    return hashlib.sha256(plain.encode()).hexdigest()


def visits_there(tag: Tag) -> QuerySet[Visit]:
    """The visits where the tag is, of all times. Inside the place's town."""
    where = Q(pk__in=[])
    if tag.recipient_uid is not None:
        where |= Q(recipient_uid=tag.recipient_uid)
    if tag.place_uid is not None:
        requests = HelpRequest.objects.filter(place_uid=tag.place_uid)
        where |= Q(request_uid__in=requests.values("uid"))
    found: QuerySet[Visit] = Visit.objects.filter(where)
    return found


def visits_at(tag: Tag, *, states: tuple[str, ...], at: datetime) -> list[Visit]:
    """The visits of that day and place, the soonest first. Inside the place's town."""
    day = clock.local(at).date()
    of_day = visits_there(tag).filter(
        state__in=states, starts_at__lt=clock.at(day, 23, 59), ends_at__gt=clock.at(day, 0)
    )
    return list(of_day.order_by("starts_at"))


def places_of(visit: Visit) -> QuerySet[HelpRequest, Any]:
    """The place of ``visit`` as cards and requests name it, to filter by. None for some."""
    own = HelpRequest.objects.filter(uid=visit.request_uid, place_uid__isnull=False)
    return own.values("place_uid")  # type: ignore[no-any-return]


def devices_at(visit: Visit) -> QuerySet[Tag]:
    """The buttons and readers that stand where ``visit`` is. Inside the place's town."""
    where = Q(pk__in=[])
    if visit.recipient_uid is not None:
        where |= Q(recipient_uid=visit.recipient_uid)
    where |= Q(place_uid__in=places_of(visit))
    found: QuerySet[Tag] = Tag.objects.filter(where, kind__in=Tag.DEVICES, ended_at=None)
    return found


def visits_of_tag(*, read: TagRead, supporter_uid: UUID) -> list[UUID]:
    """The visits that this supporter has today where the tag is. Inside the place's town."""
    tag = Tag.objects.get(uid=read.tag_uid)
    found = visits_at(tag, states=(State.SCHEDULED, State.STARTED), at=clock.now())
    return [visit.uid for visit in found if visit.supporter_uid == supporter_uid]


def tag_use(*, visit: Visit, read: TagRead, nonce: UUID) -> Kind:
    """Use a reading for ``visit`` (its row in the place's town); a counter is used up. The same
    ``nonce`` again changes nothing. Returns what kind of proof it is.

    Raises ``TagUnknown``, ``TagEnded``, ``TagReplayed``, ``TagElsewhere``.
    """
    with tenant(visit.municipality_id):
        tag = Tag.objects.select_for_update().filter(uid=read.tag_uid).first()
        if tag is not None and TagSignal.objects.filter(nonce=nonce, tag=tag).exists():
            return Kind(tag.kind)
        tag = _standing(tag)
        if not _is_at(tag, visit):
            raise TagElsewhere()
        if tag.key_sealed is not None and (read.counter is None or read.counter <= tag.counter):
            raise TagReplayed()
        tag.seen_at = clock.now()
        if read.counter is not None:
            tag.counter = read.counter
        tag.save(update_fields=["seen_at", "counter"])
        TagSignal.objects.create(
            tag=tag,
            nonce=nonce,
            visit_uid=visit.uid,
            counter=read.counter,
            server_at=clock.now(),
            outcome="proof",
        )
    return Kind(tag.kind)


def _is_at(tag: Tag, visit: Visit) -> bool:
    if tag.recipient_uid is not None and tag.recipient_uid == visit.recipient_uid:
        return True
    if tag.place_uid is None:
        return False
    return HelpRequest.objects.filter(uid=visit.request_uid, place_uid=tag.place_uid).exists()
