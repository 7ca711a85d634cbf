"""What an article is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..rules.model import Document
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
