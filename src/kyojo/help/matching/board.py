"""The coordinator's board: how each of some open requests stands, and who could come.

Looks at all of them together: the engine ranks, and whoever is shown is read from the database
once. Runs inside ``tenancy.tenant``; opens the other sides' towns by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import numpy as np

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.twins import sides_of
from kyojo.civic.people.selectors import SupporterRow, supporters_for_matching
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock

from . import live
from .asking.acceptance import AcceptanceModel
from .asking.hours import local_hours
from .asking.waves import Pending
from .domain import Helper, advice, failures, in_order, match_of, sum_of
from .engine.population import Population
from .engine.relaxing import Relaxation, relaxations
from .models import Ask, Offer, Proposal, Search, TownPlan
from .outlook import DIRECT_ANSWERS, DIRECT_CHANCE, Chances, Outlook, chances, outlook_of
from .selectors import Candidate, Look, look_of
from .situations import candidates_seen, model_now

State = Offer.State
#: So many of the best are looked at for each request.
LOOKED_AT = 12
#: Looked up beyond that: some of the best may just have changed.
SPARE = 3
#: For so many requests that nobody can come for, the one thing that would help is looked for: it
#: takes many looks. The page of the request tells it of the others.
RELAXED_MOST = 6


@dataclass(frozen=True)
class Standing:
    """``candidates``: who can come, the best first; ``proposal``: whom the plan of the whole town
    proposes, if they still can. ``advice`` and ``relaxed`` where nobody can come: why, and the one
    thing that would help most."""

    request: HelpRequest
    candidates: list[Candidate]
    proposal: Candidate | None
    outlook: Outlook
    chances: Chances
    advice: list[str] = field(default_factory=list)
    relaxed: Relaxation | None = None


def plan_standing() -> TownPlan | None:
    """When the current town was last planned; None: never."""
    found: TownPlan | None = TownPlan.objects.first()
    return found


def standings(requests: Sequence[HelpRequest]) -> list[Standing]:
    """How ``requests`` stand, in their order. Rows of the current town, as in
    ``selectors.candidates``."""
    looks = {one.uid: look_of(one, by_office=True) for one in requests}
    found, proposals = _found(requests, looks)
    asked = _asked(requests)
    stand = [_standing(one, found[one.uid], proposals.get(one.uid), asked) for one in requests]
    short = [one for one in stand if not one.candidates and one.outlook is not Outlook.ANSWERED]
    said = {
        one.request.uid: _why(one.request, looks[one.request.uid], is_relaxed=number < RELAXED_MOST)
        for number, one in enumerate(short)
    }
    return [replace(one, **said.get(one.request.uid, {})) for one in stand]


# --- who can come ---------------------------------------------------------------------------------
def _found(
    requests: Sequence[HelpRequest], looks: dict[UUID, Look]
) -> tuple[dict[UUID, list[Candidate]], dict[UUID, Candidate]]:
    """The best of each request, and the proposal where it still holds; both by request."""
    found: dict[UUID, list[Candidate]] = defaultdict(list)
    proposals: dict[UUID, Candidate] = {}
    for town, sided in _by_town(requests).items():
        with tenant(town):
            ranked = _ranked(sided, looks)
            proposed = dict(
                Proposal.objects.filter(request_uid__in=list(ranked)).values_list(
                    "request_uid", "supporter_uid"
                )
            )
            people = _people({uid for uids in ranked.values() for uid in uids}, proposed.values())
        for one in sided:
            look = looks[one.uid]
            found[one.uid] += _candidates(look, ranked[one.uid], people)
            if one.uid in proposed:
                for still in _candidates(look, [proposed[one.uid]], people):
                    proposals[one.uid] = still
    for candidates in found.values():
        candidates.sort(key=lambda one: in_order(one.match))
        del candidates[LOOKED_AT:]
    return found, proposals


def _by_town(requests: Iterable[HelpRequest]) -> dict[int, list[HelpRequest]]:
    """Town → the requests for which its supporters may come."""
    found: dict[int, list[HelpRequest]] = defaultdict(list)
    for one in requests:
        for town in sides_of(one.carer_municipality_id, one.place_municipality_id):
            found[town].append(one)
    return found


def _ranked(requests: Sequence[HelpRequest], looks: dict[UUID, Look]) -> dict[UUID, list[UUID]]:
    population = live.population()
    ranked = {}
    for one in requests:
        look = looks[one.uid]
        best = population.ranked(
            look.need, limit=LOOKED_AT + SPARE, met=look.met, without=look.without
        )
        ranked[one.uid] = [key.uid for key in best.keys]
    return ranked


_People = dict[UUID, tuple[SupporterRow, Helper]]


def _people(ranked: set[UUID], proposed: Iterable[UUID]) -> _People:
    uids = ranked | set(proposed)
    rows = supporters_for_matching(uids=uids) if uids else []
    return {row.uid: (row, helper) for row, helper in live.supporters(rows=rows)}


def _candidates(look: Look, uids: Iterable[UUID], people: _People) -> list[Candidate]:
    """Those who can come, as the database has them."""
    found = []
    for uid in uids:
        if uid not in people or uid in look.without:
            continue
        row, plain = people[uid]
        helper = replace(plain, with_carer=look.pairs.get(uid, {}))
        if not failures(look.need, helper):
            found.append(Candidate(match_of(look.need, helper), row))
    return found


# --- how it goes ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Asked:
    """Standing questions by request, and until when more are asked by themselves. ``models`` by
    the carer's town, whose model it is."""

    offers: dict[UUID, list[Offer]]
    logged: dict[UUID, Ask]
    searches: dict[UUID, Search]
    models: dict[int, AcceptanceModel]


