"""What waits at the desk: one queue per kind of work, with how long the oldest has waited.

A queue is late when its oldest has passed the time that the programme promises (``targets``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.urls import reverse

from kyojo.civic.earnings.paid_selectors import payment_returns_waiting
from kyojo.civic.earnings.selectors import redemptions_waiting
from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.distribution import distributions_waiting
from kyojo.civic.people.models import Suspension
from kyojo.civic.people.security_selectors import resets_waiting
from kyojo.civic.people.suspensions import suspensions_standing
from kyojo.civic.people.trust import TOLD_DAYS
from kyojo.civic.people.trust_selectors import checks_ending, clashes_open, looks_waiting
from kyojo.civic.programmes.clearing_selectors import settlements_waiting
from kyojo.civic.programmes.domain import Targets
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import issuances_waiting, programme_current
from kyojo.commons.privacy.selectors import erasures_proposed
from kyojo.help.community.selectors import cases_waiting
from kyojo.help.matching.posting_selectors import applications_waiting
from kyojo.help.matching.project_selectors import places_empty
from kyojo.help.matching.trust_selectors import bookings_doubtful
from kyojo.help.requests.selectors import requests_unanswered
from kyojo.help.safety.selectors import (
    accidents_waiting,
    emergencies_going,
    lates_open,
    worries_going,
    worries_waiting,
)
from kyojo.help.support.fraud_selectors import looks_open_since
from kyojo.help.support.models import Visit, VisitLook
from kyojo.help.support.selectors import (
    appeals_open,
    buttons_troubled,
    codes_locked,
    consents_waiting,
    disputes_open,
    reviews_trouble,
)
from kyojo.kernel import clock
from kyojo.kernel.wording import jdate, jmoment, jtime, relative_day, waited

from . import minors, people_reads
from .access import Desk

#: Before a programme has begun the desk still has its usual promises.
USUAL = Targets(request_hours=24, dispute_hours=24, identity_hours=72)
NOTHING = "待っているものはありません"
#: How long before a visit the recipient's yes is pressing, and before its end a confirmation.
CONSENT_CLOSE = timedelta(hours=48)
CONFIRM_CLOSE = timedelta(hours=24)
SUSPENSION_CLOSE = timedelta(hours=24)
#: How long a carer's word about trouble stands on the desk: it is answered by telephone.
TROUBLE_SHOWN = timedelta(days=14)
#: From when on the desk sees checks that end: when their people are told first.
CHECKS_NEAR_DAYS = max(TOLD_DAYS)


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
    promised, looked = targets(), looks_open_since()
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
            "話し合い",
            _disputes(looked),
            reverse("desk-visits") + "?due=dispute",
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
    moments = [ruling.appealed_at or ruling.made_at for ruling, _ in appeals_open()]
    if moments:
        url, hours = reverse("desk-visits") + "?due=appeal", promised.dispute_hours
        found.append(_waiting("appeals", "異議の申し立て", moments, url, hours))
    found += _looks(promised, looked)
    found += _keys_and_agreements(desk, promised)
    found += _checks(promised)
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
        moments = [one.asked_at for one in erasures_proposed()]
        if moments:
            url = reverse("desk-erasures") + "?state=proposed"
            found.append(_waiting("erasures", "記録の消去の確認待ち", moments, url))
        returns = payment_returns_waiting()
        if returns:
            first = returns[0].invoice
            url = reverse("desk-points-invoices", kwargs={"code": first.programme.code})
            moments = [one.asked_at for one in returns]
            found.append(_waiting("payment-returns", "入金の取り消しの承認待ち", moments, url))
    found += _cases(desk, promised)
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
    return [*_safety(desk), locked, *found] if locked.count else [*_safety(desk), *found]


def _safety(desk: Desk) -> list[Queue]:
    """People who asked for help, and visits that nobody ended: shown only when there are some."""
    found = []
    moments = [one.raised_at for one in desk.emergencies]
    if moments:
        url = reverse("desk-safety")
        found.append(_waiting("emergencies", "助けを求める知らせ", moments, url, 0))
    moments = [row.overdue_at for row, _ in lates_open(desk.user, at_office=True)]
    if moments:
        found.append(_waiting("lates", "連絡のない支援", moments, reverse("desk-lates"), 0))
    waiting = worries_waiting()
    if waiting:
        first, url = waiting[0].due_at, reverse("desk-worries") + "?state=sent"
        late = first <= clock.now()
        name, note = "気になること", f"期限 {jmoment(first)}"
        found.append(Queue("worries", name, len(waiting), note, url, late))
    alarms = emergencies_going(desk.user) if desk.emergencies else {}
    if alarms:
        name, note = "まもなく記録が消える知らせ", _first_day(alarms)
        url = reverse("desk-safety")
        found.append(Queue("emergencies-going", name, len(alarms), note, url, True))
    going = worries_going()
    if going:
        name, note = "まもなく記録が消える気になること", _first_day(going)
        url = reverse("desk-worries")
        found.append(Queue("worries-going", name, len(going), note, url, True))
    reports = accidents_waiting()
    if reports:
        due = reports[0].due_on or clock.today()
        url, late = reverse("desk-accidents") + "?state=reported", due < clock.today()
        name, note = "保険会社に送る事故報告", f"期限 {jdate(due)}"
        found.append(Queue("accidents", name, len(reports), note, url, late))
    return found


def _first_day(days: Mapping[UUID, date]) -> str:
    return f"さいしょは {jdate(min(days.values()))}"


def _keys_and_agreements(desk: Desk, promised: Targets) -> list[Queue]:
    """Members under 18 for whom nobody has agreed, requests that a contact sees first, and staff
    who lost their keys; each when there is one."""
    found = []
    moments = minors.waiting_since()
    if moments:
        url = reverse("desk-agreements") + "?state=todo"
        found.append(_waiting("agreements", "おとなの同意待ち", moments, url))
    moments = minors.contact_first_since(desk)
    if moments:
        name, url = "あなたが先に見る依頼", reverse("desk-requests")
        found.append(_waiting("contact-first", name, moments, url, promised.request_hours))
    if desk.is_officer:
        moments = [one.asked_at for one in resets_waiting()]
        if moments:
            found.append(_waiting("keys", "職員の鍵を消す手続き", moments, reverse("desk-logins")))
    return found


def _disputes(looked: list[VisitLook]) -> list[datetime]:
    """Since when the office is to decide; what is held for a look has its own card."""
    apart = {one.visit_uid for one in looked}
    since = {visit.uid: dispute.opened_at for dispute, visit in disputes_open()}
    return [opened_at for uid, opened_at in since.items() if uid not in apart]


def _looks(promised: Targets, waiting: list[VisitLook]) -> list[Queue]:
    """Visits that a person looks at. What was picked by lot waits, and presses nobody."""
    if not waiting:
        return []
    moments = [one.opened_at for one in waiting if not one.by_lot]
    url, name = reverse("desk-looks") + "?state=open", "支援の確認"
    if moments:
        return [_waiting("looks", name, moments, url, promised.dispute_hours)]
    return [Queue("lot", "くじで選んだ見本", len(waiting), "手のあいたときに", url)]


def _checks(promised: Targets) -> list[Queue]:
    """Checks that need a second one, that end, or that a booking will miss; each when there is
    one."""
    found = []
    url = reverse("desk-checks-waiting")
    moments = [one.looked_at for one in looks_waiting()]
    moments += [one.at for one in clashes_open()]
    if moments:
        name = "本人確認の二人目待ち・同じカード"
        found.append(_waiting("second", name, moments, url, promised.identity_hours))
    doubtful = bookings_doubtful()
    if doubtful:
        note = f"いちばん近い支援 {jmoment(doubtful[0].starts_at)}"
        name = "確認の切れる支援の予定"
        found.append(Queue("doubtful", name, len(doubtful), note, url, is_late=True))
    ending = list(checks_ending(within_days=CHECKS_NEAR_DAYS).values_list("valid_until", flat=True))
    if ending:
        note = f"いちばん近い期限 {jdate(min(ending))}"
        near = reverse("desk-checks") + "?state=near"
        found.append(Queue("checks", "期限の近い確認", len(ending), note, near))
    return found


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


def _cases(desk: Desk, promised: Targets) -> list[Queue]:
    """Cases that are not closed, by the first deadline; and what only an officer decides."""
    cases = cases_waiting(desk.user)
    found = []
    if cases:
        first = cases[0].due_at
        late = first <= clock.now()
        note = (
            f"期限は {jmoment(first)}" if not late else f"{waited(clock.now() - first)}すぎています"
        )
        url = reverse("desk-cases") + "?state=waiting_all"
        found.append(Queue("cases", "相談・通報", len(cases), note, url, late))
    if desk.is_officer:
        decisions = [one for one in suspensions_standing().order_by("until") if _undecided(one)]
        if decisions:
            note = f"いちばん近い期限 {jmoment(decisions[0].until)}"
            url = reverse("desk-suspensions")
            late = any(_is_pressing(one, promised) for one in decisions)
            name = "停止の確認と異議"
            found.append(Queue("suspensions", name, len(decisions), note, url, late))
    return found


def _is_pressing(one: Suspension, promised: Targets) -> bool:
    """It lapses within a day, or its objection has waited longer than an ordinary case may."""
    if one.state == Suspension.State.PROVISIONAL:
        return one.until - clock.now() <= SUSPENSION_CLOSE
    hours = promised.case_hours.usual
    return one.appealed_at is not None and clock.now() - one.appealed_at > timedelta(hours=hours)


def _undecided(one: Suspension) -> bool:
    """A provisional suspension, or an objection that nobody has answered."""
    return one.state == Suspension.State.PROVISIONAL or bool(
        one.appealed_at and not one.answered_at
    )


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
