"""How long the beacon of whoever came was heard at a visit: one row, with when it was last heard.

While the visit runs the row proves nothing and accuses nobody (``moment`` "during"); it becomes a
proof of the end where the visit ends within a while of it. Runs in the place's town.
"""

from datetime import datetime

from django.db.models import Q

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id

from ..domain import BEACON_SILENT_AFTER
from ..evidence import Kind
from ..models import Evidence, Visit
from .steps import Case


def heard_note(case: Case, at: datetime, *, in_window: bool) -> None:
    """It was heard again, at ``at``. The visit is under lock."""
    visit = case.visit
    with tenant(visit.place_municipality_id):
        row, made = Evidence.objects.get_or_create(
            nonce=derived_id(visit.uid, "beacon heard"),
            defaults={
                "visit_uid": visit.uid,
                "kind": Kind.BEACON,
                "moment": "during",
                "device_at": at,
                "server_at": clock.now(),
                "in_window": in_window,
            },
        )
        if not made and at > row.device_at:
            row.device_at, row.server_at, row.in_window = at, clock.now(), in_window
            row.save(update_fields=["device_at", "server_at", "in_window"])


def last_heard(visit: Visit) -> datetime | None:
    """When it was last heard while the visit ran; None where it was not heard again after the
    start."""
    with tenant(visit.place_municipality_id):
        row = Evidence.objects.filter(
            visit_uid=visit.uid, kind=Kind.BEACON, moment="during"
        ).first()
    return row.device_at if row is not None else None


def heard_to_end(visit: Visit, at: datetime) -> None:
    """The visit ends at ``at``: a beacon that was heard not long before or after shows it. One that
    was still heard after hours speaks against nobody who said when they went."""
    near = (at - BEACON_SILENT_AFTER, at + BEACON_SILENT_AFTER)
    with tenant(visit.place_municipality_id):
        Evidence.objects.filter(
            Q(in_window=True, device_at__range=near) | Q(device_at=at),
            visit_uid=visit.uid,
            kind=Kind.BEACON,
            moment="during",
        ).update(moment="end")
