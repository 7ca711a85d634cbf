"""What stands on the supporter's home."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from kyojo.civic.organisations.domain import CONFIRMED
from kyojo.civic.organisations.models import Company
from kyojo.civic.organisations.selectors import consent_of, employment_of
from kyojo.civic.people.domain import DayException, WeekTime
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import skills_of, time_exceptions_of, weekly_times_of
from kyojo.commons.insight.selectors import company_year
from kyojo.help.matching.models import Offer
from kyojo.help.matching.selectors import belongs_to, offers_for_supporter, series_of_supporter
from kyojo.help.matching.way import way_spoken
from kyojo.help.matching.words import asked_reasons
from kyojo.help.requests.domain import Category, category
from kyojo.help.requests.selectors import Belongs, series_spoken
from kyojo.help.support import domain as support
from kyojo.help.support.domain import UPCOMING
from kyojo.help.support.models import Visit
from kyojo.help.support.review_selectors import reviews_about, thanks_about
from kyojo.kernel import clock
from kyojo.kernel.wording import distance


# --- what one was asked ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Asked:
    """An offer as its supporter reads it. ``way`` is how and how long: 歩いて11分."""

    offer: Offer
    category: Category
    minutes: int
    distance: str
    way: str
    reasons: list[str]
    belongs: Belongs | None

    @property
    def where(self) -> str:
        """``港地区``; offers of a town without areas have none."""
        return self.offer.area_name


@dataclass(frozen=True)
class AllAsked:
    best: Asked | None
    others: list[Asked]
    said_yes: list[Asked]


def asked(person: Person) -> AllAsked:
    """What waits for an answer (the best first: asked by name, then the better fit, then the
    sooner) and what one has said OK to."""
    weekly = [WeekTime(t.weekday, t.start, t.end) for t in weekly_times_of(person)]
    exceptions = [
        DayException(e.day, e.is_free, e.start, e.end) for e in time_exceptions_of(person)
    ]
    notes = {skill.category: skill.note for skill in skills_of(person)}
    waiting: list[Asked] = []
    said_yes: list[Asked] = []
    for offer in offers_for_supporter(person=person):
        counts = {
            reason["code"]: int(reason.get("count") or 0)
            for reason in offer.card.get("reason_codes", ())
        }
        kind = category(offer.category)
        one = Asked(
            offer=offer,
            category=kind,
            minutes=_minutes(offer.starts_at, offer.ends_at),
            distance=distance(offer.distance_m),
            belongs=belongs_to(offer),
            way=way_spoken(person.travel, offer.distance_m),
            reasons=asked_reasons(
                category_name=kind.name,
                note=notes.get(offer.category, ""),
                weekly=weekly,
                exceptions=exceptions,
                starts_at=offer.starts_at,
                ends_at=offer.ends_at,
                done_count=counts.get("experience", 0),
                # Who sends a question out to many is not recognised by it.
                met_count=(counts.get("met", 0) or counts.get("met_other", 0))
                if offer.is_direct
                else 0,
            ),
        )
        (said_yes if offer.state == Offer.State.ACCEPTED else waiting).append(one)
    waiting.sort(key=lambda one: (not one.offer.is_direct, -one.offer.score, one.offer.starts_at))
    return AllAsked(waiting[0] if waiting else None, waiting[1:], said_yes)


def _minutes(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds() // 60)


def usual_series(person: Person) -> list[dict[str, object]]:
    """For what one usually comes."""
    return [
        {
            "town": one.municipality_id,
            "uid": one.uid,
            "category": category(one.category),
            "said": series_spoken(one),
        }
        for one in series_of_supporter(person)
    ]


# --- what is decided ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Decided:
    visit: Visit
    category: Category
    minutes: int


def decided(person: Person) -> list[Decided]:
    """Visits to come, and one that is going on, the soonest first."""
    visits = Visit.objects.filter(supporter=person, state__in=UPCOMING).order_by("starts_at")
    return [
        Decided(visit, category(visit.category), _minutes(visit.starts_at, visit.ends_at))
        for visit in visits
    ]


# --- what has added up ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Sum:
    coins: int
    minutes: int
    visits: int


@dataclass(frozen=True)
class Month:
    """The running month and the fiscal year so far. ``word``: the word of thanks said most often
    this month, and how often."""

    month: int
    now: Sum
    year: Sum
    thanks: int
    word: tuple[str, int] | None


def month(person: Person) -> Month:
    today = clock.today()
    first = clock.at(today.replace(day=1), 0)
    visits = list(_settled(person, clock.fiscal_year_bounds(clock.fiscal_year())[0]))
    thanks = [review for review in thanks_about(person.uid) if review.at >= first]
    opened = [review for review in reviews_about(person.uid) if review.at >= first]
    words = Counter(
        support.TAGS[tag] for review in opened for tag in review.tags if tag in support.TAGS
    )
    return Month(
        month=today.month,
        now=_sum(visit for visit in visits if visit.starts_at >= first),
        year=_sum(visits),
        thanks=len(thanks),
        word=words.most_common(1)[0] if words else None,
    )


def _settled(person: Person, since: datetime) -> Iterable[Visit]:
    """Counted as the company's figures are: by when the visit began."""
    paid = Q(state=Visit.State.SETTLED) | Q(state=Visit.State.RESOLVED, settled_coins__gt=0)
    found: Iterable[Visit] = Visit.objects.filter(paid, supporter=person, starts_at__gte=since)
    return found


def _sum(visits: Iterable[Visit]) -> Sum:
    rows = [(v.settled_coins or 0, _minutes(v.starts_at, v.ends_at)) for v in visits]
    return Sum(
        coins=sum(coins for coins, _ in rows),
        minutes=sum(minutes for _, minutes in rows),
        visits=len(rows),
    )


@dataclass(frozen=True)
class CompanyCard:
    """The employer's sum. ``coins`` None: too few people yet. ``consents``: one's own is in it."""

    company: Company
    employment_uid: object
    is_confirmed: bool
    consents: bool
    coins: int | None
    minutes: int | None
    people: int | None


def company(person: Person) -> CompanyCard | None:
    """None for who has named no employer, or one that said no."""
    employment = employment_of(person)
    if employment is None or employment.state not in ("requested", CONFIRMED):
        return None
    total = company_year(employment.company, fiscal_year=clock.fiscal_year()).now.total
    return CompanyCard(
        company=employment.company,
        employment_uid=employment.uid,
        is_confirmed=employment.state == CONFIRMED,
        consents=consent_of(employment) is not None,
        coins=total.coins,
        minutes=total.minutes,
        people=total.people,
    )
