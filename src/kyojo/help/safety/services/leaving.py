"""What somebody who works at the desk no more leaves in this room."""

from django.db import transaction

from kyojo.civic.people.models import User
from kyojo.civic.people.services import act_record
from kyojo.kernel import clock

from ..models import CentreMember, LateWatch, OnCall


def staff_left(*, user: User, by: User | None = None) -> int:
    """Their lines of the list of who is on call and their places in support centres end, and what
    they had taken of late visits goes on to the next person. Returns how many there were. Again:
    nothing changes."""
    with transaction.atomic():
        rows = list(OnCall.objects.select_for_update())
        own = [row.pk for row in rows if row.user_id == user.pk]
        if own:
            act_record(actor=by, action="duty_removed", subject_kind="user", subject_id=user.pk)
        OnCall.objects.filter(pk__in=own).delete()
        members, _ = CentreMember.objects.filter(user=user).delete()
        taken = LateWatch.objects.filter(taken_by=user, state=LateWatch.State.OFFICE)
        return len(own) + members + taken.update(taken_by=None, taken_at=None, due_at=clock.now())
