"""The articles that any programme may have. Each takes what is said and answers title and text."""

from kyojo.kernel.wording import duration

from ..document import returned_days
from ..rules.consistency_paid import is_in_yen
from ..rules.model import UseRule
from . import terms
from .parts import Clause, Paragraph, Said, people
from .thanks_clauses import earned_yen


def purpose(said: Said) -> Clause:
    document = said.document
    return "目的", [
        Paragraph(
            f"この要綱は、{said.office}が行う{document.name}（以下「本制度」という。）の実施に関し、"
            "必要な事項を定めることを目的とする。"
        ),
        Paragraph(f"本制度の種別は、{terms.kind(document)}とする。"),
        Paragraph("本制度のあらましは、次のとおりとする。", (document.summary,)),
    ]


def definitions(said: Said) -> Clause:
    document = said.document
    noun, _ = terms.giving(document)
    rows = [
        ("年度", "4月1日から翌年3月31日までの期間をいう。"),
        ("活動", f"本制度において{said.counted}の{noun}の対象となる手伝いをいう。"),
        ("参加者", "本制度の対象者として登録を受けた者をいう。"),
    ]
    if not said.operator:
        rows.insert(0, ("運営主体", "本制度を運営する者をいう。"))
    if is_in_yen(document):
        rows.append(
            (said.counted, "活動による手伝いを受けた者が、活動をした者のために支払う金銭をいう。")
        )
    elif document.counted == "枚":
        rows.append((said.counted, "活動の謝礼として授受する券をいい、その数は枚で表す。"))
    elif document.counted != said.counted and document.kind == "ticket":
        rows.append(
            (said.counted, f"活動の謝礼として授受する印をいい、その数は{document.counted}で表す。")
        )
    elif document.counted not in ("分", "時間"):
        rows.append((said.counted, "活動の実績を数える単位をいう。"))
    if document.conversion and said.granted != said.counted:
        rows.append((said.granted, f"活動により得た{said.counted}を換算して付与するものをいう。"))
    return "定義", [
        Paragraph(
            "この要綱において、次の各号に掲げる用語の意義は、当該各号に定めるところによる。",
            tuple(f"{word}　{meaning}" for word, meaning in rows),
        )
    ]


def who(said: Said) -> Clause:
    rule = said.document.who
    return "対象者", [people(said, "本制度の対象者は、", rule.relation, rule.any_of)]


def activities(said: Said) -> Clause:
    document = said.document
    names = tuple(document.activities.values()) or tuple(
        said.categories.get(code, code) for code in document.categories
    )
    if names:
        found = [Paragraph("対象となる活動は、次の各号に掲げるものとする。", names)]
    else:
        found = [
            Paragraph("対象となる活動は、参加者が行う手伝いとし、その種類を限らないものとする。")
        ]
    reward = "他の報酬又は謝礼を受ける活動は、対象と"
    excludes = document.earning.other_reward == "excludes"
    found.append(Paragraph(reward + ("しないものとする。" if excludes else "することができる。")))
    return "対象となる活動", found


def hosts(said: Said) -> Clause | None:
    rule = said.document.hosts
    if rule is None:
        return None
    names = tuple(rule.designated.values())
    return "受け入れ先", [
        Paragraph("活動を受け入れる者は、次の各号に掲げる受け入れ先とする。", names),
        Paragraph(f"活動の実施は、{terms.PROOF[rule.proof]}により確認するものとする。"),
    ]


def earning(said: Said) -> Clause:
    rule = said.document.earning
    noun, verb = terms.giving(said.document)
    per = "1回" if rule.per == "visit" else duration(rule.minutes or 0)
    found = [Paragraph(f"活動{per}につき、{said.in_counted(rule.units)}を{verb}ものとする。")]
    if is_in_yen(said.document):
        found = [earned_yen(said)]
    if rule.per == "minutes" and (rule.minutes or 0) > 1:
        found.append(Paragraph(f"活動の時間のうち、{per}に満たない端数は、切り捨てるものとする。"))
    if rule.at_least_minutes:
        least = duration(rule.at_least_minutes)
        found.append(
            Paragraph(f"1回の時間が{least}に満たない活動は、{noun}の対象としないものとする。")
        )
    return f"{said.counted}の{noun}", found


def limits(said: Said) -> Clause | None:
    rule = said.document.earning
    noun, _ = terms.giving(said.document)
    rows = [("1日", rule.day_most), ("1年度", rule.year_most)]
    items = tuple(f"{per}につき{said.in_counted(most)}" for per, most in rows if most)
    if not items:
        return None
    start = f"1人に対する{said.counted}の{noun}は、"
    if len(items) == 1:
        return "上限", [Paragraph(f"{start}{items[0]}を限度とする。")]
    return "上限", [Paragraph(f"{start}次の各号に掲げる数を限度とする。", items)]


def conversion(said: Said) -> Clause | None:
    document, one = said.document, said.document.conversion
    found = []
    if one is not None:
        step, grants = said.in_counted(one.units), said.in_granted(one.grants)
        if one.way == "steps":
            rest = f"{step}に満たない端数は、換算しないものとする。"
            found.append(Paragraph(f"{step}ごとに、{grants}に換算するものとする。{rest}"))
        else:
            rest = f"1{document.unit}に満たない端数は、切り捨てるものとする。"
            found.append(Paragraph(f"{step}につき{grants}の割合で換算するものとする。{rest}"))
        if one.from_units:
            least = said.in_counted(one.from_units)
            found.append(Paragraph(f"換算は、{least}以上を得た者について行うものとする。"))
        if one.year_most:
            most = said.in_granted(one.year_most)
            found.append(Paragraph(f"換算により付与する数は、1年度につき{most}を限度とする。"))
    worth = document.worth
    if worth is None or not worth.yen:
        found.append(
            Paragraph(f"{said.granted}は、金銭その他の財産上の価値に換算しないものとする。")
        )
    elif document.unit != "円" or worth.yen != worth.of:
        found.append(
            Paragraph(f"{said.in_granted(worth.of)}は、{worth.yen:,}円に相当するものとする。")
        )
    return ("換算", found) if found else None


