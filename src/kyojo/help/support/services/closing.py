"""How a visit ends in the books: confirmed and settled, cancelled, handed to the office.

Coins held for a visit are never left behind: every way out of ``domain.HOLDING`` settles them or
gives them back, in the same transaction. What the office rules: ``ruling``.
"""

from uuid import UUID

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.twins import sides_of
from kyojo.civic.people import coins
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record
from kyojo.help.matching import services as matching
from kyojo.help.requests.domain import category as category_of
from kyojo.help.requests.models import HelpRequest, Series
from kyojo.help.requests.services import request_closed, request_done, request_reopen
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id, readable_code
from kyojo.kernel.wording import jdate

from .. import domain, evidence
from ..domain import Role, State, Step
from ..errors import StepNotAllowed, WordsMissing
from ..models import Dispute, Receipt, Visit
from .fraud_watch import is_held_back
from .steps import Case, advance, as_system, minutes_between, step_of, tell

#: Reasons that go with a step; shown by the doors.
CANCEL_REASONS = {
    "plans_changed": "予定が変わりました",
    "unwell": "体調がよくありません",
    "not_needed": "手伝いがいらなくなりました",
    "other": "そのほか",
}


# --- confirmed and settled ------------------------------------------------------------------------
def visit_confirm(*, visit_uid: UUID, carer: Person) -> Visit:
    """The carer's yes. The coins arrive at once, unless the check-in was far away or out of
    hours: then the office looks first. Confirmed already: nothing changes.

    Raises ``NotFound``, ``StepNotAllowed``.
    """
    with step_of(visit_uid=visit_uid, name="confirm", by=carer, allowed={Role.CARER}) as case:
        visit = case.visit
        if visit.state in (State.CONFIRMED, State.SETTLED) or (
            visit.state == State.DISPUTED and visit.confirmed_by == "carer"
        ):
            return case.mine
        advance(case, Step.CONFIRM, confirmed_at=clock.now(), confirmed_by="carer")
        if visit.decision == evidence.Verdict.OFFICE:
            office_takes_over(case, reason="evidence")
        else:
            _settle_or_hold(case)
        return case.mine


def _settle_or_hold(case: Case) -> bool:
    """Settle a confirmed visit, unless a person looks at it first. Whether it was settled."""
    if is_held_back(case):
        office_takes_over(case, reason="review")
        return False
    settle_locked(case)
    return True


def settle_locked(case: Case) -> None:
    """Move all held coins of a confirmed visit, and write the receipt."""
    amount = case.visit.amount_coins
    pay_locked(case, amount)
    advance(
        as_system(case),
        Step.SETTLE,
        settled_at=clock.now(),
        settled_coins=amount,
        receipt_code=receipt_make(case.visit, amount),
    )
    done_locked(case, amount)


def receipt_make(visit: Visit, amount: int) -> str:
    """The code of a new receipt."""
    receipt = Receipt.objects.create(
        code=readable_code(),
        at=clock.now(),
        category=visit.category,
        visited_on=clock.local(visit.starts_at).date(),
        booked_minutes=minutes_between(visit.starts_at, visit.ends_at),
        coins=amount,
        giver_municipality=visit.carer_municipality_id,
        place_municipality=visit.place_municipality_id,
        taker_municipality=visit.supporter_municipality_id,
    )
    return receipt.code


def done_locked(case: Case, amount: int) -> None:
    """What a visit that was paid sets going: the request, the sum, the news."""
    visit = case.visit
    request_done(uid=visit.request_uid, start=visit.carer_municipality_id)
    matching.tally_add(
        supporter_uid=visit.supporter_uid,
        supporter_municipality_id=visit.supporter_municipality_id,
        carer_uid=visit.carer_uid,
        carer_municipality_id=visit.carer_municipality_id,
        recipient_uid=visit.recipient_uid,
        category=visit.category,
        minutes=minutes_between(visit.starts_at, visit.ends_at),
    )
    what = category_of(visit.category).name
    tell(
        case,
        Role.SUPPORTER,
        kind="visit_settled",
        title=f"{amount}コインが届きました（{what}）",
        body="ありがとうございました。コインの記録で見られます。",
        path=f"/visits/{visit.uid}/receipt/",
    )
    if visit.confirmed_by != "carer":
        name = visit.supporter_card["family_name"]
        tell(
            case,
            Role.CARER,
            kind="visit_settled",
            title=f"お預かりしていた{amount}コインが{name}さんに届きました（{what}）",
            path=f"/visits/{visit.uid}/receipt/",
        )


# --- cancelled ------------------------------------------------------------------------------------
def visit_cancel(*, visit_uid: UUID, actor: Person | User, reason: str = "") -> Visit:
    """Call the visit off before it begins; every coin returns. A supporter who cannot come
    reopens the request; the carer's cancel closes it. Cancelled already: nothing changes.

    Raises ``NotFound``, ``StepNotAllowed`` (it has begun).
    """
    allowed = {Role.CARER, Role.SUPPORTER, Role.OFFICE}
    with step_of(visit_uid=visit_uid, name="cancel", by=actor, allowed=allowed) as case:
        visit = case.visit
        if visit.state == State.CANCELLED:
            return case.mine
        cancel_locked(case, reason=reason if reason in CANCEL_REASONS else "other")
        if isinstance(actor, User):
            act_record(
                actor=actor, action="visit_cancel", subject_kind="visit", subject_id=visit.uid
            )
        what = f"{jdate(visit.starts_at)}の{category_of(visit.category).name}"
        by_supporter = case.role is Role.SUPPORTER
        name = visit.supporter_card["family_name"]
        for role in (Role.CARER, Role.SUPPORTER, Role.RECIPIENT):
            if role is case.role:
                continue
            title = (
                f"{name}さんの都合で、{what}は取り消しになりました"
                if by_supporter
                else f"{what}は取り消しになりました"
            )
            body = "コインは全部もどっています。" if role is Role.CARER else ""
            if role is Role.CARER and by_supporter:
                body += _what_next(visit)
            path = f"/requests/{visit.request_uid}/" if role is Role.CARER and by_supporter else ""
            tell(case, role, kind="visit_cancelled", title=title, body=body, path=path)
        return case.mine


