"""The standing cast of the ledger's tests: two towns' ledgers and opaque accounts in them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from uuid import UUID

from django.db import connection, transaction

from kyojo.kernel import clock
from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors, services
from kyojo.ledger.types import COIN, AccountCode, Balance, Code, Flag, Kind, Leg, TransferCode

KITA = 990019
MIDORI = 990027
NOON = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMITED = Flag.DEBITS_MUST_NOT_EXCEED_CREDITS


def open_account(
    ledger: int = KITA,
    *,
    code: AccountCode = AccountCode.PERSON,
    flags: Flag = LIMITED,
    currency: str = COIN,
    stripes: int = 1,
) -> UUID:
    account = new_id()
    services.account_open(
        ledger=ledger, id=account, currency=currency, code=code, flags=flags, stripes=stripes
    )
    return account


@dataclass(frozen=True)
class Town:
    """An issuer without limit, and a carer with 100 coins and a supporter with none."""

    ledger: int = KITA
    issuer: UUID = field(init=False)
    carer: UUID = field(init=False)
    supporter: UUID = field(init=False)

    def __post_init__(self) -> None:
        issuer = open_account(self.ledger, code=AccountCode.ISSUER, flags=Flag(0))
        object.__setattr__(self, "issuer", issuer)
        object.__setattr__(self, "carer", open_account(self.ledger))
        object.__setattr__(self, "supporter", open_account(self.ledger))
        self.give(self.carer, 100)

    def give(self, account: UUID, amount: int) -> None:
        leg = Leg(
            ledger=self.ledger,
            id=new_id(),
            debit=self.issuer,
            credit=account,
            amount=amount,
            code=TransferCode.DISTRIBUTE,
        )
        services.legs_execute(legs=[leg])

    def leg(self, amount: int = 10, **changes: object) -> Leg:
        """From the carer to the supporter; of a post, void or expiry: of ``pending_id``."""
        kind = changes.get("kind", Kind.PLAIN)
        own: dict[str, object] = {"ledger": self.ledger, "id": new_id(), "amount": amount}
        own["code"] = TransferCode.SUPPORT
        if kind in (Kind.PLAIN, Kind.HOLD):
            own |= {"debit": self.carer, "credit": self.supporter}
        return Leg(**(own | changes))  # type: ignore[arg-type]

    def hold(self, amount: int = 10, **changes: object) -> Leg:
        """A hold that has been executed."""
        leg = self.leg(amount, kind=Kind.HOLD, **changes)
        assert services.legs_execute(legs=[leg])[0].code is Code.OK
        return leg

    def resolve(self, hold: Leg, kind: Kind, amount: int | None = None, **changes: object) -> Leg:
        whole = hold.amount if amount is None else amount
        return self.leg(whole, kind=kind, pending_id=hold.id, **changes)

    def balance(self, account: UUID) -> Balance:
        return balance(self.ledger, account)


@contextmanager
def reading(ledger: int) -> Iterator[None]:
    """What ``tenancy.tenant`` does for the database, without the room above."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.municipality', true)")
        row = cursor.fetchone()
        before = row[0] if row and row[0] else ""
        cursor.execute(f"SET LOCAL app.municipality = '{ledger}'")
        yield
        cursor.execute(f"SET LOCAL app.municipality = '{before}'")


def balance(ledger: int, account: UUID) -> Balance:
    with reading(ledger):
        return selectors.balance(ledger=ledger, account=account)


def as_its_own_transaction(alone: bool) -> AbstractContextManager[object]:
    """What services are told: whether a call is all of its transaction. It shortens their way."""
    return patch.object(services, "_alone", lambda: alone)


def code_of(leg: Leg) -> Code:
    """What became of one leg, refused or not."""
    return services.legs_execute(legs=[leg], linked=False)[0].code


def at(moment: datetime):  # type: ignore[no-untyped-def]
    return clock.frozen(moment)
