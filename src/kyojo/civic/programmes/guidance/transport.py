"""Whether a transport service falls under the types A–F that need no registration, as of a day.

The answer follows from what the users give, then from who is carried and who runs the service. The
rules are data (``transport.toml``), dated; where we are not certain the answer is to ask the
transport bureau (運輸支局), and never "no registration needed".
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, model_validator

from kyojo.kernel.wording import jdate_plain

from ..rules.model import Code, Label, Part, Sentence
from .data import NOT_ADVICE, load, staleness
from .errors import FactsContradict, RulesUnknown

Carried = Literal[
    "hard_to_move",  # cannot take a taxi or bus alone: disabled, in need of care or support
    "area",  # people of an area that buses and taxis do not serve enough
    "anyone",
]
Operator = Literal["municipality", "nonprofit", "association", "company", "person"]
Received = Literal[
    "nothing",
    "costs",  # what this ride really cost; which, says Facts.costs
    "local_currency",
    "same_fee",  # as for other help, whatever the ride and its distance
    "part_of_service",  # e.g. to a day service, with nothing to pay for the ride
    "thanks",  # given freely, neither asked for nor agreed
    "member_fee",  # of the organisation's members, ride or not
    "more",
]
Cost = Literal["fuel", "toll", "parking", "insurance", "rental", "other"]
Type = Literal["A", "B", "C", "D", "E", "F"]
Verdict = Literal["none", "registration", "permit", "ask"]

#: What each cost is called, for whoever asks about it.
COSTS: dict[Cost, str] = {
    "fuel": "ガソリン代",
    "toll": "道路の通行料",
    "parking": "駐車場代",
    "insurance": "移動サービス専用の保険料",
    "rental": "運送のために借りた車の代金",
    "other": "そのほかの費用（人件費、車の購入費など）",
}


class Rule(Part):
    received: Annotated[list[Received], Field(min_length=1)]
    type: Type | None = None
    verdict: Literal["none", "ask"]
    operators: list[Operator] = []
    cashable: bool | None = None
    why: Sentence
    next: Sentence


class RuleSet(Part):
    """Rules that hold from ``since`` until the next set; ``checked_until``: we know no change."""

    code: Code
    name: Label
    since: date
    checked_until: date
    source: Sentence
    costs: list[Cost]
    area_name: Label
    rules: list[Rule]


class Registration(Part):
    name: Label
    source: Sentence
    why: Sentence
    next: Sentence


class Registered(Part):
    welfare: Registration
    area: Registration


class Permit(Part):
    name: Label
    source: Sentence
    why_people: Sentence
    why_operator: Sentence
    next: Sentence


class Law(Part):
    office: Label
    rule_sets: Annotated[list[RuleSet], Field(min_length=1)]
    registered: Registered
    permit: Permit

    @model_validator(mode="after")
    def _ascends(self) -> "Law":
        days = [one.since for one in self.rule_sets]
        assert days == sorted(set(days))
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a service. ``received``: everything users give, in one set.

    ``costs`` names the costs that are asked for and belongs to "costs" alone; ``cashable`` says
    whether the local currency can become money. ``ride_subsidised``: a subsidy or a third party
    pays for the ride itself. Raises ``FactsContradict``, its ``field`` the fact to put right.
    """

    carried: Carried
    operator: Operator
    received: frozenset[Received]
    costs: frozenset[Cost] = frozenset()
    cashable: bool | None = None
    ride_subsidised: bool = False

    def __post_init__(self) -> None:
        received = self.received
        if not received:
            raise FactsContradict(field="received", what="受け取るものが1つも選ばれていません")
        if "nothing" in received and len(received) > 1:
            raise FactsContradict(
                field="received",
                what="「何も受け取らない」と、受け取るものがいっしょに選ばれています",
            )
        if ("costs" in received) != bool(self.costs):
            raise FactsContradict(field="costs", what="実費を受け取ることと、その中身が合いません")
        if ("local_currency" in received) != (self.cashable is not None):
            raise FactsContradict(
                field="cashable", what="地域通貨を受け取ることと、お金にかえられるかが合いません"
            )


