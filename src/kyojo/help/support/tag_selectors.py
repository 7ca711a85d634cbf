"""Reads about cards, buttons and readers in homes, and beacons that are carried, for the desk of
their town."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q, Sum

from kyojo.kernel import clock

from .domain import SIGNALS_KEPT_A_DAY
from .models import Gateway, Tag, TagTally

#: From here down an office should bring new batteries.
BATTERY_LOW_PERCENT = 20
#: Devices send a sign of life daily; after so long without any somebody should go and look.
SILENT_AFTER = timedelta(days=3)
#: A connection that broke comes back by itself in the meantime.
OFFLINE_AFTER = timedelta(hours=1)
#: For how many days the desk sees what was refused.
REFUSED_DAYS = 7
#: What came of signals that were taken, and what is usual where many live close together.
TAKEN = (
    "started", "ended", "proof", "present", "again", "alive", "no_visit", "beacon_unknown",
    "beacon_not_theirs",
)  # fmt: skip


@dataclass(frozen=True)
class RefusedSignals:
    """How many signals of ``tag`` (None: of devices that are not enrolled) were refused lately, and
    why (``outcome``)."""

    tag: Tag | None
    outcome: str
    count: int


def tags_of(recipient_uid: UUID) -> list[Tag]:
    """What is or was at the home of a member of this town, or carried by them, what still counts
    first."""
    theirs = Q(recipient_uid=recipient_uid) | Q(carrier_uid=recipient_uid)
    return list(
        Tag.objects.filter(theirs).order_by(F("ended_at").desc(nulls_first=True), "-enrolled_at")
    )


def buttons_troubled() -> list[Tag]:
    """Buttons and readers of this town that somebody should go and see: hardly any battery, silent,
    with a connection that broke, or in whose name somebody sends what they did not sign."""
    silent = clock.now() - SILENT_AFTER
    yesterday = clock.today() - timedelta(days=1)
    forged = TagTally.objects.filter(
        outcome="key_wrong", day__gte=yesterday, count__gt=SIGNALS_KEPT_A_DAY, tag__isnull=False
    )
    return list(
        Tag.objects.filter(kind__in=Tag.DEVICES, ended_at=None)
        .filter(
            Q(battery_percent__lte=BATTERY_LOW_PERCENT)
            | Q(seen_at__lt=silent)
            | Q(offline_at__lt=clock.now() - OFFLINE_AFTER)
            | Q(seen_at=None, enrolled_at__lt=silent)
            | Q(pk__in=forged.values("tag"))
        )
        .order_by("enrolled_at")
    )


def signals_refused() -> list[RefusedSignals]:
    """What was refused in the last days, by device and reason, the most first: kept one by one or
    only counted."""
    since = clock.today() - timedelta(days=REFUSED_DAYS - 1)
    rows = (
        TagTally.objects.filter(day__gte=since)
        .exclude(outcome__in=TAKEN)
        .order_by()
        .values_list("tag", "outcome")
        .annotate(total=Sum("count"))
    )
    found = sorted(rows, key=lambda row: -row[2])
    tags = Tag.objects.in_bulk([pk for pk, _, _ in found if pk is not None])
    return [RefusedSignals(tags.get(pk), outcome, count) for pk, outcome, count in found]


def gateways() -> list[Gateway]:
    """What may hand on this town's buttons, what still may first."""
    return list(Gateway.objects.order_by(F("ended_at").desc(nulls_first=True), "-made_at"))
