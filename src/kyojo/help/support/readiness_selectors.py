"""What stands and what is missing before a visit may begin, read in the towns where it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from kyojo.civic.municipalities.sealing import unseal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.suspensions import is_suspended
from kyojo.civic.programmes.domain import CoinRules
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.matching.trust_selectors import trust_lacking
from kyojo.kernel import clock

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
    with tenant(visit.place_municipality_id):
        is_there = Person.objects.filter(uid=found.adult_uid, left_at=None).exists()
    return is_there and may_stand_by(visit, found.adult_uid)


def may_stand_by(visit: Visit | VisitView, adult_uid: UUID) -> bool:
    """Whether a member of the place's town may be the second supporter: not suspended, and with the
    checks and the course that this kind of help asks for on that day."""
    town = visit.place_municipality_id
    lacking = trust_lacking(
        category_code=_code(visit),
        place_town=town,
        supporter_town=town,
        supporter_uid=adult_uid,
        day=clock.local(visit.starts_at).date(),
    )
    return not lacking and not is_suspended(town, adult_uid)


def second_of(visit: Visit | VisitView) -> SecondAdult | None:
    with tenant(visit.place_municipality_id):
        found = SecondAdult.objects.filter(visit_uid=visit.uid, removed_at=None)
        return found.first()  # type: ignore[no-any-return]


def meeting_of(view: Visit | VisitView) -> Meeting | None:
    with tenant(view.carer_municipality_id):
        visit = Visit.objects.get(uid=view.uid)
        row = FirstMeeting.objects.filter(
            carer_uid=visit.carer_uid,
            supporter_uid=visit.supporter_uid,
            recipient_uid=visit.recipient_uid,
        ).first()
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


def meet_first(
    *,
    category: str,
    place_municipality_id: int,
    carer_municipality_id: int,
    carer_uid: UUID,
    supporter_uids: Iterable[UUID],
    recipient_uid: UUID | None,
) -> set[UUID]:
    """Those of the supporters who would have to meet the carer before their first visit of this
    kind."""
    with tenant(place_municipality_id):
        try:
            if not programme_current()[1].first_meeting(category):
                return set()
        except ProgrammeMissing:
            return set()
    wanted = set(supporter_uids)
    with tenant(carer_municipality_id):
        return wanted - _met(carer_uid, wanted, recipient_uid)


def _have_met(view: Visit | VisitView) -> bool:
    with tenant(view.carer_municipality_id):
        visit = Visit.objects.get(uid=view.uid)
        return bool(_met(visit.carer_uid, {visit.supporter_uid}, visit.recipient_uid))


def _met(carer_uid: UUID, supporter_uids: set[UUID], recipient_uid: UUID | None) -> set[UUID]:
    """Who of them met for it, or has begun a visit for the same person before."""
    pair = Q(carer_uid=carer_uid, recipient_uid=recipient_uid, supporter_uid__in=supporter_uids)
    held = FirstMeeting.objects.filter(pair, state=FirstMeeting.State.HELD)
    begun = Visit.objects.filter(pair, started_at__isnull=False).order_by()
    return {
        *held.values_list("supporter_uid", flat=True),
        *begun.values_list("supporter_uid", flat=True),
    }
