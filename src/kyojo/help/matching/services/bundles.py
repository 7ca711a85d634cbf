"""Bundles: everybody proposed is asked with one press, or nobody; what is left is taken back at
once. In the carer's town. Locks: the bundle, its requests, then the people."""

from collections.abc import Mapping
from itertools import pairwise
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people.errors import CoinsShort
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import persons_lock
from kyojo.help.requests.errors import BundleOver
from kyojo.help.requests.models import Bundle, HelpRequest
from kyojo.help.requests.services import bundle_cancelled
from kyojo.kernel.amounts import grouped
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id

from ..errors import BundleNobody, BundleTwice
from ..models import Offer
from .answers import request_withdraw
from .asking import offer_ask
from .series import asked_lock, requests_locked

#: (municipality, supporter) of whom to ask.
Who = tuple[int, UUID]


def bundle_ask(
    *, order_id: UUID, bundle_uid: UUID, carer: Person, choices: Mapping[UUID, Who]
) -> list[Offer]:
    """Ask one person for each part of ``choices`` (part's uid → who), each with a hold; all or
    nobody. The same order again returns the same questions.

    Raises ``NotFound``, ``BundleOver``, ``BundleNobody``, ``BundleTwice`` (one person at two places
    at once), ``CoinsShort`` for the whole, and as ``offer_ask``; then no coin moved.
    """
    with transaction.atomic():
        bundle = Bundle.objects.select_for_update().filter(uid=bundle_uid, carer=carer).first()
        if bundle is None:
            raise NotFound()
        if bundle.cancelled_at is not None:
            raise BundleOver()
        uids = HelpRequest.objects.filter(bundle_uid=bundle_uid).values_list("uid", flat=True)
        orders = {uid: derived_id(order_id, uid) for uid in uids}
        before = list(Offer.objects.filter(uid__in=orders.values()))
        if before:
            return before
        if not choices:
            raise BundleNobody()
        parts = {one.uid: one for one in requests_locked(list(choices))}
        if any(one.bundle_uid != bundle_uid for one in parts.values()):
            raise NotFound()
        _nobody_twice(parts, choices)
        persons_lock(keys=[(carer.municipality_id, carer.pk), *_people(set(choices.values()))])
        _coins_checked(carer, list(parts.values()))
        return [
            offer_ask(
                order_id=orders[uid],
                request_uid=uid,
                carer=carer,
                supporter_uid=choices[uid][1],
                supporter_municipality_id=choices[uid][0],
            )
            for uid in sorted(parts, key=lambda uid: (parts[uid].starts_at, uid))
        ]


def _nobody_twice(parts: Mapping[UUID, HelpRequest], choices: Mapping[UUID, Who]) -> None:
    by_person: dict[Who, list[HelpRequest]] = {}
    for uid, who in choices.items():
        by_person.setdefault(who, []).append(parts[uid])
    for mine in by_person.values():
        mine.sort(key=lambda one: one.starts_at)
        if any(a.ends_at > b.starts_at for a, b in pairwise(mine)):
            raise BundleTwice()


def _coins_checked(carer: Person, parts: list[HelpRequest]) -> None:
    missing = sum(one.price_coins or 0 for one in parts) - coins.purse(carer).available
    if missing > 0:
        raise CoinsShort(missing=grouped(missing), missing_coins=missing)


def _people(everybody: set[Who]) -> list[tuple[int, int]]:
    """Raises ``NotFound`` for whoever is not there any more."""
    keys = []
    for town, uid in everybody:
        with tenant(town):
            person = Person.objects.filter(uid=uid).values_list("pk", flat=True).first()
        if person is None:
            raise NotFound()
        keys.append((town, person))
    return keys


def bundle_cancel(*, uid: UUID, carer: Person) -> int:
    """Take back everything for which nobody is coming, at once; visits that stand stay. Returns
    how many were taken back. Again: nothing changes. Raises ``NotFound``."""
    with transaction.atomic():
        bundle_cancelled(uid=uid, carer=carer)
        uids = HelpRequest.objects.filter(bundle_uid=uid).values_list("uid", flat=True)
        waiting = [
            one
            for one in requests_locked(list(uids))
            if one.state in (HelpRequest.State.OPEN, HelpRequest.State.UNFILLED)
        ]
        asked_lock(carer=carer, uids=[one.uid for one in waiting])
        for one in waiting:
            request_withdraw(uid=one.uid, carer=carer, reason="bundle_cancel")
    return len(waiting)
