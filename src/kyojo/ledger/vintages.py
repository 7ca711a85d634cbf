"""Coins of a vintage that has ended go back to their issuer."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils.crypto import salted_hmac

from . import services
from .errors import refusal
from .types import Code, Leg, TransferCode

#: How many accounts one call empties. Their balances are locked while it runs, so not too many.
SWEEP_ACCOUNTS = 2_000
#: How often accounts that were used meanwhile are looked at again; the next sweep takes the rest.
ROUNDS = 3

#: Somebody held or spent the coins after they were read (and the account was closed even), or
#: another sweep was here: looked at again.
_AGAIN = frozenset(
    {Code.EXCEEDS_CREDITS, Code.DEBIT_ACCOUNT_CLOSED, Code.EXISTS_WITH_DIFFERENT_AMOUNT}
)


@dataclass(frozen=True)
class Swept:
    """How many times an account gave something back in this sweep, and how many coins in all."""

    accounts: int
    amount: int


def vintages_expire(*, ledger: int, currency: str, before: int, into: UUID) -> Swept:
    """Move what is available in accounts of vintages below ``before`` to the account ``into``.

    What is held keeps its vintage: it is left alone until it is handed over or returns, and what
    returns is taken by the next sweep. Holds whose time has come return first. Every call of up
    to ``SWEEP_ACCOUNTS`` accounts commits by itself if no transaction is open, so call it
    outside one: a sweep that is killed has done what it did, and the next one does the rest.

    Sweeps may overlap, and run while coins are held, handed over and returned. The id of a row
    derives from the account and from what it had given before: the same sweep twice moves once,
    and a sweep of coins that came back later is a new one. Nobody else can derive it.

    Raises ``LedgerRefusal`` where ``into`` cannot receive (not there, closed, of another
    currency): nothing of that call was moved.
    """
    services.holds_expire(ledger=ledger)
    accounts = amount = 0
    for _ in range(ROUNDS):
        used_meanwhile = False
        last = UUID(int=0)
        while True:
            due = _due(ledger, currency, before, last)
            legs = [
                Leg(
                    ledger=ledger,
                    id=_row_id(account, given),
                    debit=account,
                    credit=into,
                    amount=available,
                    code=TransferCode.EXPIRY,
                )
                for account, available, given in due
            ]
            for leg, result in zip(
                legs, services.batch_execute(ledger=ledger, legs=legs), strict=True
            ):
                if result.code is Code.OK:
                    accounts, amount = accounts + 1, amount + leg.amount
                elif result.code in _AGAIN:
                    used_meanwhile = True
                elif not result.ok:
                    raise refusal(result.code, index=result.index)
            if len(due) < SWEEP_ACCOUNTS:
                break
            last = due[-1][0]
        if not used_meanwhile:
            break
    return Swept(accounts, amount)


def _row_id(account: UUID, given: int) -> UUID:
    """Ids are public in the log and accounts stand in receipts: without the secret, whoever knows
    an account could find its row and read what was left on it, also after it was forgotten."""
    digest = salted_hmac("kyojo.ledger.vintages", f"{account}/{given}", algorithm="sha256").digest()
    return UUID(bytes=digest[:16], version=4)


def _due(ledger: int, currency: str, before: int, after: UUID) -> list[tuple[UUID, int, int]]:
    """(account, available, given so far), by account."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account, available, given FROM ledger_vintages_due(%s, %s, %s, %s, %s)",
            [ledger, currency, before, after, SWEEP_ACCOUNTS],
        )
        return list(cursor.fetchall())
