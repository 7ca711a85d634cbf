"""Reads of keys, devices and resets. Of the current municipality."""

from datetime import datetime
from typing import NamedTuple

from kyojo.kernel import clock

from .models import FactorReset, KnownDevice, StaffRole, User
from .services.devices import KNOWN_FOR, device_hash


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


def staff_names() -> dict[int, str]:
    """Everybody who works at this desk, by the id of their login, sorted on readings."""
    rows = StaffRole.objects.order_by("name_kana").values_list("user_id", "name", "title")
    return {user_id: f"{name}（{title}）" for user_id, name, title in rows}
