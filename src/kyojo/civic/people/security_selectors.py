"""Reads of keys, devices and resets. Of the current municipality."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kyojo.kernel import clock

from .models import FactorReset, KnownDevice, MailChange, Person, User
from .services.devices import KNOWN_FOR, device_hash
from .services.mails import CODE_FOR, UNDO_FOR


class DeviceRow(NamedTuple):
    """A device as its owner reads it. ``is_this``: the one in use now."""

    id: int
    name: str
    first_at: datetime
    last_at: datetime
    is_this: bool


def devices_of(user: User, *, key: str) -> list[DeviceRow]:
    """The devices that are known of a login, the one in use first."""
    mine = device_hash(user, key) if key else ""
    found = KnownDevice.objects.filter(
        user=user, removed_at=None, last_at__gt=clock.now() - KNOWN_FOR
    )
    rows = [
        DeviceRow(one.pk, one.name, one.first_at, one.last_at, one.key_hash == mine)
        for one in found
    ]
    return sorted(rows, key=lambda row: not row.is_this)


def resets_waiting() -> list[FactorReset]:
    return list(FactorReset.objects.filter(state=FactorReset.State.WAITING).order_by("asked_at"))


def resets_lately(limit: int = 50) -> list[FactorReset]:
    return list(FactorReset.objects.all()[:limit])


def mail_change_open(user: User, uid: UUID) -> MailChange | None:
    """The change of address ``uid`` of a login, while it waits for its numbers."""
    found: MailChange | None = MailChange.objects.filter(
        user=user,
        uid=uid,
        state=MailChange.State.WAITING,
        asked_at__gt=clock.now() - CODE_FOR,
    ).first()
    return found


def mail_changes_lately(person: Person) -> list[MailChange]:
    """What the office may put back, the newest first."""
    if person.user_id is None:
        return []
    return list(
        MailChange.objects.filter(
            user_id=person.user_id,
            state=MailChange.State.DONE,
            done_at__gt=clock.now() - UNDO_FOR,
        ).order_by("-done_at")
    )
