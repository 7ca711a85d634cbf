"""The score of the evidence, and chips that count."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kyojo.civic.programmes.document import parse
from kyojo.civic.programmes.selectors import preset
from kyojo.help.support import evidence, nfc
from kyojo.help.support.evidence import WORTH, Kind, Mark, Verdict
from kyojo.help.support.nfc import BadTouch, Touch

RULES = parse(preset())
RULE = RULES.evidence


def mark(kind, moment="start", **more):
    where = {"distance_m": 30, "accuracy_m": 18} if kind == Kind.POSITION else {}
    return Mark(kind, moment, **{"in_window": True, **where, **more})


def judged(start=(), end=(), *, rule=RULE, spent=120):
    marks = [*start, *(replace(one, moment="end") for one in end)]
    return evidence.decide(marks=marks, booked_minutes=120, spent_minutes=spent, rule=rule)


FAR = mark("position", distance_m=3_000)
VAGUE = mark("position", accuracy_m=900)


@pytest.mark.parametrize(
    ("start", "score", "verdict"),
    [
        ([mark("button")], 85, "settle"),
        ([mark("nfc_card")], 85, "settle"),
        ([mark("qr_card")], 60, "ask"),  # a card can be photographed
        ([mark("photo")], 40, "ask"),  # a photo alone says no less than nothing
        ([mark("qr_card"), mark("photo")], 68, "ask"),
        ([mark("qr_card"), mark("spoken_code")], 92, "settle"),
        ([mark("qr_card"), mark("position")], 92, "settle"),
        ([mark("qr_card"), VAGUE], 60, "ask"),
        ([mark("qr_card"), FAR], 10, "office"),  # the card is here and the phone is not
        ([mark("button"), FAR], 10, "office"),
        ([mark("office_word"), FAR], 100, "settle"),
        ([mark("spoken_code"), FAR], 40, "ask"),
        ([mark("position", is_late=True)], 72, "settle"),
        ([mark("qr_card", is_late=True)], 54, "ask"),
        ([mark("position", is_late=True), mark("spoken_code")], 96, "settle"),
        ([mark("button", in_window=False)], 10, "office"),
        ([], 40, "ask"),
    ],
)
def test_what_a_start_is_worth(start, score, verdict):
    found = judged(start, [mark("office_word")])
    assert (found.score, found.verdict) == (score, verdict)


def test_a_kind_of_help_can_ask_for_more():
    child = RULES.evidence_for("child")
    one, two = [mark("position")], [mark("position"), mark("qr_card")]
    assert judged(one, one).verdict == Verdict.SETTLE
    assert judged(one, one, rule=child).verdict == Verdict.ASK
    assert judged(two, two, rule=child).verdict == Verdict.SETTLE
    assert RULES.evidence_for("garden") == RULE
    assert RULES.evidence_for("no longer listed") == RULE


KINDS = some.sets(some.sampled_from(list(Kind)))


@given(KINDS, KINDS, KINDS)
def test_one_more_proof_never_says_less(start, end, more):
    before = judged(map(mark, start), map(mark, end))
    after = judged(map(mark, start | more), map(mark, end))
    assert after.score >= before.score
    assert all(reason.text for reason in after.reasons)


@given(KINDS, KINDS)
def test_what_contradicts_never_helps(start, end):
    plain = judged(map(mark, start), map(mark, end))
    with_far = judged([*map(mark, start), FAR], map(mark, end))
    if Kind.OFFICE_WORD not in start:
        assert with_far.score <= max(plain.score, evidence.CODE_ELSEWHERE)
        assert with_far.verdict != Verdict.SETTLE


def test_each_kind_has_a_worth_and_its_words():
    assert set(WORTH) == set(evidence.HELD) == set(Kind)
    for kind in Kind:
        said = judged([mark(kind)], [mark(kind)]).reasons
        assert ("始まり" in said[0].text, "終わり" in said[1].text) == (True, True), kind


# --- chips ----------------------------------------------------------------------------------------
#: The example of NXP's application note AN12196, which every maker's card gives with empty keys.
EXAMPLE = {"p": "EF963FF7828658A599F3041510671E88", "m": "94EED9EE65337086"}
EMPTY = bytes(16)


def test_the_makers_own_example():
    assert nfc.touch(**EXAMPLE, key=EMPTY) == Touch(bytes.fromhex("04de5f1eacc040"), 61)


@given(
    some.binary(min_size=7, max_size=7),
    some.integers(0, 2**24 - 1),
    some.binary(min_size=16, max_size=16),
)
def test_what_a_chip_says_is_read_with_its_key_only(uid, counter, key):
    said = Touch(uid, counter)
    p, m = nfc.address_values(said, key=key)
    assert nfc.touch(p=p, m=m, key=key) == said
    with pytest.raises(BadTouch):
        nfc.touch(p=p, m=m, key=bytes([key[0] ^ 1]) + key[1:])


@pytest.mark.parametrize(
    "change",
    [
        {"m": "94EED9EE65337087"},
        {"m": "94EED9EE653370"},
        {"m": ""},
        {"p": "00" * 16},
        {"p": EXAMPLE["p"][:-2]},
        {"p": "もじ" * 16},
    ],
)
def test_what_the_chip_did_not_make_is_nothing(change):
    with pytest.raises(BadTouch):
        nfc.touch(**{**EXAMPLE, **change}, key=EMPTY)


def test_two_kinds_are_never_worth_less_than_either():
    for one, two in combinations(Kind, 2):
        both = judged([mark(one), mark(two)], [mark("office_word")]).score
        assert both >= max(judged([mark(k)], [mark("office_word")]).score for k in (one, two))
