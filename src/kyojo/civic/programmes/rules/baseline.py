"""The national baseline (全国基準): within what a municipality's programme must stay, as data."""

import tomllib
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from math import floor
from typing import Any

from .model import Document, Kind, Part, Sentence
from .places import Path, line_of, lines_of
from .reading import Mistake, dotted


class Bound(Part):
    """One bound: what may stand at ``key`` (``*``: every one there) in programmes of ``kinds``."""

    key: Sentence
    kinds: list[Kind] = []
    least: int | None = None
    most: int | None = None
    only: list[str] = []
    include: list[str] = []
    required: bool = False
    #: The price of one unit is held to the bound by what it makes for an hour of help.
    each_hour: bool = False
    why: Sentence


class Phase(Part):
    """Industries (業種) that disclose their coins from a year on."""

    from_year: int
    industries: list[str]


class Disclosure(Part):
    """The phased schedule by which companies come to disclose."""

    source: str
    says: Sentence
    phases: list[Phase]

    def from_year(self, industry: str) -> int | None:
        """The year from which ``industry`` discloses; None: not on the schedule."""
        return min((p.from_year for p in self.phases if industry in p.industries), default=None)


class Baseline(Part):
    baseline: str
    effective_from: date
    bounds: list[Bound]
    disclosure: Disclosure


@cache
def baseline() -> Baseline:
    """The newest baseline that the house knows."""
    folder = files("kyojo.civic.programmes").joinpath("baseline")
    newest = max((one for one in folder.iterdir() if one.name.endswith(".toml")), key=_name)
    return Baseline.model_validate(tomllib.loads(newest.read_text("utf-8")))


def _name(one: Any) -> str:
    return str(one.name)


def breaches(document: Document, text: str, within: Baseline | None = None) -> list[Mistake]:
    """Where ``document``, whose text is ``text``, breaks a bound; each names the bound."""
    within = within or baseline()
    lines = lines_of(text)
    content = document.model_dump(by_alias=True)
    found = []
    for bound in within.bounds:
        if bound.kinds and document.kind not in bound.kinds:
            continue
        for path, value in _at(content, tuple(bound.key.split("."))):
            factor = hour_units(document) if bound.each_hour else Fraction(1)
            may = _allowed(bound, value, factor)
            if may:
                found.append(
                    Mistake(
                        line_of(lines, path),
                        dotted(path),
                        f"baseline {bound.key}",
                        f"{may}（全国基準{within.baseline}：{bound.why}）",
                    )
                )
    return sorted(found, key=lambda one: (one.line, one.key))


def _at(content: Any, key: tuple[str, ...], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that ``key`` names. A table that is not there has none; a last key has None."""
    if not key:
        yield path, content
    elif key[0] == "*":
        rows = content.items() if isinstance(content, dict) else enumerate(content)
        for part, value in rows:
            yield from _at(value, key[1:], (*path, part))
    elif isinstance(content, dict) and (key[0] in content or len(key) == 1):
        value = content.get(key[0])
        if value is not None or len(key) == 1:
            yield from _at(value, key[1:], (*path, key[0]))


def hour_units(document: Document) -> Fraction:
    """How often the price of ``ticket`` and ``thanks`` is due in an hour of help; a visit of any
    length counts as one."""
    earning = document.earning
    step_minutes = earning.minutes if earning.per == "minutes" else earning.at_least_minutes
    units = Fraction(60 * earning.units, step_minutes or 60)
    if document.kind == "time-deposit" and document.worth is not None:
        units /= document.worth.of  # its prices are those of so many units
    return units


def _allowed(bound: Bound, value: Any, factor: Fraction) -> str:
    """What may stand there, if ``value`` may not; else nothing. ``factor``: units in an hour."""
    if value is None:
        return "必ず書くもの" if bound.required else ""
    if bound.least is not None and value < bound.least:
        return f"{bound.least:,}以上の整数"
    if bound.most is not None and value * factor > bound.most:
        hourly = f"（1時間で{bound.most:,}以下）" if factor != 1 else ""
        return f"{floor(bound.most / factor):,}以下の整数{hourly}"
    if bound.only and value not in bound.only:
        return f"{'、'.join(bound.only)} のどれか"
    if bound.include and set(bound.include) - set(value):
        return f"{'、'.join(bound.include)} をふくむもの"
    return ""
