"""Staff who are in a visit themselves: what was pressed or told there is not theirs to read or to
take, since it may be about them. In the place's town."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import person_of_user
from kyojo.help.support.models import Visit


def visits_of(user: User) -> QuerySet[Visit]:
    """Visits in which ``user`` of the staff has a part as a member."""
    person = person_of_user(user)
    if person is None:
        return Visit.objects.none()
    uid = person.uid
    found: QuerySet[Visit] = Visit.objects.order_by().filter(
        Q(supporter_uid=uid) | Q(carer_uid=uid) | Q(recipient_uid=uid)
    )
    return found


def people_of(visit_uids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """visit → uids of everybody in it."""
    rows = Visit.objects.filter(uid__in=set(visit_uids)).values_list(
        "uid", "supporter_uid", "carer_uid", "recipient_uid"
    )
    return {uid: {one for one in people if one is not None} for uid, *people in rows}


def logins_of(uids: Iterable[UUID]) -> dict[UUID, int]:
    """uid → login, of those who are members here and have one."""
    found = Person.objects.filter(uid__in=set(uids), user_id__isnull=False)
    return dict(found.values_list("uid", "user_id"))
