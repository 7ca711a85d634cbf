"""The phone's position in a real browser: asked for on press, sent while the page is open."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import selectors, services
from kyojo.help.support.models import Evidence, Photo, Visit
from kyojo.help.support.tests.cast import (
    END,
    HOUSE,
    MIDORI,
    START,
    WEEK_BEFORE,
    cast_make,
    spoken_code,
    visit_make,
)
from kyojo.help.support.tests.test_photos import picture as picture_of
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


def minute(moment):
    """The browser's clock goes on while the test works."""
    return moment.replace(second=0, microsecond=0)


def evidence_times(uid):
    with tenant(MIDORI):
        return [
            (row.kind, row.moment, row.is_late, minute(row.device_at), row.server_at)
            for row in Evidence.objects.filter(visit_uid=uid).order_by("device_at")
        ]


def test_a_visit_without_network_is_kept_and_sent_once_in_order(cast, phone, moving):
    uid = visit_make(cast)
    with tenant(MIDORI):
        services.photos_allow(visit_uid=uid, by=cast.mother, allowed=True)
    moving.moment = START - timedelta(minutes=20)
    page = phone(cast.supporter, HOUSE[0], HOUSE[1])
    page.clock.install(time=moving.moment)
    page.goto(f"/visits/{uid}/")
    assert not page.get_by_label("写真").first.is_visible()
    page.get_by_role("button", name="向かいます").click()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function("caches.open('visits').then(c => c.keys()).then(k => k.length === 1)")

    page.context.set_offline(True)
    page.clock.set_system_time(START + timedelta(minutes=1))
    page.get_by_role("button", name="着きました。始めます").click()
    page.get_by_text("この電話に書きとめました").wait_for()
    page.reload()  # from the phone itself
    page.get_by_text("10:01 着きました").wait_for()
    picture = {"name": "IMG_1.png", "mimeType": "image/png", "buffer": picture_of("green", "PNG")}
    page.locator("input[type=file]").set_input_files(picture)
    page.get_by_role("button", name="写真を送る").click()
    page.get_by_text("10:01 写真").wait_for()
    page.clock.set_system_time(END)
    page.get_by_role("button", name="終わりました").click()
    page.get_by_text("12:00 終わりました").wait_for()
    assert not page.get_by_role("button", name="終わりました").is_visible()
    assert evidence(uid) == []

    moving.moment = END + timedelta(hours=3)
    page.clock.set_system_time(moving.moment)
    page.context.set_offline(False)
    page.get_by_text("確認を待っています").wait_for()
    assert evidence_times(uid) == [
        ("position", "start", True, START + timedelta(minutes=1), moving.moment),
        ("photo", "start", True, START + timedelta(minutes=1), moving.moment),
        ("position", "end", True, END, moving.moment),
    ]
    with tenant(MIDORI):
        visit = Visit.objects.get(uid=uid)
        assert Image.open(BytesIO(selectors.photo_here(uid, Photo.objects.get().uid))).size == (
            60,
            40,
        )
    hours = (minute(visit.started_at), minute(visit.ended_at))
    assert hours == (START + timedelta(minutes=1), END)
    assert visit.decision == "settle"
    assert page.evaluate("localStorage.getItem('kyojo-kept')") is None


def test_what_came_too_late_is_said_and_logging_out_takes_the_pages_away(cast, phone, moving):
    uid = visit_make(cast)
    moving.moment = START
    page = phone(cast.supporter, HOUSE[0], HOUSE[1])
    page.clock.install(time=START)
    page.goto(f"/visits/{uid}/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function("caches.open('visits').then(c => c.keys()).then(k => k.length === 1)")
    page.context.set_offline(True)
    page.get_by_role("button", name="もう着いています。始めます").click()
    page.get_by_text("この電話に書きとめました").wait_for()
    moving.moment = END + timedelta(hours=21)
    page.context.set_offline(False)
    page.get_by_text("センターにお電話ください").first.wait_for()
    page.get_by_text("書きとめた記録は受け取れませんでした").wait_for()
    page.goto("/logout/")
    page.wait_for_function("caches.has('visits').then(has => !has)")
