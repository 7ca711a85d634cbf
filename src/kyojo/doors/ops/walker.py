"""Somebody who uses the site as a person does, without JavaScript, for the demo's check.

A walker sees a page, follows a link it can see, fills in a form by the words beside its boxes and
presses a button it can see. It never builds an address and never sends a field that is not on the
page. What is not there fails with ``Lost``, which says where it stood and what it looked for.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html

Element = Any

#: What a click on an address may need at most; the first page of a fresh server is slow.
TIMEOUT_SECONDS = 60
PRESSED_TYPES = {"submit", "image"}
#: Where a label replaces what is inside; elsewhere it names a region whose words are read.
NAMED_TAGS = {"a", "button", "img", "svg", "input"}
NEVER_SENT_TYPES = {"button", "reset", "submit", "image", "file"}


class Lost(Exception):
    """The page is not as a person would need it: which step, where, what was expected."""

    def __init__(self, expected: str, *, who: str = "", url: str = "", step: str = "") -> None:
        self.expected = expected
        self.who = who
        self.path = urlsplit(url).path
        self.step = step
        super().__init__(str(self))

    def __str__(self) -> str:
        return f"{self.step}: {self.who} on {self.path or '/'}: {self.expected}"


def plain(text: str) -> str:
    """Text as it is compared: width and white space do not matter."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def words_of(element: Element) -> str:
    """What is read out of an element: its text, with the names of pictures, without what is
    hidden."""
    parts: list[str] = []
    _words(element, parts)
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def _words(element: Element, parts: list[str]) -> None:
    if element.tag in ("script", "style", "template") or not isinstance(element.tag, str):
        return
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return
    if element.get("aria-label") and (element.tag in NAMED_TAGS or element.get("role") == "img"):
        parts.append(element.get("aria-label"))
        return
    if element.tag == "select":
        return
    parts.append(element.text or "")
    for child in element:
        _words(child, parts)
        parts.append(child.tail or "")


def is_hidden(element: Element) -> bool:
    """Whether an element, or something around it, is not shown. A closed ``details`` counts as
    shown: a person opens it."""
    line = [element, *element.iterancestors()]
    return any(one.get("hidden") is not None or one.tag in ("template", "noscript") for one in line)


