"""From an offer to a visit: the answer, the choice, the reservation.

A reservation is one transaction: the coins are held firmly, the visit stands in every town
concerned, the other offers are withdrawn, everybody is told; or nothing of it happened.
"""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import twins_locked
from kyojo.civic.people import coins
from kyojo.civic.people.errors import Suspended
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import blocked_either_way
from kyojo.civic.people.services import act_record, persons_lock
from kyojo.civic.people.suspensions import any_suspended, is_suspended, suspended_refuse
from kyojo.help.matching import services as matching
from kyojo.help.matching.errors import OfferOver
from kyojo.help.matching.models import Offer
from kyojo.help.matching.trust_selectors import trust_lacking
from kyojo.help.requests.domain import category as category_of
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.services import request_matched
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import derived_id
from kyojo.kernel.wording import jdate, jrange

from ..domain import Role
from ..errors import (
    OfferNotAccepted,
    OwnRequest,
    RequestNotOpen,
    RequestPast,
    SupporterBusy,
    SupporterBusyOwn,
    TrustLacking,
    TrustLackingOffice,
)
from ..models import Visit
from .making import visit_create
from .steps import Case, basis_checked, history, refused_store, staff_checked, tell

#: States in which a person cannot be anywhere else; the constraint no_double_booking says it too.
OCCUPYING = ("scheduled", "started", "ended", "confirmed", "settled")
STANDING = (Offer.State.NOTIFIED, Offer.State.ACCEPTED)


def visit_uid_of(offer_uid: UUID) -> UUID:
    """An offer leads to one visit at most, whose id follows from it: a retry finds it."""
    return derived_id(offer_uid, "visit")


def offer_answer(*, offer_uid: UUID, supporter: Person, yes: bool) -> Visit | None:
    """The supporter's answer. A yes to a direct question, or to "first come", reserves at once
    and returns the visit (the supporter's town's row); every other answer returns None. The same
    answer again changes nothing.

    Raises ``NotFound``, ``OfferOver``, ``SupporterBusyOwn``, ``RequestNotOpen``, ``RequestPast``,
    ``CoinsShort`` …; whatever is refused, no coin moved.
    """
    offer = Offer.objects.filter(uid=offer_uid, supporter=supporter).first()
    if offer is None:
        raise NotFound()
    made = Visit.objects.filter(uid=visit_uid_of(offer_uid)).first()
    if made is not None:
        if yes:
            return made
        raise OfferOver()
    if not yes:
        matching.offer_decline(offer_uid=offer_uid, supporter=supporter)
        return None
    if offer.state == Offer.State.ACCEPTED and not offer.is_direct:
        return None
    suspended_refuse(supporter)
    with tenant(offer.carer_municipality_id):
        asked = HelpRequest.objects.filter(uid=offer.request_uid).first()
    if asked is None:
        raise NotFound()
    if offer.is_direct or asked.decide == HelpRequest.Decide.FIRST:
        return _reserve(offer_uid=offer_uid, role=Role.SUPPORTER, actor_uid=supporter.uid)
    _free_or_refuse(offer)
    matching.offer_accept_mark(offer_uid=offer_uid, supporter=supporter)
    return None


def offer_choose(*, order_id: UUID, offer_uid: UUID, carer: Person) -> Visit:
    """The carer takes one of those who said OK. Returns the carer's town's row; chosen already:
    the same visit. ``order_id`` is kept by the caller's form; the visit's id follows the offer.

    Raises ``NotFound``, ``OfferNotAccepted``, ``OfferOver``, ``SupporterBusy``,
    ``RequestNotOpen``, ``RequestPast``, ``CoinsShort`` …; whatever is refused, no coin moved.
    """
    offer = Offer.objects.filter(uid=offer_uid).first()
    if offer is None:
        raise NotFound()
    asked = HelpRequest.objects.filter(uid=offer.request_uid, carer=carer).first()
    if asked is None:
        raise NotFound()
    made = Visit.objects.filter(uid=visit_uid_of(offer_uid)).first()
    if made is not None:
        return made
    if offer.state == Offer.State.NOTIFIED:
        raise OfferNotAccepted()
    return _reserve(offer_uid=offer_uid, role=Role.CARER, actor_uid=carer.uid)


