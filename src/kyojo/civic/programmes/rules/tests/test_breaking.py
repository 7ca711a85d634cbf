"""Ways to break a document, no two of them breaking the same rule; each is named with its line."""

import re

import pytest

from kyojo.civic.programmes.errors import DocumentInvalid, DocumentUnreadable
from kyojo.civic.programmes.rules import baseline, consistency, presets, reading
from kyojo.civic.programmes.rules.reading import Mistake

#: rule → (preset, what to replace, by what, the key that is named, the text of its line)
WAYS: dict[str, tuple[str, str, str, str, str]] = {
    # the schema
    "extra_forbidden": ("inagi", "minutes = 60", "minutes = 60\nhuors = 1", "earning.huors", "huors"),
    "missing": ("inagi", 'unit = "ポイント"\n', "", "unit", "schema = 2"),
    "int_type": ("inagi", "day_most = 2", "day_most = true", "earning.day_most", "day_most"),
    "string_type": ("inagi", 'unit = "ポイント"', "unit = 3", "unit", "unit = 3"),
    "bool_type": (
        "inagi", "on_application = true", 'on_application = "yes"', "uses[1].on_application", "on_app"
    ),
    "greater_than_equal": ("inagi", "units = 1\n", "units = 0\n", "earning.units", "units = 0"),
    "less_than_equal": ("inagi", "minutes = 60", "minutes = 1500", "earning.minutes", "minutes"),
    "literal_error": ("inagi", 'kind = "points"', 'kind = "stars"', "kind", "kind"),
    "string_pattern_mismatch": ("inagi", 'code = "inagi"', 'code = "稲城"', "code", "code"),
    "string_too_long": (
        "inagi", 'unit = "ポイント"', f'unit = "{"長" * 21}"', "unit", "unit"
    ),
    "unprintable": ("inagi", 'unit = "ポイント"', r'unit = "ポ\u0000"', "unit", "unit = "),
    "string_too_short": ("inagi", 'unit = "ポイント"', 'unit = ""', "unit", 'unit = ""'),
    "too_short": (
        "inagi", 'relation = ["lives"]', "relation = []", "who.relation", "relation"
    ),
    "list_type": ("inagi", 'relation = ["lives"]', 'relation = "lives"', "who.relation", "relation"),
    "date_type": ("inagi", "as_of = 2015-01-01", 'as_of = "2015"', "sources[1].as_of", "as_of"),
    "model_type": (
        "gratitude", 'counted = "ありがとう"', 'counted = "ありがとう"\nworth = 1', "worth", "worth = 1"
    ),
    "multiple_of": (
        "kyojo-coin", "[30, 60, 120, 180]", "[30, 45]", "price.lengths_minutes[2]", "lengths"
    ),
    # who
    "relations_once": (
        "inagi", '["lives"]', '["lives", "lives"]', "who.relation", "relation"
    ),
    "ages_ascend": (
        "saitama", "age_from = 60", "age_from = 60, age_to = 50", "who.any_of[2].age_to", "age_to"
    ),
    "insured_ages_exist": (
        "saitama", "age_from = 60", "age_from = 70", "who.any_of[2].age_from", "any_of"
    ),
    "earners_differ": (
        "inagi", '[{ insured = "first" }]', '[{ insured = "first" }, { insured = "first" }]',
        "who.any_of[2]", "any_of",
    ),
    "funding_covers_each_age_once": (
        "sanjo", "age_from = 65", "age_from = 70", "funding[1]", "[[funding]]"
    ),
    # what counts
    "activities_are_named": (
        "inagi", "ACTIVITIES", "", "activities", "schema = 2"
    ),
    "any_is_no_code": ("inagi", "facility = ", "any = ", "activities.any", "any ="),
    "minutes_needed": ("inagi", "minutes = 60\n", "", "earning.minutes", "[earning]"),
    "minutes_not_for_visits": (
        "sanjo", 'per = "visit"', 'per = "visit"\nminutes = 60', "earning.minutes", "minutes = 60"
    ),
    "day_reaches_a_visit": ("inagi", "units = 1\nday", "units = 3\nday", "earning.day_most", "day_most"),
    "year_reaches_a_day": (
        "yokohama", "year_most = 8000", "year_most = 100", "earning.year_most", "year_most"
    ),
    # what it becomes
    "threshold_is_a_step": (
        "inagi", "from_units = 10", "from_units = 15", "conversion.from_units", "from_units"
    ),
    "year_is_whole_steps": (
        "inagi", "year_most = 5000\n\n[worth]", "year_most = 5500\n\n[worth]",
        "conversion.year_most", "year_most = 5500",
    ),
    "year_can_be_reached": (
        "inagi", "day_most = 2", "day_most = 2\nyear_most = 20", "conversion.year_most", "year_most = 5000"
    ),
    "alternative_needs_a_limit": (
        "saitama", "year_most = 5000\n\n[worth]", "\n[worth]", "at_cap", "[at_cap]"
    ),
    "alternative_is_a_use": (
        "saitama", 'use = "shop"\nyen', 'use = "voucher"\nyen', "at_cap.use", 'use = "voucher"'
    ),
    "money_needs_a_worth": ("exchange", "WORTH", "", "worth", "schema = 2"),
    "thanks_have_no_worth": (
        "gratitude", "[expiry]", "[worth]\nyen = 10\n\n[expiry]", "worth.yen", "yen = 10"
    ),
    "thanks_are_not_paid_out": (
        "gratitude", '[[uses]]\nuse = "help"', '[worth]\nyen = 0\n\n[[uses]]\nuse = "cash"',
        "uses[1].use", 'use = "cash"',
    ),
    "hours_are_equal": ("time", "units = 1", "units = 2", "earning.units", "units = 2"),
    # how it is used
    "uses_once": ("yokohama", 'use = "donation"\nrecipients = ', 'use = "cash"\n#', "uses[2].use", 'use'),
    "donations_have_recipients": (
        "saitama", "recipients = ", "#", "uses[2].recipients", "[[uses]]"
    ),
    "recipients_are_for_gifts": (
        "yokohama", 'use = "cash"', 'use = "cash"\nrecipients = ["a"]', "uses[1].recipients", "recipients"
    ),
    "choices_once": (
        "yokohama", '"子どもの居場所"', '"受け入れ先の施設"', "uses[2].recipients[3]", "recipients"
    ),
    "goods_have_items": ("sanjo", "items = ", "#", "uses[1].items", "[[uses]]"),
    "premium_is_for_the_insured": (
        "inagi", 'any_of = [{ insured = "first" }]', "", "uses[1].use", 'use = "premium"'
    ),
    "leftover_has_somewhere_to_go": (
        "yokohama", "earned_years = 1", 'earned_years = 1\nleftover = "carry"', "expiry.leftover", "leftover"
    ),
    "pay_out_needs_a_worth": (
        "inagi", 'leftover = "lapse"', 'on_leaving = "pay_out"', "expiry.on_leaving", "on_leaving"
    ),
    # tickets
    "tickets_have_prices": ("ticket", "TICKET", "", "ticket", "schema = 2"),
    "prices_are_for_tickets": ("exchange", "$", "PRICES", "ticket", "[ticket]"),
    "ticket_adds_up": ("ticket", "bought_yen = 800", "bought_yen = 900", "ticket.bought_yen", "bought"),
    "ticket_is_worth_its_pay": ("ticket", "yen = 650\n\n", "yen = 700\n\n", "worth.yen", "yen = 700"),
    "deposit_is_worth_its_pay": (
        "time-deposit", "yen = 650\nof = 60", "yen = 600\nof = 60", "worth.yen", "yen = 600"
    ),
    # thank-you money
    "thanks_are_for_paid_help": (
        "exchange", "$", "ONE_RATE", "thanks", "[thanks]"
    ),
    "passbooks_count_yen": (
        "ticket", 'unit = "枚"\ncounted = "枚"', 'unit = "円"\ncounted = "円"', "unit", 'unit = "円"'
    ),
    "yen_are_counted_singly": ("paid-cash", "units = 1", "units = 2", "earning.units", "units = 2"),
    "yen_are_shared_at_use": (
        "paid-invoice", 'share_at = "use"', 'share_at = "cash"', "ticket.share_at", "share_at"
    ),
    "yen_are_more_than_none": (
        "paid-passbook", "bought_yen = 800\npaid_yen = 650\noffice_yen = 150",
        "bought_yen = 0\npaid_yen = 0\noffice_yen = 0", "ticket.bought_yen", "bought_yen = 0",
    ),
    "yen_do_not_lapse": (
        "paid-passbook", '[expiry]', '[expiry]\nearned_years = 2', "expiry.earned_years", "earned_years"
    ),
    "yen_can_be_taken_out": (
        "paid-cash", 'on_leaving = "pay_out"\non_death = "heirs"\n\n[[uses]]\nuse = "cash"',
        'on_leaving = "keep"\non_death = "heirs"\n\n[[uses]]\nuse = "help"', "uses", "[[uses]]",
    ),
    "paid_help_is_not_converted": (
        "paid-stamp-card", "[worth]", '[conversion]\nway = "steps"\nunits = 1\ngrants = 1\n\n[worth]',
        "conversion", "[conversion]",
    ),
    "paid_help_has_no_limit": (
        "paid-invoice", "units = 1", "units = 1\nyear_most = 50000", "earning.year_most", "year_most"
    ),
    "paid_help_is_between_people": ("ticket", "$", "HOSTS", "hosts", "[hosts"),
    "tickets_have_one_rate": (
        "paid-stamp-card", 'amount = "one_rate"', 'amount = "rate_plus_costs"\ncosts_most_yen = 100',
        "thanks.amount", "amount",
    ),
    "costs_have_a_limit": (
        "paid-passbook", "costs_most_yen = 1000\n", "", "thanks.costs_most_yen", "[thanks]"
    ),
    "kinds_have_their_rates": (
        "paid-invoice", "garden = 1000\n", "", "thanks.by_activity", "[thanks.by_activity]"
    ),
    "choices_have_their_range": (
        "paid-cash", "least_yen = 500\n", "", "thanks.least_yen", "[thanks]"
    ),
    "usual_amount_can_be_paid": (
        "paid-cash", "most_yen = 1000", "most_yen = 700", "ticket.bought_yen", "bought_yen = 800"
    ),
    "the_office_leaves_something": (
        "paid-invoice", "errand = 600", "errand = 100", "thanks.by_activity.errand", "errand = 100"
    ),
    "shares_have_their_part": (
        "paid-cash", "share_percent = 20\n", "", "thanks.share_percent", "[thanks]"
    ),
    "deposits_go_somewhere": (
        "paid-passbook", 'deposit_in = "time-deposit"\n', "", "thanks.deposit_in", "[thanks]"
    ),
    "deposits_go_elsewhere": (
        "paid-passbook", 'deposit_in = "time-deposit"', 'deposit_in = "paid-passbook"',
        "thanks.deposit_in", "deposit_in",
    ),
    "tickets_are_not_cut": (
        "paid-stamp-card", 'share = "person"', 'share = "office"', "thanks.share", "share ="
    ),
    # fees, who spends, what circulates
    "fees_once": ("paid-invoice", "[[fees]]", "FEE", "fees[2].name", 'name = "年会費"'),
    "circulation_is_for_currencies": (
        "inagi", "$", "CIRCULATION", "circulation", "[circulation]"
    ),
    "notes_are_not_lent": (
        "exchange", "$", "CIRCULATION", "circulation.lent_most", "lent_most"
    ),
    "hours_can_begin": (
        "time", "start_units = 60\nlent_most = 120", "start_units = 0", "circulation", "[circulation]"
    ),
    "spenders_differ": (
        "inagi", "[earning]", '[spenders]\nrelation = ["lives", "lives"]\n\n[earning]',
        "spenders.relation", "relation",
    ),
    "prices_are_of_items": (
        "sanjo", "items = ", 'prices = { "馬" = 1 }\nitems = ', "uses[1].prices.馬", "馬"
    ),
    "prices_fit_the_year": (
        "sanjo", "items = ", 'year_most_yen = 900\nprices = { "地元の製品" = 1 }\nitems = ',
        "uses[1].prices.地元の製品", "prices",
    ),
    "one_word_without_conversion": (
        "gratitude", 'counted = "ありがとう"', 'counted = "回"', "counted", "counted"
    ),
    "excludes_are_others": (
        "inagi", 'counted = "スタンプ"', 'counted = "スタンプ"\nexcludes = ["inagi"]', "excludes[1]", "excludes"
    ),
    # coins
    "coin_tables_needed": (
        "kyojo-coin", "[closed_door]\nadvised_minutes = 30\n", "", "closed_door", "schema = 2"
    ),
    "coin_tables_are_for_coins": (
        "inagi", "$", "CLOSED", "closed_door", "[closed_door]"
    ),
    "coin_currency_is_for_coins": (
        "inagi", 'currency = "inagi-point"', 'currency = "coin"', "currency", "currency"
    ),
    "distributed_is_for_coins": (
        "inagi", "earned_years = 2", "earned_years = 2\ndistributed_years = 1",
        "expiry.distributed_years", "distributed_years",
    ),
    "returned_is_for_coins": (
        "inagi", "earned_years = 2", "earned_years = 2\nreturned_days = 60",
        "expiry.returned_days", "returned_days",
    ),
    "earned_live_longer": (
        "kyojo-coin", "earned_years = 3", "earned_years = 0", "expiry.earned_years", "earned_years"
    ),
    "price_is_what_is_earned": ("kyojo-coin", "grants = 10", "grants = 11", "conversion", "[conversion]"),
    "lengths_ascend": (
        "kyojo-coin", "[30, 60, 120, 180]", "[60, 30]", "price.lengths_minutes", "lengths"
    ),
    "identity_everywhere": (
        "kyojo-coin", '[categories.talk]\ntrust = ["identity"]', '[categories.talk]\ntrust = ["training"]',
        "categories.talk.trust", 'trust = ["training"]',
    ),
    "trust_once": (
        "kyojo-coin", '[categories.talk]\ntrust = ["identity"]',
        '[categories.talk]\ntrust = ["identity", "identity"]', "categories.talk.trust", "trust",
    ),
    "training_is_needed_to_be_named": (
        "kyojo-coin", '[categories.talk]', '[categories.talk]\ntraining = "聞き方"',
        "categories.talk.training", "training",
    ),
    "hours_ascend": (
        "kyojo-coin", "latest_hour = 20\nyoungest", "latest_hour = 6\nyoungest",
        "categories.child.limits.latest_hour", "latest_hour = 6",
    ),
    "a_length_fits": (
        "kyojo-coin", "lengths_minutes = [30, 60, 120, 180]", "lengths_minutes = [150, 180]",
        "categories.ride.limits.longest_minutes", "longest_minutes = 120",
    ),
    "flagged_keys_exist": (
        "sanjo", 'key = "earning.year_most"', 'key = "earning.week_most"', "flagged[1].key", "key ="
    ),
}  # fmt: skip
TABLES = {
    "ACTIVITIES": r"\[activities\]\n(.+\n)+",
    "WORTH": r"\[worth\]\n(.+\n)+",
    "TICKET": r"\[ticket\]\n(.+\n)+",
    "$": r"\Z",
}
ADDED = {
    "PRICES": "\n[ticket]\nbought_yen = 2\npaid_yen = 1\noffice_yen = 1\n"
    'share_at = "use"\nsettlement = "cash"\n',
    "CLOSED": "\n[closed_door]\nadvised_minutes = 30\n",
    "ONE_RATE": '\n[thanks]\namount = "one_rate"\n',
    "HOSTS": '\n[hosts]\nproof = "stamp"\n\n[hosts.designated]\nhall = "公民館"\n',
    "FEE": '[[fees]]\nname = "年会費"\nyen = 500\neach = "joining"\n\n[[fees]]',
    "CIRCULATION": "\n[circulation]\nlent_most = 60\n",
}


