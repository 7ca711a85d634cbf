"""Reads of the matching room: who could come, and how the questions stand.

Unless it says otherwise, a selector runs inside ``tenancy.tenant`` and reads the current town;
``candidates`` opens the place's and the carer's towns by itself.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import sides_of
from kyojo.civic.people import domain as people
from kyojo.civic.people.models import Person, StaffRole
from kyojo.civic.people.selectors import SupporterRow, supporters_for_matching
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.domain import category
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock, geometry
from kyojo.kernel.errors import NotFound
from kyojo.kernel.geometry import Point

from .domain import (
    JAPANESE,
    Hard,
    Helper,
    Match,
    Need,
    Shortfall,
    failures,
    match_of,
    matches,
    rating_mean,
    shortfall,
)
from .models import Offer, PairTally, SupporterRating, SupporterTally
from .way import way_spoken

State = Offer.State
STANDING_STATES = (State.NOTIFIED, State.ACCEPTED)
#: kind of TrustCheck → the badge's icon.
BADGE_ICONS = {
    "identity": "shield",
    "background": "shield",
    "training": "cap",
    "licence": "check",
}
ABOUT_METRES = 300


# --- candidates ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Candidate:
    """A supporter who can come, with all that a card shows.

    ``about``: the centre of a circle of 300 m somewhere in which they live.
    """

    match: Match
    row: SupporterRow

    @property
    def uid(self) -> UUID:
        return self.row.uid

    @property
    def municipality_id(self) -> int:
        return self.row.municipality_id

    @property
    def family_name(self) -> str:
        return self.row.name.split(" ")[0]

    @property
    def about(self) -> Point:
        assert self.match.helper.home is not None
        key = f"{settings.SECRET_KEY}/{self.row.uid}".encode()
        return geometry.blurred(self.match.helper.home, key=key, radius_metres=ABOUT_METRES)

    def card(self) -> dict[str, Any]:
        """What the carer may see of them, as JSON: it is kept in the offer. See ``card_of``."""
        helper, row = self.match.helper, self.row
        tags = sorted(helper.rating_tags.items(), key=lambda tag: (-tag[1], tag[0]))
        return {
            "uid": str(row.uid),
            "municipality_id": row.municipality_id,
            "person_id": row.person_id,
            "name": row.name,
            "family_name": self.family_name,
            "kana": people.reading(row.kana),
            "age": people.decade(row.birth_date, clock.today()),
            "occupation": row.occupation,
            "introduction": row.introduction,
            "badges": [
                [check.label, "good", BADGE_ICONS.get(check.kind, "check")]
                for check in row.trust_checks
            ],
            "reasons": [reason.sentence for reason in self.match.reasons],
            "reason_codes": [{"code": reason.code, **reason.data} for reason in self.match.reasons],
            "distance_m": self.match.distance_m,
            "way": way_spoken(row.travel, self.match.distance_m),
            "rating": {
                "mean": rating_mean(helper.rating_sum, helper.rating_count),
                "count": helper.rating_count,
                "tags": [name for name, _ in tags[:2]],
            },
            "free": [[start.isoformat(), end.isoformat()] for start, end in self.match.free],
        }


def candidates(request: HelpRequest, *, limit: int = 20) -> list[Candidate]:
    """Who can come, the best first. Whoever was asked for this request already is not proposed
    again, unless the question was taken back before they were settled.

    ``request`` is a row of the current town: the carer's (exact place) or the place's (blurred).
    """
    need = need_of(request)
    asked = set(
        Offer.objects.filter(request_uid=request.uid)
        .exclude(Q(state=State.WITHDRAWN) & ~Q(card__has_key="was_chosen"))
        .values_list("supporter_uid", flat=True)
    )
    rows = {
        (row.municipality_id, row.uid): (row, helper)
        for row, helper in _supporters(request, category_code=need.category)
        if row.uid not in asked
    }
    found = matches(need, [helper for _, helper in rows.values()])
    return [Candidate(m, rows[m.helper.municipality_id, m.helper.uid][0]) for m in found[:limit]]


def candidate_checked(
    request: HelpRequest,
    *,
    supporter_uid: UUID,
    supporter_municipality_id: int,
    overlook: frozenset[Hard] = frozenset(),
) -> tuple[Candidate | None, frozenset[Hard]]:
    """One supporter, looked at again: the candidate, or None and the constraints they break
    (other than those to ``overlook``).

    Raises ``NotFound`` for whoever is no supporter of the carer's or the place's town.
    """
    if supporter_municipality_id not in _towns(request):
        raise NotFound()
    need = need_of(request)
    for row, helper in _supporters(request, uid=supporter_uid):
        if row.municipality_id == supporter_municipality_id:
            broken = failures(need, helper)
            if helper.home is not None:  # without a home point there is no distance to say
                broken -= overlook
            return (None, broken) if broken else (Candidate(match_of(need, helper), row), broken)
    raise NotFound()


def why_nobody(request: HelpRequest) -> Shortfall:
    """Counts of who failed which constraint, over all supporters of both towns. See
    ``domain.advice`` for what to say about it."""
    return shortfall(need_of(request), [helper for _, helper in _supporters(request)])


def need_of(request: HelpRequest) -> Need:
    """What ``request`` asks; the trust is what the place's programme needs."""
    kind = category(request.category)
    with tenant(request.place_municipality_id):
        rules = programme_current()[1]
        trust, training = rules.trust_needed(kind.code), rules.training_needed(kind.code)
    carer = request.carer
    spoken = frozenset(carer.languages or [JAPANESE]) if carer is not None else frozenset()
    return Need(
        category=kind.code,
        category_name=kind.name,
        starts_at=clock.local(request.starts_at),
        ends_at=clock.local(request.ends_at),
        place=Point(request.latitude, request.longitude),
        place_kind=request.place_kind,
        place_label=request.place_label,
        relation=request.recipient_relation,
        carer_uid=request.carer_uid,
        recipient_uid=request.recipient_uid,
        languages=spoken,
        gender_wish=request.gender_wish,
        trust=trust,
        training=training,
        adults_only=kind.adults_only,
    )


