"""A person's visits as a list: with whom, and what waits for them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from kyojo.civic.people.models import Person
from kyojo.help.requests.domain import Category
from kyojo.help.requests.domain import category as category_of
from kyojo.kernel import clock

from .domain import HEADING_BEFORE, HOLDING, Role, State
from .models import Ruling, Visit
from .selectors import house_hidden


@dataclass(frozen=True)
class VisitRow:
    """A visit in a person's list. ``role`` is theirs; ``to_do`` what waits for them, or "";
    ``is_ruled``: what becomes of its coins is said and waits."""

    uid: UUID
    role: str
    category: Category
    state: str
    state_label: str
    starts_at: datetime
    ends_at: datetime
    with_name: str
    to_do: str
    amount_coins: int
    is_ruled: bool = False

    @property
    def with_family(self) -> str:
        return self.with_name.split(" ")[0]


def visits_of(person: Person, role: str = "", *, is_past: bool | None = None) -> list[VisitRow]:
    """The visits of ``person`` in one role or in all: what is still open by its start, the
    soonest first; what is over (``is_past``) the latest first. Both, if None."""
    own = {
        Role.CARER: Q(carer=person),
        Role.SUPPORTER: Q(supporter=person),
        Role.RECIPIENT: Q(recipient=person),
    }
    wanted = [Role(role)] if role else list(own)
    mine = Q(pk__in=[])
    for one in wanted:
        mine |= own[one]
    found = Visit.objects.filter(mine)
    rows: list[VisitRow] = []
    if is_past is not True:
        running = list(found.filter(state__in=HOLDING).order_by("starts_at"))
        disputed = [visit.uid for visit in running if visit.state == State.DISPUTED]
        rulings = {
            ruling.visit_uid: ruling
            for ruling in Ruling.objects.filter(visit_uid__in=disputed, ended_at=None)
        }
        rows += [_row(visit, person, rulings.get(visit.uid)) for visit in running]
    if is_past is not False:
        over = found.exclude(state__in=HOLDING).order_by("-starts_at")[:100]
        rows += [_row(visit, person) for visit in over]
    return rows


def _row(visit: Visit, person: Person, ruling: Ruling | None = None) -> VisitRow:
    if visit.carer_id == person.pk:
        role, other = Role.CARER, visit.supporter_card
    elif visit.supporter_id == person.pk:
        role, other = Role.SUPPORTER, visit.recipient_card or visit.carer_card
        if house_hidden(visit, role):
            other = visit.carer_card
    else:
        role, other = Role.RECIPIENT, visit.supporter_card
    return VisitRow(
        uid=visit.uid,
        role=str(role),
        category=category_of(visit.category),
        state=visit.state,
        state_label=str(Visit.State(visit.state).label),
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        with_name=str(other.get("name", "")),
        to_do=_to_do(visit, role, ruling),
        amount_coins=visit.amount_coins,
        is_ruled=ruling is not None,
    )


def _to_do(visit: Visit, role: Role, ruling: Ruling | None) -> str:
    """What waits for this person: "answer", "confirm", "ruling", "end", "begin" or nothing."""
    if ruling is not None:
        waits = ruling.asks(role) and not ruling.agreed(role) and ruling.appealed_at is None
        return "ruling" if waits else ""
    if role is Role.RECIPIENT:
        waits = visit.state == State.SCHEDULED and visit.consent == Visit.Consent.ASKED
        return "answer" if waits else ""
    if role is Role.CARER:
        return "confirm" if visit.state == State.ENDED else ""
    if visit.state == State.STARTED:
        return "end"
    soon = visit.starts_at - HEADING_BEFORE <= clock.now() <= visit.ends_at
    return "begin" if visit.state == State.SCHEDULED and soon else ""
