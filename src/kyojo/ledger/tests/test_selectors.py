"""What is read: balances, statements, totals; and never silently nothing."""

from datetime import timedelta

import pytest

from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors, services
from kyojo.ledger.types import AccountCode, Flag, Kind, Total

from .cast import HOUR, KITA, LIMITED, MIDORI, NOON, Town, at, code_of, open_account, reading

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.django_db


def test_reading_outside_the_ledgers_tenant_is_an_error_and_not_a_zero() -> None:
    town = Town()
    asked = {"ledger": KITA, "since": NOON, "until": NOON}
    with pytest.raises(RuntimeError, match=r"tenancy\.tenant\(990019\)"):
        selectors.balance(ledger=KITA, account=town.carer)
    with reading(MIDORI):
        for read in (
            lambda: selectors.balances(ledger=KITA, accounts=[town.carer]),
            lambda: selectors.balances_now(ledger=KITA, accounts=[town.carer]),
            lambda: selectors.balances_at(ledger=KITA, accounts=[town.carer], at=NOON),
            lambda: selectors.holds_due(ledger=KITA, balances=[]),
            lambda: selectors.statement(ledger=KITA, accounts=[town.carer]),
            lambda: selectors.account_flags(ledger=KITA, account=town.carer),
            lambda: selectors.totals_by_code(**asked),  # type: ignore[arg-type]
        ):
            with pytest.raises(RuntimeError, match="municipality 990027"):
                read()


def test_an_account_that_was_never_opened_is_not_found() -> None:
    town, nobody = Town(), new_id()
    with reading(KITA):
        assert set(selectors.balances(ledger=KITA, accounts=[town.carer, nobody])) == {town.carer}
        with pytest.raises(NotFound):
            selectors.balance(ledger=KITA, account=nobody)
        with pytest.raises(NotFound):
            selectors.account_flags(ledger=KITA, account=nobody)
        assert selectors.account_flags(ledger=KITA, account=town.carer) == LIMITED


def test_another_towns_account_is_not_found() -> None:
    there = Town(MIDORI)
    with reading(KITA), pytest.raises(NotFound):
        selectors.balance(ledger=KITA, account=there.carer)


def test_a_statement_runs_with_the_balance() -> None:
    town = Town()
    visit = new_id()
    hold = town.hold(30, reference=visit)
    code_of(town.resolve(hold, Kind.POST, 20, reference=visit))
    other = town.hold(5)
    code_of(town.resolve(other, Kind.VOID))
    with reading(KITA):
        entries = selectors.statement(ledger=KITA, accounts=[town.carer])
        latest = selectors.statement(ledger=KITA, accounts=[town.carer], limit=2)
        received = selectors.statement(ledger=KITA, accounts=[town.supporter], limit=None)
    assert [(e.kind, e.change, e.available_change, e.balance, e.available) for e in entries] == [
        (Kind.VOID, 0, 5, 80, 80),
        (Kind.HOLD, 0, -5, 80, 75),
        (Kind.POST, -20, 10, 80, 80),
        (Kind.HOLD, 0, -30, 100, 70),
        (Kind.PLAIN, 100, 100, 100, 100),
    ]
    assert latest == entries[:2]
    assert entries[2].counterpart == town.supporter
    assert (entries[2].reference, entries[2].pending_id) == (visit, hold.id)
    assert [(e.kind, e.change, e.balance, e.available) for e in received] == [
        (Kind.VOID, 0, 20, 20),
        (Kind.HOLD, 0, 20, 20),
        (Kind.POST, 20, 20, 20),
        (Kind.HOLD, 0, 0, 0),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_an_expiry_that_was_written_late_pushes_no_newer_line_out(limit: int) -> None:
    with at(NOON - HOUR):
        town = Town()
    with at(NOON):
        town.hold(10, timeout_at=NOON + HOUR)
    with at(NOON + HOUR + MINUTE):
        code_of(town.leg(3))
    with at(NOON + HOUR + 5 * MINUTE):
        services.holds_expire(ledger=KITA)
        with reading(KITA):
            whole = selectors.statement(ledger=KITA, accounts=[town.carer], limit=None)
            newest = selectors.statement(ledger=KITA, accounts=[town.carer], limit=limit)
    assert [e.kind for e in whole] == [Kind.PLAIN, Kind.EXPIRE, Kind.HOLD, Kind.PLAIN]
    assert newest == whole[:limit]


def test_several_accounts_read_as_one() -> None:
    town = Town()
    newer = open_account()
    town.give(newer, 50)
    code_of(town.leg(30, debit=town.carer, credit=newer))
    code_of(town.leg(60, debit=newer, credit=town.supporter))
    with reading(KITA):
        entries = selectors.statement(ledger=KITA, accounts=[town.carer, newer, town.carer])
        assert selectors.statement(ledger=KITA, accounts=[]) == []
    assert [(e.change, e.balance) for e in entries[:1]] == [(-60, 90)]
    assert sorted(e.change for e in entries[1:3]) == [-30, 30]
    assert [e.balance for e in entries[3:]] == [150, 100]
    assert entries[1].balance == 150


def test_totals_count_what_moved_in_a_span_of_time() -> None:
    with at(NOON):
        town = Town()
        hold = town.hold(30)
        town.hold(7)
    with at(NOON + HOUR):
        code_of(town.resolve(hold, Kind.POST, 20))
        code_of(town.leg(3, code=30))
    late = {"ledger": KITA, "since": NOON + HOUR, "until": NOON + 2 * HOUR}
    with reading(KITA):
        assert selectors.totals_by_code(ledger=KITA, since=NOON, until=NOON + HOUR) == {
            2: Total(2, 1, 100)
        }
        totals = selectors.totals_by_code(**late)  # type: ignore[arg-type]
        assert totals == {10: Total(10, 1, 20), 30: Total(30, 1, 3)}
        assert set(selectors.totals_by_code(**late, code=30)) == {30}  # type: ignore[arg-type]
        paid = selectors.totals_by_code(**late, credited=[town.supporter])  # type: ignore[arg-type]
        assert paid == totals
        assert selectors.totals_by_code(**late, debited=[town.supporter]) == {}  # type: ignore[arg-type]


def test_an_issuer_is_below_zero_by_what_it_issued() -> None:
    issuer = open_account(code=AccountCode.ISSUER, flags=Flag(0))
    town = Town()
    code_of(town.leg(12, debit=issuer, credit=town.carer))
    with reading(KITA):
        balance = selectors.balance(ledger=KITA, account=issuer)
    assert (balance.available, balance.posted, balance.held) == (-12, -12, 0)
