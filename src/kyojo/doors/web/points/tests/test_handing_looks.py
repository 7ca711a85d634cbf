"""Selling, papers, fees, beginning and handing in a browser: no accessibility violation, nothing
wider than the screen, no word from the console."""

from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Page, sync_playwright

from kyojo.civic.earnings import services
from kyojo.civic.earnings.testing import install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import FUMI, KEN, make_officer, make_supporter
from kyojo.civic.programmes.rules.presets import preset
from kyojo.doors.web.testing import PHONE, looked_at, signed_in
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
NOW = clock.at(date(2026, 11, 20), 18)
FEES = '\n[[fees]]\nname = "年会費"\nyen = 1200\neach = "year"\n'


@pytest.fixture(autouse=True)
def _november(monkeypatch):
    """The clock of this process, the site's threads included."""
    offset = NOW - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    # Playwright's loop runs in this thread; the ORM is called between its calls, never inside.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def town(live_site, towns):
    """Somebody who bought tickets, has some on paper and was lent hours."""
    install(towns.midori.id, "ticket", document=preset("ticket") + FEES)
    install(towns.midori.id, "time")
    fumi, ken = (make_supporter(towns.midori.id, who) for who in (FUMI, KEN))
    officer = make_officer(towns.midori.id)
    with tenant(towns.midori.id):
        common = {"programme_code": "ticket", "person": fumi, "by": officer}
        sale = services.units_buy(uid=new_id(), amount=12, reference="領収 31", **common)
        printing = services.papers_print(uid=new_id(), amount=3, **common)
        services.paper_take_in(uid=new_id(), token_or_number="2", **common)
        services.paper_void(programme_code="ticket", number=3, reason="落とした", by=officer)
        services.fee_pay(
            uid=new_id(), name="年会費", fiscal_year=2026, reference="領収 9", **common
        )
        services.circulation_start(programme_code="time", person=fumi)
        services.units_hand(
            uid=new_id(),
            programme_code="time",
            giver=fumi,
            receiver_number=ken.number,
            amount=90,
            use="help",
        )
    return fumi, ken, officer, sale, printing


@pytest.mark.slow
def test_every_page_is_for_everybody(live_site, chromium, town):
    fumi, ken, officer, sale, printing = town
    desk = "/desk/points/ticket/"
    pages = {
        fumi.user: {
            "me-time": "/me/points/time/",
            "me-ticket": "/me/points/ticket/",
            "me-hand": "/me/points/time/hand/",
        },
        ken.user: {
            "me-start": "/me/points/time/",
            "me-hand-nothing": "/me/points/ticket/hand/",
        },
        officer: {
            "desk-home": "/desk/points/",
            "desk-sales": f"{desk}sales/",
            "desk-sale-new": f"{desk}sales/new/",
            "desk-sale": f"{desk}sales/{sale.uid}/",
            "desk-papers": f"{desk}papers/",
            "desk-papers-new": f"{desk}papers/new/",
            "desk-papers-take": f"{desk}papers/take/?member={fumi.number}",
            "desk-paper": f"{desk}papers/1/",
            "desk-papers-printed": f"{desk}papers/printed/{printing.uid}/",
            "desk-fees": f"{desk}fees/",
            "desk-fee-new": f"{desk}fees/new/",
            "desk-start": f"/desk/points/time/members/{ken.uid}/start/",
            "desk-member": f"/desk/points/members/{fumi.uid}/",
        },
    }
    found: list[object] = []

    def heard(told: object) -> None:
        if "status of 422" not in getattr(told, "text", ""):
            found.append(str(told))

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for user, addresses in pages.items():
            context = browser.new_context(base_url=live_site.url, locale="ja-JP", viewport=PHONE)
            page = signed_in(context, live_site.url, user)
            page.on("console", heard)
            page.on("pageerror", heard)
            for name, address in addresses.items():
                answer = page.goto(address)
                assert answer is not None and answer.status == 200, address
                found += looked_at(page, name)
            if user == fumi.user:
                found += handed_over(page, ken)
            if user == officer:
                found += sold(page, fumi)
            context.close()
        browser.close()
    assert found == []


def handed_over(page: Page, ken) -> list[object]:
    page.goto("/me/points/time/hand/")
    page.get_by_label("手伝いのお礼").check()
    page.get_by_label("受け取る人の会員番号").fill(ken.number)
    page.get_by_label("受け取る人の苗字").fill("だれか")
    page.get_by_label("渡す時間（分）").fill("45")
    with page.expect_navigation():
        page.get_by_role("button", name="確認へ進む").click()
    found = looked_at(page, "me-hand-wrong")
    page.get_by_label("受け取る人の苗字").fill("はるかぜ")
    with page.expect_navigation():
        page.get_by_role("button", name="確認へ進む").click()
    found += looked_at(page, "me-hand-check")
    with page.expect_navigation():
        page.get_by_role("button", name="45分を渡す").click()
    assert page.get_by_text("春風さんに渡しました").is_visible()
    return found + looked_at(page, "me-handed")


def sold(page: Page, fumi) -> list[object]:
    page.goto("/desk/points/ticket/sales/new/")
    page.get_by_label("会員", exact=True).fill(fumi.number)
    page.get_by_label("領収の番号").fill("領収 32")
    with page.expect_navigation():
        page.get_by_role("button", name="確認へ進む").click()
    found = looked_at(page, "desk-sale-wrong")
    page.get_by_label("枚数").fill("5")
    with page.expect_navigation():
        page.get_by_role("button", name="確認へ進む").click()
    found += looked_at(page, "desk-sale-check")
    with page.expect_navigation():
        page.get_by_role("button", name="4,000円の受け取りを記録する").click()
    assert page.get_by_text("受け取りを記録しました").is_visible()
    return found