def uses(said: Said) -> Clause:
    document = said.document
    found = [
        Paragraph(
            f"参加者は、{said.granted}を次の各号に掲げる使いみちにあてることができる。",
            tuple(_use(said, rule) for rule in document.uses),
        )
    ]
    if document.at_cap:
        instead, yen = terms.USE[document.at_cap.use], document.at_cap.yen
        found.append(
            Paragraph(
                "1年度の限度に達した者は、前項の規定にかかわらず、同項の使いみちに代えて、"
                f"{yen:,}円に相当する{instead}を選ぶことができる。"
            )
        )
    if "cash" not in {rule.use for rule in document.uses}:
        found.append(Paragraph(f"{said.granted}は、現金と交換することができないものとする。"))
    return "使いみち", found


def _use(said: Said, rule: UseRule) -> str:
    details = []
    if rule.on_application:
        details.append("申請に基づき行うものとする。")
    if rule.year_most_yen is not None:
        details.append(f"1年度につき{rule.year_most_yen:,}円を限度とする。")
    if rule.recipients:
        details.append(f"相手方は、{terms.both(rule.recipients)}とする。")
    if rule.items:
        details.append(
            f"対象は、{terms.both([_item(said, rule, one) for one in rule.items])}とする。"
        )
    is_paid_out = rule.use == "cash" and is_in_yen(said.document)
    use = "現金による受取り" if is_paid_out else terms.USE[rule.use]
    return use + (f"（{''.join(details)}）" if details else "")


def _item(said: Said, rule: UseRule, name: str) -> str:
    """An item, with what one of it costs."""
    price = rule.prices.get(name)
    return name if price is None else f"{name}（1点につき{said.in_granted(price)}）"


def expiry(said: Said) -> Clause:
    document, rule = said.document, said.document.expiry
    earned = said.granted
    found = []
    if document.kind == "coin" and rule.distributed_years is not None:
        earned = f"活動により得た{said.granted}"
        found.append(_lifetime(f"配布を受けた{said.granted}", "配布", rule.distributed_years))
    noun, _ = terms.giving(document)
    got = "換算" if document.conversion and document.kind != "coin" else noun
    found.append(_lifetime(earned, got, rule.earned_years))
    if rule.earned_years is not None:
        found.append(Paragraph(f"有効期間を経過した{said.granted}は、失効するものとする。"))
    days = returned_days(document)
    if document.kind == "coin" and days:
        found.append(
            Paragraph(
                f"手伝いのために預かっている間に有効期間を経過した{said.granted}が、依頼した者に戻った"
                f"ときは、前項の規定にかかわらず、戻った日から{days}日を経過した日の属する年度の末日まで"
                "使うことができる。"
            )
        )
    one = document.conversion
    # Where each visit counts whole steps, nothing can be left over.
    if one and one.way == "steps" and document.earning.units % one.units:
        rest = f"年度の末日において換算されない{said.counted}の端数は、"
        carry = rule.leftover == "carry"
        found.append(
            Paragraph(rest + ("翌年度に繰り越す" if carry else "失効する") + "ものとする。")
        )
    return "有効期間及び失効", found


def _lifetime(what: str, got: str, years: int | None) -> Paragraph:
    if years is None:
        return Paragraph(f"{what}の有効期間は、定めないものとする。")
    if years == 0:
        until = f"{got}の日の属する年度の末日"
    elif years == 1:
        until = f"{got}の日の属する年度の1年度後（翌年度）の末日"
    else:
        until = f"{got}の日の属する年度の{years}年度後の末日"
    return Paragraph(f"{what}の有効期間は、{until}までとする。")


def leaving(said: Said) -> Clause:
    rule, what = said.document.expiry, said.granted
    away = {
        "lapse": "失効するものとする。",
        "keep": "引き続き使用することができる。",
        "pay_out": "申請に基づき、現金により精算するものとする。",
    }[rule.on_leaving]
    death = {
        "lapse": "失効するものとする。",
        "heirs": "相続人が承継するものとする。",
        "donate": "本制度の運営のために寄附されたものとみなす。",
    }[rule.on_death]
    return "転出及び死亡", [
        Paragraph(
            f"参加者が転出その他の事由により対象者でなくなったときは、その有する{what}は、{away}"
        ),
        Paragraph(f"参加者が死亡したときは、その有する{what}は、{death}"),
    ]


def funding(said: Said) -> Clause | None:
    rows = said.document.funding
    if not rows:
        return None
    start = "本制度に要する費用は、"
    if len(rows) == 1 and not terms.ages(rows[0].age_from, rows[0].age_to):
        return "財源", [Paragraph(f"{start}{terms.FUND[rows[0].fund]}をもってあてるものとする。")]
    items = tuple(
        f"{terms.ages(row.age_from, row.age_to) or '全ての年齢'}の参加者に係る費用　"
        f"{terms.FUND[row.fund]}"
        for row in rows
    )
    return "財源", [
        Paragraph(
            f"{start}次の各号の区分に応じ、当該各号に定めるものをもってあてるものとする。", items
        )
    ]


def rest(said: Said) -> Clause:
    return "委任", [
        Paragraph(
            f"この要綱に定めるもののほか、必要な事項は、{said.office}が別に定めるものとする。"
        )
    ]
