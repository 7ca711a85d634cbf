"""The quieter pages of safety in a browser: none is wider than the screen or shuts anybody out."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes.rules.presets import preset
from kyojo.doors.web.testing import PHONE, looked_at, signed_in
from kyojo.help.safety import services
from kyojo.help.support import services as support
from kyojo.help.support.tests import cast as casting
from kyojo.help.support.tests.cast import (
    AT_HOUSE,
    END,
    KITA,
    MIDORI,
    START,
    WEEK_BEFORE,
    cast_make,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .test_warmth_pages import GARDEN

pytestmark = pytest.mark.browser


def photo() -> bytes:
    written = BytesIO()
    Image.new("RGB", (640, 640), "peachpuff").save(written, "JPEG")
    return written.getvalue()


@pytest.mark.slow
def test_every_page_is_for_everybody(towns, live_site, chromium, monkeypatch):
    moment = [WEEK_BEFORE]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    asks = preset("kyojo-coin").replace(
        GARDEN, GARDEN + "first_meeting = true\ntwo_adults = true\n"
    )
    monkeypatch.setattr(casting, "preset", lambda: asks)
    cast = cast_make()
    uid = visit_make(cast)
    found: list[object] = []
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium)

        def screen(user):
            context = chrome.new_context(base_url=live_site.url, locale="ja-JP", viewport=PHONE)
            return signed_in(context, live_site.url, user)

        def look(page, path, name, *widths):
            nonlocal found
            answer = page.goto(path)
            assert answer.status == 200, path
            found += looked_at(page, f"safety-{name}", *widths)

        supporter, carer = screen(cast.supporter.user), screen(cast.carer.user)
        house, desk = screen(cast.mother.user), screen(cast.officer)
        look(carer, f"/visits/{uid}/ready/", "ready", 390)
        with tenant(MIDORI):
            support.portrait_set(person=cast.supporter, picture=photo())
        moment[0] = START - timedelta(days=1)
        look(house, f"/visits/{uid}/card/", "card")
        look(supporter, "/me/face/", "face", 390)
        look(supporter, f"/visits/{uid}/", "visit-before", 390)
        look(desk, f"/desk/visits/{uid}/", "desk-ready", 1280)
        look(desk, "/desk/safety/cards/", "cards")
        moment[0] = START
        with tenant(MIDORI):
            support.meeting_record(visit_uid=uid, by=cast.officer, basis="phone")
        with tenant(KITA):
            support.second_adult_declare(uid=new_id(), visit_uid=uid, by=cast.carer, kind="carer")
        with tenant(MIDORI):
            support.visit_check_in(
                visit_uid=uid, supporter=cast.supporter, nonce=new_id(), position=AT_HOUSE
            )
        moment[0] = END
        look(supporter, f"/visits/{uid}/worry/", "worry", 390)
        look(supporter, f"/visits/{uid}/letter/", "letter", 390)
        look(supporter, f"/visits/{uid}/accident/", "accident", 390)
        with supporter.expect_navigation():
            supporter.get_by_role("button", name="書きはじめる").click()
        found += looked_at(supporter, "safety-accident-part", 390)
        with tenant(MIDORI):
            worry = services.worry_tell(
                uid=new_id(), visit_uid=uid, by=cast.supporter, signs=["abuse", "eating"],
                words="冷蔵庫が空でした。", ground="abuse",
            )  # fmt: skip
            report = services.accident_start(visit_uid=uid, by=cast.supporter)
            support.letter_send(
                uid=new_id(), visit_uid=uid, by=cast.supporter, words="お元気でしたよ。",
                picture=photo(), consent=True,
            )  # fmt: skip
        look(supporter, f"/visits/{uid}/accident/", "accident-written", 390)
        look(carer, f"/visits/{uid}/gift/", "gift", 390)
        look(carer, "/me/family/", "family", 390)
        look(carer, "/me/give/", "give", 390)
        for path, name in (
            ("worries/", "desk-worries"),
            (f"worries/{worry.uid}/", "desk-worry"),
            ("centres/", "desk-centres"),
            ("accidents/", "desk-accidents"),
            (f"accidents/{report.uid}/", "desk-accident"),
            (f"accidents/{report.uid}/part/2/", "desk-accident-part"),
            ("roster/", "desk-roster"),
            ("roster/?kind=visits", "desk-roster-visits"),
        ):
            look(desk, f"/desk/safety/{path}", name)
        carer.goto("/me/family/")
        carer.get_by_label("だれにわたしますか").fill("弟")
        with carer.expect_navigation():
            carer.get_by_role("button", name="アドレスを作る").click()
        address = carer.locator("code").inner_text()
        visitor = chrome.new_context(base_url=live_site.url, viewport=PHONE).new_page()
        look(visitor, "/family/" + address.split("/family/")[1], "family-open", 390)
        chrome.close()
    assert found == []
