"""Checks that end or are withdrawn, from the question to the day: who is asked, what is booked,
what the office sees. Checks hold on the day of the help, not on the day of asking."""

from datetime import date, timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, TrustCheck
from kyojo.civic.people.services import skill_set, trust_check_record, trust_check_withdraw
from kyojo.help.matching import live
from kyojo.help.matching.domain import Hard
from kyojo.help.matching.errors import CandidateGone, OfferOver
from kyojo.help.matching.selectors import candidate_checked, candidates, need_of
from kyojo.help.matching.trust_selectors import bookings_doubtful, still_needed
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support import services
from kyojo.help.support.errors import TrustLacking
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .cast import (
    KITA,
    MIDORI,
    START,
    Cast,
    answer,
    ask_directly,
    broadcast,
    purses,
    request_make,
)

pytestmark = pytest.mark.django_db
DAY = clock.local(START).date()


@pytest.fixture
def cast(standing):
    return standing


def ends_on(person: Person, day: date | None) -> None:
    with tenant(person.municipality_id):
        TrustCheck.objects.filter(person=person, kind="identity").update(valid_until=day)


def found(request: HelpRequest) -> set:
    with tenant(KITA):
        return {one.uid for one in candidates(request, limit=50)}


def broken(cast: Cast, request: HelpRequest) -> frozenset[Hard]:
    with tenant(KITA):
        return candidate_checked(
            request, supporter_uid=cast.supporter.uid, supporter_municipality_id=MIDORI
        )[1]


def test_a_check_that_ends_before_the_day_is_no_check_for_it(cast):
    request = request_make(cast)
    assert cast.supporter.uid in found(request)  # the population is in memory now
    for until, fits in (
        (DAY - timedelta(days=1), False),
        (DAY, True),
        (clock.today() - timedelta(days=1), False),
        (None, True),
    ):
        ends_on(cast.supporter, until)
        assert (cast.supporter.uid in found(request)) is fits
        assert (Hard.TRUST in broken(cast, request)) is not fits
        with tenant(KITA):
            need = need_of(request)
        with tenant(MIDORI):  # the engine and the plain rule agree on whom trust keeps away
            kept_away = live.population().shortfall(need).broken.get(Hard.TRUST, 0)
        assert bool(kept_away) is not fits
    ends_on(cast.supporter, DAY - timedelta(days=1))
    before = purses(cast)
    with pytest.raises(CandidateGone):
        ask_directly(cast, request, cast.supporter)
    assert purses(cast) == before


def test_a_check_that_ended_since_the_question_books_nothing(cast):
    request = request_make(cast)
    offer = ask_directly(cast, request, cast.supporter)
    ends_on(cast.supporter, DAY - timedelta(days=1))
    before = purses(cast)
    with pytest.raises(TrustLacking, match="本人確認"):
        answer(offer, cast.supporter)
    assert purses(cast) == before
    ends_on(cast.supporter, DAY)
    assert answer(offer, cast.supporter) is not None


def test_the_carer_learns_only_that_the_offer_is_over(cast):
    request = request_make(cast)
    with clock.frozen(clock.at(clock.today(), 10)):
        offers = {one.supporter_uid: one for one in broadcast(cast, request)}
        offer = offers[cast.supporter.uid]
        answer(offer, cast.supporter)
        ends_on(cast.supporter, DAY - timedelta(days=1))
        with tenant(KITA), pytest.raises(OfferOver):
            services.offer_choose(order_id=new_id(), offer_uid=offer.uid, carer=cast.carer)


def test_what_is_booked_and_in_doubt_is_put_before_both_offices(cast):
    visit = answer(ask_directly(cast, request_make(cast), cast.supporter), cast.supporter)
    assert visit is not None

    def doubtful(town: int) -> list:
        with tenant(town):
            return bookings_doubtful()

    assert doubtful(MIDORI) == []
    with tenant(MIDORI):
        check = TrustCheck.objects.get(person=cast.supporter, kind="identity")
        trust_check_withdraw(check_id=check.pk, by=cast.officer, reason="まちがい")
    [one] = doubtful(MIDORI)
    assert (one.supporter_uid, one.is_ours, one.lacks) == (
        cast.supporter.uid,
        True,
        "本人確認",
    )
    assert doubtful(KITA) == []  # neither the place nor the supporter is theirs
    with tenant(MIDORI):
        trust_check_record(person=cast.supporter, kind="identity", label="", method="窓", by=None)
    ends_on(cast.supporter, DAY - timedelta(days=1))
    assert "まで" in doubtful(MIDORI)[0].lacks
    ends_on(cast.supporter, DAY)
    assert doubtful(MIDORI) == []


def test_what_a_supporter_still_needs_is_said_by_kind(cast):
    with tenant(MIDORI):
        skill_set(person=cast.supporter, skills={"garden": "", "child": "", "ride": ""})
        by_code = {one.code: one for one in still_needed(cast.supporter)}
        assert set(by_code) == {"child", "ride"}
        assert by_code["ride"].sentence == "送り迎えには、あと資格の確認が必要です"
        trust_check_record(
            person=cast.supporter, kind="licence", label="免許", method="窓口", by=cast.officer
        )
        trust_check_record(
            person=cast.supporter, kind="training", label="庭木の講習", method="証", by=None
        )
        [child] = still_needed(cast.supporter)
        assert child.sentence == (
            "子どもの見守りには、あと経歴の確認と講習「子どもの見守り講習」が必要です"
        )
        for kind, label in (("background", ""), ("training", "子どもの見守り講習")):
            trust_check_record(person=cast.supporter, kind=kind, label=label, method="窓", by=None)
        assert still_needed(cast.supporter) == []
        with clock.frozen(clock.now() + timedelta(days=3 * 366)):
            [child] = still_needed(cast.supporter)
            assert all(one.ended_on is not None for one in child.missing)
