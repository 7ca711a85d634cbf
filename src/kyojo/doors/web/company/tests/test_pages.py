"""The company's page for everyone, and the page of its officer."""

from types import SimpleNamespace

import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations import services as organisations
from kyojo.civic.organisations.models import Employment
from kyojo.civic.people.testing import JUN, make_login, make_supporter
from kyojo.commons.insight.tests.test_selectors import everybody_helps, works
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
__all__ = ["works"]


@pytest.fixture
def waiting(works: SimpleNamespace) -> Employment:
    """朝露さん says to work at みほん電機."""
    person = make_supporter(990027, JUN)
    with tenant(990027):
        return organisations.employment_request(
            uid=new_id(), person=person, company_slug="mihon-denki", employee_number="E-77"
        )


def state_of(employment: Employment) -> str:
    with tenant(employment.municipality_id):
        return Employment.objects.get(pk=employment.pk).state


def as_login(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_everyone_reads_the_sum(works: SimpleNamespace, client: Client) -> None:
    everybody_helps(works)
    page = client.get("/company/mihon-denki/").content.decode()
    assert "みほん電機株式会社" in page
    assert '<dd class="figure__value">120</dd>' in page
    assert "社員1,240人のうち0.5%" in page
    assert "庭の手入れ" in page
    assert "春風" not in page, "no person is named"


def test_few_people_are_hidden_on_every_page(works: SimpleNamespace, client: Client) -> None:
    works.people[:] = works.people[:4]
    everybody_helps(works, coins=77)
    for path in ("/company/mihon-denki/", "/company/mihon-denki/figures.csv", "/companies/"):
        body = client.get(path).content.decode()
        assert "308" not in body and "77" not in body.replace("E-77", "")
    assert "まだ、出せる数字がありません" in client.get("/company/mihon-denki/").content.decode()


def test_the_figures_can_be_taken_away(works: SimpleNamespace, client: Client) -> None:
    everybody_helps(works)
    response = client.get("/company/mihon-denki/figures.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.content.decode("utf-8-sig").splitlines() == [
        "年度,区分,項目,コイン,時間,人数",
        "2026,合計,,120,6,6",
        "2026,月,2026-05,120,6,6",
        "2026,内容,庭の手入れ,120,6,6",
    ]


@pytest.mark.parametrize("year", ["", "1999", "２０２６", "20 26", "9999", "<b>"])
def test_a_year_that_is_not_offered_shows_the_running_one(
    works: SimpleNamespace, client: Client, year: str
) -> None:
    response = client.get("/company/mihon-denki/", {"year": year})
    assert response.status_code == 200
    assert response.context["year"].fiscal_year == 2026


def test_unknown_companies_are_not_found(works: SimpleNamespace, client: Client) -> None:
    unknown = client.get("/company/nobody/")
    assert unknown.status_code == 404
    assert unknown.content == client.get("/no/such/page/").content


def test_the_officer_confirms_an_employee(works: SimpleNamespace, waiting: Employment) -> None:
    officer = as_login(works.officer)
    page = officer.get("/workplace/").content.decode()
    assert "朝露 じゅん" in page and "E-77" in page
    response = officer.post(f"/workplace/990027/{waiting.uid}/", {"answer": "yes"})
    assert response.status_code == 302
    assert state_of(waiting) == "confirmed"
    assert "朝露" not in officer.get("/workplace/").content.decode()


def test_the_officer_says_no_and_a_second_answer_changes_nothing(
    works: SimpleNamespace, waiting: Employment
) -> None:
    officer = as_login(works.officer)
    officer.post(f"/workplace/990027/{waiting.uid}/", {"answer": "no"})
    assert state_of(waiting) == "refused"
    again = officer.post(f"/workplace/990027/{waiting.uid}/", {"answer": "yes"})
    assert again.status_code == 409
    assert state_of(waiting) == "refused"


@pytest.mark.parametrize("answer", ["", "maybe"])
def test_no_answer_changes_nothing(
    works: SimpleNamespace, waiting: Employment, answer: str
) -> None:
    response = as_login(works.officer).post(f"/workplace/990027/{waiting.uid}/", {"answer": answer})
    assert response.status_code == 404
    assert state_of(waiting) == "requested"


def test_nobody_else_confirms(works: SimpleNamespace, waiting: Employment) -> None:
    other_company = organisations.company_register(
        slug="tameshi-unyu",
        name="ためし運輸",
        short_name="ためし運輸",
        name_kana="ためしうんゆ",
        employees_count=100,
    )
    rival = make_login("rival")
    organisations.company_officer_add(company=other_company, user=rival)
    for user in (rival, waiting.person.user, make_login("outsider")):
        client = as_login(user)
        response = client.post(f"/workplace/990027/{waiting.uid}/", {"answer": "yes"})
        assert response.status_code == 404
        assert state_of(waiting) == "requested"
    assert as_login(make_login("outsider")).get("/workplace/").status_code == 404
    assert Client().get("/workplace/").status_code == 302, "a visitor is asked to log in"


def test_names_are_escaped(works: SimpleNamespace) -> None:
    works.company.name = "<script>alert(1)</script>"
    works.company.save()
    page = Client().get("/company/mihon-denki/").content.decode()
    assert "<script>alert" not in page
