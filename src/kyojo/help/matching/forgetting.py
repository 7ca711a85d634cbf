"""Forgetting a person in this room, as every room that holds something of people offers it."""

from kyojo.civic.people.models import Person

from .models import Offer
from .project_selectors import memberships_of
from .services.forgetting import person_forget

__all__ = ["person_forget", "person_stops"]


def person_stops(person: Person) -> list[str]:
    """What has to end first, in words. Of the current municipality."""
    found = []
    asked = (Offer.State.NOTIFIED, Offer.State.ACCEPTED)
    if Offer.objects.filter(supporter=person, state__in=asked).exists():
        found.append("返事を待っているお願い")
    if memberships_of(person):
        found.append("参加しているチーム")
    return found
