"""Reads of the matching room: who could come, and how the questions stand.

Unless it says otherwise, a selector runs inside ``tenancy.tenant`` and reads the current town;
``candidates`` opens the place's and the carer's towns by itself.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import sides_of
from kyojo.civic.people import domain as people
from kyojo.civic.people.models import Person, StaffRole
from kyojo.civic.people.selectors import SupporterRow, blocked_by, supporters_for_matching
from kyojo.civic.people.suspensions import is_suspended
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.domain import category
from kyojo.help.requests.models import HelpRequest, Series
from kyojo.help.requests.repeating import AHEAD
from kyojo.help.requests.selectors import Belongs, belongs, occurrences_of, series_days
from kyojo.kernel import clock, geometry
from kyojo.kernel.errors import NotFound
from kyojo.kernel.geometry import Point

from . import live
from .domain import (
    JAPANESE,
    Hard,
    Match,
    Need,
    Shortfall,
    failures,
    in_order,
    match_of,
    sum_of,
    visits_with,
)
from .engine.relaxing import Relaxation, relaxations
from .models import Offer, PairTally, Search
from .ratings import mean_shown
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
#: A rating below says that it was no pleasure.
GOOD = 3
#: Supporter → (recipient, category) → visits for a carer.
Pairs = dict[UUID, dict[tuple[UUID | None, str], int]]


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
            ]
            + [[name, "", icon] for name, icon in helper.badges],
            "reasons": [reason.sentence for reason in self.match.reasons],
            "reason_codes": [{"code": reason.code, **reason.data} for reason in self.match.reasons],
            "distance_m": self.match.distance_m,
            "way": way_spoken(row.travel, self.match.distance_m),
            "rating": {
                "mean": mean_shown(helper.rating_shown, helper.prior),
                "count": helper.rating_shown.count,
                "tags": [name for name, _ in tags[:2]],
            },
            "free": [[start.isoformat(), end.isoformat()] for start, end in self.match.free],
        }


@dataclass(frozen=True)
class Look:
    """What is looked for.

    ``pairs``: who came for the carer, ``met``: how often to this recipient. ``without``: whom not
    to propose: who was asked already, and whom somebody of the party does not want to meet.
    """

    need: Need
    pairs: Pairs
    met: dict[UUID, int]
    without: frozenset[UUID]


def look_of(request: HelpRequest, *, by_office: bool = False) -> Look:
    """``request`` as in ``candidates``."""
    need, pairs = need_of(request, by_office=by_office), _pairs(request)
    asked = (
        Offer.objects.filter(request_uid=request.uid)
        .exclude(Q(state=State.WITHDRAWN) & ~Q(card__has_key="was_chosen"))
        .values_list("supporter_uid", flat=True)
    )
    met = {
        supporter: count
        for supporter, tallies in pairs.items()
        if (count := visits_with(need, tallies))
    }
    without = {*asked, *_blocking(request), *_away(request)}
    return Look(need, pairs, met, frozenset(without))


#: Looked up beyond what is wanted: some of the best may just have changed.
SPARE = 10


def candidates(
    request: HelpRequest, *, limit: int = 20, by_office: bool = False
) -> list[Candidate]:
    """Who can come, the best first. Whoever was asked for this request already is not proposed
    again, unless the question was taken back before they were settled.

    The engine names the best of both towns; those are read from the database as it is now, and
    looked at once more.

    ``request`` is a row of the current town: the carer's (exact place) or the place's (blurred).
    ``by_office``: a coordinator looks, who may bring somebody under 18 together with the carer.
    """
    look = look_of(request, by_office=by_office)
    wanted = limit + SPARE
    while True:
        found: list[Candidate] = []
        ranked_fewer = True
        for town in _towns(request):
            with tenant(town):
                ranking = live.population().ranked(
                    look.need, limit=wanted, met=look.met, without=look.without
                )
                ranked_fewer &= len(ranking.keys) < wanted
                found += _looked_at(look.need, [key.uid for key in ranking.keys], look.pairs)
        found.sort(key=lambda one: in_order(one.match))
        if len(found) >= limit or ranked_fewer:
            return found[:limit]
        wanted *= 2


def _looked_at(need: Need, uids: list[UUID], pairs: Pairs) -> list[Candidate]:
    """Those of the current town who can come, as the database has them."""
    rows = supporters_for_matching(uids=uids) if uids else []
    return [
        Candidate(match_of(need, helper), row)
        for row, plain in live.supporters(rows=rows)
        for helper in [replace(plain, with_carer=pairs.get(plain.uid, {}))]
        if not failures(need, helper)
    ]


def candidate_checked(
    request: HelpRequest,
    *,
    supporter_uid: UUID,
    supporter_municipality_id: int,
    overlook: frozenset[Hard] = frozenset(),
    by_office: bool = False,
) -> tuple[Candidate | None, frozenset[Hard]]:
    """One supporter, looked at again: the candidate, or None and the constraints they break
    (other than those to ``overlook``).

    Raises ``NotFound`` for whoever is no supporter of the carer's or the place's town.
    """
    if supporter_municipality_id not in _towns(request):
        raise NotFound()
    need, pairs = need_of(request, by_office=by_office), _pairs(request)
    with tenant(supporter_municipality_id):
        rows = supporters_for_matching(uids=[supporter_uid], party=party_of(request))
        for row, plain in live.supporters(rows=rows):
            helper = replace(plain, with_carer=pairs.get(plain.uid, {}))
            broken = failures(need, helper)
            if helper.home is not None:  # without a home point there is no distance to say
                broken -= overlook
            return (None, broken) if broken else (Candidate(match_of(need, helper), row), broken)
    if is_suspended(supporter_municipality_id, supporter_uid):
        return None, frozenset({Hard.BLOCKED})  # nobody's business but theirs
    raise NotFound()


def why_nobody(request: HelpRequest) -> Shortfall:
    """Counts of who failed which constraint, over all supporters of both towns. See
    ``domain.advice`` for what to say about it."""
    need, blocking = need_of(request), _blocking(request)
    parts = []
    for town in _towns(request):
        with tenant(town):
            parts.append(live.population().shortfall(need, blocking=blocking))
    return sum_of(parts)


def relaxed(request: HelpRequest) -> list[Relaxation]:
    """Which single thing, given up, would bring somebody; the most people first."""
    populations = []
    for town in _towns(request):
        with tenant(town):
            populations.append(live.population())
    return relaxations(populations, need_of(request), now=clock.local(), without=_blocking(request))


def need_of(request: HelpRequest, *, by_office: bool = False) -> Need:
    """What ``request`` asks; the trust is what the place's programme needs. Who is under 18 is
    shown to nobody but the office, and comes only for what the programme lets them do."""
    kind = category(request.category)
    with tenant(request.place_municipality_id):
        rules = programme_current()[1]
        trust, training = rules.trust_needed(kind.code), rules.training_needed(kind.code)
        minors_come = by_office and rules.minors.allows(
            kind.code, clock.local(request.starts_at), clock.local(request.ends_at)
        )
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
        adults_only=kind.adults_only or not minors_come,
        seed=request.uid.int & (1 << 64) - 1,
        last_uid=_last_of(request),
    )


def _towns(request: HelpRequest) -> list[int]:
    return sides_of(request.carer_municipality_id, request.place_municipality_id)


def _pairs(request: HelpRequest) -> Pairs:
    """What the carer's town knows of who came for them, to their content; elsewhere nothing is
    known. One bad visit, and nothing speaks for that pair any more."""
    pairs: Pairs = defaultdict(dict)
    for one in _tallies(request):
        pairs[one.supporter_uid][one.recipient_uid, one.category] = one.visits_count
    return pairs


def _tallies(request: HelpRequest) -> list[PairTally]:
    if current() != request.carer_municipality_id:
        return []
    rows = list(PairTally.objects.filter(carer_uid=request.carer_uid))
    bad = {one.supporter_uid for one in rows if (one.rating_last or GOOD) < GOOD}
    return [one for one in rows if one.visits_count and one.supporter_uid not in bad]


def _away(request: HelpRequest) -> set[UUID]:
    """Whoever usually comes and has said that they cannot on this day."""
    if request.series_uid is None or current() != request.carer_municipality_id:
        return set()
    series = Series.objects.filter(uid=request.series_uid).first()
    day = clock.local(request.starts_at).date().isoformat()
    if series is None or series.supporter_uid is None or day not in series.away:
        return set()
    return {series.supporter_uid}


def _last_of(request: HelpRequest) -> UUID | None:
    """Who came to the request's recipient last time."""
    dated = [
        (one.last_at, one.supporter_uid)
        for one in _tallies(request)
        if one.recipient_uid == request.recipient_uid and one.last_at is not None
    ]
    return max(dated)[1] if dated else None


