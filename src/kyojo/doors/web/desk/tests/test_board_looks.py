"""The board in a browser: somebody is dragged onto a request, or the same is pressed; it is for
everybody, and nothing is settled before the last page."""

from datetime import timedelta

import pytest
from playwright.sync_api import sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import User
from kyojo.doors.web.testing import looked_at, signed_in
from kyojo.help.matching.models import Offer
from kyojo.help.matching.services import proposals_renew
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.tests.cast import KITA, MIDORI, cast_make, garden_open
from kyojo.help.support.models import Visit
from kyojo.kernel import clock

pytestmark = pytest.mark.browser


def test_dragged_or_pressed(live_site, towns, chromium, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    cast = cast_make(towns)
    day = clock.today() + timedelta(days=8)
    with tenant(KITA):
        first = garden_open(cast, starts_at=clock.at(day, 10))
        late = garden_open(cast, starts_at=clock.at(day, 14), minutes=60)
        garden_open(cast, starts_at=clock.at(day, 19), minutes=60)  # nobody can come
    with tenant(MIDORI):
        proposals_renew()
        coordinator = User.objects.get(email="nagi@midorihama.example.jp")
    found: list[object] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        context = browser.new_context(
            base_url=live_site.url, locale="ja-JP", viewport={"width": 1280, "height": 900}
        )
        page = signed_in(context, live_site.url, coordinator)
        page.on("console", lambda told: found.append((page.url, told.text)))
        page.on("pageerror", lambda error: found.append((page.url, str(error))))
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto("/desk/board/")
            found += looked_at(page, "board", width)
        request = page.locator("article", has_text=first.number)
        jun = page.locator(".board__people [data-who]", has_text="朝露 じゅん")
        ken = page.locator(".board__people [data-who]", has_text="春風 けん")
        held = page.evaluate_handle("new DataTransfer()")
        ken.dispatch_event("dragstart", {"dataTransfer": held})
        request.get_by_text("この人は行けます").wait_for()
        assert page.get_by_text("この人は行けます").locator("visible=true").count() == 1
        found += looked_at(page, "board-dragging", 1280)
        ken.dispatch_event("dragend", {"dataTransfer": held})
        with page.expect_navigation():
            jun.drag_to(page.locator("article", has_text=late.number))
        assert page.url.endswith(f"/{late.uid}/assign/{MIDORI}/{cast.jun.uid}/")
        assert page.get_by_role("heading", name="この人に決めますか").is_visible()
        with tenant(MIDORI):
            assert not Offer.objects.exists()
            assert not Visit.objects.exists()
        found += looked_at(page, "board-dropped", 1280)
        page.goto("/desk/board/")
        page.get_by_label("人", exact=True).select_option(f"{MIDORI}/{cast.tae.uid}")
        page.get_by_label("依頼", exact=True).select_option(str(first.uid))
        with page.expect_navigation():
            page.get_by_role("button", name="この組み合わせを見る").press("Enter")
        assert page.url.endswith(f"/{first.uid}/assign/{MIDORI}/{cast.tae.uid}/")
        page.go_back()
        link = request.get_by_role("link", name="この人に聞く").first
        with page.expect_navigation():
            link.press("Enter")
        page.get_by_role("radio", name="電話").check(force=True)
        with page.expect_navigation():
            page.get_by_role("button", name="この人に決める").click()
        browser.close()
    assert found == []
    with tenant(MIDORI):
        assert HelpRequest.objects.get(uid=first.uid).state == "matched"
        assert Visit.objects.get().request_uid == first.uid
