"""Forgetting whose coins were whose: what erases a person from the ledgers and their logs."""

from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger import services as ledger
from kyojo.ledger.errors import LedgerRefusal
from kyojo.ledger.log.services import account_forget

from .errors import CoinsStillHeld
from .models import CoinOrder, Person, PersonAccount, User
from .services.acts import act_record, proxy_checked
from .services.locks import persons_lock


def coins_forget(*, person: Person, by: User | None = None, basis: str = "") -> int:
    """Cut every link between ``person`` and their coins, for ever; how many accounts there were.

    The rows that say which accounts are theirs and what they ordered are deleted, and the key of
    each account is erased from the log. Transfers, leaves and everybody else's receipts stand and
    verify as before; nobody can show any more that a side of one was this person's. Empty accounts
    are closed; coins that are left can be spent by nobody and return when their year ends.

    It cannot be undone, so it is no part of leaving (``person_leave``), after which visits are
    still settled and receipts still fetched. Again: changes nothing.

    Raises ``CoinsStillHeld`` while coins are held from or for the person, ``NotFound`` or
    ``BasisMissing`` as ``proxy_checked``.
    """
    town = person.municipality_id
    with transaction.atomic(), tenant(town):
        proxy_checked(by=by, basis=basis)
        persons_lock(keys=[(town, person.pk)])
        links = PersonAccount.objects.filter(person=person)
        accounts: list[UUID] = sorted(links.values_list("account", flat=True))
        found = ledger_selectors.balances(ledger=town, accounts=accounts)
        if any(one.debits_pending or one.credits_pending for one in found.values()):
            raise CoinsStillHeld()
        CoinOrder.objects.filter(payer=person).delete()
        links.delete()
        if accounts:
            act_record(
                actor=by,
                action="coins_forgotten",
                subject_kind="person",
                subject_id=person.uid,
                basis=basis if by is not None else "",
            )
        for account in accounts:
            _close(town, account)
        # Last, since the log waits from here to the end of the transaction.
        for account in accounts:
            account_forget(ledger=town, account=account)
    return len(accounts)


def _close(town: int, account: UUID) -> None:
    """Close an account that is empty; one with coins keeps them until their year ends."""
    try:
        ledger.account_close(ledger=town, id=account)
    except LedgerRefusal as refused:
        if refused.code != "account_not_empty":
            raise