def _what_next(visit: Visit) -> str:
    """A substitute for an occurrence of a series that goes on is looked for without being asked."""
    with tenant(visit.carer_municipality_id):
        asked = HelpRequest.objects.filter(uid=visit.request_uid).values("series_uid")
        series = Series.objects.filter(uid__in=asked, state=Series.State.ACTIVE)
        return "代わりの人を、こちらでさがします。" if series.exists() else "ほかの人をさがせます。"


def cancel_locked(case: Case, *, reason: str) -> None:
    """Cancel under lock: the state, the coins, the offer, the request."""
    visit = case.visit
    advance(case, Step.CANCEL, reason=reason, closed_reason=reason)
    release_locked(case)
    carer_town = visit.carer_municipality_id
    matching.offer_withdraw_mark(offer_uid=visit.offer_uid, start=carer_town)
    if case.role is Role.SUPPORTER and visit.starts_at > clock.now():
        request_reopen(uid=visit.request_uid, start=carer_town, reason="supporter_cancelled")
    else:
        request_closed(uid=visit.request_uid, start=carer_town, reason=reason)


def release_locked(case: Case) -> None:
    """Give every held coin back to the carer."""
    case.people_lock()
    coins.coins_release(order_id=derived_id(case.visit.uid, "release"), holds=case.carers_row.holds)


def pay_locked(case: Case, amount: int) -> None:
    """Hand ``amount`` of the held coins to the supporter, and the others back."""
    if not amount:
        release_locked(case)
        return
    case.people_lock()
    coins.coins_settle(
        order_id=derived_id(case.visit.uid, "settle"), holds=case.carers_row.holds, amount=amount
    )


# --- something was different ----------------------------------------------------------------------
def visit_dispute(*, visit_uid: UUID, by: Person, words: str) -> Visit:
    """「ちがうところがある」: the coins stay held until the office has listened to both.

    Raises ``NotFound``, ``WordsMissing``, ``StepNotAllowed``.
    """
    allowed = {Role.CARER, Role.SUPPORTER}
    with step_of(visit_uid=visit_uid, name="dispute", by=by, allowed=allowed) as case:
        if not words.strip():
            raise WordsMissing(field="words")
        if case.visit.state == State.SCHEDULED:
            raise StepNotAllowed(state=str(Visit.State(case.visit.state).label))
        dispute_open(case, words)
        return case.mine


def office_takes_over(case: Case, *, reason: str) -> None:
    """The system hands a visit to the office: weak evidence and silence, or a flagged check-in."""
    words = {
        "evidence": "始まりの記録が、場所か時間の外でした。事務局が確かめます。",
        "silence": "確認の期限がすぎました。記録だけでは決められないので、事務局が確かめます。",
        "forgotten": "予定の時間がすぎても、記録が終わっていません。事務局が確かめます。",
        "review": "事務局が、記録を確かめています。",
    }[reason]
    dispute_open(as_system(case), words, reason=reason)


def dispute_open(case: Case, words: str, *, reason: str = "") -> None:
    """The office has the matter from now on; the coins stay held."""
    advance(case, Step.DISPUTE, reason=reason)
    dispute_write(case, words)


def dispute_write(case: Case, words: str, *, by: Role | None = None) -> None:
    """What the office is to look into, in the words of ``by`` (whoever acts, if None); the other
    side hears of it."""
    visit, by = case.visit, by or case.role
    for code in sides_of(visit.carer_municipality_id, visit.place_municipality_id):
        with tenant(code):
            Dispute.objects.create(
                visit_uid=visit.uid,
                opened_by_role=by,
                opened_at=clock.now(),
                words=words.strip()[:2000],
            )
    what = f"{jdate(visit.starts_at)}の{category_of(visit.category).name}"
    for role in (Role.CARER, Role.SUPPORTER):
        if role is not by:
            tell(
                case,
                role,
                kind="visit_disputed",
                title=f"{what}について、事務局が確かめています",
                body="お話をうかがうことがあります。それまで、コインはお預かりしたままです。",
            )


# --- by itself ------------------------------------------------------------------------------------
def visit_close_due(*, visit_uid: UUID) -> str:
    """What time does to a visit nobody closes; called by the hourly job in the carer's town.

    Ended and the carer silent until ``confirm_until``: strong evidence settles, else the office
    takes over. Never begun or never ended, a day after its end: the office takes over. Returns
    what was done: "settled", "office" or "".
    """
    with step_of(visit_uid=visit_uid, name="close_due", by=None, allowed=set()) as case:
        visit, now = case.visit, clock.now()
        if visit.state == State.ENDED and visit.confirm_until and now >= visit.confirm_until:
            if visit.decision == evidence.Verdict.SETTLE:
                advance(case, Step.CONFIRM, confirmed_at=now, confirmed_by="automatic")
                return "settled" if _settle_or_hold(case) else "office"
            office_takes_over(case, reason="silence")
            return "office"
        forgotten = now - domain.FORGOTTEN_AFTER
        if visit.state in (State.SCHEDULED, State.STARTED) and visit.ends_at <= forgotten:
            office_takes_over(case, reason="forgotten")
            return "office"
        return ""
