"""Asking, answering, taking back, what time does: through the public services."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people import services as people
from kyojo.civic.people.errors import CoinsShort
from kyojo.civic.people.models import Notice, Person
from kyojo.help.matching import selectors, services
from kyojo.help.matching.domain import Hard, advice
from kyojo.help.matching.errors import (
    BroadcastStands,
    CandidateGone,
    DirectAskStands,
    OfferOver,
    WaitUntilWrong,
)
from kyojo.help.matching.models import Offer
from kyojo.help.matching.waiting import wait_choices
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.tests.cast import (
    KITA,
    MIDORI,
    NOW,
    cast_make,
    coins_give,
    garden_open,
    mother_house,
    supporter,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(towns: SimpleNamespace) -> Iterator[SimpleNamespace]:
    with clock.frozen(NOW):
        yield cast_make(towns)


@pytest.fixture
def request_(cast: SimpleNamespace) -> Iterator[HelpRequest]:
    with tenant(KITA):
        yield garden_open(cast)


def ask(cast: SimpleNamespace, request: HelpRequest, who: Person, **changes: Any) -> Offer:
    asked = {
        "order_id": new_id(),
        "request_uid": request.uid,
        "carer": cast.minami,
        "supporter_uid": who.uid,
        "supporter_municipality_id": MIDORI,
    }
    return services.offer_ask(**(asked | changes))


def broadcast(cast: SimpleNamespace, request: HelpRequest, **changes: Any) -> list[Offer]:
    asked = {
        "order_id": new_id(),
        "request_uid": request.uid,
        "carer": cast.minami,
        "decide": "self",
        "wait_until": clock.at((NOW + timedelta(days=1)).date(), 12),
    }
    return services.offers_broadcast(**(asked | changes))


def notices(person: Person) -> list[str]:
    with tenant(person.municipality_id):
        return list(
            Notice.objects.filter(person=person).order_by("id").values_list("title", flat=True)
        )


# --- candidates ---
def test_candidates_are_those_of_the_screen_with_their_reasons(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    for _ in range(2):
        services.tally_add(
            supporter_uid=cast.ken.uid,
            supporter_municipality_id=MIDORI,
            carer_uid=cast.minami.uid,
            carer_municipality_id=KITA,
            recipient_uid=cast.mother_uid,
            category="garden",
            minutes=120,
        )
    for rating in (5, 5, 4):
        services.rating_add(
            supporter_uid=cast.ken.uid,
            supporter_municipality_id=MIDORI,
            rating=rating,
            tags=["ていねい"],
        )
    for _ in range(5):
        services.tally_add(
            supporter_uid=cast.tae.uid,
            supporter_municipality_id=MIDORI,
            carer_uid=cast.minami.uid,
            carer_municipality_id=KITA,
            recipient_uid=cast.mother_uid,
            category="talk",
            minutes=30,
        )
    found = selectors.candidates(request_)
    by_name = {one.row.name: one for one in found}
    assert set(by_name) == {"春風 けん", "朝露 じゅん", "木漏日 たえ"}
    ken = by_name["春風 けん"].card()
    assert ken["reasons"] == [
        "庭の手入れを、これまでに2回",
        "お母さまの家から1.2\u00a0km（歩いて16分）",
        "前に2回、来てもらいました",
    ]
    assert ken["rating"] == {"mean": "4.3", "count": 3, "tags": ["ていねい"]}
    assert ken["kana"] == "はるかぜ けん"
    assert ken["age"] == "60代"
    assert [badge[0] for badge in ken["badges"]] == ["本人確認ずみ", "庭木の講習"]
    assert "草取りが得意と書いています" in by_name["朝露 じゅん"].card()["reasons"]
    assert "お母さまの話し相手を5回" in by_name["木漏日 たえ"].card()["reasons"]


def test_the_supporters_home_is_never_on_the_card(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    one = next(c for c in selectors.candidates(request_) if c.uid == cast.ken.uid)
    assert str(cast.ken.latitude) not in str(one.card())
    assert one.about != one.match.helper.home


def test_a_block_on_either_side_hides_them(cast: SimpleNamespace, request_: HelpRequest) -> None:
    people.block_add(person=cast.minami, blocked_uid=cast.ken.uid)
    with tenant(MIDORI):
        people.block_add(person=cast.jun, blocked_uid=cast.mother_uid)
    assert [one.row.name for one in selectors.candidates(request_)] == ["木漏日 たえ"]


def test_why_nobody_counts_and_advises(cast: SimpleNamespace) -> None:
    with tenant(KITA):
        late = garden_open(cast, starts_at=clock.at(NOW.date(), 18), minutes=60)
        assert selectors.candidates(late) == []
        found = selectors.why_nobody(late)
    assert found.supporters == 3
    assert found.broken[Hard.TIME] == 3
    assert advice(found) == ["日や時間を変えると、来られるかもしれない人が3人います"]


# --- asking one ---
def test_asking_holds_coins_and_tells_the_supporter(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    offer = ask(cast, request_, cast.ken)
    purse = coins.purse(cast.minami)
    assert (purse.available, purse.held) == (120, 40)
    assert offer.expires_at == NOW + timedelta(hours=24)
    assert notices(cast.ken) == ["青空さんから、庭の手入れのお願いがとどきました"]
    with tenant(MIDORI):
        there = Offer.objects.get(uid=offer.uid)
        assert there.supporter == cast.ken
        assert there.holds == []
        assert [o.uid for o in selectors.offers_for_supporter(person=cast.ken)] == [offer.uid]
    assert offer.supporter is None


def test_the_same_order_again_asks_once(cast: SimpleNamespace, request_: HelpRequest) -> None:
    order_id = new_id()
    first = ask(cast, request_, cast.ken, order_id=order_id)
    again = ask(cast, request_, cast.ken, order_id=order_id)
    assert first.pk == again.pk
    assert coins.purse(cast.minami).held == 40
    assert len(notices(cast.ken)) == 1


def test_no_second_direct_question_at_the_same_time(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    ask(cast, request_, cast.ken)
    with pytest.raises(DirectAskStands):
        ask(cast, request_, cast.jun)
    assert Offer.objects.count() == 1
    assert coins.purse(cast.minami).held == 40
    assert notices(cast.jun) == []


def test_coins_short_asks_nobody(cast: SimpleNamespace) -> None:
    with tenant(KITA):
        coins_give(cast.makoto, 10)
        cast.minami = cast.makoto
        cast.house = mother_house(cast.makoto)
        request = garden_open(cast)
        with pytest.raises(CoinsShort):
            ask(cast, request, cast.ken)
        assert not Offer.objects.exists()
    assert coins.purse(cast.makoto).held == 0
    assert notices(cast.ken) == []


def test_somebody_who_cannot_come_any_more_is_not_asked(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    with tenant(MIDORI):
        people.time_exception_add(
            person=cast.ken, day=clock.local(request_.starts_at).date(), is_free=False
        )
    with pytest.raises(CandidateGone) as refused:
        ask(cast, request_, cast.ken)
    assert "その時間に来られなくなりました" in refused.value.message()
    assert not Offer.objects.exists()
    assert coins.purse(cast.minami).held == 0


def test_another_carer_cannot_ask_for_this_request(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    with pytest.raises(NotFound):
        ask(cast, request_, cast.ken, carer=cast.makoto)
    assert not Offer.objects.exists()


def test_whoever_is_booked_then_is_no_candidate(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    offer = ask(cast, request_, cast.ken)
    services.offer_chosen_mark(offer_uid=offer.uid, start=KITA)
    other = garden_open(cast, starts_at=request_.starts_at + timedelta(minutes=60), minutes=60)
    assert cast.ken.uid not in [one.uid for one in selectors.candidates(other)]
    services.offer_withdraw_mark(offer_uid=offer.uid, start=KITA)
    assert cast.ken.uid in [one.uid for one in selectors.candidates(other)]
    # For the request they were settled for, they could not come after all.
    assert cast.ken.uid not in [one.uid for one in selectors.candidates(request_)]
    assert cast.jun.uid in [one.uid for one in selectors.candidates(request_)]


# --- how a direct question ends ---
def test_a_no_returns_the_coins_and_is_told_kindly(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    offer = ask(cast, request_, cast.ken)
    with tenant(MIDORI):
        services.offer_decline(offer_uid=offer.uid, supporter=cast.ken)
        services.offer_decline(offer_uid=offer.uid, supporter=cast.ken)
        with pytest.raises(NotFound):
            services.offer_decline(offer_uid=offer.uid, supporter=cast.jun)
    assert (coins.purse(cast.minami).available, coins.purse(cast.minami).held) == (160, 0)
    assert notices(cast.minami) == ["春風さんは、今回は来られません（庭の手入れ）"]
    assert cast.ken.uid not in [one.uid for one in selectors.candidates(request_)]
    assert ask(cast, request_, cast.jun).state == "notified"


def test_taking_a_question_back_returns_the_coins(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    offer = ask(cast, request_, cast.ken)
    with pytest.raises(NotFound):
        services.offer_withdraw(offer_uid=offer.uid, carer=cast.makoto)
    services.offer_withdraw(offer_uid=offer.uid, carer=cast.minami)
    services.offer_withdraw(offer_uid=offer.uid, carer=cast.minami)
    assert coins.purse(cast.minami).held == 0
    assert notices(cast.ken)[-1] == "お願いが取り下げられました（庭の手入れ）"
    with tenant(MIDORI):
        assert Offer.objects.get(uid=offer.uid).state == "withdrawn"
        with pytest.raises(OfferOver):
            services.offer_decline(offer_uid=offer.uid, supporter=cast.ken)
    assert cast.ken.uid in [one.uid for one in selectors.candidates(request_)]


def test_silence_ends_the_question(cast: SimpleNamespace, request_: HelpRequest) -> None:
    offer = ask(cast, request_, cast.ken)
    with clock.frozen(NOW + timedelta(hours=23)):
        assert services.offers_lapse() == 0
    with clock.frozen(NOW + timedelta(hours=24, minutes=1)):
        assert services.offers_lapse() == 1
        assert services.offers_lapse() == 0
        assert coins.purse(cast.minami).held == 0
        offer.refresh_from_db()
        assert offer.state == "lapsed"
    assert notices(cast.minami)[0] == "春風さんから、お返事がありませんでした（庭の手入れ）"


# --- many at once ---
def test_a_broadcast_asks_without_the_name_and_holds_nothing(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    order_id = new_id()
    offers = broadcast(cast, request_, order_id=order_id)
    assert len(offers) == 3
    assert {o.uid for o in broadcast(cast, request_, order_id=order_id)} == {o.uid for o in offers}
    assert coins.purse(cast.minami).held == 0
    assert notices(cast.jun) == ["庭の手入れのお願いがとどきました"]
    with tenant(MIDORI):
        body = Notice.objects.get(person=cast.jun).body
    assert "青空" not in body
    assert "港2-3-4" not in body
    with pytest.raises(BroadcastStands):
        broadcast(cast, request_)
    assert Offer.objects.count() == 3


def test_an_ok_is_told_and_choosing_thanks_the_others(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    offers = {o.supporter_uid: o for o in broadcast(cast, request_)}
    with tenant(MIDORI):
        services.offer_accept_mark(offer_uid=offers[cast.ken.uid].uid, supporter=cast.ken)
        services.offer_accept_mark(offer_uid=offers[cast.jun.uid].uid, supporter=cast.jun)
    assert notices(cast.minami) == [
        "春風さんが「OK」と返事をしました（庭の手入れ）",
        "朝露さんが「OK」と返事をしました（庭の手入れ）",
    ]
    services.offer_chosen_mark(offer_uid=offers[cast.ken.uid].uid, start=KITA)
    assert (
        services.offers_withdraw_others(
            request_uid=request_.uid, chosen=offers[cast.ken.uid].uid, start=KITA
        )
        == 2
    )
    assert notices(cast.jun)[-1] == "今回は、ほかの人に決まりました（庭の手入れ）"
    states = {o.supporter_uid: o.state for o in selectors.offers_of_request(request_.uid)}
    assert states == {
        cast.ken.uid: "chosen",
        cast.jun.uid: "withdrawn",
        cast.tae.uid: "withdrawn",
    }


def test_a_wait_past_the_start_is_refused(cast: SimpleNamespace, request_: HelpRequest) -> None:
    for wrong in (NOW, request_.starts_at, NOW + timedelta(days=5)):
        with pytest.raises(WaitUntilWrong):
            broadcast(cast, request_, wait_until=wrong)
    assert not Offer.objects.exists()


def test_first_come_needs_the_coins_now(cast: SimpleNamespace) -> None:
    with tenant(KITA):
        request = garden_open(cast, minutes=180)
        garden_two = garden_open(cast, starts_at=clock.at(NOW.date() + timedelta(days=9), 10))
        for _ in range(3):
            ask_offer = ask(cast, garden_two, cast.jun)
            services.offer_withdraw(offer_uid=ask_offer.uid, carer=cast.minami)
        coins.coins_hold(
            order_id=new_id(),
            payer_municipality_id=KITA,
            payer_person_id=cast.minami.pk,
            payee_municipality_id=KITA,
            payee_person_id=cast.makoto.pk,
            amount=110,
            reference=new_id(),
        )
        with pytest.raises(CoinsShort):
            broadcast(cast, request, decide="first")
        assert not Offer.objects.filter(request_uid=request.uid).exists()


def test_nobody_settled_in_time_goes_to_the_named_coordinator(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    offers = broadcast(cast, request_)
    with clock.frozen(offers[0].expires_at + timedelta(minutes=1)):
        assert services.offers_lapse() == 3
        services.offers_lapse()
    request_.refresh_from_db()
    assert request_.coordinator_name == "星野 なぎ"
    assert request_.state == "open"
    with tenant(MIDORI):
        assert HelpRequest.objects.get(uid=request_.uid).coordinator_name == "星野 なぎ"
    assert notices(cast.minami) == [
        "港地区の生活支援コーディネーターの星野 なぎが引きつぎました（庭の手入れ）"
    ]


def test_with_an_ok_the_carer_is_reminded_instead(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    offers = {o.supporter_uid: o for o in broadcast(cast, request_)}
    with tenant(MIDORI):
        services.offer_accept_mark(offer_uid=offers[cast.ken.uid].uid, supporter=cast.ken)
    with clock.frozen(offers[cast.ken.uid].expires_at + timedelta(minutes=1)):
        services.offers_lapse()
    request_.refresh_from_db()
    assert request_.escalated_at is None
    assert notices(cast.minami)[-1] == "OKの人がいます。来る人を決めてください（庭の手入れ）"


def test_a_request_whose_time_has_passed_is_closed_for_asking(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    ask(cast, request_, cast.ken)
    with clock.frozen(request_.starts_at + timedelta(minutes=1)):
        services.offers_lapse()
    request_.refresh_from_db()
    assert request_.state == "unfilled"
    assert coins.purse(cast.minami).held == 0


# --- cancelling, the office ---
def test_cancelling_takes_every_question_back(cast: SimpleNamespace, request_: HelpRequest) -> None:
    ask(cast, request_, cast.ken)
    with pytest.raises(NotFound):
        services.request_withdraw(uid=request_.uid, carer=cast.makoto)
    assert coins.purse(cast.minami).held == 40
    services.request_withdraw(uid=request_.uid, carer=cast.minami)
    services.request_withdraw(uid=request_.uid, carer=cast.minami)
    assert coins.purse(cast.minami).held == 0
    assert notices(cast.ken)[-1] == "お願いが取り下げられました（庭の手入れ）"
    with tenant(MIDORI):
        assert HelpRequest.objects.get(uid=request_.uid).state == "cancelled"


def test_the_office_may_overlook_times_but_not_bookings(
    cast: SimpleNamespace, request_: HelpRequest
) -> None:
    with tenant(MIDORI):
        people.weekly_times_set(person=cast.ken, times=[])
        order_id = new_id()
        asked = {
            "order_id": order_id,
            "request_uid": request_.uid,
            "supporter_uid": cast.ken.uid,
            "supporter_municipality_id": MIDORI,
        }
        offer = services.offer_office(**asked)
        assert services.offer_office(**asked).pk == offer.pk
    assert notices(cast.ken) == []
    services.offer_chosen_mark(offer_uid=offer.uid, start=KITA)
    other = garden_open(cast)
    with tenant(MIDORI), pytest.raises(CandidateGone):
        services.offer_office(**(asked | {"order_id": new_id(), "request_uid": other.uid}))


def test_a_town_that_has_no_part_in_it_sees_nothing(cast: SimpleNamespace) -> None:
    with tenant(KITA):
        here = people.care_place_add(
            carer=cast.minami,
            uid=new_id(),
            kind="own_home",
            label="自分の家",
            address="北ひなた市丘の上1",
            latitude=36.60,
            longitude=138.20,
        )
        near = supporter(
            "若草 なお",
            "わかくさ なお",
            town=KITA,
            skills={"garden": ""},
            centre=(36.60, 138.20),
        )
        request = garden_open(cast, place_uid=here.uid)
        found = selectors.candidates(request)
        assert [one.uid for one in found] == [near.uid]
        assert found[0].card()["reasons"] == ["ご自宅から10\u00a0m（歩いて1分）"]
        with pytest.raises(NotFound):
            ask(cast, request, cast.ken, supporter_municipality_id=MIDORI)
        ask(cast, request, near, supporter_municipality_id=KITA)
        assert Offer.objects.get().sides == [KITA]
    with tenant(MIDORI), connection.cursor() as cursor:
        for table in ("matching_offer", "requests_helprequest", "requests_requeststep"):
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            assert cursor.fetchone() == (0,), table


def test_wait_choices_never_reach_past_the_start() -> None:
    with clock.frozen(NOW):
        now = clock.local()
        three = wait_choices(now=now, starts_at=now + timedelta(days=8))
        assert [w.code for w in three] == ["today", "tomorrow", "three_days"]
        soon = wait_choices(now=now, starts_at=now + timedelta(hours=2))
        assert [w.code for w in soon] == ["start"]
        assert now < soon[0].until < now + timedelta(hours=2)
