"""Losing the second factor: two colleagues take it away, and the person sets up a new one."""

import base64
from collections import Counter
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.sealing import is_current, key_of, seal, unseal
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import tasks
from ..errors import (
    ChoiceUnknown,
    FactorResetDecided,
    FactorResetOpen,
    FactorResetOwn,
    FactorResetSamePerson,
    OrderDiffers,
)
from ..models import FactorReset, StaffRole, User
from ..selectors import staff_required
from ..staff_selectors import appeal_officer_of
from .acts import act_record, staff_checked

#: Of an allauth key: what is sealed of it (an app's secret, the seed of recovery codes).
SEALED = frozenset({"secret", "seed"})


def factor_reset_ask(*, uid: UUID, user: User, checked: str, by: User) -> FactorReset:
    """``by``, of the desk, has seen ``user`` in person (``FactorReset.Checked``) and asks that
    their passkeys, numbers and recovery codes are taken away. ``uid`` is the form's order.

    Raises ``NotFound`` (``by`` is no staff here, ``user`` neither that nor who decides appeals here
    from outside), ``FactorResetOwn``, ``FactorResetOpen``,
    ``ChoiceUnknown``, ``OrderDiffers``.
    """
    staff_checked(by)
    if appeal_officer_of(user) is None:
        staff_checked(user)
    if user.pk == by.pk:
        raise FactorResetOwn()
    if checked not in FactorReset.Checked.values:
        raise ChoiceUnknown(field="checked", part="確かめ方")
    before: FactorReset | None = FactorReset.objects.filter(uid=uid).first()
    if before is not None:
        if (before.user_id, before.asked_by_id, before.checked) != (user.pk, by.pk, checked):
            raise OrderDiffers()
        return before
    try:
        with transaction.atomic():
            reset: FactorReset = FactorReset.objects.create(
                uid=uid, user=user, checked=checked, asked_by=by
            )
            act_record(
                actor=by,
                action="factor_reset_asked",
                subject_kind="user",
                subject_id=user.pk,
                basis=FactorReset.Checked(checked).label,
            )
            tasks.security_mail.defer(user_id=user.pk, what="reset_asked")
    except IntegrityError:
        raise FactorResetOpen() from None
    return reset


def factor_reset_decide(*, uid: UUID, done: bool, by: User) -> FactorReset:
    """An officer who is neither the person nor the colleague who looked takes the factors away
    (``done``), which ends every session of the login, or does not. The person is told by mail.

    Raises ``NotFound``, ``FactorResetOwn``, ``FactorResetSamePerson``, ``FactorResetDecided``.
    """
    staff_required(by, StaffRole.Role.OFFICER)
    with transaction.atomic():
        reset: FactorReset | None = (
            FactorReset.objects.select_for_update(no_key=True).filter(uid=uid).first()
        )
        if reset is None:
            raise NotFound()
        if by.pk == reset.user_id:
            raise FactorResetOwn()
        if by.pk == reset.asked_by_id:
            raise FactorResetSamePerson()
        states = FactorReset.State
        wanted = states.DONE if done else states.REFUSED
        if reset.state != states.WAITING:
            if reset.state == wanted and reset.decided_by_id == by.pk:
                return reset
            raise FactorResetDecided()
        reset.state, reset.decided_by, reset.decided_at = wanted, by, clock.now()
        reset.save(update_fields=["state", "decided_by", "decided_at"])
        if done:
            user = User.objects.get(pk=reset.user_id)
            Authenticator.objects.filter(user_id=user.pk).delete()
            sessions_end(user=user)
        act_record(
            actor=by,
            action="factor_reset_done" if done else "factor_reset_refused",
            subject_kind="user",
            subject_id=reset.user_id,
            basis=reset.get_checked_display(),
        )
        tasks.security_mail.defer(
            user_id=reset.user_id, what="reset_done" if done else "reset_refused"
        )
    return reset


def secret_seal(secret: str) -> str:
    """A secret of an app or of recovery codes, sealed, as text: allauth keeps it in a JSON."""
    return base64.urlsafe_b64encode(seal(secret)).decode()


def secret_open(sealed: str) -> str:
    return str(unseal(base64.urlsafe_b64decode(sealed)))


def secrets_counted() -> Counter[str]:
    """How many of these secrets each field key sealed, by its name; "": none that is there."""
    found = Counter[str]()
    for data in Authenticator.objects.exclude(type="webauthn").values_list("data", flat=True):
        found.update(key_of(base64.urlsafe_b64decode(data[name])) for name in SEALED & data.keys())
    return found


def secrets_reseal() -> int:
    """Seal by the first field key what another one sealed; how many there were. What no key opens
    is left as it is. Needs no tenant."""
    done = 0
    for pk in Authenticator.objects.exclude(type="webauthn").values_list("pk", flat=True):
        with transaction.atomic():
            key = Authenticator.objects.select_for_update().filter(pk=pk).first()
            for name in SEALED & key.data.keys() if key else ():
                sealed = base64.urlsafe_b64decode(key.data[name])
                if key_of(sealed) and not is_current(sealed):
                    key.data[name] = secret_seal(secret_open(key.data[name]))
                    key.save(update_fields=["data"])
                    done += 1
    return done


def keys_end(*, user: User, since: datetime) -> int:
    """Take away the passkeys, apps and recovery codes that were made since then; how many. Codes
    without any other key go with it."""
    keys = Authenticator.objects.filter(user_id=user.pk)
    ended, _ = keys.filter(created_at__gte=since).delete()
    if not keys.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        left, _ = keys.delete()
        ended += left
    return int(ended)


def sessions_end(*, user: User) -> None:
    """Every session and every mailed link of the login ends: both hang on this unusable value."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
