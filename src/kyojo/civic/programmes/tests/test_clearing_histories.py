"""Clearing over long random histories of three towns, and under two officers at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes.clearing_check import clearing_check
from kyojo.civic.programmes.models import ClearingLine, ClearingSettlement
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.ledger import services as ledger
from kyojo.ledger.clearing_domain import Pair, month_after, month_bounds, month_of
from kyojo.ledger.types import Payment

from .clearing_cast import (
    IN_NOVEMBER,
    IN_OCTOBER,
    KITA,
    MIDORI,
    OCTOBER,
    SATO,
    Scene,
    agree,
    agreed,
    everything,
    issuer_posted,
    net,
    propose,
    row,
    scene_make,
    settle,
)

TOWNS = (KITA, MIDORI, SATO)
PAIRS = [Pair.of(KITA, MIDORI), Pair.of(KITA, SATO), Pair.of(MIDORI, SATO)]

pairs = st.sampled_from([(one, other) for one in TOWNS for other in TOWNS if one != other])
amounts = st.integers(1, 60)
steps = st.one_of(
    st.tuples(st.just("pay"), pairs, amounts),
    st.tuples(st.just("late"), pairs, amounts),
    st.tuples(st.just("hold"), pairs, amounts),
    st.tuples(st.just("post"), st.integers(0, 50), amounts),
    st.tuples(st.just("void"), st.integers(0, 50), amounts),
    st.tuples(st.just("correct"), st.integers(0, 50), amounts),
    st.tuples(st.just("month"), pairs, amounts),
    st.tuples(st.just("propose"), pairs, amounts),
    st.tuples(st.just("settle"), pairs, amounts),
)


class History:
    """The scene, and what plain counting says of it: ``owed[pair]`` positive is owed to low."""

    def __init__(self) -> None:
        self.scene = scene_make(*TOWNS)
        self.month = date(2026, 6, 1)
        self.day = 2
        self.owed = dict.fromkeys(PAIRS, 0)
        self.settled = dict.fromkeys(PAIRS, 0)
        self.holds: list[Payment] = []
        self.paid: list[Payment] = []

    def now(self):  # type: ignore[no-untyped-def]
        return clock.frozen(clock.at(self.month.replace(day=self.day), 10))

    def moved(self, payment: Payment, sign: int = 1) -> None:
        pair = Pair.of(payment.debtor_ledger, payment.creditor_ledger)
        to_low = payment.creditor_ledger == pair.low
        self.owed[pair] += sign * (-payment.amount if to_low else payment.amount) * -1

    def do(self, what: str, key: object, amount: int) -> None:
        with self.now():
            getattr(self, what)(key, amount)
        self.day = min(self.day + 1, 28)

    def pay(self, key: tuple[int, int], amount: int) -> None:
        payment = self.scene.pay(*key, amount)
        self.paid.append(payment)
        self.moved(payment)

    def late(self, key: tuple[int, int], amount: int) -> None:
        """Business time of the month before, written now: a transaction over the month's end."""
        begins, _ = month_bounds(self.month)
        with clock.frozen(begins.replace(microsecond=0) - (IN_NOVEMBER - IN_OCTOBER) / 1000):
            self.pay(key, amount)

    def hold(self, key: tuple[int, int], amount: int) -> None:
        payment = self.scene.payment(*key, amount)
        ledger.payment_hold(payments=[payment], timeout_at=None)
        self.holds.append(payment)

    def post(self, key: int, amount: int) -> None:
        if self.holds:
            held = self.holds.pop(key % len(self.holds))
            posted = replace(held, amount=min(amount, held.amount))
            ledger.payment_post(payments=[posted])
            self.moved(posted)

    def void(self, key: int, amount: int) -> None:
        if self.holds:
            ledger.payment_void(payments=[self.holds.pop(key % len(self.holds))])

    def correct(self, key: int, amount: int) -> None:
        if self.paid:
            wrong = self.paid.pop(key % len(self.paid))
            self.scene.correct(wrong)
            self.moved(wrong, -1)

    def month(self, key: object, amount: int) -> None: ...

    def propose(self, key: tuple[int, int], amount: int) -> None:
        for month in self.months_over():
            try:
                propose(*key, month)
            except Refusal as refused:
                assert refused.code in ("clearing_nothing", "clearing_month_passed")

    def settle(self, key: tuple[int, int], amount: int) -> None:
        """Agree to and settle one month that waits, whichever it is."""
        here, there = key
        with tenant(here):
            waiting = list(
                ClearingSettlement.objects.filter(
                    counterpart_id=there, settled_at=None
                ).values_list("uid", flat=True)
            )
        if waiting:
            uid = waiting[amount % len(waiting)]
            agree(here, uid)
            agree(there, uid)
            done = settle(here, uid)
            assert settle(there, uid).uid == uid
            pair = Pair.of(here, there)
            self.settled[pair] += done.amount * (-1 if done.debtor_id == pair.low else 1)

    def months_over(self) -> list[date]:
        months = [date(2026, 5, 1)]
        while month_after(months[-1]) < self.month:
            months.append(month_after(months[-1]))
        return months

    def next_month(self) -> None:
        self.month, self.day = month_after(self.month), 2

    def check(self) -> None:
        for pair in PAIRS:
            low, high = pair.ledgers
            assert net(low, high) == -net(high, low), "equal and opposite"
            assert net(low, high) == self.owed[pair] - self.settled[pair]

    def close(self) -> None:
        """A month later all is proposed and settled, and nobody owes anybody anything."""
        while self.holds:
            self.do("void", 0, 0)
        self.next_month()
        for pair in PAIRS:
            self.do("propose", pair.ledgers, 0)
            with tenant(pair.low):
                waits = ClearingSettlement.objects.filter(
                    counterpart_id=pair.high, settled_at=None
                ).count()
            for _ in range(waits):
                self.do("settle", pair.ledgers[::-1], 0)
            assert net(*pair.ledgers) == 0
            self.alike(pair)

    def alike(self, pair: Pair) -> None:
        """Both towns have the same months and statements, and every movement on one of them."""
        said = []
        for town in pair.ledgers:
            with tenant(town):
                rows = ClearingSettlement.objects.filter(counterpart_id=pair.counterpart(town))
                said.append(
                    list(rows.order_by("month").values_list("uid", "statement_hash", "amount"))
                )
                lines = ClearingLine.objects.filter(settlement__in=rows)
                assert all(month_of(line.at) <= line.settlement.month for line in lines)
        assert said[0] == said[1]


