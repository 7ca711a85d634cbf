"""Figures of companies and towns, added up from settled visits.

A company's people live in several municipalities: each town's rows are read inside that town's
tenancy, and only sums leave it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, Sum

from kyojo.civic.municipalities.models import Area, Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations.models import Company
from kyojo.civic.organisations.selectors import counted_periods_by_company
from kyojo.civic.programmes.models import Issuance
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support.models import Visit
from kyojo.kernel import clock

from . import domain

#: The bands in which companies are compared, by number of employees; the last has no upper end.
SIZE_BANDS = ((1, 99), (100, 299), (300, 999), (1000, 2999), (3000, None))


@dataclass(frozen=True)
class CompanyYear:
    """A company's fiscal year. ``last`` is the same stretch of the fiscal year before."""

    company: Company
    fiscal_year: int
    until: datetime
    now: domain.Figures
    last: domain.Figures


@dataclass(frozen=True)
class AreaNeed:
    """Hours asked for and hours done in an area in one month; ``None`` where fewer than
    ``domain.PEOPLE_MIN`` carers asked (非公開)."""

    area: Area
    asked_minutes: int | None
    done_minutes: int | None

    @property
    def missing_minutes(self) -> int | None:
        if self.asked_minutes is None or self.done_minutes is None:
            return None
        return max(0, self.asked_minutes - self.done_minutes)


@dataclass(frozen=True)
class TownMonth:
    """A town's month: requests whose day fell in it. Figures of few people are ``None``."""

    year: int
    month: int
    requests: int | None
    filled: int | None
    areas: tuple[AreaNeed, ...]

    @property
    def filled_percent(self) -> int | None:
        if not self.requests or self.filled is None:
            return None
        return round(100 * self.filled / self.requests)


@dataclass(frozen=True)
class TownYear:
    """Coins in a town's fiscal year so far, whole coins; ``None`` where hidden."""

    fiscal_year: int
    issued: int
    moved: int | None
    minutes: int | None
    from_other_towns: int | None


def _settled(since: datetime, until: datetime) -> Iterator[Visit]:
    """Settled visits of the current town's supporters that began in ``[since, until)``."""
    paid = Q(state=Visit.State.SETTLED) | Q(state=Visit.State.RESOLVED, settled_coins__gt=0)
    return (
        Visit.objects.filter(
            paid, supporter__isnull=False, starts_at__gte=since, starts_at__lt=until
        )
        .only(
            "supporter_id",
            "municipality_id",
            "starts_at",
            "started_at",
            "ended_at",
            "ends_at",
            "category",
            "settled_coins",
            "carer_municipality_id",
        )
        .iterator()
    )


def _contribution(visit: Visit) -> domain.Contribution:
    day = clock.local(visit.starts_at)
    minutes = int((visit.ends_at - visit.starts_at) / timedelta(minutes=1))
    return domain.Contribution(
        person=(visit.municipality_id, visit.supporter_id),
        month=(day.year, day.month),
        category=visit.category,
        coins=visit.settled_coins or 0,
        minutes=minutes,
    )


def company_contributions(
    companies: Iterable[Company], *, since: datetime, until: datetime
) -> dict[int, list[domain.Contribution]]:
    """The visits that count for each of ``companies``, by its id: those of confirmed employees
    whose consent stands. Each town's visits are read once, however many companies."""
    companies = list(companies)
    found: dict[int, list[domain.Contribution]] = {company.pk: [] for company in companies}
    for municipality_id, of_company in counted_periods_by_company(companies).items():
        with tenant(municipality_id):
            for visit in _settled(since, until):
                for company_id, periods in of_company.items():
                    spans = periods.get(visit.supporter_id, ())
                    if any(start <= visit.starts_at < (end or until) for start, end in spans):
                        found[company_id].append(_contribution(visit))
    return found


def _figures(company: Company, since: datetime, until: datetime) -> domain.Figures:
    return domain.figures(company_contributions([company], since=since, until=until)[company.pk])


def company_year(company: Company, *, fiscal_year: int) -> CompanyYear:
    """The company's figures of ``fiscal_year`` up to now, beside the year before up to the same
    day."""
    since, end = clock.fiscal_year_bounds(fiscal_year)
    until = min(end, clock.now())
    last_since, last_end = clock.fiscal_year_bounds(fiscal_year - 1)
    last_until = min(last_end, last_since + (until - since))
    return CompanyYear(
        company=company,
        fiscal_year=fiscal_year,
        until=until,
        now=_figures(company, since, until),
        last=_figures(company, last_since, last_until),
    )


@dataclass(frozen=True)
class Ranking:
    """The companies of a size band by coins per 1,000 employees; hidden totals are not ranked.
    ``size_to`` None: without an upper end."""

    size_from: int
    size_to: int | None
    rows: list[tuple[domain.Rank, Company]]

    @property
    def best(self) -> int:
        return self.rows[0][0].per_thousand if self.rows else 0


