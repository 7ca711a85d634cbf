"""A town's supporters as columns, kept in this process and as fresh as the database.

Triggers write down who changed (``SupporterChange``); before every look the process reads what was
written since its last one and takes those people in again. A change is therefore seen by the next
look after its transaction, whoever made it. Runs inside ``tenancy.tenant``.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import RLock

from django.db import connection
from django.db.models import Avg, Count, ExpressionWrapper, F, Q, QuerySet, fields
from django.db.models.functions import Now

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.selectors import SupporterRow, supporters_for_matching
from kyojo.kernel import clock
from kyojo.kernel.collecting import circles_left
from kyojo.kernel.geometry import Point

from . import scoring
from .domain import JAPANESE, Helper
from .engine.columns import Key
from .engine.population import Population
from .models import (
    Offer,
    ProjectMember,
    RatingPrior,
    SupporterBadges,
    SupporterChange,
    SupporterRating,
    SupporterTally,
)
from .ratings import USUAL, Prior, Sum

State = Offer.State
#: Visits of so many days back, and those to come, are a person's load.
LATELY = timedelta(days=28)
#: How long a change is kept for those who have not read it.
KEPT = timedelta(days=2)
#: When so many have changed at once, all are read anew: an import, not an evening.
MANY = 2_000
#: Up to so many ids narrow a query; a longer list costs more than the rows it saves.
FEW = 500


@dataclass
class _Town:
    """What this process holds of a town, read on ``day``: windows of days move with it.

    ``horizon``: transactions before this one are over, and what they wrote was read; ``read``: rows
    of later ones that were read as well, as (id, transaction). ``unsure``: people read as the
    running transaction had left them, which may still be rolled back.
    """

    population: Population
    keys: dict[int, Key]
    day: date
    horizon: int
    read: set[tuple[int, int]] = field(default_factory=set)
    unsure: set[int] = field(default_factory=set)


_towns: dict[int, _Town] = {}
#: One a town: reading a large one must not keep the others waiting.
_locks: dict[int, RLock] = defaultdict(RLock)


def population() -> Population:
    """The current town's supporters: all that is committed, and what this transaction did."""
    with _locks[current()]:
        town = _towns.get(current())
        if town is None or town.day != clock.today() or not _renew(town):
            _towns[current()] = town = _loaded()
        return town.population


def _loaded() -> _Town:
    horizon, own = _transactions()
    mine = (
        SupporterChange.objects.filter(transaction=own) if own else SupporterChange.objects.none()
    )
    # Millions of small objects come and none of them in circles: looking for circles among them,
    # again and again, takes a third of the time.
    with circles_left():
        helpers = [helper for _, helper in supporters()]
        return _Town(
            Population(helpers),
            {h.person_id: Key(h.municipality_id, h.uid) for h in helpers},
            clock.today(),
            horizon,
            unsure=set(mine.values_list("person_id", flat=True)),
        )


def _renew(town: _Town) -> bool:
    """Take in what changed; False where that is too much for one by one."""
    horizon, own = _transactions()
    rows = list(
        SupporterChange.objects.filter(transaction__gte=town.horizon).values_list(
            "id", "person_id", "transaction"
        )
    )
    changed = {person for row, person, by in rows if (row, by) not in town.read} | town.unsure
    town.horizon = horizon
    town.read = {(row, by) for row, _, by in rows if by >= horizon and by != own}
    town.unsure = {person for _, person, by in rows if by == own}
    if len(changed) > MANY:
        return False
    if not changed:
        return True
    come = [helper for _, helper in supporters(person_ids=changed)]
    gone = [town.keys.pop(person_id) for person_id in changed if person_id in town.keys]
    town.population.change(gone, come)
    town.keys |= {one.person_id: Key(one.municipality_id, one.uid) for one in come}
    return True


def changes_purge() -> int:
    """Drop what every process has read: it reads all anew when the day changes. By the database's
    own clock, which wrote the rows. Returns how many there were. Runs inside ``tenancy.tenant``."""
    deleted, _ = SupporterChange.objects.filter(at__lt=Now() - KEPT).delete()
    return deleted


