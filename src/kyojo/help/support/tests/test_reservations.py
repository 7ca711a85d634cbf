"""From the offer to the visit, through the services: coins, towns, notices, refusals."""

from datetime import timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Notice
from kyojo.civic.people.services import block_add
from kyojo.help.matching.errors import OfferOver
from kyojo.help.matching.models import Offer
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support import services
from kyojo.help.support.errors import (
    OfferNotAccepted,
    RequestNotOpen,
    SupporterBusy,
    SupporterBusyOwn,
)
from kyojo.help.support.models import RefusedStep, Visit, VisitStep
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

from .cast import (
    COINS,
    KITA,
    MIDORI,
    START,
    answer,
    ask_directly,
    broadcast,
    purses,
    request_make,
    visit_make,
)

pytestmark = pytest.mark.django_db


def rows(uid):
    found = {}
    for code in (KITA, MIDORI):
        with tenant(code):
            row = Visit.objects.filter(uid=uid).first()
            if row is not None:
                found[code] = row
    return found


def test_a_yes_to_a_direct_question_reserves_at_once(cast):
    request = request_make(cast)
    offer = ask_directly(cast, request, cast.supporter)
    assert purses(cast) == (COINS - 40, 40, 0)

    visit = answer(offer, cast.supporter)

    assert purses(cast) == (COINS - 40, 40, 0)
    found = rows(visit.uid)
    assert set(found) == {KITA, MIDORI}
    kita, midori = found[KITA], found[MIDORI]
    assert (kita.carer_id, kita.supporter_id, kita.recipient_id) == (cast.carer.pk, None, None)
    assert (midori.carer_id, midori.supporter_id) == (None, cast.supporter.pk)
    assert midori.recipient_id == cast.mother.pk
    assert kita.holds and not midori.holds
    assert kita.spoken_code == midori.spoken_code and len(kita.spoken_code) == 4
    assert midori.address.endswith("1-2-3") and midori.area_code == "minato"
    assert midori.consent == Visit.Consent.ASKED
    for code in (KITA, MIDORI):
        with tenant(code):
            assert HelpRequest.objects.get(uid=request.uid).state == "matched"
            assert Offer.objects.get(uid=offer.uid).state == "chosen"
            assert VisitStep.objects.filter(visit_uid=visit.uid, after="scheduled").count() == 1
    with tenant(KITA):
        assert Notice.objects.filter(person=cast.carer, kind="visit_reserved").count() == 1
    with tenant(MIDORI):
        assert Notice.objects.filter(person=cast.supporter, kind="visit_reserved").count() == 1
        asked = Notice.objects.get(person=cast.mother, kind="visit_consent_asked")
        assert asked.path == f"/visits/{visit.uid}/yes/"
        assert "見本町" not in asked.title + asked.body

    again = answer(offer, cast.supporter)
    assert again.uid == visit.uid
    assert purses(cast) == (COINS - 40, 40, 0)


def test_the_carer_chooses_among_those_who_said_ok(cast):
    request = request_make(cast)
    offers = {o.supporter_uid: o for o in broadcast(cast, request)}
    first, second = offers[cast.supporter.uid], offers[cast.second.uid]
    with tenant(KITA), pytest.raises(OfferNotAccepted):
        services.offer_choose(order_id=new_id(), offer_uid=first.uid, carer=cast.carer)
    assert answer(first, cast.supporter) is None
    assert answer(second, cast.second) is None
    assert purses(cast) == (COINS, 0, 0)

    with tenant(KITA):
        visit = services.offer_choose(order_id=new_id(), offer_uid=second.uid, carer=cast.carer)

    assert visit.supporter_uid == cast.second.uid
    assert purses(cast)[:2] == (COINS - 40, 40)
    with tenant(MIDORI):
        assert Offer.objects.get(uid=first.uid).state == "withdrawn"
    with pytest.raises(OfferOver):
        answer(first, cast.supporter, yes=False)


def test_first_come_reserves_for_the_first_and_refuses_the_second(cast):
    request = request_make(cast)
    offers = {o.supporter_uid: o for o in broadcast(cast, request, decide="first")}
    assert answer(offers[cast.supporter.uid], cast.supporter) is not None
    with pytest.raises(OfferOver):
        answer(offers[cast.second.uid], cast.second)
    assert purses(cast)[:2] == (COINS - 40, 40)


