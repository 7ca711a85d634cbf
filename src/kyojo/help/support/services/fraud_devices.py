"""Which device pressed for whom at a visit, and what is forgotten of it."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.kernel import clock

from ..domain import Role
from ..fraud_facts import IN_VIEW, device_hash
from ..models import Clearance, DevicePress, Visit, VisitLook, VisitScore
from .steps import roles_of

#: As long as a cookie's value may be.
COOKIE_MAX = 64


def device_keep(*, visit_uid: UUID, by: Person, moment: str, cookie: str) -> None:
    """Keep that ``by`` pressed at ``moment`` (start, end, during, confirm) with the device of this
    cookie, as a keyed hash in the place's town. Again: nothing changes. Of whoever is neither the
    carer nor the supporter nothing is kept."""
    visit = Visit.objects.filter(uid=visit_uid).first()
    if not cookie or len(cookie) > COOKIE_MAX or visit is None:
        return
    if not roles_of(visit, by) & {Role.CARER, Role.SUPPORTER}:
        return
    with tenant(visit.place_municipality_id):
        row = DevicePress(
            visit_uid=visit.uid,
            person_uid=by.uid,
            moment=moment[:8],
            device=device_hash(cookie),
            at=clock.now(),
        )
        DevicePress.objects.bulk_create([row], ignore_conflicts=True)


def device_shared(visit: Visit) -> bool:
    """Whether the device that confirmed the visit has also pressed for its supporter. Runs in the
    place's town."""
    confirming = DevicePress.objects.filter(
        visit_uid=visit.uid, moment="confirm", person_uid=visit.carer_uid
    ).values("device")
    return DevicePress.objects.filter(
        person_uid=visit.supporter_uid, device__in=confirming
    ).exists()


def traces_erase() -> int:
    """Erase what is no longer in view: presses and the hashes of positions. Runs in a town, every
    night. Returns how many rows were touched."""
    before = clock.now() - IN_VIEW - timedelta(days=1)
    presses, _ = DevicePress.objects.filter(at__lt=before).delete()
    scores = VisitScore.objects.filter(scored_at__lt=before).exclude(prints=[])
    return int(presses) + int(scores.update(prints=[], numbers={}))


def fraud_forget(*, person_uid: UUID) -> None:
    """Forget the devices of a person, what was kept of their positions, what staff noted while
    looking at their visits, and what was cleared for them, in the current town. Again: nothing
    changes."""
    DevicePress.objects.filter(person_uid=person_uid).delete()
    theirs = Visit.objects.filter(
        Q(carer_uid=person_uid) | Q(supporter_uid=person_uid) | Q(recipient_uid=person_uid)
    )
    VisitLook.objects.filter(visit_uid__in=theirs.values("uid")).update(note="")
    own = Visit.objects.filter(supporter_uid=person_uid).values("uid")
    VisitScore.objects.filter(visit_uid__in=own).update(prints=[], numbers={}, accuracy_m=None)
    for side in ("one_uid", "other_uid"):
        Clearance.objects.filter(**{side: person_uid}).delete()
