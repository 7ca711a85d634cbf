"""A programme's outline (要綱): numbered articles in a municipal rule's style, from a document.

Pure. An article stands only where the document says something about it, so numbers are given at
the end, and ``key`` is what stays the same when an article moves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from kyojo.kernel.wording import jdate_era, jdate_plain

from ..rules.model import Document
from . import clauses, coin_clauses, thanks_clauses
from .parts import Clause, Paragraph, Said

#: The articles in their order; a function answers None where the document is silent.
ARTICLES: tuple[tuple[str, Callable[[Said], Clause | None]], ...] = (
    ("purpose", clauses.purpose),
    ("definitions", clauses.definitions),
    ("who", clauses.who),
    ("activities", clauses.activities),
    ("hosts", clauses.hosts),
    ("earning", clauses.earning),
    ("limits", clauses.limits),
    ("conversion", clauses.conversion),
    ("price", coin_clauses.price),
    ("ticket", thanks_clauses.ticket),
    ("thanks", thanks_clauses.thanks),
    ("fees", thanks_clauses.fees),
    ("circulation", thanks_clauses.circulation),
    ("spenders", thanks_clauses.spenders),
    ("uses", clauses.uses),
    ("expiry", clauses.expiry),
    ("leaving", clauses.leaving),
    ("issue", coin_clauses.issue),
    ("offers", coin_clauses.offers),
    ("categories", coin_clauses.categories),
    ("trust", coin_clauses.trust),
    ("evidence", coin_clauses.evidence),
    ("closed_door", coin_clauses.closed_door),
    ("reviews", coin_clauses.reviews),
    ("badges", coin_clauses.badges),
    ("minors", coin_clauses.minors),
    ("targets", coin_clauses.targets),
    ("safety", coin_clauses.safety),
    ("insurance", coin_clauses.insurance),
    ("gifts", coin_clauses.gifts),
    ("messages", coin_clauses.messages),
    ("privacy", coin_clauses.privacy),
    ("funding", clauses.funding),
    ("rest", clauses.rest),
)


@dataclass(frozen=True, slots=True)
class Article:
    """``number`` is 0 for what stands behind the articles: 附則 and 別記."""

    key: str
    number: int
    title: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def heading(self) -> str:
        """``第3条``, or the title of an article without a number."""
        return f"第{self.number}条" if self.number else self.title

    @property
    def text(self) -> str:
        """Everything that the article says, a line for each paragraph and item."""
        return "\n".join(line for one in self.paragraphs for line in (one.text, *one.items))

    def label(self, index: int) -> str:
        """What stands before a paragraph: the article's number before the first, then 2, 3 …"""
        if index:
            return str(index + 1)
        return self.heading if self.number else ""


def item_label(index: int) -> str:
    return f"({index + 1})"


@dataclass(frozen=True, slots=True)
class Outline:
    """``supplement`` is 附則, ``annex`` 別記: where the figures come from, and what to look at."""

    title: str
    name: str
    operator: str
    effective_from: date
    articles: tuple[Article, ...]
    supplement: Article
    annex: Article

    @property
    def everything(self) -> tuple[Article, ...]:
        return (*self.articles, self.supplement, self.annex)


@dataclass(frozen=True, slots=True)
class Names:
    """Who runs it, and what kinds of help and other programmes are called; a code without a name is
    shown as it is."""

    operator: str = ""
    categories: Mapping[str, str] = field(default_factory=dict)
    programmes: Mapping[str, str] = field(default_factory=dict)


def outline(document: Document, *, effective_from: date, names: Names | None = None) -> Outline:
    """The outline that ``document`` amounts to, in force from ``effective_from``."""
    names = names or Names()
    said = Said(document, names.operator, names.categories, names.programmes)
    articles: list[Article] = []
    for key, clause in ARTICLES:
        found = clause(said)
        if found is not None:
            title, paragraphs = found
            articles.append(Article(key, len(articles) + 1, title, tuple(paragraphs)))
    begins = f"この要綱は、{jdate_era(effective_from)}から施行する。"
    return Outline(
        title=f"{names.operator}{document.name}実施要綱",
        name=document.name,
        operator=names.operator,
        effective_from=effective_from,
        articles=tuple(articles),
        supplement=Article("supplement", 0, "附則", (Paragraph(begins),)),
        annex=Article("annex", 0, "別記", tuple(_annex(document))),
    )


def _annex(document: Document) -> list[Paragraph]:
    sources = tuple(
        f"{one.says}（{one.source}{f'、{jdate_plain(one.as_of)}現在' if one.as_of else ''}）"
        for one in document.sources
    )
    found = [Paragraph("本制度の定めの出典は、次のとおりとする。", sources)]
    notes = [one.says for one in document.flagged]
    if document.worth and document.worth.reading:
        notes.append(document.worth.reading)
    if notes:
        found.append(Paragraph("施行の前に、次の事項を確認するものとする。", tuple(notes)))
    return found
