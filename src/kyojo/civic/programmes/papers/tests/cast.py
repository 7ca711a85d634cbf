"""What the papers are made of in tests: two versions of a programme, and names for codes."""

import tomllib
from datetime import date
from typing import Any

from kyojo.civic.programmes.papers.outline import Names, Outline, outline
from kyojo.civic.programmes.rules import presets, reading
from kyojo.civic.programmes.rules.model import Document

OLD_DAY, NEW_DAY, MADE_ON = date(2026, 4, 1), date(2027, 4, 1), date(2026, 11, 28)
NAMES = Names("北ひなた市", {"ride": "送り迎え", "garden": "庭の手入れ"})


def preset(name: str, *changes: tuple[str, str]) -> Document:
    """A preset, with pieces of its text replaced; each piece must be there."""
    text = presets.preset(name)
    for piece, other in changes:
        assert piece in text, piece
        text = text.replace(piece, other)
    return reading.read(text)


def content(name: str) -> dict[str, Any]:
    return tomllib.loads(presets.preset(name))


def versions(*changes: tuple[str, str], name: str = "inagi") -> tuple[Outline, Outline]:
    """The outline of a preset and of a changed one, a year later."""
    return (
        outline(preset(name), effective_from=OLD_DAY, names=NAMES),
        outline(preset(name, *changes), effective_from=NEW_DAY, names=NAMES),
    )
