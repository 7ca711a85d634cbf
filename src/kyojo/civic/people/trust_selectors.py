"""Reads about trust: what was checked, what ends, what waits. Of the current municipality."""

from collections.abc import Mapping
from datetime import timedelta

from django.db.models import Q, QuerySet

from kyojo.civic.programmes.domain import TRUST_USUAL, TrustRule
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .models import CounterLook, IdentityClash, Person, TrustCheck, TrustClaim
from .trust import Held, Level, level_of


def trust_rules() -> Mapping[str, TrustRule]:
    """How each kind of check is made and how long it counts, as the programme in force says."""
    try:
        return programme_current()[1].trust
    except ProgrammeMissing:
        return TRUST_USUAL


def held_of(person: Person) -> list[Held]:
    """What ``person`` has been checked for; what has ended is among it, what was withdrawn not."""
    rows = TrustCheck.objects.filter(person=person, withdrawn_at=None)
    return [Held(*row) for row in rows.values_list("kind", "label", "valid_until")]


def level(person: Person) -> Level:
    today = clock.today()
    kinds = {one.kind for one in held_of(person) if one.holds_on(today)}
    return level_of(kinds, contact=contact_confirmed(person))


def contact_confirmed(person: Person) -> bool:
    """Whether they were reached once: a mailed link was used, or, without a login, the office has
    their telephone number from themselves."""
    if person.user is not None:
        return person.user.last_login is not None
    return bool(person.phone)


def checks_of(person: Person) -> list[TrustCheck]:
    """Everything on record, also what has ended or was withdrawn; the newest first."""
    return list(TrustCheck.objects.filter(person=person).order_by("-checked_at", "-id"))


def claims_of(person: Person) -> list[TrustClaim]:
    """What they say of themselves and nobody has checked."""
    return list(TrustClaim.objects.filter(person=person))


def check_by_id(check_id: int) -> TrustCheck:
    """Raises ``NotFound``."""
    found: TrustCheck | None = (
        TrustCheck.objects.select_related("person").filter(pk=check_id).first()
    )
    if found is None:
        raise NotFound()
    return found


def checks() -> QuerySet[TrustCheck]:
    """Of members who have not left, what ends first in front, with the member."""
    found: QuerySet[TrustCheck] = TrustCheck.objects.filter(person__left_at=None)
    return found.select_related("person").order_by("valid_until", "id")


def checks_ending(*, within_days: int) -> QuerySet[TrustCheck]:
    """What still counts and ends within so many days, of those who help."""
    last = clock.today() + timedelta(days=within_days)
    return checks().filter(
        Q(valid_until__lte=last), TrustCheck.standing(), person__supporter_since__isnull=False
    )


def looks_waiting(person: Person | None = None) -> list[CounterLook]:
    """What a second member of staff is to confirm, of everybody or of one, the oldest first."""
    found = CounterLook.objects.filter(state=CounterLook.State.WAITING, ends_at__gt=clock.now())
    if person is not None:
        found = found.filter(person=person)
    return list(found.select_related("person"))


def look_by_uid(uid: object) -> CounterLook:
    """Raises ``NotFound``."""
    found: CounterLook | None = CounterLook.objects.select_related("person").filter(uid=uid).first()
    if found is None:
        raise NotFound()
    return found


def clashes_open() -> list[IdentityClash]:
    found = IdentityClash.objects.filter(outcome="").select_related("person", "other")
    return list(found)