def broken(rule: str) -> str:
    name, old, new, _, _ = WAYS[rule]
    return changed(name, old, new)


def changed(name: str, old: str, new: str) -> str:
    """A preset with the first ``old`` replaced; words in capitals stand for whole tables."""
    text, times = re.subn(
        TABLES.get(old, re.escape(old)),
        lambda _: ADDED.get(new, new),
        presets.preset(name),
        count=1,
    )
    assert times == 1, f"{name} has no {old}"
    return text


def mistakes_of(text: str) -> list[Mistake]:
    document, mistakes = reading.check(text)
    assert (document is None) == bool(mistakes)
    return mistakes


def test_there_are_at_least_forty_ways_and_every_rule_of_ours_has_one() -> None:
    assert len(WAYS) >= 40
    assert {rule.__name__ for rule in consistency.RULES} <= set(WAYS)


@pytest.mark.parametrize("rule", WAYS)
def test_a_broken_document_is_refused_with_its_line(rule: str) -> None:
    _, _, _, key, on_line = WAYS[rule]
    text = broken(rule)
    found = mistakes_of(text)
    named = [one for one in found if (one.rule, one.key) == (rule, key)]
    assert len(named) == 1, found
    assert {one.rule for one in found} == {rule}
    assert on_line in text.splitlines()[named[0].line - 1]
    assert named[0].allowed
    with pytest.raises(DocumentInvalid) as refused:
        reading.read(text)
    assert f"{refused.value.data['line']}行目" in refused.value.message()


