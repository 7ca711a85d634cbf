"""What a card says beside what the register says. Pure.

Only whether they agree leaves this module: neither side is kept, logged or shown.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

#: Forms of the same letter in names, as registers and people write them: old → usual.
_FORMS = str.maketrans("髙﨑德濵濱邊邉栁𠮷槗賴淸瀨曻籔嵜", "高崎徳浜浜辺辺柳吉橋頼清瀬昇藪崎")
_DIGITS = {sign: str(value) for value, sign in enumerate("〇一二三四五六七八九")}
_BLOCK = re.compile(r"([〇一二三四五六七八九十]+)(?=丁目|番|号)")
_DASHES = re.compile(r"(?<=\d)(?:丁目|番地の?|番|号|の|[-‐‑–—−ー－])+")


@dataclass(frozen=True)
class Card:
    """What the provider told. An empty one was not told, and is not compared."""

    name: str
    birth_date: date | None
    address: str


class CardWrong(Exception):
    """A claim has not the form that the standard gives it."""


def card_of(claims: Mapping[str, Any]) -> Card:
    """Raises ``CardWrong``, also where name or birth date are missing: without them nobody is
    identified."""
    name, born, address = (claims.get(key) for key in ("name", "birthdate", "address"))
    if isinstance(address, Mapping):
        address = address.get("formatted") or ""
    if not isinstance(name, str) or not name.strip() or not isinstance(born, str):
        raise CardWrong("name or birth date is missing")
    if not isinstance(address or "", str):
        raise CardWrong("address has another form")
    try:
        birth_date = date.fromisoformat(born.strip())
    except ValueError:
        raise CardWrong("birth date has another form") from None
    return Card(name, birth_date, address or "")


def differing(
    card: Card, *, family_name: str, given_name: str, birth_date: date | None, address: str
) -> tuple[str, ...]:
    """What differs, in words and in order: 名前, 生年月日, 住所. Empty: it is them."""
    found = []
    if name_key(card.name) != name_key(family_name + given_name):
        found.append("名前")
    if card.birth_date != birth_date:
        found.append("生年月日")
    if card.address and address and not address_agrees(card.address, address):
        found.append("住所")
    return tuple(found)


def name_key(name: str) -> str:
    """What two ways of writing one name are compared by."""
    # Variation selectors choose a glyph of the same letter.
    plain = re.sub("[\ufe00-\ufe0f\U000e0100-\U000e01ef]", "", name)
    folded = unicodedata.normalize("NFKC", plain.translate(_FORMS)).translate(_FORMS).upper()
    return "".join(sign for sign in folded if not sign.isspace() and sign not in "・･.-'’")


def address_agrees(card: str, entered: str) -> bool:
    """Whether both name the same house: what stands before the numbers ends alike (people leave
    out prefecture and town), and the numbers that both have are the same. Buildings and rooms do
    not count."""
    (card_words, card_numbers), (own_words, own_numbers) = _parts(card), _parts(entered)
    longer, shorter = sorted((card_words, own_words), key=len, reverse=True)
    if not shorter or not longer.endswith(shorter):
        return False
    both = min(len(card_numbers), len(own_numbers), 3)
    return bool(both) and card_numbers[:both] == own_numbers[:both]


def _parts(address: str) -> tuple[str, list[str]]:
    told = unicodedata.normalize("NFKC", address)
    told = "".join(sign for sign in told if not sign.isspace())
    told = told.replace("大字", "").replace("字", "").translate(_FORMS)
    told = _BLOCK.sub(lambda found: _number(found[1]), told)
    told = _DASHES.sub("-", told)
    first = re.search(r"\d", told)
    if first is None:
        return told, []
    block = re.match(r"[\d-]+", told[first.start() :])
    assert block is not None
    return told[: first.start()], [one for one in block[0].split("-") if one]


def _number(kanji: str) -> str:
    """``十二`` → 12, up to 99; digits written one by one as they stand."""
    if "十" not in kanji:
        return "".join(_DIGITS[sign] for sign in kanji)
    tens, _, ones = kanji.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return kanji
    return str(int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(ones, "0")))
