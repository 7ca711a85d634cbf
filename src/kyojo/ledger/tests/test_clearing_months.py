"""Clearing seen from the ledger: positions, movements of a month, a settlement of both sides."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from kyojo.kernel.ids import new_id
from kyojo.ledger import clearing, services
from kyojo.ledger.clearing_domain import (
    Movement,
    Pair,
    Statement,
    month_after,
    month_before,
    month_bounds,
    month_of,
    settlement_legs,
)
from kyojo.ledger.errors import LedgerRefusal
from kyojo.ledger.types import Code, Payment, TransferCode

from .cast import HOUR, KITA, MIDORI, Town, at, balance, reading

PAIR = Pair.of(MIDORI, KITA)
JUNE = date(2026, 6, 1)
#: 1 June 2026, 0:00 in Japan.
BEGIN = datetime(2026, 5, 31, 15, 0, tzinfo=UTC)
END = datetime(2026, 6, 30, 15, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


# --- pure -----------------------------------------------------------------------------------------


def test_a_month_is_japan_s() -> None:
    assert month_bounds(JUNE) == (BEGIN, END)
    assert month_of(BEGIN) == JUNE
    assert month_of(BEGIN - INSTANT) == date(2026, 5, 1)
    assert month_after(date(2026, 12, 1)) == date(2027, 1, 1)
    assert month_before(date(2027, 1, 1)) == date(2026, 12, 1)
    assert month_before(JUNE) == date(2026, 5, 1)
    with pytest.raises(ValueError, match="first day"):
        month_bounds(date(2026, 6, 2))


def test_a_pair_is_the_same_from_both_sides() -> None:
    assert Pair.of(KITA, MIDORI) == PAIR
    assert (PAIR.counterpart(KITA), PAIR.counterpart(MIDORI)) == (MIDORI, KITA)
    assert PAIR.settlement_id(JUNE) == UUID("03bdbc5c-8281-5a07-b57b-a9277ffb8ef1")
    assert PAIR.settlement_id(JUNE) != Pair.of(KITA, MIDORI, "hour").settlement_id(JUNE)
    assert PAIR.settlement_id(JUNE) != PAIR.settlement_id(month_after(JUNE))
    with pytest.raises(ValueError, match="two ledgers"):
        Pair.of(KITA, KITA)
    with pytest.raises(ValueError, match="is not one of"):
        PAIR.counterpart(1)


def movement(payer: int, amount: int, when: datetime = BEGIN, **changes: object) -> Movement:
    return replace(
        Movement(
            transfer=new_id(),
            at=when,
            payer=payer,
            payee=PAIR.counterpart(payer),
            amount=amount,
            code=10,
            reference=UUID(int=7),
        ),
        **changes,  # type: ignore[arg-type]
    )


def test_a_statement_s_text_is_fixed() -> None:
    statement = Statement.of(
        PAIR,
        JUNE,
        [
            movement(MIDORI, 5, BEGIN + HOUR, reference=None, corrects=True),
            movement(KITA, 30),
        ],
    )
    assert statement.text == (
        "kyojo-clearing/v1\n"
        "990019 990027\n"
        "coin\n"
        "2026-06\n"
        "990019>990027 30\n"
        "990027>990019 5\n"
        "2\n"
        "2026-05-31T15:00:00.000000+00:00 990019>990027 30 10"
        " 00000000-0000-0000-0000-000000000007 -\n"
        "2026-05-31T16:00:00.000000+00:00 990027>990019 5 10 - correction\n"
    )
    assert (statement.debtor, statement.amount) == (KITA, 25)
    assert (statement.net(KITA), statement.net(MIDORI)) == (-25, 25)


def test_the_hash_knows_neither_the_side_nor_the_order_but_every_line() -> None:
    lines = [movement(KITA, 30), movement(KITA, 30), movement(MIDORI, 5)]
    said = Statement.of(PAIR, JUNE, lines).hash
    far = [replace(line, transfer=new_id()) for line in reversed(lines)]
    assert Statement.of(PAIR, JUNE, far).hash == said
    assert Statement.of(PAIR, JUNE, lines[1:]).hash != said
    for changes in (
        {"amount": 31},
        {"at": BEGIN + INSTANT},
        {"code": 90},
        {"reference": None},
        {"corrects": True},
        {"payer": MIDORI, "payee": KITA},
    ):
        changed = [replace(lines[0], **changes), *lines[1:]]  # type: ignore[arg-type]
        assert Statement.of(PAIR, JUNE, changed).hash != said, changes


def test_a_statement_takes_nothing_of_a_later_month_or_of_others() -> None:
    Statement.of(PAIR, JUNE, [movement(KITA, 1, END - INSTANT), movement(KITA, 1, BEGIN - HOUR)])
    with pytest.raises(ValueError, match="until"):
        Statement.of(PAIR, JUNE, [movement(KITA, 1, END)])
    with pytest.raises(ValueError, match="not of"):
        Statement.of(PAIR, JUNE, [movement(KITA, 1, payee=990035)])


@pytest.mark.parametrize("debtor", [KITA, MIDORI])
def test_the_legs_of_a_settlement_are_equal_and_opposite(debtor: int) -> None:
    accounts = {KITA: UUID(int=1), MIDORI: UUID(int=2)}
    legs = settlement_legs(pair=PAIR, month=JUNE, debtor=debtor, amount=25, accounts=accounts)
    by_ledger = {leg.ledger: leg for leg in legs}
    creditor = PAIR.counterpart(debtor)
    gives, takes = by_ledger[debtor], by_ledger[creditor]
    assert (gives.debit, gives.credit) == (PAIR.account(debtor), accounts[debtor])
    assert (takes.debit, takes.credit) == (accounts[creditor], PAIR.account(creditor))
    assert {leg.amount for leg in legs} == {25}
    assert [leg.ledger for leg in legs] == sorted(by_ledger)
    assert legs[0].id != legs[1].id


# --- in the database ------------------------------------------------------------------------------


@pytest.fixture
def towns(db: None) -> tuple[Town, Town]:
    services.clearing_open(ledger=KITA, counterpart=MIDORI)
    with at(BEGIN - HOUR):
        return Town(KITA), Town(MIDORI)


def pay(debtor: Town, creditor: Town, amount: int, **changes: object) -> Payment:
    payment = Payment(
        id=new_id(),
        debtor_ledger=debtor.ledger,
        debtor=debtor.carer,
        creditor_ledger=creditor.ledger,
        creditor=creditor.supporter,
        amount=amount,
        code=TransferCode.SUPPORT,
        reference=new_id(),
    )
    return replace(payment, **changes)  # type: ignore[arg-type]


def statement(ledger: int, month: date = JUNE) -> Statement:
    _, until = month_bounds(month)
    with reading(ledger):
        return Statement.of(PAIR, month, clearing.movements(pair=PAIR, ledger=ledger, until=until))


def net(ledger: int) -> int:
    with reading(ledger):
        (found,) = clearing.positions(ledger=ledger, counterparts=[KITA, MIDORI, 990035])
    return found.net


def test_positions_and_statements_agree_from_both_sides(towns: tuple[Town, Town]) -> None:
    kita, midori = towns
    with at(BEGIN):
        services.payment_execute(payments=[pay(kita, midori, 30)])
        held = pay(kita, midori, 20)
        services.payment_hold(payments=[held], timeout_at=None)
    with at(END - INSTANT):
        services.payment_execute(payments=[pay(midori, kita, 12)])
        services.payment_hold(payments=[pay(midori, kita, 7)], timeout_at=None)
    with reading(KITA):
        (position,) = clearing.positions(ledger=KITA, counterparts=[MIDORI])
        assert (position.given, position.received, position.net) == (30, 12, -18)
        assert (position.given_held, position.received_held) == (20, 7)
        assert clearing.positions(ledger=KITA, counterparts=[990035]) == []
    assert (net(KITA), net(MIDORI)) == (-18, 18)
    assert statement(KITA) == replace(statement(MIDORI), movements=statement(KITA).movements), (
        "the same but for the ids of the legs"
    )
    assert statement(KITA).hash == statement(MIDORI).hash
    assert statement(KITA).debtor == KITA
    with at(END):  # a hold over the month's end moves in the month of its post
        services.payment_post(payments=[replace(held, amount=15)])
    assert (statement(KITA).amount, net(KITA)) == (18, -33)
    assert statement(KITA, month_after(JUNE)).amount == 33
    with reading(MIDORI):
        since = clearing.movements(
            pair=PAIR, ledger=MIDORI, since=END, until=END + timedelta(days=1)
        )
        assert [(line.payer, line.amount) for line in since] == [(KITA, 15)]
        assert clearing.movement_count(pair=PAIR, ledger=MIDORI, until=END) == 2


def test_reading_needs_the_ledger_s_own_tenant(towns: tuple[Town, Town]) -> None:
    with reading(KITA):
        for read in (
            lambda: clearing.positions(ledger=MIDORI, counterparts=[KITA]),
            lambda: clearing.movements(pair=PAIR, ledger=MIDORI, until=END),
            lambda: clearing.movement_count(pair=PAIR, ledger=MIDORI, until=END),
        ):
            with pytest.raises(RuntimeError, match="tenancy"):
                read()


def settle(towns: tuple[Town, Town], **changes: object) -> list[Code]:
    kita, midori = towns
    said = {
        "pair": PAIR,
        "month": JUNE,
        "debtor": KITA,
        "amount": 30,
        "accounts": {KITA: kita.issuer, MIDORI: midori.issuer},
    }
    return [result.code for result in clearing.settle(**(said | changes))]  # type: ignore[arg-type]


def test_a_settlement_empties_both_clearing_accounts_once(towns: tuple[Town, Town]) -> None:
    kita, midori = towns
    with at(BEGIN):
        services.payment_execute(payments=[pay(kita, midori, 30)])
    before = [town.balance(town.issuer).posted for town in towns]
    assert settle(towns) == [Code.OK, Code.OK]
    assert settle(towns) == [Code.EXISTS, Code.EXISTS]
    assert (net(KITA), net(MIDORI)) == (0, 0)
    after = [town.balance(town.issuer).posted for town in towns]
    assert after[0] - before[0] == 30, "coins that left 北ひなた are retired into its issuer"
    assert after[1] - before[1] == -30, "みどり浜's issuer stands for what its people received"
    assert midori.balance(midori.supporter).available == 30
    assert statement(KITA).amount == 30, "a settlement is no movement"
    assert settle(towns, month=month_after(JUNE), amount=0) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 31}, "exists_with_different_amount"),
        ({"debtor": MIDORI}, "exists_with_different_debit"),
    ],
)
def test_a_month_is_not_settled_twice(
    towns: tuple[Town, Town], changes: dict[str, object], code: str
) -> None:
    kita, midori = towns
    services.payment_execute(payments=[pay(kita, midori, 30)])
    settle(towns)
    with pytest.raises(LedgerRefusal, match=code):
        settle(towns, **changes)
    assert (net(KITA), net(MIDORI)) == (0, 0)


@pytest.mark.parametrize("missing", [KITA, MIDORI])
def test_one_side_only_cannot_be_settled(towns: tuple[Town, Town], missing: int) -> None:
    kita, midori = towns
    services.payment_execute(payments=[pay(kita, midori, 30)])
    accounts = {KITA: kita.issuer, MIDORI: midori.issuer} | {missing: new_id()}
    before = [town.balance(town.issuer) for town in towns]
    with pytest.raises(LedgerRefusal, match="account_not_found"):
        settle(towns, accounts=accounts)
    assert (net(KITA), net(MIDORI)) == (-30, 30)
    assert [town.balance(town.issuer) for town in towns] == before
    assert balance(KITA, PAIR.account(KITA)).debits_posted == 0
