"""Two people who are not to meet any more, and somebody who is suspended: at once, in both towns,
and nobody learns why."""

from datetime import timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people.errors import Suspended
from kyojo.civic.people.models import Block, Notice
from kyojo.civic.people.services import block_remove, suspension_lift
from kyojo.civic.people.testing import make_coordinator
from kyojo.help.community.models import Case
from kyojo.help.matching import selectors as matching
from kyojo.help.matching import services as offers
from kyojo.help.matching.errors import CandidateGone, OfferOver
from kyojo.help.matching.models import Offer, Proposal
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support.models import Visit
from kyojo.help.support.services import (
    booked_between,
    offer_choose,
    person_block,
    person_suspend,
)
from kyojo.kernel import clock
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
    state_of,
    visit_make,
)


@pytest.fixture
def cast(standing):
    return standing


def proposed(request: HelpRequest, town: int) -> set:
    """Whom ``town`` proposes for the request, by uid."""
    with tenant(town):
        own = HelpRequest.objects.get(uid=request.uid)
        return {one.uid for one in matching.candidates(own)}


def block(person, other, *, cancels: bool = False):
    with tenant(person.municipality_id):
        return person_block(person=person, blocked_uid=other.uid, cancels=cancels)


def states(request: HelpRequest) -> dict:
    """Supporter → state of their question, the same in both towns."""
    found = []
    for town in (KITA, MIDORI):
        with tenant(town):
            rows = Offer.objects.filter(request_uid=request.uid)
            found.append({one.supporter_uid: one.state for one in rows})
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize("blocker", ["carer", "supporter", "mother"])
def test_neither_is_shown_to_the_other_from_the_next_look_on(cast, blocker):
    request, person = request_make(cast), getattr(cast, blocker)
    other = cast.carer if blocker == "supporter" else cast.supporter
    for town in (KITA, MIDORI):  # both towns' populations are read into this process
        assert cast.supporter.uid in proposed(request, town)
    block(person, other)
    for town in (KITA, MIDORI):
        assert proposed(request, town) == {cast.second.uid}
    with tenant(KITA), pytest.raises(CandidateGone):
        offers.offer_ask(
            order_id=new_id(),
            request_uid=request.uid,
            carer=cast.carer,
            supporter_uid=cast.supporter.uid,
            supporter_municipality_id=MIDORI,
        )
    with tenant(person.municipality_id):
        block_remove(person=person, blocked_uid=other.uid)
    assert cast.supporter.uid in proposed(request, KITA)


@pytest.mark.parametrize("blocker", ["carer", "supporter", "mother"])
def test_pending_questions_end_and_the_coins_are_back(cast, blocker):
    request, person = request_make(cast), getattr(cast, blocker)
    other = cast.carer if blocker == "supporter" else cast.supporter
    offer = ask_directly(cast, request, cast.supporter)
    assert purses(cast)[:2] == (COINS - 40, 40)
    assert block(person, other).ended == 1
    assert block(person, other).ended == 0
    assert states(request) == {
        cast.supporter.uid: "declined" if blocker == "supporter" else "withdrawn"
    }
    assert purses(cast)[:2] == (COINS, 0)
    with pytest.raises(OfferOver):
        answer(offer, cast.supporter)
    with tenant(KITA):
        told = Notice.objects.filter(person=cast.carer, kind="request_declined")
        assert told.count() == (0 if blocker == "carer" else 1)
        for notice in Notice.objects.filter(person=cast.carer):
            assert "ブロック" not in notice.title + notice.body
        assert Case.objects.count() == 0


def test_an_ok_that_waits_for_the_choice_ends_and_others_stay(cast):
    request = request_make(cast)
    found = {one.supporter_uid: one for one in broadcast(cast, request)}
    for person in (cast.supporter, cast.second):
        answer(found[person.uid], person)
    block(cast.supporter, cast.carer)
    assert states(request) == {cast.supporter.uid: "declined", cast.second.uid: "accepted"}
    with tenant(KITA), pytest.raises(OfferOver):
        offer_choose(order_id=new_id(), offer_uid=found[cast.supporter.uid].uid, carer=cast.carer)


