"""Somebody has everything about them erased, in real Chromium on a phone: told before what goes and
what stays, taken back once, asked for again; then they are gone and the books are whole."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect, sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import home_set
from kyojo.commons.privacy import tasks
from kyojo.commons.privacy.testing import traces, words_of
from kyojo.doors.ops import verify
from kyojo.doors.ops.check import findings_all
from kyojo.doors.web.testing import PHONE, looked_at, signed_in
from kyojo.help.support.services import review_write, visit_confirm
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    WEEK_BEFORE,
    cast_make,
    check_in,
    check_out,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id
from kyojo.ledger.log.tests.cast import logged

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
AFTER = END + timedelta(days=3)
PHONE_NUMBER, HOME = "0312345678", "沖見台 3丁目 3番 33号"


@pytest.fixture
def moment():
    """``moment(at)``: what time it is, for the test and for the site's threads."""

    def is_now(at: datetime) -> None:
        clock.set_offset_source(lambda: at - datetime.now(UTC))

    yield is_now
    clock.set_offset_source(clock._no_offset)


@pytest.fixture
def town(towns, moment, monkeypatch):
    """春風 けん came once, was thanked and got 40 coins."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    moment(WEEK_BEFORE)
    cast = cast_make()
    uid = visit_make(cast)
    check_in(cast, uid, at=START)
    check_out(cast, uid, at=END)
    with clock.frozen(END), tenant(KITA):
        visit_confirm(visit_uid=uid, carer=cast.carer)
        review_write(
            order_id=new_id(), visit_uid=uid, writer=cast.carer, rating=5, message="春風さんへ"
        )
    with tenant(MIDORI):
        home_set(person=cast.supporter, address=HOME, latitude=34.86, longitude=138.32)
        Person.objects.filter(pk=cast.supporter.pk).update(phone=PHONE_NUMBER)
        cast.supporter = Person.objects.select_related("user").get(pk=cast.supporter.pk)
    moment(AFTER)
    return cast


def asked_for(page: Page) -> None:
    page.get_by_role("checkbox", name="消えるものと、残るものを読みました").check()
    with page.expect_navigation():
        page.get_by_role("button", name="14日後に、記録を消す").click()
    said = page.get_by_role("heading", name=re.compile("記録の消去を.*受け付けています"))
    expect(said).to_be_visible()


def test_they_are_gone_and_the_books_are_whole(
    town, live_site, chromium, moment, tmp_path, owner_cursor, as_owner
):
    person = town.supporter
    words = words_of(person)
    logged(tmp_path / "keys")
    assert {one.split(": ")[1] for one in traces(owner_cursor.connection, words)} >= {
        person.name, person.kana, PHONE_NUMBER, HOME, str(person.uid), person.user.email,
    }  # fmt: skip
    found: list[object] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        context = browser.new_context(base_url=live_site.url, locale="ja-JP", viewport=PHONE)
        page = signed_in(context, live_site.url, person.user)
        page.goto("/me/")
        with page.expect_navigation():
            page.get_by_role("link", name="わたしのデータ").click()
        found += looked_at(page, "data", 390)
        for name in ("consents", "mine", "kept"):
            page.goto(f"/me/data/{name}/")
            found += looked_at(page, f"data-{name}", 390)
        page.goto("/me/data/")
        with page.expect_navigation():
            page.get_by_role("link", name="記録を消す").click()
        found += looked_at(page, "data-erase", 390)
        with page.expect_navigation():
            page.get_by_role("button", name="14日後に、記録を消す").click()
        expect(page.get_by_role("alert")).to_contain_text("印をつけてください")
        asked_for(page)
        found += looked_at(page, "data-erase-asked", 390)
        with page.expect_navigation():
            page.get_by_role("button", name="消去を取り下げる").click()
        expect(page.get_by_text("消去を取り下げました")).to_be_visible()
        page.goto("/me/data/erase/")
        asked_for(page)
        moment(AFTER + timedelta(days=15))
        tasks.erasures_run_due()
        page.goto("/me/")
        assert "/login/" in page.url
        context = browser.new_context(base_url=live_site.url, locale="ja-JP", viewport=PHONE)
        desk = signed_in(context, live_site.url, town.officer)
        mother = f"/desk/members/{town.mother.uid}/data/"
        for address in (mother, "/desk/erasures/", "/desk/purges/", "/desk/consents/photo/"):
            desk.goto(address)
            found += looked_at(desk, "desk-" + address.strip("/").split("/")[-1], 1280)
        browser.close()
    assert found == []
    assert traces(owner_cursor.connection, words) == []
    with as_owner():
        assert findings_all() == []
    logged(tmp_path / "keys")
    call_command("log_export", str(tmp_path / "logs"), stdout=(tmp_path / "said").open("w"))
    for slug in ("kita-hinata", "midorihama"):
        assert verify.run(["verify", "log", str(tmp_path / "logs" / slug)]) == 0
