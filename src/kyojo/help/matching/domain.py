"""Who may come (hard constraints), in which order (a score), and why (reasons). Pure.

A supporter who breaks one hard constraint is never shown. The score only orders those who remain;
each part of it that a person can check is also said as a reason. Times are local, aware.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kyojo.civic.people.domain import DAY_END, DayException, WeekTime, Window, free_windows, is_free
from kyojo.civic.people.trust import Held, missing
from kyojo.help.requests.domain import category
from kyojo.kernel.clock import age_on
from kyojo.kernel.geometry import Point, distance_metres
from kyojo.kernel.wording import distance

from . import scoring
from .ratings import NONE, USUAL, Prior, Sum
from .way import METRES_PER_MINUTE, minutes_of_way, relation_spoken, way_spoken

ADULT_YEARS = 18
JAPANESE = "ja"


class Hard(StrEnum):
    """Hard constraints, in the order in which a refusal names them."""

    SELF = "self"
    BLOCKED = "blocked"
    RESTING = "resting"
    SKILL = "skill"
    TRUST = "trust"
    AGE = "age"
    GENDER = "gender"
    LANGUAGE = "language"
    TRAVEL = "travel"
    TIME = "time"
    BUSY = "busy"


@dataclass(frozen=True)
class Need:
    """What a request asks of whoever comes.

    ``trust``: kinds of TrustCheck the place's programme needs; ``training``: the label of the
    course meant by the kind "training", "" for any.
    """

    category: str
    category_name: str
    starts_at: datetime
    ends_at: datetime
    place: Point
    place_kind: str
    place_label: str
    relation: str
    carer_uid: UUID
    recipient_uid: UUID | None
    languages: frozenset[str]
    gender_wish: str
    trust: frozenset[str]
    training: str
    adults_only: bool
    #: The request's share of the lots that give everybody a chance (``scoring.chances``).
    seed: int = 0
    #: Who came to the recipient last time, where the carer was content.
    last_uid: UUID | None = None


@dataclass(frozen=True)
class Helper:
    """A supporter as matching sees them.

    ``busy``: what they are booked for, [start, end). ``blocked``: uids they do not meet, either
    way. ``done``: visits so far by category. ``with_carer``: visits for this carer by (recipient
    uid, category). ``checks``: (kind, label) of what is valid today.
    """

    uid: UUID
    municipality_id: int
    person_id: int
    home: Point | None
    travel: str
    travel_limit_m: int
    skills: Mapping[str, str]
    weekly: tuple[WeekTime, ...] = ()
    exceptions: tuple[DayException, ...] = ()
    busy: tuple[tuple[datetime, datetime], ...] = ()
    languages: frozenset[str] = frozenset({JAPANESE})
    gender: str = ""
    birth_date: date | None = None
    checks: frozenset[tuple[str, str]] = frozenset()
    #: The last day of those checks that end.
    checks_until: Mapping[tuple[str, str], date] = field(default_factory=dict)
    blocked: frozenset[UUID] = frozenset()
    resting_until: date | None = None
    asks_per_week_max: int = 2
    asks_this_week: int = 0
    done: Mapping[str, int] = field(default_factory=dict)
    with_carer: Mapping[tuple[UUID | None, str], int] = field(default_factory=dict)
    rating_sum: int = 0
    rating_count: int = 0
    rating_tags: Mapping[str, int] = field(default_factory=dict)
    #: The part of the ratings that cards show, and what is believed of who has few.
    rating_shown: Sum = NONE
    prior: Prior = USUAL
    #: (name, icon) of the badges they chose to show.
    badges: tuple[tuple[str, str], ...] = ()
    #: Hours they usually take to answer; visits of the last four weeks and those to come;
    #: how often they were ever asked.
    answer_hours: float = scoring.USUAL_ANSWER_HOURS
    lately: int = 0
    asks_ever: int = 0


# --- hard constraints ---------------------------------------------------------------------------
def failures(need: Need, helper: Helper) -> frozenset[Hard]:
    """Every hard constraint that ``helper`` breaks for ``need``; empty: they can come."""
    day = need.starts_at.date()
    broken: set[Hard] = set()
    meets = {need.carer_uid} | ({need.recipient_uid} if need.recipient_uid else set())
    if helper.uid in meets:
        broken.add(Hard.SELF)
    if helper.blocked & meets:
        broken.add(Hard.BLOCKED)
    if helper.resting_until is not None and day <= helper.resting_until:
        broken.add(Hard.RESTING)
    if need.category not in helper.skills:
        broken.add(Hard.SKILL)
    if not _trusted(need, helper):
        broken.add(Hard.TRUST)
    if need.adults_only and not _adult(helper, day):
        broken.add(Hard.AGE)
    if need.gender_wish and helper.gender != need.gender_wish:
        broken.add(Hard.GENDER)
    if need.languages and not need.languages & helper.languages:
        broken.add(Hard.LANGUAGE)
    if helper.home is None or distance_metres(helper.home, need.place) > helper.travel_limit_m:
        broken.add(Hard.TRAVEL)
    if not is_free_for(need, helper.weekly, helper.exceptions):
        broken.add(Hard.TIME)
    if any(start < need.ends_at and need.starts_at < end for start, end in helper.busy):
        broken.add(Hard.BUSY)
    return frozenset(broken)


def _trusted(need: Need, helper: Helper) -> bool:
    return not missing(
        needed=need.trust,
        course=need.training,
        held=held_by(helper),
        day=need.starts_at.date(),
    )


def held_by(helper: Helper) -> Iterable[Held]:
    """The checks of ``helper`` with their last days."""
    return (Held(*one, helper.checks_until.get(one)) for one in helper.checks)


def _adult(helper: Helper, day: date) -> bool:
    # Nobody whose age is not known is taken for an adult.
    return helper.birth_date is not None and age_on(helper.birth_date, day) >= ADULT_YEARS


def is_free_for(need: Need, weekly: Iterable[WeekTime], exceptions: Iterable[DayException]) -> bool:
    """Whether these free times hold the whole of the need."""
    windows = free_windows(weekly, exceptions, need.starts_at.date())
    end = need.ends_at.time()
    if need.ends_at.date() != need.starts_at.date():
        if need.ends_at - need.starts_at > timedelta(days=1) or end.hour or end.minute:
            return False
        end = DAY_END  # midnight: the day's last moment
    return is_free(windows, need.starts_at.time(), end)


def free_of_day(helper: Helper, need: Need) -> list[tuple[datetime, datetime]]:
    """When ``helper`` is free on the day of ``need``, bookings taken out; for the time bar."""
    day, zone = need.starts_at.date(), need.starts_at.tzinfo
    spans = [
        (datetime.combine(day, w.start, zone), _end_on(day, w, need.starts_at))
        for w in free_windows(helper.weekly, helper.exceptions, day)
    ]
    for busy_start, busy_end in sorted(helper.busy):
        cut: list[tuple[datetime, datetime]] = []
        for start, end in spans:
            if busy_end <= start or end <= busy_start:
                cut.append((start, end))
                continue
            if start < busy_start:
                cut.append((start, busy_start))
            if busy_end < end:
                cut.append((busy_end, end))
        spans = cut
    return spans


def _end_on(day: date, window: Window, like: datetime) -> datetime:
    end = datetime.combine(day, window.end, like.tzinfo)
    if window.end == DAY_END:
        return datetime.combine(day + timedelta(days=1), datetime.min.time(), like.tzinfo)
    return end


# --- score and reasons --------------------------------------------------------------------------
@dataclass(frozen=True)
class Reason:
    """Why somebody is proposed: a code, its data, and the sentence people read."""

    code: str
    sentence: str
    data: Mapping[str, object]


@dataclass(frozen=True)
class Match:
    """A supporter who can come."""

    helper: Helper
    distance_m: int
    score: float
    reasons: tuple[Reason, ...]
    free: tuple[tuple[datetime, datetime], ...]


def matches(need: Need, helpers: Iterable[Helper]) -> list[Match]:
    """Everybody who breaks no hard constraint, the best first. Ties: the nearer, then the uid."""
    found = [match_of(need, helper) for helper in helpers if not failures(need, helper)]
    return sorted(found, key=in_order)


def in_order(match: Match) -> tuple[float, int, str]:
    """What orders candidates: the score, then the way, then the uid."""
    return -match.score, match.distance_m, str(match.helper.uid)


def match_of(need: Need, helper: Helper) -> Match:
    """Score and reasons of a helper who is known to fit (``home`` is set)."""
    assert helper.home is not None
    metres = distance_metres(helper.home, need.place)
    score = scoring.score(
        met=visits_with(need, helper.with_carer),
        minutes=metres / METRES_PER_MINUTE[helper.travel],
        done=helper.done.get(need.category, 0),
        rating=scoring.rating_sure(
            helper.rating_sum, helper.rating_count, helper.prior.mean, helper.prior.weight
        ),
        answer_hours=helper.answer_hours,
        lately=helper.lately,
        asks=helper.asks_ever,
        chance=scoring.chances(need.seed, helper.uid.int & (1 << 64) - 1),
        has_note=bool(helper.skills.get(need.category)),
        is_last=helper.uid == need.last_uid,
    )
    return Match(
        helper=helper,
        distance_m=round(metres),
        score=float(score[0]),
        reasons=tuple(_reasons(need, helper, metres)),
        free=tuple(free_of_day(helper, need)),
    )


def visits_with(need: Need, with_carer: Mapping[tuple[UUID | None, str], int]) -> int:
    """How often somebody came to the need's recipient, for whatever it was."""
    return sum(n for (recipient, _), n in with_carer.items() if recipient == need.recipient_uid)


