"""Lists of visits for the desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.support.models import Visit
from kyojo.help.support.selectors import (
    appeals_open,
    codes_locked,
    disputes_open,
    reviews_trouble,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .listing import Column
from .queues import CONFIRM_CLOSE
from .request_reads import CATEGORY_NAMES

State, Consent = Visit.State, Visit.Consent
#: state → (kind of badge, icon)
STATE_LOOKS = {
    State.SCHEDULED: ("info", "calendar"),
    State.STARTED: ("solid", ""),
    State.ENDED: ("warn", "clock"),
    State.CONFIRMED: ("good", "check"),
    State.SETTLED: ("good", "done"),
    State.CANCELLED: ("", "x"),
    State.NO_SHOW: ("", "x"),
    State.DISPUTED: ("warn", "alert"),
    State.RESOLVED: ("good", "done"),
}
CONSENT_LOOKS = {
    Consent.NOT_NEEDED: ("", ""),
    Consent.ASKED: ("warn", "phone"),
    Consent.GIVEN: ("good", "check"),
    Consent.DECLINED: ("", "x"),
}


@dataclass(frozen=True)
class VisitRow:
    """A line of the list of visits; no name, since a list is not opened for one person."""

    uid: UUID
    number: str
    what: str
    area: str
    starts_at: datetime
    state: str
    state_name: str
    consent: str
    consent_name: str
    confirm_until: datetime | None
    coins: int

    @property
    def state_badge(self) -> tuple[str, str, str]:
        return (self.state_name, *STATE_LOOKS[State(self.state)])

    @property
    def consent_badge(self) -> tuple[str, str, str]:
        return (self.consent_name, *CONSENT_LOOKS[Consent(self.consent)])


def visits(*, state: str = "", consent: str = "", due: str = "") -> QuerySet[Visit]:
    """Visits that concern this town (its carer, its place or its supporter)."""
    found = Visit.objects.all()
    if state:
        found = found.filter(state=state)
    if consent:
        found = found.filter(consent=consent)
        if consent == Consent.ASKED:
            found = found.filter(
                state=State.SCHEDULED,
                place_municipality_id=current(),
            )
    if due == "confirm":
        found = found.filter(
            state=State.ENDED,
            carer_municipality_id=current(),
            confirm_until__lte=clock.now() + CONFIRM_CLOSE,
        )
    elif due == "locked":
        tries = programme_current()[1].evidence.code_tries_max
        found = found.filter(uid__in=[visit.uid for visit in codes_locked(tries_max=tries)])
    elif due == "dispute":
        found = found.filter(uid__in=[visit.uid for _, visit in disputes_open()])
    elif due == "appeal":
        found = found.filter(uid__in=[visit.uid for _, visit in appeals_open()])
    elif due == "trouble":
        found = found.filter(uid__in=reviews_trouble().values("visit_uid"))
    elif due == "today":
        start = clock.at(clock.today(), 0)
        found = found.filter(starts_at__gte=start, starts_at__lt=clock.at(clock.today(), 23, 59))
    return found


def visit_by_uid(uid: UUID) -> Visit:
    """Raises ``NotFound``."""
    found = Visit.objects.select_related("carer", "supporter", "recipient").filter(uid=uid).first()
    if found is None:
        raise NotFound()
    return found


def visit_rows(found: Iterable[Visit]) -> list[VisitRow]:
    return [
        VisitRow(
            uid=visit.uid,
            number=visit.number,
            what=CATEGORY_NAMES.get(visit.category, visit.category),
            area=visit.area_name,
            starts_at=visit.starts_at,
            state=visit.state,
            state_name=visit.get_state_display(),
            consent=visit.consent,
            consent_name=visit.get_consent_display(),
            confirm_until=visit.confirm_until if visit.state == State.ENDED else None,
            coins=visit.amount_coins,
        )
        for visit in found
    ]


COLUMNS = (
    Column("number", "受付番号", lambda row: row.number),
    Column("what", "内容", lambda row: row.what, sortable=True),
    Column("area", "圏域", lambda row: row.area or None, sortable=True),
    Column(
        "starts",
        "日時",
        lambda row: row.starts_at,
        sortable=True,
        order=("日時が早い順", "日時が遅い順"),
    ),
    Column("state", "いま", lambda row: row.state_name, sortable=True),
    Column("consent", "訪問のお返事", lambda row: row.consent_name, sortable=True),
    Column(
        "until",
        "確認の期限",
        lambda row: row.confirm_until,
        sortable=True,
        order=("確認の期限が近い順", "確認の期限が遠い順"),
    ),
    Column(
        "coins",
        "コイン",
        lambda row: row.coins,
        sortable=True,
        is_number=True,
        order=("コインが少ない順", "コインが多い順"),
    ),
)
