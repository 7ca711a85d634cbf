"""The end of checks: who has one that ends hears it in good time. Matching needs no job: it asks of
each check whether it holds on the day of the help.
"""

from datetime import timedelta

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel import clock
from kyojo.kernel.wording import jdate

from . import sentences, trust
from .models import TrustCheck
from .services import notice_send

#: For so many days after the last one somebody is still told that it is over.
TOLD_AFTER = timedelta(days=14)


def checks_end_tell(*, municipality_id: int) -> int:
    """Tell whoever helps and has a check that ends within 60 days, again within 14, and once when
    it has ended. Each is told once a time, whenever the job runs. Returns how many reminders
    stand."""
    today = clock.today()
    told = 0
    with tenant(municipality_id):
        ending = TrustCheck.objects.select_related("person").filter(
            withdrawn_at=None,
            valid_until__lte=today + timedelta(days=max(trust.TOLD_DAYS)),
            valid_until__gte=today - TOLD_AFTER,
            person__left_at=None,
            person__supporter_since__isnull=False,
        )
        for check in ending.order_by("pk"):
            left = (check.valid_until - today).days
            due = trust.reminder_of(left)
            title, body = (
                (sentences.CHECK_ENDED, sentences.CHECK_ENDED_BODY)
                if due is None
                else (sentences.CHECK_ENDS, sentences.CHECK_ENDS_BODY)
            )
            notice_send(
                person=check.person,
                kind="trust_ends",
                key=f"trust_ends:{check.pk}:{check.valid_until}:{due or 0}",
                title=title.format(
                    what=trust.what_of(check.kind, check.label), day=jdate(check.valid_until)
                ),
                body=body.format(way=trust.WAYS[check.kind]),
                path=sentences.TRUST_PATH,
            )
            told += 1
    return told