def _reasons(need: Need, helper: Helper, metres: float) -> Iterable[Reason]:
    if helper.uid == need.last_uid:
        yield Reason("last", "前回も来てくれた人です", {})
    done = helper.done.get(need.category, 0)
    if done:
        sentence = f"{need.category_name}を、これまでに{done}回"
        yield Reason("experience", sentence, {"category": need.category, "count": done})
    yield _way_reason(need, helper, metres)
    here = {
        category: count
        for (recipient, category), count in helper.with_carer.items()
        if recipient == need.recipient_uid and count
    }
    if here:
        yield _met_reason(need, here)
    note = helper.skills.get(need.category, "").strip()
    if note:
        yield Reason("note", note_sentence(note), {"note": note})


def _met_reason(need: Need, here: Mapping[str, int]) -> Reason:
    """They came before; where it was for one other thing only, for what."""
    total = sum(here.values())
    other = next(iter(here)) if len(here) == 1 and need.category not in here else ""
    if other and need.relation and need.place_kind == "other_home":
        sentence = f"{relation_spoken(need.relation)}の{category(other).name}を{total}回"
        return Reason("met_other", sentence, {"category": other, "count": total})
    return Reason("met", f"前に{total}回、来てもらいました", {"count": total})


def note_sentence(note: str) -> str:
    """Their own words about the skill, short ones within the sentence."""
    if len(note) <= 8 and not set(note) & set("。、！？!?()（）「」ます"):
        return f"{note}が得意と書いています"
    return f"「{note.rstrip('。')}」と書いています"