def _towns(request: HelpRequest) -> list[int]:
    return sides_of(request.carer_municipality_id, request.place_municipality_id)


def _supporters(
    request: HelpRequest, *, category_code: str | None = None, uid: UUID | None = None
) -> Iterable[tuple[SupporterRow, Helper]]:
    """The supporters of the carer's and the place's town, in a fixed number of queries each."""
    party = [(request.carer_municipality_id, request.carer_uid)]
    if request.recipient_uid is not None:
        party.append((request.place_municipality_id, request.recipient_uid))
    pairs: dict[UUID, dict[tuple[UUID | None, str], int]] = defaultdict(dict)
    if current() == request.carer_municipality_id:
        for supporter, recipient, code, count in PairTally.objects.filter(
            carer_uid=request.carer_uid
        ).values_list("supporter_uid", "recipient_uid", "category", "visits_count"):
            pairs[supporter][recipient, code] = count
    for town in _towns(request):
        with tenant(town):
            rows = supporters_for_matching(
                category=category_code, uids=None if uid is None else [uid], party=party
            )
            known = _known_of([row.person_id for row in rows], request)
            found = [(row, _helper(row, known, pairs.get(row.uid, {}))) for row in rows]
        yield from found


@dataclass(frozen=True)
class _Known:
    """What this room knows of a town's supporters, by person id."""

    busy: dict[int, list[tuple[datetime, datetime]]]
    asks: dict[int, int]
    done: dict[int, dict[str, int]]
    ratings: dict[int, tuple[int, int, dict[str, int]]]


def _known_of(person_ids: list[int], request: HelpRequest) -> _Known:
    # A long list of ids costs more than the rows it saves.
    own = {"supporter_id__in": person_ids} if len(person_ids) <= 500 else {}
    of = {"person_id__in": person_ids} if len(person_ids) <= 500 else {}
    busy: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for person_id, start, end in Offer.objects.filter(
        supporter__isnull=False,
        state=State.CHOSEN,
        starts_at__lt=request.ends_at + timedelta(days=1),
        ends_at__gt=request.starts_at - timedelta(days=1),
        **own,
    ).values_list("supporter_id", "starts_at", "ends_at"):
        busy[person_id].append((clock.local(start), clock.local(end)))
    asks = dict(
        Offer.objects.filter(
            supporter__isnull=False, asked_at__gt=clock.now() - timedelta(days=7), **own
        )
        .order_by()
        .values_list("supporter_id")
        .annotate(n=Count("id"))
    )
    done: dict[int, dict[str, int]] = defaultdict(dict)
    for person_id, code, count in SupporterTally.objects.filter(**of).values_list(
        "person_id", "category", "visits_count"
    ):
        done[person_id][code] = count
    ratings = {
        person_id: (total, count, tags)
        for person_id, total, count, tags in SupporterRating.objects.filter(**of).values_list(
            "person_id", "rating_sum", "rating_count", "tags"
        )
    }
    return _Known(busy, asks, done, ratings)


