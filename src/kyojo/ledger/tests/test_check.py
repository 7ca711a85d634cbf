"""Nobody can change what happened, and the check sees it if somebody could."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from kyojo.kernel.ids import new_id
from kyojo.ledger import check, services
from kyojo.ledger.types import Flag, Kind, Payment, Problem

from .cast import HOUR, KITA, MIDORI, NOON, Town, at, code_of, open_account, reading

WRITES = [
    "UPDATE ledger_transfer SET amount = amount + 1",
    "DELETE FROM ledger_transfer",
    "TRUNCATE ledger_transfer",
    "INSERT INTO ledger_transfer SELECT * FROM ledger_transfer",
    "UPDATE ledger_balance SET credits_posted = 0",
    "DELETE FROM ledger_balance",
    "UPDATE ledger_account SET flags = 0",
]


@pytest.mark.django_db
@pytest.mark.parametrize("statement", WRITES)
def test_the_application_cannot_write_past_the_functions(statement: str) -> None:
    town = Town()
    with (
        reading(KITA),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert town.balance(town.carer).available == 100


@pytest.mark.django_db
def test_the_applications_role_cannot_use_the_inner_function() -> None:
    town = Town()
    leg = town.leg()
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        reading(KITA),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT ledger_apply_many(%s, ARRAY[%s], ARRAY[%s], ARRAY[%s], ARRAY[10],"
            " ARRAY['plain'], ARRAY[NULL]::timestamptz[], ARRAY[10], ARRAY[NULL]::uuid[], now())",
            [KITA, leg.id, leg.debit, leg.credit],
        )


@pytest.mark.parametrize("statement", WRITES[:3])
def test_not_even_the_owner_can_change_a_transfer(
    committed_db: None, owner_cursor: psycopg.Cursor[Any], statement: str
) -> None:
    Town()
    owner_cursor.execute("SET ROLE kyojo_owner")
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        owner_cursor.execute(statement)
    owner_cursor.execute("SELECT sum(amount) FROM ledger_transfer")
    assert owner_cursor.fetchone() == (100,)


# --- the check --------------------------------------------------------------------------------


@pytest.fixture
def problems(
    committed_db: None, owner_cursor: psycopg.Cursor[Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[Problem]]:
    """``check()`` as the owner, on a cursor that may also tamper."""

    def rows(statement: str, parameters: Any) -> list[Any]:
        owner_cursor.execute(statement, parameters)  # type: ignore[arg-type]
        return owner_cursor.fetchall()

    def run(**arguments: Any) -> list[Problem]:
        with monkeypatch.context() as patch:
            patch.setattr(check, "_rows", rows)
            return check.check(**arguments)

    return run


@pytest.fixture
def busy(committed_db: None) -> Town:
    """A town that has seen everything, with a neighbour."""
    services.clearing_open(ledger=KITA, counterpart=MIDORI)
    with at(NOON):
        town, there = Town(KITA), Town(MIDORI)
        holds = [town.hold(5, timeout_at=NOON + HOUR) for _ in range(4)]
        services.legs_execute(legs=[town.resolve(holds[0], Kind.POST, 3), town.leg(2)])
        services.legs_execute(legs=[town.resolve(holds[1], Kind.VOID)])
        paid = Payment(
            id=new_id(),
            debtor_ledger=KITA,
            debtor=town.carer,
            creditor_ledger=MIDORI,
            creditor=there.supporter,
            amount=10,
            code=10,
        )
        services.payment_hold(payments=[paid], timeout_at=None)
        services.payment_post(payments=[paid])
    with at(NOON + HOUR):
        assert len(services.holds_expire(ledger=KITA)) == 2
    code_of(town.hold(1))
    diary = open_account(flags=Flag.HISTORY)
    town.give(diary, 20)
    wrong = town.leg(4, debit=diary)
    code_of(wrong)
    services.transfer_correct(ledger=KITA, id=new_id(), transfer=wrong.id, amount=3)
    code_of(town.leg(2, debit=diary, kind=Kind.HOLD))
    return town


def test_a_true_ledger_has_no_problem(busy: Town, problems: Callable[..., list[Problem]]) -> None:
    assert problems() == []
    assert problems(ledgers=[KITA]) == []


def test_the_check_refuses_to_look_through_the_wall(busy: Town) -> None:
    with pytest.raises(RuntimeError, match="owner"):
        check.check()


TAMPERINGS: dict[str, tuple[str, set[str]]] = {
    "a history rewritten": (
        "UPDATE ledger_history SET credits_posted = credits_posted + 1 WHERE debits_pending > 0",
        {"history_follows_its_transfers"},
    ),
    "a line of a history removed": (
        "DELETE FROM ledger_history WHERE transfer = (SELECT min(transfer::text)::uuid"
        " FROM ledger_history)",
        {"history_follows_its_transfers"},
    ),
    "a correction of more than there was": (
        "UPDATE ledger_transfer SET amount = 5 WHERE correction_of IS NOT NULL",
        {
            "correction_gives_back_at_most_what_moved",
            "balance_is_sum_of_transfers",
            "history_follows_its_transfers",
        },
    ),
    "a stripe removed": (
        "DELETE FROM ledger_balance WHERE account = %(far)s AND stripe = (SELECT max(stripe)"
        " FROM ledger_balance WHERE account = %(far)s AND debits_posted + credits_posted = 0)",
        {"balance_belongs_to_account"},
    ),
    "a balance raised": (
        "UPDATE ledger_balance SET credits_posted = credits_posted + 1 WHERE account = %(carer)s",
        {"balance_is_sum_of_transfers", "debits_equal_credits"},
    ),
    "coins moved between two balances": (
        "UPDATE ledger_balance SET credits_posted = credits_posted"
        " + CASE account WHEN %(carer)s THEN -7 ELSE 7 END"
        " WHERE account IN (%(carer)s, %(supporter)s)",
        {"balance_is_sum_of_transfers"},
    ),
    "an amount changed": (
        "UPDATE ledger_transfer SET amount = amount + 1 WHERE kind = 'plain' AND debit = %(carer)s",
        {"balance_is_sum_of_transfers"},
    ),
    "a transfer deleted": (
        "DELETE FROM ledger_transfer WHERE kind = 'void'",
        {"balance_is_sum_of_transfers"},
    ),
    "a hold deleted": (
        "DELETE FROM ledger_transfer h WHERE kind = 'hold' AND EXISTS ("
        " SELECT FROM ledger_transfer r WHERE r.pending_id = h.id AND r.kind = 'void')",
        {"resolution_matches_its_hold"},
    ),
    "a post that goes to somebody else": (
        "UPDATE ledger_transfer SET credit = %(issuer)s WHERE kind = 'post' AND amount = 3",
        {"balance_is_sum_of_transfers", "resolution_matches_its_hold"},
    ),
    "a limit lifted on the balance": (
        "UPDATE ledger_balance SET flags = 0 WHERE account = %(carer)s",
        {"balance_belongs_to_account"},
    ),
    "a currency changed": (
        "UPDATE ledger_account SET currency = 'hour' WHERE id = %(supporter)s",
        {
            "transfer_between_accounts_of_one_currency",
            "debits_equal_credits",
            "balance_belongs_to_account",
        },
    ),
    "the currency of a balance changed": (
        "UPDATE ledger_balance SET currency = 'hour' WHERE account = %(supporter)s",
        {"balance_belongs_to_account"},
    ),
    "a void made after the time": (
        "UPDATE ledger_transfer SET at = at + interval '2 hours' WHERE kind = 'void'",
        {"hold_is_resolved_in_time"},
    ),
    "an expiry before the time": (
        "UPDATE ledger_transfer SET at = at - interval '2 hours' WHERE kind = 'expire'",
        {"hold_is_resolved_in_time"},
    ),
    "everything of one side of a crossing removed": (
        "WITH gone AS (DELETE FROM ledger_transfer WHERE ledger = 990027 AND (kind = 'hold'"
        " OR kind = 'post')) UPDATE ledger_balance SET debits_posted = 0, credits_posted = 0"
        " WHERE ledger = 990027 AND account IN (%(far)s, %(there)s)",
        {"clearing_is_equal_and_opposite"},
    ),
    "a clearing account without a counterpart": (
        "UPDATE ledger_account SET code = 20 WHERE id = %(supporter)s",
        {"clearing_has_a_counterpart"},
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_each_tampering_is_named(
    name: str,
    busy: Town,
    owner_cursor: psycopg.Cursor[Any],
    problems: Callable[..., list[Problem]],
) -> None:
    statement, rules = TAMPERINGS[name]
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute(
        "SELECT credit FROM ledger_transfer WHERE ledger = %s AND kind = 'post'", [MIDORI]
    )
    there = owner_cursor.fetchone()
    assert there is not None
    owner_cursor.execute(
        statement,  # type: ignore[arg-type]
        {
            "carer": busy.carer,
            "supporter": busy.supporter,
            "issuer": busy.issuer,
            "far": services.clearing_account_id(MIDORI, KITA),
            "there": there[0],
        },
    )
    assert owner_cursor.rowcount > 0
    found = problems()
    assert {problem.rule for problem in found} == rules
    assert all(str(problem).count(":") >= 2 for problem in found)
    assert problems(ledgers=[123456]) == []
