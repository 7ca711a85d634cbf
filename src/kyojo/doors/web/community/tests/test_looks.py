"""The pages between members, and the desk's about them, in a browser: for everybody."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.services import suspension_appeal, suspension_begin
from kyojo.doors.web.community.talks import talk_for
from kyojo.doors.web.testing import PHONE, looked_at, signed_in
from kyojo.help.community.services import group_close, group_found, message_send, post_write
from kyojo.help.support.models import Visit
from kyojo.help.support.tests.cast import KITA, MIDORI, WEEK_BEFORE, cast_make, visit_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.mark.slow
def test_the_pages_are_for_everybody(live_site, towns, chromium, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with clock.frozen(WEEK_BEFORE):
        cast = cast_make()
        visit_make(cast)
        with tenant(MIDORI):
            offer = Visit.objects.get().offer_uid
            group = group_found(
                order_id=new_id(),
                founder=cast.supporter,
                name="港のお茶会",
                kind="neighbours",
                about="月に1回、お茶を飲みます。",
                is_open=True,
            )
            post_write(order_id=new_id(), uid=group.uid, author=cast.supporter, words="あす10時に")
            ended = group_found(
                order_id=new_id(),
                founder=cast.supporter,
                name="夏の草取りの会",
                kind="supporters",
                about="夏のあいだだけの集まりです。",
                is_open=True,
            )
            post_write(
                order_id=new_id(), uid=ended.uid, author=cast.supporter, words="おつかれさま"
            )
            group_close(uid=ended.uid, leader=cast.supporter)
            stopped = suspension_begin(
                uid=new_id(),
                person=cast.second,
                by=cast.officer,
                reason="お約束の時間に来られないことが続きました。",
                until=clock.now() + timedelta(days=14),
            )
            suspension_appeal(person=cast.second, words="連絡はしていました。")
        with tenant(KITA):
            talk = talk_for(cast.carer, offer)
            message_send(order_id=new_id(), talk=talk, author=cast.carer, words="10時にどうぞ。")
    offset = WEEK_BEFORE - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    walks = {
        cast.supporter.user: {
            "me-unread": "/me/",
            "visits-unread": "/visits/",
            "messages": "/messages/",
            "groups": "/groups/",
            "group-new": "/groups/new/",
            "group": f"/groups/{group.uid}/",
            "group-ended": f"/groups/{ended.uid}/",
        },
        cast.second.user: {"suspended": "/me/suspension/"},
        cast.officer: {
            "case-new": "/desk/cases/new/",
            "suspensions": "/desk/suspensions/",
            "suspension": f"/desk/suspensions/{stopped.uid}/",
            "desk-talk": f"/desk/talks/{offer}/",
            "desk-groups": "/desk/groups/",
            "desk-group": f"/desk/groups/{group.uid}/",
        },
    }
    found: list[object] = []
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for user, pages in walks.items():
            page = signed_in(browser.new_context(viewport=PHONE), live_site.url, user)
            for name, path in pages.items():
                page.goto(live_site.url + path)
                found += looked_at(page, name, 1280 if path.startswith("/desk/") else 390)
            page.close()
        asked = signed_in(browser.new_context(viewport=PHONE), live_site.url, cast.supporter.user)
        asked.goto(f"{live_site.url}/me/blocks/")
        asked.get_by_text("支援で会った人を加える").click()
        with asked.expect_navigation():
            asked.get_by_role("button", name="加える ：青空 みなみ").click()
        found += looked_at(asked, "block-ask", 390)
        browser.close()
    assert found == []
