"""Which ledger accounts a programme's grants and uses move between. Of the current municipality.

Whose account is whose is known to ``people.coin_accounts`` alone; vintage 0 never expires.
"""

from uuid import UUID

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people import coin_accounts
from kyojo.civic.programmes.models import Programme
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger import services as ledger
from kyojo.ledger.types import AccountCode, Balance, Flag


def account_ensure(*, programme: Programme, person_id: int, vintage: int) -> UUID:
    """The person's account for what expires with ``vintage``, opened if need be."""
    return coin_accounts.account_ensure(
        person_id=person_id, vintage=vintage, currency=programme.currency
    )


def used_ensure(*, programme: Programme, use: str) -> UUID:
    """The programme's account that receives what is used in this way."""
    account = derived_id(programme.issuer_account, "used", use)
    ledger.account_open(
        ledger=current(),
        id=account,
        currency=programme.currency,
        code=AccountCode.DONATION if use == "donation" else AccountCode.REDEEMED,
        stripes=ledger.HOT_STRIPES,
    )
    return account


def bearer_ensure(*, programme: Programme, vintage: int) -> UUID:
    """The programme's account for who holds its paper tickets of a vintage."""
    account = derived_id(programme.issuer_account, "bearer", vintage)
    ledger.account_open(
        ledger=current(),
        id=account,
        currency=programme.currency,
        code=AccountCode.REDEEMED,
        vintage=vintage,
        flags=Flag.DEBITS_MUST_NOT_EXCEED_CREDITS,
    )
    return account


def balances(*, programme: Programme, person_id: int) -> dict[int, tuple[UUID, Balance]]:
    """Vintage → account and balance, the one that expires first in front, 0 last."""
    rows = coin_accounts.vintages_of(person_id, programme.currency)
    found = ledger_selectors.balances(ledger=current(), accounts=list(rows.values()))
    return {
        vintage: (rows[vintage], found[rows[vintage]])
        for vintage in sorted(rows, key=lambda v: v or 10_000)
        if rows[vintage] in found
    }


def split(*, programme: Programme, person_id: int, amount: int) -> list[tuple[int, UUID, int]]:
    """(vintage, account, part) that make up ``amount``, what expires first in front.

    The caller has locked the person and knows that there is enough.
    """
    parts, left = [], amount
    for vintage, (account, balance) in balances(programme=programme, person_id=person_id).items():
        if left == 0 or balance.available <= 0 or 0 < vintage < clock.fiscal_year():
            continue
        part = min(left, balance.available)
        parts.append((vintage, account, part))
        left -= part
    assert left == 0, "there is less than the wallet said"
    return parts
