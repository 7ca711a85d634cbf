"""How somebody could be reached or found, as it stands in free text: telephone, mail, LINE, links,
addresses, in every way of writing that people use to say it past a machine.

It errs towards letting words pass: times, dates, amounts and room numbers are not contacts.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MAIL, PHONE, LINK, HANDLE, ADDRESS = "mail", "phone", "link", "handle", "address"
#: What is said of each.
NAMES = {
    MAIL: "メールアドレス",
    PHONE: "電話番号",
    LINK: "ホームページのアドレス",
    HANDLE: "LINEなどのID",
    ADDRESS: "住所",
}


@dataclass(frozen=True)
class Contact:
    """What was found: its kind and the words as they were written."""

    kind: str
    words: str


_KANJI_DIGITS = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
_DASHES = r"\-‐‑‒–—―−ーｰ〜~_"
#: What people put between the digits of a number.
_GAP = rf"[\s{_DASHES}.・,、()（）/のノ]*"
_KANA_DIGITS = "ぜろ|れい|まる|いち|にー?|さん|よん|しー?|ごー?|ろく|なな|しち|はち|きゅう|くー?"
_WORD = rf"(?:{_KANA_DIGITS}|[0-9])"

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        MAIL,
        re.compile(
            r"[a-z0-9][a-z0-9._%+-]*\s*(?:@|\(at\)|\[at\]|\sat\s|アットマーク|あっとまーく|アット|あっと)"
            r"\s*[a-z0-9-]+(?:\s*(?:\.|ドット|どっと)\s*[a-z0-9-]+)+",
            re.I,
        ),
    ),
    (
        LINK,
        re.compile(
            r"https?\s*:\s*/\s*/\s*\S+|www\.[a-z0-9-]+\S*"
            r"|(?<![a-z0-9.@-])(?:[a-z0-9-]+\.)+(?:com|net|org|jp|info|biz|io|me|co|tv|app|dev|ee|ly"
            r"|gl|gg|site|xyz|link|shop|online)(?![a-z0-9])(?:/\S*)?",
            re.I,
        ),
    ),
    (
        HANDLE,
        re.compile(
            r"(?:line|ライン|らいん)\s*の?\s*(?:@|(?:id|アイディー?|あいでぃー?)\s*(?:は|:|=|が)?\s*@?)"
            r"\s*[a-z0-9][a-z0-9._-]{2,}"
            r"|(?:line|ライン|らいん|カカオ|インスタ|instagram|twitter|ツイッター|skype|discord|x)"
            r"\s*(?:は|:|=)\s*@?[a-z0-9][a-z0-9._-]{3,}"
            r"|(?<![a-z0-9.])@[a-z0-9_][a-z0-9_.]{2,}",
            re.I,
        ),
    ),
    (
        PHONE,
        re.compile(
            rf"(?<![0-9])(?:\+{_GAP}8{_GAP}1{_GAP}(?:\(?0\)?{_GAP})?[1-9](?:{_GAP}[0-9]){{8,9}}"
            rf"|0(?:{_GAP}[0-9]){{9,10}})(?![0-9])"
        ),
    ),
    (
        PHONE,
        re.compile(
            r"(?:電話|でんわ|tel|携帯|けいたい|ケータイ|fax|ファックス)(?:番号)?\s*(?:は|:|=|が|に)?\s*"
            rf"[0-9]{{2,4}}[\s{_DASHES}][0-9]{{4}}(?![0-9])",
            re.I,
        ),
    ),
    (
        ADDRESS,
        re.compile(r"〒\s*[0-9]{3}" rf"[{_DASHES}]?[0-9]{{4}}"),
    ),
    (
        ADDRESS,
        re.compile(
            r"[一-鿿々ヶケノ]{0,8}[0-9十百]+\s*丁目(?:\s*[0-9十百]+)?|[一-鿿々]{1,8}[0-9十百]+\s*番地"
            r"(?:の?[0-9]+)?"
            rf"|[一-鿿々]{{1,12}}[町村丁市区台丘字]\s*[0-9]{{1,4}}(?:[{_DASHES}][0-9]{{1,4}}){{1,2}}(?![0-9])"
            rf"|(?<=[一-鿿々])[0-9]{{1,3}}[{_DASHES}][0-9]{{1,4}}[{_DASHES}][0-9]{{1,4}}(?![0-9])"
        ),
    ),
)
#: Digits said in kana, some or all of them.
_SPOKEN = re.compile(rf"(?:ぜろ|れい|まる|0){_GAP}(?:{_WORD}{_GAP}){{8,9}}{_WORD}")


def contacts_in(text: str) -> list[Contact]:
    """What in ``text`` tells how to reach or find somebody, in order; empty where nothing does."""
    folded, places = _folded(text)
    found: list[tuple[int, int, str]] = []
    for kind, start, end in _matches(folded):
        if all(end <= begun or start >= ended for begun, ended, _ in found):
            found.append((start, end, kind))
    return [
        Contact(kind, text[places[start] : places[end - 1] + 1].strip())
        for start, end, kind in sorted(found)
    ]


def _matches(folded: str) -> Iterator[tuple[str, int, int]]:
    for kind, rule in _RULES:
        for match in rule.finditer(folded):
            yield kind, *match.span()
    hiragana = folded.translate(_TO_HIRAGANA)
    for match in _SPOKEN.finditer(hiragana):
        yield PHONE, *match.span()


_TO_HIRAGANA = {code + 0x60: code for code in range(0x3041, 0x3097)}


def _folded(text: str) -> tuple[str, list[int]]:
    """``text`` in half-width letters and digits (also of 漢数字), small, invisible characters left
    out; and where each character came from."""
    letters: list[str] = []
    places: list[int] = []
    for place, one in enumerate(text):
        if unicodedata.category(one) in ("Cf", "Mn") or one == "\ufe0f":
            continue
        for letter in unicodedata.normalize("NFKC", one):
            letters.append(_KANJI_DIGITS.get(letter, letter).lower())
            places.append(place)
    return "".join(letters), places
