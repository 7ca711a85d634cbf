"""What makes a visit one between people: a word to know each other by, small gifts, a part to give.
Pure."""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

#: Words that everybody can say and nobody mistakes for another on the telephone.
SHARED_WORDS = (
    "みかん", "さくら", "すいか", "ひまわり", "もみじ", "つくし", "あさがお", "たけのこ",
    "すずめ", "かぼちゃ", "いちご", "どんぐり", "うぐいす", "なのはな", "さんま", "ゆきだるま",
    "こたつ", "ふうりん", "せんべい", "おにぎり", "たんぽぽ", "かたつむり", "ほたる", "くりごはん",
    "まつぼっくり", "ぎょうざ", "にじ", "みかづき", "ふくろう", "つばめ", "かえる", "だいこん",
)  # fmt: skip


def shared_word(visit_uid: UUID, *, key: bytes) -> str:
    """The word of a visit, on the card of the house and on the supporter's page: whoever comes says
    it first. It follows from the visit and a secret ``key``, so it is stored nowhere."""
    digest = hmac.new(key, b"shared word" + visit_uid.bytes, hashlib.sha256).digest()
    return SHARED_WORDS[int.from_bytes(digest[:4], "big") % len(SHARED_WORDS)]


# --- a part to give -------------------------------------------------------------------------------
@dataclass(frozen=True)
class Part:
    """Something small that can be given from home. ``category``: the kind of help that it counts
    as, ``note``: how it reads among what somebody offers."""

    label: str
    note: str
    category: str


PARTS: dict[str, Part] = {
    "phone": Part("電話で話し相手", "週に1回、10分から", "talk"),
    "postcard": Part("はがきや手紙を書く", "ひとり暮らしの方へ", "talk"),
    "recipe": Part("料理や漬物を教える", "作り方を話すだけでも", "cook"),
    "garden": Part("庭や花のことを教える", "写真を見て、答えるだけでも", "garden"),
    "old": Part("昔の話、地域のことを話す", "学校や行事で", "event"),
    "watch": Part("窓から通学路を見守る", "いつもの時間に、あいさつを", "event"),
    "paper": Part("書類の書き方を、いっしょに見る", "仕事でしていた方に", "paper"),
}


def skills_with(have: dict[str, str], parts: list[str], *, note_max: int = 120) -> dict[str, str]:
    """What somebody offers (category → note) with these parts added; nothing is taken away, and a
    part that a note says already is not said twice."""
    found = dict(have)
    for code in parts:
        part = PARTS.get(code)
        if part is None:
            continue
        note = found.get(part.category, "")
        if part.label in note:
            continue
        joined = f"{note}・{part.label}" if note else part.label
        found[part.category] = joined if len(joined) <= note_max else note
    return found


def gift_problem(worth_yen: int | None, most_yen: int) -> str:
    """Why a gift cannot be noted: "none" (this programme has none), "worth" (not said), "much"; or
    "" where it can."""
    if most_yen == 0:
        return "none"
    if worth_yen is None or worth_yen < 0:
        return "worth"
    return "much" if worth_yen > most_yen else ""
