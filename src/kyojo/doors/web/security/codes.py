"""The numbers of an app and recovery codes: one of them is taken once, and guessing is slow."""

import re

from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt, encrypt
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from kyojo.civic.people import tasks
from kyojo.civic.people.errors import CodeWrong
from kyojo.civic.people.models import SecurityTry, User
from kyojo.civic.people.services import act_record, try_checked, try_record
from kyojo.kernel.text import normalised

CODE = SecurityTry.Kind.CODE


def cleaned(typed: str) -> str:
    """A code as it is compared: full-width figures, blanks and hyphens are taken."""
    return re.sub(r"[\s\-]", "", normalised(typed))[:20]


def counter_of(secret: str, code: str) -> int | None:
    """The half minute in which an app with ``secret`` shows ``code``; None: not now."""
    for counter in yield_hotp_counters_from_time():
        if constant_time_compare(code, format_hotp_value(hotp_value(secret, counter))):
            return counter
    return None


def code_use(request: HttpRequest, user: User, typed: str) -> str:
    """Take a code of the app or a recovery code, and keep in the session that it was shown.

    Returns its kind. A wrong one is counted even though it is refused. Raises ``CodeTooOften``,
    ``CodeWrong``.
    """
    code = cleaned(typed)
    with transaction.atomic():
        try_checked(user=user, kind=CODE)
        used = _app_code(user, code) or _recovery_code(user, code)
        try_record(user=user, kind=CODE, passed=used is not None)
        if used is not None:
            post_authentication(request, used, reauthenticated=True)
            if used.type == Authenticator.Type.RECOVERY_CODES:
                tasks.security_mail.defer(user_id=user.pk, what="recovery_used")
    if used is None:
        raise CodeWrong(field="code")
    return str(used.type)


def _app_code(user: User, code: str) -> Authenticator | None:
    key = (
        Authenticator.objects.select_for_update()
        .filter(user_id=user.pk, type=Authenticator.Type.TOTP)
        .first()
    )
    if key is None or not re.fullmatch(r"[0-9]{6}", code):
        return None
    counter = counter_of(decrypt(key.data["secret"]), code)
    # A code that was looked over somebody's shoulder is worth nothing once it was used.
    if counter is None or counter <= key.data.get("counter", 0):
        return None
    key.data["counter"] = counter
    key.save(update_fields=["data"])
    return key


def _recovery_code(user: User, code: str) -> Authenticator | None:
    key = Authenticator.objects.filter(
        user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    if key is None or not re.fullmatch(r"[0-9]{8}", code):
        return None
    return key if RecoveryCodes(key).validate_code(code) else None


def app_add(request: HttpRequest, user: User, secret: str, typed: str) -> bool:
    """Keep the app that shows ``typed`` as a second factor. Returns whether recovery codes were
    made with it, which are to be shown now. Raises ``CodeTooOften``, ``CodeWrong``."""
    with transaction.atomic():
        try_checked(user=user, kind=CODE)
        counter = counter_of(secret, cleaned(typed))
        try_record(user=user, kind=CODE, passed=counter is not None)
        if counter is not None:
            key, _ = Authenticator.objects.update_or_create(
                user=user,
                type=Authenticator.Type.TOTP,
                defaults={"data": {"secret": encrypt(secret), "counter": counter}},
            )
            made = recovery_ensure(user)
            added(user, "totp")
            post_authentication(request, key, reauthenticated=True)
    if counter is None:
        raise CodeWrong(field="code")
    return made


def app_remove(user: User) -> None:
    """The app opens nothing any more; without any other key the recovery codes go with it."""
    with transaction.atomic():
        deleted, _ = Authenticator.objects.filter(
            user_id=user.pk, type=Authenticator.Type.TOTP
        ).delete()
        if deleted:
            removed(user, "totp")
            dangling_remove(user)


def dangling_remove(user: User) -> None:
    keys = Authenticator.objects.filter(user_id=user.pk)
    if not keys.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        keys.delete()


def recovery_ensure(user: User) -> bool:
    """Ten recovery codes, unless there are some. Returns whether they were made now."""
    there = Authenticator.objects.filter(
        user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES
    ).exists()
    if not there:
        RecoveryCodes.activate(user)
    return not there


def recovery_renew(user: User) -> None:
    """Ten new recovery codes; the old ones open nothing any more."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        Authenticator.objects.filter(
            user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES
        ).delete()
        RecoveryCodes.activate(user)
        added(user, "recovery_codes")


def recovery_left(user: User) -> int | None:
    """How many recovery codes are unused; None where there are none at all."""
    key = Authenticator.objects.filter(
        user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    return None if key is None else len(RecoveryCodes(key).get_unused_codes())


def recovery_show(user: User) -> list[str]:
    """The codes, the first time they are asked for; an empty list afterwards."""
    with transaction.atomic():
        key = (
            Authenticator.objects.select_for_update()
            .filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES)
            .first()
        )
        if key is None or RecoveryCodes(key).did_view:
            return []
        codes = RecoveryCodes(key)
        codes.mark_as_viewed()
        return list(codes.generate_codes())


def added(user: User, kind: str) -> None:
    """On record, and told to the login's owner, in the transaction of the act."""
    _told(user, "factor_added", kind)


def removed(user: User, kind: str) -> None:
    _told(user, "factor_removed", kind)


def _told(user: User, action: str, kind: str) -> None:
    act_record(actor=user, action=action, subject_kind="user", subject_id=user.pk, note=kind)
    tasks.security_mail.defer(user_id=user.pk, what=action)
