"""The night's plan: who is proposed for which open request, all together."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from kyojo.civic.municipalities.rounds import TownsFailed
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import services as people
from kyojo.civic.people.models import Act, User
from kyojo.help.matching import live, services, tasks
from kyojo.help.matching.models import Offer, Proposal, TownPlan
from kyojo.help.matching.planning import planned, requests_waiting, slots_of
from kyojo.help.matching.selectors import candidate_checked
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.services import request_cancel
from kyojo.help.requests.tests.cast import (
    KITA,
    MIDORI,
    NOW,
    SATURDAY,
    cast_make,
    garden_open,
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


def asked_for(
    cast: SimpleNamespace, hour: int = 10, *, days: int = 0, **changes: Any
) -> HelpRequest:
    with tenant(KITA):
        day = SATURDAY + timedelta(days)
        return garden_open(cast, starts_at=clock.at(day, hour), **changes)


def proposed() -> dict[Any, Any]:
    """Request → supporter, as the place's town holds them after a new plan."""
    with tenant(MIDORI):
        services.proposals_renew()
        return dict(Proposal.objects.values_list("request_uid", "supporter_uid"))


def test_overlapping_requests_go_to_different_people_who_all_can_come(
    cast: SimpleNamespace,
) -> None:
    requests = [asked_for(cast) for _ in range(2)] + [asked_for(cast, 11, minutes=60)]
    found = proposed()
    assert set(found) == {one.uid for one in requests}
    assert len(set(found.values())) == 3
    with tenant(MIDORI):
        for one in HelpRequest.objects.filter(uid__in=found):
            candidate, broken = candidate_checked(
                one, supporter_uid=found[one.uid], supporter_municipality_id=MIDORI
            )
            assert candidate is not None, broken


def test_what_stops_candidates_stops_proposals(cast: SimpleNamespace) -> None:
    early = asked_for(cast, 9, minutes=60)  # たえ comes from ten o'clock on
    with tenant(KITA):
        people.block_add(person=cast.minami, blocked_uid=cast.jun.uid)
    with tenant(MIDORI):
        cast.ken.resting_until = SATURDAY
        cast.ken.save(update_fields=["resting_until"])
    assert proposed() == {}
    with tenant(MIDORI):
        assert TownPlan.objects.get().requests == 1
        assert TownPlan.objects.get().filled == 0
        cast.ken.resting_until = None
        cast.ken.save(update_fields=["resting_until"])
    assert proposed() == {early.uid: cast.ken.uid}


def test_nobody_is_proposed_more_often_than_they_want_to_be_asked(cast: SimpleNamespace) -> None:
    with tenant(MIDORI):
        for who, most in ((cast.ken, 0), (cast.jun, 1), (cast.tae, 0)):
            who.asks_per_week_max = most
            who.save(update_fields=["asks_per_week_max"])
    first, second = asked_for(cast), asked_for(cast, 13)
    assert list(proposed().values()) == [cast.jun.uid]
    with tenant(KITA):
        services.offer_ask(
            order_id=new_id(),
            request_uid=first.uid,
            carer=cast.minami,
            supporter_uid=cast.jun.uid,
            supporter_municipality_id=MIDORI,
        )
    assert second.uid not in proposed()


def test_where_there_is_one_for_two_the_urgent_has_them(cast: SimpleNamespace) -> None:
    with tenant(MIDORI):
        for who in (cast.ken, cast.tae):
            people.skill_set(person=who, skills={"talk": ""})
    later, escalated = asked_for(cast), asked_for(cast)
    with tenant(KITA):
        services.request_escalate(request_uid=escalated.uid, carer=cast.minami)
    assert proposed() == {escalated.uid: cast.jun.uid}
    assert later.uid not in proposed()