#: (preset, what to replace, by what, the rule, the key): other ways to break a rule of above.
MORE = [
    ("inagi", 'unit = "ポイント"', 'unit = "　"', "unprintable", "unit"),
    ("inagi", 'unit = "ポイント"', r'unit = "ポ\u202E"', "unprintable", "unit"),
    ("inagi", 'unit = "ポイント"', r'unit = "ポイ\nント"', "unprintable", "unit"),
    ("inagi", "（稲城市の型）", r"\n（稲城市の型）", "unprintable", "name"),
    ("saitama", "[earning]", "SPENDERS", "ages_ascend", "spenders.any_of[1].age_to"),
    ("saitama", "[earning]", "YOUNG", "insured_ages_exist", "spenders.any_of[1].age_to"),
    ("saitama", "[earning]", "TWICE", "earners_differ", "spenders.any_of[2]"),
    ("paid-invoice", 'on_leaving = "pay_out"', "", "yen_do_not_lapse", "expiry.on_leaving"),
    ("paid-invoice", 'on_death = "heirs"', "", "yen_do_not_lapse", "expiry.on_death"),
    ("ticket", "units = 1", "units = 1\nday_most = 2", "paid_help_has_no_limit", "earning.day_most"),
    ("paid-cash", 'unit = "円"\ncounted = "円"', 'unit = "枚"\ncounted = "枚"', "passbooks_count_yen", "unit"),
    ("paid-cash", "yen = 1\n", "yen = 2\n", "ticket_is_worth_its_pay", "worth.yen"),
    ("time-deposit", 'share_at = "use"', 'share_at = "cash"', "yen_are_shared_at_use", "ticket.share_at"),
    ("paid-invoice", "bought_yen = 800\npaid_yen = 650", "bought_yen = 900\npaid_yen = 750", "usual_amount_can_be_paid", "ticket.bought_yen"),
    ("paid-invoice", 'share = "person"', "least_yen = 200", "choices_have_their_range", "thanks.least_yen"),
    ("paid-cash", "most_yen = 1000", "most_yen = 400", "choices_have_their_range", "thanks.most_yen"),
    ("paid-cash", "least_yen = 500", "least_yen = 100", "the_office_leaves_something", "thanks.least_yen"),
    ("paid-cash", "share_percent = 20", 'share_percent = 20\ndeposit_in = "time-deposit"', "deposits_go_somewhere", "thanks.deposit_in"),
    ("paid-invoice", 'share = "person"', 'share = "person"\nshare_percent = 5', "shares_have_their_part", "thanks.share_percent"),
    ("paid-invoice", 'share = "person"', "costs_most_yen = 100", "costs_have_a_limit", "thanks.costs_most_yen"),
    ("paid-invoice", "outing = 800", "outing = 800\nsnow = 900", "kinds_have_their_rates", "thanks.by_activity"),
    ("inagi", 'counted = "スタンプ"', 'counted = "スタンプ"\nexcludes = ["a", "a"]', "excludes_are_others", "excludes[2]"),
]  # fmt: skip
ADDED["SPENDERS"] = (
    '[spenders]\nrelation = ["lives"]\nany_of = [{ age_from = 70, age_to = 60 }]\n\n[earning]'
)
ADDED["YOUNG"] = (
    '[spenders]\nrelation = ["lives"]\nany_of = [{ insured = "first", age_to = 60 }]\n\n[earning]'
)
ADDED["TWICE"] = '[spenders]\nrelation = ["lives"]\nany_of = [{}, {}]\n\n[earning]'


