"""Supporters as the matching room needs them: everything of a municipality in a few queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.kernel import clock

from . import domain
from .domain import DayException, WeekTime, Window
from .minors import without_agreement
from .models import Block, Person, Skill, TimeException, TrustCheck, WeeklyTime
from .suspensions import suspensions_standing


class Trust(NamedTuple):
    """A check that holds today. ``label`` is what is shown: 本人確認ずみ, 庭木の講習; ``until`` its
    last day, None for no end."""

    kind: str
    label: str
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupporterRow:
    """A supporter of one municipality.

    ``lat`` and ``lon`` are degrees (None: no home point yet), ``travel_limit_m`` metres along a
    straight line. ``weekly`` holds (weekday, start, end), ``exceptions`` days from today on.
    ``trust`` holds the kinds of checks that hold today, ``trust_labels`` their labels in order.
    ``blocked_uids`` are people never to be brought together with this one, whoever blocked whom.
    """

    person_id: int
    uid: UUID
    municipality_id: int
    number: str
    name: str
    kana: str
    lat: float | None
    lon: float | None
    area_id: int | None
    travel: str
    travel_limit_m: int
    languages: tuple[str, ...]
    gender: str
    birth_date: date | None
    introduction: str
    occupation: str
    asks_per_week_max: int
    resting_until: date | None
    supporter_since: datetime
    skills: dict[str, str] = field(default_factory=dict)
    weekly: tuple[WeekTime, ...] = ()
    exceptions: tuple[DayException, ...] = ()
    trust_checks: tuple[Trust, ...] = ()
    blocked_uids: frozenset[UUID] = frozenset()

    @property
    def trust(self) -> frozenset[str]:
        return frozenset(check.kind for check in self.trust_checks)

    @property
    def trust_labels(self) -> tuple[str, ...]:
        return tuple(check.label for check in self.trust_checks)

    def free_windows(self, day: date) -> list[Window]:
        """When this person is free on ``day``, local."""
        return domain.free_windows(self.weekly, self.exceptions, day)


def supporters_count() -> int:
    """How many ``supporters_for_matching`` would read."""
    return _supporters().count()


def _supporters() -> QuerySet[Any]:
    """Members who offer help, are not suspended, and under 18 have an adult's yes."""
    suspended = suspensions_standing().filter(person_id=OuterRef("pk"))
    return Person.objects.filter(
        ~Exists(suspended), ~without_agreement(), supporter_since__isnull=False, left_at=None
    )


PERSON_COLUMNS = (
    "id",
    "uid",
    "number",
    "family_name",
    "given_name",
    "family_kana",
    "given_kana",
    "latitude",
    "longitude",
    "area_id",
    "travel",
    "travel_limit_m",
    "languages",
    "gender",
    "birth_date",
    "introduction",
    "occupation",
    "asks_per_week_max",
    "resting_until",
    "supporter_since",
)


