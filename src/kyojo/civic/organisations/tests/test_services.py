from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connections

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations import selectors, services
from kyojo.civic.organisations.errors import (
    AlreadyEmployed,
    CompanyTaken,
    CompanyUnknown,
    EmploymentStepWrong,
    EndDayWrong,
    OrderDiffers,
)
from kyojo.civic.organisations.models import Company, Employment, SumConsent
from kyojo.civic.organisations.testing import make_company, make_company_officer, make_employee
from kyojo.civic.people import selectors as people
from kyojo.civic.people.testing import JUN, make_officer, make_supporter
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

NOW = clock.at(date(2026, 11, 20), 10)


@pytest.fixture
def company(db):
    return make_company()


@pytest.fixture
def ken(towns):
    return make_supporter(towns.midori.id)


def ask(person, company, **fields):
    given = {"uid": uuid4(), "company_slug": company.slug, "employee_number": " E-0123 "} | fields
    with tenant(person.municipality_id):
        return services.employment_request(person=person, **given)


def decide(employment, user, *, confirm=True):
    return services.employment_decide(
        company_officer=user,
        municipality_id=employment.municipality_id,
        uid=employment.uid,
        confirm=confirm,
    )


def state_of(employment):
    with tenant(employment.municipality_id):
        return Employment.objects.get(pk=employment.pk).state


# --- companies ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_company_is_registered_once():
    company = make_company()
    assert (company.short_name, company.name_kana) == ("みほん電機", "ミホンデンキ")
    with pytest.raises(CompanyTaken):
        services.company_register(
            slug="Mihon-Denki", name="別", name_kana="べつ", employees_count=1
        )
    assert Company.objects.count() == 1
    assert selectors.company_by_slug("mihon-denki") == company
    assert selectors.companies_all() == [company]
    with pytest.raises(NotFound):
        selectors.company_by_slug("nobody")


@pytest.mark.django_db
def test_an_officer_stands_for_one_company():
    company, _ = make_company(), make_company("tameshi")
    assert selectors.company_of_officer(make_company_officer(company)) == company


# --- employment ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_who_asks_is_seen_by_their_company_and_by_nobody_else(company, ken, towns):
    employment = ask(ken, company)
    (row,) = selectors.employments_waiting(company)
    assert asdict(row) == {
        "municipality_id": towns.midori.id,
        "municipality_name": "みどり浜市",
        "uid": employment.uid,
        "name": "春風 けん",
        "kana": "ハルカゼ ケン",
        "employee_number": "E-0123",
        "requested_at": employment.requested_at,
    }
    assert selectors.employments_waiting(make_company("tameshi")) == []


@pytest.mark.django_db
def test_the_company_says_yes_and_the_person_is_told(company, ken, towns):
    officer, employment = make_company_officer(company), ask(ken, company)
    for _ in range(2):
        assert decide(employment, officer).state == "confirmed"
    with pytest.raises(EmploymentStepWrong):
        decide(employment, officer, confirm=False)
    assert selectors.employments_waiting(company) == []
    with tenant(towns.midori.id):
        assert selectors.employment_of(ken).state == "confirmed"
        assert [n.title for n in people.notices_for(ken)] == [
            "みほん電機株式会社が、あなたの勤め先を確認しました"
        ]
        (act,) = people.acts_of(subject_kind="employment", subject_id=employment.uid)
        assert (act.actor, act.action) == (officer, "employment_confirm")


@pytest.mark.django_db
def test_nobody_but_an_officer_of_the_company_decides(company, ken, towns):
    employment = ask(ken, company)
    foreign = make_company_officer(make_company("tameshi"))
    for user in (foreign, ken.user, make_officer(towns.midori.id)):
        with pytest.raises(NotFound):
            decide(employment, user)
        with pytest.raises(NotFound):
            decide(employment, user, confirm=False)
    with pytest.raises(NotFound):  # the right officer, the wrong town
        services.employment_decide(
            company_officer=make_company_officer(company),
            municipality_id=towns.kita.id,
            uid=employment.uid,
            confirm=True,
        )
    assert state_of(employment) == "requested"
    with tenant(towns.midori.id):
        assert people.notices_for(ken) == []
        assert people.acts_of(subject_kind="employment", subject_id=employment.uid) == []


