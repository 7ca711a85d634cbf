"""Forgetting a person: whose coins were whose, and everything this room knows of them.

Every room that holds something of people offers ``forgetting.person_forget``. They run from the
upper rooms down to this one, which is the last: here the person's id is replaced.
"""

from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models.functions import Cast

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger import services as ledger
from kyojo.ledger.errors import LedgerRefusal
from kyojo.ledger.log.services import account_forget

from .errors import CoinsStillHeld
from .login_forgetting import login_forget, relations_to
from .models import (
    Act,
    Agreement,
    Block,
    CarePlace,
    CoinOrder,
    DistributionRow,
    Person,
    PersonAccount,
    User,
)
from .services.acts import act_record, proxy_checked
from .services.locks import persons_lock

#: What stands in the place of a name.
NOBODY_NAME = "（退会した人）"
#: Rows of this room that stay, since they say nothing of who it was.
KEPT = frozenset({"personaccount", "coinorder", "distributionrow", "consent"})
EMPTY: dict[str, Any] = {
    "user": None,
    "family_name": NOBODY_NAME,
    "given_name": "",
    "family_kana": "",
    "given_kana": "",
    "birth_date": None,
    "gender": "",
    "phone": "",
    "languages": [],
    "introduction": "",
    "occupation": "",
    "carer_since": None,
    "supporter_since": None,
    "recipient_since": None,
    "address": "",
    "latitude": None,
    "longitude": None,
    "area": None,
    "travel": Person.Travel.WALK,
    "travel_limit_m": 2000,
    "asks_per_week_max": 2,
    "resting_until": None,
}


def towns_all() -> list[int]:
    """The codes of all towns, ascending: somebody may be noted in any of them."""
    return list(Municipality.objects.order_by("id").values_list("id", flat=True))


def erased_as(person: Person) -> UUID:
    """The id that takes the place of the person's own while and after they are erased; chosen by
    the first call, by chance, so that nothing leads back from it."""
    with transaction.atomic(), tenant(person.municipality_id):
        Person.objects.filter(pk=person.pk, erased_as=None).update(erased_as=new_id())
        person.refresh_from_db(fields=["erased_as"])
    assert person.erased_as is not None
    return person.erased_as


def person_forget(*, person: Person, by: User | None = None, basis: str = "") -> None:
    """Erase what this room knows of ``person``, and the login, in every town. The last of the
    rooms: of the person an empty row is left, under another id, for the books to point to.

    The record of operations keeps what was done, for the id they are erased as. Again: changes
    nothing. Raises as ``coins_forget``.
    """
    town = person.municipality_id
    with transaction.atomic():
        coins_forget(person=person, by=by, basis=basis)
        nobody = erased_as(person)
        with tenant(town):
            row = persons_lock(keys=[(town, person.pk)])[town, person.pk]
            if row.erased_at is not None:
                return
            _own_rows_forget(row)
        for code in towns_all():
            with tenant(code):
                Block.objects.filter(blocked_uid=row.uid).delete()
                agreed = Agreement.objects.filter(guardian_uid=row.uid)
                agreed.update(guardian_uid=None, details_sealed=b"")
                CarePlace.objects.filter(recipient_uid=row.uid).delete()
                acts = Act.objects.filter(subject_kind="person", subject_id=str(row.uid))
                acts.update(subject_id=str(nobody), note="")
        with tenant(town):
            user = row.user
            now = clock.now()
            Person.objects.filter(pk=row.pk).update(
                **EMPTY,
                uid=nobody,
                number=f"X-{row.pk}"[:12],
                left_at=row.left_at or now,
                erased_at=now,
            )
        if user is not None:
            login_forget(user=user)


def _own_rows_forget(person: Person) -> None:
    """Whatever of this room hangs on the person; of coins that were given by a list, the line."""
    for relation in relations_to(Person):
        model = relation.related_model
        if model._meta.app_label != Person._meta.app_label or model._meta.model_name in KEPT:
            continue
        if relation.on_delete is models.CASCADE:  # type: ignore[attr-defined]
            model._default_manager.filter(**{relation.field.name: person}).delete()
        else:
            model._default_manager.filter(**{relation.field.name: person}).update(
                **{relation.field.name: None}
            )
    DistributionRow.objects.filter(person=person).update(raw={}, problem=None)
    unmatched = DistributionRow.objects.filter(person=None).annotate(
        words=Cast("raw", models.TextField())
    )
    of_them = models.Q(words__contains=person.number) | models.Q(
        words__contains=person.family_name
    ) & models.Q(words__contains=person.given_name)
    unmatched.filter(of_them).update(raw={})


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
