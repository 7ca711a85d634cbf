"""The pages of paid help in a browser: no accessibility violation, nothing wider than the screen,
no word from the console, and a month that is billed and paid without JavaScript."""

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Page, sync_playwright

from kyojo.civic.earnings import services
from kyojo.civic.earnings.models import Invoice
from kyojo.civic.earnings.tests.paid_cast import fill, pair, void, write_down
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import make_officer
from kyojo.doors.web.testing import PHONE, looked_at, signed_in
from kyojo.kernel import clock

pytestmark = pytest.mark.browser
NOW = clock.at(date(2026, 11, 20), 18)
CODE = "paid-invoice"
DESK = f"/desk/points/{CODE}/"


@pytest.fixture(autouse=True)
def _november(monkeypatch):
    """The clock of this process, the site's threads included."""
    offset = NOW - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    # Playwright's loop runs in this thread; the ORM is called between its calls, never inside.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def month_of_help(towns):
    """Help of yesterday in three ways, some of it billed. (officer, who is helped, invoice)."""
    town = towns.midori.id
    day = clock.today() - timedelta(days=1)
    fumi, ken = pair(town, CODE, "ticket", "paid-passbook", "time-deposit", "paid-cash")
    officer = make_officer(town)
    fill(fumi, "ticket", 6)
    fill(fumi, "paid-passbook", 9_000)
    for hour, code, fields in (
        (7, CODE, {"activity": "garden"}),
        (10, CODE, {"activity": "errand"}),
        (12, "ticket", {"activity": "話し相手"}),
        (14, "paid-passbook", {"costs_yen": 320}),
        (16, "paid-cash", {"chosen_yen": 700}),
    ):
        write_down(ken, fumi, code, day=day, hour=hour, **fields)
    void(write_down(ken, fumi, CODE, day=day, hour=18, activity="clean"))
    with tenant(town):
        [invoice] = services.invoices_issue(
            programme_code=CODE,
            month=day,
            due_on=clock.today() + timedelta(days=20),
            by=officer,
        )
    write_down(ken, fumi, CODE, day=day, hour=20, activity="outing")
    return officer, fumi, ken, invoice


def day_typed(page: Page, name: str, day) -> None:
    for part in ("year", "month", "day"):
        page.fill(f"[name={name}_{part}]", str(getattr(day, part)))


def pressed(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()


@pytest.mark.slow
def test_every_page_is_for_everybody(live_site, towns, chromium):
    officer, fumi, ken, invoice = month_of_help(towns)
    day = clock.today() - timedelta(days=1)
    with tenant(fumi.municipality_id):
        line = invoice.lines.first()
    desk = {
        "home": "/desk/points/",
        "list": f"{DESK}help/",
        "none": f"{DESK}help/?words=zzz",
        "months": f"{DESK}help/months/",
        "new": f"{DESK}help/new/",
        "one": f"{DESK}help/{line.uid}/",
        "ticket": "/desk/points/ticket/help/",
        "invoices": f"{DESK}invoices/",
        "issue": f"{DESK}invoices/{day.year}/{day.month}/",
        "invoice": f"{DESK}invoices/{invoice.uid}/",
    }
    mine = {
        "me-invoice": f"/me/points/{CODE}/",
        "me-ticket": "/me/points/ticket/",
        "me-passbook": "/me/points/paid-passbook/",
        "me-cash": "/me/points/paid-cash/",
        "me-hours": "/me/points/time-deposit/",
        "thanks": "/me/points/paid-cash/thanks/",
    }
    found: list[object] = []

    def listened(page: Page) -> Page:
        page.on(
            "console",
            lambda told: "status of 422" in told.text or found.append((page.url, told.text)),
        )
        page.on("pageerror", lambda error: found.append((page.url, str(error))))
        return page

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for user, pages in ((officer, desk), (fumi.user, mine), (ken.user, mine)):
            context = browser.new_context(base_url=live_site.url, locale="ja-JP", viewport=PHONE)
            page = listened(signed_in(context, live_site.url, user))
            side = "ken-" if user == ken.user else ""
            for name, address in pages.items():
                answer = page.goto(address)
                assert answer is not None and answer.status == 200, address
                found += looked_at(page, f"paid-{side + name}")
            if user == officer:
                page.goto(f"{DESK}help/new/")
                pressed(page, "確認へ進む")
                found += looked_at(page, "paid-new-errors")
                page.fill("[name=helped]", fumi.number)
                page.fill("[name=helper]", ken.number)
                page.select_option("[name=activity]", "garden")
                day_typed(page, "day", day)
                page.fill("[name=start]", "5:00")
                page.fill("[name=end]", "6:30")
                page.check("[name=basis][value=phone]", force=True)
                pressed(page, "確認へ進む")
                found += looked_at(page, "paid-new-check")
            elif user == fumi.user:
                page.fill("[name=helper]", ken.number)
                page.fill("[name=family_name]", "はるかぜ")
                page.fill("[name=chosen_yen]", "800")
                day_typed(page, "day", day)
                page.fill("[name=start]", "5:00")
                page.fill("[name=end]", "6:30")
                pressed(page, "確認へ進む")
                found += looked_at(page, "paid-thanks-check")
            context.close()
        browser.close()
    assert found == []


def test_a_month_is_billed_and_paid_without_javascript(live_site, towns, chromium):
    town, day = towns.midori.id, clock.today() - timedelta(days=1)
    fumi, ken = pair(town, CODE)
    officer = make_officer(town)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        context = browser.new_context(base_url=live_site.url, java_script_enabled=False)
        page = signed_in(context, live_site.url, officer)
        page.goto(f"{DESK}help/new/")
        page.fill("[name=helped]", fumi.number)
        page.fill("[name=helper]", ken.number)
        page.select_option("[name=activity]", "garden")
        day_typed(page, "day", day)
        page.fill("[name=start]", "10")
        page.fill("[name=end]", "12")
        page.check("[name=basis][value=phone]", force=True)
        pressed(page, "確認へ進む")
        pressed(page, "この内容で記録する")
        page.goto(f"{DESK}invoices/{day.year}/{day.month}/")
        pressed(page, "1通の請求書を出す")
        with page.expect_navigation():
            page.get_by_role("link", name="-0001").click()
        day_typed(page, "paid_on", clock.today())
        page.fill("[name=reference]", "入金 1")
        pressed(page, "入金を記録する")
        assert page.get_by_text("入金ずみ").first.is_visible()
        browser.close()
    with tenant(town):
        assert [one.state for one in Invoice.objects.all()] == ["paid"]