def company_ranking(
    *, fiscal_year: int, size_from: int = 1, size_to: int | None = None
) -> list[tuple[domain.Rank, Company]]:
    """The ranking of one size band."""
    [ranking] = company_rankings(fiscal_year=fiscal_year, bands=[(size_from, size_to)])
    return ranking.rows


def company_rankings(
    *, fiscal_year: int, bands: Iterable[tuple[int, int | None]] = SIZE_BANDS
) -> list[Ranking]:
    """The ranking of each size band, in the order of ``bands``."""
    since, end = clock.fiscal_year_bounds(fiscal_year)
    until = min(end, clock.now())
    bands = list(bands)
    companies = [one for one in Company.objects.all() if any(_is_in(one, band) for band in bands)]
    found = company_contributions(companies, since=since, until=until)
    figures = {company.pk: domain.figures(found[company.pk]) for company in companies}
    return [
        Ranking(*band, _ranked([one for one in companies if _is_in(one, band)], figures))
        for band in bands
    ]


def _is_in(company: Company, band: tuple[int, int | None]) -> bool:
    low, high = band
    return company.employees_count >= low and (high is None or company.employees_count <= high)


def _ranked(
    companies: list[Company], figures: Mapping[int, domain.Figures]
) -> list[tuple[domain.Rank, Company]]:
    by_slug = {company.slug: company for company in companies}
    ranks = domain.ranking((one.slug, one.employees_count, figures[one.pk]) for one in companies)
    return [(rank, by_slug[rank.slug]) for rank in ranks]


def size_band(employees: int) -> tuple[int, int | None]:
    """The band of ``SIZE_BANDS`` that ``employees`` falls in."""
    return next(
        (low, high)
        for low, high in SIZE_BANDS
        if employees >= low and (high is None or employees <= high)
    )


def town_month(*, year: int, month: int) -> TownMonth:
    """Requests for help at places in the current town on days of the month: how many were asked,
    how many found somebody, and where hours are missing."""
    start = datetime(year, month, 1, tzinfo=clock.TOKYO).astimezone(UTC)
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=clock.TOKYO).astimezone(UTC)
    asked = (
        HelpRequest.objects.filter(starts_at__gte=start, starts_at__lt=following)
        .exclude(state__in=(HelpRequest.State.DRAFT, HelpRequest.State.CANCELLED))
        .select_related("area")
    )
    here = [row for row in asked if row.place_municipality_id == row.municipality_id]
    filled = [
        row for row in here if row.state in (HelpRequest.State.MATCHED, HelpRequest.State.DONE)
    ]
    enough = len({row.carer_uid for row in here}) >= domain.PEOPLE_MIN
    return TownMonth(
        year=year,
        month=month,
        requests=len(here) if enough else None,
        filled=len(filled) if enough else None,
        areas=_area_needs(here),
    )


def _area_needs(asked: list[HelpRequest]) -> tuple[AreaNeed, ...]:
    needs = []
    for area in Area.objects.filter(kind=Area.Kind.LIVING_AREA):
        rows = [row for row in asked if row.area_id == area.id]
        if 0 < len({row.carer_uid for row in rows}) < domain.PEOPLE_MIN:
            needs.append(AreaNeed(area, None, None))
            continue
        done = [row for row in rows if row.state == HelpRequest.State.DONE]
        needs.append(AreaNeed(area, _minutes(rows), _minutes(done)))
    return tuple(needs)


def _minutes(rows: list[HelpRequest]) -> int:
    return sum(int((row.ends_at - row.starts_at) / timedelta(minutes=1)) for row in rows)


def town_year(*, fiscal_year: int) -> TownYear:
    """What the current town's supporters earned in the fiscal year so far."""
    since, end = clock.fiscal_year_bounds(fiscal_year)
    visits = list(_settled(since, min(end, clock.now())))
    whole = domain.figures(_contribution(visit) for visit in visits)
    abroad = domain.figures(
        _contribution(visit)
        for visit in visits
        if visit.carer_municipality_id != visit.municipality_id
    )
    return TownYear(
        fiscal_year=fiscal_year,
        issued=Issuance.objects.filter(
            state=Issuance.State.DONE, done_at__gte=since, done_at__lt=end
        ).aggregate(total=Sum("amount"))["total"]
        or 0,
        moved=whole.total.coins,
        minutes=whole.total.minutes,
        from_other_towns=abroad.total.coins,
    )


def month_closed_last() -> tuple[int, int]:
    """``(year, month)`` of the last month that is over."""
    first = clock.today().replace(day=1)
    before = first - timedelta(days=1)
    return before.year, before.month


def towns_all() -> list[Municipality]:
    """Every municipality, by reading."""
    return list(Municipality.objects.all())
