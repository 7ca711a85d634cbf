"""Plain transfers: they move, they refuse, they are idempotent, they are all or nothing."""

from dataclasses import replace
from uuid import uuid4

import pytest

from kyojo.kernel.ids import new_id
from kyojo.ledger import services
from kyojo.ledger.errors import CLASSES, ExceedsCredits, LedgerRefusal
from kyojo.ledger.types import AMOUNT_MAX, AccountCode, AccountResult, Code, Flag, Kind

from .cast import HOUR, KITA, MIDORI, NOON, Town, at, balance, code_of, open_account

pytestmark = pytest.mark.django_db


def test_coins_move_from_debit_to_credit() -> None:
    town = Town()
    (result,) = services.legs_execute(legs=[town.leg(30)])
    assert (result.index, result.code, result.ok) == (0, Code.OK, True)
    assert town.balance(town.carer).available == 70
    assert town.balance(town.supporter).available == 30
    assert town.balance(town.issuer).available == -100


def test_the_same_leg_again_exists_even_after_the_balances_changed() -> None:
    town = Town()
    leg = town.leg(100)
    assert code_of(leg) is Code.OK
    assert code_of(leg) is Code.EXISTS
    assert services.legs_execute(legs=[leg])[0].ok
    assert town.balance(town.supporter).posted == 100


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": 11}, Code.EXISTS_WITH_DIFFERENT_AMOUNT),
        ({"amount": 0}, Code.EXISTS_WITH_DIFFERENT_AMOUNT),
        ({"code": 30}, Code.EXISTS_WITH_DIFFERENT_CODE),
        ({"kind": Kind.HOLD}, Code.EXISTS_WITH_DIFFERENT_KIND),
        ({"reference": uuid4()}, Code.EXISTS_WITH_DIFFERENT_REFERENCE),
        ({"debit": uuid4()}, Code.EXISTS_WITH_DIFFERENT_DEBIT),
        ({"debit": None}, Code.EXISTS_WITH_DIFFERENT_DEBIT),
        ({"credit": uuid4()}, Code.EXISTS_WITH_DIFFERENT_CREDIT),
        ({"credit": None}, Code.EXISTS_WITH_DIFFERENT_CREDIT),
        ({"correction_of": uuid4()}, Code.EXISTS_WITH_DIFFERENT_CORRECTION),
        ({"pending_id": uuid4()}, Code.EXISTS_WITH_DIFFERENT_PENDING_ID),
        ({"timeout_at": NOON}, Code.EXISTS_WITH_DIFFERENT_TIMEOUT),
    ],
)
def test_the_same_id_with_another_body_is_refused(change: dict[str, object], code: Code) -> None:
    town = Town()
    leg = town.leg(10)
    code_of(leg)
    assert code_of(replace(leg, **change)) is code  # type: ignore[arg-type]
    assert town.balance(town.supporter).posted == 10


def test_a_limited_account_cannot_give_more_than_it_has() -> None:
    town = Town()
    with pytest.raises(ExceedsCredits) as refused:
        services.legs_execute(legs=[town.leg(101)])
    assert (refused.value.code, refused.value.index) == ("exceeds_credits", 0)
    assert "センター" in refused.value.message()
    assert town.balance(town.carer).available == 100
    assert code_of(town.leg(100)) is Code.OK


def test_an_account_can_be_kept_from_receiving_more_than_it_gave() -> None:
    town = Town()
    sink = open_account(flags=Flag.CREDITS_MUST_NOT_EXCEED_DEBITS)
    assert code_of(town.leg(1, credit=sink)) is Code.EXCEEDS_DEBITS
    assert code_of(town.leg(5, debit=sink, credit=town.supporter)) is Code.OK
    assert code_of(town.leg(6, credit=sink)) is Code.EXCEEDS_DEBITS
    assert code_of(town.leg(5, credit=sink)) is Code.OK


def test_linked_legs_succeed_or_fail_together() -> None:
    town = Town()
    legs = [town.leg(60), town.leg(10, credit=uuid4()), town.leg(60)]
    with pytest.raises(LedgerRefusal) as refused:
        services.legs_execute(legs=legs)
    assert (refused.value.code, refused.value.index) == ("credit_account_not_found", 1)
    assert town.balance(town.carer).available == 100
    assert code_of(legs[0]) is Code.OK, "the refused call left no row behind"


def test_a_batch_reports_each_row_and_keeps_the_good_ones() -> None:
    town = Town()
    legs = [town.leg(60), town.leg(60), town.leg(40), town.leg(0)]
    results = services.batch_execute(ledger=KITA, legs=legs)
    assert [r.code for r in results] == [
        Code.OK,
        Code.EXCEEDS_CREDITS,
        Code.OK,
        Code.AMOUNT_MUST_BE_POSITIVE,
    ]
    again = services.batch_execute(ledger=KITA, legs=legs)
    assert [r.code for r in again][::2] == [Code.EXISTS, Code.EXISTS]
    assert town.balance(town.supporter).posted == 100


def test_a_batch_takes_legs_of_one_ledger_only() -> None:
    town = Town()
    with pytest.raises(ValueError, match="another ledger"):
        services.batch_execute(ledger=MIDORI, legs=[town.leg()])


def test_legs_of_a_call_are_decided_in_the_order_given() -> None:
    town = Town()
    spend = town.leg(100)
    onward = town.leg(100, debit=town.supporter, credit=town.issuer)
    assert [r.ok for r in services.batch_execute(ledger=KITA, legs=[onward, spend])] == [
        False,
        True,
    ]
    back = town.leg(100, debit=town.supporter, credit=town.carer)
    services.legs_execute(legs=[back, town.leg(100), replace(onward, id=new_id())])
    assert town.balance(town.issuer).available == 0


