"""Addresses that a login had until lately: nobody else's while the office may put them back."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac

from kyojo.kernel import clock

from ..login_forgetting import has_office
from ..models import FormerMail, User
from .acts import act_record


def mail_hash(address: str) -> str:
    """What is stored of a former address."""
    return salted_hmac("kyojo.former_mail", address, algorithm="sha256").hexdigest()


def former_mail_keep(*, user: User, address: str, until: datetime) -> None:
    """Until then ``address`` is known, and no other login's."""
    FormerMail.objects.create(user=user, address_hash=mail_hash(address), until=until)


def former_mails_let_go(*, user: User, addresses: Iterable[str]) -> None:
    hashes = [mail_hash(address) for address in addresses]
    FormerMail.objects.filter(user=user, address_hash__in=hashes).delete()


def former_mails_purge() -> int:
    """Of all towns: whoever signs up is of none yet."""
    deleted, _ = FormerMail.objects.filter(until__lte=clock.now()).delete()
    return int(deleted)


def mail_is_kept(address: str, *, but: User | None = None) -> bool:
    """Whether ``address`` may still be put back to another login than ``but``. Needs no tenant."""
    kept = FormerMail.objects.filter(address_hash=mail_hash(address), until__gt=clock.now())
    return bool(kept.exclude(user=but).exists() if but is not None else kept.exists())


def mail_is_known(address: str) -> bool:
    """Whether ``address`` is a login's, or may be put back to one. Needs no tenant."""
    return User.objects.filter(email=address).exists() or mail_is_kept(address)


def mail_may_move(address: str, *, user: User) -> bool:
    """Whether who proves ``address`` may have it for the login ``user``: nobody else has it, or
    somebody who never came in by it."""
    if mail_is_kept(address, but=user):
        return False
    other = User.objects.filter(email=address).exclude(pk=user.pk).first()
    return other is None or _is_unproven(other)


def login_put_aside(*, address: str, user: User, by: User) -> None:
    """``user`` is to have ``address``, and has proven it: a login that was made with it and never
    came in opens nothing any more and lets go of it, unless somebody holds an office with it.
    What was registered with it stays."""
    with transaction.atomic():
        other = User.objects.filter(email=address).exclude(pk=user.pk).first()
        if other is None or not _is_unproven(other):
            return
        # Whoever comes in by it this moment keeps it.
        aside = User.objects.filter(pk=other.pk, email=address, last_login=None).update(
            email=f"aside-{other.pk}@invalid", is_active=False
        )
        if aside:
            act_record(actor=by, action="login_put_aside", subject_kind="user", subject_id=other.pk)


def _is_unproven(user: User) -> bool:
    return user.last_login is None and not has_office(user)
