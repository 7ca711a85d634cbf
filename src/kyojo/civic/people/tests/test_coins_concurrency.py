"""Many hands in the same purses: no coin is made or lost, and nobody waits for ever."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

from django.db import connections

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins, tasks
from kyojo.civic.people.errors import CoinsShort
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import person_register
from kyojo.civic.people.testing import (
    FUMI,
    JUN,
    NAGI,
    TAE,
    coins_give,
    make_carer,
    make_programme,
    make_supporter,
)

THREADS = 8


def in_threads(work, count=THREADS):
    """``work(i)`` in ``count`` threads that start together; their results in order."""
    barrier = Barrier(count)

    def one(index):
        try:
            barrier.wait()
            return work(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def hold(payer, payee, amount, order_id=None):
    return coins.coins_hold(
        order_id=order_id or uuid4(),
        payer_municipality_id=payer.municipality_id,
        payer_person_id=payer.pk,
        payee_municipality_id=payee.municipality_id,
        payee_person_id=payee.pk,
        amount=amount,
        reference=uuid4(),
    )


def test_a_purse_is_never_overdrawn_and_gives_every_last_coin(committed_db, towns):
    carer, far = make_carer(towns.kita.id), make_supporter(towns.midori.id)
    near = make_supporter(towns.kita.id, TAE)
    make_programme(towns.midori.id)
    coins_give(carer, 35)
    coins_give(carer, 15, vintage=2099)

    def take(index):
        try:
            hold(carer, far if index % 2 else near, 10)
        except CoinsShort:
            return 0
        return 10

    assert sum(in_threads(take)) == 50
    found = coins.purse(carer)
    assert (found.available, found.held) == (0, 50)


def test_one_order_pressed_at_once_is_held_once(committed_db, towns):
    carer, far = make_carer(towns.kita.id), make_supporter(towns.midori.id)
    make_programme(towns.midori.id)
    coins_give(carer, 100)
    order_id, reference = uuid4(), uuid4()

    def press(_):
        return coins.coins_hold(
            order_id=order_id,
            payer_municipality_id=carer.municipality_id,
            payer_person_id=carer.pk,
            payee_municipality_id=far.municipality_id,
            payee_person_id=far.pk,
            amount=40,
            reference=reference,
        )

    answers = in_threads(press)
    assert all(answer == answers[0] for answer in answers)
    assert (coins.purse(carer).available, coins.purse(carer).held) == (60, 40)


def test_people_who_pay_each_other_across_towns_do_not_block_each_other(committed_db, towns):
    """Everybody pays everybody, in both directions, holds and settles and returns; seeds fixed."""
    people = [
        make_supporter(towns.kita.id, TAE),
        make_supporter(towns.kita.id, JUN),
        make_supporter(towns.midori.id, NAGI),
        make_supporter(towns.midori.id, FUMI),
    ]
    for person in people:
        coins_give(person, 100)

    def busy(index):
        choose = random.Random(index)
        for _ in range(12):
            payer, payee = choose.sample(people, 2)
            try:
                holds = hold(payer, payee, choose.randint(1, 40))
            except CoinsShort:
                continue
            end = choose.random()
            if end < 0.2:
                tasks.holds_expire()  # the sweep comes and goes between them
            if end < 0.3:
                coins.coins_release(order_id=uuid4(), holds=holds)
            elif end < 0.6:
                coins.coins_settle(order_id=uuid4(), holds=holds, amount=choose.randint(0, 1))
            else:
                firm = coins.coins_hold_firm(order_id=uuid4(), holds=holds)
                coins.coins_settle(order_id=uuid4(), holds=firm)

    in_threads(busy)
    purses = [coins.purse(person) for person in people]
    assert sum(found.available for found in purses) == 400
    assert [found.held for found in purses] == [0] * 4


def test_member_numbers_are_given_once_and_without_a_gap(committed_db, towns):
    def register(index):
        with tenant(towns.kita.id):
            return person_register(
                family_name="春風",
                given_name="けん",
                family_kana="はるかぜ",
                given_kana="けん",
                roles=["recipient"],
            ).number

    given = in_threads(register)
    assert sorted(given) == [f"M-{number}" for number in range(10_001, 10_001 + THREADS)]


def test_one_form_pressed_at_once_registers_one_person(committed_db, towns):
    uid = uuid4()

    def press(_):
        with tenant(towns.kita.id):
            return person_register(
                uid=uid,
                family_name="春風",
                given_name="けん",
                family_kana="はるかぜ",
                given_kana="けん",
                roles=["recipient"],
            ).pk

    assert len(set(in_threads(press))) == 1
    with tenant(towns.kita.id):
        assert Person.objects.count() == 1