def _way_reason(need: Need, helper: Helper, metres: float) -> Reason:
    minutes = minutes_of_way(helper.travel, metres)
    sentence = f"{place_spoken(need)}から{distance(metres)}（{way_spoken(helper.travel, metres)}）"
    return Reason("way", sentence, {"distance_m": round(metres), "minutes": minutes})


def place_spoken(need: Need) -> str:
    """Whose place it is, to the carer: ``お母さまの家``, ``ご自宅``, ``中央公民館``."""
    if need.place_kind == "own_home":
        return "ご自宅"
    if need.place_kind == "other_home" and need.relation:
        return f"{relation_spoken(need.relation)}の家"
    return need.place_label or "その場所"


# --- why nobody ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Shortfall:
    """How many supporters there are, how many broke each constraint, and how many broke only
    that one (they could come if it were not for it)."""

    supporters: int
    broken: Mapping[Hard, int]
    only: Mapping[Hard, int]


def shortfall(need: Need, helpers: Iterable[Helper]) -> Shortfall:
    broken: Counter[Hard] = Counter()
    only: Counter[Hard] = Counter()
    total = 0
    for helper in helpers:
        total += 1
        failed = failures(need, helper)
        broken.update(failed)
        if len(failed) == 1:
            only.update(failed)
    return Shortfall(supporters=total, broken=dict(broken), only=dict(only))


def sum_of(parts: Iterable[Shortfall]) -> Shortfall:
    """The counts of several towns together."""
    broken: Counter[Hard] = Counter()
    only: Counter[Hard] = Counter()
    supporters = 0
    for part in parts:
        supporters += part.supporters
        broken.update(part.broken)
        only.update(part.only)
    return Shortfall(supporters, dict(broken), dict(only))


#: What to say to the carer about a constraint that alone stands in somebody's way. Blocks, and
#: who somebody is, are nobody's business.
_ADVICE = {
    Hard.TIME: "日や時間を変えると、来られるかもしれない人が{n}人います",
    Hard.BUSY: "その時間は予定がある人が{n}人います。時間をずらすと、来られるかもしれません",
    Hard.TRAVEL: "少し遠くに住む人が{n}人います。コーディネーターから聞いてみることができます",
    Hard.GENDER: "「来る人についての希望」をなくすと、来られる人が{n}人います",
    Hard.TRUST: "確認や講習がすむと来られる人が{n}人います。センターで進めています",
    Hard.RESTING: "お休み中の人が{n}人います",
}


def advice(found: Shortfall) -> list[str]:
    """What would help, the most promising first; at most three sentences."""
    ranked = sorted(
        ((count, hard) for hard, count in found.only.items() if hard in _ADVICE),
        key=lambda pair: (-pair[0], list(Hard).index(pair[1])),
    )
    return [_ADVICE[hard].format(n=count) for count, hard in ranked[:3]]


#: Why this one person cannot come any more, within ``CandidateGone``.
GONE_REASONS = {
    Hard.BUSY: "同じ時間に別の予定が入りました",
    Hard.TIME: "その時間に来られなくなりました",
    Hard.RESTING: "いまお休みしています",
}
GONE_OTHERWISE = "いまこの依頼には来られません"


def gone_reason(failed: frozenset[Hard]) -> str:
    return next((text for hard, text in GONE_REASONS.items() if hard in failed), GONE_OTHERWISE)


# --- steps of an offer --------------------------------------------------------------------------
STEPS: dict[str, frozenset[str]] = {
    "notified": frozenset({"accepted", "chosen", "declined", "lapsed", "withdrawn"}),
    "accepted": frozenset({"chosen", "declined", "lapsed", "withdrawn"}),
    "chosen": frozenset({"withdrawn"}),
    "declined": frozenset(),
    "lapsed": frozenset(),
    "withdrawn": frozenset(),
}
STANDING = ("notified", "accepted")


def step_allowed(before: str, after: str) -> bool:
    return after in STEPS.get(before, frozenset())
