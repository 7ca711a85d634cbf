"""Reports and lists on paper that go to somebody outside: a support centre, an insurer. As PDF.

Plain values in, bytes out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kyojo.kernel.wording import jdate_plain

from .typesetting import typeset


@dataclass(frozen=True, slots=True)
class Part:
    """``rows``: (term, words); an empty word is shown as a line to write on by hand."""

    heading: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """``mark``: a word in a box on top (至急, 秘). ``to``, ``sender``: lines of an address."""

    title: str
    parts: tuple[Part, ...]
    to: tuple[str, ...] = ()
    sender: tuple[str, ...] = ()
    mark: str = ""
    note: str = ""
    foot: str = ""


def report_pdf(report: Report, *, made_on: date) -> bytes:
    """Sheets of A4. Raises ``GlyphsMissing``."""
    return typeset(
        "report",
        {
            "title": report.title,
            "author": report.sender[0] if report.sender else "",
            "mark": report.mark,
            "to": list(report.to),
            "from": [jdate_plain(made_on), *report.sender],
            "parts": [
                {
                    "heading": part.heading,
                    "rows": [[term, words.splitlines() or ["　"]] for term, words in part.rows],
                }
                for part in report.parts
            ],
            "note": report.note,
            "foot": report.foot,
        },
        made_on=made_on,
    )


def list_pdf(
    *,
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    made_on: date,
    lines: Sequence[str] = (),
    note: str = "",
    foot: str = "",
    author: str = "",
) -> bytes:
    """A list on sheets of A4 on their side. Raises ``GlyphsMissing``."""
    return typeset(
        "list",
        {
            "title": title,
            "author": author,
            "lines": [*lines, f"{len(rows)}件・{jdate_plain(made_on)}現在"],
            "headings": list(headings),
            "rows": [list(row) for row in rows],
            "note": note,
            "foot": foot,
        },
        made_on=made_on,
    )
