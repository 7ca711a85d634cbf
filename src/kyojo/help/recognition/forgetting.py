"""Forgetting a person in this room: their badges and certificates are gone; that there was one,
and that it no longer holds, stays as a bit that names nobody."""

from django.db import transaction

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, User

from .models import Badge, Certificate, Standing
from .services.standings import standing_end


def person_stops(person: Person) -> list[str]:
    """Nothing has to end first."""
    return []


def person_forget(*, person: Person, by: User | None = None, basis: str = "") -> None:
    """Erase what this room knows of ``person``; it all stands in their own town. Whoever still has
    a file reads in the status list that it no longer holds. Again: changes nothing."""
    with transaction.atomic(), tenant(person.municipality_id):
        for model in (Badge, Certificate):
            rows = model.objects.filter(person=person)
            for uid in list(rows.values_list("uid", flat=True)):
                standing_end(uid=uid, reason=Standing.Reason.ERASED)
                Standing.objects.filter(uid=uid).update(reason=Standing.Reason.ERASED)
            rows.delete()
