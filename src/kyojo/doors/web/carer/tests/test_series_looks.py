"""Series and bundles in a browser, on a phone: the carer's pages and the supporter's, no violation,
nothing wider than the screen, no word from the console."""

from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.doors.web.testing import looked_at, signed_in
from kyojo.help.matching import services as matching
from kyojo.help.matching.models import Offer
from kyojo.help.requests import services as requests
from kyojo.help.requests.repeating import Rhythm
from kyojo.help.requests.tests.cast import (
    KITA,
    MIDORI,
    NOW,
    SATURDAY,
    cast_make,
    coins_give,
    garden_draft,
)
from kyojo.help.support import services as support
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
WIDTH = 390


@pytest.fixture(autouse=True)
def _by_day(monkeypatch):
    """The clock of this process, the site's threads included."""
    offset = NOW - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def bundle_made(cast: SimpleNamespace, title: str) -> str:
    made = requests.bundle_begin(order_id=new_id(), carer=cast.minami, title=title)
    for hours in (0, 0, 4):
        requests.bundle_part_save(
            order_id=new_id(),
            bundle_uid=made.uid,
            carer=cast.minami,
            category="garden",
            place_uid=cast.house.uid,
            starts_at=clock.at(SATURDAY + timedelta(days=1), 10) + timedelta(hours=hours),
            minutes=60,
            memo="",
        )
    return str(made.uid)


@pytest.fixture
def town(live_site, towns):
    """A series with a visit, a question and a substitute; a draft of a bundle, and an open one."""
    cast = cast_make(towns)
    with tenant(KITA):
        coins_give(cast.minami, 400)
        draft = garden_draft(cast, starts_at=clock.at(SATURDAY, 15))
        series = matching.series_create(
            order_id=new_id(),
            carer=cast.minami,
            category="garden",
            place_uid=cast.house.uid,
            starts_on=SATURDAY,
            from_time=time(10),
            minutes=60,
            memo="",
            rhythm=Rhythm("week", (5,), times=8),
            supporter_uid=cast.ken.uid,
            supporter_municipality_id=MIDORI,
            supporter_name="春風",
        )
    with tenant(MIDORI):
        first, second, third = Offer.objects.filter(is_direct=True).order_by("starts_at")
        support.offer_answer(offer_uid=first.uid, supporter=cast.ken, yes=True)
        support.offer_answer(offer_uid=second.uid, supporter=cast.ken, yes=False)
    matching.series_make_due(municipality_id=KITA)
    with tenant(KITA):
        drafted, opened = bundle_made(cast, "実家の片づけ"), bundle_made(cast, "退院のあとの1週間")
        requests.bundle_open(uid=opened, carer=cast.minami)
    return SimpleNamespace(
        site=live_site.url,
        carer=cast.minami.user,
        ken=cast.ken.user,
        pages=[
            ("carer", "new", f"/series/new/{draft.uid}/", "いつも来てもらう人"),
            ("carer", "series", f"/series/{series.uid}/", "代わりの人をさがしています"),
            ("carer", "change", f"/series/{series.uid}/change/", "くり返しを変える"),
            ("carer", "end", f"/series/{series.uid}/end/", "1日は、そのままです"),
            ("carer", "home", "/", "くり返し・まとめ"),
            ("carer", "review", f"/ask/{draft.uid}/", "くり返したのむ"),
            ("carer", "bundle-new", "/bundles/new/", "まとめてたのむ"),
            ("carer", "bundle-draft", f"/bundles/{drafted}/", "3つまとめて、さがす"),
            ("carer", "bundle-kinds", f"/bundles/{drafted}/add/", "することを足す"),
            ("carer", "bundle-part", f"/bundles/{drafted}/add/garden/", "2つに分けて"),
            ("carer", "bundle", f"/bundles/{opened}/", "3つに来られる人がいます"),
            ("carer", "bundle-cancel", f"/bundles/{opened}/cancel/", "全部取り消しますか"),
            ("ken", "help", "/help/", "毎回のお願い"),
            ("ken", "answer", f"/offers/{third.uid}/answer/", "毎週 土曜（8回）"),
            ("ken", "usual", f"/help/series/{KITA}/{series.uid}/", "あなたに決まっています"),
            ("ken", "leave", f"/help/series/{KITA}/{series.uid}/leave/", "外れますか"),
        ],
    )


@pytest.mark.slow
def test_every_page_is_for_everybody(town, chromium):
    found: list[object] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for who in ("carer", "ken"):
            context = browser.new_context(
                base_url=town.site, locale="ja-JP", viewport={"width": WIDTH, "height": 844}
            )
            page = signed_in(context, town.site, getattr(town, who))
            page.on("console", lambda told: found.append(told.text))
            page.on("pageerror", lambda error: found.append(str(error)))
            for _, name, path, word in (one for one in town.pages if one[0] == who):
                page.goto(path)
                if word not in page.inner_text("main"):
                    found.append((name, "not said", word))
                found.extend(looked_at(page, f"series-{name}", WIDTH))
            context.close()
        browser.close()
    assert found == []
