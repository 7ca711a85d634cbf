"""What may be done in the ledger. Every write goes through one SQL function, which decides.

All services may be called inside or outside a transaction and need no ``tenancy.tenant``. A call
over several ledgers takes them in ascending order, inside a ledger the function locks accounts in
id order, so calls never wait for each other in a ring. That holds *within* a call: a transaction
that needs several movements passes them all to one ``legs_execute``.
"""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id

from . import domain
from .errors import refusal
from .types import (
    COIN,
    AccountCode,
    AccountResult,
    Code,
    Flag,
    Kind,
    Leg,
    Payment,
    Result,
    TransferCode,
)

#: How many due holds one round of the sweep takes.
SWEEP_ROWS = 1_000
NO_FLAGS = Flag(0)
#: Balance rows of an account through which a whole town pays: measured best for 32 clients.
HOT_STRIPES = 32


def account_open(
    *,
    ledger: int,
    id: UUID,  # noqa: A002 (the entity's own id, as in every service)
    currency: str,
    code: int,
    vintage: int = 0,
    flags: Flag = NO_FLAGS,
    stripes: int = 1,
) -> None:
    """Open an account; the same id with the same content again changes nothing.

    ``stripes``: how many balance rows (a power of two up to 64), more than one for an account that
    many transfers touch at once. It is no part of the content: see ``account_stripe``.

    Raises ``LedgerRefusal``: ``exists_with_different_…`` where the id has other content,
    ``stripes_not_allowed``, ``history_must_not_be_striped``.
    """
    result = _call(
        "SELECT ledger_account_open(%s, %s, %s, %s, %s, %s, %s, %s)",
        [ledger, id, currency, int(code), vintage, int(flags), stripes, clock.now()],
    )
    _account_done(AccountResult(result))


def account_stripe(*, ledger: int, id: UUID, stripes: int) -> None:  # noqa: A002
    """Widen an account that has become hot to ``stripes`` balance rows; it never gets fewer.

    Raises ``LedgerRefusal``: ``account_not_found``, ``stripes_not_allowed``,
    ``history_must_not_be_striped``.
    """
    result = _call("SELECT ledger_account_stripe(%s, %s, %s)", [ledger, id, stripes])
    _account_done(AccountResult(result))


def account_close(*, ledger: int, id: UUID) -> None:  # noqa: A002
    """Close an account: nothing can enter or leave it any more. Again: changes nothing.

    Raises ``LedgerRefusal``: ``account_not_found``, ``account_has_holds``, ``account_not_empty``.
    """
    _account_done(AccountResult(_call("SELECT ledger_account_close(%s, %s)", [ledger, id])))


def clearing_open(*, ledger: int, counterpart: int, currency: str = COIN) -> None:
    """Open the clearing account of each of two ledgers for the other, lower ledger first."""
    for one, other in sorted([(ledger, counterpart), (counterpart, ledger)]):
        own = clearing_account_id(one, other, currency)
        result = _call(
            "SELECT ledger_clearing_open(%s, %s, %s, %s, %s, %s, %s)",
            [one, own, other, currency, int(AccountCode.CLEARING), HOT_STRIPES, clock.now()],
        )
        _account_done(AccountResult(result))


#: The account in ``ledger`` for what it owes to, or is owed by, ``counterpart``.
clearing_account_id = domain.clearing_account_id


def legs_execute(*, legs: Sequence[Leg], linked: bool = True) -> list[Result]:
    """Execute legs, of one or several ledgers, in one transaction; one result per leg, in order.

    Linked (the default): all or nothing. Raises ``LedgerRefusal`` with the code and the index of
    the first leg that was refused itself; nothing was written. ``exists`` is a success.

    Not linked: each leg stands for itself and its result tells; nothing is raised.
    """
    results: dict[int, Result] = {}
    by_ledger: dict[int, list[int]] = {}
    for index, leg in enumerate(legs):
        by_ledger.setdefault(leg.ledger, []).append(index)
    now = clock.now()
    # One ledger is one statement and needs no transaction of its own around it.
    with transaction.atomic() if len(by_ledger) > 1 else nullcontext():
        for ledger, indexes in sorted(by_ledger.items()):
            mine = [legs[i] for i in indexes]
            codes = _execute(ledger, mine, [0] * len(mine) if linked else None, now)
            for i, code in zip(indexes, codes, strict=True):
                results[i] = Result(i, legs[i].id, code)
            if linked:
                for i in indexes:
                    if not results[i].ok and results[i].code is not Code.LINKED_EVENT_FAILED:
                        raise refusal(results[i].code, index=i)
    return [results[i] for i in range(len(legs))]


