"""Which ledger account is whose: one per person, currency and vintage, with a random id.

Nothing but ``PersonAccount`` leads from a person to an account. All of the current municipality.
"""

from collections.abc import Collection
from uuid import UUID, uuid4

from kyojo.civic.municipalities.tenancy import current
from kyojo.ledger import services as ledger
from kyojo.ledger.accounts import accounts_open
from kyojo.ledger.types import COIN, AccountCode, Flag

from .models import PersonAccount

ROWS_AT_ONCE = 2_000
FLAGS = Flag.DEBITS_MUST_NOT_EXCEED_CREDITS


def account_ensure(*, person_id: int, vintage: int, currency: str = COIN) -> UUID:
    """The account of a person for ``vintage`` (0: for ever), opened if need be."""
    row, created = PersonAccount.objects.get_or_create(
        person_id=person_id, currency=currency, vintage=vintage, defaults={"account": uuid4()}
    )
    if created:
        ledger.account_open(
            ledger=current(),
            id=row.account,
            currency=currency,
            code=AccountCode.PERSON,
            vintage=vintage,
            flags=FLAGS,
        )
    return row.account  # type: ignore[no-any-return]


def accounts_ensure(*, person_ids: Collection[int], vintage: int) -> dict[int, UUID]:
    """``account_ensure`` for many people, in a handful of statements: account by person id.

    Needs a transaction, as the link and the account are written together.
    """
    found = _accounts(person_ids, vintage)
    # In one order, so that two who give to the same people wait for each other one way only.
    made = [
        PersonAccount(person_id=person_id, currency=COIN, vintage=vintage, account=uuid4())
        for person_id in sorted(set(person_ids) - found.keys())
    ]
    if not made:
        return found
    PersonAccount.objects.bulk_create(made, ignore_conflicts=True, batch_size=ROWS_AT_ONCE)
    found = _accounts(person_ids, vintage)
    # Where somebody else made the link in this moment theirs stands, and the account behind it.
    accounts_open(
        ledger=current(),
        ids=[row.account for row in made if found[row.person_id] == row.account],
        currency=COIN,
        code=AccountCode.PERSON,
        vintage=vintage,
        flags=FLAGS,
    )
    return found


def vintages_of(person_id: int, currency: str = COIN) -> dict[int, UUID]:
    """The person's account of each vintage."""
    rows = PersonAccount.objects.filter(person_id=person_id, currency=currency)
    return dict(rows.values_list("vintage", "account"))


def _accounts(person_ids: Collection[int], vintage: int) -> dict[int, UUID]:
    rows = PersonAccount.objects.filter(
        person_id__in=set(person_ids), currency=COIN, vintage=vintage
    )
    return dict(rows.values_list("person_id", "account"))