@dataclass
class Walker:
    """One person with their own browser. ``who`` names them in what is said of a failure."""

    base_url: str
    who: str
    step: str = ""
    url: str = ""
    status: int = 0
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            follow_redirects=True,
            timeout=TIMEOUT_SECONDS,
            headers={"Accept-Language": "ja", "User-Agent": "kyojo-walker"},
        )
        self.page: Element = html.fromstring("<html><body></body></html>")

    def close(self) -> None:
        self.client.close()

    def lost(self, expected: str) -> Lost:
        return Lost(expected, who=self.who, url=self.url, step=self.step)

    # --- going ------------------------------------------------------------------------------------
    def open(self) -> "Walker":
        """Type the site's address: the only one a walker knows."""
        return self._answered(self.client.get(self.base_url + "/"))

    def open_mailed(self, address: str) -> "Walker":
        """Press a link in a mail, which leads to this site."""
        if not address.startswith(self.base_url + "/"):
            raise self.lost(f"a mailed link to {self.base_url}, not to another address")
        return self._answered(self.client.get(address))

    def _answered(self, response: httpx.Response) -> "Walker":
        self.url, self.status = str(response.url), response.status_code
        self.seen.append(urlsplit(self.url).path)
        if response.status_code >= 500:
            raise self.lost(f"a page, not status {response.status_code}")
        # The header says utf-8; told so, lxml does not have to guess.
        self.page = html.fromstring(
            response.content, parser=html.HTMLParser(encoding=response.encoding or "utf-8")
        )
        return self

    # --- seeing -----------------------------------------------------------------------------------
    @property
    def main(self) -> Element:
        found = self.page.xpath("//main")
        return found[0] if found else self.page

    def text(self) -> str:
        return words_of(self.page)

    def sees(self, words: str) -> bool:
        return plain(words) in plain(self.text())

    def must_see(self, *wanted: str) -> "Walker":
        for words in wanted:
            if not self.sees(words):
                raise self.lost(f"to read 「{words}」{self._complaint()}")
        return self

    def must_not_see(self, words: str) -> "Walker":
        if self.sees(words):
            raise self.lost(f"not to read 「{words}」")
        return self

    def reads(self, pattern: str) -> str:
        """The first group of ``pattern`` in the page's words, which must be there."""
        found = re.search(pattern, unicodedata.normalize("NFKC", self.text()))
        if found is None:
            raise self.lost(f"to read something like /{pattern}/")
        return found.group(1)

    def _complaint(self) -> str:
        """What the page itself says is wrong, for the report."""
        errors = [words_of(one) for one in self.page.xpath("//*[@role='alert']")]
        title = words_of(self.page.xpath("//title")[0]) if self.page.xpath("//title") else ""
        said = " / ".join([*errors, title][:2])
        return f" (the page says: {said[:160]}, status {self.status})"

    # --- links ------------------------------------------------------------------------------------
    def links(self, words: str, near: str = "") -> list[Element]:
        around = self.part(near) if near else self.page
        return list(_named(around.xpath(".//a[@href]"), words))

    def follow(self, words: str, *, near: str = "") -> "Walker":
        """Follow the first link with these words, inside the smallest part that holds ``near``."""
        found = self.links(words, near)
        if not found:
            raise self.lost(
                f"a link 「{words}」{f' at 「{near}」' if near else ''}{self._complaint()}"
            )
        return self.follow_link(found[0])

    def follow_link(self, link: Element) -> "Walker":
        """Follow a link that was found on this page."""
        words = words_of(link)
        address = urljoin(self.url, link.get("href"))
        if not address.startswith(self.base_url):
            raise self.lost(f"the link 「{words}」 to lead to this site")
        self._answered(self.client.get(address))
        if self.status != 200:
            raise self.lost(f"status 200 behind the link 「{words}」, not {self.status}")
        return self

    def part(self, words: str) -> Element:
        """The smallest part of the page that holds these words and something to press."""
        wanted = plain(words)
        found = [
            (len(plain(words_of(one))), number, one)
            for number, one in enumerate(self.main.iter())
            if isinstance(one.tag, str)
            and wanted in plain(words_of(one))
            and one.xpath(".//a[@href] | .//button")
        ]
        if not found:
            raise self.lost(f"a part of the page with 「{words}」{self._complaint()}")
        return min(found)[2]

    # --- forms ------------------------------------------------------------------------------------
    def form(self, button: str, *, near: str = "") -> "FormInHand":
        """The form with a button of these words, ready to be filled in."""
        around = self.part(near) if near else self.page
        for pressed in _named(around.xpath(".//button | .//input[@type='submit']"), button):
            if (pressed.get("type") or "submit") not in PRESSED_TYPES:
                continue
            form = self._form_of(pressed)
            if form is not None:
                return FormInHand(self, form, pressed)
        raise self.lost(
            f"a button 「{button}」{f' at 「{near}」' if near else ''}{self._complaint()}"
        )

    def _form_of(self, pressed: Element) -> Element:
        named = pressed.get("form")
        if named:
            found = self.page.xpath("//form[@id=$name]", name=named)
            return found[0] if found else None
        return next(pressed.iterancestors("form"), None)

    def press(self, button: str, *, near: str = "") -> "Walker":
        """Press a button whose form needs nothing filled in."""
        return self.form(button, near=near).press()


def _named(elements: list[Element], words: str) -> Iterator[Element]:
    """Shown elements with these words: those that say nothing else first, then those that begin
    with them, then those that hold them."""
    wanted = plain(words)
    shown = [(one, plain(words_of(one) or one.get("value") or "")) for one in elements]
    shown = [(one, said) for one, said in shown if wanted in said and not is_hidden(one)]
    yield from (
        one
        for one, said in sorted(
            shown, key=lambda pair: (pair[1] != wanted, not pair[1].startswith(wanted))
        )
    )