@pytest.mark.django_db
def test_a_person_has_one_employment_at_a_time(company, ken):
    uid = uuid4()
    first = ask(ken, company, uid=uid)
    assert ask(ken, company, uid=uid) == first
    with pytest.raises(AlreadyEmployed):
        ask(ken, make_company("tameshi"))
    with pytest.raises(OrderDiffers):
        ask(ken, make_company("tameshi"), uid=uid)
    with pytest.raises(CompanyUnknown):
        ask(ken, company, company_slug="nobody")
    with tenant(ken.municipality_id):
        assert Employment.objects.count() == 1
    decide(first, make_company_officer(company), confirm=False)
    assert ask(ken, make_company("tameshi")).state == "requested"


@pytest.mark.django_db
def test_ending_is_the_persons_own(company, ken, towns):
    other = make_supporter(towns.midori.id, JUN)
    with clock.frozen(NOW):
        employment = make_employee(ken, company)
    with clock.frozen(NOW + timedelta(days=10)), tenant(towns.midori.id):
        with pytest.raises(NotFound):
            services.employment_end(person=other, uid=employment.uid)
        for day in (date(2026, 11, 19), date(2026, 12, 1)):
            with pytest.raises(EndDayWrong):
                services.employment_end(person=ken, uid=employment.uid, ended_on=day)
        assert state_of(employment) == "confirmed"
        ended = services.employment_end(person=ken, uid=employment.uid)
        assert (ended.state, ended.ended_on) == ("ended", date(2026, 11, 30))
        assert services.employment_end(person=ken, uid=employment.uid) == ended
        with pytest.raises(EmploymentStepWrong):
            services.consent_give(employment=ended)


# --- consent and what counts ----------------------------------------------------------------------


@pytest.mark.django_db
def test_only_confirmed_people_whose_consent_stands_count(company, ken, towns):
    jun = make_supporter(towns.kita.id, JUN)
    with clock.frozen(NOW):
        employment = make_employee(ken, company, consent=False)
        make_employee(jun, company)
        ask(make_supporter(towns.kita.id), company)
    assert selectors.counted_periods(company) == {towns.kita.id: {jun.pk: [(NOW, None)]}}
    later = NOW + timedelta(days=1)
    with clock.frozen(later), tenant(towns.midori.id):
        given = services.consent_give(employment=employment)
        assert services.consent_give(employment=employment) == given
        assert selectors.consent_of(employment) == given
    assert selectors.counted_periods(company)[towns.midori.id] == {ken.pk: [(later, None)]}
    assert selectors.counted_periods(make_company("tameshi")) == {}


@pytest.mark.django_db
def test_a_withdrawn_consent_takes_back_the_past_and_a_new_one_counts_from_then(
    company, ken, towns
):
    with clock.frozen(NOW):
        employment = make_employee(ken, company)
    with tenant(towns.midori.id):
        for _ in range(2):
            services.consent_withdraw(employment=employment)
        assert selectors.consent_of(employment) is None
    assert selectors.counted_periods(company) == {}
    again = NOW + timedelta(days=30)
    with clock.frozen(again), tenant(towns.midori.id):
        services.consent_give(employment=employment)
        assert SumConsent.objects.count() == 2  # the history stays
    assert selectors.counted_periods(company) == {towns.midori.id: {ken.pk: [(again, None)]}}


@pytest.mark.django_db
def test_who_left_counts_up_to_the_last_day_until_they_withdraw(company, ken, towns):
    with clock.frozen(NOW):
        employment = make_employee(ken, company)
    with clock.frozen(NOW + timedelta(days=10)), tenant(towns.midori.id):
        services.employment_end(person=ken, uid=employment.uid)
    until = clock.at(date(2026, 12, 1), 0)
    assert selectors.counted_periods(company) == {towns.midori.id: {ken.pk: [(NOW, until)]}}
    with tenant(towns.midori.id):
        services.consent_withdraw(employment=employment)
    assert selectors.counted_periods(company) == {}


@pytest.mark.django_db
def test_another_towns_employment_does_not_exist(company, ken, towns):
    employment = make_employee(ken, company)
    with tenant(towns.kita.id):
        with pytest.raises(NotFound):
            services.consent_withdraw(employment=employment)
        assert Employment.objects.count() == 0
    assert selectors.counted_periods(company) != {}


def test_two_forms_at_once_make_one_employment(committed_db, towns):
    ken, companies = make_supporter(towns.midori.id), [make_company(), make_company("tameshi")]

    def press(index):
        try:
            ask(ken, companies[index % 2])
        except AlreadyEmployed:
            return 0
        finally:
            connections.close_all()
        return 1

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(press, range(6))) == 1
    with tenant(towns.midori.id):
        assert Employment.objects.count() == 1
