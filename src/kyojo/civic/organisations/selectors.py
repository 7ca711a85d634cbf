"""Reads of the organisations room. Companies belong to no municipality; employments do."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kyojo.civic.municipalities.selectors import municipalities_all
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, User
from kyojo.kernel.errors import NotFound

from . import domain
from .models import Company, Employment, SumConsent

#: Person id → periods ``(from, until before)``, earliest first.
Periods = dict[int, list[tuple[datetime, datetime | None]]]

# --- companies: need no tenant --------------------------------------------------------------------


def companies_all() -> list[Company]:
    """By reading."""
    return list(Company.objects.all())


def company_by_slug(slug: str) -> Company:
    """Raises ``NotFound``."""
    company = Company.objects.filter(slug=slug).first()
    if company is None:
        raise NotFound()
    return company


def company_of_officer(user: User) -> Company | None:
    """The company whose officer ``user`` is, or None."""
    if not user.is_active:
        return None
    return Company.objects.filter(officers__user_id=user.pk).order_by("pk").first()


# --- a member's own: the current municipality -----------------------------------------------------


def employment_of(person: Person) -> Employment | None:
    """The person's running employment, else the latest; with ``company`` at hand."""
    rows = Employment.objects.filter(person=person).select_related("company")
    running = rows.filter(state__in=domain.RUNNING).first()
    found: Employment | None = running or rows.order_by("-requested_at").first()
    return found


def employment_by_uid(person: Person, uid: UUID) -> Employment:
    """Raises ``NotFound``: unknown, or another person's."""
    row: Employment | None = (
        Employment.objects.filter(person=person, uid=uid).select_related("company").first()
    )
    if row is None:
        raise NotFound()
    return row


def consent_of(employment: Employment) -> SumConsent | None:
    """The consent that stands, or None."""
    found: SumConsent | None = SumConsent.objects.filter(
        employment=employment, withdrawn_at=None
    ).first()
    return found


# --- a company's own: across municipalities -------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEmployment:
    """Somebody who says they work at the company: what the company needs to find them in its
    books, and nothing of what they do elsewhere."""

    municipality_id: int
    municipality_name: str
    uid: UUID
    name: str
    kana: str
    employee_number: str
    requested_at: datetime


def employments_waiting(company: Company) -> list[WaitingEmployment]:
    """Who waits for the company's yes, in every municipality; the longest waiting first."""
    waiting = []
    for town in municipalities_all():
        with tenant(town.pk):
            rows = Employment.objects.filter(
                company=company, state=domain.REQUESTED, person__left_at=None
            ).select_related("person")
            waiting += [
                WaitingEmployment(
                    municipality_id=town.pk,
                    municipality_name=town.name,
                    uid=row.uid,
                    name=row.person.name,
                    kana=row.person.kana,
                    employee_number=row.employee_number,
                    requested_at=row.requested_at,
                )
                for row in rows
            ]
    return sorted(waiting, key=lambda row: (row.requested_at, row.uid))


def counted_periods(company: Company) -> dict[int, Periods]:
    """``counted_periods_by_company`` for one company: municipality code → person id → periods."""
    found = counted_periods_by_company([company])
    return {town: of_company[company.pk] for town, of_company in found.items()}


def counted_periods_by_company(companies: Iterable[Company]) -> dict[int, dict[int, Periods]]:
    """Whose visits count for which company and when: municipality code → company id → person id
    → periods ``(from, until before)``, ``None`` while it runs. Rules: ``domain.counted_period``.

    Only municipalities and companies with somebody who counts; one query for each municipality,
    however many companies. Ids are for adding up inside that municipality's tenancy; they never
    leave it.
    """
    wanted = [company.pk for company in companies]
    found: dict[int, dict[int, Periods]] = {}
    for town in municipalities_all():
        with tenant(town.pk):
            consents = list(
                SumConsent.objects.filter(
                    withdrawn_at=None,
                    employment__company_id__in=wanted,
                    employment__state__in=(domain.CONFIRMED, domain.ENDED),
                ).select_related("employment")
            )
        of_company: dict[int, list[SumConsent]] = defaultdict(list)
        for consent in consents:
            of_company[consent.employment.company_id].append(consent)
        people = {pk: _periods(of_one) for pk, of_one in of_company.items()}
        people = {pk: periods for pk, periods in people.items() if periods}
        if people:
            found[town.pk] = people
    return found


def _periods(consents: Iterable[SumConsent]) -> Periods:
    return domain.periods_by_person(
        (
            consent.employment.person_id,
            domain.counted_period(
                state=consent.employment.state,
                decided_at=consent.employment.decided_at,
                ended_on=consent.employment.ended_on,
                consent_given_at=consent.given_at,
            ),
        )
        for consent in consents
    )
