"""A block, in the browser: after a visit the carer reports the supporter and parts from them in one
form; nobody shows them to each other any more, and the other one sees nothing of it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect, sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.doors.web.testing import PHONE, looked_at, signed_in
from kyojo.help.community.models import Case
from kyojo.help.support.services import visit_confirm
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    WEEK_BEFORE,
    cast_make,
    check_in,
    check_out,
    request_make,
    visit_make,
)
from kyojo.kernel import clock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
AFTER = END + timedelta(hours=2)


@pytest.fixture
def town(live_site, towns, monkeypatch):
    """A visit that is over, and a new request; two hours after the visit, also for the site."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with clock.frozen(WEEK_BEFORE):
        cast = cast_make()
        uid = visit_make(cast)
        check_in(cast, uid, at=START)
        check_out(cast, uid, at=END)
    with clock.frozen(AFTER):
        with tenant(KITA):
            visit_confirm(visit_uid=uid, carer=cast.carer)
        asked = request_make(cast, starts_at=START + timedelta(days=7))
    offset = AFTER - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    cast.extra |= {"url": live_site.url, "visit": uid, "request": asked.uid}
    return cast


def test_a_report_and_a_block_after_a_visit(town, chromium):
    site, visit, found = town.extra["url"], town.extra["visit"], []
    people = f"{site}/requests/{town.extra['request']}/people/"
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        carer = signed_in(browser.new_context(viewport=PHONE), site, town.carer.user)
        other = signed_in(browser.new_context(viewport=PHONE), site, town.supporter.user)

        carer.goto(people)
        expect(carer.get_by_text("春風 けん", exact=True)).to_be_visible()
        carer.goto(f"{site}/visits/{visit}/messages/")
        carer.get_by_label("メッセージを書く").fill("きょうは、ありがとうございました。")
        with carer.expect_navigation():
            carer.get_by_role("button", name="送る", exact=True).click()
        found += looked_at(carer, "talk", 390)
        other.goto(f"{site}/visits/{visit}/messages/")
        expect(other.get_by_text("きょうは、ありがとうございました。")).to_be_visible()
        other.goto(f"{site}/visits/{visit}/")
        before = other.locator("main").inner_text()

        carer.goto(f"{site}/visits/{visit}/")
        with carer.expect_navigation():
            carer.get_by_role("link", name="困ったことを知らせる").click()
        carer.get_by_text("ことばや態度がひどかった").click()
        carer.get_by_label("くわしいこと").fill("帰りぎわに、どなられました。")
        carer.get_by_text("この人とは、もう会わないことにする").click()
        found += looked_at(carer, "report", 390)
        with carer.expect_navigation():
            carer.get_by_role("button", name="知らせる").click()
        expect(carer.get_by_role("heading", level=1)).to_contain_text("受け取りました")
        found += looked_at(carer, "report-received", 390)

        carer.goto(people)
        expect(carer.get_by_text("朝露 じゅん", exact=True)).to_be_visible()
        assert "春風" not in carer.content()
        carer.goto(f"{site}/visits/{visit}/messages/")
        expect(carer.get_by_text("いまは、メッセージを書けません")).to_be_visible()

        other.goto(f"{site}/visits/{visit}/")
        assert other.locator("main").inner_text() == before
        other.goto(f"{site}/visits/{visit}/messages/")
        expect(other.get_by_text("いまは、メッセージを書けません")).to_be_visible()
        assert not re.search("通報され|ブロック|会わないことに", other.locator("main").inner_text())
        other.goto(f"{site}/me/news/")
        assert "受け取りました" not in other.content()

        desk = signed_in(browser.new_context(), site, town.officer)
        with tenant(MIDORI):
            case = Case.objects.get()
        desk.goto(f"{site}/desk/cases/")
        found += looked_at(desk, "cases", 1280)
        desk.goto(f"{site}/desk/cases/{case.uid}/")
        expect(desk.get_by_text("帰りぎわに、どなられました。")).to_be_visible()
        assert "青空" not in desk.content()
        found += looked_at(desk, "case", 1280)
        browser.close()
    assert found == []
