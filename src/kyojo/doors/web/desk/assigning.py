"""What the office does for people with a request: look at somebody to settle, take it back."""

from typing import Any
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people.models import User
from kyojo.civic.people.services import act_record
from kyojo.help.matching import selectors as matching
from kyojo.help.matching import services as asking
from kyojo.help.matching.domain import STANDING, gone_reason
from kyojo.help.matching.errors import CandidateGone
from kyojo.help.matching.models import Offer
from kyojo.help.matching.services.asking import OFFICE_MAY_OVERLOOK
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel.errors import Refusal


class OtherTownsRequest(Refusal):
    code = "other_towns_request"
    sentence = (
        "この依頼を出したのは{town}の人です。取り消すときは、{town}のセンターにお電話ください。"
    )


def standing_offer(request_uid: UUID, supporter: UUID) -> Offer | None:
    """The question this supporter has been asked for the request and that still stands."""
    return Offer.objects.filter(
        request_uid=request_uid, supporter_uid=supporter, state__in=STANDING
    ).first()


def card_of(request: HelpRequest, *, town: int, supporter: UUID) -> dict[str, Any]:
    """The card of somebody who might be settled by hand.

    Raises ``NotFound`` (no supporter of either town), ``CandidateGone`` (may not come at all:
    a coordinator may overlook distance or free times, not checks, blocks or bookings).
    """
    offer = standing_offer(request.uid, supporter)
    if offer is not None and offer.supporter_municipality_id == town:
        card: dict[str, Any] = offer.card
        return card
    candidate, broken = matching.candidate_checked(
        request,
        supporter_uid=supporter,
        supporter_municipality_id=town,
        overlook=OFFICE_MAY_OVERLOOK,
        by_office=True,
    )
    if candidate is None:
        raise CandidateGone(reason=gone_reason(broken))
    return candidate.card()


def request_cancel_by_office(*, request: HelpRequest, by: User, basis: str) -> None:
    """Take the request back for its carer. Raises ``OtherTownsRequest``, ``VisitStands`` …"""
    if request.carer_municipality_id != current() or request.carer is None:
        town = Municipality.objects.get(pk=request.carer_municipality_id)
        raise OtherTownsRequest(town=town.name)
    with transaction.atomic(), tenant(request.carer_municipality_id):
        asking.request_withdraw(uid=request.uid, carer=request.carer, reason="office")
        act_record(
            actor=by,
            action="request_cancelled",
            subject_kind="request",
            subject_id=str(request.uid),
            basis=basis,
        )
