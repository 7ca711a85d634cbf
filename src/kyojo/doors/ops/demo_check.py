"""``demo --check``: both stories over the real socket, across two towns, with a receipt.

``run`` plays them with walkers, who only press what they see, compares what the pages say with the
towns' ledgers, and prints who did what and where the coins are now.
"""

import sys
import unicodedata
from dataclasses import dataclass

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel import clock
from kyojo.ledger import selectors as ledger
from kyojo.ledger.domain import clearing_account_id

from . import demo_check_stories as stories
from .demo_check_people import Stage
from .demo_check_proofs import proven_rows, receipt_proven
from .demo_check_stories import Story, day_words
from .demo_town_cast import KITA, MIDORI
from .walker import Lost

WIDTH = 74


@dataclass(frozen=True)
class Books:
    """What the two towns owe each other, in coins: positive is a claim on the other town."""

    kita: int
    midori: int


def run(base_url: str) -> int:
    """Play both stories on the demo at ``base_url``; 0 when everything was as it should be."""
    stage = Stage(base_url.rstrip("/"))
    try:
        told = play(stage)
    except Lost as lost:
        print(f"✗ {lost}", file=sys.stderr)
        return 1
    finally:
        stage.close()
    print(told)
    return 0


def play(stage: Stage) -> str:
    """Both stories; returns the receipt. Raises ``Lost``."""
    stories.town_looked_at(stage)
    stories.pending_confirmed(stage)
    books_before = books_read()
    company_before = stories.company_sum(stage)
    first_day, second_day = stories.days_chosen(stage.now().date())
    first = Story(
        "ケアする人の話", "庭の手入れ", first_day, stories.SUPPORTER,
        "サポーター", "本人が画面で", "合言葉",
    )  # fmt: skip
    second = Story(
        "サポーターの話", "さんぽ", second_day, stories.NEW_NAME,
        "新しいサポーター", "電話で（事務局が記録）", "合言葉",
    )  # fmt: skip
    stories.first_story_asked(stage, first)
    stories.first_story_agreed(stage, first)
    new = stories.signed_up(stage)
    stories.employer_linked(stage, new)
    stories.identity_checked(stage, new)
    stories.second_story_asked(stage, second, new)
    stories.second_story_agreed(stage, second)
    supporter = stage.be(stories.SUPPORTER)
    stories.day_of_visit(stage, first, supporter=supporter, hour=10, minutes=120)
    stories.closed(stage, first, supporter=supporter)
    stories.day_of_visit(stage, second, supporter=new, hour=10, minutes=60)
    stories.closed(stage, second, supporter=new)
    with stage.at("12 会社の合計と、両方の市の台帳"):
        company_after = stories.company_sum(stage)
        books_after = books_read()
        conserved(stage, [first, second], books_before, books_after)
        company_grew(stage, [first, second], company_before, company_after)
        sound(stage)
    for story in (first, second):
        story.proven = proven_rows(receipt_proven(stage, story))
    return receipt([first, second], books_before, books_after, company_before, company_after)


# --- the books ------------------------------------------------------------------------------------


def books_read() -> Books:
    """The clearing accounts of both towns, from their ledgers."""
    return Books(_clearing(KITA, MIDORI), _clearing(MIDORI, KITA))


def _clearing(here: int, there: int) -> int:
    with tenant(here):
        balance = ledger.balance(ledger=here, account=clearing_account_id(here, there))
    return balance.debits_posted - balance.credits_posted


def conserved(stage: Stage, told: list[Story], before: Books, after: Books) -> None:
    """What left one town's carer is what the other town's supporters got; neither made nor lost."""
    left = sum(story.moved for story in told)
    arrived = sum(story.supporter_gain for story in told)
    if left != arrived:
        raise stage.lost(f"as many coins to arrive as left: {left} left, {arrived} arrived")
    if after.kita + after.midori != 0:
        raise stage.lost(f"clearing accounts equal and opposite, not {after}")
    if abs(after.kita - before.kita) != left or abs(after.midori - before.midori) != left:
        raise stage.lost(f"both clearing accounts to move by {left}: {before} became {after}")


def company_grew(stage: Stage, told: list[Story], before: int | None, after: int | None) -> None:
    """The company's published sum grew by what its people earned. A hidden sum tells nothing, and
    a new fiscal year begins a new one."""
    years = {clock.fiscal_year(story.visit_day) for story in told}
    if stage.began is not None:
        years.add(clock.fiscal_year(stage.began.date()))
    if before is None or after is None or len(years) > 1:
        return
    moved = sum(story.moved for story in told)
    if after - before != moved:
        raise stage.lost(f"{moved} coins more on the company's page, {before} became {after}")


def sound(stage: Stage) -> None:
    """Every balance recomputed from its transfers, in both ledgers."""
    from kyojo.ledger.check import check

    from .demo_town import as_owner

    with as_owner():
        problems = check()
    if problems:
        raise stage.lost(f"sound books: {problems[0]}")


# --- the receipt ----------------------------------------------------------------------------------


def receipt(
    told: list[Story],
    before: Books,
    after: Books,
    company_before: int | None,
    company_after: int | None,
) -> str:
    lines = [
        "━" * (WIDTH // 2),
        "受け取り（レシート）　北ひなた市 ⇔ みどり浜市",
        "━" * (WIDTH // 2),
    ]
    for story in told:
        lines += ["", f"■ {story.title}：{story.category}　{day_words(story.visit_day)}"]
        lines += [f"  {_pad(when, 13)}{_pad(role, 16)}{what}" for role, what, when in story.lines]
        lines += [
            _row("たのんだ人", "ケアする人（北ひなた市）"),
            _row("行った人", f"{story.supporter_role}（みどり浜市）"),
            _row("訪問のお返事", story.consent),
            _row("来たことの証拠", story.proof),
            _row("お預かり", f"{story.held:>6,} コイン"),
            _row("動いたコイン", f"{story.moved:>6,} コイン"),
            _row("レシート番号", story.receipt),
            *(_row(what, how) for what, how in story.proven),
        ]
    moved = sum(story.moved for story in told)
    lines += [
        "",
        "■ 自治体間の清算",
        _row("北ひなた市の台帳", f"{before.kita:>+7,} → {after.kita:>+7,} コイン"),
        _row("みどり浜市の台帳", f"{before.midori:>+7,} → {after.midori:>+7,} コイン"),
        _row("2つの合計", f"{after.kita + after.midori:>7,} コイン（0なら、合っています）"),
        "",
        "■ みほん電機株式会社の合計（今年度・公開のページ）",
        _row(
            "コイン",
            f"{_sum(company_before)} → {_sum(company_after)} コイン（動いたコイン {moved}）",
        ),
        "",
        "✓ 出ていったコインと、届いたコインは同じです。台帳の残高は、すべて記録と合いました。",
        "✓ 受け取りは、公開の記録簿にあり、書きかえられていません。",
    ]
    return "\n".join(lines)


def _sum(coins: int | None) -> str:
    return "非公開（5人未満）" if coins is None else f"{coins:>7,}"


def _row(name: str, value: str) -> str:
    return f"  {_pad(name, 20)}{value}"


def _pad(text: str, width: int) -> str:
    """``text`` filled up to ``width`` columns, a Japanese letter being two."""
    wide = sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)
    return text + " " * max(1, width - wide)
