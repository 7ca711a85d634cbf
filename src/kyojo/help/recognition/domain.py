"""What is recognised, and from when on. Pure: no Django, no clock, no database."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from kyojo.civic.programmes.domain import BadgeRule
from kyojo.help.requests.domain import CATEGORIES

_BY_CODE = {one.code: one for one in CATEGORIES}
#: How many badges somebody may show on the card that carers see.
ON_CARD_MOST = 3


@dataclass(frozen=True)
class Counts:
    """What somebody did in visits that were paid, and the courses they finished.

    ``minutes`` by kind of help; ``families``: visits by who asked; ids do not leave this room.
    """

    visits: int = 0
    minutes: Mapping[str, int] = field(default_factory=dict)
    families: Mapping[object, int] = field(default_factory=dict)
    trainings: frozenset[str] = frozenset()


class Kind(NamedTuple):
    """What a badge is for: ``of`` "visits", "hours", "companion" or "training"; ``number`` from
    which it is given, 0 for a course; ``category`` of the help, for hours."""

    of: str
    number: int = 0
    category: str = ""


def code_of(kind: Kind, label: str = "") -> str:
    """The achievement's code, as addresses and stored badges have it: ``visits-10``,
    ``hours-garden-50``, ``companion-10``, ``training-4f0c21aa``."""
    if kind.of == "training":
        return f"training-{hashlib.sha256(label.encode()).hexdigest()[:8]}"
    parts = [kind.of, kind.category, str(kind.number)]
    return "-".join(part for part in parts if part)


def kind_of(code: str) -> Kind | None:
    """What a code says; None for what is no code of an achievement."""
    of, _, rest = code.partition("-")
    if of == "training" and len(rest) == 8:
        return Kind("training")
    category, _, digits = rest.rpartition("-")
    if not digits.isascii() or not digits.isdigit() or not 0 < int(digits) <= 10_000:
        return None
    if of in ("visits", "companion") and not category:
        return Kind(of, int(digits))
    if of == "hours" and category in _BY_CODE:
        return Kind(of, int(digits), category)
    return None


def earned(counts: Counts, rule: BadgeRule) -> dict[str, str]:
    """What ``counts`` earn by the rule: achievement codes → the course's label, or ""."""
    kinds = [Kind("visits", number) for number in rule.visits]
    kinds += [Kind("hours", number, code) for code in counts.minutes for number in rule.hours]
    kinds.append(Kind("companion", rule.companion_visits))
    found = {code_of(kind): "" for kind in kinds if still_earned(kind, counts)}
    return found | {code_of(Kind("training"), label): label for label in counts.trainings}


def still_earned(kind: Kind, counts: Counts) -> bool:
    """Whether what was given once is still true; a course that was finished stays so."""
    if kind.of == "visits":
        return counts.visits >= kind.number
    if kind.of == "hours":
        return counts.minutes.get(kind.category, 0) >= 60 * kind.number
    if kind.of == "companion":
        return max(counts.families.values(), default=0) >= kind.number
    return True


@dataclass(frozen=True)
class Achievement:
    """What a badge says, in words; ``icon`` of the pages' icons, ``figure`` drawn into it."""

    code: str
    kind: Kind
    name: str
    description: str
    criteria: str
    icon: str
    figure: str


def achievement(code: str, *, town: str, label: str = "") -> Achievement | None:
    """The achievement of ``code`` in ``town``; ``label``: the course's. None for no code."""
    kind = kind_of(code)
    if kind is None:
        return None
    proof = f"{town}で、来たことが確かめられ、お礼のコインがわたった支援を数えています。"
    if kind.of == "training":
        name = label or "講習"
        return Achievement(
            code,
            kind,
            f"{name}を終えました",
            f"{town}の共助で、{name}を終えた人です。",
            f"{town}の事務局が、{name}を終えたことを確かめました。",
            "cap",
            "",
        )
    if kind.of == "hours":
        what = _BY_CODE[kind.category]
        return Achievement(
            code,
            kind,
            f"{what.name} {kind.number}時間",
            f"{what.name}の手伝いを、{kind.number}時間以上した人です。",
            proof,
            what.icon,
            str(kind.number),
        )
    if kind.of == "companion":
        return Achievement(
            code,
            kind,
            "長いおつきあい",
            f"同じご家族を、{kind.number}回以上手伝った人です。",
            proof,
            "users",
            str(kind.number),
        )
    first = kind.number == 1
    return Achievement(
        code,
        kind,
        "はじめの一歩" if first else f"手伝い {kind.number}回",
        "はじめて手伝いをした人です。" if first else f"手伝いを{kind.number}回以上した人です。",
        proof,
        "heart" if first else "star",
        "" if first else str(kind.number),
    )


def in_order(codes: Iterable[str]) -> list[str]:
    """Badges as a person reads them: visits, companions, hours, courses; the largest first."""
    rank = {"visits": 0, "companion": 1, "hours": 2, "training": 3}

    def place(code: str) -> tuple[int, int, str]:
        kind = kind_of(code) or Kind("training")
        return rank[kind.of], -kind.number, code

    return sorted(codes, key=place)


# --- certificates ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hours:
    """Visits and minutes of one kind of help."""

    category: str
    visits: int
    minutes: int


@dataclass(frozen=True)
class CompanyFigures:
    """What a company's certificate says, as it is published: None is a figure of too few people
    (decision 0009). ``rows``: (category, coins, minutes)."""

    since: date
    until: date
    people: int | None
    coins: int | None
    minutes: int | None
    rows: tuple[tuple[str, int | None, int | None], ...]


def minutes_spoken(minutes: int) -> str:
    """``12時間30分``."""
    hours, rest = divmod(minutes, 60)
    if not rest:
        return f"{hours:,}時間"
    return f"{hours:,}時間{rest}分" if hours else f"{rest}分"
