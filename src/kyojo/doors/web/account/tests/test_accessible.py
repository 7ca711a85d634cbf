"""Every page about oneself and the supporter's home, in a browser: no accessibility violations,
nothing wider than a phone, no word from the console."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations.testing import make_company, make_employee
from kyojo.civic.people.models import User
from kyojo.civic.people.services import block_add, time_exception_add
from kyojo.civic.people.testing import NAGI, make_person
from kyojo.doors.web.testing import sign_in
from kyojo.help.support.tests import cast as c
from kyojo.kernel import clock

VISITORS = ("/login/", "/login/sent/", "/login/link/?sesame=x", "/signup/", "/signup/sent/")
SUPPORTERS = (
    "/help/", "/me/", "/me/name/", "/me/roles/", "/me/coins/", "/me/skills/", "/me/times/",
    "/me/home/", "/me/asks/", "/me/news/", "/me/company/", "/me/blocks/", "/logout/",
    "/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/",
)  # fmt: skip
CARERS = ("/help/", "/me/", "/me/coins/", "/me/places/")
FRESH = (
    "/help/", "/me/", "/me/name/", "/me/skills/?first=1", "/me/times/?first=1",
    "/me/home/?first=1", "/me/company/", "/me/news/", "/me/blocks/",
)  # fmt: skip


def problems_of(browser: Browser, site: str, session: str, paths: tuple[str, ...]) -> list[object]:
    context = browser.new_context(
        base_url=site, locale="ja-JP", viewport={"width": 390, "height": 844}
    )
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page = context.new_page()
    found: list[object] = []
    page.on("console", lambda message: found.append((page.url, message.text)))
    page.on("pageerror", lambda error: found.append((page.url, str(error))))
    for path in paths:
        answer = page.goto(path)
        if answer is None or answer.status != 200:
            found.append((path, answer and answer.status))
        if page.url != f"{site}{path}":
            found.append((path, page.url))
        found += [
            (path, one["id"], [node["target"] for node in one["nodes"]])
            for one in Axe().run(page).response["violations"]
        ]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append((path, "too wide"))
    context.close()
    return found


@pytest.mark.slow
@pytest.mark.browser
def test_every_page_is_for_everybody(live_site, towns, chromium, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    cast = c.cast_make()
    start = clock.at(clock.today() + timedelta(days=1), 10)
    c.visit_make(cast, starts_at=start)
    c.ask_directly(cast, c.request_make(cast, starts_at=start + timedelta(days=2)), cast.supporter)
    employment = make_employee(cast.supporter, make_company())
    with tenant(c.MIDORI):
        block_add(person=cast.supporter, blocked_uid=cast.second.uid)
        time_exception_add(person=cast.supporter, day=clock.today(), is_free=False)
    fresh = make_person(c.MIDORI, NAGI, roles=["supporter"], home=False)

    def session_of(user: User) -> str:
        client = sign_in(Client(), user)
        return str(client.cookies["sessionid"].value)

    everybody = [
        ("", VISITORS),
        (session_of(cast.supporter.user), (*SUPPORTERS, f"/me/company/{employment.uid}/end/")),
        (session_of(cast.carer.user), (*CARERS, f"/me/places/{cast.place.uid}/")),
        (session_of(fresh.user), FRESH),
        (session_of(cast.officer), ("/me/",)),
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--disable-background-networking"]
        )
        found = [
            problem
            for session, paths in everybody
            for problem in problems_of(browser, live_site.url, session, paths)
        ]
        browser.close()
    assert found == []
