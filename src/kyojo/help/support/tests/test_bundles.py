"""Bundles: parts, opening, the plan, asking all or nobody, taking back."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people.errors import CoinsShort
from kyojo.civic.people.services import persons_lock
from kyojo.help.matching import services
from kyojo.help.matching.bundling import Plan, plan_of
from kyojo.help.matching.errors import BundleNobody, BundleTwice, CandidateGone
from kyojo.help.matching.models import Offer
from kyojo.help.matching.selectors import candidate_checked
from kyojo.help.requests import services as requests
from kyojo.help.requests.errors import (
    BundleEmpty,
    BundleOpen,
    BundleOver,
    BundleTitleMissing,
    OrderTaken,
    StartPassedMeanwhile,
    StartPast,
)
from kyojo.help.requests.models import Bundle, HelpRequest
from kyojo.help.requests.selectors import belongs, bundle_parts
from kyojo.help.requests.tests.cast import KITA, MIDORI, NOW, SATURDAY, cast_make
from kyojo.help.support import services as support
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
TEN = clock.at(SATURDAY, 10)
#: At ten everybody can; ken has gone at two, and jun alone is there.
STARTS = (TEN, TEN, TEN + timedelta(hours=4))


@pytest.fixture
def cast(towns: SimpleNamespace) -> Iterator[SimpleNamespace]:
    with clock.frozen(NOW):
        yield cast_make(towns)


def put(
    cast: SimpleNamespace, bundle: Bundle, starts_at: datetime, minutes: int = 60
) -> HelpRequest:
    return requests.bundle_part_save(
        order_id=new_id(),
        bundle_uid=bundle.uid,
        carer=cast.minami,
        category="garden",
        place_uid=cast.house.uid,
        starts_at=starts_at,
        minutes=minutes,
        memo="",
    )


@pytest.fixture
def bundle(cast: SimpleNamespace) -> Iterator[Bundle]:
    """Open: two parts at ten, one at two. In the carer's town."""
    with tenant(KITA):
        made = requests.bundle_begin(
            order_id=new_id(), carer=cast.minami, title="退院のあとの1週間"
        )
        for start in STARTS:
            put(cast, made, start)
        requests.bundle_open(uid=made.uid, carer=cast.minami)
        yield made


def plan(bundle: Bundle) -> Plan:
    return plan_of(bundle_parts(bundle.uid))


def chosen(found: Plan) -> dict[UUID, tuple[int, UUID]]:
    return {
        one.request.uid: (one.proposed.municipality_id, one.proposed.uid)
        for one in found.parts
        if one.proposed is not None
    }


def ask(cast: SimpleNamespace, bundle: Bundle, who: dict[UUID, tuple[int, UUID]], **more: UUID):
    order = {"order_id": new_id()} | more
    return services.bundle_ask(**order, bundle_uid=bundle.uid, carer=cast.minami, choices=who)


# --- parts ---
def test_parts_are_drafts_until_all_are_opened(cast: SimpleNamespace) -> None:
    with tenant(KITA):
        order = new_id()
        made = requests.bundle_begin(order_id=order, carer=cast.minami, title="片づけ")
        assert requests.bundle_begin(order_id=order, carer=cast.minami, title="片づけ") == made
        with pytest.raises(OrderTaken):
            requests.bundle_begin(order_id=order, carer=cast.minami, title="ほか")
        with pytest.raises(NotFound):
            requests.bundle_begin(order_id=order, carer=cast.makoto, title="片づけ")
        with pytest.raises(BundleTitleMissing):
            requests.bundle_begin(order_id=new_id(), carer=cast.minami, title=" ")
        first = put(cast, made, TEN)
        with pytest.raises(BundleEmpty):
            requests.bundle_open(uid=made.uid, carer=cast.minami)
        with pytest.raises(StartPast):
            put(cast, made, NOW - timedelta(days=1))
        slices = [(TEN + timedelta(hours=n), 60) for n in range(3)]
        asked = {
            "order_id": new_id(), "bundle_uid": made.uid, "carer": cast.minami, "memo": "",
            "category": "garden", "place_uid": cast.house.uid, "slices": slices,
        }  # fmt: skip
        requests.bundle_slices_save(**asked)
        requests.bundle_slices_save(**asked)
        requests.bundle_part_remove(bundle_uid=made.uid, part_uid=first.uid, carer=cast.minami)
        requests.bundle_part_remove(bundle_uid=made.uid, part_uid=first.uid, carer=cast.minami)
        assert len(bundle_parts(made.uid)) == 3
        assert len(requests.bundle_open(uid=made.uid, carer=cast.minami)) == 3
        assert len(requests.bundle_open(uid=made.uid, carer=cast.minami)) == 3
        with pytest.raises(BundleOpen):
            put(cast, made, TEN)
    with tenant(MIDORI):
        assert HelpRequest.objects.filter(bundle_uid=made.uid, state="open").count() == 3


def test_a_part_whose_time_has_passed_keeps_all_closed(cast: SimpleNamespace) -> None:
    with tenant(KITA):
        made = requests.bundle_begin(order_id=new_id(), carer=cast.minami, title="片づけ")
        put(cast, made, clock.at(NOW.date(), 12))
        put(cast, made, TEN)
        with clock.frozen(clock.at(NOW.date(), 13)), pytest.raises(StartPassedMeanwhile):
            requests.bundle_open(uid=made.uid, carer=cast.minami)
        assert {one.state for one in bundle_parts(made.uid)} == {"draft"}
        assert Bundle.objects.get().opened_at is None


