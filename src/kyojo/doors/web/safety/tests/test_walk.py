"""A morning in a browser: a supporter presses, the desk takes it, nobody ends the visit; and the
pages of safety are looked at on the way."""

from datetime import time, timedelta

import pytest
from playwright.sync_api import sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.doors.web.testing import PHONE, looked_at, signed_in
from kyojo.help.safety import services
from kyojo.help.safety.models import Emergency
from kyojo.help.support.services import visit_check_in
from kyojo.help.support.tests.cast import (
    AT_HOUSE,
    END,
    HOUSE,
    MIDORI,
    START,
    WEEK_BEFORE,
    cast_make,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_help_is_asked_for_and_comes(towns, live_site, chromium, monkeypatch):
    moment = [WEEK_BEFORE]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    cast = cast_make()
    uid = visit_make(cast)
    moment[0] = START + timedelta(minutes=5)
    with tenant(MIDORI):
        visit_check_in(visit_uid=uid, supporter=cast.supporter, nonce=new_id(), position=AT_HOUSE)
        services.duty_save(
            uid=new_id(), user_id=cast.officer.pk, phone="09000000000", days=range(7),
            start=time(8), end=time(18), by=cast.officer,
        )  # fmt: skip
    found: list[object] = []
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium)
        context = chrome.new_context(base_url=live_site.url, locale="ja-JP", viewport=PHONE)
        context.grant_permissions(["geolocation"])
        context.set_geolocation({"latitude": HOUSE[0], "longitude": HOUSE[1], "accuracy": 15})
        phone = signed_in(context, live_site.url, cast.supporter.user)
        office = chrome.new_context(base_url=live_site.url, locale="ja-JP")
        desk = signed_in(office, live_site.url, cast.officer)

        # Two touches: 「困ったとき」 in the header, then the button.
        phone.goto(f"/visits/{uid}/")
        button = phone.get_by_role("button", name="いま、センターに助けを求める")
        waits = phone.get_by_text("まだ送れていません")
        assert not button.is_visible() and not waits.is_visible()
        phone.get_by_role("link", name="困ったとき").click()
        button.wait_for()
        assert not waits.is_visible()
        found += looked_at(phone, "safety-visit-sos", 390)
        desk.goto("/desk/safety/oncall/")
        found += looked_at(desk, "safety-oncall")
        context.set_offline(True)
        button.click()
        waits.wait_for()
        assert phone.locator('#sos a[href="tel:119"]').is_visible()
        with phone.expect_navigation():
            context.set_offline(False)
        phone.get_by_role("heading", name="センターに知らせました").wait_for()
        with tenant(MIDORI):
            assert Emergency.objects.count() == 1
        for number in ("119", "110", "0120000027", "09000000000"):
            assert phone.locator(f'a[href^="tel:{number[:6]}"]').first.is_visible(), number
        found += looked_at(phone, "safety-sos", 390)

        desk.goto("/desk/")
        alarm = desk.get_by_role("alert")
        assert "助けを求める知らせがあります" in alarm.inner_text()
        found += looked_at(desk, "safety-alarm")
        with desk.expect_navigation():
            alarm.get_by_role("link").click()
        found += looked_at(desk, "safety-emergency")
        assert desk.get_by_text("電話の位置").first.is_visible()
        with desk.expect_navigation():
            desk.get_by_role("button", name="受けます").click()
        phone.get_by_role("heading", name="センターが受けました").wait_for(timeout=15_000)
        desk.get_by_label("無事を確かめた").check()
        with desk.expect_navigation():
            desk.get_by_role("button", name="終える").click()
        desk.goto("/desk/safety/")
        found += looked_at(desk, "safety-home")

        # Pressed again, and said to be a mistake: the office is still waited for.
        moment[0] += timedelta(minutes=5)
        phone.goto(f"/visits/{uid}/sos/")
        with phone.expect_navigation():
            phone.get_by_role("button", name="いま助けを求める").click()
        with phone.expect_navigation():
            phone.get_by_role("button", name="まちがえて押しました").click()
        phone.get_by_role("heading", name="まちがいだったと伝えました").wait_for()
        found += looked_at(phone, "safety-sos-mistake", 390)
        desk.goto("/desk/safety/")
        with desk.expect_navigation():
            desk.get_by_role("alert").get_by_role("link").click()
        found += looked_at(desk, "safety-emergency-mistake")
        with desk.expect_navigation():
            desk.get_by_role("button", name="受けます").click()

        # Nobody ended the visit.
        for minutes in (31, 47):
            moment[0] = END + timedelta(minutes=minutes)
            with tenant(MIDORI):
                services.late_look()
        phone.goto(f"/visits/{uid}/")
        found += looked_at(phone, "safety-late-asked", 390)
        desk.goto("/desk/safety/late/")
        found += looked_at(desk, "safety-lates")
        chrome.close()
    assert found == []
