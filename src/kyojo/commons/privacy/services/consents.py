"""Taking a consent back, with all that follows from it: told before, done at once."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations.models import Employment
from kyojo.civic.organisations.services import consent_withdraw as company_withdraw
from kyojo.civic.people import sentences
from kyojo.civic.people.forgetting import towns_all
from kyojo.civic.people.models import CarePlace, ConsentText, Person, User
from kyojo.civic.people.services import consent_take_back, identity_forget
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support.services.notes import notes_forget
from kyojo.help.support.services.photos import photos_forget, photos_stop

from ..errors import ConsentNeeded

Kind = ConsentText.Kind


def consent_withdraw(*, person: Person, kind: str, by: User | None = None, basis: str = "") -> bool:
    """The person agrees no more, and what rested on it ends: see ``EFFECTS``. True if they did
    until now; again: nothing changes.

    Raises ``ConsentNeeded`` for the consent that a membership is, ``BasisMissing``.
    """
    if kind == Kind.REGISTRATION:
        raise ConsentNeeded()
    with transaction.atomic():
        taken_back = consent_take_back(person=person, kind=kind, by=by, basis=basis)
        if taken_back and kind in EFFECTS:
            EFFECTS[kind](person)
    return taken_back


def _company(person: Person) -> None:
    for employment in Employment.objects.filter(person=person):
        company_withdraw(employment=employment)


def _photos(person: Person) -> None:
    for code in towns_all():
        with tenant(code):
            photos_stop(person_uid=person.uid)
            photos_forget(person_uid=person.uid)


def _health(person: Person) -> None:
    CarePlace.objects.filter(carer=person).update(visitor_note="")
    for code in towns_all():
        with tenant(code):
            HelpRequest.objects.filter(carer_uid=person.uid).update(visitor_note="")
            notes_forget(Q(carer_uid=person.uid))


def _identity(person: Person) -> None:
    identity_forget(person=person, reason=sentences.CONSENT_TAKEN_BACK)


EFFECTS: dict[str, Callable[[Person], None]] = {
    Kind.COMPANY_SUM: _company,
    Kind.IDENTITY: _identity,
    Kind.PHOTO: _photos,
    Kind.HEALTH: _health,
}
