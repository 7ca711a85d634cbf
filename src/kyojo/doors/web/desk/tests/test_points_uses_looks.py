"""The pages about using, at the desk and for members, in a browser: no accessibility violation,
nothing wider than the screen, no word from the console."""

from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import sync_playwright

from kyojo.civic.earnings import services
from kyojo.civic.earnings.testing import PAYEE, install, record, stand
from kyojo.civic.earnings.tests.paid_cast import write_down
from kyojo.civic.earnings.tests.uses_cast import CROP, MEAL, PRODUCT, gifts, stamped, stock_set
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import FUMI, KEN, make_officer, make_supporter
from kyojo.doors.web.testing import PHONE, looked_at, signed_in
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
NOW = clock.at(date(2026, 11, 20), 18)
PRICES = f'"{PRODUCT}" = 2, "{CROP}" = 1, "{MEAL}" = 4'


@pytest.fixture(autouse=True)
def _november(monkeypatch):
    """The clock of this process, the site's threads included."""
    offset = NOW - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def town(live_site, towns):
    """Somebody with gifts to choose, tickets to be paid for and an approved transfer."""
    gifts(towns.midori.id, PRICES)
    install(towns.midori.id, "ticket")
    install(towns.midori.id, "yokohama")
    fumi, officer = make_supporter(towns.midori.id, FUMI), make_officer(towns.midori.id)
    stamped(fumi, 5)
    stand(fumi)
    record(fumi, "yokohama", date(2026, 10, 5))
    record(fumi, "yokohama", date(2026, 10, 6))
    struck = record(fumi, "yokohama", date(2026, 10, 7))
    stock_set(fumi, PRODUCT, 3)
    stock_set(fumi, CROP, 0)
    with tenant(towns.midori.id):
        services.record_void(uid=struck.uid, reason="同じ活動を2回書いた", by=officer)
        for _ in range(2):
            asked = services.redemption_ask(
                uid=new_id(),
                programme_code="yokohama",
                person=fumi,
                use="cash",
                amount=100,
                payee=PAYEE,
            )
            services.redemption_approve(uid=asked.uid, by=officer)
        services.units_buy(
            uid=new_id(),
            programme_code="ticket",
            person=fumi,
            amount=2,
            reference="領収 1",
            by=officer,
        )
        services.papers_print(
            uid=new_id(), programme_code="ticket", person=fumi, amount=1, by=officer
        )
    return fumi, officer, paid_and_asked_back(fumi, officer)


def paid_and_asked_back(fumi, officer):
    """An invoice whose payment is to be taken back, help that is not billed and an application."""
    town, ken = fumi.municipality_id, make_supporter(fumi.municipality_id, KEN)
    install(town, "paid-invoice")
    write_down(ken, fumi, "paid-invoice", activity="garden", day=date(2026, 10, 7))
    with tenant(town):
        [invoice] = services.invoices_issue(
            programme_code="paid-invoice",
            month=date(2026, 10, 1),
            due_on=date(2026, 12, 20),
            by=officer,
        )
        services.invoice_paid(uid=invoice.uid, paid_on=NOW.date(), reference="入金 3", by=officer)
        services.payment_return_ask(
            uid=new_id(), invoice_uid=invoice.uid, reason="11月の入金でした", by=officer
        )
    write_down(ken, fumi, "paid-invoice", activity="clean")
    return invoice


@pytest.mark.slow
def test_every_page_is_for_everybody(live_site, chromium, town):
    fumi, officer, returning = town
    desk, member = "/desk/points/yokohama", f"/desk/points/members/{fumi.uid}/"
    pages = {
        fumi.user: {
            "me-goods": "/me/points/sanjo/use/goods/",
            "me-sanjo": "/me/points/sanjo/",
            "me-struck": "/me/points/yokohama/",
        },
        officer: {
            "home": "/desk/points/",
            "stock": "/desk/points/sanjo/stock/",
            "account": f"{desk}/account/",
            "applications": f"{desk}/applications/",
            "bank": f"{desk}/applications/bank/",
            "paid": f"{desk}/applications/paid/",
            "closing": f"{desk}/closing/2026/",
            "records": f"{desk}/records/",
            "member": member,
            "which": f"{member}leaving/",
            "leaving": f"{member}leaving/?event=leaving",
            "death": f"{member}leaving/?event=death",
            "end": f"{member}leaving/end/?event=quitting",
            "bill": f"{member}leaving/paid-invoice/2026/11/",
            "invoice-returning": f"/desk/points/paid-invoice/invoices/{returning.uid}/",
            "invoices": "/desk/points/paid-invoice/invoices/",
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
                assert answer is not None and answer.status == 200, (name, answer)
                found += looked_at(page, f"uses-{name}")
                if name in ("leaving", "paid", "me-goods"):
                    with page.expect_navigation():
                        page.locator("main button[type=submit], main form button").last.click()
                    found += looked_at(page, f"uses-{name}-errors")
            context.close()
        browser.close()
    assert found == []