def test_no_one_is_in_two_places(cast):
    one = request_make(cast)
    other = request_make(cast, starts_at=START + timedelta(hours=1))
    offers = []
    for days, request in enumerate((one, other)):
        with clock.frozen(clock.now() + timedelta(days=days)):  # nobody is asked twice a day
            offer = next(
                o for o in broadcast(cast, request) if o.supporter_uid == cast.supporter.uid
            )
            assert answer(offer, cast.supporter) is None
        offers.append(offer)
    with tenant(KITA):
        services.offer_choose(order_id=new_id(), offer_uid=offers[0].uid, carer=cast.carer)
        before = purses(cast)
        with pytest.raises(SupporterBusy) as refused:
            services.offer_choose(order_id=new_id(), offer_uid=offers[1].uid, carer=cast.carer)
        assert refused.value.message().startswith("春風さんは、同じ時間に別の予定が入りました。")
        assert purses(cast) == before
        assert HelpRequest.objects.get(uid=other.uid).state == "open"
        uid = services.visit_uid_of(offers[1].uid)
        assert not Visit.objects.filter(uid=uid).exists()
        assert RefusedStep.objects.get(visit_uid=uid).code == "supporter_busy"


def test_the_database_refuses_a_double_booking_whatever_the_code_does(cast, monkeypatch):
    visit_make(cast)
    other = request_make(cast, starts_at=START + timedelta(hours=1))
    offer = next(o for o in broadcast(cast, other) if o.supporter_uid == cast.second.uid)
    answer(offer, cast.second)
    # Pretend that the look under lock was forgotten, and that the offer was the first supporter's.
    monkeypatch.setattr(services.reservations, "_is_busy", lambda offer: False)
    for code in (KITA, MIDORI):
        with tenant(code):
            Offer.objects.filter(uid=offer.uid).update(supporter_uid=cast.supporter.uid)
    before = purses(cast)
    with tenant(KITA), pytest.raises(SupporterBusy):
        services.offer_choose(order_id=new_id(), offer_uid=offer.uid, carer=cast.carer)
    assert purses(cast) == before


def test_touching_times_are_no_double_booking(cast):
    visit_make(cast)
    after = request_make(cast, starts_at=START + timedelta(hours=2))
    assert answer(ask_directly(cast, after, cast.supporter), cast.supporter) is not None


def test_a_supporter_who_is_busy_is_told_before_saying_ok(cast):
    other = request_make(cast, starts_at=START + timedelta(hours=1))
    offer = next(o for o in broadcast(cast, other) if o.supporter_uid == cast.supporter.uid)
    visit_make(cast)
    with pytest.raises(SupporterBusyOwn):
        answer(offer, cast.supporter)
    with tenant(MIDORI):
        assert Offer.objects.get(uid=offer.uid).state == "notified"


def test_a_no_gives_the_coins_back(cast):
    offer = ask_directly(cast, request_make(cast), cast.supporter)
    assert answer(offer, cast.supporter, yes=False) is None
    assert purses(cast) == (COINS, 0, 0)
    with pytest.raises(OfferOver):
        answer(offer, cast.supporter)


def test_offers_of_others_do_not_exist(cast):
    offer = ask_directly(cast, request_make(cast), cast.supporter)
    with pytest.raises(NotFound):
        answer(offer, cast.second)
    with tenant(KITA), pytest.raises(NotFound):
        services.offer_choose(order_id=new_id(), offer_uid=offer.uid, carer=cast.stranger)
    with tenant(MIDORI):
        assert Offer.objects.get(uid=offer.uid).state == "notified"
        assert RefusedStep.objects.count() == 0


def test_an_answer_after_the_end_or_a_block_changes_nothing(cast):
    offer = ask_directly(cast, request_make(cast), cast.supporter)
    with clock.frozen(START + timedelta(minutes=1)), pytest.raises(OfferOver):
        answer(offer, cast.supporter)
    with tenant(MIDORI):
        block_add(person=cast.supporter, blocked_uid=cast.carer.uid)
    with pytest.raises(OfferOver):
        answer(offer, cast.supporter)
    assert rows(services.visit_uid_of(offer.uid)) == {}


def test_the_office_assigns_by_hand_with_a_basis(cast):
    request = request_make(cast)
    order = new_id()
    with tenant(MIDORI):
        visit = services.office_assign(
            order_id=order,
            request_uid=request.uid,
            supporter_uid=cast.second.uid,
            supporter_municipality_id=MIDORI,
            by=cast.officer,
            basis="phone",
        )
        again = services.office_assign(
            order_id=order,
            request_uid=request.uid,
            supporter_uid=cast.second.uid,
            supporter_municipality_id=MIDORI,
            by=cast.officer,
            basis="phone",
        )
    assert again.uid == visit.uid and visit.supporter_uid == cast.second.uid
    assert purses(cast)[:2] == (COINS - 40, 40)
    with tenant(KITA), pytest.raises(RequestNotOpen):
        Offer.objects.filter(uid=order).update(state="accepted")
        Visit.objects.filter(uid=visit.uid).update(uid=new_id())
        services.offer_choose(order_id=new_id(), offer_uid=order, carer=cast.carer)
