"""One transaction a request, one page for absent and forbidden, sentences for refusals."""

from types import SimpleNamespace

import pytest
from django.test import Client, override_settings

from kyojo.civic.municipalities import tenancy
from kyojo.civic.municipalities.models import Operator
from kyojo.civic.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def probe_urls() -> object:
    with override_settings(ROOT_URLCONF="kyojo.doors.web.tests.probe_urls"):
        yield


@pytest.fixture
def minami(towns: SimpleNamespace) -> Client:
    """青空 みなみ's browser, logged in in 北ひなた市."""
    user = User.objects.create_user("minami@example.jp", municipality=towns.kita)
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def operators(municipality_id: int) -> int:
    with tenancy.tenant(municipality_id):
        return Operator.objects.count()


def test_a_logged_in_request_runs_in_its_town(minami: Client, client: Client) -> None:
    assert minami.get("/probe/who/").content == b"990019"
    assert client.get("/probe/who/").content == b"None"
    assert tenancy.current_or_none() is None


def test_what_a_view_writes_stays(minami: Client, towns: SimpleNamespace) -> None:
    assert minami.post("/probe/written/").status_code == 200
    assert operators(towns.kita.id) == 1
    assert operators(towns.midori.id) == 0


@pytest.mark.parametrize(
    ("path", "status"),
    [("/probe/forbidden/", 404), ("/probe/refused/", 409), ("/probe/broken/", 500)],
)
def test_what_leaves_a_view_by_exception_changes_nothing(
    minami: Client, towns: SimpleNamespace, path: str, status: int
) -> None:
    assert minami.post(path).status_code == status
    assert operators(towns.kita.id) == 0
    # The connection is fit for the next request.
    assert minami.get("/probe/who/").content == b"990019"


def test_a_refusal_that_a_view_answers_keeps_what_was_stored(
    minami: Client, towns: SimpleNamespace
) -> None:
    answer = minami.post("/probe/handled/")
    assert answer.status_code == 409
    assert "10時には別の予定があります。ほかの時間を選んでください。" in answer.content.decode()
    assert 'href="/ask/"' in answer.content.decode()
    assert operators(towns.kita.id) == 1


def test_refusals_that_nobody_answers_are_a_calm_page(minami: Client) -> None:
    answer = minami.post("/probe/refused/", headers={"referer": "http://testserver/ask/review/"})
    page = answer.content.decode()
    assert "10時には別の予定があります。" in page
    assert 'href="http://testserver/ask/review/"' in page
    assert "busy" not in page
    assert minami.get("/probe/invalid/").status_code == 422


def test_the_way_back_never_leads_elsewhere(minami: Client) -> None:
    page = minami.post("/probe/refused/", headers={"referer": "https://example.com/x"})
    assert "example.com" not in page.content.decode()


def test_absent_and_forbidden_are_the_same_page(minami: Client, client: Client) -> None:
    paths = ("/requests/7/probe/", "/requests/nothing/", "/ask/no-such-page/", "/probe/forbidden/")
    bodies = {minami.get(path).content for path in paths}
    assert len(bodies) == 1
    assert "見つかりませんでした" in bodies.pop().decode()
    answers = [minami.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert len({client.get(path).content for path in ("/nothing/", "/nowhere/at/all/")}) == 1


def test_no_page_of_a_person_stays_in_the_browser(minami: Client, client: Client) -> None:
    for path in ("/probe/page/", "/probe/forbidden/", "/probe/refused/"):
        assert "no-store" in minami.get(path).headers["Cache-Control"]
    assert "Cache-Control" not in client.get("/probe/page/").headers


def test_a_fault_of_ours_shows_a_page_without_the_database(minami: Client) -> None:
    page = minami.get("/probe/broken/").content.decode()
    assert "こちらの不具合です" in page
    assert "RuntimeError" not in page


def test_pages_know_their_town_and_allow_no_inline_script(minami: Client) -> None:
    answer = minami.get("/probe/page/")
    page = answer.content.decode()
    assert "北ひなた市" in page
    assert "0120-000-019" in page
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'self'" in policy
    assert "style=" not in page
    assert "<style" not in page


def test_an_old_form_says_so() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/probe/form/")
    assert answer.status_code == 403
    assert "もう一度お願いします" in answer.content.decode()


def test_a_stranger_gets_no_cookie_from_a_page(client: Client) -> None:
    assert not client.get("/probe/page/").cookies


def test_the_manifest_names_icons_that_exist(client: Client) -> None:
    manifest = client.get("/manifest.webmanifest").json()
    assert manifest["start_url"] == "/"
    from django.contrib.staticfiles import finders

    for icon in manifest["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))


@override_settings(ROOT_URLCONF="kyojo.doors.web.urls")
def test_the_style_page_is_not_for_production(client: Client) -> None:
    assert client.get("/style/").status_code == 404
