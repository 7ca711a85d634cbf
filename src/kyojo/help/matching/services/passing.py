"""Passing a request on: a coordinator takes over the search, and the carer is told who."""

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.services import request_escalated

from .. import words
from ..selectors import coordinator_of
from .telling import tell_carer


def escalate(request: HelpRequest) -> None:
    """Once a request; in the carer's town. Asking goes on."""
    name, title = coordinator_of(request)
    with transaction.atomic():
        if not request_escalated(uid=request.uid, start=current(), coordinator_name=name):
            return
        tell_carer(
            request,
            event="escalated",
            key=request.uid,
            title=words.ESCALATED if name else words.ESCALATED_NOBODY,
            body=words.ESCALATED_BODY,
            name=name,
            office=title,
        )
