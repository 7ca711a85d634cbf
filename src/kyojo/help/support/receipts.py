"""What anyone may read about a settled visit who has its code."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from kyojo.civic.municipalities.models import Municipality
from kyojo.help.requests.domain import Category
from kyojo.help.requests.domain import category as category_of
from kyojo.kernel.errors import NotFound
from kyojo.kernel.text import normalised

from .models import Receipt


@dataclass(frozen=True)
class ReceiptView:
    """What anyone may read about a settled visit."""

    code: str
    at: datetime
    category: Category
    visited_on: date
    booked_minutes: int
    coins: int
    giver_town: str
    place_town: str
    taker_town: str
    #: Codes of the two towns; each is the number of a ledger, too.
    giver_id: int
    taker_id: int


def receipt_by_code(code: str) -> ReceiptView:
    """The receipt of a code as people write it (any width, with or without hyphens). Needs no
    tenant. Raises ``NotFound``."""
    letters = "".join(_letters(code))
    if len(letters) != 12:
        raise NotFound()
    spelled = "-".join(letters[i : i + 4] for i in (0, 4, 8))
    found = Receipt.objects.filter(code=spelled).first()
    if found is None:
        raise NotFound()
    ids = (found.giver_municipality, found.place_municipality, found.taker_municipality)
    names = dict(Municipality.objects.filter(pk__in=ids).values_list("id", "name"))
    return ReceiptView(
        code=found.code,
        at=found.at,
        category=category_of(found.category),
        visited_on=found.visited_on,
        booked_minutes=found.booked_minutes,
        coins=found.coins,
        giver_town=names.get(found.giver_municipality, ""),
        place_town=names.get(found.place_municipality, ""),
        taker_town=names.get(found.taker_municipality, ""),
        giver_id=found.giver_municipality,
        taker_id=found.taker_municipality,
    )


def _letters(code: str) -> Iterable[str]:
    return (letter for letter in normalised(code).upper() if letter.isalnum())
