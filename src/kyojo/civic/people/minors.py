"""Who under 18 has an adult's yes: reads, and the refusal of what needs it.

Whoever brings people together calls ``agreement_refuse`` for the one who asks; matching leaves
supporters without an agreement out by itself.
"""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from kyojo.civic.municipalities.sealing import unseal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel import clock

from . import minors_domain as domain
from .domain import ALONE_FROM_YEARS
from .errors import AgreementMissing
from .models import Agreement, CareContact, CarePlace, Person


def is_minor(person: Person) -> bool:
    return domain.is_minor(person.birth_date, clock.today())


def agreement_of(person: Person) -> Agreement | None:
    """The agreement that stands. Of the current municipality."""
    found: Agreement | None = (
        Agreement.objects.select_related("recorded_by").filter(person=person, ended_at=None).first()
    )
    return found


def agreements_of(person: Person) -> list[Agreement]:
    """All there were, the newest first."""
    return list(Agreement.objects.select_related("recorded_by", "ended_by").filter(person=person))


def guardian_of(agreement: Agreement) -> dict[str, str]:
    """The guardian's name, kana, relation and phone; empty for a coordinator, or once erased."""
    return dict(unseal(agreement.details_sealed)) if agreement.details_sealed else {}


def is_waiting(municipality_id: int, uid: UUID) -> bool:
    """Whether somebody is under 18 and no adult has agreed yet. Opens that municipality."""
    with tenant(municipality_id):
        return Person.objects.filter(without_agreement(), uid=uid).exists()


def agreement_refuse(municipality_id: int, uid: UUID) -> None:
    """Raises ``AgreementMissing`` for who is under 18 without an agreement."""
    if is_waiting(municipality_id, uid):
        raise AgreementMissing(years=ALONE_FROM_YEARS)


def under_age() -> Q:
    """People who are under 18 today."""
    return Q(birth_date__gt=domain.born_after_for_minors(clock.today()))


def without_agreement() -> Q:
    """People who are under 18 today and have no agreement that stands."""
    standing = Agreement.objects.filter(person_id=OuterRef("pk"), ended_at=None)
    return under_age() & ~Q(Exists(standing))


def minors_waiting() -> list[Person]:
    """Members under 18 who want to ask or to help and for whom nobody has agreed, by joining."""
    wants = Q(carer_since__isnull=False) | Q(supporter_since__isnull=False)
    found: Any = Person.objects.filter(without_agreement(), wants, left_at=None)
    return list(found.order_by("joined_at"))


def care_contact_of(person: Person) -> CareContact | None:
    found: CareContact | None = (
        CareContact.objects.select_related("contact").filter(person=person).first()
    )
    return found


def wishes_contact_first(person: Person) -> bool:
    """Whether a coordinator is to see this person's requests before anybody is asked."""
    return CareContact.objects.filter(
        person=person, wishes_first=True, contact__isnull=False
    ).exists()


def may_be_shown(person: Person) -> bool:
    """Whether a name or a picture may stand on a page for everybody: never of who is under 18."""
    return not is_minor(person)


def cared_for_by(person: Person) -> list[domain.CaredFor]:
    """Whom a member cares for, as their places say."""
    rows = CarePlace.objects.filter(carer=person, removed_at=None)
    return [domain.CaredFor(row.recipient_uid, row.recipient_kana or "") for row in rows]
