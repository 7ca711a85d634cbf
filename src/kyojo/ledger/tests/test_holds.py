"""Hold, then post (whole or part), void or expire: once, each a row of its own."""

from uuid import uuid4

import pytest

from kyojo.ledger import services
from kyojo.ledger.errors import LedgerRefusal
from kyojo.ledger.types import Code, Flag, Kind

from .cast import HOUR, KITA, NOON, Town, at, code_of, open_account

pytestmark = pytest.mark.django_db


def sums(town: Town) -> tuple[int, int, int]:
    """What the carer can spend, what is held, what the supporter has."""
    carer = town.balance(town.carer)
    return carer.available, carer.held, town.balance(town.supporter).available


def test_a_hold_sets_coins_aside_and_a_post_moves_them() -> None:
    town = Town()
    hold = town.hold(30)
    assert sums(town) == (70, 30, 0)
    assert code_of(town.resolve(hold, Kind.POST)) is Code.OK
    assert sums(town) == (70, 0, 30)


def test_a_part_is_posted_and_the_rest_returns() -> None:
    town = Town()
    hold = town.hold(30)
    post = town.resolve(hold, Kind.POST, 20)
    assert [code_of(post), code_of(post)] == [Code.OK, Code.EXISTS]
    assert sums(town) == (80, 0, 20)
    assert code_of(town.resolve(hold, Kind.POST, 10)) is Code.PENDING_ALREADY_POSTED


def test_a_void_returns_all_of_it() -> None:
    town = Town()
    hold = town.hold(30)
    void = town.resolve(hold, Kind.VOID, 0)
    assert [code_of(void), code_of(void)] == [Code.OK, Code.EXISTS]
    assert code_of(town.resolve(hold, Kind.VOID, 30, id=void.id)) is Code.EXISTS
    assert sums(town) == (100, 0, 0)


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (Kind.POST, Code.PENDING_ALREADY_POSTED),
        (Kind.VOID, Code.PENDING_ALREADY_VOIDED),
        (Kind.EXPIRE, Code.PENDING_ALREADY_EXPIRED),
    ],
)
@pytest.mark.parametrize("second", [Kind.POST, Kind.VOID, Kind.EXPIRE])
def test_a_hold_is_resolved_once(first: Kind, second: Kind, code: Code) -> None:
    town = Town()
    with at(NOON):
        hold = town.hold(30, timeout_at=NOON + HOUR)
    with at(NOON + (HOUR if first is Kind.EXPIRE else HOUR / 2)):
        assert code_of(town.resolve(hold, first)) is Code.OK
        before = sums(town)
        assert code_of(town.resolve(hold, second)) is code
    with at(NOON + 2 * HOUR):
        assert code_of(town.resolve(hold, second)) is code
        assert services.holds_expire(ledger=KITA) == []
    assert sums(town) == before


def test_held_coins_cannot_be_spent_or_held_again() -> None:
    town = Town()
    hold = town.hold(70)
    assert code_of(town.leg(31)) is Code.EXCEEDS_CREDITS
    assert code_of(town.leg(31, kind=Kind.HOLD)) is Code.EXCEEDS_CREDITS
    assert code_of(town.leg(30)) is Code.OK
    assert code_of(town.resolve(hold, Kind.POST)) is Code.OK, "the limit was checked by the hold"
    assert sums(town) == (0, 0, 100)


def test_coins_held_for_someone_are_not_theirs_yet() -> None:
    town = Town()
    town.hold(70)
    assert code_of(town.leg(1, debit=town.supporter, credit=town.carer)) is Code.EXCEEDS_CREDITS


def test_a_limit_on_receiving_counts_holds() -> None:
    town = Town()
    sink = open_account(flags=Flag.CREDITS_MUST_NOT_EXCEED_DEBITS)
    code_of(town.leg(10, debit=sink, credit=town.supporter))
    town.hold(6, credit=sink)
    assert code_of(town.leg(5, credit=sink)) is Code.EXCEEDS_DEBITS
    assert code_of(town.leg(4, credit=sink)) is Code.OK


