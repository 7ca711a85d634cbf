"""Visits that fall through, and those about which the two do not agree."""

from datetime import timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Notice
from kyojo.help.matching.models import Offer
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support import services
from kyojo.help.support.errors import (
    AmountOutside,
    NoShowTooEarly,
    StepNotAllowed,
    WordsMissing,
)
from kyojo.help.support.models import (
    Dispute,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

from .cast import (
    AT_HOUSE,
    COINS,
    KITA,
    MIDORI,
    START,
    check_in,
    purses,
    state_of,
    visit_make,
)
from .test_visits import confirm, ended, refusals, resolve

pytestmark = pytest.mark.django_db


def agree(cast, who, uid, at):
    person = getattr(cast, who)
    with clock.frozen(at), tenant(person.municipality_id):
        services.ruling_accept(visit_uid=uid, by=person)


# --- falling through ------------------------------------------------------------------------------
def test_the_carer_cancels(cast):
    uid = visit_make(cast)
    with tenant(KITA):
        services.visit_cancel(visit_uid=uid, actor=cast.carer, reason="plans_changed")
        visit = services.visit_cancel(visit_uid=uid, actor=cast.carer, reason="unwell")
        assert visit.closed_reason == "plans_changed"
        assert HelpRequest.objects.get(uid=visit.request_uid).state == "cancelled"
    assert purses(cast) == (COINS, 0, 0)
    with tenant(MIDORI):
        assert Offer.objects.get(uid=visit.offer_uid).state == "withdrawn"
        for person in (cast.supporter, cast.mother):
            assert Notice.objects.filter(person=person, kind="visit_cancelled").exists()
    with pytest.raises(StepNotAllowed):
        check_in(cast, uid)


def test_the_supporter_cancels_and_the_request_looks_on(cast):
    uid = visit_make(cast)
    with tenant(MIDORI):
        visit = services.visit_cancel(visit_uid=uid, actor=cast.supporter, reason="unwell")
    with tenant(KITA):
        assert HelpRequest.objects.get(uid=visit.request_uid).state == "open"
        notice = Notice.objects.get(person=cast.carer, kind="visit_cancelled")
        assert notice.path == f"/requests/{visit.request_uid}/"
    assert purses(cast) == (COINS, 0, 0)


def test_no_cancel_once_it_has_begun(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    with tenant(KITA), pytest.raises(StepNotAllowed):
        services.visit_cancel(visit_uid=uid, actor=cast.carer)
    assert state_of(uid) == "started"
    assert refusals(uid) == ["step_not_allowed"]


def test_nobody_came(cast):
    uid = visit_make(cast)
    with clock.frozen(START + timedelta(minutes=14)), tenant(KITA):
        with pytest.raises(NoShowTooEarly):
            services.visit_no_show(visit_uid=uid, by=cast.carer, who="supporter")
        assert state_of(uid) == "scheduled"
    with clock.frozen(START + timedelta(minutes=15)), tenant(KITA):
        services.visit_no_show(visit_uid=uid, by=cast.carer, who="supporter")
        services.visit_no_show(visit_uid=uid, by=cast.carer, who="supporter")
    assert (state_of(uid), purses(cast)) == ("disputed", (COINS - 40, 40, 0))
    agree(cast, "supporter", uid, START + timedelta(minutes=30))
    assert state_of(uid) == "no_show"
    assert purses(cast) == (COINS, 0, 0)


def test_nobody_came_but_a_phone_was_there(cast):
    uid = visit_make(cast)
    with clock.frozen(START), tenant(MIDORI):
        services.visit_position(
            visit_uid=uid, supporter=cast.supporter, nonce=new_id(), position=AT_HOUSE
        )
    with clock.frozen(START + timedelta(minutes=15)), tenant(KITA):
        services.visit_no_show(visit_uid=uid, by=cast.carer, who="supporter")
    assert state_of(uid) == "disputed"
    assert purses(cast) == (COINS - 40, 40, 0)


def test_nobody_opened(cast):
    uid = visit_make(cast)
    with clock.frozen(START + timedelta(minutes=20)), tenant(MIDORI):
        services.visit_no_show(visit_uid=uid, by=cast.supporter, who="carer")
    assert state_of(uid) == "disputed"
    resolve(cast, uid, "pay_part", paid_coins=10)
    assert purses(cast) == (COINS - 10, 0, 10)


def test_the_supporter_cannot_report_themselves_absent_nor_the_carer_nobody_home(cast):
    uid = visit_make(cast)
    with clock.frozen(START + timedelta(minutes=20)):
        with tenant(MIDORI), pytest.raises(NotFound):
            services.visit_no_show(visit_uid=uid, by=cast.supporter, who="supporter")
        with tenant(KITA), pytest.raises(NotFound):
            services.visit_no_show(visit_uid=uid, by=cast.carer, who="carer")
    assert state_of(uid) == "scheduled"


# --- disputes -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("resolution", "part", "carer", "supporter"),
    [("pay", None, 0, 40), ("pay_part", 15, 25, 15), ("return", None, 40, 0)],
)
def test_the_office_decides_and_no_coin_is_lost(cast, resolution, part, carer, supporter):
    uid = ended(cast)
    with tenant(KITA):
        with pytest.raises(WordsMissing):
            services.visit_dispute(visit_uid=uid, by=cast.carer, words="  ")
        services.visit_dispute(visit_uid=uid, by=cast.carer, words="1時間で帰りました。")
    assert purses(cast) == (COINS - 40, 40, 0)
    with pytest.raises(StepNotAllowed):
        confirm(cast, uid)
    with pytest.raises(AmountOutside):
        resolve(cast, uid, "pay_part", paid_coins=41)
    visit = resolve(cast, uid, resolution, paid_coins=part)
    assert visit.state == "resolved" and visit.settled_coins == supporter
    assert bool(visit.receipt_code) == bool(supporter)
    assert purses(cast) == (COINS - 40 + carer, 0, supporter)
    for code, person in ((KITA, cast.carer), (MIDORI, cast.supporter)):
        with tenant(code):
            assert Dispute.objects.get(visit_uid=uid).resolution == resolution
            assert Notice.objects.filter(person=person, kind="visit_resolved").exists()
    resolve(cast, uid, resolution, paid_coins=part)
    assert purses(cast) == (COINS - 40 + carer, 0, supporter)


def test_only_the_office_decides(cast):
    uid = ended(cast)
    with tenant(KITA):
        services.visit_dispute(visit_uid=uid, by=cast.carer, words="ちがいました。")
    before = purses(cast)
    with pytest.raises(NotFound):
        resolve(cast, uid, by=cast.mother.user)
    assert state_of(uid) == "disputed"
    assert purses(cast) == before
