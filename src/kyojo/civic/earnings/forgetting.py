"""Forgetting a person in this room. The books stay whole: amounts, days and numbers of papers are
kept for as long as the law of accounts asks, and belong to nobody known."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import notices_about_forget, persons_lock

from . import open_selectors
from .models import Coupon, Invoice, Movement, PaidHelp, Record, Redemption, Standing
from .services.leaving import left_to_settle

#: What stands where the reason of a correction was: it may have named somebody.
REASON_GONE = "（消しました）"
#: Uses whose ``detail`` is an item or an organisation of the document, never a person.
PUBLIC_USES = ("donation", "goods", "voucher", "shop", "event", "premium")


def person_stops(person: Person) -> list[str]:
    """What has to end first, in words. Of the current municipality."""
    items = open_selectors.stops_leaving(person)
    found = [open_selectors.NAMES[one.kind] for one in items]
    # What only lapses needs nobody's word; where money goes, somebody has to say.
    paid = [
        one
        for one in left_to_settle(person=person, event="quitting")
        if one.way != "lapse" and not one.waits
    ]
    if paid:
        found.append("残っている分の払い出しか寄付")
    return list(dict.fromkeys(found))


def person_forget(*, person: Person, by: User | None = None, basis: str = "") -> None:
    """Erase from the books who it was. Records, grants, invoices and movements stay, and point to
    the empty row; bank accounts, free words and standings go. Again: changes nothing."""
    town = person.municipality_id
    with transaction.atomic(), tenant(town):
        persons_lock(keys=[(town, person.pk)])
        _notices_forget(person)
        Standing.objects.filter(person=person).delete()
        redemptions = Redemption.objects.filter(person=person)
        Coupon.objects.filter(redemption__in=redemptions).update(redemption=None)
        redemptions.exclude(use__in=PUBLIC_USES).update(detail="")
        redemptions.update(payee_encrypted=None, note="")
        void = Record.objects.filter(person=person).exclude(void_reason="")
        void.update(void_reason=REASON_GONE)
        helps = PaidHelp.objects.filter(Q(helper=person) | Q(helped=person))
        helps.exclude(void_reason="").update(void_reason=REASON_GONE)
        Invoice.objects.filter(person=person).exclude(void_reason="").update(
            void_reason=REASON_GONE
        )


def _notices_forget(person: Person) -> None:
    """What the others of a paid help or a handing over were told may name the person."""
    others: set[int] = set()
    ids: set[UUID] = set()
    pairs = (
        (PaidHelp, "helper", "helped"),
        (PaidHelp, "helped", "helper"),
        (Movement, "giver", "receiver"),
        (Movement, "receiver", "giver"),
    )
    for model, mine, theirs in pairs:
        rows = model.objects.filter(**{mine: person}).exclude(**{theirs: None})
        for uid, other in rows.values_list("uid", f"{theirs}_id"):
            ids.add(uid)
            others.add(other)
    notices_about_forget(person_ids=others, ids=ids)
