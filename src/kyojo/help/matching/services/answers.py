"""How a question ends: no, OK, chosen, taken back."""

from typing import Any
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import twins_locked, twins_save
from kyojo.civic.people import coins
from kyojo.civic.people.models import Person
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.services import request_cancel
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id

from .. import words
from ..domain import STANDING, step_allowed
from ..errors import OfferAccepted, OfferOver
from ..models import Ask, Offer, Search
from .telling import tell_carer, tell_supporter

State = Offer.State


def request_of(offer: Offer) -> HelpRequest:
    """The carer's row of the offer's request."""
    with tenant(offer.carer_municipality_id):
        found = HelpRequest.objects.select_related("carer").filter(uid=offer.request_uid).first()
    if found is None:
        raise NotFound()
    return found


def end(rows: dict[int, Offer], state: str) -> None:
    """Advance locked twins; what was held for the question goes back to the carer unless somebody
    was chosen. Raises ``OfferOver`` where the allow-list knows no such step."""
    first = next(iter(rows.values()))
    if not step_allowed(first.state, state):
        raise OfferOver()
    holds: list[dict[str, Any]] = rows[first.carer_municipality_id].holds
    twins_save(rows, state=state, answered_at=clock.now())
    if holds and state != State.CHOSEN:
        coins.coins_release(order_id=derived_id(first.uid, "release"), holds=holds)


# --- the supporter ------------------------------------------------------------------------------
def offer_decline(*, offer_uid: UUID, supporter: Person) -> Offer:
    """「今回は無理」: costs the supporter nothing, and coins held for the question go back. Again:
    nothing changes. Raises ``NotFound``, ``OfferOver``."""
    seen = _own(offer_uid, supporter)
    with (
        twins_locked(HelpRequest, uid=seen.request_uid, start=seen.carer_municipality_id),
        twins_locked(Offer, uid=offer_uid, start=current()) as rows,
    ):
        offer = rows[current()]
        if offer.state == State.DECLINED:
            return offer
        end(rows, State.DECLINED)
        _note_answer(offer, "no")
    request = request_of(offer)
    if offer.is_direct:
        tell_carer(
            request,
            event="declined",
            key=offer.uid,
            title=words.DECLINED,
            body=words.DECLINED_SERIES_BODY if request.series_uid else words.DECLINED_BODY,
            who=offer.card["family_name"],
        )
    elif not _hurried(offer) and not _anybody_left(offer):
        tell_carer(
            request,
            event="all_declined",
            key=offer.uid,
            title=words.ALL_DECLINED,
            body=words.ALL_DECLINED_BODY,
        )
    return offer


def _own(offer_uid: UUID, supporter: Person) -> Offer:
    found: Offer | None = Offer.objects.filter(uid=offer_uid, supporter=supporter).first()
    if found is None:
        raise NotFound()
    return found


def _note_answer(offer: Offer, answer: str) -> None:
    """In the log of waves, once: the first answer is the one that was asked for."""
    with tenant(offer.carer_municipality_id):
        Ask.objects.filter(offer_uid=offer.uid, answer="").update(
            answer=answer, answered_at=clock.now()
        )


def _hurried(offer: Offer) -> bool:
    """Let a search that goes on look again at once, as this one said no; False: there is none."""
    with tenant(offer.carer_municipality_id):
        search = Search.objects.filter(request_uid=offer.request_uid, next_look_at__isnull=False)
        return bool(search.update(next_look_at=clock.now()))


def _anybody_left(offer: Offer) -> bool:
    with tenant(offer.carer_municipality_id):
        return Offer.objects.filter(request_uid=offer.request_uid, state__in=STANDING).exists()


def offer_accept_mark(*, offer_uid: UUID, supporter: Person) -> Offer:
    """「OK」 to a question that went to many: the carer is told and chooses. Called by support,
    which first looks whether the supporter is free. Again: nothing changes.

    Raises ``NotFound``, ``OfferOver`` (also where its time has passed).
    """
    _own(offer_uid, supporter)
    with twins_locked(Offer, uid=offer_uid, start=current()) as rows:
        offer = rows[current()]
        if offer.state == State.ACCEPTED:
            return offer
        if offer.expires_at <= clock.now():
            raise OfferOver()
        end_without_coins(rows)
        _note_answer(offer, "yes")
    tell_carer(
        request_of(offer),
        event="accepted",
        key=offer.uid,
        title=words.ACCEPTED,
        body=words.ACCEPTED_BODY,
        who=offer.card["family_name"],
    )
    return offer


