"""All that is held about somebody on paper, for them to read: large type, no more than can be
carried. As PDF.

Plain values in, bytes out. Nothing is refused for its letters: what cannot be printed is 〓.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kyojo.kernel.wording import jdate_plain

from .typesetting import printable, typeset

#: So many records of one kind, and so many in all, are set; the paper says how many there are.
KIND_MOST, RECORDS_MOST = 200, 1_500
#: So many letters of one value.
WORDS_MOST = 4_000
#: What no line can be broken in (a signature), from so many letters on, is for machines.
_SOLID = re.compile(r"[!-~]{80,}")


@dataclass(frozen=True, slots=True)
class Kind:
    """``records``, the newest first: (heading, words) each."""

    title: str
    records: Sequence[Sequence[tuple[str, str]]]


def own_data_pdf(
    kinds: Sequence[Kind], *, holder: str, number: str, town: str, office: str, made_on: date
) -> bytes:
    """Sheets of A4."""
    left, parts = RECORDS_MOST, []
    for kind in kinds:
        shown = kind.records[: min(KIND_MOST, left)]
        left -= len(shown)
        hidden = len(kind.records) - len(shown)
        how = f"新しいものから{len(shown)}件をのせました" if shown else "のせていません"
        note = (
            f"全部で{len(kind.records)}件あります。ここには、{how}。"
            "すべては、画面かファイル（JSON）で見られます。"
        )
        parts.append(
            {
                "heading": printable(kind.title),
                "note": note if hidden else "",
                "records": [
                    [[printable(name), _lines(words)] for name, words in record] for record in shown
                ],
            }
        )
    return typeset(
        "own-data",
        {
            "title": "あなたについて記録されていること",
            "author": printable(town),
            "lines": [
                printable(f"{holder} 様（会員番号 {number}）"),
                printable(f"{jdate_plain(made_on)}に、{town}のすべての記録から集めました。"),
                "ほかの人のことは、あなたが画面で読んだお名前だけです。",
                "〓は、紙に印刷できない文字です。",
                printable(office),
            ],
            "contents": [f"{printable(one.title)}（{len(one.records)}）" for one in kinds],
            "parts": parts,
            "foot": f"{number}・{jdate_plain(made_on)}",
        },
        made_on=made_on,
    )


def _lines(words: str) -> list[str]:
    kept = words if len(words) <= WORDS_MOST else f"{words[:WORDS_MOST]}……（つづきは画面で）"
    short = _SOLID.sub(lambda found: f"{found[0][:40]}……（つづきはファイルで）", kept)
    return [printable(line) for line in short.splitlines()] or ["—"]
