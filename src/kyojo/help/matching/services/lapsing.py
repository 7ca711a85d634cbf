"""What time does: questions that nobody answered end, and a coordinator takes over."""

from datetime import timedelta
from uuid import UUID

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import twins_locked
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.services import request_unfilled
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import words
from ..domain import STANDING
from ..errors import RequestNotOpen
from ..models import Offer
from .answers import end, request_of
from .passing import escalate
from .telling import tell_carer

State = Offer.State


def offers_lapse() -> int:
    """End what is over in the current town, the carer's: unanswered questions, requests whose
    time has passed; then hand what nobody took to a coordinator. Each in a transaction of its own
    where the caller has none (``town_lapse``), else in its own savepoint. Returns how many
    questions ended. Safe to repeat."""
    return town_lapse(municipality_id=current())


def town_lapse(*, municipality_id: int) -> int:
    """``offers_lapse`` for a job: outside any transaction, so that each item's locks end with it.
    Kept over several items, the locks of one request's people would meet, in another order, those
    of somebody who answers just now."""
    with tenant(municipality_id):
        due = Offer.objects.filter(
            carer_municipality_id=municipality_id,
            state=State.NOTIFIED,
            expires_at__lte=clock.now(),
        ).order_by("expires_at", "uid")
        questions = list(due.values_list("uid", flat=True))
    lapsed, failed = 0, []
    for uid in questions:
        try:
            with tenant(municipality_id):
                lapsed += _lapse(uid)
        except Exception as error:  # noqa: BLE001 (raised below: the others must not wait for it)
            failed.append(error)
    for end_one in (_request_past, _request_waited):
        with tenant(municipality_id):
            requests = _own_open()
        for request in requests:
            try:
                with tenant(municipality_id):
                    end_one(request)
            except Exception as error:  # noqa: BLE001 (as above)
                failed.append(error)
    if failed:
        raise failed[0]
    return lapsed


def _lapse(uid: UUID) -> int:
    request_uid = Offer.objects.values_list("request_uid", flat=True).get(uid=uid)
    with (
        twins_locked(HelpRequest, uid=request_uid, start=current()),
        twins_locked(Offer, uid=uid, start=current()) as rows,
    ):
        offer = rows[current()]
        if offer.state != State.NOTIFIED or offer.expires_at > clock.now():
            return 0
        end(rows, State.LAPSED)
    if offer.is_direct:
        request = request_of(offer)
        tell_carer(
            request,
            event="lapsed",
            key=offer.uid,
            title=words.LAPSED,
            body=words.DECLINED_SERIES_BODY if request.series_uid else words.DECLINED_BODY,
            who=offer.card["family_name"],
        )
    return 1


def _own_open() -> list[HelpRequest]:
    return list(
        HelpRequest.objects.filter(
            carer_municipality_id=current(), carer__isnull=False, state=HelpRequest.State.OPEN
        ).order_by("starts_at")
    )


def _request_past(request: HelpRequest) -> None:
    if request.starts_at > clock.now():
        return
    with twins_locked(HelpRequest, uid=request.uid, start=current()) as requests:
        if requests[current()].state != HelpRequest.State.OPEN:
            return  # somebody was settled, or it was cancelled, since the list was read
        request_unfilled(uid=request.uid, start=current(), reason="time_passed")
        standing = Offer.objects.filter(request_uid=request.uid, state__in=STANDING)
        for uid in list(standing.order_by("uid").values_list("uid", flat=True)):
            with twins_locked(Offer, uid=uid, start=current()) as rows:
                if rows[current()].state in STANDING:
                    end(rows, State.LAPSED)
        tell_carer(
            request,
            event="unfilled",
            key=request.uid,
            title=words.UNFILLED,
            body=words.UNFILLED_BODY,
        )


def _request_waited(request: HelpRequest) -> None:
    try:
        patience = timedelta(hours=programme_current()[1].office_takes_over_hours)
    except ProgrammeMissing:
        return
    if request.escalated_at is not None or request.opened_at is None:
        return
    standing = set(
        Offer.objects.filter(request_uid=request.uid, state__in=STANDING).values_list(
            "state", flat=True
        )
    )
    waited = request.wait_until or request.opened_at + patience
    if waited > clock.now() or State.NOTIFIED in standing:
        return
    if State.ACCEPTED in standing:
        tell_carer(
            request,
            event="choose_now",
            key=request.uid,
            title=words.CHOOSE_NOW,
            body=words.CHOOSE_NOW_BODY,
        )
    else:
        escalate(request)


def request_escalate(*, request_uid: UUID, carer: Person) -> HelpRequest:
    """The carer hands the search to the coordinator. Again: nothing changes. Raises ``NotFound``,
    and ``RequestNotOpen`` where there is nothing to search for."""
    request = HelpRequest.objects.filter(uid=request_uid, carer=carer).first()
    if request is None:
        raise NotFound()
    if request.state != HelpRequest.State.OPEN:
        raise RequestNotOpen()
    escalate(request)
    request.refresh_from_db()
    return request
