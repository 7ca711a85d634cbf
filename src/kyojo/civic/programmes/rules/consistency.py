"""What several keys of a document must say together. One function a rule; its name is the rule's.

Each answers (path, what may stand there) for every breach.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

from . import consistency_paid as paid
from .consistency_paid import YEN_SETTLEMENTS as YEN_SETTLEMENTS
from .consistency_paid import Breach
from .model import Document, Earner, Funding
from .places import Path

Rule = Callable[[Document], Iterator[Breach]]

#: Tables that a coin programme needs and no other may have.
COIN_TABLES = ("price", "issue", "offers", "evidence", "closed_door", "targets", "categories")
#: Tables that a coin programme may have and no other.
COIN_MAY = (
    "messages", "trust", "reviews", "badges", "minors", "safety", "insurance", "gifts", "privacy",
)  # fmt: skip
MONEY = {"cash", "premium", "goods", "voucher", "shop"}
FIRST_FROM, SECOND_FROM = 65, 40  # Long-Term Care Insurance Act, art. 9, as of 2026


def breaches(document: Document) -> Iterator[tuple[Path, str, str]]:
    """(path, rule, what may stand there) of all rules that the document breaks."""
    for rule in RULES:
        for path, may in rule(document):
            yield path, rule.__name__, may


# --- who ------------------------------------------------------------------------------------------


def relations_once(doc: Document) -> Iterator[Breach]:
    if len(set(doc.who.relation)) < len(doc.who.relation):
        yield ("who", "relation"), "lives、works、studies を1回ずつ"


def ages_ascend(doc: Document) -> Iterator[Breach]:
    rows: list[tuple[Path, Earner | Funding]] = list(_people(doc))
    rows += [(("funding", i), row) for i, row in enumerate(doc.funding)]
    for path, row in rows:
        if row.age_from is not None and row.age_to is not None and row.age_to < row.age_from:
            yield (*path, "age_to"), f"{row.age_from}（age_from）以上の整数"


def insured_ages_exist(doc: Document) -> Iterator[Breach]:
    for path, row in _people(doc):
        if row.insured == "first" and row.age_to is not None and row.age_to < FIRST_FROM:
            yield (*path, "age_to"), f"{FIRST_FROM}以上の整数（第1号被保険者は{FIRST_FROM}歳から）"
        if row.insured == "second" and (
            not SECOND_FROM <= (row.age_from or SECOND_FROM) < FIRST_FROM
        ):
            yield (
                (*path, "age_from"),
                f"{SECOND_FROM}から{FIRST_FROM - 1}までの整数（第2号被保険者の年齢）",
            )


def earners_differ(doc: Document) -> Iterator[Breach]:
    for rows in (doc.who.any_of, doc.spenders.any_of if doc.spenders else []):
        for i, row in enumerate(rows):
            if row in rows[:i]:
                name = "who" if rows is doc.who.any_of else "spenders"
                yield (name, "any_of", i), "ほかの行とちがう人"


def _people(doc: Document) -> Iterator[tuple[Path, Earner]]:
    """Every kind of people that the document names, with its place."""
    for i, row in enumerate(doc.who.any_of):
        yield ("who", "any_of", i), row
    for i, row in enumerate(doc.spenders.any_of if doc.spenders else []):
        yield ("spenders", "any_of", i), row


def funding_covers_each_age_once(doc: Document) -> Iterator[Breach]:
    rows = sorted(enumerate(doc.funding), key=lambda row: row[1].age_from or 0)
    if rows and (rows[0][1].age_from or 0) > 0:
        yield ("funding", rows[0][0], "age_from"), "0（どの年齢にも、ちょうど1つの財源を書きます）"
    for (_, one), (i, other) in pairwise(rows):
        if one.age_to is None or other.age_from != one.age_to + 1:
            yield (
                ("funding", i),
                "前の財源の age_to の次の年齢から始まる行（すき間も重なりもなし）",
            )
    if rows and rows[-1][1].age_to is not None:
        yield ("funding", rows[-1][0], "age_to"), "なし（最後の財源は、年齢の上限を書きません）"


# --- what counts ----------------------------------------------------------------------------------


def activities_are_named(doc: Document) -> Iterator[Breach]:
    if doc.kind in ("points", "stamps") and not doc.activities:
        yield ("activities",), '1つ以上の活動（コード = "名前"）'


def any_is_no_code(doc: Document) -> Iterator[Breach]:
    if "any" in doc.activities:
        yield ("activities", "any"), "any のほかのコード（any は記録のほうで使う語です）"
    if doc.hosts and "any" in doc.hosts.designated:
        yield ("hosts", "designated", "any"), "any のほかのコード（any は記録のほうで使う語です）"


def minutes_needed(doc: Document) -> Iterator[Breach]:
    if doc.earning.per == "minutes" and doc.earning.minutes is None:
        yield ("earning", "minutes"), "1から1,440までの整数（per が minutes のときは必ず）"


def minutes_not_for_visits(doc: Document) -> Iterator[Breach]:
    if doc.earning.per == "visit" and doc.earning.minutes is not None:
        yield (
            ("earning", "minutes"),
            "なし（per が visit のとき。短い支援を除くのは at_least_minutes）",
        )


def day_reaches_a_visit(doc: Document) -> Iterator[Breach]:
    earning = doc.earning
    if earning.day_most is not None and earning.day_most < earning.units:
        yield ("earning", "day_most"), f"{earning.units}（units）以上の整数"


def year_reaches_a_day(doc: Document) -> Iterator[Breach]:
    earning = doc.earning
    least = earning.day_most or earning.units
    if earning.year_most is not None and earning.year_most < least:
        yield ("earning", "year_most"), f"{least}（1日の上限か units）以上の整数"


# --- what it becomes ------------------------------------------------------------------------------


def threshold_is_a_step(doc: Document) -> Iterator[Breach]:
    one = doc.conversion
    if one and one.way == "steps" and one.from_units % one.units:
        yield ("conversion", "from_units"), f"{one.units}（units）の倍数"


def year_is_whole_steps(doc: Document) -> Iterator[Breach]:
    one = doc.conversion
    if one and one.way == "steps" and one.year_most is not None and one.year_most % one.grants:
        yield ("conversion", "year_most"), f"{one.grants}（grants）の倍数"


def year_can_be_reached(doc: Document) -> Iterator[Breach]:
    one, most = doc.conversion, doc.earning.year_most
    if one and one.year_most is not None and most is not None:
        reached = most // one.units * one.grants
        if one.year_most > reached:
            yield (
                ("conversion", "year_most"),
                f"{reached:,}以下の整数（earning.year_most で届く数）",
            )


def alternative_needs_a_limit(doc: Document) -> Iterator[Breach]:
    limit = doc.earning.year_most or (doc.conversion and doc.conversion.year_most)
    if doc.at_cap and not limit:
        yield ("at_cap",), "なし（年の上限がある制度だけに書けるもの）"


def alternative_is_a_use(doc: Document) -> Iterator[Breach]:
    if doc.at_cap and doc.at_cap.use not in {rule.use for rule in doc.uses}:
        yield ("at_cap", "use"), "uses に書いた使い道のどれか"


def money_needs_a_worth(doc: Document) -> Iterator[Breach]:
    uses = {rule.use for rule in doc.uses}
    if uses & MONEY and doc.worth is None:
        yield ("worth",), "お金にかわる使い道があるときの表（yen を必ず書きます）"


def thanks_have_no_worth(doc: Document) -> Iterator[Breach]:
    if doc.kind in ("coin", "gratitude", "time") and doc.worth and doc.worth.yen:
        yield ("worth", "yen"), "0（この種類の制度は、お金にかわりません）"


def thanks_are_not_paid_out(doc: Document) -> Iterator[Breach]:
    if doc.kind in ("coin", "gratitude", "time"):
        for i, rule in enumerate(doc.uses):
            if rule.use in MONEY:
                yield ("uses", i, "use"), "お金や品物にかわらない使い道（help、donation など）"


def hours_are_equal(doc: Document) -> Iterator[Breach]:
    if doc.kind in ("time", "time-deposit") and (
        doc.earning.per != "minutes" or doc.earning.units != doc.earning.minutes
    ):
        yield (
            ("earning", "units"),
            "minutes と同じ整数（時間の通貨では、だれの1時間も1時間です）",
        )


# --- how it is used -------------------------------------------------------------------------------


def one_word_without_conversion(doc: Document) -> Iterator[Breach]:
    if doc.conversion is None and doc.counted != doc.unit:
        yield ("counted",), f"{doc.unit}（unit。換算のない制度では、数えたものがそのまま付きます）"


def excludes_are_others(doc: Document) -> Iterator[Breach]:
    for i, code in enumerate(doc.excludes):
        if code == doc.code or code in doc.excludes[:i]:
            yield ("excludes", i), "ほかの制度のコードを、1回ずつ"


def uses_once(doc: Document) -> Iterator[Breach]:
    for i, rule in enumerate(doc.uses):
        if rule.use in {one.use for one in doc.uses[:i]}:
            yield ("uses", i, "use"), "まだ書いていない使い道"


def donations_have_recipients(doc: Document) -> Iterator[Breach]:
    for i, rule in enumerate(doc.uses):
        if rule.use == "donation" and doc.kind != "coin" and not rule.recipients:
            yield ("uses", i, "recipients"), "1つ以上の寄付先の名前"


def recipients_are_for_gifts(doc: Document) -> Iterator[Breach]:
    for i, rule in enumerate(doc.uses):
        if rule.recipients and rule.use not in ("donation", "event", "people_in_need"):
            yield ("uses", i, "recipients"), "なし（寄付と行事だけに書けるもの）"


def choices_once(doc: Document) -> Iterator[Breach]:
    for i, rule in enumerate(doc.uses):
        for key, names in (("recipients", rule.recipients), ("items", rule.items)):
            for k, name in enumerate(names):
                if name in names[:k]:
                    yield ("uses", i, key, k), "まだ書いていない名前（同じ名前は1回だけ）"


def goods_have_items(doc: Document) -> Iterator[Breach]:
    for i, rule in enumerate(doc.uses):
        if rule.use == "goods" and not rule.items:
            yield ("uses", i, "items"), "1つ以上の品物の名前"


def premium_is_for_the_insured(doc: Document) -> Iterator[Breach]:
    uses = [rule.use for rule in doc.uses]
    insured = {row.insured for row in doc.who.any_of}
    if "premium" in uses and (not insured or insured - {"first"}):
        yield (
            ("uses", uses.index("premium"), "use"),
            "premium のほかの使い道（保険料にあてられるのは、第1号被保険者だけの制度です）",
        )


def leftover_has_somewhere_to_go(doc: Document) -> Iterator[Breach]:
    if doc.expiry.leftover == "carry" and doc.conversion is None:
        yield ("expiry", "leftover"), "lapse（換算のない制度には、端数がありません）"


def pay_out_needs_a_worth(doc: Document) -> Iterator[Breach]:
    if doc.expiry.on_leaving == "pay_out" and "cash" not in {rule.use for rule in doc.uses}:
        yield ("expiry", "on_leaving"), "lapse か keep（現金にできない制度では、払えません）"


# --- coins ----------------------------------------------------------------------------------------


def coin_tables_needed(doc: Document) -> Iterator[Breach]:
    if doc.kind == "coin":
        for name in COIN_TABLES:
            if not getattr(doc, name):
                yield (name,), "表。コインの制度には、必ず書きます"


def coin_tables_are_for_coins(doc: Document) -> Iterator[Breach]:
    if doc.kind != "coin":
        for name in (*COIN_TABLES, *COIN_MAY):
            if getattr(doc, name):
                yield (name,), "なし（kind が coin の制度だけに書けるもの）"


def coin_currency_is_for_coins(doc: Document) -> Iterator[Breach]:
    if doc.kind != "coin" and doc.currency == "coin":
        yield ("currency",), "coin のほかの名前（coin は共助コインの単位です）"


def distributed_is_for_coins(doc: Document) -> Iterator[Breach]:
    if (doc.kind == "coin") != (doc.expiry.distributed_years is not None):
        may = "0から10までの整数" if doc.kind == "coin" else "なし（コインの制度だけに書けるもの）"
        yield ("expiry", "distributed_years"), may


def returned_is_for_coins(doc: Document) -> Iterator[Breach]:
    if doc.kind != "coin" and doc.expiry.returned_days is not None:
        yield ("expiry", "returned_days"), "なし（コインの制度だけに書けるもの）"


def earned_live_longer(doc: Document) -> Iterator[Breach]:
    one = doc.expiry
    if one.distributed_years is not None and (one.earned_years or 0) < one.distributed_years:
        yield (
            ("expiry", "earned_years"),
            f"{one.distributed_years}（distributed_years）以上の整数",
        )


def price_is_what_is_earned(doc: Document) -> Iterator[Breach]:
    one, price = doc.conversion, doc.price
    if (
        doc.kind == "coin"
        and price
        and (one is None or one.grants * 30 != price.coins_per_30_minutes * one.units)
    ):
        yield (
            ("conversion",),
            f"30分で{price.coins_per_30_minutes}（price.coins_per_30_minutes）になる換算",
        )


def lengths_ascend(doc: Document) -> Iterator[Breach]:
    if doc.price and sorted(set(doc.price.lengths_minutes)) != doc.price.lengths_minutes:
        yield ("price", "lengths_minutes"), "30から480までの30の倍数を、短い順に並べたもの"


def identity_everywhere(doc: Document) -> Iterator[Breach]:
    for code, rule in doc.categories.items():
        if "identity" not in rule.trust:
            yield (
                ("categories", code, "trust"),
                "identity をふくむもの（本人確認は、すべての種類に要ります）",
            )


def trust_once(doc: Document) -> Iterator[Breach]:
    for code, rule in doc.categories.items():
        if len(set(rule.trust)) < len(rule.trust):
            yield ("categories", code, "trust"), "確認の種類を1回ずつ"


def training_is_needed_to_be_named(doc: Document) -> Iterator[Breach]:
    for code, rule in doc.categories.items():
        if rule.training and "training" not in rule.trust:
            yield ("categories", code, "training"), "trust に training があるときだけ書けるもの"


def hours_ascend(doc: Document) -> Iterator[Breach]:
    for code, rule in doc.categories.items():
        early, late = rule.limits.earliest_hour, rule.limits.latest_hour
        if early is not None and late is not None and early >= late:
            yield (
                ("categories", code, "limits", "latest_hour"),
                f"{early}（earliest_hour）より大きい整数",
            )


def a_length_fits(doc: Document) -> Iterator[Breach]:
    for code, rule in doc.categories.items():
        longest = rule.limits.longest_minutes
        if doc.price and longest is not None and longest < doc.price.lengths_minutes[0]:
            yield (
                ("categories", code, "limits", "longest_minutes"),
                f"{doc.price.lengths_minutes[0]}（いちばん短い長さ）以上の整数",
            )


# --- what we do not believe -----------------------------------------------------------------------


def flagged_keys_exist(doc: Document) -> Iterator[Breach]:
    for i, flag in enumerate(doc.flagged):
        table, _, key = flag.key.partition(".")
        part = getattr(doc, table, None)
        if part is None or (key and getattr(part, key, None) is None):
            yield ("flagged", i, "key"), "この文書にあるキー（earning.year_most のように）"


RULES: tuple[Rule, ...] = (
    relations_once,
    ages_ascend,
    insured_ages_exist,
    earners_differ,
    funding_covers_each_age_once,
    activities_are_named,
    any_is_no_code,
    minutes_needed,
    minutes_not_for_visits,
    day_reaches_a_visit,
    year_reaches_a_day,
    threshold_is_a_step,
    year_is_whole_steps,
    year_can_be_reached,
    alternative_needs_a_limit,
    alternative_is_a_use,
    money_needs_a_worth,
    thanks_have_no_worth,
    thanks_are_not_paid_out,
    hours_are_equal,
    uses_once,
    donations_have_recipients,
    recipients_are_for_gifts,
    choices_once,
    goods_have_items,
    premium_is_for_the_insured,
    leftover_has_somewhere_to_go,
    pay_out_needs_a_worth,
    one_word_without_conversion,
    excludes_are_others,
    *paid.RULES,
    coin_tables_needed,
    coin_tables_are_for_coins,
    coin_currency_is_for_coins,
    distributed_is_for_coins,
    returned_is_for_coins,
    earned_live_longer,
    price_is_what_is_earned,
    lengths_ascend,
    identity_everywhere,
    trust_once,
    training_is_needed_to_be_named,
    hours_ascend,
    a_length_fits,
    flagged_keys_exist,
)
