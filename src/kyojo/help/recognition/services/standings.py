"""A place in the town's status list for whatever is given, and the bit when it no longer holds."""

import secrets
from uuid import UUID

from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock

from ..credentials import LIST_BITS
from ..models import Standing, StatusList
from ..waiting import sign_soon

#: A list is half full when the next one begins: a free bit is found at once, by lot.
PER_LIST = LIST_BITS // 2


def standing_make(*, uid: UUID, kind: str, code: str = "") -> Standing:
    """A bit of the town's, drawn by lot: neighbours in the list say nothing of each other."""
    number = Standing.objects.filter(town=current()).count() // PER_LIST + 1
    while True:
        try:
            with transaction.atomic():
                return Standing.objects.create(
                    uid=uid,
                    kind=kind,
                    code=code,
                    town=current(),
                    list_number=number,
                    list_index=secrets.randbelow(LIST_BITS),
                )
        except IntegrityError:
            if Standing.objects.filter(uid=uid).exists():
                raise


def standing_end(*, uid: UUID, reason: str) -> None:
    """It no longer holds; its list is to be made anew. Ended already: the first reason stays."""
    changed = Standing.objects.filter(uid=uid, revoked_at=None).update(
        revoked_at=clock.now(), reason=reason
    )
    if changed:
        number = Standing.objects.values_list("list_number", flat=True).get(uid=uid)
        StatusList.objects.filter(number=number).update(is_stale=True)
        sign_soon()