def supporters_for_matching(
    *,
    category: str | None = None,
    uids: Iterable[UUID] | None = None,
    person_ids: Iterable[int] | None = None,
    party: Iterable[tuple[int, UUID]] = (),
) -> list[SupporterRow]:
    """The current municipality's supporters, by person id, in a fixed number of queries.

    Arguments:
        category: only those with this skill; None: all.
        uids: only these; None: all.
        person_ids: only these; None: all.
        party: (municipality code, uid) of the people a visit would bring them together with (the
            carer, the recipient): their blocks are read where they live and show up in
            ``blocked_uids`` like the supporters' own. One query more for each.

    Who rests is in the list, with ``resting_until``; who is suspended is not.
    """
    chosen = _supporters()
    if category is not None:
        chosen = chosen.filter(skills__category=category)
    if uids is not None:
        chosen = chosen.filter(uid__in=list(uids))
    if person_ids is not None:
        chosen = chosen.filter(pk__in=list(person_ids))
    rows = list(chosen.order_by("id").values_list(*PERSON_COLUMNS))
    if not rows:
        return []
    # Narrowed to the chosen ones only where they are few: a long list of ids costs more than the
    # rows it saves, and a subquery runs again in each query.
    ids = [row[0] for row in rows]
    own = Q(person_id__in=ids) if len(ids) <= 500 else Q()
    skills: dict[int, dict[str, str]] = defaultdict(dict)
    for person_id, code, note in Skill.objects.filter(own).values_list(
        "person_id", "category", "note"
    ):
        skills[person_id][code] = note
    weekly = _grouped(
        WeeklyTime.objects.filter(own)
        .order_by("person_id", "weekday", "start")
        .values_list("person_id", "weekday", "start", "end"),
        _week_time,
    )
    exceptions = _grouped(
        TimeException.objects.filter(own, day__gte=clock.today())
        .order_by("person_id", "day", "start")
        .values_list("person_id", "day", "is_free", "start", "end"),
        DayException,
    )
    trust = _grouped(
        TrustCheck.objects.filter(own, TrustCheck.standing())
        .order_by("person_id", "checked_at", "id")
        .values_list("person_id", "kind", "label", "valid_until"),
        _trust,
    )
    blocked = _blocked(own, party)
    return [
        _row(
            row,
            skills.get(row[0], {}),
            weekly.get(row[0], ()),
            exceptions.get(row[0], ()),
            tuple(sorted(trust.get(row[0], ()), key=_trust_order)),
            blocked.own.get(row[0], frozenset()) | blocked.by_party.get(row[1], frozenset()),
        )
        for row in rows
    ]


def _row(
    row: tuple[Any, ...],
    skills: dict[str, str],
    weekly: tuple[WeekTime, ...],
    exceptions: tuple[DayException, ...],
    trust: tuple[Trust, ...],
    blocked: frozenset[UUID],
) -> SupporterRow:
    (
        person_id,
        uid,
        number,
        family_name,
        given_name,
        family_kana,
        given_kana,
        *rest,
    ) = row
    named = dict(zip(PERSON_COLUMNS[9:], rest[2:], strict=True))
    named["languages"] = tuple(named["languages"])
    return SupporterRow(
        person_id=person_id,
        uid=uid,
        municipality_id=current(),
        number=number,
        name=f"{family_name} {given_name}",
        kana=f"{family_kana} {given_kana}",
        lat=rest[0],
        lon=rest[1],
        skills=skills,
        weekly=weekly,
        exceptions=exceptions,
        trust_checks=trust,
        blocked_uids=blocked,
        **named,
    )


# The same times and checks stand with many people: one object each.
_week_time = lru_cache(maxsize=4096)(WeekTime)
_trust = lru_cache(maxsize=4096)(Trust)


def _grouped(rows: Iterable[tuple[Any, ...]], make: Any) -> dict[int, tuple[Any, ...]]:
    """``make`` of each row's columns after the first, by the first (the person)."""
    groups: dict[int, list[Any]] = defaultdict(list)
    for person_id, *values in rows:
        groups[person_id].append(make(*values))
    return {person_id: tuple(values) for person_id, values in groups.items()}


class _Blocked(NamedTuple):
    own: dict[int, frozenset[UUID]]  # by person id
    by_party: dict[UUID, frozenset[UUID]]  # by uid of the one who was blocked


def _blocked(own: Q, party: Iterable[tuple[int, UUID]]) -> _Blocked:
    mine: dict[int, set[UUID]] = defaultdict(set)
    for person_id, uid in Block.objects.filter(own).values_list("person_id", "blocked_uid"):
        mine[person_id].add(uid)
    theirs: dict[UUID, set[UUID]] = defaultdict(set)
    for municipality_id, uid in party:
        for blocked_uid in blocked_by(municipality_id, uid):
            theirs[blocked_uid].add(uid)
    return _Blocked(
        {key: frozenset(values) for key, values in mine.items()},
        {key: frozenset(values) for key, values in theirs.items()},
    )


def blocked_by(municipality_id: int, uid: UUID) -> frozenset[UUID]:
    """Whom a person of that municipality does not want to meet."""
    with tenant(municipality_id):
        found = Block.objects.filter(person__uid=uid).values_list("blocked_uid", flat=True)
        return frozenset(found)


_KINDS = list(TrustCheck.Kind.values)


def _trust_order(check: Trust) -> int:
    return _KINDS.index(check.kind)
