"""What a policy needs to know of an open request: who can be asked, and what is on record of them.

Runs in the carer's town; what is on record of a supporter is read in theirs.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock

from . import selectors
from .asking.acceptance import PRIOR, AcceptanceModel
from .asking.belief import Event, Kind, belief_of
from .asking.features import Facts
from .asking.hours import awake_between, local_hours
from .asking.situation import Candidates, Request, Situation
from .asking.waves import Pending
from .models import AcceptanceFit, Ask, Offer, Search
from .selectors import Candidate
from .way import METRES_PER_MINUTE

State = Offer.State
#: So many of the best by score are looked at; whom of them to ask is the policy's to say.
LOOKED_AT = 200
#: What is older says nothing about somebody any more.
RECORD = timedelta(days=365)
MONTH = timedelta(days=28)
ANSWERED = (State.ACCEPTED, State.CHOSEN, State.DECLINED)


def model_now() -> AcceptanceModel:
    """The current town's newest model of who says yes; the prior where none was learned yet."""
    fit = AcceptanceFit.objects.first()
    return PRIOR if fit is None else AcceptanceModel.from_json(fit.model)


def situation_of(
    request: HelpRequest, search: Search, model: AcceptanceModel
) -> tuple[Situation, list[Candidate]]:
    """The situation of a search, and the candidates that its rows mean."""
    now = local_hours(clock.local())
    found = _known_first(request, selectors.candidates(request, limit=LOOKED_AT))
    asks = list(Ask.objects.filter(request_uid=request.uid))
    waiting = set(
        Offer.objects.filter(request_uid=request.uid, state=State.NOTIFIED).values_list(
            "uid", flat=True
        )
    )
    pending = [one for one in asks if one.offer_uid in waiting]
    people = _candidates(request, found, model, now)
    return (
        Situation(
            request=Request(
                seed=request.uid.int & (1 << 62) - 1,
                opened_at=local_hours(clock.local(search.started_at)),
                deadline=local_hours(clock.local(search.deadline)),
            ),
            pending=Pending(
                asked_at=np.array([local_hours(clock.local(one.asked_at)) for one in pending]),
                chance=np.array([one.chance for one in pending]),
                answers=np.array([one.answers for one in pending]),
            ),
            asked=len(asks),
            now=now,
            look=lambda: people,
        ),
        found,
    )


def _known_first(request: HelpRequest, found: list[Candidate]) -> list[Candidate]:
    """For an occurrence of a series, those who came before, as long as there are any not asked."""
    if request.series_uid is None:
        return found
    known = [
        one
        for one in found
        if any(who == request.recipient_uid for who, _ in one.match.helper.with_carer)
    ]
    return known or found


def candidates_seen(
    request: HelpRequest, found: list[Candidate], model: AcceptanceModel
) -> Candidates:
    """What a policy would see of these candidates now."""
    return _candidates(request, found, model, local_hours(clock.local()))


@dataclass(frozen=True)
class _Record:
    """What is on record of somebody's answers. Moments are local hours."""

    month: int
    ended: int
    answered: int
    yes: int
    last_asked_at: float
    belief: float


def _candidates(
    request: HelpRequest, found: list[Candidate], model: AcceptanceModel, now: float
) -> Candidates:
    records = _records(found, model, now)
    known = [records[one.uid] for one in found]
    helpers = [one.match.helper for one in found]
    starts = clock.local(request.starts_at)
    met = [
        sum(n for (who, _), n in one.with_carer.items() if who == request.recipient_uid)
        for one in helpers
    ]

    def column(values: Iterable[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array(list(values), dtype=np.float64)

    return Candidates(
        keys=np.array([one.uid.int & (1 << 62) - 1 for one in found], np.int64),
        facts=Facts(
            minutes=column(
                one.match.distance_m / METRES_PER_MINUTE[one.match.helper.travel] for one in found
            ),
            met=column(met),
            done=column(one.done.get(request.category, 0) for one in helpers),
            lately=column(one.lately for one in helpers),
            asks_month=column(one.month for one in known),
            answer_hours=column(one.answer_hours for one in helpers),
            asked=column(one.ended for one in known),
            answered=column(one.answered for one in known),
            yes=column(one.yes for one in known),
            starts_hour=starts.hour + starts.minute / 60,
            weekday=starts.weekday(),
            lead_hours=max(local_hours(starts) - now, 0.0),
            hours=(request.ends_at - request.starts_at) / timedelta(hours=1),
        ),
        score=column(one.match.score for one in found),
        belief=column(one.belief for one in known),
        asks_this_week=np.array([one.asks_this_week for one in helpers], np.int64),
        asks_per_week_max=np.array([one.asks_per_week_max for one in helpers], np.int64),
        last_asked_at=column(one.last_asked_at for one in known),
    )


def _records(found: list[Candidate], model: AcceptanceModel, now: float) -> dict[UUID, _Record]:
    """What each candidate's own town knows of their answers."""
    by_town: dict[int, list[Candidate]] = defaultdict(list)
    for one in found:
        by_town[one.municipality_id].append(one)
    records = {}
    for town, people in by_town.items():
        with tenant(town):
            rows: dict[int, list[_Question]] = defaultdict(list)
            for person_id, *values in (
                Offer.objects.filter(
                    supporter_id__in=[one.row.person_id for one in people],
                    asked_at__gt=clock.now() - RECORD,
                )
                .order_by("asked_at")
                .values_list("supporter_id", "state", "asked_at", "answered_at", "expires_at")
            ):
                rows[person_id].append(_Question(*values))
        for one in people:
            since = local_hours(clock.local(one.row.supporter_since))
            records[one.uid] = _record(rows[one.row.person_id], since, model, now)
    return records


@dataclass(frozen=True)
class _Question:
    state: str
    asked_at: datetime
    answered_at: datetime | None
    expires_at: datetime

    @property
    def ended_at(self) -> datetime:
        return self.answered_at or self.expires_at


def _record(
    questions: list[_Question], since: float, model: AcceptanceModel, now: float
) -> _Record:
    ended = [one for one in questions if one.state != State.NOTIFIED]
    answered = [one for one in ended if one.state in ANSWERED]
    month = clock.now() - MONTH
    return _Record(
        month=sum(one.asked_at > month for one in questions),
        ended=len(ended),
        answered=len(answered),
        yes=sum(one.state != State.DECLINED for one in answered),
        last_asked_at=max((_hours(one.asked_at) for one in questions), default=-np.inf),
        belief=belief_of(
            [_event(one) for one in sorted(ended, key=lambda one: one.ended_at)],
            [
                float(awake_between(_hours(one.asked_at), now))
                for one in questions
                if one.state == State.NOTIFIED
            ],
            now=now,
            since=since,
            activity=model.activity,
            delay=model.delay,
        ),
    )


def _event(one: _Question) -> Event:
    asked, ended = _hours(one.asked_at), _hours(one.ended_at)
    if one.state in ANSWERED:
        return Event(ended, Kind.SIGN)
    return Event(ended, Kind.SILENCE, float(awake_between(asked, ended)))


def _hours(moment: datetime) -> float:
    return local_hours(clock.local(moment))