def party_of(request: HelpRequest) -> list[tuple[int, UUID]]:
    """Whom the visit would bring the supporter together with, and where they live."""
    party = [(request.carer_municipality_id, request.carer_uid)]
    if request.recipient_uid is not None:
        party.append((request.place_municipality_id, request.recipient_uid))
    return party


def _blocking(request: HelpRequest) -> set[UUID]:
    """Those whom somebody of the party does not want to meet."""
    return {uid for one in party_of(request) for uid in blocked_by(*one)}


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


def belongs_to(offer: Offer) -> Belongs | None:
    """What the offer's request is one of, as whoever is asked may know it: neither for what the
    whole is, nor who usually comes if that is somebody else."""
    found = belongs(
        request_uid=offer.request_uid, carer_municipality_id=offer.carer_municipality_id
    )
    if found is None:
        return None
    return replace(found, title="", usual_uid=None, is_usual=found.usual_uid == offer.supporter_uid)


def series_questions(*, supporter: Person, offer_uid: UUID) -> list[Offer]:
    """The direct questions of the same series that wait for ``supporter``'s answer, the soonest
    first, ``offer_uid``'s own among them; none where it is of no series."""
    own = offer_for_supporter(person=supporter, uid=offer_uid)
    with tenant(own.carer_municipality_id):
        series = (
            HelpRequest.objects.filter(uid=own.request_uid)
            .values_list("series_uid", flat=True)
            .first()
        )
        if series is None:
            return []
        uids = list(HelpRequest.objects.filter(series_uid=series).values_list("uid", flat=True))
    waiting = offers_for_supporter(person=supporter, states=(State.NOTIFIED,))
    return list(
        waiting.filter(
            request_uid__in=uids,
            is_direct=True,
            carer_municipality_id=own.carer_municipality_id,
        )
    )


