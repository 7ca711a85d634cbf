"""The engine behind every PDF: a template of ours, values as data, two typefaces that come along.

Values reach the template as JSON and are shown as strings, so no text of a document or a name can
be read as typst code. The result is PDF/A-2a (keeps) and PDF/UA-1 (can be read aloud).

The typefaces are Noto Sans JP and Noto Serif JP (OFL) from the wheel ``pylopdf-fonts-jp``: they
have every kanji of JIS X 0213 and 𠮷, as names need. BIZ UDPGothic, which the pages use, lacks
those, and lies in our tree as woff2 in two halves, which typst cannot read.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_jp
import typst
from fontTools.ttLib import TTFont

from .errors import GlyphsMissing

TEMPLATES = Path(__file__).parent / "templates"

#: What a template may be given.
Value = str | int | Sequence["Value"] | Mapping[str, "Value"]

#: A kana and its voicing mark, as some systems store them apart.
_VOICED = re.compile(r"[\u3041-\u30ff][\u3099\u309a]")
#: One character with the variation selector that may follow it.
_CHARACTER = re.compile(r"(.)([\ufe00-\ufe0f\U000e0100-\U000e01ef]?)", re.S)


def typeset(template: str, values: Mapping[str, Value], *, made_on: date) -> bytes:
    """The PDF of ``template`` filled with ``values``; the same values give the same bytes.

    Raises ``GlyphsMissing``: a character that the typefaces do not have.
    """
    clean = cleaned(values)
    missing = list(dict.fromkeys(one for text in _texts(clean) for one in missing_in(text)))
    if missing:
        raise GlyphsMissing(
            characters="、".join(
                f"「{one}」" if one.isprintable() else "印刷できない文字" for one in missing
            ),
            codes="、".join(" ".join(f"U+{ord(part):04X}" for part in one) for one in missing),
        )
    return _compiled(
        template,
        clean,
        pdf_standards=["a-2a", "ua-1"],
        timestamp=datetime.combine(made_on, time(), UTC),
    )


def drawn(template: str, values: Mapping[str, Value], *, width_px: int, width_pt: float) -> bytes:
    """The one page of ``template``, ``width_pt`` wide, as a PNG of ``width_px``."""
    return _compiled(template, values, format="png", ppi=72 * width_px / width_pt)


def _compiled(template: str, values: Value, **how: Any) -> bytes:
    made = typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=[str(pylopdf_fonts_jp.serif_path().parent)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(values, ensure_ascii=False)},
        **how,
    )
    assert isinstance(made, bytes)
    return made


def printable(text: str, *, instead: str = "〓") -> str:
    """``text`` with ``instead`` for each character that the typefaces lack: for words of others,
    which nobody can be asked to write again."""
    lacking = set(missing_in(text))
    return _CHARACTER.sub(
        lambda found: instead if found[0] in lacking and not found[0].isspace() else found[0], text
    )


def cleaned(value: Value) -> Value:
    """Every text on one line, and kana and their voicing marks as one character."""
    if isinstance(value, str):
        whole = _VOICED.sub(lambda found: unicodedata.normalize("NFC", found[0]), value)
        # The ideographic space is kept: between a label and its text it belongs to the hand.
        return re.sub(r"[^\S\u3000]+", " ", whole)
    if isinstance(value, int):
        return value
    if isinstance(value, Mapping):
        return {key: cleaned(one) for key, one in value.items()}
    return [cleaned(one) for one in value]


def missing_in(text: str) -> Iterator[str]:
    """Characters (with their variation selector) that one of the typefaces lacks."""
    plain, variants = _glyphs()
    for match in _CHARACTER.finditer(text):
        base, selector = match.groups()
        if ord(base) not in plain or (selector and (ord(base), ord(selector)) not in variants):
            yield match[0]


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif not isinstance(value, int):
        for one in value:
            yield from _texts(one)


@cache
def _glyphs() -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """What both typefaces have: characters, and characters with a variation selector."""
    plain, variants = [], []
    for path in (pylopdf_fonts_jp.sans_path(), pylopdf_fonts_jp.serif_path()):
        with TTFont(path, lazy=True) as font:
            plain.append(frozenset(font.getBestCmap()))
            tables = [one for one in font["cmap"].tables if one.format == 14]
            variants.append(
                frozenset(
                    (base, selector)
                    for table in tables
                    for selector, pairs in table.uvsDict.items()
                    for base, _ in pairs
                )
            )
    return plain[0] & plain[1], variants[0] & variants[1]
