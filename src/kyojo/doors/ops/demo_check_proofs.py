"""The receipts of the demo's check, held against the towns' public logs: by the page, as a stranger
reads it, and by the file it offers, with the key that the log shows."""

import time
from dataclasses import dataclass
from urllib.parse import urljoin

from kyojo.kernel import clock
from kyojo.ledger.log.receipts import Receipt
from kyojo.ledger.tlog.errors import TlogError
from kyojo.ledger.tlog.notes import VerifierKey
from kyojo.ledger.tlog.policy import Policy

from .demo_check_people import Stage
from .demo_check_stories import CARER, Story, to_visit_of
from .walker import Element, Walker

#: The worker logs within seconds; a machine that has more to do may need longer.
LOG_WAIT_SECONDS = 60
STRANGER = "受け取りを見た人"


@dataclass(frozen=True)
class Proven:
    """One file that held: whose log, which number of how many, and who else signed for it."""

    town: str
    number: int
    size: int
    seen_by: tuple[str, ...]


def receipt_proven(stage: Stage, story: Story) -> list[Proven]:
    """The public page of the story's receipt says that it is genuine, and so do its files.

    Raises ``Lost``.
    """
    with stage.at(f"13 {story.category}の受け取りを、公開の記録簿で確かめる"):
        carer = stage.be(CARER)
        to_visit_of(carer, story.category, story.visit_day)
        carer.follow("受け取り（レシート）を見る")
        _wait_for(carer, "記録されました", link="もう一度見る")
        carer.follow("いま、確かめる")
        # Somebody else, without a login, who scans the code on the carer's receipt.
        stranger = stage.visitor(STRANGER).open_mailed(carer.url)
        stranger.must_see("記録と合いました", story.receipt, f"{story.moved}コイン")
        stranger.must_not_see(CARER.split(" ")[0])
        files = stranger.links("証明のファイルを受け取る")
        found = [_file_proven(stranger, link, story) for link in files]
        towns = {one.town for one in found}
        if towns != {"北ひなた市", "みどり浜市"}:
            raise stranger.lost(f"a file from the log of either town, not from {sorted(towns)}")
        return found


def _wait_for(walker: Walker, words: str, *, link: str) -> None:
    """Look again, by the link that the page offers, until it says ``words``."""
    deadline = time.monotonic() + LOG_WAIT_SECONDS
    while not walker.sees(words):
        if time.monotonic() > deadline:
            raise walker.lost(f"「{words}」 within {LOG_WAIT_SECONDS} s: is the log kept?")
        # What the worker does cannot be asked for, only looked for.
        time.sleep(0.1)
        walker.follow(link)


def _file_proven(stranger: Walker, link: Element, story: Story) -> Proven:
    """Fetch a file, and key and policy from the page of its town's log; verify them together."""
    page = stranger.url
    data = _fetched(stranger, link)
    try:
        receipt = Receipt.parse(data)
        slug = receipt.origin.rpartition("/")[2]
        log = next(
            one for one in stranger.links("の記録簿を見る") if one.get("href") == f"/log/{slug}/"
        )
        stranger.follow_link(log)
        town = stranger.reads(r"(\S+?[市町村区])の\s*コインの記録簿")
        key = VerifierKey.parse(_fetched(stranger, stranger.links("鍵（key）")[0]).decode().strip())
        policy = Policy.parse(_fetched(stranger, stranger.links("（policy）")[0]))
        checked = receipt.verify(key=key, policy=policy, now=clock.now())
    except TlogError as error:
        raise stranger.lost(f"a file that holds, not {error.code} ({error.reason})") from None
    except (StopIteration, IndexError):
        raise stranger.lost("the way from the receipt to the log's key") from None
    if receipt.sides or receipt.leaf.kind != "post" or receipt.leaf.amount != story.moved:
        raise stranger.lost(f"a file about {story.moved} coins and with no side opened")
    stranger.open_mailed(page)
    return Proven(town, receipt.leaf.number, checked.checkpoint.size, tuple(checked.cosigned))


def _fetched(walker: Walker, link: Element) -> bytes:
    response = walker.client.get(urljoin(walker.url, link.get("href")))
    if response.status_code != 200:
        raise walker.lost(f"a file, not status {response.status_code}")
    return response.content


def proven_rows(found: list[Proven]) -> list[tuple[str, str]]:
    """Lines for the printed receipt: (what, how it stands)."""
    from kyojo.civic.municipalities.models import Municipality

    names = dict(Municipality.objects.values_list("slug", "name"))
    rows = []
    for one in found:
        seen = "・".join(names.get(name, name) for name in one.seen_by)
        where = f"✓ {one.town}の{one.number:,}番（全{one.size:,}件）"
        rows.append(("公開の記録簿", f"{where}　{seen}も確認" if seen else where))
    return rows
