"""A yes for several days of a series at once."""

from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.help.matching.selectors import series_questions
from kyojo.help.matching.services import requests_locked
from kyojo.kernel.errors import Refusal

from ..models import Visit
from .reservations import offer_answer


def series_answer_yes(*, offer_uid: UUID, supporter: Person) -> list[Visit]:
    """A yes to a question of a series, and to all others of it that wait; the visits.

    The question itself is answered or refused as by ``offer_answer``; of the others, days that are
    not possible any more stay as they are. Again: nothing changes.

    Raises as ``offer_answer``.
    """
    with transaction.atomic():
        others = series_questions(supporter=supporter, offer_uid=offer_uid)
        towns = {one.carer_municipality_id for one in others}
        for town in towns:
            # Before the first coin moves: whoever answers for one of them locks its request first.
            with tenant(town):
                requests_locked([one.request_uid for one in others])
        made = [offer_answer(offer_uid=offer_uid, supporter=supporter, yes=True)]
        for one in others:
            if one.uid == offer_uid:
                continue
            try:
                with transaction.atomic():
                    made.append(offer_answer(offer_uid=one.uid, supporter=supporter, yes=True))
            except Refusal:
                continue
    return [visit for visit in made if visit is not None]
