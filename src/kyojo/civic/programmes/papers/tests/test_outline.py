"""The outline says all that the document says, in the articles where one looks for it."""

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest

from kyojo.civic.programmes.papers import terms
from kyojo.civic.programmes.papers.outline import Outline, outline
from kyojo.civic.programmes.rules import model, presets
from kyojo.civic.programmes.rules.consistency_paid import is_in_yen
from kyojo.kernel.wording import duration

from .cast import NAMES, OLD_DAY, content, preset

#: The articles that a table of the document speaks in.
SPOKEN = {
    "who": {"who"},
    "earning": {"earning", "limits"},
    "conversion": {"conversion"},
    "worth": {"conversion"},
    "at_cap": {"uses"},
    "expiry": {"expiry"},
    "uses": {"uses"},
    "funding": {"funding"},
    "ticket": {"ticket"},
    "thanks": {"thanks"},
    "fees": {"fees"},
    "spenders": {"spenders"},
    "circulation": {"circulation"},
    "price": {"price"},
    "issue": {"issue"},
    "offers": {"offers"},
    "evidence": {"evidence"},
    "closed_door": {"closed_door"},
    "targets": {"targets"},
    "messages": {"messages"},
    "categories": {"categories"},
    "trust": {"trust"},
    "reviews": {"reviews"},
    "badges": {"badges"},
    "minors": {"minors"},
    "safety": {"safety"},
    "insurance": {"insurance"},
    "gifts": {"gifts"},
    "privacy": {"privacy"},
}
Path = tuple[str | int, ...]


