"""The pages of identity and trust: the way to the app and back with a loopback provider, what is
lacking and how to get it; once in a browser, with the pages of the desk that go with it."""

from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.identity import provider as speaking
from kyojo.civic.people.models import IdentityClash, TrustCheck, TrustClaim
from kyojo.civic.people.services import (
    check_look,
    person_update,
    trust_check_record,
    trust_claim_set,
)
from kyojo.civic.people.testing import (
    JUN,
    MINAMI,
    make_coordinator,
    make_officer,
    make_programme,
    make_supporter,
)
from kyojo.civic.people.tests.loopback_provider import CLIENT, provider_running
from kyojo.doors.web.testing import PHONE, looked_at, sign_in, signed_in
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

SKILLS = {"garden": "", "child": "", "ride": ""}
#: What programmes call a supporter's own course.
COURSE = "子どもの見守り講習"


@pytest.fixture
def app(tmp_path, settings):
    with provider_running(tmp_path, f"{settings.BASE_URL}/me/identity/back/") as provider:
        settings.IDENTITY_ISSUER = provider.issuer
        settings.IDENTITY_CLIENT_ID = CLIENT
        settings.IDENTITY_KEY_FILE = str(tmp_path / "client.pem")
        speaking.forget_all()
        yield provider


@pytest.fixture
def minami(towns):
    make_programme(towns.kita.id)
    return make_supporter(towns.kita.id, MINAMI, identity=False, skills=SKILLS)


def body(answer) -> str:
    return answer.content.decode()


def back_of(client: Client) -> str:
    """Press the button, let the app send us back: the path of the way back."""
    there = client.post("/me/identity/app/", {"version": "1"})
    assert there.status_code == 302
    back = urlsplit(httpx.get(there["Location"]).headers["location"])
    return f"{back.path}?{back.query}"


@pytest.mark.django_db
def test_there_and_back_and_what_it_changes(towns, minami, app):
    client = sign_in(Client(), minami.user)
    page = client.get("/me/identity/")
    assert "同意して、アプリで本人確認をする" in body(page) and "だれに伝わるか" in body(page)
    unread = client.post("/me/identity/app/")
    assert unread.status_code == 409 and "への同意がいります" in body(unread)
    changed = client.post("/me/identity/app/", {"version": "7"})
    assert changed.status_code == 409 and "文が新しくなりました" in body(changed)
    assert f"form-action 'self' {app.issuer}" in page.headers["Content-Security-Policy"]
    assert "庭の手入れには、あと本人確認が必要です" in body(client.get("/me/trust/"))
    back = back_of(client)
    # Neither another login nor another browser of the same one can use it.
    other = sign_in(Client(), make_supporter(towns.kita.id, JUN).user)
    assert other.get(back).status_code == 409
    assert sign_in(Client(), minami.user).get(back).status_code == 409
    done = client.get(back)
    assert (done.status_code, done["Location"]) == (302, "/me/trust/")
    again = client.get(back)
    assert again.status_code == 409 and "はじめから押してください" in body(again)
    told = body(client.get("/me/trust/"))
    assert "デジタル認証アプリ" in told and "庭の手入れには" not in told
    assert "子どもの見守りには、あと経歴の確認と講習「子どもの見守り講習」が必要です" in told
    assert "送り迎えには、あと資格の確認が必要です" in told
    assert "あと必要なものを見る" in body(client.get("/help/"))
    assert "あと必要なものがある支援が2つ" in body(client.get("/me/"))
    with tenant(towns.kita.id):
        assert TrustCheck.objects.get(person=minami).kind == "identity"


@pytest.mark.django_db
def test_what_differs_is_offered_to_be_mended_and_a_taken_card_goes_to_the_office(
    towns, minami, app
):
    client = sign_in(Client(), minami.user)
    app.card |= {"name": "青空　みなと"}
    answer = client.get(back_of(client))
    assert answer.status_code == 409
    assert "カードと登録の名前がちがいます" in body(answer)
    assert "/me/name/" in body(answer) and "みなと" not in body(answer)
    app.refuses = True
    assert "何も変わっていません" in body(client.get(back_of(client)))
    app.refuses = False
    app.card |= {"name": "青空　みなみ"}
    assert client.get(back_of(client)).status_code == 302
    twin = make_supporter(towns.kita.id, JUN, identity=False)
    with tenant(towns.kita.id):
        person_update(
            person=twin, family_name="青空", given_name="みなみ", birth_date=MINAMI.birth_date
        )
    second = sign_in(Client(), twin.user)
    assert "センターが確かめて" in body(second.get(back_of(second)))
    with tenant(towns.kita.id):
        clash = IdentityClash.objects.get()
    desk = sign_in(Client(), make_officer(towns.kita.id))
    assert "同じカードを、2人の会員が" in body(desk.get("/desk/checks/waiting/"))
    path = f"/desk/checks/cards/{clash.pk}/"
    assert desk.post(path, {"outcome": ""}).status_code == 422
    assert desk.post(path, {"outcome": "refused"}).status_code == 302
    assert desk.post(path, {"outcome": "same"}).status_code == 422
    app.is_down = True
    speaking.forget_all()
    answer = client.post("/me/identity/app/")
    assert answer.status_code == 409 and "つながりません" in body(answer)


