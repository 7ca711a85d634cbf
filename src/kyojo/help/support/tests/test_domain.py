"""The allow-list, exhaustively, and what the evidence says."""

import itertools
import tomllib
from datetime import timedelta

import pytest

from kyojo.civic.programmes.document import parse
from kyojo.civic.programmes.selectors import preset
from kyojo.help.support import domain, evidence
from kyojo.help.support.domain import Resolution, Role, State, Step
from kyojo.help.support.evidence import Mark, Verdict

RULE = parse(preset()).evidence

#: Who may do what, written out a second time as people would say it.
ALLOWED = {
    ("scheduled", "check_in"): ("started", {"supporter", "office", "device"}),
    ("scheduled", "cancel"): ("cancelled", {"carer", "supporter", "recipient", "office"}),
    ("scheduled", "no_show"): ("disputed", {"carer", "office"}),
    ("scheduled", "dispute"): ("disputed", {"carer", "supporter", "system"}),
    ("started", "check_out"): ("ended", {"supporter", "office", "device"}),
    ("started", "dispute"): ("disputed", {"carer", "supporter", "system"}),
    ("ended", "confirm"): ("confirmed", {"carer", "system"}),
    ("ended", "dispute"): ("disputed", {"carer", "supporter", "system"}),
    ("confirmed", "settle"): ("settled", {"system"}),
    ("confirmed", "dispute"): ("disputed", {"system"}),
    ("disputed", "decide"): ("disputed", {"office"}),
    ("disputed", "accept"): ("disputed", {"carer", "supporter", "office"}),
    ("disputed", "appeal"): ("disputed", {"carer", "supporter", "office"}),
    ("disputed", "release"): ("confirmed", {"office"}),
    ("disputed", "resolve"): ("resolved", {"system"}),
    ("disputed", "absent"): ("no_show", {"system"}),
}


@pytest.mark.parametrize(("state", "step"), list(itertools.product(State, Step)))
def test_every_state_and_step(state, step):
    after, who = ALLOWED.get((state, step), (None, set()))
    for role in Role:
        expected = after if role in who else None
        assert domain.transition(state, step, role) == expected


def test_closed_states_lead_nowhere_and_every_holding_state_has_a_way_out():
    leaving = {state for state, _ in domain.TRANSITIONS}
    assert leaving == domain.HOLDING
    for state in domain.HOLDING:
        reached, edge = set(), {state}
        while edge:
            reached |= edge
            edge = {
                after for (before, _), (after, _) in domain.TRANSITIONS.items() if before in edge
            } - reached
        assert reached - domain.HOLDING, f"coins held in {state} could never leave"


def near(moment, **other):
    return Mark(
        "position", moment, **{"in_window": True, "distance_m": 30, "accuracy_m": 18, **other}
    )


def code(moment, in_window=True):
    return Mark("spoken_code", moment, in_window)


def verdict(*marks, spent=120):
    return evidence.decide(marks=marks, booked_minutes=120, spent_minutes=spent, rule=RULE).verdict


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([near("start"), near("end")], Verdict.SETTLE),
        ([code("start"), near("end")], Verdict.SETTLE),
        ([near("start"), code("end")], Verdict.SETTLE),
        ([Mark("office_word", "start", True), code("end")], Verdict.SETTLE),
        # the phone's own error is taken off, up to the bound, and not beyond
        ([near("start", distance_m=240, accuracy_m=90), near("end")], Verdict.SETTLE),
        ([near("start", distance_m=250, accuracy_m=100), near("end")], Verdict.SETTLE),
        ([near("start", distance_m=251, accuracy_m=100), near("end")], Verdict.OFFICE),
        ([near("start", distance_m=30, accuracy_m=101), near("end")], Verdict.ASK),
        ([near("start", distance_m=3000, accuracy_m=5000), near("end")], Verdict.ASK),
        # however large the error a phone claims, another province is far away
        ([near("start", distance_m=300_000, accuracy_m=10**6), near("end")], Verdict.OFFICE),
        # a check-in far away or out of hours is the office's
        ([near("start", distance_m=3000), near("end")], Verdict.OFFICE),
        ([near("start", in_window=False), near("end")], Verdict.OFFICE),
        ([code("start", in_window=False), near("end")], Verdict.OFFICE),
        # a check-out is milder: the carer is asked
        ([near("start"), near("end", distance_m=3000)], Verdict.ASK),
        ([near("start"), near("end", in_window=False)], Verdict.ASK),
        ([near("start")], Verdict.ASK),
        ([near("end")], Verdict.ASK),
        ([], Verdict.ASK),
        # on the way and meanwhile nothing is proven and nobody accused
        ([near("heading", distance_m=9000), near("start"), near("end")], Verdict.SETTLE),
        ([near("start"), near("during", distance_m=9000), near("end")], Verdict.SETTLE),
        # the right code outweighs a phone that errs, but a code can be told by telephone, too:
        # the carer's word settles, not their silence
        ([near("start", distance_m=3000), code("start"), near("end")], Verdict.ASK),
        (
            [near("start", distance_m=3000, accuracy_m=5000), code("start"), near("end")],
            Verdict.SETTLE,
        ),
    ],
)
def test_evidence(marks, expected):
    assert verdict(*marks) == expected


@pytest.mark.parametrize(
    ("spent", "expected"), [(60, "ask"), (61, "settle"), (0, "ask"), (400, "settle")]
)
def test_half_of_the_time_or_less_asks(spent, expected):
    assert verdict(near("start"), near("end"), spent=spent) == expected


def test_reasons_are_sentences_for_people():
    decision = evidence.decide(
        marks=[near("start"), code("end")], booked_minutes=120, spent_minutes=122, rule=RULE
    )
    assert [r.text for r in decision.reasons] == [
        "位置：始まりに、行き先のそばでした",
        "合言葉：終わりに合っていました",
        "時間：たのんだ長さとほぼ同じ",
    ]
    assert all(r.good for r in decision.reasons)


def test_a_part_is_more_than_nothing_and_less_than_all():
    assert domain.paid(Resolution.PAY, held=40, part=None) == 40
    assert domain.paid(Resolution.RETURN, held=40, part=40) == 0
    assert domain.paid(Resolution.PAY_PART, held=40, part=20) == 20
    for part in (None, 0, -1, 40, 41):
        assert domain.paid(Resolution.PAY_PART, held=40, part=part) is None


@pytest.mark.parametrize(
    ("resolution", "confirmed", "expected"),
    [
        ("pay", False, {"carer"}),
        ("pay", True, set()),
        ("pay_part", False, {"carer", "supporter"}),
        ("pay_part", True, {"supporter"}),
        ("return", False, {"supporter"}),
        ("return", True, {"supporter"}),
    ],
)
def test_who_loses_by_a_ruling(resolution, confirmed, expected):
    assert domain.losers(Resolution(resolution), carer_confirmed=confirmed) == expected


def test_the_window_comes_from_the_programme():
    document = tomllib.loads(preset())
    minutes = document["evidence"]["window_before_minutes"]
    from .cast import END, START

    opens, closes = evidence.window(START, END, RULE)
    assert START - opens == timedelta(minutes=minutes)
    assert closes - END == timedelta(minutes=document["evidence"]["window_after_minutes"])
