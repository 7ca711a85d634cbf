"""What the ledger speaks in: legs in, results and balances out. No Django, no person.

Amounts are whole coins (or whole minor units of a programme's currency). Times are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, IntFlag, StrEnum
from uuid import UUID

from kyojo.kernel.amounts import COINS_MAX

#: The largest amount of one transfer and the largest total of one account.
AMOUNT_MAX = COINS_MAX
#: How many balance rows an account may have: powers of two, so that a stripe divides the next.
STRIPES = (1, 2, 4, 8, 16, 32, 64)
#: The currency of the coin programme.
COIN = "coin"


class AccountCode(IntEnum):
    """What kind of account it is. The ledger itself treats them all alike."""

    ISSUER = 1
    TREASURY = 2
    PERSON = 10
    CLEARING = 20
    DONATION = 30
    REDEEMED = 31


class Flag(IntFlag):
    """What an account may not do, as bits."""

    DEBITS_MUST_NOT_EXCEED_CREDITS = 1
    CREDITS_MUST_NOT_EXCEED_DEBITS = 2
    HISTORY = 4
    CLOSED = 8


class Kind(StrEnum):
    """What a transfer does: move at once, hold, or resolve a hold (once, as a row of its own)."""

    PLAIN = "plain"
    HOLD = "hold"
    POST = "post"
    VOID = "void"
    EXPIRE = "expire"


class TransferCode(IntEnum):
    """Why coins move. The ledger stores it and does not interpret it."""

    ISSUE = 1
    DISTRIBUTE = 2
    SUPPORT = 10
    EARNED = 11
    CLEARING = 20
    GIFT = 30
    DONATION = 31
    REDEMPTION = 32
    EXPIRY = 40
    #: Between two accounts of one person: coins that came back after their vintage had ended.
    RENEWED = 41
    CORRECTION = 90


class Code(StrEnum):
    """What became of a leg, in order of precedence: of several true ones the first is told.

    ``docs/reference/ledger.md`` explains each; ``tests/test_precedence.py`` holds the order.
    ``OK``, the success of a new leg, stands last because nothing else may be true with it.
    """

    EXISTS_WITH_DIFFERENT_KIND = "exists_with_different_kind"
    EXISTS_WITH_DIFFERENT_PENDING_ID = "exists_with_different_pending_id"
    EXISTS_WITH_DIFFERENT_TIMEOUT = "exists_with_different_timeout"
    EXISTS_WITH_DIFFERENT_DEBIT = "exists_with_different_debit"
    EXISTS_WITH_DIFFERENT_CREDIT = "exists_with_different_credit"
    EXISTS_WITH_DIFFERENT_AMOUNT = "exists_with_different_amount"
    EXISTS_WITH_DIFFERENT_REFERENCE = "exists_with_different_reference"
    EXISTS_WITH_DIFFERENT_CORRECTION = "exists_with_different_correction"
    EXISTS_WITH_DIFFERENT_CODE = "exists_with_different_code"
    EXISTS = "exists"
    AMOUNT_MUST_BE_POSITIVE = "amount_must_be_positive"
    AMOUNT_TOO_LARGE = "amount_too_large"
    PENDING_ID_REQUIRED = "pending_id_required"
    PENDING_ID_NOT_ALLOWED = "pending_id_not_allowed"
    TIMEOUT_NOT_ALLOWED = "timeout_not_allowed"
    TIMEOUT_MUST_BE_IN_THE_FUTURE = "timeout_must_be_in_the_future"
    CORRECTION_NOT_ALLOWED = "correction_not_allowed"
    ACCOUNTS_MUST_DIFFER = "accounts_must_differ"
    DEBIT_ACCOUNT_NOT_FOUND = "debit_account_not_found"
    CREDIT_ACCOUNT_NOT_FOUND = "credit_account_not_found"
    CURRENCY_MUST_MATCH = "currency_must_match"
    PENDING_NOT_FOUND = "pending_not_found"
    PENDING_NOT_A_HOLD = "pending_not_a_hold"
    PENDING_HAS_DIFFERENT_DEBIT = "pending_has_different_debit"
    PENDING_HAS_DIFFERENT_CREDIT = "pending_has_different_credit"
    EXCEEDS_PENDING_AMOUNT = "exceeds_pending_amount"
    PENDING_HAS_DIFFERENT_AMOUNT = "pending_has_different_amount"
    PENDING_ALREADY_POSTED = "pending_already_posted"
    PENDING_ALREADY_VOIDED = "pending_already_voided"
    PENDING_ALREADY_EXPIRED = "pending_already_expired"
    PENDING_EXPIRED = "pending_expired"
    PENDING_NOT_EXPIRED = "pending_not_expired"
    CORRECTED_NOT_FOUND = "corrected_not_found"
    CORRECTED_NOT_A_MOVEMENT = "corrected_not_a_movement"
    CORRECTED_HAS_DIFFERENT_ACCOUNTS = "corrected_has_different_accounts"
    EXCEEDS_CORRECTED_AMOUNT = "exceeds_corrected_amount"
    DEBIT_ACCOUNT_CLOSED = "debit_account_closed"
    CREDIT_ACCOUNT_CLOSED = "credit_account_closed"
    TOTAL_TOO_LARGE = "total_too_large"
    EXCEEDS_CREDITS = "exceeds_credits"
    EXCEEDS_DEBITS = "exceeds_debits"
    LINKED_EVENT_FAILED = "linked_event_failed"
    OK = "ok"


class AccountResult(StrEnum):
    """What became of an account that was opened, widened or closed, in order of precedence."""

    OK = "ok"
    EXISTS = "exists"
    EXISTS_WITH_DIFFERENT_CURRENCY = "exists_with_different_currency"
    EXISTS_WITH_DIFFERENT_CODE = "exists_with_different_code"
    EXISTS_WITH_DIFFERENT_VINTAGE = "exists_with_different_vintage"
    EXISTS_WITH_DIFFERENT_FLAGS = "exists_with_different_flags"
    ACCOUNT_NOT_FOUND = "account_not_found"
    STRIPES_NOT_ALLOWED = "stripes_not_allowed"
    HISTORY_MUST_NOT_BE_STRIPED = "history_must_not_be_striped"
    ACCOUNT_HAS_HOLDS = "account_has_holds"
    ACCOUNT_NOT_EMPTY = "account_not_empty"


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One transfer asked for in one ledger.

    ``debit`` gives, ``credit`` receives. A post, void or expire may leave both out: they are the
    hold's. ``amount`` of a void or expire may be 0: it is the hold's. ``timeout_at`` belongs to
    holds. ``reference`` is the caller's visit or order. ``correction_of`` is the transfer put
    right: a plain leg the other way, of no more than is left uncorrected.
    """

    ledger: int
    id: UUID
    debit: UUID | None = None
    credit: UUID | None = None
    amount: int
    kind: Kind = Kind.PLAIN
    pending_id: UUID | None = None
    timeout_at: datetime | None = None
    code: int
    reference: UUID | None = None
    correction_of: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Payment:
    """Coins from one account to another, of the same municipality or of two.

    ``id`` is the caller's; the ids of all legs derive from it, so hold, post and void of one
    payment find each other and a retry is recognised. A payment out of several vintages is
    several payments.
    """

    id: UUID
    debtor_ledger: int
    debtor: UUID
    creditor_ledger: int
    creditor: UUID
    amount: int
    code: int
    currency: str = COIN
    reference: UUID | None = None


