"""Trust: levels, and what somebody lacks for a kind of help. Pure.

One function, ``missing``, says what stands in the way: matching refuses and pages explain by it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

IDENTITY, BACKGROUND, TRAINING, LICENCE = "identity", "background", "training", "licence"
#: In the order in which people get them.
KINDS = (IDENTITY, BACKGROUND, TRAINING, LICENCE)

#: How long before the last day people and the office are told, once each.
TOLD_DAYS = (60, 14)
#: Within what time a second member of staff confirms what the first has seen.
CONFIRM_WITHIN = timedelta(days=7)

#: What may be shown at the counter, by kind of check. No number and no copy is kept.
DOCUMENTS = {
    IDENTITY: {
        "mynumber": "マイナンバーカード（おもて面）",
        "driver": "運転免許証",
        "residence": "在留カード・特別永住者証明書",
        "passport": "パスポート",
        "two_papers": "写真のない書類2つ（資格確認書と住民票など）",
    },
    BACKGROUND: {
        "statement": "本人の申告書と面談の記録",
        "certificate": "公的な証明書",
        "reference": "紹介した団体の書面",
    },
    TRAINING: {"completion": "修了証", "roster": "主催者の名簿"},
    LICENCE: {"driver": "運転免許証", "licence": "資格者証・登録証", "register": "公開の名簿"},
}
#: What of a paper is compared with the register, by code.
ITEMS = {
    "name": "名前",
    "birth_date": "生年月日",
    "address": "住所",
    "face": "顔写真",
    "valid": "期限の内",
}
#: Without these nobody is identified.
ITEMS_NEEDED = {IDENTITY: frozenset({"name", "birth_date"})}


class Level(IntEnum):
    REGISTERED = 0
    CONTACT = 1
    IDENTITY = 2
    FULL = 3


LEVELS = {
    Level.REGISTERED: "登録ずみ",
    Level.CONTACT: "連絡先を確認ずみ",
    Level.IDENTITY: "本人を確認ずみ",
    Level.FULL: "本人・経歴・講習を確認ずみ",
}


def level_of(kinds: Collection[str], *, contact: bool) -> Level:
    """The level of somebody with these kinds of checks; ``contact``: they were reached once."""
    held = set(kinds)
    if IDENTITY in held:
        return Level.FULL if held >= {BACKGROUND, TRAINING} else Level.IDENTITY
    return Level.CONTACT if contact else Level.REGISTERED


@dataclass(frozen=True)
class Held:
    """A check that somebody has; ``until`` is its last day, None for no end."""

    kind: str
    label: str
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.until is None or day <= self.until


@dataclass(frozen=True)
class Missing:
    """A check that is lacking. ``course``: which training, "" for any; ``ended_on``: the last day
    of the one that they had."""

    kind: str
    course: str = ""
    ended_on: date | None = None

    @property
    def name(self) -> str:
        """``本人確認``, ``講習「子どもの見守り講習」``."""
        if self.kind == TRAINING and self.course:
            return f"講習「{self.course}」"
        return NAMES[self.kind]


NAMES = {
    IDENTITY: "本人確認",
    BACKGROUND: "経歴の確認",
    TRAINING: "講習",
    LICENCE: "資格の確認",
}


def what_of(kind: str, label: str) -> str:
    """A check as a sentence names it: ``本人確認``, ``資格「保育士」の確認``."""
    if kind in (IDENTITY, BACKGROUND):
        return NAMES[kind]
    return f"{'講習' if kind == TRAINING else '資格'}「{label}」の確認"


#: How to get each, for whoever lacks it.
WAYS = {
    IDENTITY: "スマートフォンのアプリか、センターの窓口で確かめます。",
    BACKGROUND: "センターの窓口で、書類とお話で確かめます。先にお電話ください。",
    TRAINING: "センターで講習の日をご案内します。修了証があるときは、窓口で見せてください。",
    LICENCE: "免許や資格の証明を、センターの窓口で見せてください。",
}


def missing(
    *, needed: Collection[str], course: str = "", held: Iterable[Held], day: date
) -> tuple[Missing, ...]:
    """What somebody with ``held`` lacks on ``day`` where ``needed`` kinds are asked for, and of the
    trainings ``course`` in particular. Empty: nothing."""
    of_kind: dict[str, list[Held]] = {}
    for one in held:
        if one.kind == TRAINING and course and one.label != course:
            continue
        of_kind.setdefault(one.kind, []).append(one)
    asked = set(needed) | ({TRAINING} if course else set())
    return tuple(
        Missing(kind, course if kind == TRAINING else "", _ended(of_kind.get(kind, [])))
        for kind in KINDS
        if kind in asked and not any(one.holds_on(day) for one in of_kind.get(kind, []))
    )


def _ended(lapsed: Iterable[Held]) -> date | None:
    return max((one.until for one in lapsed if one.until is not None), default=None)


def missing_sentence(what: str, lacking: Collection[Missing]) -> str:
    """``子どもの預かりには、あと経歴の確認と講習「…」が必要です``; "" where nothing is lacking."""
    if not lacking:
        return ""
    return f"{what}には、あと{'と'.join(one.name for one in lacking)}が必要です"


def reminder_of(days_left: int) -> int | None:
    """Which reminder is due so many days before the end: 60, 14 or none."""
    due = [days for days in TOLD_DAYS if 0 <= days_left <= days]
    return min(due, default=None)
