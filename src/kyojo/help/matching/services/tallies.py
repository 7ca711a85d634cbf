"""What support tells matching after a visit: so that reasons and scores know it."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import F

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.help.requests.domain import category as category_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from ..models import PairTally, SupporterRating, SupporterTally


def tally_add(
    *,
    supporter_uid: UUID,
    supporter_municipality_id: int,
    carer_uid: UUID,
    carer_municipality_id: int,
    recipient_uid: UUID | None,
    category: str,
    minutes: int,
) -> None:
    """Count one settled visit, in the supporter's and in the carer's town. The caller calls it
    once, in the transaction that settles. Raises ``NotFound``, ``CategoryUnknown``."""
    code = category_of(category).code
    with transaction.atomic():
        with tenant(supporter_municipality_id):
            person = _supporter(supporter_uid)
            tally, _ = SupporterTally.objects.get_or_create(person=person, category=code)
            SupporterTally.objects.filter(pk=tally.pk).update(
                visits_count=F("visits_count") + 1, minutes=F("minutes") + minutes
            )
        with tenant(carer_municipality_id):
            pair, _ = PairTally.objects.get_or_create(
                supporter_uid=supporter_uid,
                carer_uid=carer_uid,
                recipient_uid=recipient_uid,
                category=code,
            )
            PairTally.objects.filter(pk=pair.pk).update(
                visits_count=F("visits_count") + 1, last_at=clock.now()
            )


def pair_rate(
    *,
    supporter_uid: UUID,
    carer_uid: UUID,
    carer_municipality_id: int,
    recipient_uid: UUID | None,
    category: str,
    rating: int,
) -> None:
    """What the carer said of one visit: whoever was no pleasure is not put first again. A review
    may come before its visit is settled, so the row is made where there is none yet."""
    with tenant(carer_municipality_id):
        PairTally.objects.update_or_create(
            supporter_uid=supporter_uid,
            carer_uid=carer_uid,
            recipient_uid=recipient_uid,
            category=category,
            defaults={"rating_last": rating},
        )


def rating_add(
    *,
    supporter_uid: UUID,
    supporter_municipality_id: int,
    rating: int,
    tags: Iterable[str] = (),
) -> None:
    """Count one review about a supporter, in their town: ``rating`` 1–5. Raises ``NotFound``."""
    with tenant(supporter_municipality_id):
        person = _supporter(supporter_uid)
        SupporterRating.objects.get_or_create(person=person)
        row = SupporterRating.objects.select_for_update().get(person=person)
        row.rating_sum += rating
        row.rating_count += 1
        for tag in tags:
            row.tags[tag] = row.tags.get(tag, 0) + 1
        row.save(update_fields=["rating_sum", "rating_count", "tags"])


def _supporter(uid: UUID) -> Person:
    person: Person | None = Person.objects.filter(uid=uid).first()
    if person is None:
        raise NotFound()
    return person
