"""Which legs make a payment, which vintages are spent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyojo.kernel.ids import new_id
from kyojo.ledger import domain
from kyojo.ledger.errors import AmountMustBePositive, CoinsShort
from kyojo.ledger.types import Kind, Payment

from .cast import HOUR, KITA, MIDORI, NOON

BALANCES = st.dictionaries(st.sampled_from([0, 2025, 2026, 2027]), st.integers(-50, 500))


def payment(debtor_ledger: int = KITA, creditor_ledger: int = MIDORI) -> Payment:
    return Payment(
        id=new_id(),
        debtor_ledger=debtor_ledger,
        debtor=new_id(),
        creditor_ledger=creditor_ledger,
        creditor=new_id(),
        amount=20,
        code=10,
        reference=new_id(),
    )


def test_the_oldest_vintage_is_spent_first_and_the_everlasting_last() -> None:
    balances = {0: 100, 2027: 5, 2025: 10, 2026: 0}
    assert domain.split_oldest_first(balances, 12) == [(2025, 10), (2027, 2)]
    assert domain.split_oldest_first(balances, 20) == [(2025, 10), (2027, 5), (0, 5)]


def test_too_little_says_how_much_is_missing() -> None:
    with pytest.raises(CoinsShort) as refused:
        domain.split_oldest_first({2026: 10, 2027: -3}, 12)
    assert (refused.value.code, refused.value.data["missing"]) == ("exceeds_credits", 2)
    assert "2コイン" in refused.value.message()
    with pytest.raises(AmountMustBePositive):
        domain.split_oldest_first({2026: 10}, 0)


@given(BALANCES, st.integers(1, 1500))
def test_parts_sum_up_and_leave_older_vintages_empty(balances: dict[int, int], amount: int) -> None:
    available = sum(b for b in balances.values() if b > 0)
    if available < amount:
        with pytest.raises(CoinsShort):
            domain.split_oldest_first(balances, amount)
        return
    parts = domain.split_oldest_first(balances, amount)
    assert sum(part for _, part in parts) == amount
    assert all(0 < part <= balances[vintage] for vintage, part in parts)
    assert all(part == balances[vintage] for vintage, part in parts[:-1])


def test_a_payment_inside_a_town_is_one_leg() -> None:
    paid = payment(KITA, KITA)
    (leg,) = domain.payment_legs(paid)
    assert (leg.ledger, leg.debit, leg.credit, leg.amount) == (KITA, paid.debtor, paid.creditor, 20)


def test_a_payment_across_towns_is_equal_and_opposite() -> None:
    paid = payment()
    here, there = domain.payment_legs(paid)
    assert (here.ledger, there.ledger) == (KITA, MIDORI)
    assert here.debit == paid.debtor
    assert here.credit == domain.clearing_account_id(KITA, MIDORI)
    assert there.debit == domain.clearing_account_id(MIDORI, KITA)
    assert there.credit == paid.creditor
    assert here.amount == there.amount == 20
    assert {here.reference, there.reference} == {paid.reference}


def test_hold_post_and_void_of_a_payment_find_each_other() -> None:
    paid = payment()
    holds = domain.hold_legs(paid, timeout_at=NOON + HOUR)
    for legs, kind in ((domain.post_legs(paid), Kind.POST), (domain.void_legs(paid), Kind.VOID)):
        assert [leg.pending_id for leg in legs] == [hold.id for hold in holds]
        assert {leg.kind for leg in legs} == {kind}
    assert domain.hold_legs(paid, timeout_at=NOON + HOUR) == holds
    ids = {leg.id for leg in (*holds, *domain.post_legs(paid), *domain.void_legs(paid))}
    assert len(ids) == 6


def test_clearing_accounts_differ_by_side_and_currency() -> None:
    of = domain.clearing_account_id
    assert len({of(KITA, MIDORI), of(MIDORI, KITA), of(KITA, MIDORI, "hour")}) == 3
    with pytest.raises(ValueError, match="itself"):
        of(KITA, KITA)
