"""What happens by itself: silence, forgotten visits, rulings that stand, positions whose time is
over."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from django.db.models import Q

from kyojo.civic.municipalities.rounds import each_in_towns, towns_each, within
from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal

from ..domain import FORGOTTEN_AFTER, State
from ..models import Evidence, PurgeLog, Ruling, Visit
from .closing import visit_close_due
from .fraud_watch import traces_keep
from .photos import photos_purge
from .rulings import ruling_close_due

R = TypeVar("R")


def visits_auto_confirm() -> dict[str, int]:
    """Close what is due in every town, each visit in a transaction of its own, from the carer's
    side. Returns how many were settled and how many went to the office."""
    done = each_in_towns(
        _due, _unrefused(lambda uid: visit_close_due(visit_uid=uid)), job="visits_confirm"
    )
    return {outcome: done.count(outcome) for outcome in ("settled", "office")}


def rulings_carry_out() -> int:
    """Carry out every ruling to which nobody may object any more, in every town, each in a
    transaction of its own, from the carer's side. Returns how many there were."""
    done = each_in_towns(
        _rulings_due,
        _unrefused(lambda uid: ruling_close_due(visit_uid=uid)),
        job="rulings_carry_out",
    )
    return done.count(True)


def _unrefused(close: Callable[[UUID], R]) -> Callable[[UUID], R | None]:
    """``close``, whose refusals are stored with their visit and are no failure of the job."""

    def act(uid: UUID) -> R | None:
        with suppress(Refusal):
            return close(uid)
        return None

    return act


def _due() -> list[UUID]:
    now = clock.now()
    silent = Q(state=State.ENDED, confirm_until__lte=now)
    forgotten = Q(state__in=(State.SCHEDULED, State.STARTED), ends_at__lte=now - FORGOTTEN_AFTER)
    return list(
        Visit.objects.filter(silent | forgotten, carer_municipality_id=current())
        .order_by("ends_at")
        .values_list("uid", flat=True)
    )


def _rulings_due() -> list[UUID]:
    open_ones = Ruling.objects.filter(
        ended_at=None, appealed_at=None, appeal_until__lte=clock.now()
    ).order_by("appeal_until")
    uids = list(open_ones.values_list("visit_uid", flat=True))
    here = Visit.objects.filter(uid__in=uids, carer_municipality_id=current())
    ours = set(here.values_list("uid", flat=True))
    return [uid for uid in uids if uid in ours]


def positions_purge() -> int:
    """Erase the positions and photos whose day has come, in every town, and log how many. What
    the decision used (distance, accuracy) stays. Returns how many were erased."""
    erased: list[int] = []
    towns_each(
        within(
            lambda: erased.append(_positions_purge()),
            lambda: erased.append(photos_purge()),
        ),
        job="positions_purge",
    )
    return sum(erased)


def _positions_purge() -> int:
    now = clock.now()
    traces_keep()
    erased = Evidence.objects.filter(purge_at__lte=now, position_encrypted__isnull=False).update(
        position_encrypted=None, purged_at=now
    )
    if erased:
        PurgeLog.objects.create(at=now, erased_count=erased, due_before=now)
    return int(erased)
