"""A company's certificate: the published figures and not one more."""

import io
from types import SimpleNamespace

import pypdf
import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations.testing import make_company, make_company_officer
from kyojo.civic.people.testing import make_officer
from kyojo.commons.insight.tests.test_selectors import everybody_helps, works
from kyojo.help.recognition.models import Certificate
from kyojo.help.recognition.services import certificate_revoke, sign_due
from kyojo.kernel import clock

pytestmark = pytest.mark.django_db
__all__ = ["works"]
MIDORI = 990027


def officer_of(company) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(make_company_officer(company), backend="sesame.backends.ModelBackend")
    return client


def make(client: Client, **changes: str):
    page = client.get("/workplace/certificates/").content.decode()
    order = page.split('name="order_id" value="')[1].split('"')[0]
    return client.post(
        "/workplace/certificates/",
        {"order_id": order, "year": str(clock.fiscal_year()), "town": str(MIDORI), **changes},
    )


def test_the_figures_of_the_public_page_on_paper(works: SimpleNamespace) -> None:
    everybody_helps(works)
    client = officer_of(works.company)
    assert make(client).status_code == 302
    with tenant(MIDORI):
        sign_due()
        [paper] = Certificate.objects.all()
    assert (paper.figures["people"], paper.figures["coins"]) == (len(works.people), 120)
    pdf = client.get(f"/workplace/certificates/{MIDORI}/{paper.uid}.pdf")
    words = pypdf.PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text().replace("\n", "")
    assert "みほん電機株式会社 御中" in words and "120コイン" in words and "春風" not in words
    shown = Client().get(f"/certificates/{paper.code}/").content.decode()
    assert "120コイン" in shown and "みほん電機" not in shown
    other = officer_of(make_company("betsu", employees_count=10))
    assert other.get(f"/workplace/certificates/{MIDORI}/{paper.uid}.pdf").status_code == 404
    with tenant(MIDORI):
        certificate_revoke(uid=paper.uid, by=make_officer(MIDORI), reason="数えなおし")
    assert client.get(f"/workplace/certificates/{MIDORI}/{paper.uid}.pdf").status_code == 404
    assert "使えません" in Client().get(f"/certificates/{paper.code}/").content.decode()


def test_few_people_are_certified_by_nobody(works: SimpleNamespace) -> None:
    works.people[:] = works.people[:4]
    everybody_helps(works, coins=77)
    answer = make(officer_of(works.company))
    assert answer.status_code == 422 and "人数が少ない" in answer.content.decode()
    with tenant(MIDORI):
        assert not Certificate.objects.exists()


def test_nobody_else_makes_one(works: SimpleNamespace) -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/workplace/certificates/").status_code == 302
    client.force_login(works.people[0].user, backend="sesame.backends.ModelBackend")
    assert client.get("/workplace/certificates/").status_code == 404
    assert client.post("/workplace/certificates/", {}).status_code == 404
