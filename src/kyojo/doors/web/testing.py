"""What the tests of pages in a browser share: somebody signed in, and a look at the page."""

import os
import time
from pathlib import Path
from typing import Any

from allauth.account.internal.userkit import user_id_to_str
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import BrowserContext, Page, ViewportSize

from kyojo.civic.people.models import User

WIDTHS = (390, 1280)
PHONE = ViewportSize(width=390, height=844)
AXE = Axe()


def sign_in(client: Client, user: User) -> Client:
    """``client`` with ``user`` signed in, as after a passkey: the desk is open to them."""
    client.force_login(user, backend="sesame.backends.ModelBackend")
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "webauthn", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session.save()
    return client


def signed_in(context: BrowserContext, site: str, user: User) -> Page:
    """A page of ``site`` on which ``user`` is signed in."""
    client = sign_in(Client(), user)
    session = str(client.cookies["sessionid"].value)
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    return context.new_page()


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds wrong with the page as it is on the screen now."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE.axe_script)
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run({resultTypes: ['violations']}).then(results => results.violations)"
    )
    return found


def looked_at(page: Page, name: str, *widths: int) -> list[object]:
    """What is wrong with the page on the screen, at each of ``widths`` (of a phone and of a desk);
    it is loaded once, and has the first width again afterwards. Pictures go to KYOJO_SCREENSHOTS.
    """
    found: list[object] = []
    for width in widths or WIDTHS:
        found += too_wide(page, name, width)
        found += [
            (name, width, one["id"], one["nodes"][0]["html"][:160]) for one in violations(page)
        ]
        if folder := os.environ.get("KYOJO_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    _wide(page, (widths or WIDTHS)[0])
    return found


def too_wide(page: Page, name: str, width: int) -> list[object]:
    """Whether something is wider than a screen of ``width``, which the page has from now on."""
    _wide(page, width)
    is_wide = page.evaluate("document.documentElement.scrollWidth") > width
    return [(name, width, "too wide")] if is_wide else []


def _wide(page: Page, width: int) -> None:
    size = page.viewport_size
    if size is None or size["width"] != width:
        page.set_viewport_size({**PHONE, "width": width})
