"""Tries of codes and questions: counted, so that guessing gets nowhere."""

from datetime import timedelta

from django.db import transaction

from kyojo.kernel import clock

from .. import tasks
from ..errors import CodeTooOften, QuestionsTooOften
from ..models import SecurityTry, User

#: So many wrong codes within the window, and so many in a day, then no more are looked at.
CODES_WRONG_MAX, CODES_WINDOW = 5, timedelta(minutes=15)
CODES_WRONG_DAY_MAX = 20
#: So many failed rounds of questions lock them for a day.
ROUNDS_WRONG_MAX, ROUNDS_WINDOW = 2, timedelta(hours=24)
DAY = timedelta(hours=24)


def try_checked(*, user: User, kind: str) -> None:
    """Whether one more try may be looked at. Locks the login's row until the transaction ends, so
    that guesses sent at once are counted one after the other.

    Raises ``CodeTooOften``, ``QuestionsTooOften``.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if tries_locked(user=user, kind=kind):
        if kind == SecurityTry.Kind.QUESTION:
            raise QuestionsTooOften()
        raise CodeTooOften(minutes=int(CODES_WINDOW.total_seconds()) // 60)


def tries_locked(*, user: User, kind: str) -> bool:
    """Whether no further try is looked at for now."""
    now = clock.now()
    wrong = SecurityTry.objects.filter(user=user, kind=kind, passed=False)
    if kind == SecurityTry.Kind.QUESTION:
        return wrong.filter(at__gt=now - ROUNDS_WINDOW).count() >= ROUNDS_WRONG_MAX
    lately = wrong.filter(at__gt=now - CODES_WINDOW).count()
    return lately >= CODES_WRONG_MAX or (
        wrong.filter(at__gt=now - DAY).count() >= CODES_WRONG_DAY_MAX
    )


def try_record(*, user: User, kind: str, passed: bool) -> None:
    """Keep the outcome; a login at which somebody guesses is told by mail, once a stretch."""
    with transaction.atomic():
        SecurityTry.objects.create(user=user, kind=kind, passed=passed)
        if passed:
            return
        most, window = (
            (ROUNDS_WRONG_MAX, ROUNDS_WINDOW)
            if kind == SecurityTry.Kind.QUESTION
            else (CODES_WRONG_MAX, CODES_WINDOW)
        )
        wrong = SecurityTry.objects.filter(
            user=user, kind=kind, passed=False, at__gt=clock.now() - window
        )
        if wrong.count() == most:
            tasks.security_mail.defer(user_id=user.pk, what="tries_many")


def tries_purge() -> int:
    """What is older than any limit looks at is dropped. Returns how many there were."""
    deleted, _ = SecurityTry.objects.filter(at__lt=clock.now() - 2 * DAY).delete()
    return int(deleted)