class FormInHand:
    """A form as it stands on the page, with what was typed into it so far."""

    def __init__(self, walker: Walker, form: Element, pressed: Element) -> None:
        self.walker = walker
        self.form = form
        self.pressed = pressed
        self.values: dict[Element, str] = {}
        self.marked: dict[Element, bool] = {}

    # --- filling in -------------------------------------------------------------------------------
    def _controls(self, words: str, group: str, kinds: str) -> list[Element]:
        """Boxes whose label holds the words, the closest label first."""
        around = self._group(group) if group else self.form
        wanted = plain(words)
        found = []
        for box in around.xpath(f".//*[{kinds}]"):
            if box.get("type") == "hidden" or is_hidden(box):
                continue
            said = plain(self._label(box))
            if wanted in said:
                found.append((said != wanted, not said.startswith(wanted), len(said), box))
        found.sort(key=lambda one: one[:3])
        return [one[-1] for one in found]

    def _group(self, words: str) -> Element:
        wanted = plain(words)
        for fieldset in self.form.iter("fieldset"):
            legends = fieldset.xpath("./legend")
            if legends and wanted in plain(words_of(legends[0])):
                return fieldset
        raise self.walker.lost(f"a group of boxes 「{words}」")

    def _label(self, box: Element) -> str:
        said = []
        if box.get("id"):
            said += self.walker.page.xpath("//label[@for=$id]", id=box.get("id"))
        said += list(box.iterancestors("label"))
        words = " ".join(words_of(one) for one in said)
        return words or box.get("aria-label") or ""

    def fill(self, label: str, value: str, *, group: str = "") -> "FormInHand":
        """Type into the box with this label."""
        kinds = "self::textarea or (self::input and not(@type='radio') and not(@type='checkbox'))"
        found = self._controls(label, group, kinds)
        if not found:
            raise self.walker.lost(f"a box 「{label}」{f' in 「{group}」' if group else ''}")
        self.values[found[0]] = value
        return self

    def choose(self, label: str, *, group: str = "") -> "FormInHand":
        """Mark the radio button, the tick box or the option with these words."""
        found = self._controls(label, group, "self::input and (@type='radio' or @type='checkbox')")
        if found:
            box = found[0]
            if box.get("type") == "radio":
                for other in self.form.xpath(".//input[@type='radio']"):
                    if other.get("name") == box.get("name"):
                        self.marked[other] = False
            self.marked[box] = True
            return self
        around = self._group(group) if group else self.form
        for option in _named(around.xpath(".//select//option"), label):
            select = next(option.iterancestors("select"))
            self.values[select] = option.get("value", words_of(option))
            return self
        raise self.walker.lost(f"a choice 「{label}」{f' in 「{group}」' if group else ''}")

    def select(self, label: str, option: str, *, group: str = "") -> "FormInHand":
        """Choose an option of the list with this label."""
        for box in self._controls(label, group, "self::select"):
            for one in _named(box.xpath(".//option"), option):
                self.values[box] = one.get("value", words_of(one))
                return self
        raise self.walker.lost(f"the option 「{option}」 in the list 「{label}」")

    # --- sending ----------------------------------------------------------------------------------
    def fields(self) -> list[tuple[str, str]]:
        """What a browser would send now, in the order of the page."""
        sent: list[tuple[str, str]] = []
        for box in self.form.xpath(".//input | .//select | .//textarea"):
            name, kind = box.get("name"), box.get("type", "text")
            if not name or box.get("disabled") is not None:
                continue
            if kind in ("radio", "checkbox"):
                if self.marked.get(box, box.get("checked") is not None):
                    sent.append((name, box.get("value", "on")))
            elif box.tag == "select":
                sent.append((name, self.values.get(box, _selected(box))))
            elif box.tag == "textarea":
                sent.append((name, self.values.get(box, box.text or "").removeprefix("\n")))
            elif kind not in NEVER_SENT_TYPES:
                sent.append((name, self.values.get(box, box.get("value", ""))))
        if self.pressed.get("name"):
            sent.append((self.pressed.get("name"), self.pressed.get("value", "")))
        return sent

    def press(self) -> Walker:
        """Send the form. A page that answers with an error is a page: the caller looks at it."""
        walker = self.walker
        action = self.pressed.get("formaction") or self.form.get("action") or walker.url
        address = urljoin(walker.url, action)
        if not address.startswith(walker.base_url):
            raise walker.lost("a form that is sent to this site")
        method = (self.pressed.get("formmethod") or self.form.get("method") or "get").lower()
        if method == "post":
            data: dict[str, list[str]] = {}
            for name, value in self.fields():
                data.setdefault(name, []).append(value)
            headers = {"Referer": walker.url, "Origin": _origin(walker.url)}
            answer = walker.client.post(address, data=data, headers=headers)
        else:
            answer = walker.client.get(address, params=self.fields())  # type: ignore[arg-type]
        with suppress(UnicodeDecodeError):
            walker._answered(answer)
        return walker


def _selected(select: Element) -> str:
    options = select.xpath(".//option")
    chosen = [one for one in options if one.get("selected") is not None] or options[:1]
    return chosen[0].get("value", words_of(chosen[0])) if chosen else ""


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
