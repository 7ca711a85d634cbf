"""What happens by itself: silence, forgotten visits, positions whose time is over."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.rounds import towns_each, within
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal

from ..domain import FORGOTTEN_AFTER, State
from ..models import Evidence, PurgeLog, Visit
from .closing import visit_close_due


def visits_auto_confirm() -> dict[str, int]:
    """Close what is due in every town, each visit in a transaction of its own, from the carer's
    side. Returns how many were settled and how many went to the office."""
    done = {"settled": 0, "office": 0}
    failed = []
    for municipality_id in Municipality.objects.values_list("id", flat=True):
        with tenant(municipality_id):
            due = _due()
        for uid in due:
            try:
                with transaction.atomic(), tenant(municipality_id):
                    outcome = _close(uid)
            except Exception as error:  # noqa: BLE001 (raised below: the others must not wait)
                failed.append(error)
            else:
                if outcome:
                    done[outcome] += 1
    if failed:
        raise failed[0]
    return done


def _close(uid: UUID) -> str:
    try:
        return visit_close_due(visit_uid=uid)
    except Refusal:  # stored with the visit
        return ""


def _due() -> list[UUID]:
    now = clock.now()
    silent = Q(state=State.ENDED, confirm_until__lte=now)
    forgotten = Q(state__in=(State.SCHEDULED, State.STARTED), ends_at__lte=now - FORGOTTEN_AFTER)
    return list(
        Visit.objects.filter(silent | forgotten, carer_municipality_id=current())
        .order_by("ends_at")
        .values_list("uid", flat=True)
    )


def positions_purge() -> int:
    """Erase the positions whose day has come, in every town, and log how many. What the decision
    used (distance, accuracy) stays. Returns how many were erased."""
    erased: list[int] = []
    towns_each(within(lambda: erased.append(_positions_purge())), job="positions_purge")
    return sum(erased)


def _positions_purge() -> int:
    now = clock.now()
    erased = Evidence.objects.filter(purge_at__lte=now, position_encrypted__isnull=False).update(
        position_encrypted=None, purged_at=now
    )
    if erased:
        PurgeLog.objects.create(at=now, erased_count=erased, due_before=now)
    return int(erased)
