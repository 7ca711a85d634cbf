"""What becomes of everything a member has, as a paper for them or their family (精算書). As PDF.

Plain values in, bytes out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kyojo.kernel.wording import jdate_era

from .typesetting import Value, typeset

#: (what, how much, what becomes of it)
Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Settlement:
    """``settled``: what was settled; ``rest``: what stands open still. ``issuer``: a line each."""

    event: str
    to: str
    number: str
    issuer: tuple[str, ...]
    settled: tuple[Row, ...]
    rest: tuple[Row, ...] = ()
    note: str = ""


def settlement_pdf(paper: Settlement, *, made_on: date) -> bytes:
    """A settlement on A4. Raises ``GlyphsMissing``."""
    return typeset(
        "settlement",
        {
            "title": f"{paper.event}の精算書",
            "author": paper.issuer[0] if paper.issuer else "",
            "to": paper.to,
            "number": f"会員番号 {paper.number}",
            "made": f"{jdate_era(made_on)} 現在",
            "issuer": list(paper.issuer),
            "parts": [
                *_part("精算したもの", ("制度", "数", "どうなるか"), paper.settled),
                *_part("まだ片づいていないもの", ("もの", "制度", "これからのこと"), paper.rest),
            ],
            "note": paper.note,
        },
        made_on=made_on,
    )


def _part(title: str, heads: Sequence[str], rows: Sequence[Row]) -> list[Value]:
    if not rows:
        return []
    return [{"title": title, "heads": list(heads), "rows": [list(row) for row in rows]}]
