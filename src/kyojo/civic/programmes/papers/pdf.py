"""An outline (要綱) and a table of differences (新旧対照表) as PDF."""

from collections.abc import Sequence
from datetime import date

from kyojo.kernel.wording import jdate_era

from .differences import Differences, Line
from .outline import Article, Outline
from .typesetting import Value, typeset


def outline_pdf(outline: Outline, *, made_on: date) -> bytes:
    """The outline on A4, upright. Raises ``GlyphsMissing``."""
    return typeset(
        "outline",
        {
            "title": outline.title,
            "author": outline.operator,
            "begins": f"{jdate_era(outline.effective_from)}施行",
            "articles": [_article(one) for one in outline.articles],
            "after": [_article(one) for one in (outline.supplement, outline.annex)],
        },
        made_on=made_on,
    )


def differences_pdf(table: Differences, *, made_on: date) -> bytes:
    """The table on A4, lying. Raises ``GlyphsMissing``."""
    return typeset(
        "differences",
        {
            "title": f"{table.new.title}新旧対照表",
            "author": table.new.operator,
            "old": f"改正前（{jdate_era(table.old.effective_from)}施行）",
            "new": f"改正後（{jdate_era(table.new.effective_from)}施行）",
            "rows": [[_lines(row.old), _lines(row.new)] for row in table.rows],
        },
        made_on=made_on,
    )


def _article(article: Article) -> Value:
    return {
        "title": f"（{article.title}）" if article.number else article.title,
        "paragraphs": [
            {"label": article.label(i), "text": one.text, "items": list(one.items)}
            for i, one in enumerate(article.paragraphs)
        ],
    }


def _lines(lines: Sequence[Line]) -> list[Value]:
    return [
        {"level": one.level, "spans": [[span.text, span.changed] for span in one.spans]}
        for one in lines
    ]