def test_what_is_booked_stays_unless_they_say_so_and_the_office_hears(cast):
    uid = visit_make(cast)
    with tenant(MIDORI):
        assert [one.uid for one in booked_between(cast.supporter, cast.carer.uid)] == [uid]
        assert booked_between(cast.mother, cast.carer.uid) == []
    assert block(cast.supporter, cast.carer).kept == [uid]
    assert block(cast.supporter, cast.carer).kept == [uid]
    assert state_of(uid) == "scheduled"
    with tenant(MIDORI):
        case = Case.objects.get()
        assert (case.kind, case.subject_uid, case.opened_by_uid) == ("other", uid, None)
        assert case.about == sorted([str(cast.carer.uid), str(cast.supporter.uid)])
    with tenant(KITA):
        assert Case.objects.count() == 0 and Block.objects.count() == 0
    assert block(cast.carer, cast.supporter, cancels=True).cancelled == [uid]
    assert state_of(uid) == "cancelled"
    assert purses(cast) == (COINS, 0, 0)


def test_a_recipient_who_blocks_may_have_it_cancelled(cast):
    uid = visit_make(cast, with_yes=False)
    assert block(cast.mother, cast.supporter, cancels=True).cancelled == [uid]
    assert state_of(uid) == "cancelled" and purses(cast) == (COINS, 0, 0)


def test_a_plan_that_proposes_them_is_dropped(cast):
    request = request_make(cast)
    with tenant(MIDORI):
        for person in (cast.supporter,):
            Proposal.objects.create(
                request_uid=request.uid,
                supporter_uid=person.uid,
                supporter_municipality_id=MIDORI,
            )
    block(cast.supporter, cast.carer)
    with tenant(MIDORI):
        assert Proposal.objects.count() == 0


# --- suspension -----------------------------------------------------------------------------------
def suspend(person, by, **more):
    with tenant(person.municipality_id):
        return person_suspend(
            uid=new_id(),
            person=person,
            by=by,
            reason="お約束を守られないことが続きました。",
            until=clock.now() + timedelta(days=30),
            **more,
        )


def test_a_suspended_supporter_is_gone_from_matching_and_back_when_it_is_lifted(cast):
    request = request_make(cast)
    assert cast.supporter.uid in proposed(request, MIDORI)
    offer = ask_directly(cast, request, cast.supporter)
    booked = visit_make_second(cast)
    suspension = suspend(cast.supporter, cast.officer)
    assert proposed(request, KITA) == {cast.second.uid}
    assert states(request) == {cast.supporter.uid: "declined"}
    with pytest.raises(Suspended):
        answer(offer, cast.supporter)
    assert state_of(booked) == "cancelled" and purses(cast) == (COINS, 0, 0)
    with tenant(KITA):
        visit = Visit.objects.get(uid=booked)
        assert HelpRequest.objects.get(uid=visit.request_uid).state == "open"
        with pytest.raises(CandidateGone):
            ask_directly(cast, request, cast.supporter)
    with tenant(MIDORI):
        suspension_lift(uid=suspension.uid, by=cast.officer)
    later = request_make(cast, starts_at=START + timedelta(days=2))
    assert cast.supporter.uid in proposed(later, KITA)


def visit_make_second(cast):
    return visit_make(cast, starts_at=START + timedelta(days=1))


def test_a_suspended_carer_keeps_coins_and_what_is_booked_but_asks_for_nothing(cast):
    waiting = request_make(cast, starts_at=START + timedelta(days=3))
    offer = ask_directly(cast, waiting, cast.second)
    booked = visit_make(cast)
    assert coins.purse(cast.carer).held == 80
    suspend(cast.carer, cast.kita_officer, keeps_visits=True)
    assert state_of(booked) == "scheduled"
    assert (coins.purse(cast.carer).available, coins.purse(cast.carer).held) == (COINS - 40, 40)
    with pytest.raises(OfferOver):
        answer(offer, cast.second)
    for forbidden in (
        lambda: request_make(cast),
        lambda: ask_directly(cast, waiting, cast.second),
        lambda: broadcast(cast, waiting),
    ):
        with pytest.raises(Suspended):
            forbidden()


def test_a_yes_given_while_the_other_is_suspended_reserves_nothing(cast):
    request = request_make(cast)
    found = {one.supporter_uid: one for one in broadcast(cast, request)}
    suspended = suspend(cast.second, make_coordinator(MIDORI))
    assert suspended.state == "provisional"
    with pytest.raises((Suspended, OfferOver)):
        answer(found[cast.second.uid], cast.second)
    answer(found[cast.supporter.uid], cast.supporter)
    suspend(cast.carer, cast.kita_officer)
    with tenant(KITA), pytest.raises((Suspended, OfferOver)):
        offer_choose(order_id=new_id(), offer_uid=found[cast.supporter.uid].uid, carer=cast.carer)
    with tenant(KITA):
        assert Visit.objects.count() == 0
