"""A town for the model-based test: a ledger twice, in the database and in ``model.Model``, and legs
drawn for it by chance."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import count
from random import Random
from uuid import UUID

from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors, services
from kyojo.ledger.errors import LedgerRefusal
from kyojo.ledger.models import History
from kyojo.ledger.types import Balance, Code, Flag, Kind, Leg

from .cast import HOUR, NOON, as_its_own_transaction, at, open_account, reading
from .model import SUCCESS, Account, Model

LEDGERS = count(1)
SEEN: Counter[Code] = Counter()

GIVES = Flag.DEBITS_MUST_NOT_EXCEED_CREDITS
TAKES = Flag.CREDITS_MUST_NOT_EXCEED_DEBITS
#: Currency, flags and stripes of the accounts of a town; the place after the last is nobody's.
ACCOUNTS = [
    ("coin", Flag(0), 4),  # issues
    ("coin", GIVES, 1),
    ("coin", GIVES | Flag.HISTORY, 1),
    ("coin", GIVES, 4),  # a treasury
    ("coin", TAKES, 1),
    ("coin", TAKES, 2),
    ("coin", Flag.HISTORY, 1),
    ("hour", Flag(0), 1),
]
PLACES = [0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 5, 6, 7, 8]


class Drafts:
    """Draws legs, mostly sensible, each part now and then not. ``town`` says what there is."""

    def __init__(self, town: "Town", rng: Random) -> None:
        self.town, self.rng = town, rng

    def seldom(self) -> bool:
        return self.rng.random() < 0.08

    def account(self) -> UUID:
        return self.town.accounts[self.rng.choice(PLACES)]

    def some_leg(self) -> UUID:
        return self.rng.choice(self.town.legs[-10:]).id if self.town.legs else new_id()

    def some_hold(self) -> UUID:
        holds = [leg for leg in self.town.legs if leg.kind is Kind.HOLD]
        return self.rng.choice(holds[-6:]).id if holds else new_id()

    def timeout(self) -> datetime:
        return self.town.now + self.rng.choice([0, 1, 1, 2, 3]) * HOUR

    def leg(self) -> Leg:
        if self.town.legs and self.seldom():
            return self.varied(self.rng.choice(self.town.legs[-10:]))
        draw = self.rng.random()
        leg = (
            self.correction()
            if draw < 0.12
            else self.resolution()
            if draw < 0.55
            else self.movement()
        )
        self.town.legs.append(leg)
        return leg

    def movement(self) -> Leg:
        kind = self.rng.choice([Kind.PLAIN, Kind.HOLD, Kind.HOLD])
        return Leg(
            ledger=self.town.ledger,
            id=self.some_leg() if self.seldom() else new_id(),
            debit=self.account(),
            credit=self.account(),
            amount=self.rng.randint(-1, 25) if self.seldom() else self.rng.randint(1, 40),
            kind=kind,
            pending_id=self.some_hold() if self.seldom() else None,
            timeout_at=self.timeout() if (kind is Kind.HOLD) != self.seldom() else None,
            code=10,
            reference=new_id() if self.seldom() else None,
            correction_of=self.rng.choice([self.some_leg(), new_id()]) if self.seldom() else None,
        )

    def resolution(self) -> Leg:
        pending = self.some_hold()
        hold = next((leg for leg in self.town.legs if leg.id == pending), None)
        whole = hold.amount if hold else 1
        return Leg(
            ledger=self.town.ledger,
            id=self.some_leg() if self.seldom() else new_id(),
            debit=self.account() if self.seldom() else None,
            credit=self.account() if self.seldom() else None,
            amount=self.rng.choice([whole, whole, 0, 1, whole - 1, whole + 1]),
            kind=self.rng.choice([Kind.POST, Kind.POST, Kind.VOID, Kind.EXPIRE]),
            pending_id=self.rng.choice([None, self.some_leg()]) if self.seldom() else pending,
            timeout_at=self.timeout() if self.seldom() else None,
            code=10,
        )

    def correction(self) -> Leg:
        """What a transfer moved, or a part of it, back; now and then not quite."""
        moved = [
            leg
            for leg in self.town.model.transfers.values()
            if leg.kind in (Kind.PLAIN, Kind.POST) or self.seldom()
        ]
        if not moved:
            return self.movement()
        wrong = self.rng.choice(moved[-6:])
        return Leg(
            ledger=self.town.ledger,
            id=new_id(),
            debit=self.account() if self.seldom() else wrong.credit,
            credit=wrong.debit,
            amount=self.rng.choice([wrong.amount, max(wrong.amount // 2, 1), 1]),
            kind=Kind.HOLD if self.seldom() else Kind.PLAIN,
            code=90,
            correction_of=wrong.id,
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
            {"kind": Kind.PLAIN if leg.kind is Kind.HOLD else Kind.HOLD},
        ]
        return replace(leg, **self.rng.choice(changes))  # type: ignore[arg-type]


class Town:
    """A ledger of its own, in the database and in the model."""

    def __init__(self) -> None:
        self.ledger = next(LEDGERS)
        self.now = NOON
        self.stepped_back = False
        self.model = Model()
        self.legs: list[Leg] = []
        self.accounts: list[UUID] = []
        self.stripes: dict[UUID, int] = {}
        for currency, flags, stripes in ACCOUNTS:
            account = open_account(self.ledger, currency=currency, flags=flags, stripes=stripes)
            self.accounts.append(account)
            self.stripes[account] = stripes
            self.model.accounts[account] = Account(currency, flags)
        self.accounts.append(new_id())
        self.call([self.first(place) for place in (1, 2, 3)], linked=True)

    def first(self, place: int) -> Leg:
        issuer, account = self.accounts[0], self.accounts[place]
        return Leg(ledger=self.ledger, id=new_id(), debit=issuer, credit=account, amount=60, code=2)

    def call(self, legs: list[Leg], *, linked: bool, alone: bool = False) -> None:
        wanted = self.model.execute(legs, self.now, linked=linked)
        SEEN.update(wanted)
        with at(self.now), as_its_own_transaction(alone):
            try:
                codes = [r.code for r in services.legs_execute(legs=legs, linked=linked)]
            except LedgerRefusal as refused:
                first = next(c for c in wanted if c not in (*SUCCESS, Code.LINKED_EVENT_FAILED))
                assert (refused.code, refused.index) == (first, wanted.index(first))
                return
        assert codes == wanted

    def batch(self, legs: list[Leg], groups: list[int]) -> None:
        wanted = self.model.batch(legs, groups, self.now)
        SEEN.update(wanted)
        with at(self.now):
            results = services.batch_execute(ledger=self.ledger, legs=legs, groups=groups)
        assert [result.code for result in results] == wanted

    def correct(self, transfer: UUID, amount: int | None) -> None:
        wrong, own = self.model.transfers[transfer], new_id()
        leg = Leg(
            ledger=self.ledger,
            id=own,
            debit=wrong.credit,
            credit=wrong.debit,
            amount=wrong.amount if amount is None else amount,
            code=90,
            reference=wrong.reference,
            correction_of=transfer,
        )
        wanted = self.model.one(leg, self.now)
        with at(self.now):
            try:
                code = services.transfer_correct(
                    ledger=self.ledger, id=own, transfer=transfer, amount=amount
                ).code
            except LedgerRefusal as refused:
                code = Code(refused.code)
        assert code is wanted

    def sweep(self) -> None:
        due = sorted(self.model.due(self.now), key=lambda hold: (hold.timeout_at, hold.id))
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

    def widen(self, place: int, stripes: int) -> None:
        account = self.accounts[place]
        try:
            services.account_stripe(ledger=self.ledger, id=account, stripes=stripes)
        except LedgerRefusal as refused:
            assert refused.code == "history_must_not_be_striped"
            assert Flag.HISTORY in self.model.accounts[account].flags and stripes > 1
        else:
            self.stripes[account] = max(self.stripes[account], stripes)

    def sums_agree(self) -> None:
        with reading(self.ledger):
            balances = selectors.balances(ledger=self.ledger, accounts=self.accounts)
        wanted = {key: Balance(key, *account.sums) for key, account in self.model.accounts.items()}
        assert balances == wanted

    def everything_agrees(self) -> None:
        self.sweep()  # a hold whose time has come reads as returned, with or without its row
        self.sums_agree()
        with at(self.now), reading(self.ledger):
            rows = History.objects.filter(ledger=self.ledger)
            history = {
                (r.account, r.transfer): (
                    r.debits_pending,
                    r.debits_posted,
                    r.credits_pending,
                    r.credits_posted,
                )
                for r in rows
            }
            entries = {
                account: selectors.statement(ledger=self.ledger, accounts=[account], limit=None)
                for account in self.model.accounts
            }
        assert history == self.model.history
        for key, account in self.model.accounts.items():
            dp, dd, _, cc = account.sums
            running, available = 0, 0
            for line in reversed(entries[key]):
                running += line.change
                available += line.available_change
                assert (line.balance, line.available) == (running, available)
                # An expiry counts from its time on, also where the clock then stepped back.
                if GIVES in account.flags and not self.stepped_back:
                    assert available >= 0
            assert (running, available) == (cc - dd, cc - dd - dp)
