"""Who is suspended now: reads, and the refusal of what they may not do.

Somebody is suspended while a suspension of theirs stands and its time has not passed. Whoever
brings people together, or lets somebody ask, offer, reserve, write or give, calls
``suspended_refuse``; matching leaves them out by itself.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from kyojo.civic.municipalities.sealing import unseal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel import clock

from .errors import Suspended
from .models import Person, Suspension

STANDING = (Suspension.State.PROVISIONAL, Suspension.State.STANDING)


def suspensions_standing() -> QuerySet[Suspension]:
    """Those of the current municipality that hold now."""
    found: QuerySet[Suspension] = Suspension.objects.filter(
        state__in=STANDING, until__gt=clock.now()
    )
    return found


def suspension_of(person: Person) -> Suspension | None:
    """The suspension under which a member of the current municipality is now."""
    return suspensions_standing().filter(person=person).first()


def is_suspended(municipality_id: int, uid: UUID) -> bool:
    """Opens that municipality by itself."""
    with tenant(municipality_id):
        return suspensions_standing().filter(person__uid=uid).exists()


def any_suspended(sides: Iterable[tuple[int, UUID]]) -> bool:
    """Whether one of the people (municipality code, uid) is."""
    return any(is_suspended(*side) for side in sorted(set(sides)))


def suspended_refuse(person: Person) -> None:
    """Raises ``Suspended`` for a member, of whatever municipality, who is now."""
    if is_suspended(person.municipality_id, person.uid):
        raise Suspended()


def suspensions_of(person: Person) -> list[Suspension]:
    """All there were, the newest first."""
    return list(
        Suspension.objects.select_related("by", "confirmed_by", "ended_by").filter(person=person)
    )


def reason_of(suspension: Suspension) -> str:
    """Why, as the person reads it; "" once it is erased."""
    return _opened(suspension.reason_sealed)


def appeal_of(suspension: Suspension) -> str:
    return _opened(suspension.appeal_sealed)


def answer_of(suspension: Suspension) -> str:
    return _opened(suspension.answer_sealed)


def _opened(sealed: bytes) -> str:
    return str(unseal(sealed)) if sealed else ""
