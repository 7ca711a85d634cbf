"""A town's whole night as arrays: its open requests, and everybody of the town who can come.

Who can come is what ``selectors.candidates`` says, to the minute; times that overlap are one slot,
so that nobody is proposed for two of them. Runs inside ``tenancy.tenant``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.db.models import Count

from kyojo.civic.people.models import Person
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.selectors import requests_unanswered
from kyojo.kernel import clock

from . import live, scoring
from .engine.assignment import Problem
from .engine.columns import Key
from .engine.edges import Ints
from .engine.nightly import STEPS
from .engine.population import Pairs
from .models import Offer
from .selectors import look_of

#: A point of the score is worth so many metres of way, the unit of ``STEPS``: four minutes on foot
#: are about 300 metres in both.
POINT_METRES = 7_000
#: No score is higher.
BEST = 1 + scoring.KNOWN + scoring.LAST
#: What it costs to leave a request open: more than any pair, so that nothing is left that somebody
#: could do; and more for the urgent, where there are not enough people for all.
OPEN_METRES = 40_000
SOON_METRES = ((timedelta(hours=24), 40_000), (timedelta(hours=72), 20_000))
ESCALATED_METRES = 30_000
#: Whoever did so much lately is put behind no further.
LOAD_MOST = 10


@dataclass(frozen=True)
class Planned:
    """``problem``'s rows are these requests and these people."""

    requests: list[HelpRequest]
    keys: list[Key]
    problem: Problem


def requests_waiting() -> list[HelpRequest]:
    """Open requests of the current town for which nobody has said yes so far, by number."""
    found = requests_unanswered().filter(state=HelpRequest.State.OPEN)
    answered = Offer.objects.filter(
        request_uid__in=found.order_by().values("uid"),
        state__in=(Offer.State.ACCEPTED, Offer.State.CHOSEN),
    ).values_list("request_uid", flat=True)
    taken = set(answered)
    return sorted((one for one in found if one.uid not in taken), key=lambda one: one.uid)


def planned(requests: Sequence[HelpRequest]) -> Planned:
    """The problem of these requests and the current town's own supporters."""
    looks = [look_of(one, by_office=True) for one in requests]
    pairs = live.population().pairs([(look.need, look.met, look.without) for look in looks])
    cost = np.rint(POINT_METRES * (BEST - pairs.scores)).astype(np.int64)
    problem = Problem(
        request=pairs.need,
        supporter=pairs.person,
        cost=cost,
        unfilled=np.array([_open_metres(one) for one in requests], np.int64),
        capacity=_capacity(pairs),
        steps=STEPS,
        load=np.minimum(pairs.lately, LOAD_MOST),
        slot=slots_of(requests),
    )
    return Planned(list(requests), pairs.keys, problem)


def _open_metres(request: HelpRequest) -> int:
    left = request.starts_at - clock.now()
    soon = next((metres for within, metres in SOON_METRES if left <= within), 0)
    return OPEN_METRES + soon + (ESCALATED_METRES if request.escalated_at is not None else 0)


def slots_of(requests: Sequence[HelpRequest]) -> Ints:
    """The same number for requests whose times overlap, directly or by others between them."""
    slots = np.zeros(len(requests), np.int64)
    number, until = -1, None
    for row in sorted(range(len(requests)), key=lambda row: requests[row].starts_at):
        if until is None or requests[row].starts_at >= until:
            number += 1
            until = requests[row].ends_at
        until = max(until, requests[row].ends_at)
        slots[row] = number
    return slots


def _capacity(pairs: Pairs) -> Ints:
    """How many more questions everybody takes this week."""
    people = Person.objects.filter(supporter_since__isnull=False)
    offers = Offer.objects.filter(
        supporter__isnull=False, asked_at__gt=clock.now() - timedelta(days=7)
    ).order_by()
    if len(pairs.keys) <= live.FEW:
        uids = [key.uid for key in pairs.keys]
        people, offers = people.filter(uid__in=uids), offers.filter(supporter_uid__in=uids)
    most = dict(people.values_list("uid", "asks_per_week_max"))
    asked = dict(offers.values_list("supporter_uid").annotate(n=Count("id")))
    left = [most.get(key.uid, 0) - asked.get(key.uid, 0) for key in pairs.keys]
    return np.maximum(np.array(left, np.int64), 0)
