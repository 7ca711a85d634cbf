"""Every page of the guide in a browser: no accessibility violation, nothing wider than the screen,
no word from the console, and an answer without JavaScript."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import sync_playwright

from kyojo.civic.programmes.rules.presets import preset
from kyojo.doors.web.testing import PHONE, looked_at, too_wide

from .visitor import CLOSE, PAID, RIDE, SCHEME, WAGE, YES

pytestmark = pytest.mark.browser

NARROWEST = 320
PERMIT = {**RIDE, "received": "more", "carried": "anyone"}
del PERMIT["costs"]
WRONG = {**RIDE, "received": "nothing", "as_of_month": "13"}
PAGES = {
    "index": "/guide/",
    "currency": "/guide/currency/",
    "currency-no": f"/guide/currency/?{urlencode(YES | {'less_money_wanted': 'no'})}",
    "currency-open": f"/guide/currency/?{urlencode(YES | {'someone_runs_it': 'open'})}",
    "currency-yes": f"/guide/currency/?{urlencode(YES)}",
    "currency-kinds": f"/guide/currency/?{urlencode(YES | CLOSE)}",
    "paid": "/guide/paid/",
    "paid-answer": f"/guide/paid/?{urlencode(PAID)}",
    "transport": "/guide/transport/",
    "transport-none": f"/guide/transport/?{urlencode(RIDE)}",
    "transport-permit": f"/guide/transport/?{urlencode(PERMIT)}",
    "transport-errors": f"/guide/transport/?{urlencode(WRONG)}",
    "money": "/guide/money/",
    "money-wage": f"/guide/money/?{urlencode(WAGE)}",
    "money-errors": "/guide/money/?ask=wage&hourly_yen=x",
    "money-scheme": f"/guide/money/?{urlencode(SCHEME)}",
    "sample": "/guide/samples/exchange/",
    "document": "/guide/money/document/",
    "towns": "/towns/",
}


@pytest.mark.slow
def test_every_page_is_for_everybody(live_site, chromium):
    found: list[object] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        context = browser.new_context(base_url=live_site.url, locale="ja-JP", viewport=PHONE)
        page = context.new_page()
        page.on(
            "console",
            lambda told: "status of 422" in told.text or found.append((page.url, told.text)),
        )
        page.on("pageerror", lambda error: found.append((page.url, str(error))))
        for name, address in PAGES.items():
            page.goto(address)
            found += looked_at(page, f"guide-{name}") + too_wide(page, name, NARROWEST)
        for name, text in (("document-answer", preset("ticket")), ("document-faults", "code = 1")):
            page.goto("/guide/money/document/")
            page.fill("textarea", text)
            with page.expect_navigation():
                page.get_by_role("button", name="問いを見る").click()
            found += looked_at(page, f"guide-{name}") + too_wide(page, name, NARROWEST)
        browser.close()
    assert found == []


def test_an_answer_needs_no_javascript(live_site, chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        context = browser.new_context(base_url=live_site.url, java_script_enabled=False)
        page = context.new_page()
        page.goto("/guide/transport/")
        for words in ("だれでも", "会社", "何も受け取らない"):
            page.get_by_label(words).first.check()
        page.get_by_role("button", name="答えを見る").click()
        assert page.get_by_role("heading", name="A類型（登録は不要）").is_visible()
        page.goto("/guide/currency/")
        for group in page.get_by_role("group").all():
            group.get_by_label("はい", exact=True).check()
        page.get_by_role("button", name="答えを見る").click()
        page.get_by_label("やや薄い").check()
        page.get_by_role("button", name="合う種類を見る").click()
        assert page.get_by_role("heading", name="合う種類").is_visible()
        browser.close()
