"""The outline says all that the document says, in the articles where one looks for it."""

import copy
import re
from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

import pytest

from kyojo.civic.programmes.papers import terms
from kyojo.civic.programmes.papers.outline import Outline, outline
from kyojo.civic.programmes.rules import model, presets
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
    "price": {"price"},
    "issue": {"issue"},
    "offers": {"offers"},
    "evidence": {"evidence"},
    "closed_door": {"closed_door"},
    "targets": {"targets"},
    "categories": {"categories"},
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
    made = outline(preset(name), effective_from=OLD_DAY, names=NAMES)
    silent = [
        (path, number)
        for path, number in found
        # 0 years is "to the end of the year"; one yen for one yen says nothing.
        if number and not (name == "saitama" and path[0] == "worth")
        if not says(said(made, path), key_of(path), number)
    ]
    assert found
    assert silent == []


@pytest.mark.parametrize("name", presets.preset_names())
def test_no_figure_is_hard_coded(name: str) -> None:
    """A document with one other figure gives an outline that says the other figure."""
    before = outline(preset(name), effective_from=OLD_DAY, names=NAMES)
    for path, number in figures(content(name)):
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
        "price", "issue", "offers", "categories", "evidence", "closed_door", "targets",
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
