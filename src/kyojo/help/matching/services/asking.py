"""Asking: one person, or many at once. Asking costs the supporter nothing but a look."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import twins_locked
from kyojo.civic.people import coins
from kyojo.civic.people.errors import CoinsShort
from kyojo.civic.people.minors import wishes_contact_first
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.services import request_way_set
from kyojo.kernel import clock
from kyojo.kernel.amounts import grouped
from kyojo.kernel.errors import NotFound

from ..domain import STANDING, Hard, gone_reason
from ..errors import (
    BroadcastStands,
    CandidateGone,
    ContactLooksFirst,
    DecideUnknown,
    DirectAskStands,
    WaitUntilWrong,
)
from ..models import Offer, Search
from ..selectors import Candidate, candidate_checked, direct_ask_standing
from ..waiting import offer_expires_at, wait_choices
from .answers import offer_withdraw_mark
from .offering import offer_create, open_request
from .waves import search_begin

#: What a coordinator who has spoken with somebody may overlook; the rest protects people.
OFFICE_MAY_OVERLOOK = frozenset({Hard.SKILL, Hard.TRAVEL, Hard.TIME, Hard.RESTING, Hard.LANGUAGE})


def offer_ask(
    *,
    order_id: UUID,
    request_uid: UUID,
    carer: Person,
    supporter_uid: UUID,
    supporter_municipality_id: int,
) -> Offer:
    """Ask one supporter. The price is held until they answer or the question ends. The offer's
    uid is ``order_id``; the same order again returns it.

    Raises ``NotFound``, ``RequestNotOpen``, ``RequestPast``, ``DirectAskStands``,
    ``CandidateGone``, ``CoinsShort``. Whatever is refused, no coin moved.
    """
    _own(request_uid, carer)
    _contact_first(carer)
    with transaction.atomic(), twins_locked(HelpRequest, uid=request_uid, start=current()):
        before = Offer.objects.filter(uid=order_id).first()
        if before is not None:
            if (before.request_uid, before.supporter_uid) != (request_uid, supporter_uid):
                raise NotFound()
            return before
        with open_request(request_uid, current()) as request:
            if direct_ask_standing(request_uid) is not None:
                raise DirectAskStands()
            candidate = _candidate(request, supporter_uid, supporter_municipality_id)
            offer = _ask_with_hold(order_id, request, candidate)
            request_way_set(
                uid=request_uid,
                start=current(),
                mode=request.mode or HelpRequest.Mode.PICK,
                decide=request.decide,
                wait_until=request.wait_until,
            )
    return offer


def _contact_first(carer: Person) -> None:
    """Raises ``ContactLooksFirst`` for whoever wishes that their coordinator looks first."""
    if wishes_contact_first(carer):
        raise ContactLooksFirst()


def _own(request_uid: UUID, carer: Person) -> None:
    if not HelpRequest.objects.filter(uid=request_uid, carer=carer).exists():
        raise NotFound()


def _candidate(request: HelpRequest, uid: UUID, municipality_id: int) -> Candidate:
    """Looked at again, since the page may be old."""
    asked_already = Offer.objects.filter(
        request_uid=request.uid, supporter_uid=uid, state__in=STANDING
    )
    if asked_already.exists():
        raise BroadcastStands()
    candidate, broken = candidate_checked(
        request, supporter_uid=uid, supporter_municipality_id=municipality_id
    )
    if candidate is None:
        raise CandidateGone(reason=gone_reason(broken))
    return candidate


def _ask_with_hold(order_id: UUID, request: HelpRequest, candidate: Candidate) -> Offer:
    rules = programme_current()[1]
    expires_at = offer_expires_at(
        now=clock.now(), starts_at=request.starts_at, hours=rules.offers_expire_hours
    )
    holds = coins.coins_hold(
        order_id=order_id,
        payer_municipality_id=request.carer_municipality_id,
        payer_person_id=request.carer_id,
        payee_municipality_id=candidate.municipality_id,
        payee_person_id=candidate.row.person_id,
        amount=request.price_coins,
        reference=request.uid,
        timeout_at=expires_at,
    )
    return offer_create(
        order_id, request, candidate, is_direct=True, expires_at=expires_at, holds=holds
    )


# --- many at once -------------------------------------------------------------------------------
def offers_broadcast(
    *,
    order_id: UUID,
    request_uid: UUID,
    carer: Person,
    decide: str,
    wait_until: datetime,
) -> list[Offer]:
    """Begin to ask in waves (``waves``), without the carer's name, until ``wait_until``. No coin
    is held before somebody is settled. Returns the first wave: the likeliest few; nobody at an
    hour at which nobody is asked. The same order again returns who was asked so far.

    ``decide``: "self" or "first"; ``wait_until``: one of ``domain.wait_choices``.
    Raises ``NotFound``, ``RequestNotOpen``, ``RequestPast``, ``DecideUnknown``,
    ``WaitUntilWrong``, ``DirectAskStands``, ``BroadcastStands``, ``CoinsShort`` (first come
    only: it would reserve by itself), ``NobodyToAsk``.
    """
    _own(request_uid, carer)
    _contact_first(carer)
    with transaction.atomic(), twins_locked(HelpRequest, uid=request_uid, start=current()):
        search = Search.objects.filter(request_uid=request_uid).first()
        standing = list(Offer.objects.filter(request_uid=request_uid, is_direct=False))
        if search is not None and search.order_id == order_id:
            return [offer for offer in standing if offer.asked_at >= search.started_at]
        with open_request(request_uid, current()) as request:
            _broadcast_checked(request, decide, wait_until)
            if any(offer.state in STANDING for offer in standing) or (
                search is not None and search.next_look_at is not None
            ):
                raise BroadcastStands()
            request_way_set(
                uid=request_uid,
                start=current(),
                mode=HelpRequest.Mode.BROADCAST,
                decide=decide,
                wait_until=wait_until,
            )
            return search_begin(order_id=order_id, request=request, deadline=wait_until)


def _broadcast_checked(request: HelpRequest, decide: str, wait_until: datetime) -> None:
    if decide not in HelpRequest.Decide.values:
        raise DecideUnknown(field="decide")
    if not clock.now() < wait_until < request.starts_at:
        raise WaitUntilWrong(field="wait")
    choices = wait_choices(now=clock.local(), starts_at=clock.local(request.starts_at))
    if wait_until > max(choice.until for choice in choices):
        raise WaitUntilWrong(field="wait")
    if direct_ask_standing(request.uid) is not None:
        raise DirectAskStands()
    if decide == HelpRequest.Decide.FIRST:
        missing = request.price_coins - coins.purse(request.carer).available
        if missing > 0:
            raise CoinsShort(missing=grouped(missing), missing_coins=missing)


# --- by the office ------------------------------------------------------------------------------
def offer_office(
    *,
    order_id: UUID,
    request_uid: UUID,
    supporter_uid: UUID,
    supporter_municipality_id: int,
) -> Offer:
    """A standing offer made by the office, which has asked by telephone: support's
    ``office_assign`` reserves from it. Runs in the carer's or the place's town. Nobody is told
    and no coin is held yet. The same order again returns the same offer.

    Skills, times, distance, rest and language may be overlooked; who it is, trust, age, blocks,
    the wish about who comes and bookings may not.

    Raises ``NotFound``, ``RequestNotOpen``, ``RequestPast``, ``CandidateGone``.
    """
    start = current()
    with transaction.atomic(), twins_locked(HelpRequest, uid=request_uid, start=start):
        before = Offer.objects.filter(uid=order_id).first()
        if before is not None:
            return before
        with open_request(request_uid, start) as request:
            with tenant(request.carer_municipality_id):
                candidate, broken = candidate_checked(
                    request,
                    supporter_uid=supporter_uid,
                    supporter_municipality_id=supporter_municipality_id,
                    overlook=OFFICE_MAY_OVERLOOK,
                    by_office=True,
                )
            if candidate is None:
                raise CandidateGone(reason=gone_reason(broken))
            _earlier_withdrawn(request, supporter_uid)
            return offer_create(
                order_id,
                request,
                candidate,
                is_direct=False,
                expires_at=request.starts_at,
                quiet=True,
            )


def _earlier_withdrawn(request: HelpRequest, supporter_uid: UUID) -> None:
    """The office's question takes the place of one that still waits for the same person."""
    for uid in Offer.objects.filter(
        request_uid=request.uid, supporter_uid=supporter_uid, state__in=STANDING
    ).values_list("uid", flat=True):
        offer_withdraw_mark(offer_uid=uid, start=current())
