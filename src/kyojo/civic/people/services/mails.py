"""Another mail address for a login: asked for, proven by numbers in a mail to it, put back."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare

from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import tasks
from ..domain import BASES
from ..errors import (
    BasisMissing,
    MailChangeGone,
    MailChangeOver,
    MailChangeTooOften,
    MailCodeWrong,
    MailSame,
    MailTaken,
    OrderDiffers,
    OwnCheck,
)
from ..models import MailChange, Person, SecurityTry, StaffRole, User
from ..selectors import staff_required
from .acts import act_record
from .devices import devices_doubt
from .factors import keys_end, sessions_end
from .former_mails import (
    former_mail_keep,
    former_mails_let_go,
    former_mails_purge,
    login_put_aside,
    mail_is_kept,
)
from .logins import ask_count, email_checked
from .tries import try_checked, try_record

#: So long the numbers hold, and so many times in a day a login may ask for some.
CODE_FOR = timedelta(minutes=30)
ASKS_A_DAY = 5
#: So long the office can put the former address back.
UNDO_FOR = timedelta(days=30)
State = MailChange.State
KIND = SecurityTry.Kind.MAIL


def mail_change_ask(*, uid: UUID, user: User, email: str) -> MailChange:
    """Send numbers to ``email``, and word of it to the address that holds until they come back.
    Whoever asks is answered the same whether the address is another login's or not. The same order
    again: nothing is sent. An ask that waited is over.

    Raises ``EmailWrong``, ``MailSame``, ``MailChangeTooOften`` (of this login),
    ``LoginLinkTooOften`` (to this address, known or not), ``OrderDiffers``.
    """
    address = email_checked(email)
    with transaction.atomic():
        own = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        before: MailChange | None = MailChange.objects.filter(uid=uid).first()
        if before is not None:
            if before.user_id != own.pk or before.new != address:
                raise OrderDiffers()
            return before
        if address == own.email:
            raise MailSame(field="email")
        asked = MailChange.objects.filter(user=own)
        if asked.filter(asked_at__gt=clock.now() - timedelta(days=1)).count() >= ASKS_A_DAY:
            raise MailChangeTooOften(most=ASKS_A_DAY)
        ask_count(address)
        asked.filter(state=State.WAITING).update(state=State.OVER, code="")
        change: MailChange = MailChange.objects.create(
            uid=uid, user=own, new=address, code=f"{secrets.randbelow(1_000_000):06}"
        )
        _on_record("mail_change_asked", own, by=own)
        tasks.mail_code_mail.defer(municipality_id=current(), change_id=change.pk)
        tasks.mail_asked_mail.defer(municipality_id=current(), change_id=change.pk)
    return change


def mail_change_confirm(*, uid: UUID, user: User, code: str) -> MailChange:
    """The numbers that came to the new address: from now on it is the login's. Every session ends
    (the door keeps its own), links that were mailed before open nothing, and the former address is
    told. Once more after that: nothing changes. A wrong one is counted although it is refused.

    Raises ``NotFound``, ``CodeTooOften``, ``MailChangeOver``, ``MailCodeWrong``, ``MailTaken``.
    """
    with transaction.atomic():
        try_checked(user=user, kind=KIND)
        change: MailChange | None = MailChange.objects.filter(uid=uid, user=user).first()
        if change is None:
            raise NotFound()
        if change.state == State.DONE:
            return change
        if change.state != State.WAITING or change.asked_at <= clock.now() - CODE_FOR:
            raise MailChangeOver(minutes=int(CODE_FOR.total_seconds()) // 60)
        is_right = constant_time_compare(code, change.code)
        try_record(user=user, kind=KIND, passed=is_right)
        if is_right:
            user.refresh_from_db(fields=["email", "password"])
            change.old = user.email
            change.state, change.done_at, change.code = State.DONE, clock.now(), ""
            _moved(change, to=change.new, by=user)
            former_mail_keep(user=user, address=change.old, until=change.done_at + UNDO_FOR)
            sessions_end(user=user)
            _on_record("mail_changed", user, by=user)
            tasks.mail_changed_mail.defer(municipality_id=current(), change_id=change.pk)
    if not is_right:
        raise MailCodeWrong(field="code")
    user.email = change.new
    return change


def mail_change_undo(*, uid: UUID, person: Person, by: User, basis: str) -> MailChange:
    """An officer puts back the address that a member's login had before the change ``uid``, of
    which they say that it was not them: later changes fall with it, every session ends, and with
    them the keys that were made and the browsers that came to be trusted since it was asked for.
    Put back already: nothing changes.

    Raises ``NotFound`` (no officer, another's change), ``OwnCheck``, ``BasisMissing``,
    ``MailChangeGone``, ``MailTaken``.
    """
    staff_required(by, StaffRole.Role.OFFICER)
    if person.user_id is None:
        raise NotFound()
    if person.user_id == by.pk:
        raise OwnCheck()
    if basis not in BASES:
        raise BasisMissing(field="basis")
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=person.user_id)
        changes = MailChange.objects.filter(user=user)
        change: MailChange | None = changes.filter(uid=uid, done_at__isnull=False).first()
        if change is None:
            raise NotFound()
        if change.state == State.UNDONE:
            return change
        if change.done_at <= clock.now() - UNDO_FOR:
            raise MailChangeGone(days=UNDO_FOR.days)
        change.state, change.undone_by = State.UNDONE, by
        _moved(change, to=change.old, by=by)
        later = changes.filter(state=State.DONE, done_at__gte=change.done_at)
        former_mails_let_go(user=user, addresses=[change.old, *(one.old for one in later)])
        later.update(state=State.UNDONE, undone_by=by)
        changes.filter(state=State.WAITING).update(state=State.OVER, code="")
        sessions_end(user=user)
        keys_end(user=user, since=change.asked_at)
        devices_doubt(user=user, since=change.asked_at)
        _on_record("mail_change_undone", user, by=by, basis=basis)
        tasks.security_mail.defer(user_id=user.pk, what="mail_undone")
    return change


def mail_changes_purge() -> int:
    """Erase what nothing is done with any more: asks after two days, changes after the days in
    which the office could put them back. Of the current town; returns how many."""
    now = clock.now()
    asked, _ = MailChange.objects.filter(
        done_at=None, asked_at__lte=now - timedelta(days=2)
    ).delete()
    done, _ = MailChange.objects.filter(done_at__lte=now - UNDO_FOR).delete()
    former_mails_purge()
    return int(asked) + int(done)


def _moved(change: MailChange, *, to: str, by: User) -> None:
    login_put_aside(address=to, user=change.user, by=by)
    try:
        with transaction.atomic():
            User.objects.filter(pk=change.user_id).update(email=to)
    except IntegrityError:
        raise MailTaken() from None
    # Looked at with the address in hand: a change of this moment has come to its end then.
    if mail_is_kept(to, but=change.user):
        raise MailTaken()
    change.save()


def _on_record(action: str, user: User, *, by: User, basis: str = "") -> None:
    act_record(actor=by, action=action, subject_kind="user", subject_id=user.pk, basis=basis)
