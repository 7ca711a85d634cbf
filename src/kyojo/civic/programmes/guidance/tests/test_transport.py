"""Every type A–F under both rule sets, whatever is more, the days of change, what is unknown."""

from datetime import date
from itertools import combinations
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from kyojo.civic.programmes.guidance import transport
from kyojo.civic.programmes.guidance.data import NOT_ADVICE
from kyojo.civic.programmes.guidance.errors import FactsContradict, RulesUnknown
from kyojo.civic.programmes.guidance.transport import Answer, Facts, Received

BOOK = date(2015, 6, 1)
LAST_BOOK = date(2024, 2, 29)
FIRST_GUIDELINE = date(2024, 3, 1)
TODAY = date(2026, 11, 28)


def facts(*received: Received, **changes: Any) -> Facts:
    """A non-profit that drives people who cannot move alone."""
    given: dict[str, Any] = {"carried": "hard_to_move", "operator": "nonprofit"}
    if "costs" in received:
        given["costs"] = frozenset({"fuel"})
    if "local_currency" in received:
        given["cashable"] = False
    return Facts(received=frozenset(received), **given | changes)


def ask(*received: Received, on: date = TODAY, **changes: Any) -> Answer:
    return transport.transport_answer(facts(*received, **changes), on)


@pytest.mark.parametrize(
    ("type_", "received"),
    [
        ("A", ("nothing",)),
        ("A", ("costs",)),
        ("B", ("local_currency",)),
        ("C", ("same_fee",)),
        ("C", ("same_fee", "local_currency")),
        ("D", ("part_of_service",)),
        ("E", ("same_fee", "costs")),
        ("F", ("part_of_service", "costs")),
    ],
)
@pytest.mark.parametrize("on", [BOOK, LAST_BOOK, FIRST_GUIDELINE, TODAY])
def test_every_type_needs_no_registration(type_: str, received: Any, on: date) -> None:
    answer = ask(*received, on=on)
    assert answer.type == type_
    # From 2024 on we could not read what becomes of local currencies, and say so.
    unsure = on >= FIRST_GUIDELINE and "local_currency" in received
    assert answer.verdict == ("ask" if unsure else "none")
    assert answer.reason and answer.next_step and answer.source
    assert answer.rule_set == ("book" if on <= LAST_BOOK else "guideline-2024")
    if unsure:
        assert answer.name == f"運輸支局に確かめること（{type_}類型か）"
        assert "運輸支局" in answer.next_step
    else:
        assert answer.name == f"{type_}類型（登録は不要）"


def test_the_guideline_begins_on_its_day() -> None:
    assert transport.rule_set(LAST_BOOK).code == "book"
    assert transport.rule_set(FIRST_GUIDELINE).code == "guideline-2024"
    assert ask("costs", on=FIRST_GUIDELINE).rule_date == FIRST_GUIDELINE
    assert "国自旅第359号" in ask("costs").source


@pytest.mark.parametrize("cost", ["insurance", "rental"])
def test_insurance_and_a_rented_car_are_costs_from_the_guideline_on(cost: str) -> None:
    costs = frozenset({"fuel", cost})
    before = ask("costs", costs=costs, on=LAST_BOOK)
    assert (before.verdict, before.type) == ("registration", None)
    assert "実費に入りません" in before.reason
    after = ask("costs", costs=costs, on=FIRST_GUIDELINE)
    assert (after.verdict, after.type) == ("none", "A")


@pytest.mark.parametrize("on", [BOOK, TODAY])
@pytest.mark.parametrize("received", [("costs",), ("costs", "same_fee"), ("costs", "thanks")])
def test_a_drivers_pay_is_no_cost(received: Any, on: date) -> None:
    answer = ask(*received, costs=frozenset({"fuel", "other"}), on=on)
    assert (answer.verdict, answer.name) == ("registration", "福祉有償運送")
    assert "人件費" in answer.reason


def test_a_currency_that_becomes_cash_was_already_a_question() -> None:
    answer = ask("local_currency", cashable=True, on=BOOK)
    assert (answer.verdict, answer.type) == ("ask", "B")


