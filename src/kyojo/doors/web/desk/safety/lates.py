"""Visits that nobody ended, and supporters who set out and did not arrive."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people import staff_selectors
from kyojo.civic.people.services import act_record
from kyojo.help.requests.domain import category
from kyojo.help.safety import selectors, services
from kyojo.help.safety.models import LateWatch
from kyojo.help.safety.selectors import Contact
from kyojo.help.support.models import Visit
from kyojo.kernel import clock
from kyojo.kernel.wording import waited

from ...http import redirect_saying
from .. import files
from ..access import DeskRequest, page, staff
from ..listing import Column, Filter, Listing, filter_of

State = LateWatch.State
LOOKS = {
    State.ASKED: ("info", "clock"),
    State.FINE: ("good", "check"),
    State.OFFICE: ("warn", "phone"),
}


@dataclass(frozen=True)
class Row:
    pk: int
    uid: UUID
    what: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    overdue_at: datetime
    late: str
    state: str
    state_name: str
    taken_by: str
    #: How many of the office heard of it, and when the next does, while nobody has taken it.
    told: int
    next_at: datetime | None
    contacts: list[Contact]

    @property
    def badge(self) -> tuple[str, str, str]:
        return (self.state_name, *LOOKS[State(self.state)])


COLUMNS = (
    Column("what", "支援", lambda row: row.what, sortable=True),
    Column("kind", "どうしたか", lambda row: row.kind, sortable=True),
    Column("ends", "予定の終わり", lambda row: row.ends_at, sortable=True),
    Column(
        "overdue",
        "すぎた時間",
        lambda row: row.late,
        sortable=True,
        key=lambda row: row.overdue_at,
        order=("長くすぎた順", "短くすぎた順"),
    ),
    Column("state", "いま", lambda row: row.state_name, sortable=True),
    Column("taken", "電話する人", lambda row: row.taken_by or None, sortable=True),
)


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    """With the numbers to call of those that wait for the office: showing them goes on record."""
    states: Filter = filter_of(
        request, "state", "いま", [(one.value, str(one.label)) for one in LOOKS]
    )
    found = [
        pair
        for pair in selectors.lates_open(request.desk.user)
        if not states.value or pair[0].state == states.value
    ]
    names = staff_selectors.names_of([row.taken_by_id for row, _ in found if row.taken_by_id])
    told = selectors.late_alarmed(row for row, _ in found)
    rows = [_row(watch, visit, names, told) for watch, visit in found]
    listing = Listing(request.GET, COLUMNS, rows, "overdue", path=reverse("desk-lates"))
    taken = files.file_of(
        request, listing, name="lates", title="終わりの連絡がない支援", here="safety"
    )
    if taken is not None:
        return taken
    for row in rows:
        if row.contacts:
            act_record(
                actor=request.desk.user,
                action="late_opened",
                subject_kind="visit",
                subject_id=row.uid,
            )
    context = {"listing": listing, "rows": listing.rows, "filters": [states]}
    return page(request, "safety/lates.html", "safety", context)


def _row(watch: LateWatch, visit: Visit, names: dict[int, str], told: dict[UUID, int]) -> Row:
    is_mine = watch.state == State.OFFICE
    return Row(
        pk=watch.pk,
        uid=visit.uid,
        what=category(visit.category).name,
        kind=str(LateWatch.Kind(watch.kind).label),
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        overdue_at=watch.overdue_at,
        late=waited(
            clock.now() - (visit.ends_at if watch.kind == LateWatch.Kind.END else visit.starts_at)
        ),
        state=watch.state,
        state_name=str(State(watch.state).label),
        taken_by=names.get(watch.taken_by_id or 0, ""),
        told=told.get(watch.alert_uid, 0) if is_mine else 0,
        next_at=watch.due_at if is_mine else None,
        contacts=selectors.contacts_of(visit) if is_mine else [],
    )


@staff("POST")
def take(request: DeskRequest, pk: int) -> HttpResponse:
    services.late_take(pk=pk, by=request.desk.user)
    return redirect_saying(request, reverse("desk-lates"), "お電話をお願いします")


@staff("POST")
def resolve(request: DeskRequest, pk: int) -> HttpResponse:
    services.late_resolve(pk=pk, by=request.desk.user)
    return redirect_saying(request, reverse("desk-lates"), "無事を確かめたと記録しました")
