"""Erasing a person from the ledger's links and from the log: theirs is closed, the rest stands."""

from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people.errors import BasisMissing, CoinsStillHeld
from kyojo.civic.people.forgetting import coins_forget
from kyojo.civic.people.models import Act, CoinOrder, PersonAccount
from kyojo.civic.people.movements import movements
from kyojo.civic.people.testing import (
    TAE,
    coins_give,
    make_carer,
    make_officer,
    make_programme,
    make_supporter,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.ledger import selectors as ledger
from kyojo.ledger.log import selectors as log
from kyojo.ledger.log.errors import SideForgotten
from kyojo.ledger.log.tests.cast import logged
from kyojo.ledger.tlog.notes import VerifierKey
from kyojo.ledger.types import Flag

pytestmark = pytest.mark.django_db
NOW = clock.at(date(2026, 11, 20), 10)


@pytest.fixture
def cast(towns):
    with clock.frozen(NOW):
        carer = make_carer(towns.kita.id)
        near = make_supporter(towns.kita.id, TAE)
        make_programme(towns.kita.id)
        coins_give(carer, 40)
        yield SimpleNamespace(carer=carer, near=near, town=towns.kita.id)


def hold(cast, amount=40):
    return coins.coins_hold(
        order_id=uuid4(),
        payer_municipality_id=cast.town,
        payer_person_id=cast.carer.pk,
        payee_municipality_id=cast.town,
        payee_person_id=cast.near.pk,
        amount=amount,
        reference=uuid4(),
    )


def accounts_of(cast, person):
    with tenant(cast.town):
        return set(PersonAccount.objects.filter(person=person).values_list("account", flat=True))


def opened(cast, transfer, side):
    with tenant(cast.town):
        receipt = log.receipt_for(ledger=cast.town, transfer=transfer, sides=(side,))
        key = VerifierKey.parse(log.log_head(ledger=cast.town).key)
    receipt.verify(key=key, now=NOW)
    return receipt


def test_forgotten_is_one_side_and_nothing_else(cast, tmp_path):
    holds = hold(cast)
    coins.coins_settle(order_id=uuid4(), holds=holds)
    logged(tmp_path)
    [moved] = movements(holds, 40)
    before = opened(cast, moved.transfer, "debit")
    mine, theirs = accounts_of(cast, cast.carer), accounts_of(cast, cast.near)
    assert coins_forget(person=cast.carer) == len(mine) == 1
    with pytest.raises(SideForgotten):
        opened(cast, moved.transfer, "debit")
    after = opened(cast, moved.transfer, "credit")
    assert after.leaf == before.leaf
    assert accounts_of(cast, cast.carer) == set()
    assert accounts_of(cast, cast.near) == theirs
    with tenant(cast.town):
        assert not CoinOrder.objects.exists()
        assert ledger.account_flags(ledger=cast.town, account=mine.pop()) & Flag.CLOSED
        act = Act.objects.get(action="coins_forgotten")
        assert (act.subject_id, act.actor) == (str(cast.carer.uid), None)
    assert coins.purse(cast.near).available == 40
    # Again: nothing to forget, nothing recorded.
    assert coins_forget(person=cast.carer) == 0
    with tenant(cast.town):
        assert Act.objects.filter(action="coins_forgotten").count() == 1


def test_coins_that_are_left_stay_in_the_books_and_are_nobodys(cast):
    mine = accounts_of(cast, cast.carer)
    coins_forget(person=cast.carer)
    assert coins.purse(cast.carer).available == 0
    with tenant(cast.town):
        [left] = ledger.balances(ledger=cast.town, accounts=mine).values()
    assert left.available == 40


def test_held_coins_come_first(cast):
    holds = hold(cast)
    links = accounts_of(cast, cast.carer)
    for person in (cast.carer, cast.near):
        with pytest.raises(CoinsStillHeld):
            coins_forget(person=person)
    assert accounts_of(cast, cast.carer) == links
    assert coins.coins_settle(order_id=uuid4(), holds=holds) == 40
    assert coins_forget(person=cast.carer) == 1


def test_staff_need_a_basis_and_other_towns_find_nobody(cast, towns):
    own, other = make_officer(cast.town), make_officer(towns.midori.id)
    with pytest.raises(BasisMissing):
        coins_forget(person=cast.carer, by=own)
    with pytest.raises(NotFound):
        coins_forget(person=cast.carer, by=other, basis="phone")
    assert accounts_of(cast, cast.carer)
    assert coins_forget(person=cast.carer, by=own, basis="phone") == 1
    with tenant(cast.town):
        assert Act.objects.get(action="coins_forgotten").basis == "phone"
