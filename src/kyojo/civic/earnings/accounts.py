"""Which ledger accounts a programme's grants and uses move between. Of the current municipality.

A person's account of a currency and vintage is linked by ``people.PersonAccount`` and by nothing
else; vintage 0 holds what never expires.
"""

from uuid import UUID, uuid4

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import PersonAccount
from kyojo.civic.programmes.models import Programme
from kyojo.kernel.ids import derived_id
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger import services as ledger
from kyojo.ledger.types import AccountCode, Balance, Flag

LIMITED = Flag.DEBITS_MUST_NOT_EXCEED_CREDITS


def account_ensure(*, programme: Programme, person_id: int, vintage: int) -> UUID:
    """The person's account for what expires with ``vintage``, opened if need be."""
    row, created = PersonAccount.objects.get_or_create(
        person_id=person_id,
        currency=programme.currency,
        vintage=vintage,
        defaults={"account": uuid4()},
    )
    if created:
        ledger.account_open(
            ledger=current(),
            id=row.account,
            currency=programme.currency,
            code=AccountCode.PERSON,
            vintage=vintage,
            flags=LIMITED,
        )
    return row.account  # type: ignore[no-any-return]


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


def balances(*, programme: Programme, person_id: int) -> dict[int, tuple[UUID, Balance]]:
    """Vintage → account and balance, the one that expires first in front, 0 last."""
    rows = dict(
        PersonAccount.objects.filter(person_id=person_id, currency=programme.currency).values_list(
            "vintage", "account"
        )
    )
    found = ledger_selectors.balances(ledger=current(), accounts=list(rows.values()))
    return {
        vintage: (rows[vintage], found[rows[vintage]])
        for vintage in sorted(rows, key=lambda v: v or 10_000)
        if rows[vintage] in found
    }