def test_the_settled_the_answered_and_those_asked_before_are_left_out(
    cast: SimpleNamespace,
) -> None:
    request = asked_for(cast)
    with tenant(KITA):
        offer = services.offer_ask(
            order_id=new_id(),
            request_uid=request.uid,
            carer=cast.minami,
            supporter_uid=cast.jun.uid,
            supporter_municipality_id=MIDORI,
        )
    assert proposed()[request.uid] != cast.jun.uid
    with tenant(MIDORI):
        Offer.objects.filter(uid=offer.uid).update(state=Offer.State.ACCEPTED)
    assert proposed() == {}
    with tenant(MIDORI):
        Offer.objects.filter(uid=offer.uid).update(state=Offer.State.DECLINED)
    assert set(proposed()) == {request.uid}
    with tenant(KITA):
        request_cancel(uid=request.uid, carer=cast.minami, reason="changed")
    assert proposed() == {}


def test_work_goes_round(cast: SimpleNamespace) -> None:
    with tenant(MIDORI):
        for number in range(4):
            supporter(
                f"花野 {'いろはに'[number]}", f"ハナノ {'イロハニ'[number]}", skills={"garden": ""}
            )
    for day in range(5):
        asked_for(cast, days=day)
    assert len(set(proposed().values())) == 5


@pytest.mark.parametrize(
    ("times", "slots"),
    [
        ([], []),
        ([(9, 10), (10, 11)], [0, 1]),
        ([(13, 15), (9, 11), (10, 12)], [1, 0, 0]),
        ([(9, 10), (9, 13), (11, 12), (12, 14), (14, 15)], [0, 0, 0, 0, 1]),
    ],
)
def test_times_that_overlap_are_one_slot(times: list[Any], slots: list[int]) -> None:
    rows: Any = [
        SimpleNamespace(starts_at=clock.at(SATURDAY, a), ends_at=clock.at(SATURDAY, b))
        for a, b in times
    ]
    assert slots_of(rows).tolist() == slots


def test_a_plan_by_hand_is_on_record_and_the_other_town_sees_nothing_of_it(
    cast: SimpleNamespace,
) -> None:
    asked_for(cast)
    with tenant(MIDORI):
        desk = User.objects.get(email="nagi@midorihama.example.jp")
        services.proposals_renew(by=desk)
        assert Act.objects.filter(action="board_planned", actor=desk).count() == 1
    with tenant(KITA):
        assert not Proposal.objects.exists()
        assert not TownPlan.objects.exists()


def test_the_night_goes_on_where_a_town_fails(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The first town by code fails, the other has its proposals; what failed is told without its
    message."""
    request = asked_for(cast)
    real = live.population

    def broken() -> Any:
        if live.current() == KITA:
            raise ValueError("青空 みなみ")
        return real()

    monkeypatch.setattr(live, "population", broken)
    with pytest.raises(TownsFailed, match=r"town_plan: 990019 \(ValueError\)$"):
        tasks.towns_planned()
    assert "990019 failed: ValueError at test_proposals.py" in caplog.text
    assert "青空" not in caplog.text
    with tenant(MIDORI):
        assert Proposal.objects.get().request_uid == request.uid
    with tenant(KITA):
        assert not TownPlan.objects.exists()


def test_the_plan_is_the_same_whenever_it_is_made(cast: SimpleNamespace) -> None:
    for hour in (10, 10, 13):
        asked_for(cast, hour, minutes=60)
    with tenant(MIDORI):
        assert [one.uid for one in planned(requests_waiting()).requests] == sorted(
            HelpRequest.objects.values_list("uid", flat=True)
        )
    assert proposed() == proposed()


def test_only_the_towns_desk_plans(cast: SimpleNamespace) -> None:
    asked_for(cast)
    before = proposed()
    stranger = people.user_create(email="x@example.jp", municipality_id=MIDORI)
    with tenant(MIDORI):
        with pytest.raises(NotFound):
            services.proposals_renew(by=stranger)
        kept = dict(Proposal.objects.values_list("request_uid", "supporter_uid"))
        assert kept == before and not Act.objects.filter(action="board_planned").exists()
