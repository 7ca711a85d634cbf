"""Cards in large print for the people who are visited tomorrow. As PDF, two on a sheet of A4.

Plain values in, bytes out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .typesetting import typeset


@dataclass(frozen=True, slots=True)
class VisitCard:
    """``face``: a JPEG, None for the first letter of the name. ``day``, ``hours`` in words."""

    house: str
    day: str
    hours: str
    category: str
    name: str
    reading: str
    word: str
    office: str
    phone: str
    face: bytes | None = None


def visit_cards_pdf(cards: Sequence[VisitCard], *, made_on: date) -> bytes:
    """Raises ``GlyphsMissing``."""
    return typeset(
        "visit-cards",
        {
            "title": "来る人のカード",
            "author": cards[0].office if cards else "",
            "cards": [
                {
                    "house": f"{card.house} さんへ",
                    "day": card.day,
                    "hours": card.hours,
                    "category": card.category,
                    "name": card.name,
                    "reading": card.reading,
                    "first": card.name[:1],
                    "word": card.word,
                    "office": card.office,
                    "phone": card.phone,
                    "face": list(card.face) if card.face is not None else [],
                    "alt": f"{card.name}さんの顔写真",
                }
                for card in cards
            ],
        },
        made_on=made_on,
    )
