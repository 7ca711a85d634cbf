"""What support tells matching after a visit: so that reasons and scores know it."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import models, transaction
from django.db.models import F

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.help.requests.domain import category as category_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from ..models import PairTally, RatingPrior, SupporterBadges, SupporterRating, SupporterTally
from ..ratings import Sum, prior_of, shown_next


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
    times: int = 1,
) -> None:
    """Count one review about a supporter, in their town: ``rating`` 1–5; ``times`` -1 takes one
    away again. What is shown follows ``ratings.shown_next``. Raises ``NotFound``."""
    with tenant(supporter_municipality_id):
        person = _supporter(supporter_uid)
        SupporterRating.objects.get_or_create(person=person)
        row = SupporterRating.objects.select_for_update().get(person=person)
        row.rating_sum = max(0, row.rating_sum + times * rating)
        row.rating_count = max(0, row.rating_count + times)
        for tag in tags:
            row.tags[tag] = row.tags.get(tag, 0) + times
        row.tags = {tag: count for tag, count in row.tags.items() if count > 0}
        row.shown_sum, row.shown_count = shown_next(
            Sum(row.shown_sum, row.shown_count), Sum(row.rating_sum, row.rating_count)
        )
        row.save(update_fields=["rating_sum", "rating_count", "tags", "shown_sum", "shown_count"])


def badges_shown_set(*, person: Person, badges: Iterable[tuple[str, str]]) -> None:
    """What stands on the card of ``person``, of the current town, from now on: (name, icon)."""
    SupporterBadges.objects.update_or_create(
        person=person, defaults={"shown": [list(one) for one in badges]}
    )


def rating_prior_renew() -> None:
    """What holds of ratings in the current town from tomorrow on (``ratings.prior_of``); what held
    on days before today is dropped. Again on the same day: made anew."""
    rated = SupporterRating.objects.filter(rating_count__gt=0).aggregate(
        total=models.Sum("rating_sum", default=0),
        count=models.Sum("rating_count", default=0),
        people=models.Count("id"),
    )
    prior = prior_of(**rated)
    tomorrow = clock.today() + timedelta(days=1)
    RatingPrior.objects.update_or_create(
        day=tomorrow, defaults={"mean": prior.mean, "weight": prior.weight}
    )
    held = RatingPrior.objects.filter(day__lte=clock.today()).order_by("-day")[:1]
    RatingPrior.objects.filter(day__lt=clock.today()).exclude(
        pk__in=list(held.values_list("pk", flat=True))
    ).delete()


def _supporter(uid: UUID) -> Person:
    person: Person | None = Person.objects.filter(uid=uid).first()
    if person is None:
        raise NotFound()
    return person
