"""The order in which people's rows are locked, in every room."""

from collections.abc import Iterable

from django.db import transaction

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel.errors import NotFound

from ..models import Person


def persons_lock(*, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Person]:
    """Lock people by (municipality code, person id), in that order, until the transaction ends.

    Give all people of one decision in one call: two transactions that lock the same two people
    then wait for each other in a row, never in a ring. Lock rows of twins (requests, visits)
    before people, and people before coins move. May cross municipalities, needs a transaction.

    The lock is FOR NO KEY UPDATE, so that rows which only point to a locked person can be
    written meanwhile. Raises ``NotFound``.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("persons_lock outside a transaction would unlock at once")
    locked: dict[tuple[int, int], Person] = {}
    for municipality_id, person_id in sorted(set(keys)):
        with tenant(municipality_id):
            person = Person.objects.select_for_update(no_key=True).filter(pk=person_id).first()
        if person is None:
            raise NotFound()
        locked[municipality_id, person_id] = person
    return locked
