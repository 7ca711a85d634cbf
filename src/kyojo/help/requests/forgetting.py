"""Forgetting a person in this room: what they asked for, and what was asked for them."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.forgetting import erased_as, towns_all
from kyojo.civic.people.models import Person, User
from kyojo.kernel import clock

from .models import HelpRequest, RequestStep, Series
from .services import asking_forget

State = HelpRequest.State
#: Of a request: where it was and what was said about the people there.
PLACE_EMPTY = {
    "place_uid": None,
    "place_label": "",
    "address": "",
    "latitude": None,
    "longitude": None,
    "recipient_name": "",
    "recipient_birth_date": None,
    "recipient_relation": "",
    "visitor_note": "",
    "memo": "",
    "gender_wish": "",
}


def person_stops(person: Person) -> list[str]:
    """What has to end first, in words. Of the current municipality."""
    found = []
    theirs = HelpRequest.objects.filter(Q(carer=person) | Q(recipient_uid=person.uid))
    standing = Q(state__in=(State.OPEN, State.MATCHED)) | Q(
        state=State.UNFILLED, ends_at__gt=clock.now()
    )
    if theirs.filter(standing).exists():
        found.append("まだ終わっていない依頼")
    if Series.objects.filter(carer=person, state=Series.State.ACTIVE).exists():
        found.append("くり返しの依頼")
    return found


def person_forget(*, person: Person, by: User | None = None, basis: str = "") -> None:
    """Erase what this room knows of ``person`` in every town. Requests stay as what was asked for
    by nobody known, nowhere known: the town counts them. Again: changes nothing."""
    nobody = erased_as(person)
    for code in towns_all():
        with transaction.atomic(), tenant(code):
            _town_forget(person.uid, nobody)


def _town_forget(uid: UUID, nobody: UUID) -> None:
    asking_forget(person_uid=uid)
    HelpRequest.objects.filter(carer_uid=uid, state=State.DRAFT).delete()
    theirs = HelpRequest.objects.filter(Q(carer_uid=uid) | Q(recipient_uid=uid))
    theirs.update(**PLACE_EMPTY)
    HelpRequest.objects.filter(recipient_uid=uid).update(recipient_uid=nobody)
    HelpRequest.objects.filter(carer_uid=uid).update(carer_uid=nobody)
    RequestStep.objects.filter(actor_uid=uid).update(actor_uid=None)
