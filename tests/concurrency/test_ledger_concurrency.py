"""Many threads at one ledger, with real commits: no ring, no double resolution, no overdraft.

A deadlock would show in PostgreSQL's own count of them (the ledger would try again after it), a
lost update as a balance that its transfers do not give.
"""

import contextlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import psycopg
import pytest
from django.db import transaction

from kyojo.kernel.ids import new_id
from kyojo.ledger import check, services
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

from .together import at_once

T = TypeVar("T")
KUSUNOKI = 990035
pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture(autouse=True)
def still_true(
    committed_db: None, owner_cursor: psycopg.Cursor[Any], monkeypatch: pytest.MonkeyPatch
) -> Any:
    """After every test each balance is the sum of its transfers, and no deadlock was broken."""

    def deadlocks() -> Any:
        owner_cursor.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        return owner_cursor.fetchone()

    before = deadlocks()
    yield
    assert deadlocks() == before

    def rows(statement: str, parameters: Any) -> list[Any]:
        owner_cursor.execute(statement, parameters)  # type: ignore[arg-type]
        return owner_cursor.fetchall()

    with monkeypatch.context() as patch:
        patch.setattr(check, "_rows", rows)
        assert check.check() == []


def execute(leg: Leg) -> Callable[[], Code]:
    return lambda: code_of(leg)


def test_a_hundred_commits_of_one_hold_make_one() -> None:
    town = Town()
    hold = town.leg(30, kind=Kind.HOLD)
    codes = Counter(at_once([execute(hold)] * 100, threads=16))
    assert codes == {Code.OK: 1, Code.EXISTS: 99}
    assert town.balance(town.carer).held == 30


def test_a_hold_is_posted_once() -> None:
    town = Town()
    for _ in range(5):
        hold = town.hold(10)
        posts = [town.resolve(hold, Kind.POST) for _ in range(12)]
        codes = Counter(at_once([execute(post) for post in posts]))
        assert codes == {Code.OK: 1, Code.PENDING_ALREADY_POSTED: 11}
    assert town.balance(town.supporter).available == 50


def test_post_void_and_expiry_of_a_hold_agree_on_one() -> None:
    town = Town()
    seen: Counter[str] = Counter()
    for turn in range(30):
        with at(NOON):
            hold = town.hold(3, timeout_at=NOON + HOUR)

        def resolve(kind: Kind, moment: datetime, hold: Leg = hold) -> Code:
            # Two doors whose clocks differ by a little, on either side of the time.
            with at(moment):
                return code_of(town.resolve(hold, kind))

        def sweep() -> Code:
            with at(NOON + HOUR):
                return Code.OK if services.holds_expire(ledger=KITA) else Code.EXISTS

        jobs: list[tuple[str, Callable[[], Code]]] = [
            ("post", partial(resolve, Kind.POST, NOON)),
            ("void", partial(resolve, Kind.VOID, NOON)),
            ("expire", sweep),
            ("expire", sweep),
        ]
        random.Random(turn).shuffle(jobs)
        codes = at_once([job for _, job in jobs])
        winners = [name for (name, _), code in zip(jobs, codes, strict=True) if code is Code.OK]
        assert len(winners) == 1, winners
        seen.update(winners)
    carer, supporter = town.balance(town.carer), town.balance(town.supporter)
    assert carer.held == supporter.credits_pending == 0
    assert supporter.available == 3 * seen["post"]
    assert carer.available == 100 - 3 * seen["post"]


def test_no_thread_can_overspend_through_holds() -> None:
    town = Town()
    others = [open_account() for _ in range(16)]
    legs = [town.leg(7, kind=Kind.HOLD, credit=others[i % 16]) for i in range(160)]
    codes = Counter(at_once([execute(leg) for leg in legs], threads=16))
    assert codes == {Code.OK: 14, Code.EXCEEDS_CREDITS: 146}
    carer = town.balance(town.carer)
    assert (carer.available, carer.held) == (2, 98)


def test_payments_in_a_ring_do_not_wait_for_each_other_in_a_ring() -> None:
    town = Town()
    members = [open_account() for _ in range(3)]
    for member in members:
        town.give(member, 1000)
    legs = [town.leg(1, debit=members[i % 3], credit=members[(i + 1) % 3]) for i in range(300)]
    assert set(at_once([execute(leg) for leg in legs], threads=12)) == {Code.OK}
    # And as linked groups, each of which touches all three, in a shuffled order.
    random.Random(7).shuffle(legs)

    def group(start: int) -> Callable[[], bool]:
        mine = [replace(leg, id=new_id()) for leg in legs[start : start + 6]]
        return lambda: all(r.code is Code.OK for r in services.legs_execute(legs=mine))

    assert all(at_once([group(start) for start in range(0, 300, 6)], threads=12))
    assert sum(town.balance(member).available for member in members) == 3000


def test_one_id_with_two_bodies_is_one_transfer() -> None:
    """The calls share no account, so only the id itself can settle it; legs in both orders."""
    town = Town()
    for _ in range(10):
        pairs = [(open_account(), open_account()) for _ in range(8)]
        ids = [new_id() for _ in range(4)]
        groups = []
        for turn, (one, other) in enumerate(pairs):
            legs = [
                town.leg(debit=town.issuer, credit=one, id=i)
                if n % 2
                else town.leg(debit=town.issuer, credit=other, id=i)
                for n, i in enumerate(ids)
            ]
            groups.append(legs if turn % 2 else legs[::-1])

        def run(legs: list[Leg]) -> Callable[[], str]:
            def job() -> str:
                try:
                    services.legs_execute(legs=legs)
                except LedgerRefusal as refused:
                    return refused.code
                return "ok"

            return job

        outcomes = Counter(at_once([run(legs) for legs in groups]))
        assert outcomes["ok"] == 1
        assert set(outcomes) == {"ok", Code.EXISTS_WITH_DIFFERENT_CREDIT.value}


