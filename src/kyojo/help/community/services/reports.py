"""A report (通報): a case in each town concerned, and the reporter told that it arrived.

The other one never learns who reported, or that anybody did. Their own town's office gets what was
said and about what, and not the reporter's name: that stays with the reporter's own office.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people import domain as people
from kyojo.civic.people.models import Person
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import domain
from ..errors import ReasonMissing, ReportsTooMany, WordsMissing
from ..models import Case
from .cases import case_open

SUBJECTS = ("visit", "message", "person", "review", "group_post")
DAY, MANY = timedelta(days=1), 10


def report_send(
    *,
    order_id: UUID,
    reporter: Person,
    subject_kind: str,
    subject_uid: UUID,
    about: list[tuple[int, UUID]],
    reasons: list[str],
    words: str,
) -> Case:
    """Tell the office about somebody. ``about``: (municipality code, uid) of the people it is
    about. The most pressing of ``reasons`` (``domain.REASONS``) sets the deadline. The same order
    again: the case that there is, and nobody is told twice.

    Raises ``ReasonMissing``, ``WordsMissing`` (for "other"), ``TextTooLong``, ``ReportsTooMany``,
    ``NotFound`` (an unknown kind, or oneself).
    """
    known = [code for code in domain.REASONS if code in reasons]
    if not known:
        raise ReasonMissing(field="reasons")
    kept = people.words(words, part="くわしいこと", field="words", limit=domain.WORDS_MAX)
    if known == ["other"] and not kept:
        raise WordsMissing(field="words")
    if subject_kind not in SUBJECTS or any(uid == reporter.uid for _, uid in about):
        raise NotFound()
    with transaction.atomic():
        before = Case.objects.filter(uid=order_id).first()
        if before is not None:
            if before.opened_by_uid != reporter.uid:
                raise NotFound()
            return before  # type: ignore[no-any-return]
        since = clock.now() - DAY
        if Case.objects.filter(opened_by_uid=reporter.uid, opened_at__gt=since).count() >= MANY:
            raise ReportsTooMany()
        here = current()
        towns = sorted({here, *(town for town, _ in about)})
        for town in towns:
            with tenant(town):
                case = case_open(
                    uid=order_id,
                    kind=Case.Kind.REPORT,
                    urgency=domain.urgency_of(known),
                    subject_kind=subject_kind,
                    subject_uid=subject_uid,
                    about=[uid for _, uid in about],
                    words=kept,
                    opened_by_uid=reporter.uid if town == here else None,
                    reasons=known,
                    sides=towns,
                    opened_in=here,
                    tells=town == here,
                )
                if town == here:
                    own = case
    return own