@dataclass(frozen=True)
class Result:
    """What became of the leg at ``index`` of the call."""

    index: int
    id: UUID
    code: Code

    @property
    def ok(self) -> bool:
        """Done now, or done before with the same body."""
        return self.code in (Code.OK, Code.EXISTS)


@dataclass(frozen=True)
class Balance:
    """The four sums of an account, over all its stripes."""

    account: UUID
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int

    @property
    def available(self) -> int:
        """What can be spent or held now (negative for an issuer)."""
        return self.credits_posted - self.debits_posted - self.debits_pending

    @property
    def held(self) -> int:
        """What is set aside for holds not yet resolved."""
        return self.debits_pending

    @property
    def posted(self) -> int:
        """What the account owns, held coins included."""
        return self.credits_posted - self.debits_posted


@dataclass(frozen=True)
class Entry:
    """One line of a statement.

    ``change`` and ``balance`` are of what the account owns, ``available_change`` and
    ``available`` of what it can spend; ``balance`` and ``available`` are after the entry.
    """

    transfer: UUID
    account: UUID
    counterpart: UUID
    at: datetime
    kind: Kind
    code: int
    amount: int
    change: int
    available_change: int
    balance: int
    available: int
    pending_id: UUID | None
    reference: UUID | None


@dataclass(frozen=True)
class Total:
    """How many posted movements of a code there were, and what they moved."""

    code: int
    count: int
    amount: int


@dataclass(frozen=True)
class Problem:
    """An invariant that does not hold, and the row that shows it."""

    rule: str
    ledger: int
    row: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: ledger {self.ledger}, {self.row}: {self.detail}"
