"""Many threads at accounts of several stripes: exact limits, no ring, and every coin found.

As in ``test_ledger_concurrency``: real commits, and the ledger's whole check after every test.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections

from kyojo.doors.ops.postgres import SUPERUSER
from kyojo.kernel.ids import new_id
from kyojo.ledger import services
from kyojo.ledger.errors import LedgerRefusal
from kyojo.ledger.tests.cast import (
    HOUR,
    KITA,
    MIDORI,
    NOON,
    Town,
    at,
    balance,
    code_of,
    open_account,
)
from kyojo.ledger.types import AccountCode, Code, Kind, Leg, Payment

from .test_ledger_concurrency import execute, still_true  # noqa: F401 (a fixture)
from .together import at_once

pytestmark = pytest.mark.usefixtures("committed_db")


def treasury(town: Town, coins: int, *, stripes: int = 16) -> UUID:
    account = open_account(town.ledger, code=AccountCode.TREASURY, stripes=stripes)
    town.give(account, coins)
    return account


def test_a_hundred_posts_of_one_hold_make_one() -> None:
    town = Town()
    for account in (town.carer, treasury(town, 30)):
        hold = town.hold(30, debit=account)
        posts = [town.resolve(hold, Kind.POST, 1 + turn % 30) for turn in range(100)]
        codes = Counter(at_once([execute(post) for post in posts], threads=16))
        assert codes == {Code.OK: 1, Code.PENDING_ALREADY_POSTED: 99}
        assert town.balance(account).held == 0


@pytest.mark.parametrize("kinds", [(Kind.PLAIN,), (Kind.HOLD,), (Kind.PLAIN, Kind.HOLD)])
def test_stripes_are_spent_to_the_last_coin_and_not_beyond(kinds: tuple[Kind, ...]) -> None:
    """100 coins lie somewhere on 16 stripes: 14 times 7 go, whoever asks where, and 2 are left."""
    town = Town()
    account = treasury(town, 100)
    legs = [town.leg(7, debit=account, kind=kinds[i % len(kinds)]) for i in range(120)]
    codes = Counter(at_once([execute(leg) for leg in legs], threads=16))
    assert codes == {Code.OK: 14, Code.EXCEEDS_CREDITS: 106}
    assert town.balance(account).available == 2


def test_the_last_coins_are_found_on_whatever_stripes_they_lie() -> None:
    town = Town()
    account = treasury(town, 0 + 1)
    at_once([partial(town.give, account, 1) for _ in range(31)], threads=8)
    assert code_of(town.leg(33, debit=account)) is Code.EXCEEDS_CREDITS
    assert code_of(town.leg(32, debit=account)) is Code.OK
    assert town.balance(account).available == 0


def test_striped_accounts_in_a_ring_do_not_wait_for_each_other_in_a_ring() -> None:
    """Hot and ordinary members pay each other in turn, alone, in linked calls and in batches; they
    are often short, so that stripes are borrowed from and rebalanced all the time."""
    town = Town()
    members = [treasury(town, 12, stripes=4), open_account(), treasury(town, 12, stripes=2)]
    members.append(open_account())
    for member in members[1::2]:
        town.give(member, 12)
    rng = random.Random(5)

    def leg() -> Leg:
        debit, credit = rng.sample(members, 2)
        return town.leg(rng.randint(1, 6), debit=debit, credit=credit)

    jobs: list[Callable[[], object]] = []
    for turn in range(150):
        legs = [leg() for _ in range(rng.randint(2, 6))]
        if turn % 3 == 0:
            jobs.append(execute(legs[0]))
        elif turn % 3 == 1:
            jobs.append(partial(services.batch_execute, ledger=KITA, legs=legs))
        else:
            groups = [0] * len(legs)
            jobs.append(partial(services.batch_execute, ledger=KITA, legs=legs, groups=groups))
    at_once(jobs, threads=12)
    assert sum(town.balance(member).available for member in members) == 48


def test_two_ledgers_pay_each_other_through_striped_clearing_accounts() -> None:
    here, there = Town(KITA), Town(MIDORI)
    services.clearing_open(ledger=KITA, counterpart=MIDORI)

    def pay(debtor: Town, creditor: Town, turn: int) -> Callable[[], str]:
        paid = Payment(
            id=new_id(),
            debtor_ledger=debtor.ledger,
            debtor=debtor.carer,
            creditor_ledger=creditor.ledger,
            creditor=creditor.carer,
            amount=1 + turn % 4,
            code=10,
        )

        def job() -> str:
            try:
                services.payment_hold(payments=[paid], timeout_at=None)
            except LedgerRefusal as refused:
                return refused.code
            if turn % 5:
                services.payment_post(payments=[replace(paid, amount=1)])
            else:
                services.payment_void(payments=[paid])
            return "done"

        return job

    jobs = [pay(*((here, there) if turn % 2 else (there, here)), turn) for turn in range(120)]
    outcomes = Counter(at_once(jobs, threads=12))
    assert set(outcomes) <= {"done", "exceeds_credits"} and outcomes["done"] > 60
    near = services.clearing_account_id(KITA, MIDORI)
    far = services.clearing_account_id(MIDORI, KITA)
    assert balance(KITA, near).posted == -balance(MIDORI, far).posted
    assert balance(KITA, near).held == balance(MIDORI, far).held == 0


def test_an_account_is_widened_while_all_use_it() -> None:
    town = Town()
    account = treasury(town, 60, stripes=1)
    holds = [town.hold(1, debit=account) for _ in range(20)]
    jobs: list[Callable[[], object]] = [
        execute(town.resolve(hold, Kind.POST if i % 2 else Kind.VOID))
        for i, hold in enumerate(holds)
    ]
    jobs += [execute(town.leg(1, debit=account)) for _ in range(30)]
    jobs += [execute(town.leg(1, debit=account, kind=Kind.HOLD)) for _ in range(20)]
    jobs += [
        partial(services.account_stripe, ledger=KITA, id=account, stripes=stripes)
        for stripes in (2, 8, 16)
    ]
    random.Random(11).shuffle(jobs)
    results = Counter(at_once(jobs, threads=12))
    # 60 coins: 20 held before, 10 of which come back; 50 new ones meet between 40 and 50.
    assert set(results) <= {Code.OK, Code.EXCEEDS_CREDITS, None}
    left = town.balance(account)
    assert 0 <= left.available <= 60
    assert code_of(town.leg(left.available + 1, debit=account)) is Code.EXCEEDS_CREDITS
    if left.available:
        assert code_of(town.leg(left.available, debit=account)) is Code.OK


def test_post_void_and_expiry_on_stripes_agree_on_one() -> None:
    town = Town()
    account = treasury(town, 100)
    winners: Counter[Kind] = Counter()
    for turn in range(20):
        with at(NOON):
            hold = town.hold(3, debit=account, timeout_at=NOON + HOUR)

        def resolve(kind: Kind, hold: Leg = hold) -> Code:
            with at(NOON + HOUR if kind is Kind.EXPIRE else NOON):
                return code_of(town.resolve(hold, kind))

        kinds = [Kind.POST, Kind.VOID, Kind.EXPIRE, Kind.POST]
        random.Random(turn).shuffle(kinds)
        codes = at_once([partial(resolve, kind) for kind in kinds])
        won = [kind for kind, code in zip(kinds, codes, strict=True) if code is Code.OK]
        assert len(won) == 1
        told = {Kind.POST: "posted", Kind.VOID: "voided", Kind.EXPIRE: "expired"}[won[0]]
        assert {code.value for code in codes} == {"ok", f"pending_already_{told}"}
        winners.update(won)
    left = town.balance(account)
    assert (left.held, left.available) == (0, 100 - 3 * winners[Kind.POST])


def test_two_officers_cannot_correct_more_than_there_was() -> None:
    town = Town()
    for _ in range(5):
        wrong = town.leg(9)
        code_of(wrong)
        town.give(town.supporter, 100)

        def correct(wrong: Leg = wrong) -> str:
            try:
                services.transfer_correct(ledger=KITA, id=new_id(), transfer=wrong.id, amount=5)
            except LedgerRefusal as refused:
                return refused.code
            return "ok"

        assert Counter(at_once([correct] * 6)) == {"ok": 1, "exceeds_corrected_amount": 5}


def test_a_hold_that_borrows_waits_for_its_home_before_it_takes_another_stripe(
    owner_cursor: psycopg.Cursor[Any], ground: Any
) -> None:
    """Somebody who locks all stripes in order, as the exact way does, has come to the home."""
    town = Town()
    account = treasury(town, 40, stripes=4)
    owner_cursor.execute(
        "UPDATE ledger_balance SET credits_posted = CASE stripe WHEN 2 THEN 40 ELSE 0 END"
        " WHERE account = %s",
        [account],
    )
    leg = next(
        leg
        for leg in (town.leg(9, debit=account, kind=Kind.HOLD) for _ in range(1000))
        if home(owner_cursor, leg.id) & 3 == 1
    )
    lock = "SELECT FROM ledger_balance WHERE account = %s AND stripe = %s FOR NO KEY UPDATE NOWAIT"
    with ground.connect(SUPERUSER) as other, ThreadPoolExecutor(1) as pool:
        other.autocommit = False
        other.execute(lock, [account, 1])

        def run() -> Code:
            try:
                return code_of(leg)
            finally:
                connections.close_all()

        held = pool.submit(run)
        try:
            deadline = time.monotonic() + 20
            while not waiting_for(owner_cursor, other.info.backend_pid):
                assert time.monotonic() < deadline and not held.done()
            other.execute(lock, [account, 2])  # raises where the hold has it and waits for 1
        finally:
            other.rollback()
        assert held.result() is Code.OK
    left = town.balance(account)
    assert (left.held, left.available) == (9, 31)


def home(cursor: psycopg.Cursor[Any], id_: UUID) -> int:
    row = cursor.execute("SELECT uuid_hash(%s)", [id_]).fetchone()
    assert row is not None
    return int(row[0])


def waiting_for(cursor: psycopg.Cursor[Any], pid: int) -> bool:
    row = cursor.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))", [pid]
    ).fetchone()
    return row is not None and row[0] > 0
