"""The straight way of a leg that is its own transaction: one refusal for each of its conditions.

Each leg has one thing against it only, so that no other condition stops it first.
"""

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors, services
from kyojo.ledger.types import AMOUNT_MAX, Code, Flag, Kind, Leg

from .cast import (
    HOUR,
    KITA,
    NOON,
    Town,
    as_its_own_transaction,
    at,
    code_of,
    open_account,
    reading,
)


def alone(leg: Leg) -> Code:
    with as_its_own_transaction(True):
        return code_of(leg)


@pytest.fixture
def town(db: None) -> Town:
    with at(NOON):
        return Town()


def legs(town: Town) -> list[tuple[Code, Leg]]:
    free = Flag(0)
    plain = town.leg(1, debit=town.issuer, credit=open_account(flags=free))
    full = open_account(flags=free)
    services.legs_execute(
        legs=[town.leg(AMOUNT_MAX - 1, debit=open_account(flags=free), credit=full)]
    )
    closed = open_account(flags=free)
    services.account_close(ledger=KITA, id=closed)
    owing = open_account(flags=Flag.CREDITS_MUST_NOT_EXCEED_DEBITS)
    fresh = open_account(flags=free)
    return [
        (
            Code.CURRENCY_MUST_MATCH,
            replace(plain, credit=open_account(flags=free, currency="hour")),
        ),
        (Code.TOTAL_TOO_LARGE, replace(plain, debit=fresh, credit=full, amount=2)),
        (
            Code.TIMEOUT_MUST_BE_IN_THE_FUTURE,
            replace(plain, kind=Kind.HOLD, timeout_at=NOON - HOUR),
        ),
        (Code.TIMEOUT_NOT_ALLOWED, replace(plain, timeout_at=NOON + HOUR)),
        (Code.CREDIT_ACCOUNT_CLOSED, replace(plain, credit=closed)),
        (Code.EXCEEDS_CREDITS, replace(plain, debit=town.carer, amount=101)),
        (Code.EXCEEDS_DEBITS, replace(plain, credit=owing)),
        (Code.ACCOUNTS_MUST_DIFFER, replace(plain, credit=plain.debit)),
        (Code.AMOUNT_TOO_LARGE, replace(plain, amount=AMOUNT_MAX + 1)),
        (Code.CREDIT_ACCOUNT_NOT_FOUND, replace(plain, credit=new_id())),
        # the credit's row is written first here
        (Code.EXCEEDS_CREDITS, replace(plain, debit=open_account(), credit=town.carer)),
    ]


def test_each_condition_refuses_by_itself_and_nothing_is_left(town: Town) -> None:
    with at(NOON):
        for code, leg in legs(town):
            accounts = [a for a in (leg.debit, leg.credit) if a]
            with reading(KITA):
                before = selectors.balances(ledger=KITA, accounts=accounts)
            # both ways round, since the lower id is written first
            for one in (leg, replace(leg, id=new_id())):
                assert alone(one) is code
            with reading(KITA):
                assert selectors.balances(ledger=KITA, accounts=accounts) == before


def test_a_retry_is_told_and_moves_nothing(town: Town) -> None:
    leg = town.leg(5)
    assert alone(leg) is Code.OK
    assert alone(leg) is Code.EXISTS
    assert alone(replace(leg, amount=6)) is Code.EXISTS_WITH_DIFFERENT_AMOUNT
    assert town.balance(town.supporter).available == 5


def test_a_batch_makes_no_balance_that_is_missing(
    committed_db: None, owner_cursor: psycopg.Cursor[Any]
) -> None:
    town = Town()
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute("DELETE FROM ledger_balance WHERE account = %s", [town.carer])
    legs = [town.leg(1), town.leg(2)]
    results = services.batch_execute(ledger=KITA, legs=legs)
    assert [result.code for result in results] == [Code.DEBIT_ACCOUNT_NOT_FOUND] * 2
    owner_cursor.execute("SELECT count(*) FROM ledger_balance WHERE account = %s", [town.carer])
    assert owner_cursor.fetchone() == (0,)
