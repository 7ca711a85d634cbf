"""Pure decisions: which legs make a payment, which legs are linked."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from kyojo.kernel.ids import derived_id

from .types import COIN, Kind, Leg, Payment

#: Never changes: the ids of all clearing accounts derive from it.
CLEARING_NAMESPACE = UUID("6e1f0d8c-5b0a-4c53-9f0e-2d9b6c1a7e44")


def clearing_account_id(ledger: int, counterpart: int, currency: str = COIN) -> UUID:
    """The account in ``ledger`` for what it owes to, or is owed by, ``counterpart``."""
    if ledger == counterpart:
        raise ValueError(f"ledger {ledger} needs no clearing account with itself")
    return derived_id(CLEARING_NAMESPACE, ledger, counterpart, currency)


def groups_check(groups: Sequence[int], *, count: int) -> None:
    """Raises ``ValueError`` unless there are ``count`` numbers and equal ones stand together."""
    if len(groups) != count:
        raise ValueError(f"{len(groups)} groups were named for {count} legs")
    runs = [number for number, _ in groupby(groups)]
    if len(runs) != len(set(runs)):
        raise ValueError("the legs of a linked group do not stand together")


def payment_legs(payment: Payment) -> list[Leg]:
    """The legs that move the coins at once: one, or one in each of two ledgers.

    Across ledgers the debtor's pays its clearing account with the other, and in the other the
    clearing account pays the creditor: equal and opposite, to be executed linked.
    """
    return [
        Leg(
            ledger=ledger,
            id=leg_id(payment, Kind.PLAIN, ledger),
            debit=debit,
            credit=credit,
            amount=payment.amount,
            code=payment.code,
            reference=payment.reference,
        )
        for ledger, debit, credit in _sides(payment)
    ]


def hold_legs(payment: Payment, *, timeout_at: datetime | None) -> list[Leg]:
    """The legs that set the coins aside until ``timeout_at`` (``None``: until resolved)."""
    return [
        Leg(
            ledger=ledger,
            id=leg_id(payment, Kind.HOLD, ledger),
            debit=debit,
            credit=credit,
            amount=payment.amount,
            kind=Kind.HOLD,
            timeout_at=timeout_at,
            code=payment.code,
            reference=payment.reference,
        )
        for ledger, debit, credit in _sides(payment)
    ]


def post_legs(payment: Payment) -> list[Leg]:
    """The legs that move ``payment.amount`` out of its hold; what is left of the hold returns."""
    return _resolve(payment, Kind.POST, payment.amount)


def void_legs(payment: Payment) -> list[Leg]:
    """The legs that give back the whole hold of the payment."""
    return _resolve(payment, Kind.VOID, 0)


def leg_id(payment: Payment, kind: Kind, ledger: int) -> UUID:
    """The id of the payment's leg of ``kind`` in ``ledger``; a retry makes the same one."""
    return derived_id(payment.id, kind.value, ledger)


def expiry_id(hold: UUID) -> UUID:
    """The id of the row that ends ``hold`` after its time, whoever writes it."""
    return derived_id(hold, Kind.EXPIRE.value)


def _sides(payment: Payment) -> list[tuple[int, UUID, UUID]]:
    """(ledger, debit, credit) of each side of the payment."""
    here, there = payment.debtor_ledger, payment.creditor_ledger
    if here == there:
        return [(here, payment.debtor, payment.creditor)]
    return [
        (here, payment.debtor, clearing_account_id(here, there, payment.currency)),
        (there, clearing_account_id(there, here, payment.currency), payment.creditor),
    ]


def _resolve(payment: Payment, kind: Kind, amount: int) -> list[Leg]:
    return [
        Leg(
            ledger=ledger,
            id=leg_id(payment, kind, ledger),
            debit=debit,
            credit=credit,
            amount=amount,
            kind=kind,
            pending_id=leg_id(payment, Kind.HOLD, ledger),
            code=payment.code,
            reference=payment.reference,
        )
        for ledger, debit, credit in _sides(payment)
    ]