def series_of_supporter(person: Person) -> list[Series]:
    """The series for which ``person`` usually comes, of every town that has asked them."""
    towns = set(
        Offer.objects.filter(supporter=person, is_direct=True)
        .order_by()
        .values_list("carer_municipality_id", flat=True)
    )
    found: list[Series] = []
    for town in sorted({person.municipality_id, *towns}):
        with tenant(town):
            found += Series.objects.filter(
                state=Series.State.ACTIVE,
                supporter_uid=person.uid,
                supporter_municipality_id=person.municipality_id,
            )
    return found


@dataclass(frozen=True)
class UsualDay:
    """A day of a series, as its usual supporter sees it. ``offer``: their own question, if any."""

    day: date
    is_away: bool
    offer: Offer | None


def series_for_supporter(
    *, person: Person, carer_municipality_id: int, uid: UUID, days: int = 8
) -> tuple[Series, list[UsualDay]]:
    """A series and its next days. Raises ``NotFound`` for whoever does not usually come."""
    with tenant(carer_municipality_id):
        series = Series.objects.filter(
            uid=uid,
            supporter_uid=person.uid,
            supporter_municipality_id=person.municipality_id,
        ).first()
        if series is None:
            raise NotFound()
        coming = series_days(series, last=clock.today() + AHEAD * 4)[:days]
        made = {
            clock.local(one.starts_at).date(): one.uid
            for one in occurrences_of(series, since=clock.today())
            if one.state != HelpRequest.State.CANCELLED
        }
    own = {
        one.request_uid: one
        for one in Offer.objects.filter(supporter=person, request_uid__in=[*made.values()])
    }
    return series, [
        UsualDay(day, day.isoformat() in series.away, own.get(made[day]) if day in made else None)
        for day in coming
    ]


def direct_ask_standing(request_uid: UUID) -> Offer | None:
    """The one person who was asked directly and has not answered yet."""
    return Offer.objects.filter(
        request_uid=request_uid, is_direct=True, state__in=STANDING_STATES
    ).first()


def search_standing(request_uid: UUID) -> Search | None:
    """The search that still asks people for a request of the current town, the carer's."""
    return Search.objects.filter(request_uid=request_uid, next_look_at__isnull=False).first()


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