def _helper(
    row: SupporterRow, known: _Known, with_carer: dict[tuple[UUID | None, str], int]
) -> Helper:
    rating_sum, rating_count, tags = known.ratings.get(row.person_id, (0, 0, {}))
    return Helper(
        uid=row.uid,
        municipality_id=row.municipality_id,
        person_id=row.person_id,
        home=None if row.lat is None or row.lon is None else Point(row.lat, row.lon),
        travel=row.travel,
        travel_limit_m=row.travel_limit_m,
        skills=row.skills,
        weekly=row.weekly,
        exceptions=row.exceptions,
        busy=tuple(known.busy.get(row.person_id, ())),
        languages=frozenset(row.languages or (JAPANESE,)),
        gender=row.gender,
        birth_date=row.birth_date,
        checks=frozenset((check.kind, check.label) for check in row.trust_checks),
        blocked=row.blocked_uids,
        resting_until=row.resting_until,
        asks_per_week_max=row.asks_per_week_max,
        asks_this_week=known.asks.get(row.person_id, 0),
        done=known.done.get(row.person_id, {}),
        with_carer=with_carer,
        rating_sum=rating_sum,
        rating_count=rating_count,
        rating_tags=tags,
    )


# --- offers -------------------------------------------------------------------------------------
def offers_of_request(request_uid: UUID) -> list[Offer]:
    """Every question of a request as this town holds it, the best supporter first."""
    return list(Offer.objects.filter(request_uid=request_uid).order_by("rank", "asked_at", "uid"))


def offers_by_request(request_uids: Iterable[UUID]) -> dict[UUID, list[Offer]]:
    """``offers_of_request`` of several requests, in one query."""
    found: dict[UUID, list[Offer]] = defaultdict(list)
    offers = Offer.objects.filter(request_uid__in=list(request_uids))
    for offer in offers.order_by("rank", "asked_at", "uid"):
        found[offer.request_uid].append(offer)
    return found


def offers_for_supporter(
    *, person: Person, states: tuple[str, ...] = (State.NOTIFIED, State.ACCEPTED)
) -> QuerySet[Offer]:
    """What ``person`` was asked and may still answer (or has said OK to), the soonest first."""
    found = Offer.objects.filter(supporter=person, state__in=states)
    if State.NOTIFIED in states:
        found = found.exclude(state=State.NOTIFIED, expires_at__lte=clock.now())
    return found.order_by("starts_at", "uid")


def offer_for_supporter(*, person: Person, uid: UUID) -> Offer:
    """Raises ``NotFound`` for an offer to anybody else."""
    found = Offer.objects.filter(supporter=person, uid=uid).first()
    if found is None:
        raise NotFound()
    return found


def direct_ask_standing(request_uid: UUID) -> Offer | None:
    """The one person who was asked directly and has not answered yet."""
    return Offer.objects.filter(
        request_uid=request_uid, is_direct=True, state__in=STANDING_STATES
    ).first()


# --- the coordinator ----------------------------------------------------------------------------
def coordinator_of(request: HelpRequest) -> tuple[str, str]:
    """Who takes over (name, title): the coordinator of the place's area, else any of the place's
    town, else any of the carer's; ("", "") where there is none at all."""
    with tenant(request.place_municipality_id):
        here = StaffRole.objects.filter(role=StaffRole.Role.COORDINATOR).select_related("area")
        of_area = here.filter(area__name=request.area_name) if request.area_name else here.none()
        found = of_area.order_by("id").first() or here.order_by("id").first()
    if found is None:
        with tenant(request.carer_municipality_id):
            found = StaffRole.objects.filter(role=StaffRole.Role.COORDINATOR).order_by("id").first()
    return (found.name, found.title) if found is not None else ("", "")
