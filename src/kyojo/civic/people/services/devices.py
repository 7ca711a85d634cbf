"""Browsers in which a login was opened before (使っている機械)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from ..models import KnownDevice, User
from .acts import act_record

#: A device that nobody used for so long is as good as unknown; one that was used for so long is
#: known without any further proof.
KNOWN_FOR, KNOWN_AFTER = timedelta(days=180), timedelta(days=7)


@dataclass(frozen=True)
class Seen:
    """What is known of the browser of this request.

    ``is_here``: used before with this login. ``is_known``: trusted by a proof, or in use for a
    week. ``is_first``: the login has no other device, so that nothing is unusual about a new one.
    ``silent_for``: how long the login was not used on any device.
    """

    is_here: bool
    is_known: bool
    is_first: bool
    silent_for: timedelta


def device_hash(user: User, key: str) -> str:
    """What is stored of the random key that a browser carries: another value for each login, so
    that a family's shared telephone does not tie its people together."""
    return salted_hmac("kyojo.device", f"{user.pk}:{key}", algorithm="sha256").hexdigest()


def device_look(*, user: User, key: str) -> Seen:
    """What is known of a browser that carries ``key`` ("" for none), without changing anything."""
    now = clock.now()
    devices = list(KnownDevice.objects.filter(user=user))
    mine = device_hash(user, key) if key else ""
    here = next(
        (
            one
            for one in devices
            if one.key_hash == mine and one.removed_at is None and one.last_at > now - KNOWN_FOR
        ),
        None,
    )
    last = max((one.last_at for one in devices), default=None)
    return Seen(
        is_here=here is not None,
        is_known=here is not None
        and (here.trusted_at is not None or here.first_at <= now - KNOWN_AFTER),
        is_first=not devices,
        silent_for=now - last if last else timedelta(0),
    )


def device_record(*, user: User, key: str, name: str, trusted: bool) -> KnownDevice:
    """The login was opened in the browser that carries ``key``, or (``trusted``) somebody proved
    in it who they are. One that was removed begins anew."""
    now = clock.now()
    with transaction.atomic():
        device: KnownDevice | None = (
            KnownDevice.objects.select_for_update()
            .filter(user=user, key_hash=device_hash(user, key))
            .first()
        )
        if device is None:
            device, _ = KnownDevice.objects.get_or_create(
                user=user,
                key_hash=device_hash(user, key),
                defaults={"name": name[:40], "first_at": now, "last_at": now},
            )
            assert device is not None
        if device.removed_at is not None or device.last_at <= now - KNOWN_FOR:
            device.first_at, device.trusted_at, device.removed_at = now, None, None
        device.name, device.last_at = name[:40], now
        if trusted:
            device.trusted_at = now
        device.save()
    return device


def devices_doubt(*, user: User, since: datetime) -> None:
    """Trust that a browser was given since then is gone; one that came since then is unknown."""
    devices = KnownDevice.objects.filter(user=user)
    devices.filter(trusted_at__gte=since).update(trusted_at=None)
    devices.filter(first_at__gte=since, removed_at=None).update(removed_at=clock.now())


def device_remove(*, user: User, device_id: int) -> KnownDevice:
    """The device is unknown again. Raises ``NotFound``."""
    device: KnownDevice | None = KnownDevice.objects.filter(
        user=user, pk=device_id, removed_at=None
    ).first()
    if device is None:
        raise NotFound()
    KnownDevice.objects.filter(pk=device.pk).update(removed_at=clock.now())
    act_record(actor=user, action="device_removed", subject_kind="user", subject_id=user.pk)
    return device
