"""Shops and coupons in a browser, of the member, the shop and the office: no accessibility
violation, nothing wider than the screen, no word from the console."""

from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import sync_playwright

from kyojo.civic.earnings import services
from kyojo.civic.earnings.testing import PAYEE, install
from kyojo.civic.earnings.tests.shops_cast import NOW, approved, buyer, made, open_shop, take
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import FUMI, make_officer
from kyojo.doors.web.testing import PHONE, looked_at, signed_in
from kyojo.kernel import clock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def _december(monkeypatch):
    """The clock of this process, the site's threads included."""
    offset = clock.at(date(2026, 12, 3), 9) - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.mark.slow
def test_every_page_is_for_everybody(live_site, chromium, towns):
    town = towns.midori.id
    fumi, shop, officer = buyer(town, FUMI), open_shop(town), make_officer(town)
    install(town, "paid-cash")
    with clock.frozen(NOW):
        one = approved(fumi, 25)
        first, second, third = made(one)
        take(first)
        wanted = approved(fumi, 5)
    with tenant(town):
        services.shop_account_set(uid=shop.uid, payee=PAYEE, by=officer)
        services.coupon_void(token=third.token, reason="落とした", by=officer)
    desk = "/desk/points/exchange/"
    rules = "/desk/points/rules/"
    pages = {
        fumi.user: {"me": "/me/points/exchange/", "thanks": "/me/points/paid-cash/thanks/"},
        shop.user: {
            "home": "/shop/",
            "coupon": f"/shop/{second.token}/",
            "used": f"/shop/{first.token}/",
        },
        officer: {
            "application": f"{desk}applications/{one.uid}/",
            "approved": f"{desk}applications/{wanted.uid}/",
            "shops": f"{desk}shops/",
            "shop-new": f"{desk}shops/new/",
            "shop": f"{desk}shops/{shop.uid}/",
            "month": f"{desk}shops/2026/11/",
            "bank": f"{desk}shops/2026/11/bank/",
            "coupons": f"{desk}coupons/",
            "desk-coupon": f"{desk}coupons/{first.token}/",
            "tables": f"{rules}paid-cash/tables/",
            "table-spenders": f"{rules}exchange/tables/spenders/",
            "table-fees": f"{rules}exchange/tables/fees/",
        },
    }
    found: list[object] = []

    def heard(told: object) -> None:
        if "status of 409" not in getattr(told, "text", ""):
            found.append(str(told))

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for user, addresses in pages.items():
            context = browser.new_context(base_url=live_site.url, locale="ja-JP", viewport=PHONE)
            page = signed_in(context, live_site.url, user)
            page.on("console", heard)
            page.on("pageerror", heard)
            for name, address in addresses.items():
                page.goto(address)
                found += looked_at(page, f"shops-{name}", 390, 1280)
            context.close()
        browser.close()
    assert found == []
