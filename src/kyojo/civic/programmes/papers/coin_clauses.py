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
    if rule.first_meeting:
        found.append("依頼した者と活動を行う者は、初めての活動の前に顔合わせをするものとする。")
    if rule.two_adults:
        found.append("活動の間、ほかに1人以上の成人が同席するものとする。")
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


def trust(said: Said) -> Clause | None:
    rules = said.document.trust
    ends = tuple(
        f"{terms.TRUST[kind]}　{rule.valid_years}年"
        for kind, rule in rules.items()
        if rule.valid_years
    )
    paragraphs = []
    if ends:
        paragraphs.append(
            Paragraph(
                "次の各号に掲げる確認は、当該各号に定める期間を経過したときに効力を失うものとする。",
                ends,
            )
        )
    two = [terms.TRUST[kind] for kind, rule in rules.items() if rule.two_staff]
    if two:
        paragraphs.append(
            Paragraph(
                f"窓口における{terms.both(two)}は、1人の職員が書類を確かめ、他の職員がこれを"
                "確認することにより行い、書類の番号及び写しは、保存しないものとする。"
            )
        )
    return ("確認の効力及び方法", paragraphs) if paragraphs else None


def evidence(said: Said) -> Clause | None:
    rule = said.document.evidence
    if rule is None:
        return None
    paragraphs = [
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
    if rule.reviews_per_day:
        paragraphs.append(
            Paragraph(
                f"実施の記録が通常と著しく異なる活動は、1日に{rule.reviews_per_day}件を上限として、"
                f"職員がその記録を確かめるまで、預かっている{said.granted}を渡さないことができる。"
            )
        )
    if rule.appeal_days:
        paragraphs.append(
            Paragraph(
                f"預かっている{said.granted}についての{said.office}の決定に不服がある者は、決定の日から"
                f"{rule.appeal_days}日以内に異議を申し立てることができる。申立てがあったときは、"
                "決定をした職員以外の職員が、改めて決めるものとする。"
            )
        )
    return "実施の証拠", paragraphs


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


def reviews(said: Said) -> Clause | None:
    rule = said.document.reviews
    if rule is None:
        return None
    return "評価", [
        Paragraph(
            "活動についての双方の評価は、双方がそろったとき、又は活動の日から"
            f"{rule.reveal_days}日を経過したときに、互いに公開し、その後は変更しないものとする。"
        )
    ]


def badges(said: Said) -> Clause | None:
    rule = said.document.badges
    if rule is None:
        return None
    visits = "、".join(f"{one}回" for one in sorted(set(rule.visits)))
    hours = "、".join(f"{one}時間" for one in sorted(set(rule.hours)))
    return "バッジ", [
        Paragraph(
            f"{said.office}は、次の各号に掲げる活動をした者に、そのことを証するバッジを交付する。",
            (
                f"活動の回数　{visits}",
                f"一の種類の活動の時間　{hours}",
                f"同一の世帯への活動の回数　{rule.companion_visits}回",
            ),
        )
    ]


def minors(said: Said) -> Clause | None:
    rule = said.document.minors
    if rule is None:
        return None
    names = "、".join(said.categories.get(one, one) for one in rule.categories)
    return "18歳未満の者の活動", [
        Paragraph(
            f"{rule.from_years}歳以上18歳未満の者は、保護者又は生活支援コーディネーターの同意を"
            "得て、次の各号の範囲で活動をすることができる。この場合において、同意は、その者が"
            "世話をしている者がすることができないものとする。",
            (
                f"活動の種類　{names or 'なし'}",
                f"活動の時刻　{rule.earliest_hour}時から{rule.latest_hour}時まで",
            ),
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
                f"通報その他の相談への対応　急を要するものは{rule.case_hours.urgent}時間、"
                f"早めの対応を要するものは{rule.case_hours.soon}時間、"
                f"その他のものは{rule.case_hours.usual}時間",
            ),
        )
    ]


def messages(said: Said) -> Clause | None:
    rule = said.document.messages
    if rule is None:
        return None
    return "連絡の記録", [
        Paragraph(
            "活動をする者と依頼した者は、活動を引き受ける旨の返答があったときから、活動の日から"
            f"{rule.open_days_after}日を経過するまで、互いに連絡することができる。"
        ),
        Paragraph(
            f"前項の連絡の記録は、活動の日から{rule.kept_days}日を経過したときに消去するものとする。"
        ),
    ]


def safety(said: Said) -> Clause | None:
    rule = said.document.safety
    if rule is None:
        return None
    return "活動の安全", [
        Paragraph(
            f"活動の終わりの記録が、予約した終了時刻から{rule.late_minutes}分を経過してもないとき、"
            f"又は活動に向かった者が{rule.late_minutes}分を経過しても着かないときは、その者に確かめ、"
            f"さらに{rule.office_after_minutes}分を経過したときは、{said.office}が確かめるものとする。"
        )
    ]


def insurance(said: Said) -> Clause | None:
    rule = said.document.insurance
    if rule is None:
        return None
    return "保険", [
        Paragraph(
            f"{said.office}は、活動のすべてについて活動保険に加入し、事故があったときは、事故の日から"
            f"{rule.report_days}日以内に保険者に報告するものとする。"
        )
    ]


def gifts(said: Said) -> Clause | None:
    rule = said.document.gifts
    if rule is None:
        return None
    if not rule.most_yen:
        return "品物によるお礼", [
            Paragraph("活動を行った者は、品物によるお礼を受け取らないものとする。")
        ]
    return "品物によるお礼", [
        Paragraph(
            f"活動を行った者は、1回につき{rule.most_yen:,}円相当までの品物に限り、お礼として受け取る"
            "ことができる。"
        )
    ]


KEPT = {
    "notices": "お知らせ",
    "visit_addresses": "活動の場所",
    "refused_steps": "受け付けなかった操作の記録",
    "distribution_lines": "配布の一覧の内容",
    "left_members": "退会した者の記録",
    "purge_log": "消去の記録",
    "cases": "相談及び通報の内容",
    "group_posts": "グループのお知らせ",
    "tag_signals": "機器の信号",
    "tag_tallies": "受け付けなかった信号の数",
}


def privacy(said: Said) -> Clause | None:
    rule = said.document.privacy
    if rule is None:
        return None
    paragraphs = [
        Paragraph(
            f"自分の記録の消去を申し出た者は、申出の日から{rule.erasure_wait_days}日の間、"
            "これを取り下げることができる。"
            if rule.erasure_wait_days
            else "自分の記録の消去の申出は、直ちに行うものとする。"
        )
    ]
    if rule.kept_days:
        paragraphs.append(
            Paragraph(
                "次の各号に掲げる記録は、当該各号に定める期間を経過したときに消去するものとする。",
                tuple(f"{KEPT[kind]}　{days}日" for kind, days in rule.kept_days.items()),
            )
        )
    return "記録の消去", paragraphs
