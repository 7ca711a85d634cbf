"""Notices of the matching room: who is told, and where it leads."""

from typing import Any

from kyojo.civic.people.services import notice_send_to
from kyojo.help.requests.domain import category
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel.wording import jwhen

from ..models import Offer


def tell_supporter(offer: Offer, *, event: str, title: str, body: str = "", **more: Any) -> None:
    """Tell whoever was asked; once per ``event``."""
    notice_send_to(
        municipality_id=offer.supporter_municipality_id,
        person_uid=offer.supporter_uid,
        kind=f"offer_{event}",
        key=f"offer:{offer.uid}:{event}",
        title=title.format(what=category(offer.category).name, **more),
        body=body.format(when=jwhen(offer.starts_at, offer.ends_at), **more),
        path=f"/offers/{offer.uid}/answer/",
    )


def tell_carer(
    request: HelpRequest, *, event: str, key: object, title: str, body: str = "", **more: Any
) -> None:
    """Tell the carer of ``request``; once per ``event`` and ``key``."""
    notice_send_to(
        municipality_id=request.carer_municipality_id,
        person_uid=request.carer_uid,
        kind=f"request_{event}",
        key=f"request:{key}:{event}",
        title=title.format(what=category(request.category).name, **more),
        body=body.format(when=jwhen(request.starts_at, request.ends_at), **more),
        path=f"/bundles/{request.bundle_uid}/"
        if request.bundle_uid
        else f"/requests/{request.uid}/",
    )