def test_one_id_with_two_bodies_and_no_common_account() -> None:
    unlimited = {"code": AccountCode.ISSUER, "flags": services.NO_FLAGS}
    town = Town()
    for _ in range(10):
        ids = [new_id() for _ in range(3)]
        groups = []
        for turn in range(6):
            debit, credit = open_account(**unlimited), open_account()  # type: ignore[arg-type]
            legs = [town.leg(debit=debit, credit=credit, id=i) for i in ids]
            groups.append(legs if turn % 2 else legs[::-1])

        def run(legs: list[Leg]) -> Callable[[], int]:
            def job() -> int:
                results = services.legs_execute(legs=legs, linked=False)
                return sum(r.code is Code.OK for r in results)

            return job

        assert sum(at_once([run(legs) for legs in groups])) == 3


def payment(here: Town, there: Town, amount: int) -> Payment:
    return Payment(
        id=new_id(),
        debtor_ledger=here.ledger,
        debtor=here.carer,
        creditor_ledger=there.ledger,
        creditor=there.carer,
        amount=amount,
        code=10,
    )


def test_three_towns_pay_each_other_in_both_directions() -> None:
    towns = [Town(ledger) for ledger in (KITA, MIDORI, KUSUNOKI)]
    for one in towns:
        for other in towns:
            if one.ledger < other.ledger:
                services.clearing_open(ledger=one.ledger, counterpart=other.ledger)
    pairs = [(a, b) for a in towns for b in towns if a is not b]

    def pay(here: Town, there: Town, turn: int) -> Callable[[], str]:
        def job() -> str:
            paid = payment(here, there, 1 + turn % 5)
            try:
                services.payment_hold(payments=[paid], timeout_at=None)
            except LedgerRefusal as refused:
                return refused.code
            if turn % 4 == 0:
                services.payment_void(payments=[paid])
                return "void"
            services.payment_post(payments=[paid])
            assert all(r.code is Code.EXISTS for r in services.payment_post(payments=[paid]))
            return "post"

        return job

    jobs = [pay(*pairs[turn % 6], turn) for turn in range(240)]
    random.Random(3).shuffle(jobs)
    outcomes = Counter(at_once(jobs, threads=16))
    assert outcomes["post"] > 100
    assert set(outcomes) <= {"post", "void", "exceeds_credits"}
    assert sum(town.balance(town.carer).available for town in towns) == 300
    for one in towns:
        for other in towns:
            if one is not other:
                near = services.clearing_account_id(one.ledger, other.ledger)
                far = services.clearing_account_id(other.ledger, one.ledger)
                assert balance(one.ledger, near).posted == -balance(other.ledger, far).posted


def test_a_batch_and_its_rows_one_by_one_do_not_wait_in_a_ring() -> None:
    """The short way of a single leg and the full way of a batch take their locks in one order."""
    town = Town()
    people = [open_account() for _ in range(6)]
    for _ in range(10):
        legs = [town.leg(1, debit=town.issuer, credit=person) for person in people]
        batches: list[Callable[[], Any]] = [
            lambda legs=order: services.batch_execute(ledger=KITA, legs=legs)  # type: ignore[misc]
            for order in (legs, legs[::-1], legs[3:] + legs[:3])
        ]
        at_once([*batches, *(execute(leg) for leg in legs)])
    assert {town.balance(person).available for person in people} == {10}


def test_an_account_is_closed_before_or_after_a_transfer_never_amid() -> None:
    town = Town()
    for _ in range(15):
        account = open_account()
        leg = town.leg(1, debit=town.issuer, credit=account)

        def close(account: Any = account) -> str:
            try:
                services.account_close(ledger=KITA, id=account)
            except LedgerRefusal as refused:
                return refused.code
            return "closed"

        closed, code = at_once([close, lambda leg=leg: code_of(leg).value])  # type: ignore[misc]
        assert (closed, code) in {
            ("closed", Code.CREDIT_ACCOUNT_CLOSED.value),
            ("account_not_empty", Code.OK.value),
        }


def test_an_account_opened_by_many_is_opened_once() -> None:
    jobs = [lambda: services.clearing_open(ledger=KITA, counterpart=MIDORI)] * 8
    jobs += [lambda: services.clearing_open(ledger=MIDORI, counterpart=KITA)] * 8
    at_once(jobs)
    assert balance(KITA, services.clearing_account_id(KITA, MIDORI)).posted == 0


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize("legs", [1, 2])
def test_a_call_that_writes_nothing_keeps_nobody_waiting(linked: bool, legs: int) -> None:
    """Not even while its transaction goes on: a caller may try something else next."""
    here, there = Town(KITA), Town(MIDORI)
    done = here.leg(1)
    code_of(done)
    with transaction.atomic():
        assert code_of(done) is Code.EXISTS
        refused = [here.leg(500), there.leg(500)][:legs]
        with contextlib.suppress(LedgerRefusal):
            services.legs_execute(legs=refused, linked=linked)
        with contextlib.suppress(LedgerRefusal):
            services.legs_execute(legs=[here.leg(1), here.leg(500)])
        codes = at_once([execute(town.leg(5)) for town in (here, there)])
    assert codes == [Code.OK, Code.OK]
