"""From an order's holds to the transfers that moved its coins."""

from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people.errors import CoinsAmountWrong
from kyojo.civic.people.models import PersonAccount
from kyojo.civic.people.movements import movements
from kyojo.civic.people.testing import TAE, coins_give, make_carer, make_programme, make_supporter
from kyojo.kernel import clock
from kyojo.ledger import selectors as ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(towns):
    """A carer with 10 coins of 2026 and 120 of 2027, supporters in her town and in the other."""
    with clock.frozen(clock.at(date(2026, 11, 20), 10)):
        carer = make_carer(towns.kita.id)
        near, far = make_supporter(towns.kita.id, TAE), make_supporter(towns.midori.id)
        make_programme(towns.midori.id)
        coins_give(carer, 120)
        coins_give(carer, 10, vintage=2026)
        yield SimpleNamespace(carer=carer, near=near, far=far)


def settled(payer, payee, *, amount):
    holds = coins.coins_hold(
        order_id=uuid4(),
        payer_municipality_id=payer.municipality_id,
        payer_person_id=payer.pk,
        payee_municipality_id=payee.municipality_id,
        payee_person_id=payee.pk,
        amount=40,
        reference=uuid4(),
    )
    coins.coins_settle(order_id=uuid4(), holds=holds, amount=amount)
    return movements(holds, amount)


def rows_of(person):
    """(transfer, amount) of every post with a side of the person's, by their statement."""
    with tenant(person.municipality_id):
        accounts = list(
            PersonAccount.objects.filter(person=person).values_list("account", flat=True)
        )
        found = ledger.statement(ledger=person.municipality_id, accounts=accounts)
    return {(entry.transfer, entry.amount) for entry in found if entry.kind == "post"}


def test_across_towns_each_ledger_has_a_transfer_with_one_persons_side(cast):
    found = settled(cast.carer, cast.far, amount=40)
    carers = [(one.transfer, one.amount) for one in found if one.payer]
    takers = [(one.transfer, one.amount) for one in found if one.payee]
    assert [amount for _, amount in carers] == [10, 30] == [amount for _, amount in takers]
    assert set(carers) == rows_of(cast.carer)
    assert set(takers) == rows_of(cast.far)
    assert not set(carers) & set(takers)
    assert {one.payer for one in found} == {"debit", None} and len(found) == 4
    assert {one.ledger for one in found if one.payer} == {cast.carer.municipality_id}


def test_within_a_town_one_transfer_has_both_sides(cast):
    found = settled(cast.carer, cast.near, amount=40)
    assert [(one.amount, one.payer, one.payee) for one in found] == [
        (10, "debit", "credit"),
        (30, "debit", "credit"),
    ]
    assert {(one.transfer, one.amount) for one in found} == rows_of(cast.near)


def test_a_part_is_only_what_moved(cast):
    found = settled(cast.carer, cast.far, amount=4)
    assert [one.amount for one in found] == [4, 4]
    assert {(one.transfer, one.amount) for one in found if one.payer} == rows_of(cast.carer)


def test_what_returned_as_a_whole_moved_nothing(cast):
    assert settled(cast.carer, cast.far, amount=0) == []
    assert rows_of(cast.carer) == set() and rows_of(cast.far) == set()


def test_more_than_was_held_is_refused(cast):
    with pytest.raises(CoinsAmountWrong):
        settled(cast.carer, cast.far, amount=41)
