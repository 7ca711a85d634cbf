"""An open request under its lock, and an offer with its twins: what every way of asking shares."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import twins_create, twins_locked
from kyojo.civic.people.errors import Suspended
from kyojo.civic.people.minors import agreement_refuse
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import blocked_either_way
from kyojo.civic.people.suspensions import is_suspended
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock
from kyojo.kernel.wording import jdate, jhour

from .. import words
from ..domain import Hard, gone_reason
from ..errors import CandidateGone, RequestNotOpen, RequestPast
from ..models import Offer
from ..selectors import Candidate, party_of
from .telling import tell_supporter


@contextmanager
def open_request(request_uid: UUID, start: int) -> Iterator[HelpRequest]:
    """Lock the request; yields the carer's row. Raises ``NotFound``, ``RequestNotOpen``,
    ``RequestPast``, ``Suspended``, ``AgreementMissing``."""
    with twins_locked(HelpRequest, uid=request_uid, start=start) as rows:
        first = next(iter(rows.values()))
        if first.state != HelpRequest.State.OPEN:
            raise RequestNotOpen()
        if first.starts_at <= clock.now():
            raise RequestPast()
        if is_suspended(first.carer_municipality_id, first.carer_uid):
            raise Suspended()
        agreement_refuse(first.carer_municipality_id, first.carer_uid)
        yield rows[first.carer_municipality_id]


def offer_create(
    uid: UUID,
    request: HelpRequest,
    candidate: Candidate,
    *,
    is_direct: bool,
    expires_at: datetime,
    holds: list[dict[str, Any]] | None = None,
    rank: int = 0,
    quiet: bool = False,
) -> Offer:
    """The offer in the request's towns and the supporter's; returns the current town's row."""
    with tenant(candidate.municipality_id):
        supporter = Person.objects.get(pk=candidate.row.person_id)
    rows = twins_create(
        Offer,
        uid=uid,
        sides={*request.sides, candidate.municipality_id, current()},
        common={
            "request_uid": request.uid,
            "supporter_uid": candidate.uid,
            "supporter_municipality_id": candidate.municipality_id,
            "carer_municipality_id": request.carer_municipality_id,
            "is_direct": is_direct,
            "category": request.category,
            "starts_at": request.starts_at,
            "ends_at": request.ends_at,
            "area_name": request.area_name,
            "price_coins": request.price_coins,
            "distance_m": candidate.match.distance_m,
            "card": candidate.card(),
            "rank": rank,
            "score": candidate.match.score,
            "asked_at": clock.now(),
            "expires_at": expires_at,
        },
        only=_only(request, candidate, supporter, holds or []),
    )
    # Whoever blocked, or was suspended, meanwhile waited for this row, or this row for them.
    asked = (candidate.municipality_id, candidate.uid)
    if blocked_either_way(*party_of(request), asked) or is_suspended(*asked):
        raise CandidateGone(reason=gone_reason(frozenset({Hard.BLOCKED})))
    offer: Offer = rows[current()]
    if not quiet:
        tell_supporter(
            offer,
            event="asked",
            title=words.ASKED_DIRECT if is_direct else words.ASKED_BROADCAST,
            body=words.ASKED_BODY,
            who=request.carer.family_name,
            area=request.area_name or "市内",
            coins=request.price_coins,
            until=f"{jdate(expires_at)}{jhour(expires_at)}",
        )
    return offer


def _only(
    request: HelpRequest, candidate: Candidate, supporter: Person, holds: list[dict[str, Any]]
) -> dict[int, dict[str, Any]]:
    """Each town's own fields: the person in the supporter's, the holds in the carer's."""
    own: dict[int, dict[str, Any]] = {request.carer_municipality_id: {"holds": holds}}
    own.setdefault(candidate.municipality_id, {})["supporter"] = supporter
    return own
