"""What an article is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..rules.model import Document, Earner, Relation
from . import terms
from .terms import thing


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph (項) and its items (号)."""

    text: str
    items: tuple[str, ...] = ()


class Said(NamedTuple):
    """What the clauses speak of: the document, and what its codes are called."""

    document: Document
    operator: str = ""
    categories: Mapping[str, str] = {}
    programmes: Mapping[str, str] = {}

    @property
    def office(self) -> str:
        return self.operator or "運営主体"

    @property
    def counted(self) -> str:
        """What activities bring: スタンプ, 時間."""
        return thing(self.document, self.document.counted)

    @property
    def granted(self) -> str:
        """What members use: ポイント, コイン, チケット."""
        return thing(self.document, self.document.unit)

    def in_counted(self, number: int) -> str:
        return f"{number:,}{self.document.counted}"

    def in_granted(self, number: int) -> str:
        return f"{number:,}{self.document.unit}"


#: An article's title and its paragraphs.
Clause = tuple[str, list[Paragraph]]


def people(
    said: Said, start: str, relation: Sequence[Relation], any_of: Sequence[Earner]
) -> Paragraph:
    """Who is meant: a tie to the municipality, and one of ``any_of`` if there are some."""
    where = (
        said.operator if said.operator.endswith(("市", "町", "村", "区")) else "本制度を行う市町村"
    )
    tie = terms.either([terms.RELATION[one] for one in relation])
    start += f"{where}の区域内に{tie}"
    earners = tuple(
        f"{age + 'の' if (age := terms.ages(one.age_from, one.age_to)) else ''}"
        f"{terms.INSURED[one.insured] if one.insured else '者'}"
        for one in any_of
    )
    if not earners:
        return Paragraph(f"{start}とする。")
    if len(earners) == 1:
        return Paragraph(f"{start}であって、{earners[0]}であるものとする。")
    return Paragraph(f"{start}であって、次の各号のいずれかに該当するものとする。", earners)
