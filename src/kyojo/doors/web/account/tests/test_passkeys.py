"""Passkeys in a real browser, with a virtual authenticator."""

import pytest
from allauth.mfa.models import Authenticator
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from kyojo.civic.people.services import login_link_url
from kyojo.civic.people.testing import make_carer, make_login
from kyojo.doors.web.testing import looked_at


@pytest.fixture
def site(live_site, settings, monkeypatch):
    """The site by a name: passkeys belong to names, and an address of numbers is none. It is
    a secure context for browsers; the server is told to take it without TLS."""
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    settings.BASE_URL = live_site.url.replace("127.0.0.1", "localhost")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    return settings.BASE_URL


@pytest.fixture
def page(site, chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--disable-background-networking"]
        )
        context = browser.new_context(
            base_url=site, locale="ja-JP", viewport={"width": 390, "height": 844}
        )
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        yield page
        browser.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def come_in_by_mail(page: Page, user) -> None:
    user.refresh_from_db()  # a link dies with the login that came after it was made
    page.goto(login_link_url(user, next_path="/me/"))
    press(page, "ログインする")
    expect(page).to_have_url("/me/")


def accessible(page: Page) -> None:
    assert Axe().run(page).response["violations"] == []


@pytest.mark.browser
def test_a_passkey_is_added_opens_the_door_and_is_removed(page, towns):
    carer = make_carer(towns.kita.id)
    come_in_by_mail(page, carer.user)
    page.get_by_role("link", name="ログインのしかた").click()
    page.get_by_role("link", name="パスキーを足す").click()
    page.get_by_label("名前").fill("わたしのスマホ")
    accessible(page)
    press(page, "この機械を登録する")
    expect(page).to_have_url("/me/")
    expect(page.get_by_role("status")).to_contain_text("パスキーを登録しました")
    press(page, "ログアウト")

    expect(page.get_by_role("heading", name="ログイン")).to_be_visible()
    page.goto("/login/?next=/me/coins/")
    press(page, "パスキーで入る")
    expect(page).to_have_url("/me/coins/")

    # Came in by passkey a moment ago; to take the key away, it is asked for once more.
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_text("わたしのスマホ", exact=True)).to_be_visible()
    assert looked_at(page, "keys") == []
    page.get_by_role("link", name="消す").click()
    expect(page.get_by_role("heading", name="もう一度、確かめます")).to_be_visible()
    accessible(page)
    press(page, "パスキーで確かめる")
    expect(page.get_by_role("heading", name="パスキーを消しますか")).to_be_visible()
    page.goto("/accounts/2fa/webauthn/")
    with page.expect_navigation():
        page.get_by_role("link", name="名前を変える").click()
    assert looked_at(page, "key-name") == []
    page.get_by_label("名前").fill("   ")
    with page.expect_navigation():
        press(page, "この名前にする")
    expect(page.get_by_text("名前を入れてください")).to_be_visible()
    page.get_by_label("名前").fill("玄関のスマホ")
    with page.expect_navigation():
        press(page, "この名前にする")
    expect(page).to_have_url("/accounts/2fa/webauthn/")
    expect(page.get_by_text("玄関のスマホ", exact=True)).to_be_visible()

    # Another mail address: the page, and where its numbers are typed.
    with page.expect_navigation():
        page.get_by_role("link", name="メールアドレスを変える").click()
    assert looked_at(page, "mail") == []
    page.get_by_label("新しいメールアドレス").fill("minami-new@example.jp")
    with page.expect_navigation():
        press(page, "確認の数字を送る")
    page.get_by_label("メールにある6けたの数字").fill("12345")
    with page.expect_navigation():
        press(page, "このアドレスに変える")
    assert looked_at(page, "mail-code") == []
    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("link", name="消す").click()
    expect(page.get_by_role("heading", name="パスキーを消しますか")).to_be_visible()
    press(page, "消す")
    expect(page.get_by_text("まだ登録していません")).to_be_visible()
    assert not Authenticator.objects.filter(user=carer.user).exists()


@pytest.mark.browser
def test_who_lost_the_passkey_takes_it_away_after_a_mail(page, towns):
    carer = make_carer(towns.kita.id)
    come_in_by_mail(page, carer.user)
    page.goto("/accounts/2fa/webauthn/add/")
    press(page, "この機械を登録する")
    expect(page).to_have_url("/me/")
    press(page, "ログアウト")
    expect(page.get_by_role("heading", name="ログイン")).to_be_visible()
    come_in_by_mail(page, carer.user)
    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("link", name="消す").click()
    press(page, "消す")
    expect(page.get_by_text("まだ登録していません")).to_be_visible()


@pytest.mark.browser
def test_without_a_passkey_the_page_says_what_else_to_do(page, towns):
    page.goto("/login/")
    expect(page.get_by_text("パスキーで入れませんでした")).to_be_hidden()
    press(page, "パスキーで入る")
    expect(page.get_by_text("パスキーで入れませんでした")).to_be_visible()


@pytest.mark.django_db
def test_anothers_passkey_does_not_exist(client, towns):
    key = Authenticator.objects.create(
        user=make_login("ken"), type=Authenticator.Type.WEBAUTHN, data={"name": "x"}
    )
    carer = make_carer(towns.kita.id)
    client.force_login(carer.user, backend="sesame.backends.ModelBackend")
    for path in (
        f"/accounts/2fa/webauthn/keys/{key.pk}/remove/",
        f"/accounts/2fa/webauthn/keys/{key.pk}/edit/",
    ):
        answer = client.post(path, {"name": "y"})
        assert (answer.status_code, answer.content) == (404, client.get("/me/nothing/").content)
    assert Authenticator.objects.get().data == {"name": "x"}
