"""Goods with a price and a stock: taken by who asks, put back, the last one given once."""

from datetime import date

import pytest

from kyojo.civic.earnings import services
from kyojo.civic.earnings.errors import (
    AmountNotWhole,
    NotEnough,
    SoldOut,
    StockChanged,
    StockInvalid,
    StockUnknown,
)
from kyojo.civic.earnings.models import Redemption, Stock
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act
from kyojo.civic.people.testing import FUMI, KEN, make_officer, make_supporter
from kyojo.civic.people.tests.test_coins_concurrency import in_threads
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .uses_cast import CROP, MEAL, PRODUCT, ask, available, gifts, left, stamped, stock_set

NOW = clock.at(date(2026, 11, 20), 18)


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def fumi(towns):
    gifts(towns.midori.id)
    person = make_supporter(towns.midori.id, FUMI)
    stamped(person, 5)
    return person


@pytest.mark.django_db
def test_a_gift_is_taken_from_the_stock_and_put_back(fumi):
    stock_set(fumi, PRODUCT, 3)
    uid = new_id()
    one = ask(fumi, 4, PRODUCT, uid=uid)
    assert (one.quantity, one.value_yen, left(fumi, PRODUCT), available(fumi)) == (2, 4000, 1, 1)
    assert ask(fumi, 4, PRODUCT, uid=uid) == one and left(fumi, PRODUCT) == 1
    with tenant(fumi.municipality_id):
        for _ in range(2):
            services.redemption_cancel(uid=one.uid, person=fumi)
    assert (left(fumi, PRODUCT), available(fumi)) == (3, 5)
    two = ask(fumi, 2, PRODUCT)
    officer = make_officer(fumi.municipality_id)
    with tenant(fumi.municipality_id):
        for _ in range(2):
            services.redemption_refuse(uid=two.uid, note="取り扱いが終わりました", by=officer)
    assert (left(fumi, PRODUCT), available(fumi)) == (3, 5)


@pytest.mark.django_db
def test_an_item_without_a_price_takes_one_and_one_without_stock_has_no_limit(fumi):
    stock_set(fumi, MEAL, 1)
    one = ask(fumi, 2, MEAL)
    assert (one.quantity, left(fumi, MEAL)) == (0, 0)
    assert ask(fumi, 1, CROP).quantity == 1 and left(fumi, CROP) is None
    with tenant(fumi.municipality_id):
        services.redemption_cancel(uid=one.uid, person=fumi)
    assert left(fumi, MEAL) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("amount", "item", "refusal", "words"),
    [
        (3, PRODUCT, AmountNotWhole, "1つ2点です"),
        (4, PRODUCT, SoldOut, "残りが1です"),
        (1, MEAL, SoldOut, "いま品切れです"),
        (6, CROP, NotEnough, "いま使えるのは5"),
    ],
)
def test_what_cannot_be_had_is_said_and_nothing_moves(fumi, amount, item, refusal, words, dry_run):
    stock_set(fumi, PRODUCT, 1)
    stock_set(fumi, MEAL, 0)
    with pytest.raises(refusal) as said:
        ask(fumi, amount, item, dry_run=dry_run)
    assert words.replace("点", _unit(fumi)) in said.value.message()
    assert (left(fumi, PRODUCT), left(fumi, MEAL), available(fumi)) == (1, 0, 5)
    with tenant(fumi.municipality_id):
        assert not Redemption.objects.exists()


def _unit(person):
    from kyojo.civic.earnings import selectors

    with tenant(person.municipality_id):
        return selectors.ruled("sanjo").document.unit


@pytest.mark.django_db
def test_a_dry_run_takes_nothing(fumi):
    stock_set(fumi, PRODUCT, 2)
    one = ask(fumi, 4, PRODUCT, dry_run=True)
    assert (one.pk, one.quantity, one.value_yen) == (None, 2, 4000)
    assert (left(fumi, PRODUCT), available(fumi)) == (2, 5)


@pytest.mark.django_db
def test_the_office_counts_what_it_saw(fumi):
    stock_set(fumi, PRODUCT, 3)
    stock_set(fumi, PRODUCT, 3, seen=None)  # pressed twice
    ask(fumi, 2, PRODUCT)
    with pytest.raises(StockChanged) as said:
        stock_set(fumi, PRODUCT, 10, seen=3)
    assert "2に変わりました" in said.value.message() and left(fumi, PRODUCT) == 2
    stock_set(fumi, PRODUCT, 10, seen=2)
    stock_set(fumi, PRODUCT, None, seen=10)
    assert left(fumi, PRODUCT) is None
    with tenant(fumi.municipality_id):
        notes = [act.note for act in Act.objects.filter(action="stock_set").order_by("id")]
    assert notes == [f"{PRODUCT} 限りなし→3", f"{PRODUCT} 2→10", f"{PRODUCT} 10→限りなし"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "number", "refusal"),
    [("くも", 1, StockUnknown), (PRODUCT, -1, StockInvalid), (PRODUCT, 100_001, StockInvalid)],
)
def test_only_items_of_the_document_are_counted(fumi, name, number, refusal):
    with pytest.raises(refusal):
        stock_set(fumi, name, number)
    with tenant(fumi.municipality_id):
        assert not Stock.objects.exists() and not Act.objects.filter(action="stock_set").exists()


def test_two_who_want_the_last_one(committed_db, towns):
    gifts(towns.midori.id)
    people = [make_supporter(towns.midori.id, who) for who in (FUMI, KEN)]
    for person in people:
        stamped(person, 2)
    stock_set(people[0], PRODUCT, 1)

    def want(index):
        with clock.frozen(NOW):
            try:
                return ask(people[index], 2, PRODUCT)
            except SoldOut:
                return None

    made = in_threads(want, 2)
    assert [one is None for one in made].count(True) == 1
    assert left(people[0], PRODUCT) == 0
    assert sorted(map(available, people)) == [0, 2]


def test_asking_and_refusing_one_item_at_once_never_wait_in_a_ring(committed_db, towns):
    gifts(towns.midori.id)
    people = [make_supporter(towns.midori.id, who) for who in (FUMI, KEN)]
    for person in people:
        stamped(person, 4)
    stock_set(people[0], CROP, 8)
    officer = make_officer(towns.midori.id)

    def turn(index):
        with clock.frozen(NOW):
            for _ in range(4):
                one = ask(people[index], 1, CROP)
                with tenant(towns.midori.id):
                    services.redemption_refuse(uid=one.uid, note="なし", by=officer)

    in_threads(turn, 2)
    assert left(people[0], CROP) == 8 and list(map(available, people)) == [4, 4]