def office_assign(
    *,
    order_id: UUID,
    request_uid: UUID,
    supporter_uid: UUID,
    supporter_municipality_id: int,
    by: User,
    basis: str,
) -> Visit:
    """The office reserves for a supporter who said yes by telephone or at the counter. ``basis``
    (``people.domain.BASES``) goes on record. The same ``order_id`` again: the same visit.

    Raises as ``offer_choose`` and ``matching.services.offer_office``, ``BasisMissing``,
    ``NotFound`` for a login without a desk here.
    """
    staff_checked(by)
    basis_checked(basis)
    uid = visit_uid_of(order_id)
    made = Visit.objects.filter(uid=uid).first()
    if made is not None:
        return made
    try:
        with transaction.atomic():
            matching.offer_office(
                order_id=order_id,
                request_uid=request_uid,
                supporter_uid=supporter_uid,
                supporter_municipality_id=supporter_municipality_id,
            )
            visit = _reserve(offer_uid=order_id, role=Role.OFFICE, actor_uid=None)
            act_record(
                actor=by,
                action="office_assign",
                subject_kind="visit",
                subject_id=uid,
                basis=basis,
            )
    except NotFound:
        raise
    except Refusal as refusal:
        # Outside: with the offer, what the reservation stored about its refusal is gone as well.
        refused_store(
            visit_uid=uid, name="reserve", role=Role.OFFICE, actor_uid=None, code=refusal.code
        )
        raise
    return visit


def _free_or_refuse(offer: Offer) -> None:
    """Said early, before a carer counts on it; the reservation looks again under lock."""
    if offer.state not in STANDING or offer.expires_at <= clock.now():
        raise OfferOver()
    if _is_busy(offer):
        raise SupporterBusyOwn()


def _is_busy(offer: Offer) -> bool:
    return bool(
        Visit.objects.filter(
            supporter__uid=offer.supporter_uid,
            state__in=OCCUPYING,
            starts_at__lt=offer.ends_at,
            ends_at__gt=offer.starts_at,
        ).exists()
    )


def _reserve(*, offer_uid: UUID, role: Role, actor_uid: UUID | None) -> Visit:
    start = current()
    seen = Offer.objects.filter(uid=offer_uid).first()
    if seen is None:
        raise NotFound()
    uid = visit_uid_of(offer_uid)
    try:
        with (
            transaction.atomic(),
            twins_locked(
                HelpRequest, uid=seen.request_uid, start=seen.carer_municipality_id
            ) as requests,
            twins_locked(Offer, uid=offer_uid, start=start) as offers,
        ):
            # A retry that waited for the lock finds what the first one made.
            made = Visit.objects.filter(uid=uid).first()
            if made is not None:
                return made
            rows = _reserve_locked(uid, requests, offers, role)
            case = Case(rows, role, actor_uid, start)
            history(case, before="", after="scheduled", reason="reserved")
            _tell_all(case)
    except NotFound:
        raise
    except Refusal as refusal:
        refused_store(
            visit_uid=uid, name="reserve", role=role, actor_uid=actor_uid, code=refusal.code
        )
        raise
    return rows[start]


def _reserve_locked(
    uid: UUID, requests: dict[int, HelpRequest], offers: dict[int, Offer], role: Role
) -> dict[int, Visit]:
    offer = next(iter(offers.values()))
    asked = requests[offer.carer_municipality_id]
    if offer.state not in STANDING or (
        offer.state == Offer.State.NOTIFIED and offer.expires_at <= clock.now()
    ):
        raise OfferOver()
    if asked.state not in (HelpRequest.State.OPEN, HelpRequest.State.UNFILLED):
        raise RequestNotOpen()
    if asked.starts_at is None or asked.starts_at <= clock.now():
        raise RequestPast()
    with tenant(offer.supporter_municipality_id):
        supporter = Person.objects.filter(uid=offer.supporter_uid, left_at=None).first()
    if supporter is None or asked.carer_id is None:
        raise OfferOver()
    if supporter.uid == asked.carer_uid:
        raise OwnRequest()
    carer_town, supporter_town = offer.carer_municipality_id, offer.supporter_municipality_id
    # The supporter's row first: races for one person wait here instead of in the constraint.
    persons_lock(
        keys=[
            (carer_town, asked.carer_id),
            (supporter_town, supporter.pk),
            *_others_with_holds(offer),
        ]
    )
    _blocks_refuse(asked, offer)
    _suspensions_refuse(asked, offer, role)
    _trust_refuse(asked, offer, role)
    name = supporter.family_name
    with tenant(supporter_town):
        if _is_busy(offer):
            raise SupporterBusyOwn() if role is Role.SUPPORTER else SupporterBusy(name=name)
    holds = _hold(uid, offers[carer_town], asked, supporter)
    try:
        with transaction.atomic():
            rows = visit_create(uid, requests, offer, supporter, holds)
    except IntegrityError as error:
        if "no_double_booking" not in str(error):
            raise
        raise (SupporterBusyOwn() if role is Role.SUPPORTER else SupporterBusy(name=name)) from None
    matching.offer_chosen_mark(offer_uid=offer.uid, start=carer_town)
    matching.offers_withdraw_others(request_uid=asked.uid, chosen=offer.uid, start=carer_town)
    request_matched(uid=asked.uid, start=carer_town, reason="reserved")
    return rows


