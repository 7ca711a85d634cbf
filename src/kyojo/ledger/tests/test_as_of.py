"""Figures as of any moment are what a plain replay of the same history gives."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors, services
from kyojo.ledger.domain import expiry_id
from kyojo.ledger.types import AccountCode, Balance, Code, Flag, Kind, Leg, TransferCode

from .cast import HOUR, KITA, NOON, Town, at, code_of, open_account, reading

pytestmark = pytest.mark.django_db
NONE = Flag(0)
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


@dataclass
class Past:
    """What happened, as plainly as it can be kept: the legs and when they succeeded."""

    legs: list[tuple[datetime, Leg]] = field(default_factory=list)
    now: datetime = NOON

    def does(self, leg: Leg) -> Code:
        with at(self.now):
            code = code_of(leg)
        if code is Code.OK:
            self.legs.append((self.now, leg))
        return code

    def balance(self, account: UUID, moment: datetime) -> Balance:
        """As of ``moment``, read off the legs one by one."""
        pending: dict[UUID, Leg] = {}
        posted = {"debit": 0, "credit": 0}
        happened = [leg for when, leg in self.legs if when <= moment]
        ended = {leg.pending_id for leg in happened if leg.kind in (Kind.POST, Kind.VOID)}
        holds = {leg.id: leg for _, leg in self.legs if leg.kind is Kind.HOLD}
        for leg in happened:
            if leg.kind is Kind.HOLD:
                over = leg.timeout_at is not None and leg.timeout_at <= min(moment, self.now)
                if leg.id not in ended and not over:
                    pending[leg.id] = leg
            elif leg.kind in (Kind.PLAIN, Kind.POST):
                whose = holds[leg.pending_id] if leg.pending_id else leg
                for side in posted:
                    if getattr(whose, side) == account:
                        posted[side] += leg.amount
        held = {
            side: sum(leg.amount for leg in pending.values() if getattr(leg, side) == account)
            for side in posted
        }
        return Balance(account, held["debit"], posted["debit"], held["credit"], posted["credit"])


def lived(random: Random, accounts: list[UUID]) -> Past:
    """A history of ten to forty steps; the clock goes on, and now and then a little back."""
    past = Past()
    holds: list[Leg] = []
    for _ in range(random.randint(10, 40)):
        past.now += MINUTE * random.choice([0, 0, 1, 7, 60, -3])
        debit, credit = random.sample(accounts, 2)
        kind = random.choice([Kind.PLAIN, Kind.HOLD, Kind.HOLD, Kind.POST, Kind.VOID, "sweep"])
        if kind == "sweep":
            with at(past.now):
                services.holds_expire(ledger=KITA)
            continue
        own: dict[str, object] = {"ledger": KITA, "id": new_id(), "kind": kind}
        own |= {"amount": random.randint(1, 30), "code": TransferCode.SUPPORT}
        if kind in (Kind.PLAIN, Kind.HOLD):
            own |= {"debit": debit, "credit": credit}
            if kind is Kind.HOLD and random.random() < 0.7:
                own["timeout_at"] = past.now + MINUTE * random.choice([1, 7, 60])
        elif not holds:
            continue
        else:
            own["pending_id"] = random.choice(holds).id
            own["amount"] = 0 if kind is Kind.VOID else random.randint(1, 30)
        leg = Leg(**own)  # type: ignore[arg-type]
        if past.does(leg) is Code.OK and kind is Kind.HOLD:
            holds.append(leg)
    return past


def moments(random: Random, past: Past) -> Iterable[datetime]:
    """Moments when something happened, just before, in between, long before and now."""
    known = [when for when, _ in past.legs]
    known += [leg.timeout_at for _, leg in past.legs if leg.timeout_at]
    for when in random.sample(known, min(4, len(known))):
        yield from (when, when - MOMENT, when + MINUTE / 2)
    yield from (NOON - HOUR, past.now, past.now + 100 * HOUR)


def made(flags: Flag = NONE) -> list[UUID]:
    striped = open_account(code=AccountCode.CLEARING, flags=flags)
    if flags is NONE:
        services.account_stripe(ledger=KITA, id=striped, stripes=4)
    return [
        open_account(flags=flags),
        open_account(flags=flags),
        open_account(flags=Flag.DEBITS_MUST_NOT_EXCEED_CREDITS | flags),
        striped,
    ]


seeds = pytest.mark.parametrize("seed", range(8))


@seeds
@pytest.mark.parametrize("flags", [NONE, Flag.HISTORY])
def test_balances_as_of_any_moment_are_those_of_a_replay(seed: int, flags: Flag) -> None:
    random = Random(seed)
    accounts = made(flags)
    past = lived(random, accounts)
    with at(past.now), reading(KITA):
        for moment in moments(random, past):
            found = selectors.balances_at(ledger=KITA, accounts=accounts, at=moment)
            assert found == {a: past.balance(a, moment) for a in accounts}, moment
            debits = sum(b.debits_posted for b in found.values())
            assert debits == sum(b.credits_posted for b in found.values())


def test_a_history_tells_the_past_without_adding_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the clock only went on, the transfers are not even asked for."""
    accounts = made(Flag.HISTORY)
    past = Past()
    for minute in range(30):
        past.now = NOON + MINUTE * (minute // 3)
        over = past.now + 5 * MINUTE if minute % 4 else None
        kind = Kind.HOLD if minute % 2 else Kind.PLAIN
        leg = Leg(
            ledger=KITA,
            id=new_id(),
            debit=accounts[minute % 2],
            credit=accounts[3],
            amount=minute + 1,
            kind=kind,
            timeout_at=over if kind is Kind.HOLD else None,
            code=TransferCode.SUPPORT,
        )
        assert past.does(leg) is Code.OK
    with at(past.now), reading(KITA):
        asked = [accounts[0], accounts[1], accounts[3]]
        monkeypatch.setattr(selectors, "BALANCES_AT", "no SQL at all")
        for minute in range(10):
            for moment in (NOON + MINUTE * minute, NOON + MINUTE * minute + MOMENT):
                found = selectors.balances_at(ledger=KITA, accounts=asked, at=moment)
                assert found == {a: past.balance(a, moment) for a in asked}


@seeds
def test_what_is_stored_is_what_is_true_now_once_the_sweep_has_come(seed: int) -> None:
    random = Random(seed)
    accounts = made()
    past = lived(random, accounts)
    past.now = max([past.now, *(when for when, _ in past.legs)])
    with at(past.now), reading(KITA):
        now = selectors.balances_now(ledger=KITA, accounts=accounts)
        assert now == {a: past.balance(a, past.now) for a in accounts}
    with at(past.now):
        services.holds_expire(ledger=KITA)
    with at(past.now), reading(KITA):
        assert selectors.balances(ledger=KITA, accounts=accounts) == now


@seeds
def test_a_statement_of_a_time_leads_from_one_balance_to_the_other(seed: int) -> None:
    random = Random(seed)
    accounts = made()
    past = lived(random, accounts)
    mine = random.sample(accounts, random.randint(1, 3))
    with at(past.now), reading(KITA):
        for until in moments(random, past):
            since = until - MINUTE * random.choice([0, 1, 30, 600])
            entries = selectors.statement(
                ledger=KITA, accounts=mine, since=since, until=until, limit=None
            )
            opening, closing = (
                selectors.balances_at(ledger=KITA, accounts=mine, at=moment - MOMENT).values()
                for moment in (since, until)
            )
            assert all(since <= entry.at < until for entry in entries)
            owned, available = (sum(b.posted for b in opening), sum(b.available for b in opening))
            for entry in reversed(entries):
                owned, available = owned + entry.change, available + entry.available_change
                assert (entry.balance, entry.available) == (owned, available)
            assert owned == sum(b.posted for b in closing)
            assert available == sum(b.available for b in closing)
            newest = selectors.statement(
                ledger=KITA, accounts=mine, since=since, until=until, limit=3
            )
            assert len(newest) == min(3, len(entries))


def test_a_hold_is_back_from_its_time_on_and_the_sweep_changes_no_figure() -> None:
    with at(NOON):
        town = Town()
        hold = town.hold(30, timeout_at=NOON + HOUR)
    before, told = [], []
    for swept in (False, True):
        with at(NOON + 2 * HOUR):
            if swept:
                assert services.holds_expire(ledger=KITA) == [hold.id]
            with reading(KITA):
                before.append(
                    [
                        selectors.balances_at(ledger=KITA, accounts=[town.carer], at=moment)
                        for moment in (NOON, NOON + HOUR - MOMENT, NOON + HOUR, NOON + 2 * HOUR)
                    ]
                )
                told.append(selectors.statement(ledger=KITA, accounts=[town.carer]))
                stored = selectors.balance(ledger=KITA, account=town.carer)
                now = selectors.balances_now(ledger=KITA, accounts=[town.carer])[town.carer]
        assert (stored.available, stored.held) == ((100, 0) if swept else (70, 30))
        assert (now.available, now.held) == (100, 0)
    assert before[0] == before[1]
    assert [figure[town.carer].available for figure in before[0]] == [70, 70, 100, 100]
    assert told[0] == told[1]
    assert (told[0][0].transfer, told[0][0].at) == (expiry_id(hold.id), NOON + HOUR)
    assert (told[0][0].kind, told[0][0].available_change, told[0][0].available) == (
        Kind.EXPIRE,
        30,
        100,
    )


def test_an_account_has_nothing_before_it_was_opened_and_one_never_opened_is_left_out() -> None:
    with at(NOON):
        town = Town()
        nobody = new_id()
        with reading(KITA):
            found = selectors.balances_at(
                ledger=KITA, accounts=[town.carer, nobody], at=NOON - HOUR
            )
    assert found == {town.carer: Balance(town.carer, 0, 0, 0, 0)}


def test_the_coming_time_of_a_hold_is_not_taken_as_past() -> None:
    with at(NOON):
        town = Town()
        town.hold(30, timeout_at=NOON + HOUR)
        with reading(KITA):
            ahead = selectors.balances_at(ledger=KITA, accounts=[town.carer], at=NOON + 9 * HOUR)
            lines = selectors.statement(
                ledger=KITA, accounts=[town.carer], since=NOON, until=NOON + 9 * HOUR
            )
    assert (ahead[town.carer].available, ahead[town.carer].held) == (70, 30)
    assert [line.kind for line in lines] == [Kind.HOLD, Kind.PLAIN]