@pytest.mark.django_db
def test_without_settings_the_counter_is_explained_and_claims_are_ones_own(towns, minami):
    client = sign_in(Client(), minami.user)
    page = body(client.get("/me/identity/"))
    assert "アプリで本人確認をする" not in page and "センターの窓口で" in page
    assert client.post("/me/identity/app/").status_code == 409
    assert client.get("/me/identity/back/?state=x&code=y").status_code == 409
    assert client.post("/me/trust/", {"kind": "licence", "label": ""}).status_code == 422
    sent = {"kind": "licence", "label": "保育士", "issuer": ""}
    assert client.post("/me/trust/", sent).status_code == 302
    assert "まだ確かめていません" in body(client.get("/me/trust/"))
    with tenant(towns.kita.id):
        claim = TrustClaim.objects.get()
    jun = sign_in(Client(), make_supporter(towns.kita.id, JUN).user)
    assert jun.post(f"/me/trust/{claim.pk}/remove/").status_code == 404
    assert client.post(f"/me/trust/{claim.pk}/remove/").status_code == 302
    assert Client().get("/me/identity/").status_code == 302


@pytest.mark.slow
@pytest.mark.browser
def test_the_way_to_the_app_and_the_pages_beside_it(
    live_site, towns, minami, app, chromium, settings, monkeypatch
):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    settings.BASE_URL = live_site.url
    app.returns_to(f"{live_site.url}/me/identity/back/")
    officer, second = make_officer(towns.kita.id), make_coordinator(towns.kita.id)
    jun = make_supporter(towns.kita.id, JUN, identity=False)
    with tenant(towns.kita.id):
        soon = clock.today() + timedelta(days=10)
        given = {"person": minami, "method": "窓口", "by": officer, "valid_until": soon}
        held = trust_check_record(kind="licence", label="普通自動車免許", **given)
        trust_claim_set(person=minami, kind="training", label=COURSE)
        seen = ["name", "birth_date", "face"]
        look = check_look(
            uid=new_id(), person=jun, kind="identity", document="driver", items=seen, by=officer
        )
    found: list[object] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        context = browser.new_context(base_url=live_site.url, locale="ja-JP", viewport=PHONE)
        page = signed_in(context, live_site.url, minami.user)
        page.on("console", lambda told: found.append((page.url, told.text)))
        page.goto("/me/trust/")
        found += looked_at(page, "trust-before")
        with page.expect_navigation():
            page.get_by_role("link", name="本人確認をする").click()
        found += looked_at(page, "identity")
        with page.expect_navigation(url="**/me/trust/"):
            page.get_by_role("button", name="アプリで本人確認をする").click()
        expect(page.get_by_text("本人確認がすみました（デジタル認証アプリ）。")).to_be_visible()
        found += looked_at(page, "trust-after")
        context.close()
        context = browser.new_context(base_url=live_site.url, locale="ja-JP", viewport=PHONE)
        desk = signed_in(context, live_site.url, second)
        desk.on("console", lambda told: found.append((desk.url, told.text)))
        for name, path in (
            ("member", f"/desk/members/{minami.uid}/"),
            ("new", f"/desk/members/{jun.uid}/check/training/"),
            ("checks", "/desk/checks/"),
            ("withdraw", f"/desk/checks/{held.pk}/withdraw/"),
            ("waiting", "/desk/checks/waiting/"),
            ("look", f"/desk/checks/looks/{look.uid}/"),
        ):
            desk.goto(path)
            found += looked_at(desk, f"desk-check-{name}")
        with desk.expect_navigation():
            desk.get_by_role("button", name="確かめた", exact=True).click()
        expect(desk.get_by_text("いま、待っている人はいません。")).to_be_visible()
        browser.close()
    assert found == []
