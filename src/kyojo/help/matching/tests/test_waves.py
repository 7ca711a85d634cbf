"""Asking in waves, on the database: who is asked when, and what stops it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import services as people
from kyojo.civic.people.models import Notice
from kyojo.help.matching import services
from kyojo.help.matching.asking.acceptance import PRIOR
from kyojo.help.matching.asking.features import FEATURES
from kyojo.help.matching.asking.policies import Paced
from kyojo.help.matching.errors import NobodyToAsk
from kyojo.help.matching.models import AcceptanceFit, Ask, Offer, Search
from kyojo.help.matching.services import waves
from kyojo.help.matching.situations import model_now
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.tests.cast import KITA, MIDORI, NOW, cast_make, garden_open, supporter
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
State = Offer.State
UNTIL = clock.at(NOW.date() + timedelta(days=3), 12)


@pytest.fixture
def cast(towns: SimpleNamespace) -> Iterator[SimpleNamespace]:
    with clock.frozen(NOW):
        cast = cast_make(towns)
        cast.more = []
        with tenant(MIDORI):
            for number in range(9):
                cast.more.append(
                    supporter(
                        f"花野 {'いろはにほへとちり'[number]}",
                        f"ハナノ {'イロハニホヘトチリ'[number]}",
                        skills={"garden": ""},
                        away=(0.001 * number, 0.0),
                    )
                )
        yield cast


@pytest.fixture
def request_(cast: SimpleNamespace) -> Iterator[HelpRequest]:
    with tenant(KITA):
        yield garden_open(cast)


def begin(cast: SimpleNamespace, request: HelpRequest, until: datetime = UNTIL) -> list[Offer]:
    return services.offers_broadcast(
        order_id=new_id(),
        request_uid=request.uid,
        carer=cast.minami,
        decide="self",
        wait_until=until,
    )


def look_at(moment: datetime) -> int:
    with clock.frozen(moment):
        return services.searches_look_due(municipality_id=KITA)


def no(cast: SimpleNamespace, offer: Offer) -> None:
    everybody = {who.uid: who for who in (*cast.more, cast.ken, cast.jun, cast.tae)}
    with tenant(MIDORI):
        services.offer_decline(offer_uid=offer.uid, supporter=everybody[offer.supporter_uid])


def test_the_first_wave_is_a_few_and_its_reasons_are_logged(
    cast: SimpleNamespace, request_: HelpRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Some places go to somebody by lot; here none does, so that the order can be told.
    monkeypatch.setattr(
        waves, "policy", lambda model: Paced(model=model, rules=waves.RULES, explore=0.0)
    )
    offers = begin(cast, request_)
    assert 1 <= len(offers) < 6, "there are twelve, and three days to go"
    search = Search.objects.get()
    assert (search.waves, search.deadline) == (1, UNTIL)
    assert search.next_look_at is not None and NOW < search.next_look_at < UNTIL
    for offer in offers:
        [row] = Ask.objects.filter(offer_uid=offer.uid)
        assert len(row.facts) == len(FEATURES)
        assert 0 < row.chance <= row.answers < 1
        assert 0 < row.propensity <= 1
        assert row.model_version == PRIOR.version
    # The likeliest are asked first.
    chances = [Ask.objects.get(offer_uid=one.uid).chance for one in offers]
    assert chances == sorted(chances, reverse=True)


def test_silence_brings_others_until_the_deadline(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    asked = {one.supporter_uid for one in begin(cast, request_)}
    for _ in range(40):
        search = Search.objects.get()
        if search.next_look_at is None:
            break
        look_at(search.next_look_at)
    again = list(Offer.objects.filter(request_uid=request_.uid).values_list("supporter_uid"))
    assert len(again) == len(set(again)) > len(asked)
    assert Search.objects.get().next_look_at is None
    for one in Offer.objects.filter(request_uid=request_.uid):
        assert 8 <= clock.local(one.asked_at).hour < 21
        assert one.asked_at < UNTIL


def test_a_no_is_replaced_at_the_next_minute(cast: SimpleNamespace, request_: HelpRequest) -> None:
    offers = begin(cast, request_)
    assert look_at(NOW + timedelta(minutes=1)) == 0
    with clock.frozen(NOW + timedelta(minutes=2)):
        for offer in offers:
            no(cast, offer)
    assert Ask.objects.filter(answer="no").count() == len(offers)
    assert look_at(NOW + timedelta(minutes=2)) >= 1
    assert not Notice.objects.filter(person=cast.minami, title__contains="今回は来られません")


def test_a_yes_stops_it_and_a_yes_taken_back_lets_it_go_on(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    offers = begin(cast, request_)
    everybody = {who.uid: who for who in (*cast.more, cast.ken, cast.jun, cast.tae)}
    first = offers[0]
    with tenant(MIDORI):
        services.offer_accept_mark(offer_uid=first.uid, supporter=everybody[first.supporter_uid])
    assert Ask.objects.get(offer_uid=first.uid).answer == "yes"
    for hours in range(1, 8):
        assert look_at(NOW + timedelta(hours=hours)) == 0
    with clock.frozen(NOW + timedelta(hours=8)):
        no(cast, first)
        for offer in offers[1:]:
            no(cast, offer)
    assert look_at(NOW + timedelta(hours=8)) >= 1
    assert Ask.objects.get(offer_uid=first.uid).answer == "yes", "the first answer stays"


def test_where_all_said_no_the_carer_hears_it_within_a_minute(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    with tenant(MIDORI):
        for who in (*cast.more, cast.jun):
            people.weekly_times_set(person=who, times=[])
    offers = begin(cast, request_)
    for minute in range(1, 4):
        with clock.frozen(NOW + timedelta(minutes=minute)):
            for offer in Offer.objects.filter(state=State.NOTIFIED):
                no(cast, offer)
        look_at(NOW + timedelta(minutes=minute))
    assert Offer.objects.count() == 2 >= len(offers)
    told = Notice.objects.filter(person=cast.minami, title__contains="今回は来られません")
    assert told.count() == 1
    assert Search.objects.get().next_look_at is None
    assert HelpRequest.objects.get(uid=request_.uid).state == "open"


def test_whoever_was_asked_and_let_go_can_be_asked_again(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    offers = begin(cast, request_)
    for offer in offers:
        services.offer_withdraw(offer_uid=offer.uid, carer=cast.minami)
    later = NOW + timedelta(hours=24)
    Search.objects.update(next_look_at=later)
    with tenant(MIDORI):
        gone = {one.supporter_uid for one in offers}
        for who in (*cast.more, cast.ken, cast.jun, cast.tae):
            if who.uid not in gone:
                people.weekly_times_set(person=who, times=[])
    assert look_at(later) >= 1
    again = Offer.objects.filter(state=State.NOTIFIED)
    assert {one.supporter_uid for one in again} <= gone
    assert {one.uid for one in again}.isdisjoint(one.uid for one in offers)


def test_one_search_that_fails_does_not_keep_the_others_waiting(
    cast: SimpleNamespace, request_: HelpRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = garden_open(cast, starts_at=request_.starts_at + timedelta(hours=3))
    begin(cast, request_)
    with clock.frozen(NOW + timedelta(days=1)):
        begin(cast, other)
    seen = []

    def look(*, request_uid: UUID) -> list[Offer]:
        seen.append(request_uid)
        if request_uid == request_.uid:
            raise ZeroDivisionError
        return []

    monkeypatch.setattr(waves, "search_look", look)
    Search.objects.update(next_look_at=NOW)
    with pytest.raises(ZeroDivisionError):
        look_at(NOW)
    assert set(seen) == {request_.uid, other.uid}


def test_at_night_it_waits_for_the_morning(cast: SimpleNamespace, request_: HelpRequest) -> None:
    night = clock.at(NOW.date(), 22)
    with clock.frozen(night):
        assert begin(cast, request_) == []
    morning = Search.objects.get().next_look_at
    assert morning is not None and clock.local(morning).hour == 8
    assert look_at(morning - timedelta(minutes=1)) == 0
    assert look_at(morning) >= 1


def test_nobody_is_asked_more_often_than_they_wish(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    day = timedelta(days=1)
    jun = cast.jun.uid
    with tenant(MIDORI):
        for who in cast.more:
            people.weekly_times_set(person=who, times=[])
        people.asks_limit_set(person=cast.jun, asks_per_week_max=1)
    soon = NOW + timedelta(hours=26)
    assert jun in {one.supporter_uid for one in begin(cast, request_, until=soon)}
    second = garden_open(cast, starts_at=request_.starts_at + day)
    with pytest.raises(NobodyToAsk):  # all were asked this very hour
        begin(cast, second, until=soon)
    with clock.frozen(NOW + day):
        asked = {one.supporter_uid for one in begin(cast, second, until=soon)}
    assert jun not in asked
    assert cast.ken.uid in asked
    services.request_withdraw(uid=second.uid, carer=cast.minami)
    third = garden_open(cast, starts_at=request_.starts_at + 2 * day)
    with clock.frozen(NOW + 2 * day):
        with pytest.raises(NobodyToAsk):  # twice this week is enough
            begin(cast, third, until=clock.now() + timedelta(hours=6))
        # Wanted by name, they are asked all the same.
        offer = services.offer_ask(
            order_id=new_id(),
            request_uid=third.uid,
            carer=cast.minami,
            supporter_uid=jun,
            supporter_municipality_id=MIDORI,
        )
    assert offer.state == State.NOTIFIED


def test_a_request_that_is_taken_back_asks_nobody_more(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    begin(cast, request_)
    services.request_withdraw(uid=request_.uid, carer=cast.minami)
    count = Offer.objects.count()
    search = Search.objects.get()
    assert search.next_look_at is not None
    look_at(search.next_look_at)
    assert Search.objects.get().next_look_at is None
    assert Offer.objects.count() == count


def test_hopeless_requests_reach_the_coordinator_early(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    with tenant(MIDORI):
        for who in (*cast.more, cast.jun, cast.tae):
            people.weekly_times_set(person=who, times=[])
    begin(cast, request_)
    late = UNTIL - timedelta(hours=3)
    Search.objects.update(next_look_at=late)
    look_at(late)
    request = HelpRequest.objects.get(uid=request_.uid)
    assert request.escalated_at == late
    assert request.state == "open"


def test_a_thin_log_keeps_the_prior_and_says_so(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    for offer in begin(cast, request_):
        no(cast, offer)
    fit = services.acceptance_train()
    assert services.acceptance_train().pk == fit.pk, "once a day"
    assert fit.rows == Ask.objects.count() > 0
    assert model_now().coefficients == PRIOR.coefficients
    assert model_now().version == f"{KITA}-2026-11-20"
    assert model_now().trained_on["answered"] == fit.rows


def test_a_log_of_many_answers_is_learned_from(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    """People say yes in the morning of the log's making and no otherwise: chances follow."""
    offers = begin(cast, request_)
    row = Ask.objects.get(offer_uid=offers[0].uid)
    rows = []
    for number in range(400):
        near = number % 2
        rows.append(
            Ask(
                municipality_id=KITA,
                offer_uid=new_id(),
                request_uid=new_id(),
                supporter_uid=cast.more[number % 9].uid,
                wave=1,
                asked_at=NOW - timedelta(hours=24 * (420 - number)),
                facts=[-1.0 if near else 1.0, *row.facts[1:]],
                belief=0.9,
                chance=0.3,
                answers=0.5,
                propensity=0.5,
                model_version="prior-1",
                answer="yes" if near else "no",
                answered_at=NOW - timedelta(hours=24 * (420 - number) - 2),
            )
        )
    Ask.objects.bulk_create(rows)
    fit = services.acceptance_train()
    assert fit.rows == 400
    model = model_now()
    assert model.coefficients["minutes"] < PRIOR.coefficients["minutes"]
    assert model.figures["rows"] > 50
    assert AcceptanceFit.objects.count() == 1


def test_the_log_is_dropped_after_two_years(cast: SimpleNamespace, request_: HelpRequest) -> None:
    begin(cast, request_)
    assert services.asks_purge() == 0
    Ask.objects.update(asked_at=NOW - timedelta(days=731))
    assert services.asks_purge() > 0
    assert Ask.objects.count() == 0