def test_one_id_twice_in_a_call() -> None:
    town = Town()
    leg = town.leg(10)
    results = services.legs_execute(legs=[leg, replace(leg, amount=11), leg], linked=False)
    assert [r.code for r in results] == [
        Code.OK,
        Code.EXISTS_WITH_DIFFERENT_AMOUNT,
        Code.EXISTS,
    ]
    assert town.balance(town.supporter).posted == 10


def test_no_leg_is_no_work() -> None:
    assert services.legs_execute(legs=[]) == []


def test_ten_thousand_carers_in_one_call() -> None:
    town = Town()
    carers = [open_account() for _ in range(20)]
    legs = [town.leg(1, debit=town.issuer, credit=carers[i % 20]) for i in range(10_000)]
    assert {r.code for r in services.batch_execute(ledger=KITA, legs=legs)} == {Code.OK}
    assert town.balance(carers[7]).posted == 500


def test_amounts_and_totals_have_a_ceiling() -> None:
    town = Town()
    big = {"debit": town.issuer, "credit": town.supporter}
    assert code_of(town.leg(AMOUNT_MAX + 1, **big)) is Code.AMOUNT_TOO_LARGE
    assert code_of(town.leg(AMOUNT_MAX, **big)) is Code.TOTAL_TOO_LARGE
    assert code_of(town.leg(AMOUNT_MAX - 100, **big)) is Code.OK
    assert code_of(town.leg(1, **big)) is Code.TOTAL_TOO_LARGE


@pytest.mark.parametrize("side", ["debit", "credit"])
def test_a_batch_that_passes_the_ceiling_by_one_coin_counts_it(side: str) -> None:
    """2^53 + 1 is no double: whoever adds amounts up as doubles gets 2^53."""
    town = Town()
    unlimited = {"code": AccountCode.TREASURY, "flags": Flag(0)}
    ends = [
        {"debit": open_account(**unlimited), "credit": open_account(**unlimited)}  # type: ignore[arg-type]
        for _ in range(2)
    ]
    hot = ends[1][side] = ends[0][side]
    legs = [town.leg(AMOUNT_MAX, **ends[0]), town.leg(1, **ends[1])]
    results = services.batch_execute(ledger=KITA, legs=legs)
    assert [result.code for result in results] == [Code.OK, Code.TOTAL_TOO_LARGE]
    found = town.balance(hot)
    assert found.debits_posted + found.credits_posted == AMOUNT_MAX


def test_a_correction_names_what_it_corrects() -> None:
    town = Town()
    wrong = town.leg(10)
    code_of(wrong)
    right = {"debit": town.supporter, "credit": town.carer, "code": 90}
    assert code_of(town.leg(10, **right, correction_of=uuid4())) is Code.CORRECTED_NOT_FOUND
    assert code_of(town.leg(10, **right, correction_of=wrong.id)) is Code.OK


def test_opening_an_account_is_idempotent_and_strict() -> None:
    account = new_id()
    asked = {"ledger": KITA, "id": account, "currency": "coin", "code": AccountCode.PERSON}
    services.account_open(**asked, vintage=2026)  # type: ignore[arg-type]
    services.account_open(**asked, vintage=2026)  # type: ignore[arg-type]
    for change, code in (
        ({"currency": "hour"}, AccountResult.EXISTS_WITH_DIFFERENT_CURRENCY),
        ({"code": AccountCode.ISSUER}, AccountResult.EXISTS_WITH_DIFFERENT_CODE),
        ({"vintage": 2027}, AccountResult.EXISTS_WITH_DIFFERENT_VINTAGE),
        ({"flags": Flag.HISTORY}, AccountResult.EXISTS_WITH_DIFFERENT_FLAGS),
    ):
        with pytest.raises(LedgerRefusal) as refused:
            services.account_open(**(asked | {"vintage": 2026} | change))  # type: ignore[arg-type]
        assert refused.value.code == code.value
    assert balance(KITA, account).posted == 0


def test_a_closed_account_neither_gives_nor_receives() -> None:
    town = Town()
    with pytest.raises(LedgerRefusal, match="account_not_empty"):
        services.account_close(ledger=KITA, id=town.carer)
    hold = town.hold(10)
    with pytest.raises(LedgerRefusal, match="account_has_holds"):
        services.account_close(ledger=KITA, id=town.supporter)
    code_of(town.resolve(hold, Kind.VOID))
    services.account_close(ledger=KITA, id=town.supporter)
    services.account_close(ledger=KITA, id=town.supporter)
    assert code_of(town.leg()) is Code.CREDIT_ACCOUNT_CLOSED
    assert code_of(town.leg(debit=town.supporter, credit=town.carer)) is Code.DEBIT_ACCOUNT_CLOSED
    with pytest.raises(LedgerRefusal, match="account_not_found"):
        services.account_close(ledger=KITA, id=uuid4())
    # An open in retry still says that it exists.
    services.account_open(
        ledger=KITA, id=town.supporter, currency="coin", code=AccountCode.PERSON, flags=Flag(1)
    )


def test_every_refusal_has_a_class_and_a_sentence() -> None:
    for code in (*Code, *AccountResult):
        if code not in ("ok", "exists"):
            error = CLASSES[code.value](index=3)
            assert (error.code, error.index) == (code.value, 3)
            assert error.message().endswith("。")


def test_time_is_the_applications() -> None:
    with at(NOON):
        town = Town()
        hold = town.leg(kind=Kind.HOLD, timeout_at=NOON + HOUR)
        assert code_of(hold) is Code.OK
    with at(NOON + 2 * HOUR):
        assert code_of(hold) is Code.EXISTS
        assert code_of(replace(hold, id=new_id())) is Code.TIMEOUT_MUST_BE_IN_THE_FUTURE
