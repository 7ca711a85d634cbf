"""Forgetting a person in this room: where they work, and what they agreed to there."""

from django.db import transaction

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, User

from .models import Employment


def person_forget(*, person: Person, by: User | None = None, basis: str = "") -> None:
    """Delete the employments of ``person`` with their consents: nothing of them counts for a
    company any more. Again: changes nothing."""
    with transaction.atomic(), tenant(person.municipality_id):
        Employment.objects.filter(person=person).delete()
