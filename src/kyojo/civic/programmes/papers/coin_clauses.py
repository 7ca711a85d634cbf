"""The articles that only a coin programme has: price, issue, offers, kinds of help, evidence."""

from kyojo.kernel.wording import duration

from ..rules.model import Category
from . import terms
from .parts import Clause, Paragraph, Said

HALF_HOUR = 30  # minutes; the document's key says so: price.coins_per_30_minutes


def price(said: Said) -> Clause | None:
    rule = said.document.price
    if rule is None:
        return None
    lengths = terms.either([duration(one) for one in rule.lengths_minutes])
    coins = said.in_granted(rule.coins_per_30_minutes)
    return "手伝いの価格", [
        Paragraph(f"手伝いの価格は、{duration(HALF_HOUR)}につき{coins}とする。"),
        Paragraph(f"1回の手伝いの時間は、{lengths}とする。"),
    ]


def issue(said: Said) -> Clause | None:
    rule = said.document.issue
    if rule is None:
        return None
    return "発行及び承認", [
        Paragraph(f"{said.granted}は、{said.office}が発行し、ケアをする者に配布するものとする。"),
        Paragraph(
            "1回の発行及び1人に対する配布は、次の各号に掲げる数を限度とする。",
            (
                f"1回の発行　{said.in_granted(rule.amount_max_coins)}",
                f"1回の配布における1人あたりの数　{said.in_granted(rule.per_person_max_coins)}",
            ),
        ),
        Paragraph(
            f"{said.in_granted(rule.second_officer_over_coins)}を超える発行又は配布は、"
            "これを起案した職員以外の職員の承認を受けて行うものとする。"
        ),
    ]


def offers(said: Said) -> Clause | None:
    rule = said.document.offers
    if rule is None:
        return None
    return "打診の期限", [
        Paragraph(
            f"特定の参加者に対する打診は、{rule.direct_expire_hours}時間以内に返答がないときは、"
            f"その効力を失い、預かった{said.granted}を依頼した者に返すものとする。"
        ),
        Paragraph(
            f"依頼を受けてから{rule.office_takes_over_hours}時間を経過しても手伝いをする者が"
            f"決まらないときは、{said.office}が引き継いで調整するものとする。"
        ),
    ]


def categories(said: Said) -> Clause | None:
    if not said.document.categories:
        return None
    alike: list[tuple[Category, list[str]]] = []
    for code, rule in said.document.categories.items():
        name = said.categories.get(code, code)
        names = next((names for one, names in alike if one == rule), None)
        if names is None:
            alike.append((rule, [name]))
        else:
            names.append(name)
    return "種類ごとの確認及び制限", [
        Paragraph(
            "活動を行う者は、次の各号に掲げる種類の区分に応じ、当該各号に定める確認を受け、"
            "制限に従うものとする。",
            tuple(f"{terms.both(names)}　{_category(rule)}" for rule, names in alike),
        )
    ]


def _category(rule: Category) -> str:
    training = {"training": f"{rule.training}の修了"} if rule.training else {}
    checks = [training.get(one, terms.TRUST[one]) for one in rule.trust]
    found = [f"{terms.both(checks)}を要するものとする。"]
    if rule.settle_from is not None:
        found.append(f"証拠は、その確かさが{rule.settle_from}以上のときに十分とする。")
    one = rule.limits
    if one.youngest_years is not None:
        found.append(f"対象は、{one.youngest_years}歳以上の者とする。")
    if one.longest_minutes is not None:
        found.append(f"1回につき{duration(one.longest_minutes)}を限度とする。")
    if one.earliest_hour is not None or one.latest_hour is not None:
        early, late = one.earliest_hour or 0, 24 if one.latest_hour is None else one.latest_hour
        found.append(f"{early}時から{late}時までの間に行うものとする。")
    if one.places:
        found.append(f"場所は、{terms.either([terms.PLACE[p] for p in one.places])}とする。")
    if one.note:
        found.append(f"留意事項は、次のとおりとする。「{one.note}」")
    return "".join(found)


def evidence(said: Said) -> Clause | None:
    rule = said.document.evidence
    if rule is None:
        return None
    return "実施の証拠", [
        Paragraph(
            "活動の実施は、位置の記録、合言葉、活動の場所に備えるカード又はボタンその他の証拠により"
            "確認し、その基準は、次の各号に掲げるとおりとする。",
            (
                f"活動の場所にいるものとする距離　{rule.near_m:,}メートル以内",
                f"用いる位置の記録の誤差　{rule.accuracy_max_m:,}メートル以内",
                f"記録を受け付ける時間　予約した開始時刻の{rule.window_before_minutes}分前から"
                f"終了時刻の{rule.window_after_minutes}分後まで",
                f"合言葉の誤りを認める回数　{rule.code_tries_max}回まで",
                f"証拠の確かさ（100を最高とする。）　{rule.settle_from}以上のときは十分な証拠とし、"
                f"{rule.ask_from}以上{rule.settle_from}未満のときは依頼した者に確かめ、"
                f"{rule.ask_from}未満のときは市が確かめる。",
            ),
        ),
        Paragraph(
            f"位置の記録は、{rule.positions_kept_days}日を経過したときに消去するものとする。"
        ),
        Paragraph(
            f"活動の終了から{rule.automatic_confirm_after_hours}時間を経過しても依頼した者の返答が"
            "ない場合であって、十分な証拠があるときは、実施を確認したものとみなす。"
        ),
    ]


def closed_door(said: Said) -> Clause | None:
    rule = said.document.closed_door
    if rule is None:
        return None
    return "不在の場合の取扱い", [
        Paragraph(
            "予約した時刻に訪ねた者が、相手方の不在により活動を行うことができなかったときは、"
            f"{said.office}は、{duration(rule.advised_minutes)}の活動に相当する{said.granted}を"
            "目安として、その取扱いを決めるものとする。"
        )
    ]


def targets(said: Said) -> Clause | None:
    rule = said.document.targets
    if rule is None:
        return None
    return "処理の目標", [
        Paragraph(
            f"{said.office}は、次の各号に掲げる事項を、当該各号に定める時間内に処理するよう"
            "努めるものとする。",
            (
                f"依頼への対応　{rule.request_hours}時間",
                f"意見の食い違いへの対応　{rule.dispute_hours}時間",
                f"本人確認　{rule.identity_hours}時間",
            ),
        )
    ]