def _asked(requests: Sequence[HelpRequest]) -> _Asked:
    offers: dict[UUID, list[Offer]] = defaultdict(list)
    uids = [one.uid for one in requests]
    for offer in Offer.objects.filter(
        request_uid__in=uids, state__in=(State.NOTIFIED, State.ACCEPTED)
    ):
        offers[offer.request_uid].append(offer)
    asked = _Asked(offers, {}, {}, {})
    for town in {one.carer_municipality_id for one in requests}:
        with tenant(town):
            asked.models[town] = model_now()
            asked.logged.update(
                (one.offer_uid, one) for one in Ask.objects.filter(request_uid__in=uids)
            )
            asked.searches.update(
                (one.request_uid, one)
                for one in Search.objects.filter(request_uid__in=uids, next_look_at__isnull=False)
            )
    return asked


def _standing(
    request: HelpRequest,
    found: list[Candidate],
    proposal: Candidate | None,
    asked: _Asked,
) -> Standing:
    offers = asked.offers[request.uid]
    waiting = [one for one in offers if one.state == State.NOTIFIED]
    model = asked.models[request.carer_municipality_id]
    search = asked.searches.get(request.uid)
    told = chances(
        pending=_pending(waiting, asked.logged),
        others=_others(request, found, model),
        now=local_hours(clock.local()),
        search_until=None if search is None else local_hours(clock.local(search.deadline)),
        start=local_hours(clock.local(request.starts_at)),
        delay=model.delay,
    )
    outlook = outlook_of(
        is_answered=len(waiting) < len(offers),
        can_come=len(found),
        pending=len(waiting),
        waiting=told.waiting,
    )
    return Standing(request, found, proposal, outlook, told)


def _pending(waiting: Sequence[Offer], logged: dict[UUID, Ask]) -> Pending:
    rows = [(one, logged.get(one.uid)) for one in waiting]
    return Pending(
        asked_at=np.array([local_hours(clock.local(one.asked_at)) for one, _ in rows]),
        chance=np.array([DIRECT_CHANCE if ask is None else ask.chance for _, ask in rows]),
        answers=np.array([DIRECT_ANSWERS if ask is None else ask.answers for _, ask in rows]),
    )


def _others(
    request: HelpRequest, found: list[Candidate], model: AcceptanceModel
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if not found:
        return np.empty(0)
    seen = candidates_seen(request, found, model)
    return model.chances(seen.facts.matrix(), seen.belief)


def _why(request: HelpRequest, look: Look, *, is_relaxed: bool) -> dict[str, Any]:
    """Why nobody can come and, where it is wanted, the one thing that would bring most people."""
    populations: list[Population] = []
    for town in sides_of(request.carer_municipality_id, request.place_municipality_id):
        with tenant(town):
            populations.append(live.population())
    short = sum_of(one.shortfall(look.need, blocking=look.without) for one in populations)
    tried: list[Relaxation] = []
    if is_relaxed:
        tried = relaxations(populations, look.need, now=clock.local(), without=look.without)
    return {"advice": advice(short), "relaxed": tried[0] if tried else None}