def _transactions() -> tuple[int, int | None]:
    """The oldest transaction that still runs, and this one if it has written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " pg_current_xact_id_if_assigned()::text::bigint"
        )
        oldest, own = cursor.fetchone()
    return oldest, own


# --- what a town knows of its supporters ----------------------------------------------------------


def supporters(
    *, person_ids: Collection[int] | None = None, rows: list[SupporterRow] | None = None
) -> Iterator[tuple[SupporterRow, Helper]]:
    """Supporters of the current town as the database has them now: all, those with these ids, or
    those whose rows the caller has read already."""
    if rows is None:
        rows = supporters_for_matching(person_ids=person_ids)
    known = _known_of([row.person_id for row in rows])
    for row in rows:
        yield row, _helper(row, known)


@dataclass(frozen=True)
class _Known:
    """What this room knows of a town's supporters, by person id."""

    busy: dict[int, list[tuple[datetime, datetime]]]
    asks_this_week: dict[int, int]
    lately: dict[int, int]
    answers: dict[int, tuple[int, float]]
    done: dict[int, dict[str, int]]
    ratings: dict[int, tuple[int, int, int, int, dict[str, int]]]
    prior: Prior
    badges: dict[int, list[list[str]]]


def _known_of(person_ids: list[int]) -> _Known:
    few = len(person_ids) <= FEW
    of = {"person_id__in": person_ids} if few else {}
    now = clock.now()
    offers = Offer.objects.filter(supporter__isnull=False).order_by()
    if few:
        offers = offers.filter(supporter_id__in=person_ids)
    busy: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for person_id, start, end in offers.filter(
        state=State.CHOSEN, ends_at__gt=now - timedelta(days=1)
    ).values_list("supporter_id", "starts_at", "ends_at"):
        busy[person_id].append((clock.local(start), clock.local(end)))
    booked = offers.filter(state=State.CHOSEN, starts_at__gt=now - LATELY)
    took = ExpressionWrapper(F("answered_at") - F("asked_at"), fields.DurationField())
    answered = Q(state__in=(State.ACCEPTED, State.CHOSEN, State.DECLINED))
    done: dict[int, dict[str, int]] = defaultdict(dict)
    for person_id, code, count in SupporterTally.objects.filter(**of).values_list(
        "person_id", "category", "visits_count"
    ):
        done[person_id][code] = count
    return _Known(
        busy=busy,
        asks_this_week=dict(
            offers.filter(asked_at__gt=now - timedelta(days=7))
            .values_list("supporter_id")
            .annotate(n=Count("id"))
        ),
        lately=_load(booked, now, of),
        answers={
            person_id: (asked, scoring.USUAL_ANSWER_HOURS if mean is None else _hours(mean))
            for person_id, asked, mean in offers.values_list("supporter_id").annotate(
                n=Count("id"), mean=Avg(took, filter=answered)
            )
        },
        done=done,
        ratings={
            person_id: row
            for person_id, *row in SupporterRating.objects.filter(**of).values_list(
                "person_id", "rating_sum", "rating_count", "shown_sum", "shown_count", "tags"
            )
        },
        prior=prior_today(),
        badges=dict(SupporterBadges.objects.filter(**of).values_list("person_id", "shown")),
    )


def prior_today() -> Prior:
    """The newest prior of ratings that holds today in the current town."""
    found = RatingPrior.objects.filter(day__lte=clock.today()).order_by("-day").first()
    return Prior(found.mean, found.weight) if found is not None else USUAL


def _load(booked: QuerySet[Offer], now: datetime, of: dict[str, list[int]]) -> dict[int, int]:
    """Visits and teams of the last weeks and those to come, by person."""
    load = Counter(dict(booked.values_list("supporter_id").annotate(n=Count("id"))))
    standing = Q(project__closed_at=None) | Q(project__closed_at__gt=now - LATELY)
    teams = ProjectMember.objects.filter(standing, state=ProjectMember.State.YES, **of).order_by()
    load.update(dict(teams.values_list("person_id").annotate(n=Count("id"))))
    return load


def _hours(took: timedelta) -> float:
    return took / timedelta(hours=1)


def _helper(row: SupporterRow, known: _Known) -> Helper:
    rating_sum, rating_count, shown_sum, shown_count, tags = known.ratings.get(
        row.person_id, (0, 0, 0, 0, {})
    )
    asks_ever, answer_hours = known.answers.get(row.person_id, (0, scoring.USUAL_ANSWER_HOURS))
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
        checks_until={
            (check.kind, check.label): check.until for check in row.trust_checks if check.until
        },
        blocked=row.blocked_uids,
        resting_until=row.resting_until,
        asks_per_week_max=row.asks_per_week_max,
        asks_this_week=known.asks_this_week.get(row.person_id, 0),
        done=known.done.get(row.person_id, {}),
        rating_sum=rating_sum,
        rating_count=rating_count,
        rating_tags=tags,
        rating_shown=Sum(shown_sum, shown_count),
        prior=known.prior,
        badges=tuple((name, icon) for name, icon in known.badges.get(row.person_id, ())),
        answer_hours=answer_hours,
        lately=known.lately.get(row.person_id, 0),
        asks_ever=asks_ever,
    )
