"""Proposals for a whole town: who could come for which open request, all together.

Nobody is told of a proposal; a coordinator sees it on the board and asks, or does not.
"""

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import User
from kyojo.civic.people.selectors import staff_required
from kyojo.civic.people.services import act_record
from kyojo.kernel import clock

from ..engine.nightly import PairedTown, solve
from ..models import Proposal, TownPlan
from ..planning import planned, requests_waiting


@transaction.atomic
def proposals_renew(*, by: User | None = None) -> TownPlan:
    """Plan the current town anew, in place of what was proposed before. Two at once: one after
    the other. Raises ``NotFound`` for a login without a desk here, ``NotSolved``; then the
    proposals stay as they were."""
    if by is not None:
        staff_required(by)
    TownPlan.objects.get_or_create(municipality_id=current())
    plan: TownPlan = TownPlan.objects.select_for_update().get()
    night = planned(requests_waiting())
    found = solve(PairedTown(str(current()), night.problem))
    Proposal.objects.all().delete()
    Proposal.objects.bulk_create(
        Proposal(
            request_uid=request.uid,
            supporter_uid=night.keys[row].uid,
            supporter_municipality_id=night.keys[row].municipality_id,
        )
        for request, row in zip(night.requests, found.supporter.tolist(), strict=True)
        if row >= 0
    )
    plan.planned_at = clock.now()
    plan.requests, plan.filled = len(night.requests), found.filled
    plan.save(update_fields=["planned_at", "requests", "filled"])
    if by is not None:
        act_record(
            actor=by, action="board_planned", subject_kind="municipality", subject_id=current()
        )
    return plan
