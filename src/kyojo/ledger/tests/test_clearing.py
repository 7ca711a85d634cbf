"""Payments across two towns: both sides or none."""

from dataclasses import replace

import pytest

from kyojo.kernel.ids import new_id
from kyojo.ledger import domain, services
from kyojo.ledger.errors import LedgerRefusal
from kyojo.ledger.types import Balance, Code, Payment

from .cast import HOUR, KITA, MIDORI, NOON, Town, at, balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def towns() -> tuple[Town, Town]:
    services.clearing_open(ledger=MIDORI, counterpart=KITA)
    services.clearing_open(ledger=KITA, counterpart=MIDORI)
    return Town(KITA), Town(MIDORI)


def pay(towns: tuple[Town, Town], amount: int = 30) -> Payment:
    here, there = towns
    return Payment(
        id=new_id(),
        debtor_ledger=here.ledger,
        debtor=here.carer,
        creditor_ledger=there.ledger,
        creditor=there.supporter,
        amount=amount,
        code=10,
    )


def clearing() -> tuple[Balance, Balance]:
    return (
        balance(KITA, services.clearing_account_id(KITA, MIDORI)),
        balance(MIDORI, services.clearing_account_id(MIDORI, KITA)),
    )


def test_coins_cross_through_the_clearing_accounts(towns: tuple[Town, Town]) -> None:
    here, there = towns
    paid = pay(towns)
    services.payment_hold(payments=[paid], timeout_at=None)
    assert here.balance(here.carer).held == 30
    assert [b.posted for b in clearing()] == [0, 0]
    results = services.payment_post(payments=[replace(paid, amount=20)])
    assert [r.code for r in results] == [Code.OK, Code.OK]
    assert here.balance(here.carer).available == 80
    assert there.balance(there.supporter).available == 20
    assert [b.posted for b in clearing()] == [20, -20]
    again = services.payment_post(payments=[replace(paid, amount=20)])
    assert [r.code for r in again] == [Code.EXISTS, Code.EXISTS]


def test_a_void_frees_both_sides(towns: tuple[Town, Town]) -> None:
    here, _ = towns
    paid = pay(towns)
    services.payment_hold(payments=[paid], timeout_at=None)
    services.payment_void(payments=[paid])
    assert here.balance(here.carer).available == 100
    assert [(b.posted, b.credits_pending, b.debits_pending) for b in clearing()] == [(0, 0, 0)] * 2


def test_one_side_of_a_payment_is_not_corrected_alone(towns: tuple[Town, Town]) -> None:
    paid = pay(towns)
    legs = domain.payment_legs(paid)
    services.payment_execute(payments=[paid])
    for leg in legs:
        with pytest.raises(ValueError, match="another ledger"):
            services.transfer_correct(ledger=leg.ledger, id=new_id(), transfer=leg.id)
    assert [b.posted for b in clearing()] == [30, -30]
    corrections = [
        replace(leg, id=new_id(), debit=leg.credit, credit=leg.debit, correction_of=leg.id)
        for leg in legs
    ]
    services.legs_execute(legs=corrections)
    assert [b.posted for b in clearing()] == [0, 0]


def test_several_payments_are_all_or_nothing(towns: tuple[Town, Town]) -> None:
    _, there = towns
    with pytest.raises(LedgerRefusal, match="exceeds_credits") as refused:
        services.payment_execute(payments=[pay(towns, 60), pay(towns, 60)])
    assert refused.value.index == 2, "the second payment's leg in the debtor's ledger"
    assert [b.posted for b in clearing()] == [0, 0]
    services.payment_execute(payments=[pay(towns, 60), pay(towns, 40)])
    assert there.balance(there.supporter).available == 100


@pytest.mark.parametrize("missing", ["debtor", "creditor"])
def test_one_side_only_cannot_happen(towns: tuple[Town, Town], missing: str) -> None:
    here, there = towns
    with pytest.raises(LedgerRefusal):
        services.payment_execute(payments=[replace(pay(towns), **{missing: new_id()})])  # type: ignore[arg-type]
    assert [b.posted for b in clearing()] == [0, 0]
    assert here.balance(here.carer).available == 100
    assert there.balance(there.supporter).available == 0


def test_each_side_expires_by_its_own_sweep(towns: tuple[Town, Town]) -> None:
    here, _ = towns
    with at(NOON):
        paid = pay(towns)
        services.payment_hold(payments=[paid], timeout_at=NOON + HOUR)
    with at(NOON + HOUR):
        assert len(services.holds_expire(ledger=KITA)) == 1
        for resolve in (services.payment_post, services.payment_void):
            with pytest.raises(LedgerRefusal):
                resolve(payments=[paid])
        assert len(services.holds_expire(ledger=MIDORI)) == 1
    assert here.balance(here.carer).available == 100
    assert [b.credits_pending + b.debits_pending for b in clearing()] == [0, 0]