# --- the plan ---
def test_the_plan_keeps_every_hard_constraint(cast: SimpleNamespace, bundle: Bundle) -> None:
    found = plan(bundle)
    assert found.covered == 3
    assert found.is_optimal
    who = chosen(found)
    for part in found.parts:
        town, uid = who[part.request.uid]
        one, broken = candidate_checked(
            part.request, supporter_uid=uid, supporter_municipality_id=town
        )
        assert one is not None, broken
    at_ten = [who[one.request.uid] for one in found.parts if one.request.starts_at == TEN]
    assert len(set(at_ten)) == 2, "nobody is at two places at once"
    [at_two] = [who[one.request.uid] for one in found.parts if one.request.starts_at != TEN]
    assert at_two == (MIDORI, cast.jun.uid)
    said = belongs(request_uid=found.parts[0].request.uid, carer_municipality_id=KITA)
    assert said is not None
    assert said.said == "全部で3つのうちの1つ"


# --- asking ---
def test_all_are_asked_with_one_press_and_again_changes_nothing(
    cast: SimpleNamespace, bundle: Bundle
) -> None:
    who, order = chosen(plan(bundle)), new_id()
    ask(cast, bundle, who, order_id=order)
    ask(cast, bundle, who, order_id=order)
    offers = list(Offer.objects.all())
    assert {one.request_uid: one.supporter_uid for one in offers} == {
        uid: supporter for uid, (_, supporter) in who.items()
    }
    assert all(one.is_direct for one in offers)
    assert coins.purse(cast.minami).held == 60
    assert plan(bundle).parts == []


def test_a_no_is_proposed_anew_for_its_part_only(cast: SimpleNamespace, bundle: Bundle) -> None:
    who = chosen(plan(bundle))
    ask(cast, bundle, who)
    part = next(uid for uid, (_, one) in who.items() if one != cast.jun.uid)
    person = next(one for one in (cast.ken, cast.tae) if one.uid == who[part][1])
    with tenant(MIDORI):
        offer = Offer.objects.get(request_uid=part)
        support.offer_answer(offer_uid=offer.uid, supporter=person, yes=False)
    [again] = plan(bundle).parts
    assert again.request.uid == part
    assert again.proposed is not None
    assert again.proposed.uid != person.uid


def test_whatever_is_wrong_asks_nobody(cast: SimpleNamespace, bundle: Bundle) -> None:
    first, second, third = bundle_parts(bundle.uid)
    jun, ken = (MIDORI, cast.jun.uid), (MIDORI, cast.ken.uid)
    with pytest.raises(BundleNobody):
        ask(cast, bundle, {})
    with pytest.raises(BundleTwice):
        ask(cast, bundle, {first.uid: jun, second.uid: jun})
    with pytest.raises(CandidateGone):
        ask(cast, bundle, {first.uid: jun, third.uid: ken})
    with pytest.raises(NotFound):
        ask(cast, bundle, {first.uid: (MIDORI, new_id())})
    with pytest.raises(NotFound):
        ask(cast, bundle, {new_id(): jun})
    with pytest.raises(NotFound):
        services.bundle_ask(
            order_id=new_id(), bundle_uid=bundle.uid, carer=cast.makoto, choices={first.uid: jun}
        )
    coins.coins_hold(
        order_id=new_id(),
        payer_municipality_id=KITA,
        payer_person_id=cast.minami.pk,
        payee_municipality_id=KITA,
        payee_person_id=cast.makoto.pk,
        amount=110,
        reference=new_id(),
    )
    with pytest.raises(CoinsShort) as short:
        ask(cast, bundle, chosen(plan(bundle)))
    assert short.value.data["missing_coins"] == 10
    assert not Offer.objects.exists()
    assert coins.purse(cast.minami).held == 110


def test_what_is_left_is_taken_back_and_who_is_coming_comes(
    cast: SimpleNamespace, bundle: Bundle
) -> None:
    who = chosen(plan(bundle))
    ask(cast, bundle, who)
    at_two = bundle_parts(bundle.uid)[-1]
    with tenant(MIDORI):
        offer = Offer.objects.get(request_uid=at_two.uid)
        support.offer_answer(offer_uid=offer.uid, supporter=cast.jun, yes=True)
    assert services.bundle_cancel(uid=bundle.uid, carer=cast.minami) == 2
    assert services.bundle_cancel(uid=bundle.uid, carer=cast.minami) == 0
    assert [one.state for one in bundle_parts(bundle.uid)] == ["cancelled", "cancelled", "matched"]
    assert coins.purse(cast.minami).held == 20
    with pytest.raises(BundleOver):
        ask(cast, bundle, who)
    with pytest.raises(NotFound):
        services.bundle_cancel(uid=bundle.uid, carer=cast.makoto)


def test_everybody_is_locked_before_the_first_coin_moves(
    cast: SimpleNamespace, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else two who meet the same people in another order would wait for each other in a ring."""
    calls: list[set[tuple[int, int]]] = []

    def lock(*, keys: Iterable[tuple[int, int]]) -> object:
        wanted = set(keys)
        calls.append(wanted)
        return persons_lock(keys=wanted)

    for module in (services.bundles, services.series, coins):
        monkeypatch.setattr(module, "persons_lock", lock)
    who = chosen(plan(bundle))
    everybody = {(KITA, cast.minami.pk)} | {
        (MIDORI, one.pk)
        for one in (cast.jun, cast.ken, cast.tae)
        if (MIDORI, one.uid) in who.values()
    }
    assert len(everybody) > 2

    def locked_first() -> None:
        assert [calls[0], len(calls)] == [everybody, 4]
        assert all(later <= everybody for later in calls[1:])
        calls.clear()

    ask(cast, bundle, who)
    locked_first()
    services.bundle_cancel(uid=bundle.uid, carer=cast.minami)
    locked_first()
