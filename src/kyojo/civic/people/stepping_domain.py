"""When somebody is asked once more who they are, and what they are asked (対話型認証). No Django.

An act is asked about when the situation is unusual (a new device, a long silence) and the act
would hurt if it were somebody else's. The questions are about the person's own last visits; what a
guesser sees of them tells nothing: names that nobody has stand beside the true one, the true one is
missing now and then, and the same questions come back until they are answered.
"""

import hashlib
import hmac
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kyojo.kernel.wording import WEEKDAYS

# --- how risky it is ----------------------------------------------------------------------------

#: Points of risk; from ``ASKED_FROM`` on it is asked.
ASKED_FROM = 60
NEW_DEVICE, LONG_SILENCE = 40, 30
LONG_SILENCE_FROM = timedelta(days=60)

#: What an act weighs. ``coins_give`` and ``visit_confirm`` weigh by how much moves.
ACTS: dict[str, int] = {
    "coins_give": 0,
    "visit_confirm": 0,
    "mail_change": 40,
    "payout_account": 40,
    "home_change": 30,
    "passkey_add": 30,
    "data_export": 40,
    "erasure": 50,
}
#: From so many coins on, or from this part of what one has, an amount is large.
MANY_COINS, LARGE_PART = 100, 0.5
LARGE_AMOUNT = 30
#: Acts after which nothing can be taken back: with locked questions only the office helps.
FINAL_ACTS = frozenset({"payout_account", "data_export", "erasure"})


@dataclass(frozen=True)
class Situation:
    """Where and when an act is asked for. ``device_known``: this browser was trusted before, or
    the login has never had another; ``coins`` move, out of ``available``."""

    act: str
    device_known: bool
    silent_for: timedelta = timedelta(0)
    coins: int = 0
    available: int = 0


def risk(situation: Situation) -> int:
    """Points of risk. Nothing is unusual in a familiar browser that was used lately: then 0."""
    around = 0 if situation.device_known else NEW_DEVICE
    if situation.silent_for >= LONG_SILENCE_FROM:
        around += LONG_SILENCE
    if not around:
        return 0
    return around + ACTS[situation.act] + (LARGE_AMOUNT if _is_large(situation) else 0)


def is_asked(situation: Situation) -> bool:
    return risk(situation) >= ASKED_FROM


def _is_large(situation: Situation) -> bool:
    coins = situation.coins
    return coins >= MANY_COINS or 0 < situation.available * LARGE_PART <= coins


# --- what is asked ------------------------------------------------------------------------------

QUESTIONS, CHOICES = 3, 4
#: Fewer visits than this say too little about anybody.
HISTORY_MIN = 3
#: How far back somebody is expected to remember.
HISTORY_DAYS = 180
#: One time in so many the true answer is not among the choices.
ABSENT_ONE_IN = 4
NONE_OF_THESE = "この中にはありません"
DAY_PARTS = (
    "朝（10時まで）",
    "昼前（10時から12時）",
    "昼すぎ（12時から14時）",
    "午後（14時から16時）",
    "夕方（16時から）",
)
#: The hours at which the next part begins.
PART_EDGES = (10, 12, 14, 16)
#: Frequent family names. They are nobody's in particular.
NAMES = (
    "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田", "山田",
    "佐々木", "山口", "松本", "井上", "木村", "林", "斎藤", "清水", "山崎", "森", "池田", "橋本",
    "阿部", "石川", "山下", "中島", "石井", "小川", "前田", "岡田", "藤田", "後藤", "近藤",
    "村上", "遠藤", "青木", "坂本", "春風", "朝露", "夕凪", "木漏日", "若草", "霧島", "小春日",
)  # fmt: skip


@dataclass(frozen=True)
class Met:
    """A visit that the person remembers: who the other one was (family name), what for, when
    (local). ``came``: the other one came to them; else they went."""

    other: str
    category: str
    at: datetime
    came: bool


@dataclass(frozen=True)
class Question:
    """A question and its choices; ``right`` is the place of the true one (the last choice says
    that none of them is)."""

    text: str
    choices: tuple[str, ...]
    right: int


def has_history(visits: Sequence[Met]) -> bool:
    return len(visits) >= HISTORY_MIN


def questions(
    visits: Sequence[Met], *, categories: Sequence[str], seed: bytes, turn: int = 0
) -> list[Question]:
    """Three questions about three of the last visits, ``visits`` being the latest first.

    The same ``seed`` and ``turn`` give the same questions, so that drawing them again and again
    shows nothing new; the next ``turn`` asks something else about each of the visits.
    """
    assert has_history(visits)
    kinds: tuple[Callable[[Met, random.Random], tuple[str, str, list[str]]], ...] = (
        _who,
        lambda met, rng: _what(met, categories),
        _weekday,
        _day_part,
    )
    asked = []
    for number, met in enumerate(visits[:QUESTIONS]):
        # Its seed is secret; what it draws is shown anyway.
        digest = hashlib.sha256(seed + f"/{turn}/{number}".encode()).digest()
        rng = random.Random(digest)  # noqa: S311
        text, true, others = kinds[(number + turn) % len(kinds)](met, rng)
        asked.append(_question(f"{_nth(number, met)}{text}", true, others, rng))
    return asked


def _question(text: str, true: str, others: Iterable[str], rng: random.Random) -> Question:
    wrong = rng.sample(sorted(set(others) - {true}), CHOICES)
    if rng.randrange(ABSENT_ONE_IN) == 0:
        return Question(text, (*wrong, NONE_OF_THESE), CHOICES)
    shown = [true, *wrong[: CHOICES - 1]]
    rng.shuffle(shown)
    return Question(text, (*shown, NONE_OF_THESE), shown.index(true))


def _nth(number: int, met: Met) -> str:
    when = ("いちばん新しい支援", "その1つ前の支援", "さらに1つ前の支援")[number]
    return f"{when}で、"


def _who(met: Met, rng: random.Random) -> tuple[str, str, list[str]]:
    text = "来てくれた人はだれですか" if met.came else "会った相手はだれですか"
    return text, f"{met.other}さん", [f"{name}さん" for name in NAMES]


def _what(met: Met, categories: Sequence[str]) -> tuple[str, str, list[str]]:
    return "何をしましたか", met.category, list(categories)


def _weekday(met: Met, rng: random.Random) -> tuple[str, str, list[str]]:
    names = [f"{day}曜日" for day in WEEKDAYS]
    return "何曜日でしたか", names[met.at.weekday()], names


def _day_part(met: Met, rng: random.Random) -> tuple[str, str, list[str]]:
    part = sum(met.at.hour >= edge for edge in PART_EDGES)
    return "いつごろ始まりましたか", DAY_PARTS[part], list(DAY_PARTS)


# --- checking answers without keeping them ------------------------------------------------------


def answer_hash(key: bytes, number: int, place: object) -> str:
    """What is kept of the true place of question ``number``; ``key`` is this round's own."""
    return hmac.new(key, f"{number}:{place}".encode(), hashlib.sha256).hexdigest()


def hashes_of(asked: Sequence[Question], key: bytes) -> list[str]:
    return [answer_hash(key, number, one.right) for number, one in enumerate(asked)]


def all_right(hashes: Sequence[str], given: Sequence[str], key: bytes) -> bool:
    """Whether every answer is the true one. Takes the same time whichever is wrong."""
    if len(given) != len(hashes) or not hashes:
        return False
    found = [
        hmac.compare_digest(kept, answer_hash(key, number, answer))
        for number, (kept, answer) in enumerate(zip(hashes, given, strict=True))
    ]
    return all(found)