def batch_execute(
    *, ledger: int, legs: Sequence[Leg], groups: Sequence[int] | None = None
) -> list[Result]:
    """Execute many legs of one ledger in order, in one call; one result per leg, in order.

    ``groups`` gives a number per leg: adjacent legs with the same number are linked, all of them
    are written or none. None: each leg for itself. Nothing is raised for a leg that is refused.

    Raises ``ValueError`` for a leg of another ledger, or a group whose legs are not adjacent.
    """
    if any(leg.ledger != ledger for leg in legs):
        raise ValueError(f"batch_execute: a leg of another ledger than {ledger}")
    if groups is not None:
        domain.groups_check(groups, count=len(legs))
    codes = _execute(ledger, legs, groups, clock.now())
    return [Result(i, leg.id, code) for i, (leg, code) in enumerate(zip(legs, codes, strict=True))]


def transfer_correct(
    *,
    ledger: int,
    id: UUID,  # noqa: A002
    transfer: UUID,
    amount: int | None = None,
) -> Result:
    """Give back what ``transfer`` moved (``amount`` of it; None: all) with a new transfer ``id``.

    What the corrections of one transfer give back never exceeds it. The same call again answers
    ``exists``. Raises ``LedgerRefusal``, for instance ``corrected_not_found``,
    ``corrected_not_a_movement``, ``exceeds_corrected_amount``, ``exceeds_credits``.

    Raises ``ValueError`` for a transfer between two ledgers, of which this would put one side
    right: both sides are corrected by one ``legs_execute``.
    """
    result = _call(
        "SELECT ledger_correct(%s, %s, %s, %s, %s, %s)",
        [ledger, id, transfer, amount, int(TransferCode.CORRECTION), clock.now()],
    )
    if result == "between_ledgers":
        raise ValueError(f"transfer_correct: the other side of {transfer} is in another ledger")
    code = Code(result)
    if code not in (Code.OK, Code.EXISTS):
        raise refusal(code)
    return Result(0, id, code)


def holds_expire(*, ledger: int) -> list[UUID]:
    """End the holds whose ``timeout_at`` has come; the ids of the holds that this call ended.

    Each gets a row of kind ``expire``, whose id derives from the hold's: sweeps may overlap, and
    a hold that somebody else resolves meanwhile is left to them.
    """
    expired: list[UUID] = []
    while True:
        now = clock.now()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT hold, code FROM ledger_holds_due(%s, %s, %s)", [ledger, now, SWEEP_ROWS]
            )
            due: list[tuple[UUID, int]] = cursor.fetchall()
        legs = [
            Leg(
                ledger=ledger,
                id=derived_id(hold, "expire"),
                amount=0,
                kind=Kind.EXPIRE,
                pending_id=hold,
                code=code,
            )
            for hold, code in due
        ]
        results = legs_execute(legs=legs, linked=False)
        done = [hold for (hold, _), r in zip(due, results, strict=True) if r.code is Code.OK]
        expired += done
        if len(due) < SWEEP_ROWS or not done:
            return expired


# --- payments, within a municipality or across two ------------------------------------------------


def payment_execute(*, payments: Sequence[Payment]) -> list[Result]:
    """Move the coins of all payments at once, all or nothing. Raises ``LedgerRefusal``."""
    return legs_execute(legs=_flat(domain.payment_legs(p) for p in payments))


def payment_hold(*, payments: Sequence[Payment], timeout_at: datetime | None) -> list[Result]:
    """Hold the coins of all payments, in each ledger they touch. Raises ``LedgerRefusal``."""
    return legs_execute(legs=_flat(domain.hold_legs(p, timeout_at=timeout_at) for p in payments))


