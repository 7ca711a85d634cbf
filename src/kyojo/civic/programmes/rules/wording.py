"""Why a visit earned what it earned, in one sentence; why a year became what it became."""

from collections.abc import Callable

from kyojo.kernel.wording import duration

from .counting import Line, Year
from .model import Document, Earner, Who
from .thanks import per_words

_INSURED = {"first": "第1号被保険者", "second": "第2号被保険者", "none": "被保険者でない人"}
_RELATION = {"lives": "住んでいる", "works": "働いている", "studies": "学んでいる"}
USE = {
    "help": "手伝いをたのむ",
    "gift_to_carer": "ケアする人に贈る",
    "premium": "介護保険料",
    "cash": "現金",
    "donation": "寄付",
    "goods": "品物",
    "voucher": "商品券",
    "shop": "参加店の券",
    "family": "家族に贈る",
    "people_in_need": "困っている人に贈る",
    "event": "共同の行事",
}

#: Rules that gave all that a visit could give.
GIVES = ("earning.units", "ticket.bought_yen", "thanks.by_activity", "thanks.most_yen")


def amount(number: int, unit: str) -> str:
    """``1,200ポイント``; minutes as people say them: ``2時間30分``."""
    return duration(number) if unit == "分" else f"{number:,}{unit}"


def line_sentence(document: Document, line: Line) -> str:
    """Why ``line`` earned its units."""
    units = amount(line.units, document.counted)
    sentence = _LINE[line.rule](document)
    if line.rule in GIVES:
        return f"{sentence}ので、{units}になりました。"
    if line.units:
        return f"{sentence}ので、{units}だけ数えました。"
    return f"{sentence}ので、数えませんでした。"


def year_sentences(document: Document, year: Year) -> list[str]:
    """What the year's units became, a sentence for each rule that decided."""
    found = [_YEAR[rule](document, year) for rule in year.rules]
    if document.worth and document.worth.yen and year.granted and document.unit != "円":
        found.append(f"{amount(year.granted, document.unit)}は、{year.value_yen:,}円にあたります。")
    if year.expires_on:
        day = year.expires_on
        found.append(f"{day.year}年{day.month}月{day.day}日まで使えます。")
    return found


def _earner(row: Earner) -> str:
    ages = ""
    if row.age_from is not None:
        ages += f"{row.age_from}歳から"
    if row.age_to is not None:
        ages += f"{row.age_to}歳まで"
    who = _INSURED[row.insured] if row.insured else "人"
    return f"{ages}の{who}" if ages else who


def _who(document: Document) -> str:
    return "か、".join(map(_earner, document.who.any_of))


def spenders_words(document: Document) -> str:
    """Who may use what they have: ``この自治体に住んでいる人のうち、65歳からの第1号被保険者``."""
    return _people(document.spenders) if document.spenders else "持っている人"


def earners_words(document: Document) -> str:
    """Whose help counts, in the same words."""
    return _people(document.who)


def _people(who: Who) -> str:
    tied = "この自治体に" + "か、".join(_RELATION[one] for one in who.relation) + "人"
    if not who.any_of:
        return tied
    return f"{tied}のうち、{'か、'.join(map(_earner, who.any_of))}"


def _step(document: Document) -> str:
    earning, counted = document.earning, document.counted
    if counted == "分" and earning.units == earning.minutes:
        return "手伝った時間をそのまま数える"
    return f"{per_words(document)}の手伝いごとに{amount(earning.units, counted)}の"


def _price(document: Document) -> str:
    yen = document.ticket.bought_yen if document.ticket else 0
    return f"お礼が{per_words(document)}ごとに{yen:,}円"


def _shared(document: Document) -> str:
    """What of the thanks does not come to the helper."""
    ticket, thanks = document.ticket, document.thanks
    found = ""
    if ticket and ticket.office_yen:
        found += f"、そのうち{ticket.office_yen:,}円が事務費"
    if thanks and thanks.share_percent is not None:
        does = "寄付する" if thanks.share == "part_donated" else "時間であずける"
        return f"{found}、残りの{thanks.share_percent}%を{does}決まりな"
    return f"{found}の決まりな"


_LINE: dict[str, Callable[[Document], str]] = {
    "who.relation": lambda d: (
        "この自治体に" + "か、".join(_RELATION[one] for one in d.who.relation) + "人が対象の制度な"
    ),
    "who.any_of": lambda d: f"その日の年齢と保険の区分が、対象（{_who(d)}）に入らない",
    "activities": lambda d: "この制度で決めた活動ではない",
    "hosts": lambda d: "この制度で決めた受け入れ先ではない",
    "earning.other_reward": lambda d: "ほかの報酬やお礼を受け取った活動な",
    "earning.at_least_minutes": lambda d: f"{duration(d.earning.at_least_minutes)}に足りない",
    "earning.minutes": lambda d: f"{duration(d.earning.minutes or 0)}に足りない",
    "earning.day_most": lambda d: f"1日の上限が{amount(d.earning.day_most or 0, d.counted)}な",
    "earning.year_most": lambda d: f"年度の上限が{amount(d.earning.year_most or 0, d.counted)}な",
    "earning.units": lambda d: f"{_step(d)}決まりな",
    "ticket.bought_yen": lambda d: f"{_price(d)}{_shared(d)}",
    "thanks.by_activity": lambda d: f"お礼が{per_words(d)}ごとに活動で決めた額{_shared(d)}",
    "thanks.most_yen": lambda d: (
        f"お礼が{per_words(d)}ごとに手伝ってもらった人の決めた額{_shared(d)}"
    ),
    "thanks.share": lambda d: "お礼をすべて事務局が受け取る決まりな",
}


def _total(document: Document, year: Year) -> str:
    text = amount(year.units, document.counted)
    if year.carried:
        text += f"と、前の年度から持ち越した{amount(year.carried, document.counted)}"
    return text


def _converted(document: Document, year: Year) -> str:
    one = document.conversion
    assert one is not None
    rest = ""
    if year.leftover:
        carried = document.expiry.leftover == "carry"
        what = "次の年度に持ち越します" if carried else "年度の終わりに消えます"
        rest = f"残りの{amount(year.leftover, document.counted)}は、{what}。"
    became = f"{_total(document, year)}が{amount(year.granted, document.unit)}になりました。"
    return (
        f"{amount(one.units, document.counted)}で{amount(one.grants, document.unit)}の"
        f"決まりなので、{became}{rest}"
    )


def _short(document: Document, year: Year) -> str:
    one = document.conversion
    assert one is not None
    return (
        f"{amount(one.from_units, document.counted)}からかえられる決まりなので、"
        f"{_total(document, year)}はまだかえられません。"
    )


def _capped(document: Document, year: Year) -> str:
    one = document.conversion
    assert one is not None
    return (
        f"年度の上限が{amount(one.year_most or 0, document.unit)}なので、"
        f"{_total(document, year)}が{amount(year.granted, document.unit)}になりました。"
    )


def _instead(document: Document, year: Year) -> str:
    assert year.instead is not None
    use, yen = year.instead
    return f"上限に届いたので、かわりに{yen:,}円分の{USE[use]}を選べます。"


_YEAR: dict[str, Callable[[Document, Year], str]] = {
    "conversion.units": _converted,
    "conversion.from_units": _short,
    "conversion.year_most": _capped,
    "at_cap": _instead,
}