@dataclass(frozen=True, slots=True)
class Answer:
    """``type``: the type of A–F that is concerned, if any; ``name``: what is needed, in words.

    ``rule_date``: the first day of the rule set that was asked. ``notes`` are to be shown as well.
    """

    verdict: Verdict
    type: Type | None
    name: str
    reason: str
    next_step: str
    source: str
    rule_set: str
    rule_date: date
    notes: tuple[str, ...]


@cache
def law() -> Law:
    return load("transport.toml", Law)


def rule_set(as_of: date) -> RuleSet:
    """The rules that hold on ``as_of``. Raises ``RulesUnknown`` for a day before the first."""
    sets = law().rule_sets
    held = [one for one in sets if one.since <= as_of]
    if not held:
        raise RulesUnknown(
            as_of=jdate_plain(as_of), earliest=jdate_plain(sets[0].since), office=law().office
        )
    return held[-1]


def transport_answer(facts: Facts, as_of: date) -> Answer:
    """What ``facts`` need on ``as_of``. Raises ``RulesUnknown``."""
    rules = rule_set(as_of)
    uncounted = sorted(facts.costs - set(rules.costs))
    if "more" in facts.received or uncounted:
        return _paid(facts, rules, as_of, uncounted)
    if facts.ride_subsidised:
        return _answer(
            rules,
            as_of,
            "ask",
            None,
            "利用者のほかから、その運送に対する支払いがあると、有償とみなされることがあります。",
            "補助金などの使いみちを書いたものを見せて、運輸支局に聞いてください。",
        )
    for rule in rules.rules:
        if _fits(rule, facts):
            return _answer(rules, as_of, rule.verdict, rule.type, rule.why, rule.next)
    return _answer(
        rules,
        as_of,
        "ask",
        None,
        "この受け取り方の組み合わせは、登録のいらない型の中にありません。",
        "何を、どう受け取るかを書いて、運輸支局に聞いてください。",
    )


def _fits(rule: Rule, facts: Facts) -> bool:
    return (
        set(rule.received) == facts.received
        and (not rule.operators or facts.operator in rule.operators)
        and (rule.cashable is None or rule.cashable == facts.cashable)
    )


def _paid(facts: Facts, rules: RuleSet, as_of: date, uncounted: list[Cost]) -> Answer:
    """What a ride needs for which more is received than any type allows."""
    known = law()
    over = "受け取るものが、登録のいらない型をこえています。"
    if uncounted:
        counted = "、".join(COSTS[one] for one in rules.costs)
        named = "、".join(COSTS[one] for one in uncounted)
        over = (
            f"{named}は、実費に入りません。{jdate_plain(rules.since)}からの実費は、{counted}です。"
        )
    permit = known.permit
    if facts.operator in ("company", "person"):
        why = over + permit.why_operator
        return _answer(rules, as_of, "permit", None, why, permit.next, permit.name, permit.source)
    if facts.carried == "anyone":
        why = over + permit.why_people
        return _answer(rules, as_of, "permit", None, why, permit.next, permit.name, permit.source)
    if facts.carried == "hard_to_move":
        one, name = known.registered.welfare, known.registered.welfare.name
    else:
        one, name = known.registered.area, rules.area_name
    return _answer(rules, as_of, "registration", None, over + one.why, one.next, name, one.source)


def _answer(
    rules: RuleSet,
    as_of: date,
    verdict: Verdict,
    type_: Type | None,
    reason: str,
    next_step: str,
    name: str = "",
    source: str = "",
) -> Answer:
    if not name:
        kind = f"{type_}類型" if type_ else ""
        name = f"{kind}（登録は不要）" if verdict == "none" and kind else kind or "登録は不要"
        if verdict == "ask":
            name = f"運輸支局に確かめること{f'（{kind}か）' if kind else ''}"
    stale = staleness(as_of, rules.checked_until, law().office)
    notes = (stale, NOT_ADVICE) if stale else (NOT_ADVICE,)
    return Answer(
        verdict=verdict,
        type=type_,
        name=name,
        reason=reason,
        next_step=next_step,
        source=source or rules.source,
        rule_set=rules.code,
        rule_date=rules.since,
        notes=notes,
    )
