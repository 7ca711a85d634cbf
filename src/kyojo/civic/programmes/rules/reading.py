"""A programme's document: TOML in, a ``Document`` out, or every mistake with its line.

Three walls, one behind the other: TOML itself, the schema (``model``), and what only several keys
together can get wrong (``consistency``). The national baseline is a fourth one, ``baseline``.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ..errors import DocumentInvalid, DocumentUnreadable
from . import consistency, toml_words
from .allowed import allowed
from .model import SCHEMA, UNPRINTABLE, Document
from .places import Path, line_of, lines_of

#: Levels of tables and lists. What is nested a thousandfold would exhaust whoever walks over it.
DEPTH_MAX = 20


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong where; ``rule`` names the rule that was broken, ``allowed`` what may stand."""

    line: int
    key: str
    rule: str
    allowed: str


def read(text: str) -> Document:
    """The programme that ``text`` states.

    Raises ``DocumentUnreadable`` for what is not TOML, ``DocumentInvalid`` for the first mistake.
    """
    document, mistakes = check(text)
    if document is None:
        raise invalid(mistakes[0])
    return document


def check(text: str) -> tuple[Document | None, list[Mistake]]:
    """The document, or all mistakes by line. Raises ``DocumentUnreadable``."""
    content = content_of(text)
    lines = lines_of(text)
    try:
        document = Document.model_validate(content)
    except ValidationError as error:
        return None, _sorted(_of_schema(one, lines) for one in error.errors())
    found = _sorted(
        Mistake(line_of(lines, path), dotted(path), rule, may)
        for path, rule, may in consistency.breaches(document)
    )
    return (None if found else document), found


def content_of(text: str) -> dict[str, Any]:
    """What the text says, in the newest form. Raises ``DocumentUnreadable``."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number without end, brackets in brackets
        line, detail = toml_words.said(error, text)
        raise DocumentUnreadable(detail=detail, line=line) from None
    if _is_deeper(content, DEPTH_MAX):
        raise DocumentUnreadable(detail=f"表と並びの重なりは{DEPTH_MAX}段までです")
    is_first_form = content.get("schema") == SCHEMA - 1 and "kind" not in content
    return upgraded(content) if is_first_form else content


def upgraded(content: dict[str, Any]) -> dict[str, Any]:
    """A document of the first form, which knew coin programmes only, in today's form."""
    new = dict(content)
    per_half_hour = _inside(content, "price", "coins_per_30_minutes")
    new |= {
        "schema": SCHEMA,
        "kind": "coin",
        "counted": "分",
        "summary": f"{content.get('name', '')}",
        "sources": [{"says": "コインの数と期限", "source": "この自治体のきまり"}],
        "who": {"relation": ["lives", "works", "studies"]},
        "earning": {"per": "minutes", "minutes": 30, "units": 30},
        "conversion": {"way": "steps", "units": 30, "grants": per_half_hour},
        "uses": [{"use": use} for use in _inside(content, "uses", "allowed") or []],
    }
    if "uses" not in content:
        del new["uses"]
    return new


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether tables and lists lie deeper in each other than this: no document of ours does."""
    row = [value]
    for _ in range(levels):
        row = [
            inner
            for one in row
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return any(isinstance(one, dict | list) for one in row)


def _inside(content: dict[str, Any], table: str, key: str) -> Any:
    value = content.get(table)
    return value.get(key) if isinstance(value, dict) else None


def invalid(mistake: Mistake) -> DocumentInvalid:
    return DocumentInvalid(line=mistake.line, key=mistake.key or "文書", allowed=mistake.allowed)


def dotted(path: Path) -> str:
    """``("uses", 0, "use")`` as people write it: ``uses[1].use``."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _sorted(mistakes: Any) -> list[Mistake]:
    return sorted(mistakes, key=lambda one: (one.line, one.key))


def _of_schema(error: Any, lines: dict[Path, int]) -> Mistake:
    path: Sequence[str | int] = error["loc"]
    if path and path[-1] == "[key]":  # the name of a key is wrong, not its value
        path = path[:-1]
        may = "英小文字で始まる名前（英小文字・数字・_）"
    else:
        may = allowed(tuple(path))
    if error["type"] == UNPRINTABLE:
        may = f"{may}（空白だけ、目に見えない制御文字、名前の中の改行は使えません）"
    if error["type"] == "missing":
        may = f"{may}（まだ書かれていません）"
    place = tuple(path)
    return Mistake(line_of(lines, place), dotted(place), error["type"], may)
