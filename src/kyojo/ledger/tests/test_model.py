"""The SQL and a plain Python model agree on every code and every sum over random histories."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import count
from random import Random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors, services
from kyojo.ledger.errors import LedgerRefusal
from kyojo.ledger.types import Balance, Code, Flag, Kind, Leg

from .cast import HOUR, NOON, at, open_account, reading
from .model import SUCCESS, Account, Model

pytestmark = pytest.mark.django_db
LEDGERS = count(1)
SEEN: Counter[Code] = Counter()

#: currency and flags of the accounts of a history: 0 issues; the last place is nobody's.
ACCOUNTS = [
    ("coin", Flag(0)),
    ("coin", Flag.DEBITS_MUST_NOT_EXCEED_CREDITS),
    ("coin", Flag.DEBITS_MUST_NOT_EXCEED_CREDITS),
    ("coin", Flag.CREDITS_MUST_NOT_EXCEED_DEBITS),
    ("hour", Flag(0)),
]
PLACES = [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 4, 5]


class Drafts:
    """Draws legs, mostly sensible, each part now and then not. ``history`` says what there is."""

    def __init__(self, history: "History", rng: Random) -> None:
        self.history, self.rng = history, rng

    def seldom(self) -> bool:
        return self.rng.random() < 0.1

    def account(self) -> UUID:
        return self.history.accounts[self.rng.choice(PLACES)]

    def some_leg(self) -> UUID:
        return self.rng.choice(self.history.legs[-10:]).id if self.history.legs else new_id()

    def some_hold(self) -> UUID:
        transfers = self.history.model.transfers.values()
        holds = [leg.id for leg in transfers if leg.kind is Kind.HOLD]
        return self.rng.choice(holds[-5:]) if holds else new_id()

    def timeout(self) -> datetime:
        return self.history.now + self.rng.choice([0, 1, 1, 2, 3]) * HOUR

    def leg(self) -> Leg:
        if self.history.legs and self.seldom():
            return self.varied(self.rng.choice(self.history.legs[-10:]))
        leg = self.resolution() if self.rng.random() < 0.4 else self.movement()
        self.history.legs.append(leg)
        return leg

    def movement(self) -> Leg:
        kind = self.rng.choice([Kind.PLAIN, Kind.HOLD, Kind.HOLD])
        return Leg(
            ledger=self.history.ledger,
            id=self.some_leg() if self.seldom() else new_id(),
            debit=self.account(),
            credit=self.account(),
            amount=self.rng.randint(-1, 25),
            kind=kind,
            pending_id=self.some_hold() if self.seldom() else None,
            timeout_at=self.timeout() if (kind is Kind.HOLD) != self.seldom() else None,
            code=10,
            correction_of=self.rng.choice([self.some_leg(), new_id()]) if self.seldom() else None,
        )

    def resolution(self) -> Leg:
        hold = self.history.model.transfers.get(pending := self.some_hold())
        whole = hold.amount if hold else 1
        return Leg(
            ledger=self.history.ledger,
            id=self.some_leg() if self.seldom() else new_id(),
            debit=self.account() if self.seldom() else None,
            credit=self.account() if self.seldom() else None,
            amount=self.rng.choice([whole, whole, 0, 1, whole - 1, whole + 1]),
            kind=self.rng.choice([Kind.POST, Kind.POST, Kind.VOID, Kind.EXPIRE]),
            pending_id=self.rng.choice([None, self.some_leg()]) if self.seldom() else pending,
            timeout_at=self.timeout() if self.seldom() else None,
            code=10,
            correction_of=self.rng.choice([self.some_leg(), new_id()]) if self.seldom() else None,
        )

    def varied(self, leg: Leg) -> Leg:
        """A leg tried before, with at most one thing changed."""
        changes: list[dict[str, object]] = [
            {},
            {"amount": leg.amount + 1},
            {"code": 30},
            {"reference": new_id()},
            {"debit": self.account()},
            {"credit": self.account()},
            {"correction_of": new_id()},
            {"timeout_at": self.timeout()},
            {"pending_id": new_id()},
        ]
        return replace(leg, **self.rng.choice(changes))  # type: ignore[arg-type]


class History:
    """A ledger of its own, in the database and in the model."""

    def __init__(self) -> None:
        self.ledger = next(LEDGERS)
        self.now = NOON
        self.model = Model()
        self.legs: list[Leg] = []
        self.accounts: list[UUID] = []
        for currency, flags in ACCOUNTS:
            account = open_account(self.ledger, currency=currency, flags=flags)
            self.accounts.append(account)
            self.model.accounts[account] = Account(currency, flags)
        self.accounts.append(new_id())
        self.call([self.first(1), self.first(2)], linked=True)

    def first(self, place: int) -> Leg:
        issuer, account = self.accounts[0], self.accounts[place]
        return Leg(ledger=self.ledger, id=new_id(), debit=issuer, credit=account, amount=50, code=2)

    def call(self, legs: list[Leg], *, linked: bool) -> None:
        wanted = self.model.execute(legs, self.now, linked=linked)
        SEEN.update(wanted)
        with at(self.now):
            try:
                codes = [r.code for r in services.legs_execute(legs=legs, linked=linked)]
            except LedgerRefusal as refused:
                first = next(c for c in wanted if c not in (*SUCCESS, Code.LINKED_EVENT_FAILED))
                assert (refused.code, refused.index) == (first, wanted.index(first))
                return
        assert codes == wanted

    def sweep(self) -> None:
        due = self.model.due(self.now)
        with at(self.now):
            assert set(services.holds_expire(ledger=self.ledger)) == {hold.id for hold in due}
        for hold in due:
            expiry = Leg(
                ledger=self.ledger,
                id=services.derived_id(hold.id, "expire"),
                amount=0,
                kind=Kind.EXPIRE,
                pending_id=hold.id,
                code=hold.code,
            )
            assert self.model.one(expiry, self.now) is Code.OK

    def close(self, place: int) -> None:
        account = self.model.accounts[self.accounts[place]]
        dp, dd, cp, cc = account.sums
        try:
            services.account_close(ledger=self.ledger, id=self.accounts[place])
        except LedgerRefusal as refused:
            assert refused.code == ("account_has_holds" if dp or cp else "account_not_empty")
            assert dp or cp or dd != cc
        else:
            assert not (dp or cp) and dd == cc
            account.flags |= Flag.CLOSED

    def compare(self) -> None:
        self.sweep()  # a hold whose time has come reads as returned, with or without its row
        with at(self.now), reading(self.ledger):
            balances = selectors.balances(ledger=self.ledger, accounts=self.accounts)
            entries = {
                account: selectors.statement(ledger=self.ledger, accounts=[account], limit=None)
                for account in self.model.accounts
            }
        for key, account in self.model.accounts.items():
            dp, dd, cp, cc = account.sums
            assert balances[key] == Balance(key, dp, dd, cp, cc)
            lines = entries[key]
            assert sum(e.change for e in lines) == cc - dd
            assert sum(e.available_change for e in lines) == cc - dd - dp
            running, available = 0, 0
            for line in reversed(lines):
                running += line.change
                available += line.available_change
                assert (line.balance, line.available) == (running, available)
                if Flag.DEBITS_MUST_NOT_EXCEED_CREDITS in account.flags:
                    assert available >= 0
        assert len(balances) == len(self.model.accounts)


def play(seed: int, steps: int) -> None:
    """The first ``steps`` steps of the history that ``seed`` tells."""
    history, rng = History(), Random(seed)
    drafts = Drafts(history, rng)
    for _ in range(steps):
        match rng.choice(["call"] * 4 + ["one"] * 6 + ["again", "hour", "sweep", "close"]):
            case "call":
                legs = [drafts.leg() for _ in range(rng.randint(2, 5))]
                history.call(legs, linked=rng.random() < 0.5)
            case "one":
                history.call([drafts.leg()], linked=False)
            case "again":
                history.call(history.legs[-5:], linked=False)
            case "hour":
                history.now += HOUR
            case "sweep":
                history.sweep()
            case "close":
                history.close(rng.randint(1, 4))
    history.compare()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=60,
)
@given(seed=st.integers(0, 2**32), steps=st.integers(1, 80))
def test_the_sql_agrees_with_the_model(seed: int, steps: int) -> None:
    """Fewer steps of one seed are the beginning of the same history: that is what shrinks."""
    play(seed, steps)


def test_the_histories_reach_every_code() -> None:
    SEEN.clear()
    for seed in range(12):
        play(seed, 120)
    out_of_reach = {
        Code.AMOUNT_TOO_LARGE,
        Code.TOTAL_TOO_LARGE,
        Code.CORRECTED_HAS_DIFFERENT_ACCOUNTS,
        Code.EXCEEDS_CORRECTED_AMOUNT,
    }
    assert set(Code) - set(SEEN) <= out_of_reach
