"""Network servers and brokers that hand on what buttons say. Inside the town's tenant."""

import hashlib
from secrets import token_urlsafe
from uuid import UUID

from django.db import transaction

from kyojo.civic.people.models import StaffRole, User
from kyojo.civic.people.selectors import staff_required
from kyojo.civic.people.services import act_record
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.text import normalised

from ..errors import TagLabelMissing
from ..models import Gateway
from .tags import LABEL_MAX


def gateway_make(*, uid: UUID, label: str, by: User) -> tuple[Gateway, str]:
    """A new gateway and its token, which is told this once: the same ``uid`` again returns the
    gateway and "". For officers. Raises ``NotFound``, ``TagLabelMissing``."""
    staff_required(by, StaffRole.Role.OFFICER)
    label = normalised(label)
    if not 0 < len(label) <= LABEL_MAX:
        raise TagLabelMissing(field="label", most=LABEL_MAX)
    before = Gateway.objects.filter(uid=uid).first()
    if before is not None:
        return before, ""
    token = token_urlsafe(32)
    with transaction.atomic():
        made = Gateway.objects.create(
            uid=uid, label=label, token_hash=_hashed(token), made_at=clock.now(), made_by=by
        )
        act_record(actor=by, action="gateway_make", subject_kind="gateway", subject_id=uid)
    return made, token


def gateway_end(*, uid: UUID, by: User) -> Gateway:
    """Its token opens nothing from now on. Ended already: nothing changes. Raises ``NotFound``."""
    staff_required(by, StaffRole.Role.OFFICER)
    with transaction.atomic():
        found = Gateway.objects.select_for_update().filter(uid=uid).first()
        if found is None:
            raise NotFound()
        if found.ended_at is None:
            found.ended_at = clock.now()
            found.save(update_fields=["ended_at"])
            act_record(actor=by, action="gateway_end", subject_kind="gateway", subject_id=uid)
    return found


def gateway_known(token: str) -> bool:
    """Whether ``token`` is that of a gateway of this town; notes that it was heard."""
    found = Gateway.objects.filter(token_hash=_hashed(token), ended_at=None)
    return bool(token) and found.update(heard_at=clock.now()) == 1


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
