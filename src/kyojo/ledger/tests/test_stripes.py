"""Accounts of several stripes, batches of linked groups, corrections and histories, one by one.

``test_model`` plays them together; here each promise has its example.
"""

import pytest
from django.db import connection

from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors, services
from kyojo.ledger.errors import CorrectedNotAMovement, ExceedsCorrectedAmount, LedgerRefusal
from kyojo.ledger.types import AMOUNT_MAX, AccountCode, Code, Flag, Kind

from .cast import HOUR, KITA, LIMITED, NOON, Town, at, code_of, open_account, reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return Town()


def treasury(town: Town, coins: int, stripes: int = 16) -> object:
    account = open_account(code=AccountCode.TREASURY, stripes=stripes)
    town.give(account, coins)
    return account


def stripes_of(account: object) -> list[tuple[int, int, int]]:
    """(flags, debits, credits) of each stripe, pending and posted together."""
    with reading(KITA), connection.cursor() as cursor:
        cursor.execute(
            "SELECT flags, debits_pending + debits_posted, credits_pending + credits_posted"
            " FROM ledger_balance WHERE account = %s ORDER BY stripe",
            [account],
        )
        return list(cursor.fetchall())


def test_coins_on_one_stripe_can_be_spent_from_all(town: Town) -> None:
    account = treasury(town, 100)
    assert len(stripes_of(account)) == 16
    for amount in (30, 30, 30, 9):
        assert code_of(town.leg(amount, debit=account)) is Code.OK
    assert code_of(town.leg(2, debit=account)) is Code.EXCEEDS_CREDITS
    assert code_of(town.leg(1, debit=account, kind=Kind.HOLD)) is Code.OK
    assert town.balance(account).available == 0  # type: ignore[arg-type]


def test_a_hold_is_resolved_after_its_account_was_widened(town: Town) -> None:
    account = treasury(town, 100, stripes=1)
    holds = [town.hold(10, debit=account) for _ in range(9)]
    services.account_stripe(ledger=KITA, id=account, stripes=16)  # type: ignore[arg-type]
    legs = [town.resolve(hold, Kind.POST, 4) for hold in holds[:5]]
    legs += [town.resolve(hold, Kind.VOID) for hold in holds[5:]]
    assert {code_of(leg) for leg in legs} == {Code.OK}
    left = town.balance(account)  # type: ignore[arg-type]
    assert (left.held, left.available) == (0, 80)


def test_the_largest_total_is_exact_over_stripes(town: Town) -> None:
    issuer = open_account(code=AccountCode.ISSUER, flags=Flag(0), stripes=16)
    for given in (AMOUNT_MAX - 10, 9):
        assert code_of(town.leg(given, debit=issuer, credit=open_account())) is Code.OK
    assert {flags for flags, _, _ in stripes_of(issuer)} == {16 | 32}
    codes = [code_of(town.leg(1, debit=issuer, credit=open_account())) for _ in range(3)]
    assert codes == [Code.OK, Code.TOTAL_TOO_LARGE, Code.TOTAL_TOO_LARGE]
    legs = [town.leg(1, debit=issuer, credit=open_account()) for _ in range(2)]
    assert {r.code for r in services.batch_execute(ledger=KITA, legs=legs)} == {
        Code.TOTAL_TOO_LARGE
    }


def test_what_cannot_be_widened_says_so(town: Town) -> None:
    diary = open_account(flags=LIMITED | Flag.HISTORY)
    for account, stripes, code in (
        (new_id(), 2, "account_not_found"),
        (town.carer, 3, "stripes_not_allowed"),
        (town.carer, 128, "stripes_not_allowed"),
        (diary, 2, "history_must_not_be_striped"),
    ):
        with pytest.raises(LedgerRefusal) as refused:
            services.account_stripe(ledger=KITA, id=account, stripes=stripes)
        assert refused.value.code == code
    with pytest.raises(LedgerRefusal) as refused:
        open_account(flags=Flag.HISTORY, stripes=2)
    assert refused.value.code == "history_must_not_be_striped"
    services.account_stripe(ledger=KITA, id=town.carer, stripes=4)
    services.account_stripe(ledger=KITA, id=town.carer, stripes=2)  # never fewer
    assert len(stripes_of(town.carer)) == 4
    assert town.balance(town.carer).available == 100


