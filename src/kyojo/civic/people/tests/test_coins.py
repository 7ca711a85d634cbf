"""The purse, and holding, returning and handing over coins, within a town and across two."""

from datetime import date, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins, tasks
from kyojo.civic.people.errors import (
    CoinsAmountWrong,
    CoinsGone,
    CoinsMoved,
    CoinsShort,
    CoinsToSelf,
    OrderDiffers,
)
from kyojo.civic.people.models import CoinOrder, PersonAccount
from kyojo.civic.people.testing import (
    TAE,
    coins_give,
    make_carer,
    make_programme,
    make_supporter,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger import services as ledger

pytestmark = pytest.mark.django_db

NOW = clock.at(date(2026, 11, 20), 10)


@pytest.fixture
def cast(towns):
    """A carer in 北ひなた市 with 120 coins, a supporter there, and one in みどり浜市."""
    with clock.frozen(NOW):
        carer = make_carer(towns.kita.id)
        near = make_supporter(towns.kita.id, TAE)
        far = make_supporter(towns.midori.id)
        make_programme(towns.midori.id)
        coins_give(carer, 120)
        yield SimpleNamespace(carer=carer, near=near, far=far, kita=towns.kita, midori=towns.midori)


def hold(payer, payee, amount, *, order_id=None, reference=None, timeout_at=None):
    return coins.coins_hold(
        order_id=order_id or uuid4(),
        payer_municipality_id=payer.municipality_id,
        payer_person_id=payer.pk,
        payee_municipality_id=payee.municipality_id,
        payee_person_id=payee.pk,
        amount=amount,
        reference=reference or uuid4(),
        timeout_at=timeout_at,
    )


def numbers(person):
    found = coins.purse(person)
    return found.available, found.held


def clearing(here, there):
    with tenant(here.id):
        account = ledger.clearing_account_id(here.id, there.id)
        balance = ledger_selectors.balance(ledger=here.id, account=account)
    return balance.posted, balance.debits_pending, balance.credits_pending


def test_a_purse_says_what_can_be_spent_and_until_when(cast):
    found = coins.purse(cast.carer)
    assert (found.available, found.held) == (120, 0)
    assert found.by_vintage == ((date(2028, 3, 31), 120),)
    assert found.next_expiry == (date(2028, 3, 31), 120)
    assert coins.purse(cast.near) == coins.Purse(0, 0, ())


def test_held_coins_cannot_be_spent_and_come_back_when_released(cast):
    holds = hold(cast.carer, cast.near, 40)
    assert numbers(cast.carer) == (80, 40)
    assert numbers(cast.near) == (0, 0)
    for _ in range(2):
        coins.coins_release(order_id=uuid4(), holds=holds)
        assert numbers(cast.carer) == (120, 0)


def test_a_visit_in_one_town_moves_the_coins(cast):
    holds = hold(cast.carer, cast.near, 40)
    for _ in range(2):
        assert coins.coins_settle(order_id=uuid4(), holds=holds) == 40
        assert numbers(cast.carer) == (80, 0)
        assert coins.purse(cast.near).by_vintage == ((date(2030, 3, 31), 40),)


def test_a_visit_across_towns_moves_them_through_both_clearing_accounts(cast):
    holds = hold(cast.carer, cast.far, 40)
    assert [(h["ledger"], h["payee_ledger"], h["amount"]) for h in holds] == [
        (cast.kita.id, cast.midori.id, 40)
    ]
    assert clearing(cast.kita, cast.midori) == (0, 0, 40)
    assert clearing(cast.midori, cast.kita) == (0, 40, 0)
    coins.coins_settle(order_id=uuid4(), holds=holds)
    assert clearing(cast.kita, cast.midori) == (40, 0, 0)
    assert clearing(cast.midori, cast.kita) == (-40, 0, 0)
    assert (numbers(cast.carer), numbers(cast.far)) == ((80, 0), (40, 0))


def test_a_part_moves_and_the_rest_returns(cast):
    coins_give(cast.carer, 10, vintage=2026)
    holds = hold(cast.carer, cast.far, 40)
    assert [(h["vintage"], h["amount"]) for h in holds] == [(2026, 10), (2027, 30)]
    for _ in range(2):
        assert coins.coins_settle(order_id=uuid4(), holds=holds, amount=20) == 20
        assert (numbers(cast.carer), numbers(cast.far)) == ((110, 0), (20, 0))
        assert coins.purse(cast.carer).by_vintage == ((date(2028, 3, 31), 110),)
    with pytest.raises(CoinsMoved):
        coins.coins_settle(order_id=uuid4(), holds=holds, amount=30)
    with pytest.raises(CoinsMoved):
        coins.coins_release(order_id=uuid4(), holds=holds)
    with pytest.raises(CoinsAmountWrong):
        coins.coins_settle(order_id=uuid4(), holds=holds, amount=41)
    assert (numbers(cast.carer), numbers(cast.far)) == ((110, 0), (20, 0))


def test_settling_nothing_gives_everything_back(cast):
    holds = hold(cast.carer, cast.far, 40)
    assert coins.coins_settle(order_id=uuid4(), holds=holds, amount=0) == 0
    assert numbers(cast.carer) == (120, 0)
    with pytest.raises(CoinsGone):
        coins.coins_settle(order_id=uuid4(), holds=holds)
    assert numbers(cast.far) == (0, 0)


def test_the_oldest_coins_that_can_still_be_used_go_first(cast):
    coins_give(cast.carer, 50, vintage=2025)  # their last day was 31 March 2026
    coins_give(cast.carer, 15, vintage=2026)
    assert numbers(cast.carer) == (135, 0)
    holds = hold(cast.carer, cast.near, 20)
    assert [(h["vintage"], h["amount"]) for h in holds] == [(2026, 15), (2027, 5)]
    with pytest.raises(CoinsShort) as caught:
        hold(cast.carer, cast.near, 116)
    assert caught.value.data["missing_coins"] == 1
    assert "1コイン足りません" in caught.value.message()
    with clock.frozen(clock.at(date(2027, 3, 31), 23, 59)):
        assert coins.purse(cast.carer).available == 115
    with clock.frozen(clock.at(date(2028, 4, 1), 0)):
        assert numbers(cast.carer) == (0, 20)
        with pytest.raises(CoinsShort):
            hold(cast.carer, cast.near, 1)
        # What was held keeps its vintage over 31 March.
        coins.coins_settle(order_id=uuid4(), holds=holds)
        assert numbers(cast.near) == (20, 0)


def test_the_same_order_again_holds_nothing_more(cast):
    order_id, reference = uuid4(), uuid4()
    first = hold(cast.carer, cast.far, 40, order_id=order_id, reference=reference)
    coins_give(cast.carer, 5, vintage=2026)  # another split would be made now
    assert hold(cast.carer, cast.far, 40, order_id=order_id, reference=reference) == first
    assert numbers(cast.carer) == (85, 40)
    for payee, amount in ((cast.far, 41), (cast.near, 40)):
        with pytest.raises(OrderDiffers):
            hold(cast.carer, payee, amount, order_id=order_id, reference=reference)
    assert numbers(cast.carer) == (85, 40)


@pytest.mark.parametrize("amount", [0, -1, 2**53 + 1])
def test_an_amount_that_is_none_is_refused_and_nothing_is_written(cast, amount):
    with pytest.raises(CoinsAmountWrong):
        hold(cast.carer, cast.near, amount)
    _nothing_happened(cast)


def test_nobody_pays_themselves_or_somebody_who_is_not_there(cast):
    with pytest.raises(CoinsToSelf):
        hold(cast.carer, cast.carer, 10)
    stranger = SimpleNamespace(municipality_id=cast.midori.id, pk=cast.carer.pk + 10_000)
    with pytest.raises(NotFound):
        hold(cast.carer, stranger, 10)
    _nothing_happened(cast)


def test_coins_that_are_short_say_how_many_and_leave_no_trace(cast):
    with pytest.raises(CoinsShort) as caught:
        hold(cast.carer, cast.far, 150)
    assert caught.value.data["missing_coins"] == 30
    _nothing_happened(cast)


def _nothing_happened(cast):
    assert numbers(cast.carer) == (120, 0)
    with tenant(cast.kita.id):
        assert CoinOrder.objects.count() == 0
        assert PersonAccount.objects.filter(person=cast.near).count() == 0
    with tenant(cast.midori.id):
        assert PersonAccount.objects.count() == 0


# --- provisional and firm -------------------------------------------------------------------------


def test_a_provisional_hold_ends_with_its_time(cast):
    holds = hold(cast.carer, cast.far, 40, timeout_at=NOW + timedelta(hours=4))
    with clock.frozen(NOW + timedelta(hours=5)):
        with pytest.raises(CoinsGone):
            coins.coins_settle(order_id=uuid4(), holds=holds)
        assert numbers(cast.far) == (0, 0)
        for _ in range(2):
            coins.coins_release(order_id=uuid4(), holds=holds)
            assert numbers(cast.carer) == (120, 0)
        assert ledger.holds_expire(ledger=cast.kita.id) == []


def test_the_sweep_and_a_release_are_one(cast):
    holds = hold(cast.carer, cast.far, 40, timeout_at=NOW + timedelta(hours=4))
    with clock.frozen(NOW + timedelta(hours=5)):
        assert len(ledger.holds_expire(ledger=cast.kita.id)) == 1
        coins.coins_release(order_id=uuid4(), holds=holds)
        assert numbers(cast.carer) == (120, 0)
        assert clearing(cast.midori, cast.kita) == (0, 0, 0)


def test_a_provisional_hold_becomes_firm_even_when_it_was_the_last_coin(cast):
    visit, order_id = uuid4(), uuid4()
    provisional = hold(cast.carer, cast.far, 120, timeout_at=NOW + timedelta(hours=4))
    firm = coins.coins_hold_firm(order_id=order_id, holds=provisional, reference=visit)
    assert numbers(cast.carer) == (0, 120)
    assert firm[0]["reference"] == str(visit)
    assert coins.coins_hold_firm(order_id=order_id, holds=provisional, reference=visit) == firm
    with clock.frozen(NOW + timedelta(hours=5)):
        coins.coins_release(order_id=uuid4(), holds=provisional)
        ledger.holds_expire(ledger=cast.kita.id)
        assert numbers(cast.carer) == (0, 120)
        coins.coins_settle(order_id=uuid4(), holds=firm)
    assert (numbers(cast.carer), numbers(cast.far)) == ((0, 0), (120, 0))


@pytest.mark.parametrize("swept", [False, True])
def test_a_provisional_hold_that_ran_out_is_held_anew(cast, swept):
    provisional = hold(cast.carer, cast.far, 120, timeout_at=NOW + timedelta(hours=4))
    with clock.frozen(NOW + timedelta(hours=5)):
        if swept:
            ledger.holds_expire(ledger=cast.kita.id)
        firm = coins.coins_hold_firm(order_id=uuid4(), holds=provisional)
        assert numbers(cast.carer) == (0, 120)
        coins.coins_settle(order_id=uuid4(), holds=firm)
    assert (numbers(cast.carer), numbers(cast.far)) == ((0, 0), (120, 0))


def test_a_hold_that_came_back_and_was_spent_cannot_become_firm(cast):
    provisional = hold(cast.carer, cast.far, 100, timeout_at=NOW + timedelta(hours=4))
    coins.coins_release(order_id=uuid4(), holds=provisional)
    hold(cast.carer, cast.near, 60)
    with pytest.raises(CoinsShort) as caught:
        coins.coins_hold_firm(order_id=uuid4(), holds=provisional)
    assert caught.value.data["missing_coins"] == 40
    assert numbers(cast.carer) == (60, 60)


def test_coins_that_were_handed_over_cannot_become_firm_again(cast):
    holds = hold(cast.carer, cast.far, 40)
    coins.coins_settle(order_id=uuid4(), holds=holds)
    with pytest.raises(CoinsMoved):
        coins.coins_hold_firm(order_id=uuid4(), holds=holds)
    assert numbers(cast.carer) == (80, 0)


def test_a_hold_made_firm_in_a_new_year_keeps_its_vintage(cast):
    """Who asked in March is not short of coins because the OK came in April."""
    coins_give(cast.carer, 40, vintage=2026)
    new_year = clock.at(date(2027, 4, 1), 1)
    provisional = hold(cast.carer, cast.far, 100, timeout_at=new_year + timedelta(hours=1))
    assert [(h["vintage"], h["amount"]) for h in provisional] == [(2026, 40), (2027, 60)]
    with clock.frozen(new_year):
        firm = coins.coins_hold_firm(order_id=uuid4(), holds=provisional)
        assert [(h["vintage"], h["amount"]) for h in firm] == [(2026, 40), (2027, 60)]
        assert numbers(cast.carer) == (60, 100)
        coins.coins_settle(order_id=uuid4(), holds=firm)
        assert numbers(cast.carer) == (60, 0)


def test_a_hold_that_ran_out_before_the_new_year_cannot_use_dead_coins(cast):
    coins_give(cast.carer, 40, vintage=2026)
    new_year = clock.at(date(2027, 4, 1), 1)
    provisional = hold(cast.carer, cast.far, 100, timeout_at=new_year - timedelta(hours=2))
    with clock.frozen(new_year):
        firm = coins.coins_hold_firm(order_id=uuid4(), holds=provisional)
        assert [(h["vintage"], h["amount"]) for h in firm] == [(2027, 100)]


def test_the_sweep_returns_what_nobody_came_back_for_in_every_town(cast):
    hold(cast.carer, cast.far, 40, timeout_at=NOW + timedelta(hours=4))
    tasks.holds_expire()
    assert numbers(cast.carer) == (80, 40)
    with clock.frozen(NOW + timedelta(hours=4)):
        for _ in range(2):
            tasks.holds_expire()
            assert numbers(cast.carer) == (120, 0)
        assert clearing(cast.kita, cast.midori) == clearing(cast.midori, cast.kita) == (0, 0, 0)


# --- the record -----------------------------------------------------------------------------------


def test_the_record_tells_both_sides_in_words(cast):
    visit = uuid4()
    provisional = hold(cast.carer, cast.far, 40, timeout_at=NOW + timedelta(hours=4))
    with clock.frozen(NOW + timedelta(minutes=10)):
        firm = coins.coins_hold_firm(order_id=uuid4(), holds=provisional, reference=visit)
    with clock.frozen(NOW + timedelta(days=1)):
        coins.coins_settle(order_id=uuid4(), holds=firm)
        told = [
            (e.kind, e.change, e.available_change, e.available)
            for e in coins.coins_statement(cast.carer)
        ]
        assert told == [
            ("paid", -40, 0, 80),
            ("held", 0, -40, 80),
            ("received", 120, 120, 120),
        ]
        assert coins.coins_statement(cast.carer)[0].reference == visit
        assert coins.coins_statement(cast.carer)[-1].words == "北ひなた市からお届けしました"
        (earned,) = coins.coins_statement(cast.far)
        assert (earned.kind, earned.change, earned.words) == (
            "earned",
            40,
            "支援のお礼が届きました",
        )
        since, until = NOW, NOW + timedelta(days=2)
        assert coins.earned_between(cast.far, since, until) == 40
        assert coins.earned_between(cast.far, until, until + timedelta(days=1)) == 0
        assert coins.earned_between(cast.carer, since, until) == 0
        assert coins.coins_statement(cast.near) == []


def test_a_movement_of_several_vintages_is_one_line(cast):
    coins_give(cast.carer, 10, vintage=2026)
    with clock.frozen(NOW + timedelta(hours=1)):
        hold(cast.carer, cast.near, 30)
        (first, *_) = coins.coins_statement(cast.carer)
        assert (first.kind, first.available_change, first.available) == ("held", -30, 100)


def test_holds_name_no_account(cast):
    holds = hold(cast.carer, cast.far, 40)
    accounts = set()
    for town in (cast.kita, cast.midori):
        with tenant(town.id):
            accounts |= {str(a) for a in PersonAccount.objects.values_list("account", flat=True)}
    assert accounts and not any(account in str(holds) for account in accounts)
