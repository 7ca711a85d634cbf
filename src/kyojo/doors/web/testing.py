"""What the tests of pages in a browser share: somebody signed in, and a look at the page."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from kyojo.civic.people.models import User


def signed_in(context: BrowserContext, site: str, user: User) -> Page:
    """A page of ``site`` on which ``user`` is signed in."""
    client = Client()
    client.force_login(user, backend="sesame.backends.ModelBackend")
    session = str(client.cookies["sessionid"].value)
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    return context.new_page()


def looked_at(page: Page, name: str, width: int) -> list[object]:
    """What is wrong with the page on the screen; its picture goes to KYOJO_SCREENSHOTS."""
    found: list[object] = [
        (name, width, one["id"], one["nodes"][0]["html"][:160])
        for one in Axe().run(page).response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append((name, width, "too wide"))
    if folder := os.environ.get("KYOJO_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    return found