@pytest.mark.parametrize(("name", "old", "new", "rule", "key"), MORE)
def test_a_rule_is_broken_in_all_its_ways(
    name: str, old: str, new: str, rule: str, key: str
) -> None:
    found = mistakes_of(changed(name, old, new))
    assert [(one.rule, one.key) for one in found] == [(rule, key)]
    assert found[0].allowed


def test_what_is_not_toml_is_refused_with_its_line() -> None:
    for text, line, said in (
        ("schema = \n", 1, "true か false"),
        ("schema =", 1, "値か、"),
        ("schema = 2\nschema = 2\n", 2, "2回書く"),
        ("[who\n", 1, "[ ] で閉じます"),
        ("[[uses]\n", 1, "[[ ]] で閉じます"),
        ("schema = 2\nas_of = 2015-02-30\n", 2, "あるはずのない日付"),
        ("schema = 2\n\nname = [", 3, "閉じるかっこ ] が足りません"),
        ('name = "\n', 1, "同じ行のうちに"),
        ('name = "\\q"\n', 1, "\\\\ と書きます"),
        ("名前 = 1\n", 1, "名前 = 値"),
    ):
        with pytest.raises(DocumentUnreadable) as refused:
            reading.read(text)
        assert refused.value.data["line"] == line
        assert f"{line}行目：" in refused.value.message()
        assert said in refused.value.message(), refused.value.message()


