"""Two people part, or somebody is suspended: what is pending ends, what is booked is decided.

Matching ends the questions (``matching.services.parting``); here are the visits, and both in one
transaction with the block or the suspension. Requests of all that is touched are locked first, in
one order, then visits, then people, then coins.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Block, Person, Suspension, User
from kyojo.civic.people.services import block_add, suspension_begin
from kyojo.help.community.services import case_open, case_step_note
from kyojo.help.matching import services as matching
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import derived_id

from ..domain import State
from ..models import Visit
from .closing import visit_cancel
from .consents import consent_decline


@dataclass(frozen=True)
class Kept:
    """What came of a block: questions that ended, visits cancelled, visits that stay."""

    ended: int
    cancelled: list[UUID]
    kept: list[UUID]


def booked_between(person: Person, other_uid: UUID) -> list[Visit]:
    """Visits to come of ``person`` and somebody else, the soonest first. In their town."""
    other = Q(carer_uid=other_uid) | Q(supporter_uid=other_uid) | Q(recipient_uid=other_uid)
    return [visit for visit in booked_of(person, other) if _meet(visit, person, other_uid)]


def booked_of(person: Person, narrowed: Q | None = None) -> list[Visit]:
    """Every visit to come of ``person``, the soonest first. In their town."""
    own = Q(carer=person) | Q(supporter=person) | Q(recipient=person)
    found = Visit.objects.filter(own, state=State.SCHEDULED)
    if narrowed is not None:
        found = found.filter(narrowed)
    return list(found.order_by("starts_at", "uid"))


def _meet(visit: Visit, person: Person, other_uid: UUID) -> bool:
    """Whether the visit brings the two together: a carer and the one cared for live with it."""
    return visit.supporter_uid in (person.uid, other_uid)


def person_block(*, person: Person, blocked_uid: UUID, cancels: bool) -> Kept:
    """``person`` is not to meet somebody again, from now on: pending questions between them end,
    neither usually comes for the other, neither is shown to the other. Visits that are booked stay,
    and the office is told, unless ``cancels``. Again: what is still there.

    The other one is told nothing but what a no or a cancelled visit says. Raises ``BlockSelf``.
    """
    with tenant(person.municipality_id), transaction.atomic():
        is_new = not Block.objects.filter(person=person, blocked_uid=blocked_uid).exists()
        block = block_add(person=person, blocked_uid=blocked_uid)
        booked = booked_between(person, blocked_uid)
        _requests_hold(booked)
        cancelled = _cancelled(booked, person) if cancels else []
        ended = matching.pair_part(person=person, other_uid=blocked_uid)
        kept = [visit for visit in booked if visit.uid not in cancelled]
        if kept and is_new:
            case_open(
                uid=derived_id(person.uid, "kept", blocked_uid, block.pk),
                kind="other",
                urgency="soon",
                subject_kind="visit",
                subject_uid=kept[0].uid,
                about=[person.uid, blocked_uid],
                words=f"{person.name}さんが、会わないことにした人との予定が残っています。"
                "本人の気持ちを、電話で確かめてください。",
            )
    return Kept(ended, cancelled, [visit.uid for visit in kept])


def person_suspend(
    *,
    uid: UUID,
    person: Person,
    by: User,
    reason: str,
    until: datetime | None = None,
    case_uid: UUID | None = None,
    keeps_visits: bool = False,
) -> Suspension:
    """``people.services.suspension_begin``, and at once: every question to them and of their own
    requests ends, and visits they were to come to are called off with all coins back, as are those
    that they asked for, unless they may keep these (``keeps_visits``). Visits that have begun go
    on. The same uid again: nothing more happens. Raises as ``suspension_begin``."""
    with tenant(person.municipality_id), transaction.atomic():
        before = Suspension.objects.filter(uid=uid).first()
        if before is not None:
            return before  # type: ignore[no-any-return]
        booked = [
            visit
            for visit in booked_of(person)
            if visit.supporter_id == person.pk or (visit.carer_id == person.pk and not keeps_visits)
        ]
        _requests_hold(booked)
        suspension = suspension_begin(
            uid=uid, person=person, by=by, reason=reason, until=until, case_uid=case_uid
        )
        _cancelled(booked, person)
        matching.person_pause(person=person)
        if case_uid is not None:
            case_step_note(order_id=derived_id(uid, "case"), uid=case_uid, by=by, step="suspended")
    return suspension


def _requests_hold(visits: Iterable[Visit]) -> None:
    matching.requests_hold((one.carer_municipality_id, one.request_uid) for one in visits)


def _cancelled(visits: Iterable[Visit], person: Person) -> list[UUID]:
    """Call them off as ``person`` would; what cannot be (it has begun meanwhile) stays."""
    done = []
    for visit in visits:
        try:
            with transaction.atomic():
                if person.pk in (visit.carer_id, visit.supporter_id):
                    visit_cancel(visit_uid=visit.uid, actor=person, reason="plans_changed")
                else:
                    consent_decline(visit_uid=visit.uid, by=person)
        except NotFound:
            raise
        except Refusal:
            continue
        done.append(visit.uid)
    return done
