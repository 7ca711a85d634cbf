"""Reads about cards and buttons in homes, for the desk of the town they hang in."""

from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q

from kyojo.kernel import clock

from .models import Gateway, Tag

#: From here down an office should bring new batteries.
BATTERY_LOW_PERCENT = 20
#: Buttons send a sign of life daily; after so long without any somebody should go and look.
SILENT_AFTER = timedelta(days=3)
#: A connection that broke comes back by itself in the meantime.
OFFLINE_AFTER = timedelta(hours=1)


def tags_of(recipient_uid: UUID) -> list[Tag]:
    """What is or was at the home of a member of this town, what still counts first."""
    return list(
        Tag.objects.filter(recipient_uid=recipient_uid).order_by(
            F("ended_at").desc(nulls_first=True), "-enrolled_at"
        )
    )


def buttons_troubled() -> list[Tag]:
    """Buttons of this town that somebody should go and see: hardly any battery, silent, or with
    a connection that broke."""
    silent = clock.now() - SILENT_AFTER
    return list(
        Tag.objects.filter(kind=Tag.Kind.BUTTON, ended_at=None)
        .filter(
            Q(battery_percent__lte=BATTERY_LOW_PERCENT)
            | Q(seen_at__lt=silent)
            | Q(offline_at__lt=clock.now() - OFFLINE_AFTER)
            | Q(seen_at=None, enrolled_at__lt=silent)
        )
        .order_by("enrolled_at")
    )


def gateways() -> list[Gateway]:
    """What may hand on this town's buttons, what still may first."""
    return list(Gateway.objects.order_by(F("ended_at").desc(nulls_first=True), "-made_at"))