def test_an_unknown_key_is_told_which_ones_are_known() -> None:
    text = changed("inagi", "[hosts]", '[who."<b>"]\n\n[hosts]')
    assert [one.allowed for one in mistakes_of(text)] == ["relation、any_ofだけ"]
    found = mistakes_of(broken("extra_forbidden"))
    assert found[0].allowed.startswith("per、minutes、units")


def test_only_coin_programmes_had_a_first_form() -> None:
    found = mistakes_of(changed("inagi", "schema = 2", "schema = 1"))
    assert [(one.key, one.allowed) for one in found] == [("schema", "2")]


@pytest.mark.parametrize(
    ("name", "old", "new", "key"),
    [
        ("kyojo-coin", "coins_per_30_minutes = 10", "coins_per_30_minutes = 30", "price"),
        (
            "kyojo-coin",
            "distributed_years = 1",
            "distributed_years = 3",
            "expiry.distributed_years",
        ),
        (
            "kyojo-coin",
            'trust = ["identity", "licence"]',
            'trust = ["identity"]',
            "categories.ride",
        ),
        ("kyojo-coin", "positions_kept_days = 30", "positions_kept_days = 90", "evidence"),
        ("inagi", "year_most = 5000", "year_most = 50000", "conversion.year_most"),
        ("inagi", "day_most = 2", "day_most = 2000", "earning.day_most"),
        ("saitama", "yen = 6000", "yen = 60000", "at_cap.yen"),
        ("sanjo", 'other_reward = "excludes"', 'other_reward = "counts"', "earning.other_reward"),
        (
            "ticket",
            "bought_yen = 800\npaid_yen = 650",
            "bought_yen = 2800\npaid_yen = 2650",
            "ticket",
        ),
        ("paid-invoice", "garden = 1000", "garden = 1600", "thanks.by_activity.garden"),
        ("paid-cash", "most_yen = 1000", "most_yen = 1600", "thanks.most_yen"),
        ("paid-passbook", "costs_most_yen = 1000", "costs_most_yen = 6000", "thanks.costs"),
        ("paid-invoice", "yen = 1000\neach", "yen = 20000\neach", "fees[1].yen"),
        ("time", "start_units = 60", "start_units = 900", "circulation.start_units"),
        ("time", "lent_most = 120", "lent_most = 1500", "circulation.lent_most"),
    ],
)
def test_a_bound_of_the_baseline_is_named(name: str, old: str, new: str, key: str) -> None:
    text = presets.preset(name)
    assert old in text
    text = text.replace(old, new, 1)
    if name == "kyojo-coin":
        text = text.replace(
            "grants = 10", "grants = 30" if "= 30\nlengths" in text else "grants = 10"
        )
    if name == "ticket":
        text = text.replace("yen = 650\n\n", "yen = 2650\n\n")
    document, mistakes = reading.check(text)
    assert document is not None, mistakes
    found = baseline.breaches(document, text)
    assert [one.key.startswith(key) for one in found] == [True]
    assert "全国基準2026" in found[0].allowed
    assert new.splitlines()[0].split(" =")[0] in text.splitlines()[found[0].line - 1]


