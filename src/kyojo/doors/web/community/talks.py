"""Who writes to whom about which question, for the community room, which knows people only.

The asked or booked supporter and the carer may write from the OK until some days after the visit
(``messages.open_days_after`` of the carer's programme). Before the visit is booked the supporter
does not learn the carer's name.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.domain import MessageRule
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.community.domain import Part, Talk
from kyojo.help.community.selectors import unread_by_question
from kyojo.help.matching.models import Offer
from kyojo.help.requests.domain import category
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support.models import Visit
from kyojo.help.support.services import visit_uid_of
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import jdate

#: Visits that did not take place: what was written can be read, and nothing more be written.
OFF = (Visit.State.CANCELLED, Visit.State.NO_SHOW)
UNNAMED = "たのんだ方"


def talk_for(person: Person, offer_uid: UUID) -> Talk:
    """The thread about a question that ``person`` asked or was asked. Raises ``NotFound`` for
    everybody else, and while nobody has said OK."""
    offer = Offer.objects.filter(uid=offer_uid).first()
    if offer is None:
        raise NotFound()
    talk = talk_of(offer)
    if talk.part_of(person.uid) is None:
        raise NotFound()
    return talk


def talks_for(person: Person, offer_uids: Iterable[UUID]) -> dict[UUID, Talk]:
    """The threads about these questions in which ``person`` takes part, by question."""
    talks = talks_of(Offer.objects.filter(uid__in=list(offer_uids)))
    return {uid: talk for uid, talk in talks.items() if talk.part_of(person.uid) is not None}


def unread_for(person: Person) -> dict[UUID, int]:
    """How many messages wait for ``person``, by question, of the threads that they can open; in one
    query."""
    booked = Q(state=Offer.State.WITHDRAWN, card__has_key="was_chosen")
    written = Offer.objects.filter(Q(state__in=(Offer.State.ACCEPTED, Offer.State.CHOSEN)) | booked)
    return unread_by_question(person, written.values("uid"))


def talk_of(offer: Offer) -> Talk:
    """The thread about ``offer``, a row of the current town. Raises ``NotFound``."""
    talk = talks_of([offer]).get(offer.uid)
    if talk is None:
        raise NotFound()
    return talk


def talks_of(offers: Iterable[Offer]) -> dict[UUID, Talk]:
    """The threads about ``offers``, rows of the current town, by question; each of the carers'
    towns is read once."""
    by_town: dict[int, list[Offer]] = {}
    for offer in offers:
        if offer.state in (Offer.State.ACCEPTED, Offer.State.CHOSEN) or _was_booked(offer):
            by_town.setdefault(offer.carer_municipality_id, []).append(offer)
    talks = {}
    for town, found in sorted(by_town.items()):
        with tenant(town):
            asked = HelpRequest.objects.select_related("carer").filter(
                uid__in=[one.request_uid for one in found], carer__isnull=False
            )
            requests = {one.uid: one for one in asked}
            booked = Visit.objects.filter(uid__in=[visit_uid_of(one.uid) for one in found])
            visits = {one.uid: one for one in booked}
            rule = _rule()
        for offer in found:
            request = requests.get(offer.request_uid)
            if request is not None:
                visit = visits.get(visit_uid_of(offer.uid))
                talks[offer.uid] = _talk(offer, request, visit, rule)
    return talks


def _was_booked(offer: Offer) -> bool:
    return offer.state == Offer.State.WITHDRAWN and "was_chosen" in offer.card


def _talk(offer: Offer, asked: HelpRequest, visit: Visit | None, rule: MessageRule) -> Talk:
    assert asked.carer is not None
    is_firm = visit is not None
    return Talk(
        about_uid=offer.uid,
        parts=(
            Part(
                asked.carer_uid,
                offer.carer_municipality_id,
                "carer",
                asked.carer.name if is_firm else UNNAMED,
            ),
            Part(
                offer.supporter_uid,
                offer.supporter_municipality_id,
                "supporter",
                str(offer.card.get("name", "")),
            ),
        ),
        is_firm=is_firm,
        opens=not _was_booked(offer) and (visit is None or visit.state not in OFF),
        closes_at=offer.ends_at + timedelta(days=rule.open_days_after),
        purge_at=offer.ends_at + timedelta(days=rule.kept_days),
        path=reverse("messages-thread", args=[offer.uid]),
        title=f"{jdate(offer.starts_at)}の{category(offer.category).name}",
    )


def _rule() -> MessageRule:
    try:
        return programme_current()[1].messages
    except ProgrammeMissing:
        return MessageRule()