def end_without_coins(rows: dict[int, Offer]) -> None:
    """An OK keeps the question standing, and whatever is held for it."""
    first = next(iter(rows.values()))
    if not step_allowed(first.state, State.ACCEPTED):
        raise OfferOver()
    twins_save(rows, state=State.ACCEPTED, answered_at=clock.now())


# --- for support, inside its transaction --------------------------------------------------------
def offer_chosen_mark(*, offer_uid: UUID, start: int) -> Offer:
    """This supporter is settled: the offer is now their booking. Raises ``OfferOver``."""
    with twins_locked(Offer, uid=offer_uid, start=start) as rows:
        if rows[start].state != State.CHOSEN:
            end(rows, State.CHOSEN)
            _note_answer(rows[start], "yes")
        return rows[start]


def offer_withdraw_mark(*, offer_uid: UUID, start: int) -> Offer:
    """The booking is off (its visit was cancelled), or the question is. A chosen offer's coins
    belong to its visit and are support's to give back. Again: nothing changes."""
    with twins_locked(Offer, uid=offer_uid, start=start) as rows:
        state = rows[start].state
        if state == State.CHOSEN:
            # Remembered, so that who could not come after all is not proposed once more.
            card = rows[start].card | {"was_chosen": True}
            twins_save(rows, state=State.WITHDRAWN, card=card)
        elif state in STANDING:
            end(rows, State.WITHDRAWN)
        return rows[start]


def offers_withdraw_others(*, request_uid: UUID, chosen: UUID, start: int) -> int:
    """Take back every other standing question of the request and thank whoever was asked.
    Returns how many there were."""
    with tenant(start):
        others = list(
            Offer.objects.filter(request_uid=request_uid, state__in=STANDING)
            .exclude(uid=chosen)
            .order_by("uid")
            .values_list("uid", flat=True)
        )
    for uid in others:
        _withdraw(uid, start, words.CHOSEN_OTHER, settled=True)
    return len(others)


def _withdraw(uid: UUID, start: int, title: str, *, settled: bool = False) -> None:
    with twins_locked(Offer, uid=uid, start=start) as rows:
        offer = rows[start]
        before = offer.state
        if before not in STANDING:
            return
        end(rows, State.WITHDRAWN)
    body = words.WITHDRAWN_BODY
    if settled:
        said_yes = before == State.ACCEPTED
        body = words.CHOSEN_OTHER_BODY if said_yes else words.CHOSEN_OTHER_SILENT_BODY
    tell_supporter(offer, event="withdrawn", title=title, body=body)


# --- the carer ----------------------------------------------------------------------------------
def offer_withdraw(*, offer_uid: UUID, carer: Person) -> Offer:
    """The carer takes a question back before it is settled; held coins return at once. Again:
    nothing changes. Raises ``NotFound``, ``OfferAccepted``, ``OfferOver``."""
    seen = Offer.objects.filter(uid=offer_uid).first()
    if seen is None or not HelpRequest.objects.filter(uid=seen.request_uid, carer=carer).exists():
        raise NotFound()
    with (
        transaction.atomic(),
        twins_locked(HelpRequest, uid=seen.request_uid, start=current()),
    ):
        seen.refresh_from_db()
        if seen.state == State.WITHDRAWN:
            return seen
        if seen.state == State.CHOSEN:
            raise OfferAccepted()
        if seen.state not in STANDING:
            raise OfferOver()
        _withdraw(offer_uid, current(), words.WITHDRAWN)
        seen.refresh_from_db()
    return seen


def request_withdraw(*, uid: UUID, carer: Person, reason: str = "carer") -> HelpRequest:
    """Cancel the carer's request while nobody is coming: every question is taken back with its
    coins, everybody who was asked is told. Again: nothing changes.

    Raises ``NotFound``, ``VisitStands``, ``StepNotPossible``.
    """
    with transaction.atomic():
        # First, so that it is refused before anybody is told.
        request = request_cancel(uid=uid, carer=carer, reason=reason)
        standing = list(
            Offer.objects.filter(request_uid=uid, state__in=STANDING)
            .order_by("uid")
            .values_list("uid", flat=True)
        )
        for offer_uid in standing:
            _withdraw(offer_uid, current(), words.WITHDRAWN)
    return request
