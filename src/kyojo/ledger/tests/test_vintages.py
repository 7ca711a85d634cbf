"""Ended vintages are emptied: what is available, once, whatever else happens meanwhile."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections

from kyojo.kernel.ids import new_id
from kyojo.ledger import accounts, check, selectors, services, vintages
from kyojo.ledger.errors import LedgerRefusal
from kyojo.ledger.types import COIN, AccountCode, Code, Flag, Kind, TransferCode
from kyojo.ledger.vintages import Swept

from .cast import HOUR, KITA, LIMITED, MIDORI, NOON, Town, at, code_of, open_account, reading

LAPSED, RUNNING = 2025, 2026


def opened(count: int, *, vintage: int = LAPSED, ledger: int = KITA) -> list[UUID]:
    ids = sorted(new_id() for _ in range(count))
    accounts.accounts_open(
        ledger=ledger,
        ids=ids,
        currency=COIN,
        code=AccountCode.PERSON,
        vintage=vintage,
        flags=LIMITED,
    )
    return ids


def sweep(town: Town, before: int = RUNNING) -> Swept:
    return vintages.vintages_expire(
        ledger=town.ledger, currency=COIN, before=before, into=town.issuer
    )


def available(town: Town, ids: list[UUID]) -> list[int]:
    with reading(town.ledger):
        found = selectors.balances(ledger=town.ledger, accounts=ids)
    return [found[account].available for account in ids]


@pytest.mark.django_db
def test_what_can_be_spent_goes_back_and_what_lives_on_stays() -> None:
    town = Town()
    old, kept = opened(3), opened(1, vintage=RUNNING)
    for account, amount in zip([*old, *kept], (10, 20, 0, 40), strict=True):
        if amount:
            town.give(account, amount)
    before = town.balance(town.issuer).posted
    assert sweep(town) == Swept(2, 30)
    assert available(town, [*old, *kept, town.carer]) == [0, 0, 0, 40, 100]
    assert town.balance(town.issuer).posted == before + 30
    with reading(KITA):
        line = selectors.statement(ledger=KITA, accounts=old[:1])[0]
    assert (line.code, line.change, line.counterpart) == (TransferCode.EXPIRY, -10, town.issuer)
    assert sweep(town) == Swept(0, 0)


@pytest.mark.django_db
def test_who_knows_an_account_cannot_find_its_row_by_the_id(settings: Any) -> None:
    """Ids are public in the log: those of a sweep depend on a secret, and on nothing that changes
    between two sweeps of the same coins."""
    account = new_id()
    first = vintages._row_id(account, 30)
    assert first == vintages._row_id(account, 30)
    assert first not in {vintages._row_id(account, 31), vintages._row_id(new_id(), 30)}
    settings.SECRET_KEY = f"not {settings.SECRET_KEY}"
    assert first != vintages._row_id(account, 30)


@pytest.mark.django_db
def test_what_is_held_keeps_its_vintage_and_what_returns_is_swept_the_next_time() -> None:
    with at(NOON):
        town = Town()
        (old,) = opened(1)
        town.give(old, 100)
        firm = town.hold(30, debit=old)
        part = town.hold(20, debit=old)
        town.hold(10, debit=old, timeout_at=NOON + HOUR)
    with at(NOON + HOUR):
        assert sweep(town) == Swept(1, 50), "the hold whose time had come was returned first"
        assert town.balance(old).held == 50
        assert code_of(town.resolve(part, Kind.POST, 15)) is Code.OK
        assert sweep(town) == Swept(1, 5)
        assert code_of(town.resolve(firm, Kind.VOID)) is Code.OK
        assert sweep(town) == Swept(1, 30)
        assert sweep(town) == Swept(0, 0)
    assert (town.balance(old).posted, town.balance(town.supporter).posted) == (0, 15)


@pytest.mark.django_db
def test_coins_without_a_vintage_of_another_unit_or_town_are_left_alone() -> None:
    town, there = Town(), Town(MIDORI)
    far = opened(1, ledger=MIDORI)
    there.give(far[0], 5)
    assert sweep(town, before=9999) == Swept(0, 0)
    (old,) = opened(1)
    town.give(old, 7)
    hours = open_account(currency="hour", code=AccountCode.ISSUER, flags=Flag(0))
    assert vintages.vintages_expire(
        ledger=KITA, currency="hour", before=RUNNING, into=hours
    ) == Swept(0, 0)
    with pytest.raises(LedgerRefusal, match="currency_must_match"):
        vintages.vintages_expire(ledger=KITA, currency=COIN, before=RUNNING, into=hours)
    assert available(town, [old]) == [7]
    assert available(there, far) == [5]


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_sweep_that_is_killed_is_finished_by_the_next(
    monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    town = Town()
    old = opened(5)
    for account in old:
        town.give(account, 10)
    monkeypatch.setattr(vintages, "SWEEP_ACCOUNTS", 2)
    execute, calls = services.batch_execute, iter(range(100))

    def dies(**call: Any) -> Any:
        if next(calls) == 1:
            if moment == "after":
                execute(**call)
            raise KeyboardInterrupt
        return execute(**call)

    with monkeypatch.context() as dying:
        dying.setattr(services, "batch_execute", dies)
        with pytest.raises(KeyboardInterrupt):
            sweep(town)
    done = 2 if moment == "before" else 4
    assert sorted(available(town, old)) == [0] * done + [10] * (5 - done)
    assert sweep(town) == Swept(5 - done, 10 * (5 - done))
    assert available(town, old) == [0] * 5


@pytest.mark.django_db
def test_coins_that_were_held_after_they_were_counted_are_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = Town()
    (old,) = opened(1)
    town.give(old, 100)
    execute = services.batch_execute
    once = iter([True])

    def late(**call: Any) -> Any:
        if next(once, False):
            town.hold(30, debit=old)
        return execute(**call)

    monkeypatch.setattr(services, "batch_execute", late)
    assert sweep(town) == Swept(1, 70)
    assert (town.balance(old).available, town.balance(old).held) == (0, 30)


@pytest.mark.django_db
def test_an_account_that_was_closed_after_it_was_counted_does_not_end_the_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = Town()
    gone, old = opened(2)
    town.give(gone, 5)
    town.give(old, 100)
    execute = services.batch_execute
    once = iter([True])

    def late(**call: Any) -> Any:
        if next(once, False):
            assert code_of(town.leg(5, debit=gone)) is Code.OK
            services.account_close(ledger=KITA, id=gone)
        return execute(**call)

    monkeypatch.setattr(services, "batch_execute", late)
    assert sweep(town) == Swept(1, 100)


@pytest.mark.django_db
def test_many_accounts_are_opened_in_one_call_and_a_strange_one_is_refused() -> None:
    ids = opened(50)
    opened_before = [*ids[:10], new_id()]
    asked = {"ledger": KITA, "ids": opened_before, "currency": COIN, "flags": LIMITED}
    accounts.accounts_open(**asked, code=AccountCode.PERSON, vintage=LAPSED)  # type: ignore[arg-type]
    with reading(KITA):
        assert len(selectors.balances(ledger=KITA, accounts=ids + opened_before)) == 51
        assert set(selectors.accounts_flags(ledger=KITA, accounts=ids).values()) == {LIMITED}
    with pytest.raises(LedgerRefusal, match="exists_with_different_vintage"):
        accounts.accounts_open(**asked, code=AccountCode.PERSON, vintage=RUNNING)  # type: ignore[arg-type]
    accounts.accounts_open(ledger=KITA, ids=[], currency=COIN, code=AccountCode.PERSON)


@pytest.fixture
def busy(committed_db: None) -> Iterator[Town]:
    yield Town()


def test_sweeps_beside_holds_posts_and_voids_lose_and_make_nothing(busy: Town, as_owner) -> None:  # type: ignore[no-untyped-def]
    old = opened(6)
    for account in old:
        busy.give(account, 200)
    errors: list[BaseException] = []
    swept: list[Swept] = []
    stop = threading.Event()

    def lives(seed: int) -> None:
        random = Random(seed)
        for _ in range(40):
            hold = busy.leg(random.randint(1, 40), debit=random.choice(old), kind=Kind.HOLD)
            if code_of(hold) is Code.OK:
                kind = random.choice([Kind.POST, Kind.VOID])
                amount = random.randint(1, hold.amount) if kind is Kind.POST else 0
                assert code_of(busy.resolve(hold, kind, amount)) is Code.OK

    def sweeps() -> None:
        while not stop.is_set():
            swept.append(sweep(busy))

    def run(work: Any, *given: Any) -> None:
        try:
            work(*given)
        except BaseException as error:  # noqa: BLE001 (told to the test below)
            errors.append(error)
        finally:
            connections.close_all()

    sweepers = [threading.Thread(target=run, args=(sweeps,)) for _ in range(2)]
    living = [threading.Thread(target=run, args=(lives, seed)) for seed in range(3)]
    for thread in [*living, *sweepers]:
        thread.start()
    for thread in living:
        thread.join()
    stop.set()
    for thread in sweepers:
        thread.join()
    assert errors == []
    swept.append(sweep(busy))
    assert available(busy, old) == [0] * 6
    handed = busy.balance(busy.supporter).posted
    assert sum(one.amount for one in swept) + handed == 1200
    with as_owner():
        assert check.check() == []
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(amount) FROM ledger_transfer WHERE code = %s", [40])
            assert cursor.fetchone() == (1200 - handed,)


@pytest.mark.django_db
def test_a_sweep_has_an_end_when_coins_return_all_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = Town()
    (old,) = opened(1)
    town.give(old, 100)
    execute = services.batch_execute

    def always(**call: Any) -> Any:
        town.hold(10, debit=old)
        return execute(**call)

    monkeypatch.setattr(services, "batch_execute", always)
    with at(NOON + timedelta(days=1)):
        assert sweep(town) == Swept(0, 0)
