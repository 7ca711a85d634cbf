"""Figures of a company and a town, from rows in several towns."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations import services as organisations
from kyojo.civic.people.models import Person
from kyojo.civic.people.testing import KEN, make_carer, make_login, make_supporter
from kyojo.commons.insight import selectors
from kyojo.commons.insight.testing import settled_visit
from kyojo.help.support.models import Visit
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db

HIRED = clock.at(date(2026, 4, 1), 9)
MAY = clock.at(date(2026, 5, 10), 10)
NOW = clock.at(date(2026, 11, 20), 12)


@pytest.fixture
def works(towns: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """みほん電機 with 1,240 employees, of whom four help in みどり浜 and two in 北ひなた."""
    with clock.frozen(HIRED):
        company = organisations.company_register(
            slug="mihon-denki",
            name="みほん電機株式会社",
            short_name="みほん電機",
            name_kana="みほんでんき",
            employees_count=1240,
        )
        officer = make_login("company-officer")
        organisations.company_officer_add(company=company, user=officer)
        carer = make_carer(990019)
        people = [employed(company, officer, 990027, index) for index in range(4)]
        people += [employed(company, officer, 990019, index) for index in range(4, 6)]
    with clock.frozen(NOW):
        yield SimpleNamespace(company=company, officer=officer, carer=carer, people=people)


def employed(company: object, officer: object, town: int, index: int) -> Person:
    person = make_supporter(town, replace(KEN, key=f"worker-{index}"))
    with tenant(town):
        employment = organisations.employment_request(
            uid=new_id(), person=person, company_slug="mihon-denki"
        )
        organisations.consent_give(employment=employment)
    organisations.employment_decide(
        company_officer=officer, municipality_id=town, uid=employment.uid, confirm=True
    )
    return person


def everybody_helps(works: SimpleNamespace, starts_at: datetime = MAY, coins: int = 20) -> None:
    for person in works.people:
        settled_visit(person, carer=works.carer, starts_at=starts_at, coins=coins)


def coins_of(works: SimpleNamespace, fiscal_year: int = 2026) -> int | None:
    return selectors.company_year(works.company, fiscal_year=fiscal_year).now.total.coins


def test_a_company_adds_up_over_towns(works: SimpleNamespace) -> None:
    everybody_helps(works)
    total = selectors.company_year(works.company, fiscal_year=2026).now.total
    assert (total.coins, total.minutes, total.people) == (120, 360, 6)


def test_figures_are_by_fiscal_year(works: SimpleNamespace) -> None:
    everybody_helps(works)
    assert coins_of(works, 2025) is None, "nobody helped before April"
    with clock.frozen(clock.at(date(2027, 6, 1), 9)):
        assert coins_of(works, 2027) is None
        assert selectors.company_year(works.company, fiscal_year=2027).last.total.coins == 120


def test_last_year_is_counted_up_to_the_same_day(works: SimpleNamespace) -> None:
    everybody_helps(works, MAY)
    everybody_helps(works, MAY + timedelta(days=60))
    with clock.frozen(clock.at(date(2027, 6, 1), 9)):
        assert selectors.company_year(works.company, fiscal_year=2027).last.total.coins == 120


def test_who_withdraws_is_not_counted_any_more(works: SimpleNamespace) -> None:
    everybody_helps(works)
    person = works.people[0]
    with tenant(person.municipality_id):
        organisations.consent_withdraw(employment=person.employments.get())
    assert coins_of(works) == 100
    with tenant(works.people[1].municipality_id):
        organisations.consent_withdraw(employment=works.people[1].employments.get())
    assert coins_of(works) is None, "four are left: their figure would point at them"


def test_what_was_done_before_the_company_said_yes_does_not_count(works: SimpleNamespace) -> None:
    everybody_helps(works, HIRED - timedelta(days=1))
    everybody_helps(works, HIRED + timedelta(days=1))
    assert coins_of(works) == 120


def test_only_settled_visits_count(works: SimpleNamespace) -> None:
    everybody_helps(works)
    for state in Visit.State:
        if state not in (Visit.State.SETTLED, Visit.State.RESOLVED):
            settled_visit(
                works.people[0],
                carer=works.carer,
                starts_at=MAY + timedelta(days=list(Visit.State).index(state) + 1),
                state=state,
            )
    assert coins_of(works) == 120


def test_the_ranking_compares_companies_of_a_size(works: SimpleNamespace) -> None:
    everybody_helps(works)
    assert selectors.size_band(1240) == (1000, 2999)
    [(rank, company)] = selectors.company_ranking(fiscal_year=2026, size_from=1000, size_to=2999)
    assert (rank.place, rank.per_thousand, company.slug) == (1, 97, "mihon-denki")
    assert selectors.company_ranking(fiscal_year=2026, size_from=1, size_to=999) == []


def test_a_ranking_reads_each_town_once_however_many_companies(works: SimpleNamespace) -> None:
    everybody_helps(works)
    with CaptureQueriesContext(connection) as alone:
        selectors.company_rankings(fiscal_year=2026)
    for number in range(5):
        organisations.company_register(
            slug=f"tameshi-{number}", name="ためし", name_kana="ためし", employees_count=50
        )
    with CaptureQueriesContext(connection) as among_others:
        rankings = selectors.company_rankings(fiscal_year=2026)
    assert len(among_others) == len(alone)
    assert [ranking.best for ranking in rankings] == [0, 0, 0, 97, 0]


@pytest.mark.parametrize("employees", [1, 99, 100, 299, 300, 999, 1000, 2999, 3000, 10**6])
def test_every_size_falls_in_one_band(employees: int) -> None:
    bands = [
        (low, high)
        for low, high in selectors.SIZE_BANDS
        if low <= employees and (high is None or employees <= high)
    ]
    assert bands == [selectors.size_band(employees)]


def test_a_town_counts_its_own_supporters_and_help_from_elsewhere(works: SimpleNamespace) -> None:
    near = make_carer(990027)
    settled_visit(works.people[0], carer=near, starts_at=MAY - timedelta(days=1), coins=40)
    settled_visit(
        make_supporter(990027, replace(KEN, key="fifth")), carer=works.carer, starts_at=MAY
    )
    everybody_helps(works)
    with tenant(990027):
        year = selectors.town_year(fiscal_year=2026)
    assert year.moved == 40 + 5 * 20
    assert year.from_other_towns == 5 * 20
    with tenant(990019):
        assert selectors.town_year(fiscal_year=2026).moved is None, "two people are too few"
