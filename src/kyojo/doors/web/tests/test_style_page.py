"""Every part in a real browser: accessible, inside the screen, and nothing that CSP refuses."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import override_settings
from playwright.sync_api import Browser, sync_playwright

pytestmark = pytest.mark.browser


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser
        browser.close()


@pytest.mark.parametrize(
    ("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light"), (320, "light")]
)
def test_every_part_is_accessible_and_fits(
    live_site: SimpleNamespace, browser: Browser, width: int, scheme: Any
) -> None:
    with override_settings(ROOT_URLCONF="kyojo.doors.web.tests.probe_urls"):
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{live_site.url}/style/?errors=1")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
        violations = [
            f"{found['id']}: {found['nodes'][0]['html'][:200]}"
            for found in Axe().run(page).response["violations"]
        ]
        context.close()
    assert violations == []
    assert complaints == []
    assert [url for url in asked if not url.startswith(live_site.url)] == []
    fonts = {url.rsplit("/", 1)[1] for url in asked if url.endswith(".woff2")}
    assert fonts == {"biz-udpgothic-regular.woff2", "biz-udpgothic-bold.woff2"}


def test_a_rare_kanji_of_a_name_brings_its_font(
    live_site: SimpleNamespace, browser: Browser
) -> None:
    with override_settings(ROOT_URLCONF="kyojo.doors.web.tests.probe_urls"):
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{live_site.url}/style/")
        with page.expect_request("**/biz-udpgothic-regular-rare.woff2"):
            page.evaluate("document.querySelector('main p').textContent = '髙﨑 さん'")
        page.close()
