"""Cards and buttons in a browser: the card at the door on a phone, the desk's pages."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.doors.web.testing import PHONE, looked_at, signed_in
from kyojo.help.support import services
from kyojo.help.support.services import Signal
from kyojo.help.support.tests.cast import MIDORI, START, WEEK_BEFORE, cast_make, visit_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch):
    """The clock of this process, the site's threads included."""
    offset = START - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def town(live_site, towns):
    with clock.frozen(WEEK_BEFORE):
        cast = cast_make()
        visit_make(cast)
        with tenant(MIDORI):
            at_home = {"by": cast.officer, "recipient_uid": cast.mother.uid}
            made = services.tag_enrol(uid=new_id(), kind="qr_card", label="玄関のカード", **at_home)
            services.tag_enrol(
                uid=new_id(), kind="button", label="台所", hardware_id="70" * 8, **at_home
            )
            services.tag_enrol(
                uid=new_id(),
                kind="beacon",
                label="カギのビーコン",
                by=cast.officer,
                carrier_uid=cast.supporter.uid,
                hardware_id="ac233fa00001",
            )
    cast.extra |= {"code": made.code, "url": live_site.url}
    return cast


@pytest.mark.slow
def test_the_pages(town, chromium):
    site, found = town.extra["url"], []
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = signed_in(browser.new_context(viewport=PHONE), site, town.supporter.user)
        page.goto(f"{site}/c/{MIDORI}/{town.extra['code']}/")
        found += looked_at(page, "card", 390)
        with page.expect_navigation():
            page.get_by_role("button", name="着きました。始めます").click()
        page.goto(f"{site}/c/{MIDORI}/{town.extra['code']}/")
        found += looked_at(page, "card-started", 390)
        other = signed_in(browser.new_context(viewport=PHONE), site, town.second.user)
        other.goto(f"{site}/c/{MIDORI}/{town.extra['code']}/")
        found += looked_at(other, "card-nothing", 390)

        desk = signed_in(browser.new_context(), site, town.officer)
        desk.goto(f"{site}/desk/members/{town.mother.uid}/tags/")
        found += looked_at(desk, "tags")
        desk.get_by_label("置く場所の名前").fill("寝室のカード")
        with desk.expect_navigation():
            desk.get_by_role("button", name="登録する").click()
        found += looked_at(desk, "tag-made")
        desk.goto(f"{site}/desk/members/{town.supporter.uid}/tags/")
        found += looked_at(desk, "beacons")
        with tenant(MIDORI):
            for counter in range(-25, 0):
                signal = Signal(new_id(), counter, clock.now())
                services.button_heard(hardware_id="70" * 8, signal=signal)
        desk.goto(f"{site}/desk/buttons/")
        desk.get_by_label("名前").fill("屋上の基地局")
        with desk.expect_navigation():
            desk.get_by_role("button", name="登録して、鍵を表示する").click()
        found += looked_at(desk, "buttons")
        browser.close()
    assert found == []
