"""The people of the demo's check: each with their own browser, each as one picks them in the demo.

Everything they do is a link or a button on the page in front of them (``walker``).
"""

import email
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from email import policy
from pathlib import Path

from kyojo.kernel import clock

from .walker import Lost, Walker

MAIL_WAIT_SECONDS = 60
DEMO_LINK = "人と時計を変える"


@dataclass
class Stage:
    """Where the stories are played: the address, who is there, which step it is."""

    base_url: str
    step: str = ""
    moment: datetime | None = None
    began: datetime | None = None
    #: What people walk with: plain HTTP here, a real browser in the journeys.
    make: Callable[..., Walker] = Walker
    walkers: dict[str, Walker] = field(default_factory=dict)

    def close(self) -> None:
        for walker in self.walkers.values():
            walker.close()

    @contextmanager
    def at(self, step: str) -> Iterator[None]:
        """Name the step that failures belong to."""
        self.step = step
        for walker in self.walkers.values():
            walker.step = step
        yield

    def visitor(self, who: str) -> Walker:
        """Somebody new, at the first page."""
        walker = self.walkers.get(who)
        if walker is None:
            walker = self.walkers[who] = self.make(self.base_url, who, step=self.step)
        return walker.open()

    def be(self, name: str) -> Walker:
        """Somebody of the demo's list, logged in by the list; at their first page afterwards."""
        known = name in self.walkers
        walker = self.visitor(name)
        if not known:
            walker.follow(DEMO_LINK).press(f"この人になる：{name}")
        return walker

    def lost(self, expected: str) -> Lost:
        return Lost(expected, who="the check", step=self.step)

    # --- the clock --------------------------------------------------------------------------------
    def now(self) -> datetime:
        """The demo's present moment, as its page says it. Local time."""
        page = self.visitor("時計").follow(DEMO_LINK)
        said = page.reads(r"いま\s*(\d+年.{0,40}?\d+時(?:\d+分)?)")
        plainly = re.sub(r"\(.*?\)|.曜日|\s", "", said)  # without the era and the weekday
        found = re.fullmatch(r"(\d+)年(\d+)月(\d+)日(\d+)時(?:(\d+)分)?", plainly)
        if found is None:
            raise self.lost(f"to understand the clock's 「{said}」")
        year, month, day, hour, minute = (int(part or 0) for part in found.groups())
        self.moment = clock.local(clock.at(date(year, month, day), hour, minute))
        self.began = self.began or self.moment
        return self.moment

    def when(self) -> str:
        """The demo's time as last seen or set, for the receipt."""
        return f"{self.moment:%-m/%-d %H:%M}" if self.moment else ""

    def clock_to(self, day: date, hour: int, minute: int = 0) -> None:
        """Move the demo's clock with its form."""
        page = self.visitor("時計").follow(DEMO_LINK)
        form = page.form("この日時まで進める")
        date_fill(form, day, group="日にち")
        form.select("時刻", f"{hour}時{minute:02d}分").press()
        page.must_see("見本の時計を進めました")
        self.moment = clock.local(clock.at(day, hour, minute))


def date_fill(form: "object", day: date, *, group: str) -> None:
    """Year, month and day into the three boxes of a date."""
    from .walker import FormInHand

    assert isinstance(form, FormInHand)
    for label, value in (("年", day.year), ("月", day.month), ("日", day.day)):
        form.fill(label, str(value), group=group)


# --- what a person reads on their pages -----------------------------------------------------------


def number(words: str) -> int:
    return int(words.replace(",", ""))


@dataclass(frozen=True)
class Purse:
    available: int
    held: int


def purse_read(walker: Walker) -> Purse:
    """Coins as the person's own page (わたし) says them."""
    walker.open().follow("わたし")
    available = number(walker.reads(r"使えるコイン\s*([\d,]+)"))
    held = re.search(r"ほかに([\d,]+)コインを、お預かり", walker.text().replace(" ", ""))
    return Purse(available, number(held.group(1)) if held else 0)


def news_must_say(walker: Walker, *titles: str) -> None:
    """The person's news have these titles."""
    walker.open().follow("お知らせ")
    walker.must_see(*titles)


def mailed_link(stage: Stage, address: str) -> str:
    """The link in the newest mail to ``address``, from the folder where the demo keeps its mail."""
    folder = Path(os.environ["KYOJO_EMAIL_FILE_PATH"])
    deadline = time.monotonic() + MAIL_WAIT_SECONDS
    while time.monotonic() < deadline:
        for path in sorted(folder.glob("*"), key=lambda one: one.stat().st_mtime, reverse=True):
            link = _link_in(path, address)
            if link:
                return link
        # The worker sends mail; what it does cannot be asked for, only looked for.
        time.sleep(0.1)
    raise stage.lost(f"a mail with a link, within {MAIL_WAIT_SECONDS} s of signing up")


def _link_in(path: Path, address: str) -> str:
    text = path.read_bytes()
    for part in text.split(b"\n" + b"-" * 79 + b"\n"):
        message = email.message_from_bytes(part.strip() + b"\n", policy=policy.default)
        if address not in str(message["To"] or ""):
            continue
        body = message.get_body(("plain",))
        found = re.search(r"https?://\S+/login/link/\S+", body.get_content() if body else "")
        if found:
            return found.group(0)
    return ""
