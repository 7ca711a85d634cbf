"""A programme's rules, and what may be done with its points, in a member's words."""

from collections.abc import Iterator

from kyojo.civic.programmes.rules.model import Conversion, Document, Earner, Source
from kyojo.civic.programmes.rules.wording import USE, amount
from kyojo.kernel.wording import duration, jdate_plain

#: A use as something that one does; what is not here goes from member to member.
USE_DOES = {
    "premium": "介護保険料にあてる",
    "cash": "お金にかえる",
    "donation": "寄付する",
    "goods": "品物とかえる",
    "voucher": "商品券とかえる",
    "shop": "参加店の券とかえる",
    "event": "共同の行事に使う",
}
#: A use by which something is handed to another member, as what it is for.
HANDED = {
    "help": "手伝いのお礼",
    "family": "家族への贈りもの",
    "people_in_need": "困っている人への贈りもの",
    "gift_to_carer": "ケアする人への贈りもの",
}
RELATION = {"lives": "住む", "works": "働く", "studies": "学ぶ"}
INSURED = {
    "first": "介護保険の第1号被保険者（65歳から）",
    "second": "介護保険の第2号被保険者",
    "none": "介護保険の被保険者でない人",
}
COUNTERS = ("分", "枚", "個")


def yen_beside(document: Document, number: int) -> str:
    """``1,200円分`` for what has a worth and is no money itself, else nothing."""
    worth = document.worth
    if worth is None or not worth.yen or document.unit == "円":
        return ""
    return f"{worth.yen_of(number):,}円分"


def rate(document: Document) -> str:
    """``1ポイントは1円です。``"""
    worth = document.worth
    if worth is None or not worth.yen or document.unit == "円":
        return ""
    return f"{amount(worth.of, document.unit)}は{worth.yen:,}円です。"


def saved(unit: str) -> str:
    """What somebody saves up: ``ポイント``, ``お金``; a word that only counts says nothing."""
    return "お金" if unit == "円" else "分" if unit in COUNTERS else unit


def box_label(unit: str) -> str:
    """How the box is called into which an amount is typed."""
    named = {"円": "使う金額（円）", "分": "使う時間（分）", "枚": "使う枚数", "個": "使う個数"}
    return named.get(unit, f"使う{unit}の数")


def hand_label(unit: str) -> str:
    """How the box is called into which somebody types how much they hand on."""
    named = {"分": "渡す時間（分）", "枚": "渡す枚数", "個": "渡す個数"}
    return named.get(unit, f"渡す{unit}の数")


def rules(document: Document, town: str) -> Iterator[tuple[str, str]]:
    """The rules in short: (term, what stands there)."""
    yield "だれが", _who(document, town)
    yield "数え方", "".join(_counting(document))
    if document.conversion:
        yield "かえ方", "".join(_converting(document, document.conversion))
    if document.kind == "ticket" and document.ticket:
        bought, paid = document.ticket.bought_yen, document.ticket.paid_yen
        yield "値段", f"1{document.unit}{bought:,}円で買い、お金にかえると{paid:,}円です。"
    yield "使いみち", "、".join(USE_DOES.get(rule.use) or USE[rule.use] for rule in document.uses)
    if (text := rate(document)) and document.kind != "ticket":
        yield "価値", text + ((document.worth and document.worth.reading) or "")
    yield "期限", _expiring(document)


def _who(document: Document, town: str) -> str:
    tie = "か、".join(RELATION[one] for one in document.who.relation)
    if not document.who.any_of:
        return f"{town}に{tie}人"
    return f"{town}に{tie}人のうち、{'、または'.join(map(_earner, document.who.any_of))}"


def _earner(row: Earner) -> str:
    ages = f"{row.age_from}歳から" if row.age_from is not None else ""
    ages += f"{row.age_to}歳まで" if row.age_to is not None else ""
    who = INSURED[row.insured] if row.insured else "人"
    return f"{ages}の{who}" if ages else who


def _counting(document: Document) -> Iterator[str]:
    earning, counted = document.earning, document.counted
    units = amount(earning.units, counted)
    if earning.per == "visit":
        yield f"活動1回ごとに{units}。"
    elif counted != "分":
        yield f"{duration(earning.minutes or 0)}ごとに{units}。"
    elif earning.units == earning.minutes:
        yield f"活動した時間を、{duration(earning.minutes)}ずつ数えます。"
    else:
        yield f"活動{duration(earning.minutes or 0)}ごとに、{units}と数えます。"
    if earning.at_least_minutes:
        yield f"{duration(earning.at_least_minutes)}からの活動を数えます。"
    if earning.day_most:
        yield f"1日に{amount(earning.day_most, counted)}まで。"
    if earning.year_most:
        yield f"1年度に{amount(earning.year_most, counted)}まで。"
    if earning.other_reward == "excludes":
        yield "ほかのお礼や報酬を受け取った活動は、数えません。"


def _converting(document: Document, one: Conversion) -> Iterator[str]:
    counted, unit = document.counted, document.unit
    yield f"{amount(one.units, counted)}で{amount(one.grants, unit)}。"
    if one.from_units > one.units:
        yield f"{amount(one.from_units, counted)}からかえられます。"
    if one.year_most:
        yield f"1年度に{amount(one.year_most, unit)}まで。"
    if document.expiry.leftover == "carry":
        yield "年度の終わりに残った分は、次の年度に持ち越します。"
    else:
        yield "年度の終わりに残った分は、消えます。"


def _expiring(document: Document) -> str:
    years = document.expiry.earned_years
    if years is None:
        return "ありません。ずっと使えます。"
    named = {0: "その年度", 1: "次の年度"}.get(years, f"{years}年度あと")
    return f"{named}の3月31日まで使えます。"


def sources(document: Document) -> list[str]:
    """``対象者と活動：要綱第3条（2015年1月1日の時点）``"""
    return [_source(one) for one in document.sources]


def _source(one: Source) -> str:
    as_of = f"（{jdate_plain(one.as_of)}の時点）" if one.as_of else ""
    return f"{one.says}：{one.source}{as_of}"