@pytest.mark.parametrize(
    ("carried", "operator", "verdict", "name"),
    [
        ("hard_to_move", "nonprofit", "registration", "福祉有償運送"),
        ("hard_to_move", "municipality", "registration", "福祉有償運送"),
        ("area", "association", "registration", "交通空白地有償運送（公共ライドシェア）"),
        ("anyone", "nonprofit", "permit", "タクシーなどの事業の許可"),
        ("hard_to_move", "company", "permit", "タクシーなどの事業の許可"),
        ("area", "person", "permit", "タクシーなどの事業の許可"),
    ],
)
def test_more_needs_a_registration_or_a_permit(
    carried: Any, operator: Any, verdict: str, name: str
) -> None:
    answer = ask("more", carried=carried, operator=operator)
    assert (answer.verdict, answer.type, answer.name) == (verdict, None, name)
    assert "道路運送法" in answer.source
    assert answer.next_step


def test_the_books_name_for_areas_without_transport() -> None:
    assert ask("more", carried="area", on=BOOK).name.startswith("過疎地有償運送")


def test_more_wins_over_whatever_else_is_received() -> None:
    for other in set(get_args(Received)) - {"nothing", "more"}:
        assert ask("more", other).verdict == "registration"


def test_thanks_that_nobody_asked_for() -> None:
    for on in (BOOK, TODAY):
        answer = ask("thanks", on=on)
        assert (answer.verdict, answer.type, answer.name) == ("none", None, "登録は不要")
    assert ask("thanks", "costs", on=BOOK).verdict == "ask"
    assert ask("thanks", "costs").verdict == "none"


@pytest.mark.parametrize(
    ("operator", "on", "verdict"),
    [
        ("association", BOOK, "ask"),
        ("association", TODAY, "none"),
        ("nonprofit", TODAY, "ask"),
    ],
)
def test_a_members_fee(operator: Any, on: date, verdict: str) -> None:
    assert ask("member_fee", operator=operator, on=on).verdict == verdict


@pytest.mark.parametrize("on", [BOOK, TODAY])
def test_a_subsidy_for_the_ride_is_a_question(on: date) -> None:
    for received in ("nothing", "costs", "part_of_service"):
        answer = ask(received, ride_subsidised=True, on=on)
        assert (answer.verdict, answer.type) == ("ask", None)
    assert ask("more", ride_subsidised=True, on=on).verdict == "registration"


@pytest.mark.parametrize("on", [BOOK, TODAY])
def test_a_mixture_that_no_rule_names_is_never_free(on: date) -> None:
    named = [frozenset(one.received) for one in transport.rule_set(on).rules]
    others = [one for one in get_args(Received) if one not in ("nothing", "more")]
    mixtures = [one for n in (1, 2, 3) for one in combinations(others, n)]
    for received in mixtures:
        if frozenset(received) not in named:
            answer = ask(*received, on=on)
            assert answer.verdict == "ask", received
            assert "運輸支局" in answer.next_step


def test_before_the_first_rules_there_is_no_answer() -> None:
    assert ask("nothing", on=date(2006, 10, 1)).verdict == "none"
    with pytest.raises(RulesUnknown) as refused:
        ask("nothing", on=date(2006, 9, 30))
    assert "運輸支局" in refused.value.message()


def test_it_is_no_legal_advice_and_says_until_when_it_was_checked() -> None:
    checked = transport.rule_set(TODAY).checked_until
    assert ask("costs", on=checked).notes == (NOT_ADVICE,)
    stale, advice = ask("costs", on=date(2025, 2, 26)).notes
    assert "2025年2月25日" in stale and "運輸支局" in stale
    assert advice == NOT_ADVICE


@pytest.mark.parametrize(
    ("received", "changes"),
    [
        ((), {}),
        (("nothing", "costs"), {}),
        (("nothing", "more"), {}),
        (("costs",), {"costs": frozenset()}),
        (("nothing",), {"costs": frozenset({"fuel"})}),
        (("local_currency",), {"cashable": None}),
        (("same_fee",), {"cashable": True}),
    ],
)
def test_facts_that_contradict_each_other_are_refused(received: Any, changes: Any) -> None:
    with pytest.raises(FactsContradict) as refused:
        facts(*received, **changes)
    assert refused.value.message().endswith("お試しください。")


def test_rule_sets_stand_in_the_order_of_their_days() -> None:
    known = transport.law().model_dump()
    known["rule_sets"].reverse()
    with pytest.raises(ValidationError):
        transport.Law.model_validate(known)