def test_a_striped_account_is_closed_as_a_whole(town: Town) -> None:
    account = treasury(town, 7, stripes=4)
    with pytest.raises(LedgerRefusal):
        services.account_close(ledger=KITA, id=account)  # type: ignore[arg-type]
    code_of(town.leg(7, debit=account))
    services.account_close(ledger=KITA, id=account)  # type: ignore[arg-type]
    legs = [town.leg(1, debit=town.issuer, credit=account) for _ in range(8)]
    assert {code_of(leg) for leg in legs} == {Code.CREDIT_ACCOUNT_CLOSED}


def test_linked_groups_of_a_batch_stand_or_fall_each_for_itself(town: Town) -> None:
    hold = town.leg(60, kind=Kind.HOLD)
    legs = [
        town.leg(10),
        town.leg(500),  # refused, and its group with it
        hold,
        town.resolve(hold, Kind.POST, 20),
        town.leg(80),  # what is left is enough only because the first group failed
        town.leg(1),
    ]
    results = services.batch_execute(ledger=KITA, legs=legs, groups=[7, 7, 3, 3, 9, 9])
    assert [r.code for r in results] == [
        Code.LINKED_EVENT_FAILED,
        Code.EXCEEDS_CREDITS,
        Code.OK,
        Code.OK,
        Code.LINKED_EVENT_FAILED,
        Code.EXCEEDS_CREDITS,
    ]
    assert town.balance(town.carer).available == 80
    again = services.batch_execute(ledger=KITA, legs=legs[2:4], groups=[1, 1])
    assert {r.code for r in again} == {Code.EXISTS}


@pytest.mark.parametrize("groups", [[1], [1, 2, 1], [1, 2, 3, 4]])
def test_groups_that_make_no_sense_are_an_error_of_the_program(
    town: Town, groups: list[int]
) -> None:
    with pytest.raises(ValueError, match="group"):
        services.batch_execute(ledger=KITA, legs=[town.leg(1)] * 3, groups=groups)


def test_a_large_batch_is_one_call(town: Town) -> None:
    account = treasury(town, 1500)
    people = [open_account() for _ in range(150)]
    for giver in (town.issuer, account):
        legs = [town.leg(10, debit=giver, credit=person) for person in people]
        assert {r.code for r in services.batch_execute(ledger=KITA, legs=legs)} == {Code.OK}
        again = services.batch_execute(ledger=KITA, legs=legs)
        assert {r.code for r in again} == {Code.EXISTS}
    assert town.balance(account).available == 0  # type: ignore[arg-type]
    assert {town.balance(person).available for person in people} == {20}


def test_corrections_give_back_no_more_than_was_moved(town: Town) -> None:
    wrong, own = town.leg(9, reference=new_id()), new_id()
    code_of(wrong)
    for wanted in (Code.OK, Code.EXISTS):
        result = services.transfer_correct(ledger=KITA, id=own, transfer=wrong.id, amount=5)
        assert result.code is wanted
    with pytest.raises(ExceedsCorrectedAmount):
        services.transfer_correct(ledger=KITA, id=new_id(), transfer=wrong.id)
    services.transfer_correct(ledger=KITA, id=new_id(), transfer=wrong.id, amount=4)
    assert town.balance(town.carer).available == 100
    with reading(KITA):
        lines = selectors.statement(ledger=KITA, accounts=[town.carer])
    assert {line.reference for line in lines[:3]} == {wrong.reference}
    with pytest.raises(CorrectedNotAMovement):
        services.transfer_correct(ledger=KITA, id=new_id(), transfer=town.hold(3).id)
    with pytest.raises(LedgerRefusal) as refused:
        services.transfer_correct(ledger=KITA, id=new_id(), transfer=new_id())
    assert refused.value.code == "corrected_not_found"


def test_a_history_has_a_line_for_every_change(town: Town) -> None:
    diary = open_account(flags=LIMITED | Flag.HISTORY)
    with at(NOON):
        town.give(diary, 20)
        hold = town.hold(8, debit=diary, timeout_at=NOON + HOUR)
        code_of(town.resolve(hold, Kind.POST, 5))
        town.hold(2, debit=diary, timeout_at=NOON + HOUR)
    with at(NOON + HOUR):
        services.holds_expire(ledger=KITA)
    with reading(KITA), connection.cursor() as cursor:
        cursor.execute(
            "SELECT debits_pending, debits_posted, credits_posted FROM ledger_history"
            " WHERE account = %s ORDER BY written_at",
            [diary],
        )
        lines = cursor.fetchall()
    assert lines == [(0, 0, 20), (8, 0, 20), (0, 5, 20), (2, 5, 20), (0, 5, 20)]
