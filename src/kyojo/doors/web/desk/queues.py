"""What waits at the desk: one queue per kind of work, with how long the oldest has waited.

A queue is late when its oldest has passed the time that the programme promises (``targets``).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from kyojo.civic.earnings.paid_selectors import payment_returns_waiting
from kyojo.civic.earnings.selectors import redemptions_waiting
from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.distribution import distributions_waiting
from kyojo.civic.programmes.clearing_selectors import settlements_waiting
from kyojo.civic.programmes.domain import Targets
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import issuances_waiting, programme_current
from kyojo.help.matching.posting_selectors import applications_waiting
from kyojo.help.matching.project_selectors import places_empty
from kyojo.help.requests.selectors import requests_unanswered
from kyojo.help.support.models import Visit
from kyojo.help.support.selectors import (
    buttons_troubled,
    codes_locked,
    consents_waiting,
    disputes_open,
    reviews_trouble,
)
from kyojo.kernel import clock
from kyojo.kernel.wording import jmoment, jtime, relative_day, waited

from . import people_reads
from .access import Desk

#: Before a programme has begun the desk still has its usual promises.
USUAL = Targets(request_hours=24, dispute_hours=24, identity_hours=72)
NOTHING = "待っているものはありません"
#: How long before a visit the recipient's yes is pressing, and before its end a confirmation.
CONSENT_CLOSE = timedelta(hours=48)
CONFIRM_CLOSE = timedelta(hours=24)
#: How long a carer's word about trouble stands on the desk: it is answered by telephone.
TROUBLE_SHOWN = timedelta(days=14)


@dataclass(frozen=True)
class Queue:
    """``count`` cases wait under ``name``; ``note`` says how long, or until when."""

    code: str
    name: str
    count: int
    note: str
    url: str
    is_late: bool = False


def municipality() -> Municipality:
    return Municipality.objects.get(pk=current())


def targets() -> Targets:
    try:
        return programme_current()[1].targets
    except ProgrammeMissing:
        return USUAL


def _waiting(
    code: str, name: str, moments: list[datetime], url: str, target_hours: int | None = None
) -> Queue:
    """A queue of cases that have waited since ``moments``."""
    if not moments:
        return Queue(code, name, 0, NOTHING, url)
    length = clock.now() - min(moments)
    late = target_hours is not None and length > timedelta(hours=target_hours)
    return Queue(code, name, len(moments), f"最長 {waited(length)}", url, late)


def queues(desk: Desk) -> list[Queue]:
    """The queues this desk works on, in the order in which they matter."""
    promised = targets()
    found = [
        _waiting(
            "unanswered",
            "返事のない依頼",
            list(requests_unanswered().values_list("opened_at", flat=True)),
            reverse("desk-requests"),
            promised.request_hours,
        ),
        _consents(),
        _waiting(
            "disputes",
            "話し合い（異議）",
            [dispute.opened_at for dispute, _ in disputes_open()],
            reverse("desk-visits") + "?state=disputed",
            promised.dispute_hours,
        ),
        _waiting(
            "identity",
            "本人確認",
            people_reads.identity_waiting_since(),
            reverse("desk-members") + "?identity=todo",
            promised.identity_hours,
        ),
    ]
    moments = [one.applied_at for one in applications_waiting()]
    if moments:
        name, hours = "都度ボランティアの申し込み", promised.identity_hours
        found.append(_waiting("once", name, moments, reverse("desk-once"), hours))
    moments = [one.answered_at or one.project.answer_until for one in places_empty()]
    if moments:
        found.append(_waiting("teams", "人の足りないチーム", moments, reverse("desk-teams")))
    if desk.is_officer:
        moments = [one.created_at for one in issuances_waiting()]
        moments += [one.created_at for one in distributions_waiting()]
        found.append(_waiting("approvals", "発行・配布の承認待ち", moments, reverse("desk-coins")))
        moments = [one.proposed_at for one in settlements_waiting()]
        if moments:
            found.append(_waiting("clearing", "自治体間清算", moments, reverse("desk-clearing")))
        moments = redemptions_waiting()
        if moments:
            found.append(_waiting("points", "ポイントの申請", moments, reverse("desk-points")))
        returns = payment_returns_waiting()
        if returns:
            first = returns[0].invoice
            url = reverse("desk-points-invoices", kwargs={"code": first.programme.code})
            moments = [one.asked_at for one in returns]
            found.append(_waiting("payment-returns", "入金の取り消しの承認待ち", moments, url))
    found.append(_confirmations())
    troubles = list(
        reviews_trouble().filter(at__gt=clock.now() - TROUBLE_SHOWN).values_list("at", flat=True)
    )
    if troubles:
        url = reverse("desk-visits") + "?due=trouble"
        found.append(_waiting("trouble", "この2週間の困ったという声", troubles, url))
    buttons = buttons_troubled()
    if buttons:
        moments = [one.seen_at or one.enrolled_at for one in buttons]
        url = reverse("desk-buttons")
        found.append(_waiting("buttons", "電池や通信を見るボタン", moments, url))
    locked = _locked()
    # A visit that stands still at the door is rare and cannot wait: shown first, when there is one.
    return [locked, *found] if locked.count else found


def _consents() -> Queue:
    """Visits for which whoever lives there has not said yes yet."""
    starts = [visit.starts_at for visit in consents_waiting()]
    url = reverse("desk-visits") + "?consent=asked"
    name = "訪問のお返事待ち"
    if not starts:
        return Queue("consents", name, 0, NOTHING, url)
    first = min(starts)
    late = first - clock.now() <= CONSENT_CLOSE
    return Queue("consents", name, len(starts), f"いちばん近い訪問 {jmoment(first)}", url, late)


def _locked() -> Queue:
    """Visits whose spoken code was wrong too often: they wait for a call."""
    visits = codes_locked(tries_max=_rules_code_tries())
    url = reverse("desk-visits") + "?due=locked"
    if not visits:
        return Queue("locked", "合言葉が止まった支援", 0, NOTHING, url)
    first = min(visit.starts_at for visit in visits)
    return Queue(
        "locked", "合言葉が止まった支援", len(visits), f"約束は {jmoment(first)}", url, True
    )


def _rules_code_tries() -> int:
    try:
        return programme_current()[1].evidence.code_tries_max
    except ProgrammeMissing:
        return 3


def _confirmations() -> Queue:
    """Visits whose carer has not confirmed and whose time for it ends soon."""
    ends = list(
        Visit.objects.filter(
            state=Visit.State.ENDED,
            carer_municipality_id=current(),
            confirm_until__lte=clock.now() + CONFIRM_CLOSE,
        ).values_list("confirm_until", flat=True)
    )
    url = reverse("desk-visits") + "?due=confirm"
    if not ends:
        return Queue("confirmations", "期限の近い確認", 0, NOTHING, url)
    first = min(ends)
    return Queue(
        "confirmations",
        "期限の近い確認",
        len(ends),
        f"{relative_day(first)} {jtime(first)}まで",
        url,
        first <= clock.now(),
    )
