"""Both figures cell by cell, and the questions before them."""

from datetime import date
from itertools import pairwise, product
from typing import get_args

import pytest
from pydantic import ValidationError

from kyojo.civic.programmes.guidance import chooser
from kyojo.civic.programmes.guidance.chooser import Closeness, Currency, Weight

CLOSENESS = get_args(Closeness)
WEIGHT = get_args(Weight)

# Written out once more: a slip in the data must not pass because the test reads the same data.
CURRENCY = {
    "very_thin": {"gratitude": "○", "time": "○", "exchange": "◎"},
    "thin": {"gratitude": "○", "time": "◎", "exchange": "○"},
    "medium": {"gratitude": "○", "time": "◎", "exchange": "△"},
    "fairly_dense": {"gratitude": "◎", "time": "○", "exchange": "△"},
}
PAYMENT = {
    ("light", "very_thin"): "paid",
    ("light", "thin"): "either",
    ("light", "medium"): "unpaid",
    ("light", "fairly_dense"): "unpaid",
    ("medium", "very_thin"): "paid",
    ("medium", "thin"): "paid",
    ("medium", "medium"): "either",
    ("medium", "fairly_dense"): "unpaid",
    ("heavy", "very_thin"): "paid",
    ("heavy", "thin"): "paid",
    ("heavy", "medium"): "paid",
    ("heavy", "fairly_dense"): "either",
}
YES = dict.fromkeys(
    ("ties_not_enough", "heavier_help_wanted", "less_money_wanted", "someone_runs_it"), True
)


@pytest.mark.parametrize("closeness", CLOSENESS)
def test_every_mark_of_the_currency_figure(closeness: Closeness) -> None:
    choice = chooser.currency_choose(closeness)
    assert choice.marks == CURRENCY[closeness]
    assert choice.marks[choice.best] == "◎"
    assert choice.order[0] == choice.best
    assert set(choice.order) == set(get_args(Currency))
    ranks = ["◎○△".index(choice.marks[kind]) for kind in choice.order]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(("weight", "closeness"), list(product(WEIGHT, CLOSENESS)))
def test_every_cell_of_paid_or_unpaid(weight: Weight, closeness: Closeness) -> None:
    choice = chooser.payment_choose(closeness, weight)
    assert choice.payment == PAYMENT[weight, closeness]
    assert choice.reason.endswith("。")
    assert choice.source == "002 3-4-6 どんな有償ボランティアを選ぶか"
    assert "読み" in choice.reading


def test_closer_neighbours_and_lighter_help_are_never_more_paid() -> None:
    rank = ["unpaid", "either", "paid"].index
    for weight in WEIGHT:
        row = [rank(chooser.payment_choose(one, weight).payment) for one in CLOSENESS]
        assert all(left >= right for left, right in pairwise(row))
    for closeness in CLOSENESS:
        column = [rank(chooser.payment_choose(closeness, one).payment) for one in WEIGHT]
        assert all(left <= right for left, right in pairwise(column))


def test_an_answer_carries_reason_source_and_our_reading() -> None:
    choice = chooser.currency_choose("thin")
    assert choice.reason == (
        "ご近所のつながりが「やや薄い」ところでは、時間を単位とする通貨はいちばん合います、"
        "感謝を表す通貨は合います、お金のねうちと交換できる通貨は合います。"
    )
    assert choice.source.startswith("002 3-3-5")
    assert choice.as_of == date(2015, 1, 1)
    assert "確かめられません" in choice.reading


def test_only_the_two_ends_are_the_sources_words() -> None:
    grades = chooser.figures().closeness
    assert [(one.label, one.ours) for one in grades] == [
        ("かなり薄い", False),
        ("やや薄い", True),
        ("ふつう", True),
        ("ある程度濃い", False),
    ]


@pytest.mark.parametrize(
    ("code", "way"),
    [
        ("ties_not_enough", "neighbours"),
        ("heavier_help_wanted", "neighbours"),
        ("less_money_wanted", "paid"),
        ("someone_runs_it", "find_someone"),
    ],
)
def test_a_no_leads_elsewhere_and_says_where(code: str, way: str) -> None:
    need = chooser.currency_needed({**YES, code: False})
    assert (need.way, need.asked) == (way, code)
    assert need.reason and need.next_step and need.source


def test_all_yes_is_worth_a_currency() -> None:
    need = chooser.currency_needed(YES)
    assert (need.way, need.asked) == ("currency", "")


@pytest.mark.parametrize("code", YES)
@pytest.mark.parametrize("given", [None, "left out"])
def test_an_open_question_is_asked_and_never_taken_for_a_yes(code: str, given: object) -> None:
    answers: dict[str, bool | None] = {**YES, code: None}
    if given:
        del answers[code]
    need = chooser.currency_needed(answers)
    assert (need.way, need.asked) == ("ask", code)
    assert need.next_step.endswith("か。")


def test_an_answer_to_a_question_that_nobody_asks_is_refused() -> None:
    with pytest.raises(KeyError):
        chooser.currency_needed({**YES, "rich": True})


def test_figures_with_a_hole_are_refused() -> None:
    whole = chooser.figures().model_dump()
    for break_it in (
        lambda one: one["currency"]["marks"].pop("time"),
        lambda one: one["paid"]["cells"].pop("heavy"),
        lambda one: one["closeness"].reverse(),
        lambda one: one["currency"]["marks"]["time"].__setitem__(0, "◎"),
    ):
        broken = chooser.Figures.model_validate(whole).model_dump()
        break_it(broken)
        with pytest.raises(ValidationError):
            chooser.Figures.model_validate(broken)
