"""The words of a municipal outline, and how it lists things. Every figure comes from a document."""

from collections.abc import Sequence

from ..rules.consistency_paid import is_in_yen
from ..rules.model import Document

KIND = {
    "coin": "共助コイン",
    "points": "ポイント",
    "stamps": "スタンプ",
    "ticket": "チケット",
    "gratitude": "感謝の通貨",
    "time": "時間の通貨",
    "exchange": "法定通貨と交換することができる通貨",
    "time-deposit": "時間預託",
}
RELATION = {"lives": "住所を有する者", "works": "勤務する者", "studies": "在学する者"}
INSURED = {
    "first": "介護保険の第1号被保険者",
    "second": "介護保険の第2号被保険者",
    "none": "介護保険の被保険者でない者",
}
PROOF = {
    "stamp": "受け入れ先によるスタンプの押印",
    "card": "受け入れ先によるカードへの記録",
    "signature": "受け入れ先の署名",
    "system": "電子計算機による記録",
}
USE = {
    "help": "手伝いを受けること",
    "gift_to_carer": "ケアをする者への贈与",
    "premium": "介護保険料への充当",
    "cash": "現金との交換",
    "donation": "寄附",
    "goods": "品物との交換",
    "voucher": "商品券との交換",
    "shop": "参加店における使用",
    "family": "家族への贈与",
    "people_in_need": "生活に困窮する者への贈与",
    "event": "共同で行う行事への使用",
}
FUND = {
    "care_insurance": "介護保険特別会計",
    "general_account": "一般会計",
    "members": "会員の負担金",
    "donations": "寄附金",
}
SETTLEMENT = {
    "ticket": "チケットの授受",
    "invoice": "請求書",
    "cash": "現金",
    "passbook": "通帳への記帳",
    "stamp_card": "スタンプカードへの押印",
}
TRUST = {
    "identity": "本人確認",
    "background": "経歴の確認",
    "training": "講習の修了",
    "licence": "資格の確認",
}
PLACE = {"own_home": "依頼した者の自宅", "other_home": "他の者の自宅", "public": "公共の場所"}

#: Units that measure something else: what is counted in them has a name of its own.
_MEASURED = {"分": "時間", "時間": "時間", "円": "換算額"}


def kind(document: Document) -> str:
    """The kind of programme; paid help without tickets is named by how it is settled."""
    settled = document.ticket.settlement if document.ticket else "ticket"
    if document.kind != "ticket" or settled == "ticket":
        return KIND[document.kind]
    return f"有償の助け合い活動（{SETTLEMENT[settled]}により精算するもの）"


def thing(document: Document, unit: str) -> str:
    """What is counted in ``unit``: 時間 in 分, チケット in 枚; most units name it themselves."""
    if is_in_yen(document):
        return "謝礼"
    if document.ticket and document.ticket.settlement == "stamp_card":
        return "スタンプ"
    if unit == "枚":
        return "チケット" if document.kind == "ticket" else "券"
    return _MEASURED.get(unit, unit)


def giving(document: Document) -> tuple[str, str]:
    """How the thing counted comes to somebody: as a noun and as a verb."""
    if document.counted in ("分", "時間"):
        return "記録", "記録する"
    if is_in_yen(document):
        return "支払", "支払う"
    if document.counted == "枚" or document.kind == "ticket":
        return "授受", "謝礼として渡す"
    return "付与", "付与する"


def both(words: Sequence[str]) -> str:
    """A、B及びC"""
    return _joined(words, "及び")


def either(words: Sequence[str]) -> str:
    """A、B又はC"""
    return _joined(words, "又は")


def _joined(words: Sequence[str], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return "、".join(words[:-1]) + last + words[-1]


def ages(age_from: int | None, age_to: int | None) -> str:
    """60歳以上, 64歳以下, 60歳以上70歳以下; empty where every age is meant."""
    low = f"{age_from}歳以上" if age_from else ""
    return low + (f"{age_to}歳以下" if age_to is not None else "")
