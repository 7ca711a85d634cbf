"""Asking in waves as people see it, in a browser: the carer who waits, by day and by night, and the
staff, for whom it is told how asking goes and what would help where nobody can come."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import make_officer
from kyojo.doors.web.testing import PHONE, looked_at, signed_in
from kyojo.help.matching import services as matching
from kyojo.help.matching.asking.acceptance import PRIOR
from kyojo.help.matching.models import AcceptanceFit
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.tests.cast import KITA, MIDORI, NOW, cast_make, garden_open
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
NIGHT = clock.at(NOW.date(), 22)
FIGURES = {
    "rows": 240, "ece": 0.034, "brier": 0.18, "brier_base": 0.21, "told_mean": 0.3,
    "came_mean": 0.31,
    "bins": [{"told": 0.1, "came": 0.12, "rows": 120}, {"told": 0.5, "came": 0.46, "rows": 120}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _by_day(monkeypatch):
    """The clock of this process, the site's threads included."""
    offset = NOW - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def broadcast(cast: SimpleNamespace, request: HelpRequest) -> None:
    matching.offers_broadcast(
        order_id=new_id(),
        request_uid=request.uid,
        carer=cast.minami,
        decide="self",
        wait_until=clock.at((NOW + timedelta(days=3)).date(), 12),
    )


@pytest.fixture
def town(live_site, towns):
    """A request that many are asked for, one begun at night, and one for which nobody is free."""
    cast = cast_make(towns)
    with tenant(KITA):
        asked = garden_open(cast)
        broadcast(cast, asked)
        night = garden_open(cast, starts_at=asked.starts_at + timedelta(hours=3))
        with clock.frozen(NIGHT):
            broadcast(cast, night)
        nobody = garden_open(cast, starts_at=clock.at(NOW.date() + timedelta(days=3), 18))
        model = PRIOR.as_json() | {"version": "one", "figures": FIGURES}
        AcceptanceFit.objects.create(version="one", model=model, rows=800)
    return SimpleNamespace(
        site=live_site.url,
        officer=make_officer(KITA),
        minami=cast.minami.user,
        asked=asked.uid,
        night=night.uid,
        nobody=nobody.uid,
        there=MIDORI,
    )


@pytest.mark.slow
def test_every_page_is_for_everybody(town, chromium):
    found: list[object] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)

        def look(user, name: str, path: str, *words: str) -> None:
            context = browser.new_context(base_url=town.site, locale="ja-JP", viewport=PHONE)
            page = signed_in(context, town.site, user)
            page.on("console", lambda told: found.append((name, told.text)))
            page.on("pageerror", lambda error: found.append((name, str(error))))
            page.goto(path)
            text = page.inner_text("main")
            found.extend((name, "not said", word) for word in words if word not in text)
            found.extend(looked_at(page, f"asking-{name}"))
            context.close()

        look(
            town.minami,
            "waiting",
            f"/requests/{town.asked}/",
            "返事を待っています",
            "少しずつ声をかけています",
        )
        look(
            town.minami,
            "night",
            f"/requests/{town.night}/",
            "朝になったら、声をかけます",
            "8時から、合いそうな人に声をかけます",
        )
        look(
            town.officer,
            "staff",
            "/desk/requests/asking/",
            "声をかけるようす",
            "800回の記録から学びなおしました",
        )
        look(
            town.officer,
            "nobody",
            f"/desk/requests/{town.nobody}/find/",
            "1つだけ変えるなら",
            "15時からにすると、1人が来られます",
        )
        browser.close()
    assert found == []
