"""Logins: accounts without a password, entered by a link in a mail or by a passkey."""

from urllib.parse import urlencode

import sesame.utils
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction
from django.utils.crypto import salted_hmac

from kyojo.kernel import clock

from .. import tasks
from ..domain import LOGIN_LINKS_MAX, LOGIN_LINKS_WINDOW
from ..errors import EmailTaken, EmailWrong, LoginLinkDead, LoginLinkTooOften
from ..models import LoginLinkAsk, User
from .former_mails import mail_is_kept

#: The page that asks for one press before a link is used: mail scanners follow links, too.
LOGIN_LINK_PATH = "/login/link/"


def user_create(*, email: str, municipality_id: int | None = None) -> User:
    """A login for an address. Needs no tenant. Raises ``EmailWrong``, ``EmailTaken``: also of an
    address that may still be put back to the login that had it.

    The refusal tells that the address is known: for staff and commands. A sign-up page for
    everyone uses ``login_link_send(sign_up_municipality_id=…)``, which does not tell.
    """
    address = email_checked(email)
    try:
        with transaction.atomic():
            user = User.objects.create_user(address, municipality_id=municipality_id)
            # Looked at after the row is there: a change of this moment has come to its end then.
            if mail_is_kept(address):
                raise EmailTaken(field="email")
    except IntegrityError:
        raise EmailTaken(field="email") from None
    return user


def user_deactivate(*, user: User) -> None:
    """The login opens nothing any more; what the person did stays."""
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.is_active = False


def email_checked(email: str) -> str:
    """An address as stored: trimmed, lower case. Raises ``EmailWrong``."""
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise EmailWrong(field="email") from None
    if len(address) > 254:
        raise EmailWrong(field="email")
    return address


def login_link_url(user: User, *, next_path: str = "") -> str:
    """The address of a link that lets ``user`` in once, for ``SESAME_MAX_AGE`` seconds."""
    query = sesame.utils.get_parameters(user)
    if next_path:
        query["next"] = next_path
    return f"{settings.BASE_URL}{LOGIN_LINK_PATH}?{urlencode(query)}"


def login_link_send(
    *,
    email: str,
    next_path: str = "",
    sign_up_municipality_id: int | None = None,
    opening: str = "",
) -> None:
    """Mail a login link to ``email`` where there is such a login. Needs no tenant.

    Answers the same, in the same time, whether the address is known or not. With
    ``sign_up_municipality_id`` an unknown address gets a login in that municipality first: the
    link then proves the address, and the person registers after it. ``opening`` names what the
    mail says first (``sentences.MAIL_LOGIN_OPENINGS``): only the address's owner reads it.

    Raises ``EmailWrong``, ``LoginLinkTooOften`` (per address, known or not).
    """
    address = email_checked(email)
    with transaction.atomic():
        ask_count(address)
        user = User.objects.filter(email=address).first()
        if user is None and sign_up_municipality_id is not None:
            try:
                user = user_create(email=address, municipality_id=sign_up_municipality_id)
            except EmailTaken:
                # Signed up with this moment; None for one that may be put back to its login.
                user = User.objects.filter(email=address).first()
        tasks.login_link_mail.defer(
            user_id=user.pk if user else None, next_path=next_path, opening=opening
        )


def login_link_use(*, token: str) -> User:
    """The login that a link's token stands for; the token is used up. Raises ``LoginLinkDead``.

    To be called by the POST that follows the press; the door then opens the session.
    """
    user: User | None = sesame.utils.get_user(token, update_last_login=False)
    if user is None or not user.is_active:
        raise LoginLinkDead()
    # A token lives until last_login changes: of two presses at once, one changes it.
    used = User.objects.filter(pk=user.pk, last_login=user.last_login, is_active=True).update(
        last_login=clock.now()
    )
    if not used:
        raise LoginLinkDead()
    return user


def ask_count(address: str) -> None:
    """One more mail to ``address``, whether it is known or not; inside a transaction. Raises
    ``LoginLinkTooOften``."""
    key = salted_hmac("kyojo.login_link", address, algorithm="sha256").hexdigest()
    since = clock.now() - LOGIN_LINKS_WINDOW
    with connection.cursor() as cursor:
        # Askers of one address queue here, so that five really are five.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(key[:15], 16)])
    LoginLinkAsk.objects.filter(at__lte=since).delete()
    if LoginLinkAsk.objects.filter(address_hash=key).count() >= LOGIN_LINKS_MAX:
        raise LoginLinkTooOften(minutes=int(LOGIN_LINKS_WINDOW.total_seconds()) // 60)
    LoginLinkAsk.objects.create(address_hash=key)
