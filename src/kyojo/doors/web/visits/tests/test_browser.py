"""The phone's position in a real browser: asked for on press, sent while the page is open."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support.models import Evidence, Visit
from kyojo.help.support.tests.cast import (
    HOUSE,
    MIDORI,
    START,
    WEEK_BEFORE,
    cast_make,
    spoken_code,
    visit_make,
)
from kyojo.kernel import clock

pytestmark = pytest.mark.browser


class Moving:
    """The clock of this process, the site's threads included."""

    def __init__(self, monkeypatch):
        self.moment = WEEK_BEFORE
        monkeypatch.setattr(clock, "now", lambda: self.moment)


@pytest.fixture
def moving(monkeypatch):
    return Moving(monkeypatch)


@pytest.fixture
def cast(towns, moving):
    return cast_make()


@pytest.fixture
def phone(live_site, chromium, cast):
    """``phone(person, position)``: a page of a 390 px phone, logged in."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)

        def opened(person, latitude=None, longitude=None):
            client = Client()
            client.force_login(person.user, "django.contrib.auth.backends.ModelBackend")
            context = browser.new_context(
                viewport={"width": 390, "height": 844}, base_url=live_site.url
            )
            name = settings.SESSION_COOKIE_NAME
            value = client.cookies[name].value
            context.add_cookies([{"name": name, "value": value, "url": live_site.url}])
            if latitude is not None:
                context.grant_permissions(["geolocation"])
                context.set_geolocation(
                    {"latitude": latitude, "longitude": longitude, "accuracy": 18}
                )
            return context.new_page()

        yield opened
        browser.close()


@pytest.fixture(autouse=True)
def plain_orm(monkeypatch):
    # Playwright's loop runs in this thread; the ORM is called between its calls, never inside.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def evidence(uid):
    with tenant(MIDORI):
        return list(Evidence.objects.filter(visit_uid=uid).values_list("kind", "moment"))


def test_with_a_position(cast, phone, moving):
    uid = visit_make(cast)
    moving.moment = START - timedelta(minutes=5)
    page = phone(cast.supporter, HOUSE[0], HOUSE[1])
    page.goto(f"/visits/{uid}/")
    page.get_by_role("button", name="向かいます").click()
    page.get_by_role("button", name="着きました。始めます").click()
    page.get_by_text("支援中").wait_for()
    assert ("position", "start") in evidence(uid)
    page.get_by_role("button", name="終わりました").click()
    page.get_by_text("確認を待っています").wait_for()
    assert ("position", "end") in evidence(uid)


def test_without_one_the_code_is_asked_for(cast, phone, moving):
    uid = visit_make(cast)
    moving.moment = START
    page = phone(cast.supporter)
    page.goto(f"/visits/{uid}/")
    page.get_by_role("button", name="もう着いています。始めます").click()
    page.get_by_text("位置が分かりませんでした").first.wait_for()
    page.get_by_label("位置を使わずに始める：合言葉").fill(spoken_code(uid))
    page.get_by_role("button", name="合言葉で始める").click()
    page.get_by_text("支援中").wait_for()
    assert evidence(uid) == [("spoken_code", "start")]
    with tenant(MIDORI):
        assert Visit.objects.get(uid=uid).state == "started"