def figures(value: Any, path: Path = ()) -> Iterator[tuple[Path, int]]:
    """Every whole number of a document, with its place."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from figures(one, (*path, key))
    elif isinstance(value, list):
        for i, one in enumerate(value):
            yield from figures(one, (*path, i))
    elif isinstance(value, int) and not isinstance(value, bool) and path != ("schema",):
        yield path, value


def key_of(path: Path) -> str:
    return next(str(part) for part in reversed(path) if isinstance(part, str))


def said(made: Outline, path: Path) -> str:
    keys = SPOKEN[str(path[0])]
    return "\n".join(one.text for one in made.articles if one.key in keys)


def says(text: str, key: str, number: int) -> bool:
    """Whether the figure stands in the text, as a number or as the length that it is."""
    forms = [f"{number:,}"]
    if "minutes" in key:
        forms.append(duration(number))
    return any(re.search(rf"(?<![\d,]){re.escape(one)}(?![\d,])", text) for one in forms)


@pytest.mark.parametrize("name", presets.preset_names())
def test_every_figure_of_the_document_stands_in_its_article(name: str) -> None:
    found = list(figures(content(name)))
    document = preset(name)
    made = outline(document, effective_from=OLD_DAY, names=NAMES)
    silent = [
        (path, number)
        for path, number in found
        # 0 years is "to the end of the year"; one yen for one yen says nothing.
        if number and not (document.unit == "円" and path[0] == "worth")
        if not says(said(made, path), key_of(path), number)
    ]
    assert found
    assert silent == []


@pytest.mark.parametrize("name", presets.preset_names())
def test_no_figure_is_hard_coded(name: str) -> None:
    """A document with one other figure gives an outline that says the other figure."""
    before = outline(preset(name), effective_from=OLD_DAY, names=NAMES)
    for path, number in figures(content(name)):
        if path == ("earning", "units") and is_in_yen(preset(name)):
            continue  # always 1: the amounts stand in ticket and thanks
        other = number + (30 if path[:2] == ("price", "lengths_minutes") else 3)
        changed = copy.deepcopy(content(name))
        table: Any = changed
        for part in path[:-1]:
            table = table[part]
        table[path[-1]] = other
        document = model.Document.model_validate(changed)  # the schema only: rules may be broken
        after = outline(document, effective_from=OLD_DAY, names=NAMES)
        assert after != before, path
        assert says(said(after, path), key_of(path), other), path


@pytest.mark.parametrize("name", presets.preset_names())
def test_every_sentence_of_the_document_is_kept(name: str) -> None:
    document = preset(name)
    made = outline(document, effective_from=OLD_DAY)
    text = "\n".join(one.text for one in made.everything)
    wanted = [document.summary, *document.activities.values()]
    wanted += [one.says for one in (*document.sources, *document.flagged)]
    wanted += [name for rule in document.uses for name in (*rule.recipients, *rule.items)]
    wanted += [rule.limits.note for rule in document.categories.values()]
    wanted += [rule.training for rule in document.categories.values()]
    wanted += [document.worth.reading or ""] if document.worth else []
    wanted += document.hosts.designated.values() if document.hosts else []
    assert [one for one in wanted if one not in text] == []


@pytest.mark.parametrize("name", presets.preset_names())
def test_articles_are_numbered_without_a_gap_and_speak_as_a_rule_does(name: str) -> None:
    made = outline(preset(name), effective_from=OLD_DAY, names=NAMES)
    assert [one.number for one in made.articles] == list(range(1, len(made.articles) + 1))
    assert made.articles[0].heading == "第1条"
    assert (made.articles[0].title, made.articles[-1].title) == ("目的", "委任")
    for article in made.articles:
        for paragraph in article.paragraphs:
            assert re.search(r"(する|よる|できる|みなす)。$", paragraph.text), paragraph.text
            assert "None" not in paragraph.text
    assert len({one.key for one in made.everything}) == len(made.everything)


def test_the_supplement_says_from_when() -> None:
    made = outline(preset("inagi"), effective_from=date(2027, 4, 1))
    assert made.supplement.text == "この要綱は、令和9年4月1日から施行する。"
    assert made.title == "介護支援ボランティア（稲城市の型）実施要綱"
    assert "運営主体" in made.articles[1].text


def test_hosts_are_shown_by_name_and_kinds_of_help_where_there_is_one() -> None:
    document = preset("inagi")
    made = outline(document, effective_from=OLD_DAY, names=NAMES)
    hosts = next(one for one in made.articles if one.key == "hosts")
    assert document.hosts
    assert hosts.paragraphs[0].items == tuple(document.hosts.designated.values())


def test_a_coin_programme_has_articles_of_its_own() -> None:
    coin = {one.key for one in outline(preset("kyojo-coin"), effective_from=OLD_DAY).articles}
    points = {one.key for one in outline(preset("inagi"), effective_from=OLD_DAY).articles}
    assert coin - points == {
        "trust", "price", "issue", "offers", "categories", "evidence", "closed_door", "targets",
        "messages", "reviews", "badges", "minors", "safety", "insurance", "gifts",
        "privacy",
    }  # fmt: skip


def test_what_the_source_does_not_explain_is_put_before_the_office() -> None:
    made = outline(preset("sanjo"), effective_from=OLD_DAY)
    assert "毎日13回" in made.annex.paragraphs[1].items[0]


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (terms.KIND, model.Kind),
        (terms.RELATION, model.Relation),
        (terms.INSURED, model.Insured),
        (terms.USE, model.Use),
        (terms.FUND, model.Fund),
        (terms.TRUST, model.Trust),
        (terms.PLACE, model.Place),
        (terms.PROOF, model.Hosts.model_fields["proof"].annotation),
        (terms.SETTLEMENT, model.Ticket.model_fields["settlement"].annotation),
    ],
)
def test_every_word_of_the_schema_has_one_of_a_rule(words: dict[str, str], codes: Any) -> None:
    assert set(words) == set(get_args(codes))
    assert len(set(words.values())) == len(words)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("leftover", ("lapse", "carry")),
        ("on_leaving", ("lapse", "keep", "pay_out")),
        ("on_death", ("lapse", "heirs", "donate")),
    ],
)
def test_every_choice_about_expiry_reads_differently(key: str, values: tuple[str, ...]) -> None:
    texts = set()
    for value in values:
        changed = content("inagi")
        changed["expiry"][key] = value
        document = model.Document.model_validate(changed)
        made = outline(document, effective_from=OLD_DAY)
        texts.add("\n".join(one.text for one in made.articles))
    assert len(texts) == len(values)


# --- paid help, fees, who spends, what circulates -------------------------------------------------


def article(name: str, key: str, *changes: tuple[str, str], **names: Any) -> str:
    made = outline(preset(name, *changes), effective_from=OLD_DAY, names=replace(NAMES, **names))
    return next(one.text for one in made.articles if one.key == key)


@pytest.mark.parametrize("name", [n for n in presets.preset_names() if is_in_yen(preset(n))])
def test_paid_help_in_yen_gives_no_units(name: str) -> None:
    made = outline(preset(name), effective_from=OLD_DAY, names=NAMES)
    said = "\n".join(one.text for one in made.articles)
    assert "1円を" not in said and "換算額" not in said and "現金との交換" not in said
    earned = article(name, "earning")
    assert "この要綱に定める謝礼から" in earned and "1時間に満たない端数" in earned
    shorter = article(name, "earning", ("minutes = 60", "minutes = 60\nat_least_minutes = 90"))
    assert "1時間30分に満たない活動は、支払の対象としない" in shorter


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("paid-invoice", "請求書により、月ごとに"),
        ("paid-cash", "現金により、活動の都度、"),
        ("paid-passbook", "あらかじめ通帳に金銭を預け入れる"),
        ("paid-stamp-card", "スタンプカードへの押印により"),
    ],
)
def test_each_way_of_settling_is_said(name: str, words: str) -> None:
    assert words in article(name, "ticket")
    made = outline(preset(name), effective_from=OLD_DAY)
    assert "有償の助け合い活動" in made.articles[0].text


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("paid-invoice", (), "(3)庭の手入れ　1,000円"),
        ("paid-invoice", (), "その全額を活動をした者が受け取る"),
        ("paid-invoice", (('share = "person"', 'share = "office"'),), "その全額を北ひなた市が"),
        ("paid-cash", (), "500円以上1,000円以下の範囲内で、手伝いを受けた者がその都度"),
        (
            "paid-cash",
            (),
            "100分の20に相当する額（1円未満の端数は、切り捨てる。）は、北ひなた市に寄附",
        ),
        ("paid-passbook", (), "実費を、1回につき1,000円を限度"),
        ("paid-passbook", (), "100分の30"),
        ("paid-passbook", (), "時間預託の制度（time-deposit）に預ける"),
        ("paid-stamp-card", (), "一律とする"),
    ],
)
def test_every_way_of_setting_and_sharing_thanks_is_said(
    name: str, changes: tuple[tuple[str, str], ...], words: str
) -> None:
    made = outline(preset(name, *changes), effective_from=OLD_DAY, names=NAMES)
    one = next(one for one in made.articles if one.key == "thanks")
    lines = [
        line
        for paragraph in one.paragraphs
        for line in (paragraph.text, *(f"({i}){x}" for i, x in enumerate(paragraph.items, 1)))
    ]
    assert any(words in line for line in lines), lines
    # It refers to the article before it.
    assert made.articles[one.number - 2].key == "ticket"


def test_a_programme_of_deposits_is_called_by_its_name() -> None:
    said = article("paid-passbook", "thanks", programmes={"time-deposit": "ひなたの時間預託"})
    assert "時間預託の制度（ひなたの時間預託）" in said


def test_fees_are_an_article() -> None:
    both = (
        'each = "year"\n',
        'each = "year"\n\n[[fees]]\nname = "入会金"\nyen = 300\neach = "joining"\n',
    )
    said = article("paid-invoice", "fees", both)
    assert "年会費　1年度につき1,000円" in said and "入会金　登録の際に1回300円" in said


def test_who_may_spend_is_an_article() -> None:
    spenders = '[spenders]\nrelation = ["lives"]\nany_of = [{ age_from = 75 }]\n\n[earning]'
    said = article("time", "spenders", ("[earning]", spenders))
    assert said == (
        "時間を使用することができる者は、北ひなた市の区域内に住所を有する者であって、"
        "75歳以上の者であるものとする。"
    )
    made = outline(preset("time"), effective_from=OLD_DAY)
    assert "spenders" not in {one.key for one in made.articles}


def test_what_everybody_starts_with_and_is_lent_is_an_article() -> None:
    assert "1人につき60分を付与" in article("time", "circulation")
    only_lent = article("time", "circulation", ("start_units = 60\n", ""))
    assert "付与" not in only_lent and "120分を限度として、前貸し" in only_lent
    only_start = article("time", "circulation", ("lent_most = 120", ""))
    assert "前貸し" not in only_start


def test_an_item_has_its_price() -> None:
    said = article("sanjo", "uses", ("items = ", 'prices = { "地元の製品" = 2 }\nitems = '))
    assert "地元の製品（1点につき2引換券）、地元の農産物及び" in said
