"""What people did, counted from visits that were paid: never from sums, so that a visit that was
found fake is gone from the count. Inside ``tenancy.tenant`` of the supporters' town."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from kyojo.civic.people.models import Person, TrustCheck
from kyojo.help.support.models import Visit
from kyojo.kernel import clock

from .domain import Counts, Hours

PAID = Q(state=Visit.State.SETTLED) | Q(state=Visit.State.RESOLVED, settled_coins__gt=0)


def paid_visits() -> "QuerySet[Visit]":
    """Visits of the current town's supporters that count."""
    return Visit.objects.filter(PAID, supporter__isnull=False).order_by()


def counts_of(person_ids: Iterable[int]) -> dict[int, Counts]:
    """What each of these people did so far."""
    ids = list(person_ids)
    visits: dict[int, int] = defaultdict(int)
    minutes: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    families: dict[int, dict[object, int]] = defaultdict(lambda: defaultdict(int))
    rows = (
        paid_visits()
        .filter(supporter_id__in=ids)
        .values_list("supporter_id", "category", "carer_uid", "starts_at", "ends_at")
    )
    for person_id, category, carer, starts_at, ends_at in rows.iterator():
        visits[person_id] += 1
        minutes[person_id][category] += _minutes(starts_at, ends_at)
        families[person_id][carer] += 1
    trainings: dict[int, set[str]] = defaultdict(set)
    for person_id, label in TrustCheck.objects.filter(
        person_id__in=ids, kind=TrustCheck.Kind.TRAINING
    ).values_list("person_id", "label"):
        trainings[person_id].add(label)
    return {
        pk: Counts(visits[pk], dict(minutes[pk]), dict(families[pk]), frozenset(trainings[pk]))
        for pk in ids
    }


def hours_of(person: Person, *, since: date, until: date) -> list[Hours]:
    """Visits and minutes by kind of help on the days from ``since`` to ``until``, most first."""
    visits: dict[str, int] = defaultdict(int)
    minutes: dict[str, int] = defaultdict(int)
    rows = paid_visits().filter(
        supporter=person,
        starts_at__gte=clock.at(since, 0),
        starts_at__lt=clock.at(until + timedelta(days=1), 0),
    )
    for category, starts_at, ends_at in rows.values_list("category", "starts_at", "ends_at"):
        visits[category] += 1
        minutes[category] += _minutes(starts_at, ends_at)
    found = [Hours(code, visits[code], minutes[code]) for code in visits]
    return sorted(found, key=lambda one: (-one.minutes, one.category))


def _minutes(starts_at: object, ends_at: object) -> int:
    return int((ends_at - starts_at) / timedelta(minutes=1))  # type: ignore[operator]
