"""Which legs make a payment."""

import pytest

from kyojo.kernel.ids import new_id
from kyojo.ledger import domain
from kyojo.ledger.types import Kind, Payment

from .cast import HOUR, KITA, MIDORI, NOON


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
