"""The forms of 制度と版 in a browser: no accessibility violation, nothing wider than the screen,
and a programme that begins without JavaScript."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, sync_playwright

from kyojo.civic.earnings.testing import install
from kyojo.civic.earnings.tests.paid_cast import fill, pair, write_down
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import make_officer
from kyojo.civic.programmes.models import Programme
from kyojo.doors.web.testing import looked_at, signed_in
from kyojo.kernel import clock

pytestmark = pytest.mark.browser
LIST = "/desk/points/rules/"


def pressed(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=button).first.click()


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_is_for_everybody(live_site, towns, chromium, monkeypatch, width):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    for code in ("paid-invoice", "paid-passbook", "time-deposit", "time", "sanjo"):
        install(towns.midori.id, code)
    officer = make_officer(towns.midori.id)
    helped, helper = pair(towns.midori.id)
    fill(helped, "paid-passbook", 50_000)
    for days in (1, 2):
        day = clock.today() - timedelta(days=days)
        write_down(helper, helped, "paid-passbook", day=day, costs_yen=400 * days)
        write_down(helper, helped, "paid-invoice", day=day, hour=14, activity="garden")
    pages = {
        "list": LIST,
        "one-invoice": f"{LIST}paid-invoice/",
        "one-passbook": f"{LIST}paid-passbook/",
        "figures-invoice": f"{LIST}paid-invoice/figures/",
        "figures-passbook": f"{LIST}paid-passbook/figures/",
        "figures-time": f"{LIST}time/figures/",
        "figures-sanjo": f"{LIST}sanjo/figures/",
        "begin": f"{LIST}new/paid-cash/form/",
        "begin-taken": f"{LIST}new/sanjo/form/",
        "member": f"/desk/points/members/{helper.uid}/",
    }
    found: list[object] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        context = browser.new_context(
            base_url=live_site.url, locale="ja-JP", viewport={"width": width, "height": 844}
        )
        page = signed_in(context, live_site.url, officer)
        page.on(
            "console",
            lambda told: "status of 422" in told.text or found.append((page.url, told.text)),
        )
        page.on("pageerror", lambda error: found.append((page.url, str(error))))
        for name, address in pages.items():
            answer = page.goto(address)
            assert answer is not None and answer.status == 200, address
            found += looked_at(page, f"rules-{name}", width)
        page.goto(f"{LIST}paid-passbook/figures/")
        page.fill("[name=costs_most_yen]", "1,500")
        page.fill("[name=share_percent]", "40")
        pressed(page, "確かめる")
        assert page.get_by_role("heading", name="本当の手伝いで試すと").is_visible()
        found += looked_at(page, "rules-figures-checked", width)
        page.goto(f"{LIST}paid-invoice/figures/")
        page.check("[name=share][value=part_donated]", force=True)
        page.fill("[name=activity_garden]", "たくさん")
        pressed(page, "確かめる")
        found += looked_at(page, "rules-figures-errors", width)
        page.goto(f"{LIST}new/paid-cash/form/")
        page.fill("[name=code]", "みどり")
        pressed(page, "確かめる")
        found += looked_at(page, "rules-begin-errors", width)
        page.fill("[name=code]", "midori-otasuke")
        pressed(page, "確かめる")
        found += looked_at(page, "rules-begin-checked", width)
        browser.close()
    assert found == []


def test_a_programme_begins_without_javascript(live_site, towns, chromium, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    install(towns.midori.id, "ticket")  # the town has an operator
    officer = make_officer(towns.midori.id)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        context = browser.new_context(base_url=live_site.url, java_script_enabled=False)
        page = signed_in(context, live_site.url, officer)
        page.goto(LIST)
        with page.expect_navigation():
            page.get_by_role("link", name="助け合いサービス（通帳）").click()
        page.fill("[name=name]", "みどり浜おたすけ通帳")
        page.fill("[name=code]", "midori-tsucho")
        page.fill("[name=bought_yen]", "900")
        pressed(page, "確かめる")
        assert page.get_by_role("heading", name="この文書で始められます").is_visible()
        pressed(page, "公開する")
        assert page.get_by_role("heading", name="みどり浜おたすけ通帳").first.is_visible()
        assert page.get_by_text("1時間で900円（事務費150円）。通帳で精算").is_visible()
        browser.close()
    with tenant(towns.midori.id):
        assert Programme.objects.get(code="midori-tsucho").name == "みどり浜おたすけ通帳"
