"""In a browser: staff make a passkey and an app's numbers and show them; a carer on a new device is
asked about her own visits; every page of it looked at."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from playwright.sync_api import BrowserContext, Page, sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import stepping_domain
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import (
    device_record,
    login_link_url,
    mail_change_ask,
    mail_change_confirm,
)
from kyojo.civic.people.testing import make_coordinator
from kyojo.doors.web.security import questions
from kyojo.doors.web.testing import PHONE, looked_at
from kyojo.help.support.tests.cast import KITA, START, WEEK_BEFORE, Cast, cast_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def site(live_site, settings, monkeypatch):
    """By its name, as passkeys want it; that week in November, in the site's threads as well."""
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    settings.BASE_URL = live_site.url.replace("127.0.0.1", "localhost")
    offset = START - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    return settings.BASE_URL


def visits_of(person: Person) -> list[stepping_domain.Met]:
    """Three visits that the carer remembers."""
    days = ((2, "春風", "庭の手入れ"), (6, "朝露", "買い物"), (11, "春風", "話し相手"))
    at = clock.local(WEEK_BEFORE)
    return [stepping_domain.Met(name, kind, at - timedelta(days=n), True) for n, name, kind in days]


def with_a_key(context: BrowserContext) -> Page:
    """A page on a device with a screen lock."""
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name).first.click()


def follow(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=name).first.click()


def come_in(page: Page, user, next_path: str) -> None:
    user.refresh_from_db()
    page.goto(login_link_url(user, next_path=next_path))
    press(page, "ログインする")


@pytest.mark.slow
def test_the_pages(site, towns, chromium, monkeypatch):
    monkeypatch.setattr(questions, "history", visits_of)
    with clock.frozen(WEEK_BEFORE):
        cast = cast_make()
        coordinator = make_coordinator(KITA)
        with tenant(KITA):
            device_record(user=cast.carer.user, key="k" * 32, name="iPhone", trusted=True)
            Person.objects.filter(pk=cast.carer.pk).update(
                latitude=36.6, longitude=138.2, address="みほん町1"
            )
            changed = mail_change_ask(uid=new_id(), user=cast.stranger.user, email="new@example.jp")
            mail_change_confirm(uid=changed.uid, user=cast.stranger.user, code=changed.code)
    found: list[object] = []
    with sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path=chromium, args=["--disable-background-networking"]
        )
        found += staff(with_a_key(browser.new_context(locale="ja-JP")), cast.kita_officer, cast)
        found += figures(browser.new_context(locale="ja-JP").new_page(), coordinator)
        phone = browser.new_context(locale="ja-JP", viewport=PHONE)
        found += carer(phone.new_page(), cast.carer)
        browser.close()
    assert found == []
    client = Client()
    client.force_login(cast.kita_officer, backend="sesame.backends.ModelBackend")
    assert client.get("/desk/").status_code == 302


def staff(page: Page, user, cast: Cast) -> list[object]:
    """A passkey, its recovery codes, the desk; later it is asked for again. Then a member whose
    mail address has changed."""
    come_in(page, user, "/desk/")
    assert "/security/set-up/" in page.url
    found = looked_at(page, "set-up")
    follow(page, "パスキーを作る")
    press(page, "この機械を登録する")
    assert page.get_by_role("heading", name="控えの番号").is_visible()
    found += looked_at(page, "recovery")
    follow(page, "控えました。続きへ")
    assert page.url.endswith("/desk/")
    page.goto(page.url.replace("/desk/", "/desk/logins/"))
    found += looked_at(page, "logins")
    page.goto(page.url.replace("/desk/logins/", "/accounts/2fa/webauthn/"))
    found += looked_at(page, "keys")
    page.context.clear_cookies()
    come_in(page, user, "/desk/")
    assert "/security/second/" in page.url
    found += looked_at(page, "second")
    press(page, "パスキーで確かめる")
    assert page.url.endswith("/desk/")
    page.goto(page.url + f"members/{cast.stranger.uid}/")
    follow(page, "本人でないときに、元に戻す")
    found += looked_at(page, "desk-mail", 1280)
    press(page, "このアドレスに戻す")
    return found + looked_at(page, "desk-mail-wrong", 1280)


def figures(page: Page, user) -> list[object]:
    """The numbers of an app, on a computer without a passkey."""
    come_in(page, user, "/desk/")
    follow(page, "アプリの数字を使う")
    found = looked_at(page, "app")
    secret = re.sub(r"\s", "", page.locator("code").inner_text())

    def type_in(label: str, halves: int) -> None:
        code = format_hotp_value(hotp_value(secret, int(time.time()) // 30 + halves))
        page.get_by_label(label).fill(code)

    page.get_by_label("アプリに出ている6けたの数字").fill("1")
    press(page, "この数字で登録する")
    found += looked_at(page, "app-wrong", 390)
    type_in("アプリに出ている6けたの数字", 0)
    press(page, "この数字で登録する")
    follow(page, "控えました。続きへ")
    assert page.url.endswith("/desk/")
    page.context.clear_cookies()
    come_in(page, user, "/desk/")
    page.get_by_label("アプリの6けたの数字").fill("1")
    press(page, "確かめる")
    found += looked_at(page, "second-wrong", 390)
    type_in("アプリの6けたの数字", 1)
    press(page, "確かめる")
    assert page.url.endswith("/desk/")
    return found


def carer(page: Page, person: Person) -> list[object]:
    """On a new telephone, before her home is changed; then the devices."""
    come_in(page, person.user, "/me/home/")
    assert "/security/step/" in page.url
    found = looked_at(page, "step")
    answer(page, person, wrong=True)
    found += looked_at(page, "step-wrong", 390)
    answer(page, person)
    assert page.url.endswith("/me/home/")
    page.goto(page.url.replace("/me/home/", "/me/devices/"))
    found += looked_at(page, "devices")
    return found


def answer(page: Page, person: Person, *, wrong: bool = False) -> None:
    for number, met in enumerate(visits_of(person)):
        group = page.get_by_role("group").nth(number)
        edges = stepping_domain.PART_EDGES
        part = stepping_domain.DAY_PARTS[sum(met.at.hour >= edge for edge in edges)]
        true = (f"{met.other}さん", met.category, f"{'月火水木金土日'[met.at.weekday()]}曜日", part)
        labels = group.locator("label").all_inner_texts()
        right = next((i for i, one in enumerate(labels) if one.strip() in true), len(labels) - 1)
        group.locator("input").nth((right + wrong) % len(labels)).check()
    press(page, "こたえる")
