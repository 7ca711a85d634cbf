"""A carer scans the receipt with her phone: from the picture to the words."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support.tests.cast import KITA, WEEK_BEFORE, cast_make
from kyojo.kernel import clock
from kyojo.ledger.log import selectors as log
from kyojo.ledger.log.receipts import Receipt
from kyojo.ledger.tlog.notes import VerifierKey

from .logs import NOON, policy_write, settled, town_logs
from .scanning import scanned

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(live_site, towns, chromium, settings, tmp_path, monkeypatch):
    """A 390 px phone (three dots a pixel) of the carer's, at noon, and her cast."""
    # Playwright's loop runs in this thread; the ORM is called between its calls, never inside.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.LOG_POLICY = policy_write(tmp_path)
    settings.BASE_URL = live_site.url
    with clock.frozen(WEEK_BEFORE):
        cast = cast_make()
        visit = settled(cast)
    monkeypatch.setattr(clock, "now", lambda: NOON)
    client = Client()
    client.force_login(cast.carer.user, "django.contrib.auth.backends.ModelBackend")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, device_scale_factor=3, base_url=live_site.url
        )
        name = django_settings.SESSION_COOKIE_NAME
        context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": live_site.url}]
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        yield page, visit
        browser.close()


def in_order(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert Axe().run(page).response["violations"] == []


def test_a_carer_scans_the_code_and_reads_that_it_is_genuine(phone, tmp_path):
    page, (uid, code) = phone
    page.goto(f"/visits/{uid}/receipt/")
    page.get_by_text("記録中").wait_for()
    in_order(page)
    town_logs(tmp_path)
    page.get_by_text("記録されました").wait_for()  # by itself
    in_order(page)
    [address] = scanned(page, page.locator(".receipt .qr"))
    assert address.decode().endswith(f"/receipts/{code}/")

    page.get_by_text("証明を、手もとに残す").click()
    picture = page.locator(".qr--proof img")
    picture.scroll_into_view_if_needed()
    picture.evaluate("image => image.decode()")
    in_order(page)
    [proof] = scanned(page, picture)
    with page.expect_download() as download:
        page.get_by_text("証明のファイルを受け取る").click()
    file = download.value.path().read_bytes()
    assert proof == file
    with tenant(KITA):
        key = VerifierKey.parse(log.log_head(ledger=KITA).key)
    receipt = Receipt.parse(proof)
    receipt.verify(key=key, now=NOON)
    assert [side.name for side in receipt.sides] == ["debit"]

    page.context.clear_cookies()  # somebody else's phone
    page.goto(address.decode())
    page.get_by_role("heading", name="記録と合いました").wait_for()
    assert page.locator(".checks__one--ok").count() == 4
    in_order(page)
    page.get_by_role("link", name="北ひなた市の記録簿を見る").click()
    page.get_by_role("heading", name="北ひなた市のコインの記録簿").wait_for()
    in_order(page)


def test_a_receipt_that_does_not_hold_and_one_that_is_late(
    phone, tmp_path, owner_cursor, monkeypatch
):
    page, (uid, code) = phone
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=1))
    page.goto(f"/receipts/{code}/")
    page.get_by_role("heading", name="まだ、記録簿に入っていません").wait_for()
    in_order(page)
    town_logs(tmp_path)
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute("UPDATE ledger_transfer SET amount = amount + 1 WHERE kind = 'post'")
    page.reload()
    page.get_by_role("heading", name="記録と合いません").wait_for()
    in_order(page)
    page.goto(f"/visits/{uid}/receipt/")
    page.get_by_text("合わないところがあります").wait_for()
    in_order(page)
