"""A walker with a real phone-sized Chromium: what it follows is clicked, what it fills is typed.

Each page it comes to is looked at: nothing wider than the screen, no error and no refusal of the
content policy in the console, no accessibility violation (each kind of page once in a run), and a
picture in the folder KYOJO_SCREENSHOTS, if that is set.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import html
from playwright.sync_api import Browser, Page, Response

from kyojo.doors.ops.walker import Element, FormInHand, Walker, plain, words_of
from kyojo.doors.web.testing import violations

WIDTH, HEIGHT = 390, 844
#: Kinds of pages that were examined in this run: who looked, and the address without its ids.
_examined: set[tuple[str, str, str]] = set()
_pictures = iter(range(1, 100_000))


@dataclass
class Phone(Walker):
    browser: Browser = None  # type: ignore[assignment]
    javascript: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    test: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.complaints: list[str] = []
        self.context = self.browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT},
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            java_script_enabled=self.javascript,
            **self.options,
        )
        self.screen: Page = self.context.new_page()
        self.screen.set_default_timeout(20_000)
        self.screen.on("console", self._console)
        self.screen.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.screen.on("request", self._asked)

    def close(self) -> None:
        super().close()
        self.context.close()

    def _console(self, message: Any) -> None:
        # A page that answers "not found" or "mend this" is told so in the console, too.
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.complaints.append(f"{urlsplit(self.screen.url).path}: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.base_url, "data:", "blob:")):
            self.complaints.append(f"asked outside: {request.url}")

    # --- going ------------------------------------------------------------------------------------
    def open(self) -> "Phone":
        return self._arrived(self.screen.goto(self.base_url + "/"))

    def open_mailed(self, address: str) -> "Phone":
        if not address.startswith(self.base_url + "/"):
            raise self.lost(f"a mailed link to {self.base_url}, not to another address")
        return self._arrived(self.screen.goto(address))

    def follow_link(self, link: Element) -> "Phone":
        self._click(link)
        if self.status != 200:
            raise self.lost(f"status 200 behind the link, not {self.status}")
        return self

    def links(self, words: str, near: str = "") -> list[Element]:
        """Of the same words, those that the screen shows come first, then those inside something
        that can be opened: a menu may stand twice, for narrow and for wide screens."""
        return sorted(
            super().links(words, near),
            key=lambda one: (
                plain(words_of(one)) != plain(words),
                not self._shows(one),
                not self._is_folded(one),
            ),
        )

    def _shows(self, element: Element) -> bool:
        path = self.page.getroottree().getpath(element)
        return self.screen.locator(f"xpath={path}").is_visible()

    def _is_folded(self, element: Element) -> bool:
        return next(element.iterancestors("details"), None) is not None

    def _click(self, element: Element) -> None:
        path = self.page.getroottree().getpath(element)
        self._uncover(element)
        with self.screen.expect_navigation(wait_until="load") as going:
            self.screen.locator(f"xpath={path}").click()
        self._arrived(going.value)

    def _uncover(self, element: Element) -> None:
        """Open every closed ``details`` around an element, as a person would."""
        for around in element.iterancestors("details"):
            path = self.page.getroottree().getpath(around)
            if self.screen.locator(f"xpath={path}").get_attribute("open") is None:
                self.screen.locator(f"xpath={path}/summary").click()

    def _arrived(self, response: Response | None) -> "Phone":
        self.url = self.screen.url
        self.status = response.status if response is not None else 200
        self.seen.append(urlsplit(self.url).path)
        if self.status >= 500:
            raise self.lost(f"a page, not status {self.status}")
        self.page = html.document_fromstring(self.screen.content())
        self._look()
        return self

    # --- looking ----------------------------------------------------------------------------------
    def _look(self) -> None:
        path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "*", urlsplit(self.url).path)
        kind = (self.who, path, f"{self.status} {self.page.findtext('.//h1')}")
        if kind in _examined:
            return
        _examined.add(kind)
        width = self.screen.evaluate("document.documentElement.scrollWidth")
        if width > WIDTH:
            self.complaints.append(f"{path}: {width} px wide")
        folder = os.environ.get("KYOJO_SCREENSHOTS")
        if folder:
            name = f"{next(_pictures):03d}-{self.who}{path.replace('/', '_')}.png"
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.screen.screenshot(path=Path(folder) / name, full_page=True)
        if self.javascript:
            for found in violations(self.screen):
                where = found["nodes"][0]["html"][:160]
                self.complaints.append(f"{path}: {found['id']}: {where}")

    # --- forms ------------------------------------------------------------------------------------
    def form(self, button: str, *, near: str = "") -> "FormOnScreen":
        found = super().form(button, near=near)
        return FormOnScreen(self, found.form, found.pressed)


class FormOnScreen(FormInHand):
    """A form that is typed into and pressed in the browser."""

    walker: Phone

    def press(self) -> Phone:
        self._type()
        self.walker._click(self.pressed)
        return self.walker

    def take(self) -> bytes:
        """Press where the answer is a file to keep: what is in it."""
        self._type()
        with self.walker.screen.expect_download() as coming:
            self._at(self.pressed).click()
        return Path(coming.value.path()).read_bytes()

    def _type(self) -> None:
        phone = self.walker
        for box, marked in self.marked.items():
            if marked:
                phone._uncover(box)
                self._at(box).check(force=True)
        for box, value in self.values.items():
            phone._uncover(box)
            if box.tag == "select":
                self._at(box).select_option(value)
            else:
                self._at(box).fill(value)

    def _at(self, element: Element) -> Any:
        path = self.walker.page.getroottree().getpath(element)
        return self.walker.screen.locator(f"xpath={path}")