@pytest.mark.django_db
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(steps, min_size=10, max_size=30))
def test_any_history_clears(db: None, history: list[tuple[str, object, int]]) -> None:
    clear_all(history)


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(steps, min_size=20, max_size=120))
def test_any_long_history_clears(db: None, history: list[tuple[str, object, int]]) -> None:
    clear_all(history)


def clear_all(history: list[tuple[str, object, int]]) -> None:
    with transaction.atomic():
        play = History()
        issued = {town: issuer_posted(town) for town in TOWNS}
        for what, key, amount in history:
            if what == "month":
                play.next_month()
            else:
                play.do(what, key, amount)
            play.check()
        play.close()
        assert sum(issuer_posted(town) - issued[town] for town in TOWNS) == 0
        transaction.set_rollback(True)


# --- both towns at once ---------------------------------------------------------------------------


def together(*acts):  # type: ignore[no-untyped-def]
    """Each act in a thread of its own, at the same moment; what each answered."""

    def one(act):  # type: ignore[no-untyped-def]
        try:
            with clock.frozen(IN_NOVEMBER):
                return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [task.result() for task in [pool.submit(one, act) for act in acts]]


@pytest.fixture
def busy(committed_db: None) -> Scene:
    with clock.frozen(IN_NOVEMBER):
        made = scene_make(KITA, MIDORI)
        made.pay(KITA, MIDORI, 100, IN_OCTOBER)
        made.pay(MIDORI, KITA, 30, IN_OCTOBER)
    return made