@pytest.mark.parametrize(
    ("name", "old", "new", "most"),
    [
        ("ticket", "minutes = 60", "minutes = 30", 750),
        ("ticket", "units = 1", "units = 2", 750),
        ("time-deposit", "of = 60", "of = 1", 25),
        ("ticket", "minutes = 60", "minutes = 40", 1000),
        ("ticket", "minutes = 60", "minutes = 120", None),
    ],
)
def test_a_price_is_bounded_by_the_hour(name: str, old: str, new: str, most: int | None) -> None:
    """A shorter unit at the same price would be more money than the bound lets anybody set."""
    text = changed(name, old, new)
    document, mistakes = reading.check(text)
    assert document is not None, mistakes
    found = [one.allowed for one in baseline.breaches(document, text)]
    if most is None or most >= 800:
        assert found == []
    else:
        assert [one.split("（")[0] for one in found] == [f"{most:,}以下の整数"]
        assert "1時間で1,500以下" in found[0] and "全国基準2026" in found[0]


def test_every_bound_binds_something() -> None:
    """A bound whose key no document has would never refuse anything."""
    keys = set()
    for name in presets.preset_names():
        document = reading.read(presets.preset(name))
        for bound in baseline.baseline().bounds:
            if not bound.kinds or document.kind in bound.kinds:
                places = baseline._at(
                    document.model_dump(by_alias=True), tuple(bound.key.split("."))
                )
                keys |= {bound.key for _, value in places if value is not None}
    assert keys == {bound.key for bound in baseline.baseline().bounds}


def test_the_schedule_of_disclosure_says_from_when_an_industry_discloses() -> None:
    schedule = baseline.baseline().disclosure
    assert schedule.from_year("金融") == 2025
    assert schedule.from_year("農業") is None
