"""The articles about thank-you money, fees, who may use what was granted, and how it begins."""

from ..rules.consistency_paid import is_in_yen
from ..rules.thanks import per_words
from . import terms
from .parts import Clause, Paragraph, Said, people


def ticket(said: Said) -> Clause | None:
    """What a unit costs, and what of it the office keeps."""
    document, rule = said.document, said.document.ticket
    if rule is None:
        return None
    if is_in_yen(document):
        return _in_yen(said)
    # A ticket is worth what it pays; a deposit of minutes states its sums for a whole hour.
    of = document.worth.of if document.worth else 1
    per = said.in_granted(of)
    is_ticket = document.kind == "ticket"
    paid_in = "購入する者が支払う額" if is_ticket else "手伝いを受けた者が支払う謝礼"
    paid_out = (
        "換金する者に支払う額" if is_ticket else "預かり、引き出しの際に手伝いをした者に支払う額"
    )
    at = {
        "cash": "換金の際に、換金する者の負担により受け取るものとする。",
        "use": "使用の都度、受け取るものとする。",
    }[rule.share_at]
    return (f"{said.granted}の価格" if is_ticket else "謝礼の預かり"), [
        Paragraph(
            f"{said.granted}の価格は、{per}につき、次の各号に掲げる額とする。",
            (
                f"{paid_in}　{rule.bought_yen:,}円",
                f"{paid_out}　{rule.paid_yen:,}円",
                f"事務費として{said.office}が受け取る額　{rule.office_yen:,}円",
            ),
        ),
        Paragraph(f"事務費は、{at}"),
        _settled(said),
    ]


def _in_yen(said: Said) -> Clause:
    rule, thanks = said.document.ticket, said.document.thanks
    assert rule is not None
    varies = thanks is not None and thanks.amount in ("by_kind", "payer_choice")
    what = "標準の額" if varies else "額"
    return "謝礼及び事務費", [
        Paragraph("活動による手伝いを受けた者は、謝礼を支払うものとする。"),
        Paragraph(
            f"謝礼の{what}は、活動{per_words(said.document)}につき{rule.bought_yen:,}円とし、"
            "その内訳は、次の各号に掲げるとおりとする。",
            (
                f"活動をした者に係る額　{rule.paid_yen:,}円",
                f"事務費として{said.office}が受け取る額　{rule.office_yen:,}円",
            ),
        ),
        Paragraph("事務費は、謝礼の支払の都度、その額から受け取るものとする。"),
        *_settled_yen(said),
    ]


def _settled(said: Said) -> Paragraph:
    rule = said.document.ticket
    assert rule is not None
    return Paragraph(f"精算は、{terms.SETTLEMENT[rule.settlement]}により行うものとする。")


def _settled_yen(said: Said) -> list[Paragraph]:
    rule = said.document.ticket
    assert rule is not None
    when = {"invoice": "月ごとに", "cash": "活動の都度、", "passbook": ""}[rule.settlement]
    how = terms.SETTLEMENT[rule.settlement]
    found = [Paragraph(f"精算は、{how}により{'、' if when else ''}{when}行うものとする。")]
    if rule.settlement == "passbook":
        found.append(
            Paragraph(
                "参加者は、謝礼の支払にあてるため、あらかじめ通帳に金銭を預け入れることができる。"
            )
        )
    return found


def thanks(said: Said) -> Clause | None:
    """How the amount is set, and whose the rest is."""
    document, rule = said.document, said.document.thanks
    if rule is None:
        return None
    found = []
    start = f"謝礼の額は、前条の規定にかかわらず、活動{per_words(said.document)}につき、"
    if rule.by_activity:
        items = tuple(
            f"{document.activities.get(code, code)}　{yen:,}円"
            for code, yen in rule.by_activity.items()
        )
        found.append(
            Paragraph(f"{start}次の各号に掲げる活動の区分に応じ、当該各号に定める額とする。", items)
        )
    elif rule.amount == "payer_choice":
        found.append(
            Paragraph(
                f"{start}{rule.least_yen or 0:,}円以上{rule.most_yen or 0:,}円以下の範囲内で、"
                "手伝いを受けた者がその都度定めるものとする。"
            )
        )
    else:
        found.append(Paragraph("謝礼の額は、前条に定める額とし、活動の種類を問わず一律とする。"))
    if rule.costs_most_yen is not None:
        found.append(
            Paragraph(
                "手伝いを受けた者は、謝礼のほか、活動に要した実費を、1回につき"
                f"{rule.costs_most_yen:,}円を限度として支払うものとする。"
            )
        )
        found.append(Paragraph("実費は、その全額を活動をした者が受け取るものとする。"))
    return "謝礼の定め方及び配分", [*found, _share(said)]


def _share(said: Said) -> Paragraph:
    rule = said.document.thanks
    assert rule is not None
    rest = "謝礼から事務費を除いた額"
    if rule.share == "office":
        return Paragraph(
            f"謝礼は、その全額を{said.office}が受け取り、本制度の運営にあてるものとする。"
        )
    if rule.share_percent is None:
        return Paragraph(f"{rest}は、その全額を活動をした者が受け取るものとする。")
    part = f"{rest}の100分の{rule.share_percent}に相当する額（1円未満の端数は、切り捨てる。）は、"
    if rule.share == "part_donated":
        does = f"{said.office}に寄附する"
    else:
        where = said.programmes.get(rule.deposit_in or "", rule.deposit_in or "")
        does = f"活動をした者の時間として、時間預託の制度（{where}）に預ける"
    return Paragraph(f"{part}{does}ものとし、その残額を活動をした者が受け取るものとする。")


def earned_yen(said: Said) -> Paragraph:
    """What an activity brings, of paid help that is counted in yen."""
    return Paragraph(
        f"活動をした者には、活動{per_words(said.document)}につき、この要綱に定める謝礼から、事務費その他この要綱に"
        f"より{said.office}が受け取り、又は預かる額を除いた額を支払うものとする。"
    )


def fees(said: Said) -> Clause | None:
    rows = said.document.fees
    if not rows:
        return None
    when = {"joining": "登録の際に1回", "year": "1年度につき"}
    items = tuple(f"{one.name}　{when[one.each]}{one.yen:,}円" for one in rows)
    return "会費", [
        Paragraph(f"参加者は、{said.office}に、次の各号に掲げる額を納めるものとする。", items)
    ]


def spenders(said: Said) -> Clause | None:
    rule = said.document.spenders
    if rule is None:
        return None
    start = f"{said.granted}を使用することができる者は、"
    return "使用することができる者", [people(said, start, rule.relation, rule.any_of)]


def circulation(said: Said) -> Clause | None:
    rule = said.document.circulation
    if rule is None:
        return None
    found = []
    if rule.start_units:
        found.append(
            Paragraph(
                f"{said.office}は、参加者が登録を受けたときは、1人につき"
                f"{said.in_granted(rule.start_units)}を付与するものとする。"
            )
        )
    if rule.lent_most:
        found.append(
            Paragraph(
                f"{said.office}は、参加者の求めに応じ、1人につき{said.in_granted(rule.lent_most)}を"
                "限度として、前貸しをすることができる。"
            )
        )
        found.append(
            Paragraph(
                f"前貸しを受けた者は、その後の活動により得た{said.granted}をもって、"
                "これを返すものとする。"
            )
        )
    return ("はじめの付与及び前貸し", found) if found else None