def _others_with_holds(offer: Offer) -> list[tuple[int, int]]:
    """The people of other questions whose coins come back when this one is taken: everybody whose
    coins move in a transaction is locked before the first coin does."""
    with tenant(offer.carer_municipality_id):
        others = Offer.objects.filter(request_uid=offer.request_uid).exclude(uid=offer.uid)
        return [
            (other.supporter_municipality_id, int(other.card["person_id"]))
            for other in others.exclude(holds=[])
            if other.card.get("person_id")
        ]


def _blocks_refuse(asked: HelpRequest, offer: Offer) -> None:
    """Who does not want to meet somebody does not have to say so here: the offer is just over."""
    sides = [
        (offer.carer_municipality_id, asked.carer_uid),
        (offer.supporter_municipality_id, offer.supporter_uid),
    ]
    if asked.recipient_uid is not None:
        sides.append((asked.place_municipality_id, asked.recipient_uid))
    if blocked_either_way(*sides):
        raise OfferOver()


def _suspensions_refuse(asked: HelpRequest, offer: Offer, role: Role) -> None:
    """Whoever is suspended is told; about anybody else the offer is just over."""
    carer = (offer.carer_municipality_id, asked.carer_uid)
    supporter = (offer.supporter_municipality_id, offer.supporter_uid)
    own = {Role.CARER: carer, Role.SUPPORTER: supporter}.get(role)
    if own is not None and is_suspended(*own):
        raise Suspended()
    if any_suspended([carer, supporter]):
        raise OfferOver()


def _trust_refuse(asked: HelpRequest, offer: Offer, role: Role) -> None:
    """A check may have ended or been withdrawn since the question was asked."""
    lacking = trust_lacking(
        category_code=asked.category,
        place_town=asked.place_municipality_id,
        supporter_town=offer.supporter_municipality_id,
        supporter_uid=offer.supporter_uid,
        day=clock.local(offer.starts_at).date(),
    )
    if not lacking:
        return
    names = "と".join(one.name for one in lacking)
    if role is Role.SUPPORTER:
        raise TrustLacking(names=names)
    if role is Role.OFFICE:
        raise TrustLackingOffice(names=names)
    raise OfferOver()


def _hold(uid: UUID, offer: Offer, asked: HelpRequest, supporter: Person) -> list[dict[str, Any]]:
    """Hold the price until the visit is closed; a direct question's hold becomes this one."""
    order_id = derived_id(uid, "hold")
    if offer.holds:
        return coins.coins_hold_firm(order_id=order_id, holds=offer.holds, reference=uid)
    return coins.coins_hold(
        order_id=order_id,
        payer_municipality_id=offer.carer_municipality_id,
        payer_person_id=int(asked.carer_id or 0),
        payee_municipality_id=offer.supporter_municipality_id,
        payee_person_id=supporter.pk,
        amount=offer.price_coins,
        reference=uid,
    )


def _tell_all(case: Case) -> None:
    visit = case.visit
    what = category_of(visit.category).name
    when = f"{jdate(visit.starts_at)} {jrange(visit.starts_at, visit.ends_at)}"
    supporter, carer = visit.supporter_card["family_name"], visit.carer_card["family_name"]
    waits = visit.consent == Visit.Consent.ASKED
    tell(
        case,
        Role.CARER,
        kind="visit_reserved",
        title=f"{supporter}さんに決まりました（{what}）",
        body=f"{when}に来ます。{visit.amount_coins}コインをお預かりしました。",
    )
    tell(
        case,
        Role.SUPPORTER,
        kind="visit_reserved",
        title=f"{carer}さんの依頼に決まりました（{what}）",
        body=f"{when}です。お宅の方の「来てください」のお返事があったら、行き先をお知らせします。"
        if waits
        else f"{when}です。行き先と、会う人が見られるようになりました。",
    )
    if waits:
        tell(
            case,
            Role.RECIPIENT,
            kind="visit_consent_asked",
            title=f"{supporter}さんが来てもよいか、お返事をください（{what}）",
            body=f"{when}です。断っても、だれにも迷惑はかかりません。",
            path=f"/visits/{visit.uid}/yes/",
        )