def payment_post(*, payments: Sequence[Payment]) -> list[Result]:
    """Move what was held for the payments; ``amount`` may be less, the rest returns.

    Raises ``LedgerRefusal``.
    """
    return legs_execute(legs=_flat(domain.post_legs(p) for p in payments))


def payment_void(*, payments: Sequence[Payment]) -> list[Result]:
    """Give back what was held for the payments. Raises ``LedgerRefusal``."""
    return legs_execute(legs=_flat(domain.void_legs(p) for p in payments))


# --- the one way into the database ----------------------------------------------------------------


def _flat(groups: Iterable[list[Leg]]) -> list[Leg]:
    return [leg for group in groups for leg in group]


def _account_done(result: AccountResult) -> None:
    if result not in (AccountResult.OK, AccountResult.EXISTS):
        raise refusal(result)


def _call(statement: str, parameters: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


def _array(values: Iterable[object]) -> str | None:
    # A text literal moves 10,000 rows three times as fast as an adapted list, and an array that
    # would have nothing in it is not sent at all. Only uuids, ints, timestamps and names of kinds
    # come here, none of which needs quoting inside an array.
    texts = ["NULL" if v is None else str(v) for v in values]
    if texts.count("NULL") == len(texts):
        return None
    return "{" + ",".join(texts) + "}"


def _times(legs: Sequence[Leg]) -> str | None:
    return _array(
        None if leg.timeout_at is None else f'"{leg.timeout_at.isoformat()}"' for leg in legs
    )


EXECUTE = """
    SELECT ledger_execute(%s, %s::uuid[], %s::uuid[], %s::uuid[], %s::bigint[], %s::text[],
        %s::uuid[], %s::timestamptz[], %s::int[], %s::uuid[], %s::uuid[], %s::int[], %s)
"""
EXECUTE_ONE = "SELECT ledger_execute_one(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
EXECUTE_ALONE = "SELECT ledger_execute_alone(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
#: What ``ledger_execute_alone`` answers when it did nothing.
AGAIN = "again"


def _alone() -> bool:
    """Whether a statement is a transaction of its own, whose locks end with it."""
    return not connection.in_atomic_block


def _execute(
    ledger: int, legs: Sequence[Leg], groups: Sequence[int] | None, now: datetime
) -> list[Code]:
    if not legs:
        return []
    if len(legs) == 1:
        code = _execute_alone(ledger, legs[0], now) if _alone() else AGAIN
        return [Code(_call(EXECUTE_ONE, _one(ledger, legs[0], now)) if code == AGAIN else code)]
    codes = _call(
        EXECUTE,
        [
            ledger,
            _array(leg.id for leg in legs),
            _array(leg.debit for leg in legs),
            _array(leg.credit for leg in legs),
            _array(leg.amount for leg in legs),
            _array(leg.kind.value for leg in legs),
            _array(leg.pending_id for leg in legs),
            _times(legs),
            _array(int(leg.code) for leg in legs),
            _array(leg.reference for leg in legs),
            _array(leg.correction_of for leg in legs),
            None if groups is None else _array(groups),
            now,
        ],
    )
    return [Code(code) for code in codes]


def _one(ledger: int, leg: Leg, now: datetime) -> list[Any]:
    return [
        ledger,
        leg.id,
        leg.debit,
        leg.credit,
        leg.amount,
        leg.kind.value,
        leg.pending_id,
        leg.timeout_at,
        int(leg.code),
        leg.reference,
        leg.correction_of,
        now,
    ]


def _execute_alone(ledger: int, leg: Leg, now: datetime) -> str:
    """The straight way of a leg that is a transaction of its own; ``AGAIN``: it did nothing."""
    if leg.kind not in (Kind.PLAIN, Kind.HOLD) or leg.pending_id or leg.correction_of:
        return AGAIN
    body = [ledger, leg.id, leg.debit, leg.credit, leg.amount, leg.kind.value]
    try:
        return str(_call(EXECUTE_ALONE, [*body, leg.timeout_at, int(leg.code), leg.reference, now]))
    except OperationalError as error:
        # It met a transaction of several calls, and gave its locks back.
        if isinstance(error.__cause__, DeadlockDetected):
            return AGAIN
        raise
