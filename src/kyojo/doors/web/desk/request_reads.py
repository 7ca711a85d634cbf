"""Lists of requests for the desk."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import StaffRole
from kyojo.help.matching.models import Offer
from kyojo.help.requests.domain import CATEGORIES
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock
from kyojo.kernel.wording import waited

from .listing import Column

CATEGORY_NAMES = {category.code: category.name for category in CATEGORIES}


@dataclass(frozen=True)
class RequestRow:
    """A line of a list of requests. ``in_charge`` is a role or a town, never a member."""

    uid: UUID
    number: str
    what: str
    category: str
    area: str
    starts_at: datetime
    opened_at: datetime
    waited: timedelta
    is_late: bool
    asked: int
    declined: int
    accepted: int
    in_charge: str
    is_mine: bool
    state: str

    @property
    def waited_words(self) -> str:
        return waited(self.waited)

    @property
    def asked_words(self) -> str:
        words = f"{self.asked}人・断り{self.declined}"
        return f"{words}・OK{self.accepted}" if self.accepted else words


def request_rows(
    requests: Sequence[HelpRequest], *, target_hours: int, area_ids: frozenset[int]
) -> list[RequestRow]:
    """The rows of ``requests``, with who was asked and who is in charge, in three queries."""
    counts: defaultdict[UUID, dict[str, int]] = defaultdict(dict)
    offers = Offer.objects.filter(request_uid__in=[one.uid for one in requests])
    for uid, state, number in (
        offers.order_by().values_list("request_uid", "state").annotate(n=Count("id"))
    ):
        counts[uid][state] = number
    towns = dict(Municipality.objects.values_list("id", "name"))
    coordinators = {
        role.area_id: role.title
        for role in StaffRole.objects.filter(role=StaffRole.Role.COORDINATOR, area_id__isnull=False)
    }
    now = clock.now()
    rows = []
    for one in requests:
        by_state = counts[one.uid]
        here = one.place_municipality_id == current()
        assert one.starts_at is not None  # only drafts have no time yet
        length = now - (one.opened_at or one.created_at)
        in_charge = one.coordinator_name or (
            coordinators.get(one.area_id, "未定") if here else towns[one.place_municipality_id]
        )
        rows.append(
            RequestRow(
                uid=one.uid,
                number=one.number,
                what=CATEGORY_NAMES.get(one.category, one.category),
                category=one.category,
                area=one.area_name or (one.area.name if one.area else ""),
                starts_at=one.starts_at,
                opened_at=one.opened_at or one.created_at,
                waited=length,
                is_late=length > timedelta(hours=target_hours),
                asked=sum(by_state.values()),
                declined=by_state.get(Offer.State.DECLINED, 0),
                accepted=by_state.get(Offer.State.ACCEPTED, 0),
                in_charge=in_charge,
                is_mine=here and one.area_id in area_ids,
                state=one.state,
            )
        )
    return rows


SOON = ("支援の日時が早い順", "支援の日時が遅い順")
COLUMNS = (
    Column("number", "受付番号", lambda row: row.number),
    Column("what", "たのむこと", lambda row: row.what, sortable=True),
    Column("area", "圏域", lambda row: row.area, sortable=True),
    Column("starts", "支援の日時", lambda row: row.starts_at, sortable=True, order=SOON),
    Column(
        "waited",
        "待っている",
        lambda row: row.waited_words,
        sortable=True,
        key=lambda r: r.waited,
        order=("待っている時間が短い順", "待っている時間が長い順"),
    ),
    Column(
        "asked",
        "声かけ",
        lambda row: row.asked_words,
        sortable=True,
        key=lambda r: r.asked,
        order=("声かけが少ない順", "声かけが多い順"),
    ),
    Column("in_charge", "担当", lambda row: row.in_charge, sortable=True),
)
