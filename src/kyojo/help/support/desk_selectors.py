"""Reads about visits for the desk: what waits for an office, and what became of a visit."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import sides_of
from kyojo.civic.people.models import AppealOfficer, Person
from kyojo.civic.people.staff_selectors import appeal_decider_there, officers_there

from .domain import BEACON_SILENT, UPCOMING, State
from .models import Dispute, RefusedStep, Ruling, Visit, VisitStep


def disputes_open() -> list[tuple[Dispute, Visit]]:
    """What waits for the office's ruling in this town, the oldest first."""
    ruled = Ruling.objects.filter(ended_at=None).values("visit_uid")
    open_ones = list(
        Dispute.objects.filter(resolved_at=None)
        .exclude(visit_uid__in=ruled)
        .order_by("opened_at", "id")
    )
    visits = {v.uid: v for v in Visit.objects.filter(uid__in=[d.visit_uid for d in open_ones])}
    return [(d, visits[d.visit_uid]) for d in open_ones if d.visit_uid in visits]


def appeals_open() -> list[tuple[Ruling, Visit]]:
    """Objections that wait for another officer of this town, the oldest first: as in
    ``disputes_open``, the carer's and the place's."""
    open_ones = list(
        Ruling.objects.filter(ended_at=None, appealed_at__isnull=False).order_by("appealed_at")
    )
    ours = Q(carer_municipality_id=current()) | Q(place_municipality_id=current())
    visits = {
        visit.uid: visit
        for visit in Visit.objects.filter(ours, uid__in=[r.visit_uid for r in open_ones])
    }
    return [(r, visits[r.visit_uid]) for r in open_ones if r.visit_uid in visits]


def decider_there(visit: Visit, *, but: int | None) -> bool:
    """Whether anybody of the carer's or the place's town may decide an objection to what the login
    ``but`` ruled."""
    for code in sides_of(visit.carer_municipality_id, visit.place_municipality_id):
        with tenant(code):
            if appeal_decider_there(but=but):
                return True
    return False


def named_by_ruler(visit: Visit, ruling: Ruling, decider: AppealOfficer | None) -> bool:
    """Whether ``decider``, from outside, was let in after the ruling by the officer who made it
    although another officer of the carer's or the place's town, no party, may decide."""
    if (
        decider is None
        or ruling.made_by_id is None
        or decider.made_by_id != ruling.made_by_id
        or decider.made_at < ruling.made_at
    ):
        return False
    parties = (visit.carer_uid, visit.supporter_uid, visit.recipient_uid)
    for code in sides_of(visit.carer_municipality_id, visit.place_municipality_id):
        with tenant(code):
            theirs = Person.objects.filter(uid__in=parties).values_list("user_id", flat=True)
            if officers_there() - {ruling.made_by_id, *theirs}:
                return True
    return False


def rulings_of(uid: UUID) -> list[Ruling]:
    """What was ruled about a visit's coins, as this town keeps it, the oldest first."""
    return list(Ruling.objects.filter(visit_uid=uid).order_by("number"))


def consents_waiting() -> list[Visit]:
    """Visits in this town whose person at home has not answered yet, the soonest first: the
    office calls them."""
    return list(
        Visit.objects.filter(
            place_municipality_id=current(),
            state=State.SCHEDULED,
            consent=Visit.Consent.ASKED,
        ).order_by("starts_at")
    )


def codes_locked(*, tries_max: int) -> list[Visit]:
    """Visits that wait for the office because the spoken code was wrong too often."""
    return list(
        Visit.objects.filter(state__in=UPCOMING, code_failures__gte=tries_max).order_by("starts_at")
    )


def visit_steps(uid: UUID) -> list[VisitStep]:
    """The history as this town keeps it, the oldest first."""
    return list(VisitStep.objects.filter(visit_uid=uid))


def ended_unsaid(uids: Collection[UUID]) -> set[UUID]:
    """Which of these visits a beacon's silence ended, so that nobody has said a word yet. Inside
    one of their towns."""
    ended = Visit.objects.filter(uid__in=uids, state=State.ENDED)
    steps = VisitStep.objects.filter(
        visit_uid__in=ended.values("uid"), after=State.ENDED, reason=BEACON_SILENT
    )
    return set(steps.values_list("visit_uid", flat=True))


def refused_steps(uid: UUID) -> list[RefusedStep]:
    """What was tried in vain from this town, the oldest first."""
    return list(RefusedStep.objects.filter(visit_uid=uid))
