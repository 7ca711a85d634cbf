"""Reviews, badges and certificates in a browser: no accessibility violation, nothing wider than the
screen, no word from the console."""

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import ConsoleMessage, sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations.testing import make_company, make_company_officer
from kyojo.civic.people.services import trust_check_record
from kyojo.doors.web.testing import PHONE, looked_at, signed_in
from kyojo.help.recognition import rounds, selectors, services
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

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
NOW = END + timedelta(hours=5)


@pytest.fixture
def town(live_site, towns, monkeypatch):
    """Two visits: one that both have judged, one that waits for the carer."""
    with clock.frozen(WEEK_BEFORE):
        cast = cast_make()
    for start in (START, START + timedelta(hours=3)):
        with clock.frozen(WEEK_BEFORE):
            uid = visit_make(cast, starts_at=start)
        check_in(cast, uid, at=start)
        check_out(cast, uid, at=start + timedelta(hours=2))
        with clock.frozen(start + timedelta(hours=2)), tenant(KITA):
            visit_confirm(visit_uid=uid, carer=cast.carer)
        cast.extra["open"], cast.extra["judged"] = uid, cast.extra.get("open", uid)
    offset = NOW - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    said = {"visit_uid": cast.extra["judged"], "rating": 5}
    with tenant(KITA):
        review_write(
            order_id=new_id(), writer=cast.carer, tags=["careful", "again"],
            message="庭がきれいになりました", **said,
        )  # fmt: skip
    with tenant(MIDORI):
        review_write(order_id=new_id(), writer=cast.supporter, tags=["ready"], **said)
        trust_check_record(
            person=cast.supporter,
            kind="training",
            label="見守り講習",
            method="講習",
            by=cast.officer,
        )
        rounds.recognise_lately()
        cast.extra["paper"] = services.student_certificate_make(
            uid=new_id(), person=cast.supporter, since=date(2026, 4, 1), until=date(2026, 11, 28)
        )
        badges = selectors.badges_of(cast.supporter)
        cast.extra["badge"] = badges[0].uid
        for one in badges:
            services.badge_public_set(person=cast.supporter, uid=one.uid, is_public=True)
        services.badge_card_set(person=cast.supporter, uid=badges[0].uid, is_on_card=True)
        services.sign_due()
        services.badge_revoke(uid=badges[1].uid, by=cast.officer, reason="別の講習でした")
        cast.extra["gone"] = badges[1].uid
    return cast


@pytest.mark.slow
def test_every_page_is_for_everybody(live_site, chromium, town):
    badge, paper = town.extra["badge"], town.extra["paper"]
    judged, waiting = town.extra["judged"], town.extra["open"]
    officer = make_company_officer(make_company())
    pages = {
        town.supporter.user: {
            "badges": "/me/badges/",
            "badge": f"/me/badges/{badge}/",
            "badge-gone": f"/me/badges/{town.extra['gone']}/",
            "certificates": "/me/certificates/",
            "review": f"/visits/{waiting}/review/",
            "visit-supporter": f"/visits/{judged}/",
            "visit-waiting": f"/visits/{waiting}/",
        },
        town.carer.user: {
            "thanks": f"/visits/{waiting}/thanks/",
            "visit-carer": f"/visits/{judged}/",
        },
        officer: {"company": "/workplace/certificates/"},
        town.officer: {
            "desk-badges": "/desk/badges/",
            "desk-badge": f"/desk/badges/{badge}/",
            "desk-certificate": f"/desk/badges/certificates/{paper.uid}/",
            "desk-visit": f"/desk/visits/{judged}/",
        },
        None: {
            "public-badge": f"/badges/{badge}/",
            "public-gone": f"/badges/{town.extra['gone']}/",
            "public-issuer": "/badges/issuer/midorihama/",
            "public-achievement": "/badges/issuer/midorihama/achievements/hours-garden-10/",
            "public-certificate": f"/certificates/{paper.code}/",
        },
    }
    found: list[object] = []

    def heard(told: ConsoleMessage) -> None:
        if "status of 4" not in told.text:
            found.append(told.text)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for user, addresses in pages.items():
            context = browser.new_context(locale="ja-JP", viewport=PHONE)
            page = context.new_page() if user is None else signed_in(context, live_site.url, user)
            page.on("console", heard)
            for name, address in addresses.items():
                page.goto(live_site.url + address)
                found += looked_at(page, f"recognition-{name}")
            context.close()
        browser.close()
    assert found == []