def test_both_towns_press_at_once_and_it_happens_once(busy: Scene) -> None:
    both = [KITA, MIDORI] * 4
    proposed = together(
        *(lambda town=town: propose(town, KITA + MIDORI - town, OCTOBER) for town in both)
    )
    (uid,) = {one.uid for one in proposed}
    states = together(*(lambda town=town: agree(town, uid).state for town in both))
    assert "agreed" in states
    assert {row(town, uid).state for town in (KITA, MIDORI)} == {"agreed"}
    with clock.frozen(IN_NOVEMBER):
        busy.pay(KITA, MIDORI, 1)
    issued = issuer_posted(KITA)
    assert set(together(*(lambda town=town: settle(town, uid).state for town in both))) == {
        "settled"
    }
    assert (net(KITA, MIDORI), net(MIDORI, KITA)) == (-1, 1)
    assert issuer_posted(KITA) - issued == 70


def test_settling_while_coins_move(busy: Scene) -> None:
    with clock.frozen(IN_NOVEMBER):
        uid = agreed(KITA, MIDORI, OCTOBER).uid
    payments = [
        (lambda: busy.pay(KITA, MIDORI, 2)) if index % 2 else (lambda: busy.pay(MIDORI, KITA, 3))
        for index in range(20)
    ]
    together(*payments, lambda: settle(KITA, uid), lambda: settle(MIDORI, uid))
    assert (net(KITA, MIDORI), net(MIDORI, KITA)) == (10, -10)


def test_two_towns_that_name_different_rates_never_agree_by_accident(busy: Scene) -> None:
    with clock.frozen(IN_NOVEMBER):
        uid = propose(KITA, MIDORI, OCTOBER).uid
    together(lambda: agree(KITA, uid, 3), lambda: agree(MIDORI, uid, 5))
    near, far = row(KITA, uid), row(MIDORI, uid)
    assert near.state == far.state == "proposed"
    assert near.yen_per_coin == far.yen_per_coin
    assert (near.agreed_at is None) != (far.agreed_at is None), "the later rate stands alone"
    before = everything(KITA, MIDORI)
    with pytest.raises(Refusal, match="clearing_not_agreed"):
        settle(KITA, uid)
    assert everything(KITA, MIDORI) == before


# --- somebody meddles past the walls --------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE programmes_clearingsettlement SET amount = 71, given = given + 1"
            " WHERE municipality_id = 990019",
            "its figures",
        ),
        (
            "UPDATE programmes_clearingsettlement SET statement_hash = repeat('0', 64)",
            "its figures",
        ),
        ("UPDATE programmes_clearingline SET amount = amount + 1", "no movement like its line"),
        ("DELETE FROM programmes_clearingline WHERE amount = 30", "its figures"),
        ("DELETE FROM programmes_clearingsettlement WHERE municipality_id = 990027", "other town"),
        (
            "UPDATE programmes_clearingsettlement SET state = 'agreed', settled_at = NULL",
            "the ledger settled -70",
        ),
    ],
)
def test_a_settlement_that_was_tampered_with_is_named(
    busy: Scene, owner_cursor, statement: str, said: str
) -> None:
    with clock.frozen(IN_NOVEMBER):
        settle(KITA, agreed(KITA, MIDORI, OCTOBER).uid)
    assert clearing_check() == []
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute(statement)
    assert owner_cursor.rowcount
    found = clearing_check()
    assert any(said in finding and "2026-10" in finding for finding in found), found


def test_a_trigger_that_is_off_is_named(busy: Scene, owner_cursor) -> None:
    table = "ALTER TABLE programmes_clearingline {} TRIGGER programmes_clearing_line_append_only"
    owner_cursor.execute(table.format("DISABLE"))
    try:
        assert clearing_check() == [
            "clearing: the trigger programmes_clearing_line_append_only is gone or off"
        ]
    finally:
        owner_cursor.execute(table.format("ENABLE"))
