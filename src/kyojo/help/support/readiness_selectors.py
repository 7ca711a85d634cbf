"""What stands and what is missing before a visit may begin, read in the towns where it is kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kyojo.civic.municipalities.sealing import unseal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.suspensions import is_suspended
from kyojo.civic.programmes.domain import CoinRules
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current

from .models import FirstMeeting, SecondAdult, Visit
from .readiness import MEETING_PLACES, SECOND_KINDS, Needs
from .selectors import VisitView


@dataclass(frozen=True)
class Meeting:
    """A first meeting as both see it. ``said``: the roles that said that it took place."""

    state: str
    at: datetime | None
    minutes: int
    where: str
    proposed_by: str
    said: frozenset[str]


@dataclass(frozen=True)
class Second:
    kind: str
    label: str
    name: str


@dataclass(frozen=True)
class Readiness:
    """``needs``: what the programme asks for; ``meeting``, ``second``: what there is of it."""

    needs: Needs
    meeting: Meeting | None = None
    second: Second | None = None


def needs_of(visit: Visit | VisitView, rules: CoinRules) -> Needs:
    """What ``rules`` (the place's) ask for, and what is there. Opens the place's and the carer's
    town."""
    category = _code(visit)
    two, first = rules.two_adults(category), rules.first_meeting(category)
    return Needs(
        two_adults=two,
        first_meeting=first,
        has_second=two and _second_stands(visit),
        has_met=first and _have_met(visit),
    )


def _code(visit: Visit | VisitView) -> str:
    return visit.category if isinstance(visit.category, str) else visit.category.code


def readiness_of(view: Visit | VisitView) -> Readiness | None:
    """For the pages of a visit; None where its kind of help asks for nothing."""
    with tenant(view.place_municipality_id):
        try:
            rules = programme_current()[1]
        except ProgrammeMissing:
            return None
        code = _code(view)
        if not rules.two_adults(code) and not rules.first_meeting(code):
            return None
    needs = needs_of(view, rules)
    row = second_of(view)
    second = None
    if row is not None:
        name = str(unseal(bytes(row.name_sealed))) if row.name_sealed is not None else ""
        second = Second(row.kind, SECOND_KINDS[row.kind], name)
    return Readiness(needs=needs, meeting=meeting_of(view), second=second)


def _second_stands(visit: Visit | VisitView) -> bool:
    """Whether there is another adult, and a second supporter is still one who may come."""
    found = second_of(visit)
    if found is None or found.adult_uid is None:
        return found is not None
    town = visit.place_municipality_id
    with tenant(town):
        is_there = Person.objects.filter(uid=found.adult_uid, left_at=None).exists()
    return is_there and not is_suspended(town, found.adult_uid)


def second_of(visit: Visit | VisitView) -> SecondAdult | None:
    with tenant(visit.place_municipality_id):
        found = SecondAdult.objects.filter(visit_uid=visit.uid, removed_at=None)
        return found.first()  # type: ignore[no-any-return]


def meeting_of(view: Visit | VisitView) -> Meeting | None:
    with tenant(view.carer_municipality_id):
        visit = Visit.objects.get(uid=view.uid)
        row = _meetings(visit.carer_uid, visit.supporter_uid, visit.recipient_uid).first()
    if row is None:
        return None
    said = {"carer": row.carer_said_at, "supporter": row.supporter_said_at}
    return Meeting(
        state=row.state,
        at=row.at,
        minutes=row.minutes,
        where=MEETING_PLACES.get(row.where, ""),
        proposed_by=row.proposed_by,
        said=frozenset(role for role, at in said.items() if at is not None),
    )


def meets_first(
    *,
    category: str,
    place_municipality_id: int,
    carer_municipality_id: int,
    carer_uid: UUID,
    supporter_uid: UUID,
    recipient_uid: UUID | None,
) -> bool:
    """Whether this pair would have to meet before their first visit of this kind."""
    with tenant(place_municipality_id):
        try:
            if not programme_current()[1].first_meeting(category):
                return False
        except ProgrammeMissing:
            return False
    with tenant(carer_municipality_id):
        return not _pair_met(carer_uid, supporter_uid, recipient_uid)


def _have_met(view: Visit | VisitView) -> bool:
    with tenant(view.carer_municipality_id):
        visit = Visit.objects.get(uid=view.uid)
        return _pair_met(visit.carer_uid, visit.supporter_uid, visit.recipient_uid)


def _meetings(carer_uid: UUID, supporter_uid: UUID, recipient_uid: UUID | None):  # type: ignore[no-untyped-def]
    return FirstMeeting.objects.filter(
        carer_uid=carer_uid, supporter_uid=supporter_uid, recipient_uid=recipient_uid
    )


def _pair_met(carer_uid: UUID, supporter_uid: UUID, recipient_uid: UUID | None) -> bool:
    """They met for it, or a visit of theirs for the same person has begun before."""
    held = _meetings(carer_uid, supporter_uid, recipient_uid).filter(state=FirstMeeting.State.HELD)
    if held.exists():
        return True
    before = Visit.objects.filter(
        carer_uid=carer_uid,
        supporter_uid=supporter_uid,
        recipient_uid=recipient_uid,
        started_at__isnull=False,
    )
    return bool(before.exists())