def test_what_does_not_fit_the_hold_is_refused() -> None:
    town = Town()
    hold = town.hold(30)
    plain = town.leg(1)
    code_of(plain)
    post, void = Kind.POST, Kind.VOID
    assert code_of(town.resolve(hold, post, 31)) is Code.EXCEEDS_PENDING_AMOUNT
    assert code_of(town.resolve(hold, post, 0)) is Code.AMOUNT_MUST_BE_POSITIVE
    assert code_of(town.resolve(hold, void, 29)) is Code.PENDING_HAS_DIFFERENT_AMOUNT
    assert code_of(town.leg(kind=post, pending_id=uuid4())) is Code.PENDING_NOT_FOUND
    assert code_of(town.leg(kind=post)) is Code.PENDING_ID_REQUIRED
    assert code_of(town.leg(pending_id=hold.id)) is Code.PENDING_ID_NOT_ALLOWED
    assert code_of(town.resolve(plain, post)) is Code.PENDING_NOT_A_HOLD
    other = town.issuer
    assert code_of(town.resolve(hold, post, debit=other)) is Code.PENDING_HAS_DIFFERENT_DEBIT
    assert code_of(town.resolve(hold, post, credit=other)) is Code.PENDING_HAS_DIFFERENT_CREDIT
    assert code_of(town.leg(timeout_at=NOON)) is Code.TIMEOUT_NOT_ALLOWED
    assert sums(town) == (69, 30, 1)


def test_a_hold_that_is_over_waits_for_the_sweep() -> None:
    town = Town()
    with at(NOON):
        hold = town.hold(30, timeout_at=NOON + HOUR)
        later = town.hold(20, timeout_at=NOON + 2 * HOUR)
        firm = town.hold(10)
        assert code_of(town.resolve(hold, Kind.EXPIRE)) is Code.PENDING_NOT_EXPIRED
        assert services.holds_expire(ledger=KITA) == []
    with at(NOON + HOUR):
        assert code_of(town.resolve(hold, Kind.POST)) is Code.PENDING_EXPIRED
        assert code_of(town.resolve(hold, Kind.VOID)) is Code.PENDING_EXPIRED
        assert sums(town) == (40, 60, 0)
        assert services.holds_expire(ledger=KITA) == [hold.id]
        assert services.holds_expire(ledger=KITA) == []
        assert sums(town) == (70, 30, 0)
        assert code_of(town.resolve(hold, Kind.POST)) is Code.PENDING_ALREADY_EXPIRED
        assert code_of(town.resolve(later, Kind.POST)) is Code.OK
    with at(NOON + 24 * HOUR):
        assert code_of(town.resolve(firm, Kind.EXPIRE)) is Code.PENDING_NOT_EXPIRED
        assert services.holds_expire(ledger=KITA) == []


def test_the_sweep_takes_many_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "SWEEP_ROWS", 3)
    town = Town()
    with at(NOON):
        holds = [town.hold(1, timeout_at=NOON + HOUR).id for _ in range(7)]
    with at(NOON + HOUR):
        assert sorted(services.holds_expire(ledger=KITA)) == sorted(holds)
    assert sums(town) == (100, 0, 0)


def test_a_hold_and_its_post_in_one_call() -> None:
    town = Town()
    hold = town.leg(30, kind=Kind.HOLD)
    legs = [hold, town.resolve(hold, Kind.POST, 20), town.resolve(hold, Kind.VOID)]
    with pytest.raises(LedgerRefusal, match="pending_already_posted") as refused:
        services.legs_execute(legs=legs)
    assert refused.value.index == 2
    assert sums(town) == (100, 0, 0)
    services.legs_execute(legs=legs[:2])
    assert sums(town) == (80, 0, 20)
