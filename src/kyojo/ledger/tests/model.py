"""The ledger once more, in plain Python and as slow as it likes: what the SQL is held against."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from kyojo.ledger.types import AMOUNT_MAX, Code, Flag, Kind, Leg

SUCCESS = (Code.OK, Code.EXISTS)


@dataclass
class Account:
    currency: str
    flags: Flag
    sums: list[int] = field(default_factory=lambda: [0, 0, 0, 0])  # dp, dd, cp, cc


@dataclass
class Model:
    """One ledger. ``transfers`` holds legs as recorded, with accounts and amount filled in."""

    accounts: dict[UUID, Account] = field(default_factory=dict)
    transfers: dict[UUID, Leg] = field(default_factory=dict)
    resolved: dict[UUID, Kind] = field(default_factory=dict)
    #: (account, transfer) → the four sums after it, of accounts with the flag HISTORY
    history: dict[tuple[UUID, UUID], tuple[int, ...]] = field(default_factory=dict)

    def execute(self, legs: list[Leg], now: datetime, *, linked: bool) -> list[Code]:
        return self.batch(legs, [0] * len(legs) if linked else list(range(len(legs))), now)

    def batch(self, legs: list[Leg], groups: list[int], now: datetime) -> list[Code]:
        codes: list[Code] = []
        for _, members in groupby(zip(groups, legs, strict=True), key=lambda pair: pair[0]):
            codes += self.group([leg for _, leg in members], now)
        return codes

    def group(self, legs: list[Leg], now: datetime) -> list[Code]:
        before = (
            {key: list(account.sums) for key, account in self.accounts.items()},
            dict(self.transfers),
            dict(self.resolved),
            dict(self.history),
        )
        codes = [self.one(leg, now) for leg in legs]
        if len(legs) > 1 and any(code not in SUCCESS for code in codes):
            sums, self.transfers, self.resolved, self.history = before
            for key, values in sums.items():
                self.accounts[key].sums = values
            return [Code.LINKED_EVENT_FAILED if c in SUCCESS else c for c in codes]
        return codes

    def due(self, now: datetime) -> list[Leg]:
        return [
            leg
            for leg in self.transfers.values()
            if leg.timeout_at and leg.timeout_at <= now and leg.id not in self.resolved
        ]

    def one(self, leg: Leg, now: datetime) -> Code:
        hold = self.transfers.get(leg.pending_id) if leg.pending_id else None
        known = self.transfers.get(leg.id)
        if known:
            return self.compare(known, self.filled(leg, hold))
        code = self.form(leg, now)
        if code is Code.OK:
            code = self.resolution(leg, hold, now) if resolves(leg) else self.movement(leg)
        if code is Code.OK:
            self.write(self.filled(leg, hold), hold)
        return code

    def filled(self, leg: Leg, hold: Leg | None) -> Leg:
        if not resolves(leg) or hold is None:
            return leg
        whole = leg.amount == 0 and leg.kind is not Kind.POST
        return replace(
            leg,
            debit=leg.debit or hold.debit,
            credit=leg.credit or hold.credit,
            amount=hold.amount if whole else leg.amount,
        )

    def compare(self, known: Leg, leg: Leg) -> Code:
        for name, code in (
            ("kind", Code.EXISTS_WITH_DIFFERENT_KIND),
            ("pending_id", Code.EXISTS_WITH_DIFFERENT_PENDING_ID),
            ("timeout_at", Code.EXISTS_WITH_DIFFERENT_TIMEOUT),
            ("debit", Code.EXISTS_WITH_DIFFERENT_DEBIT),
            ("credit", Code.EXISTS_WITH_DIFFERENT_CREDIT),
            ("amount", Code.EXISTS_WITH_DIFFERENT_AMOUNT),
            ("reference", Code.EXISTS_WITH_DIFFERENT_REFERENCE),
            ("correction_of", Code.EXISTS_WITH_DIFFERENT_CORRECTION),
            ("code", Code.EXISTS_WITH_DIFFERENT_CODE),
        ):
            if getattr(known, name) != getattr(leg, name):
                return code
        return Code.EXISTS

    def form(self, leg: Leg, now: datetime) -> Code:
        least = 0 if leg.kind in (Kind.VOID, Kind.EXPIRE) else 1
        if leg.amount < least:
            return Code.AMOUNT_MUST_BE_POSITIVE
        if leg.amount > AMOUNT_MAX:
            return Code.AMOUNT_TOO_LARGE
        if resolves(leg) and not leg.pending_id:
            return Code.PENDING_ID_REQUIRED
        if leg.pending_id and not resolves(leg):
            return Code.PENDING_ID_NOT_ALLOWED
        if leg.timeout_at and leg.kind is not Kind.HOLD:
            return Code.TIMEOUT_NOT_ALLOWED
        if leg.timeout_at and leg.timeout_at <= now:
            return Code.TIMEOUT_MUST_BE_IN_THE_FUTURE
        if leg.correction_of and leg.kind is not Kind.PLAIN:
            return Code.CORRECTION_NOT_ALLOWED
        if leg.debit and leg.debit == leg.credit:
            return Code.ACCOUNTS_MUST_DIFFER
        may_be_left_out = (None,) if resolves(leg) else ()
        if leg.debit not in self.accounts and leg.debit not in may_be_left_out:
            return Code.DEBIT_ACCOUNT_NOT_FOUND
        if leg.credit not in self.accounts and leg.credit not in may_be_left_out:
            return Code.CREDIT_ACCOUNT_NOT_FOUND
        currencies = {self.accounts[a].currency for a in (leg.debit, leg.credit) if a}
        return Code.CURRENCY_MUST_MATCH if len(currencies) > 1 else Code.OK

    def resolution(self, leg: Leg, hold: Leg | None, now: datetime) -> Code:
        if hold is None:
            return Code.PENDING_NOT_FOUND
        if hold.kind is not Kind.HOLD:
            return Code.PENDING_NOT_A_HOLD
        if leg.debit and leg.debit != hold.debit:
            return Code.PENDING_HAS_DIFFERENT_DEBIT
        if leg.credit and leg.credit != hold.credit:
            return Code.PENDING_HAS_DIFFERENT_CREDIT
        if leg.kind is Kind.POST and leg.amount > hold.amount:
            return Code.EXCEEDS_PENDING_AMOUNT
        if leg.kind is not Kind.POST and leg.amount not in (0, hold.amount):
            return Code.PENDING_HAS_DIFFERENT_AMOUNT
        if hold.id in self.resolved:
            return {
                Kind.POST: Code.PENDING_ALREADY_POSTED,
                Kind.VOID: Code.PENDING_ALREADY_VOIDED,
                Kind.EXPIRE: Code.PENDING_ALREADY_EXPIRED,
            }[self.resolved[hold.id]]
        over = hold.timeout_at is not None and hold.timeout_at <= now
        if over and leg.kind is not Kind.EXPIRE:
            return Code.PENDING_EXPIRED
        if not over and leg.kind is Kind.EXPIRE:
            return Code.PENDING_NOT_EXPIRED
        return Code.OK

    def correction(self, leg: Leg) -> Code:
        if leg.correction_of is None:
            return Code.OK
        wrong = self.transfers.get(leg.correction_of)
        if wrong is None:
            return Code.CORRECTED_NOT_FOUND
        if wrong.kind not in (Kind.PLAIN, Kind.POST):
            return Code.CORRECTED_NOT_A_MOVEMENT
        if (leg.debit, leg.credit) != (wrong.credit, wrong.debit):
            return Code.CORRECTED_HAS_DIFFERENT_ACCOUNTS
        others = [t for t in self.transfers.values() if t.correction_of == wrong.id]
        if sum(t.amount for t in others) + leg.amount > wrong.amount:
            return Code.EXCEEDS_CORRECTED_AMOUNT
        return Code.OK

    def movement(self, leg: Leg) -> Code:
        assert leg.debit and leg.credit
        if (wrong := self.correction(leg)) is not Code.OK:
            return wrong
        debit, credit = self.accounts[leg.debit], self.accounts[leg.credit]
        if Flag.CLOSED in debit.flags:
            return Code.DEBIT_ACCOUNT_CLOSED
        if Flag.CLOSED in credit.flags:
            return Code.CREDIT_ACCOUNT_CLOSED
        given = debit.sums[0] + debit.sums[1] + leg.amount
        received = credit.sums[2] + credit.sums[3] + leg.amount
        if given > AMOUNT_MAX or received > AMOUNT_MAX:
            return Code.TOTAL_TOO_LARGE
        if Flag.DEBITS_MUST_NOT_EXCEED_CREDITS in debit.flags and given > debit.sums[3]:
            return Code.EXCEEDS_CREDITS
        if Flag.CREDITS_MUST_NOT_EXCEED_DEBITS in credit.flags and received > credit.sums[1]:
            return Code.EXCEEDS_DEBITS
        return Code.OK

    def write(self, leg: Leg, hold: Leg | None) -> None:
        assert leg.debit and leg.credit
        self.transfers[leg.id] = leg
        pending, posted = 0, 0
        if leg.kind is Kind.HOLD:
            pending = leg.amount
        if leg.kind in (Kind.PLAIN, Kind.POST):
            posted = leg.amount
        if hold and resolves(leg):
            pending = -hold.amount
            self.resolved[hold.id] = leg.kind
        for account, side in ((leg.debit, 0), (leg.credit, 2)):
            self.accounts[account].sums[side] += pending
            self.accounts[account].sums[side + 1] += posted
        for account in (leg.debit, leg.credit):
            if Flag.HISTORY in self.accounts[account].flags:
                self.history[account, leg.id] = tuple(self.accounts[account].sums)


def resolves(leg: Leg) -> bool:
    return leg.kind not in (Kind.PLAIN, Kind.HOLD)
