"""What earns a badge, and what a badge says."""

import pytest

from kyojo.civic.programmes.domain import BadgeRule
from kyojo.help.recognition.domain import (
    Counts,
    Kind,
    achievement,
    code_of,
    earned,
    in_order,
    kind_of,
    minutes_spoken,
    still_earned,
)

RULE = BadgeRule(visits=(1, 10), hours=(10, 50), companion_visits=3)


@pytest.mark.parametrize(
    ("counts", "codes"),
    [
        (Counts(), set()),
        (Counts(visits=1, minutes={"garden": 599}, families={"a": 1}), {"visits-1"}),
        (
            Counts(visits=10, minutes={"garden": 600, "talk": 90}, families={"a": 2, "b": 2}),
            {"visits-1", "visits-10", "hours-garden-10"},
        ),
        (
            Counts(visits=3, minutes={"garden": 3000}, families={"a": 3}),
            {"visits-1", "hours-garden-10", "hours-garden-50", "companion-3"},
        ),
        (Counts(trainings=frozenset({"見守り講習"})), {code_of(Kind("training"), "見守り講習")}),
    ],
)
def test_what_is_earned(counts, codes):
    assert earned(counts, RULE).keys() == codes


def test_codes_say_what_they_are_of_and_nothing_else_does():
    for kind in (Kind("visits", 10), Kind("hours", 50, "garden"), Kind("companion", 10)):
        assert kind_of(code_of(kind)) == kind
    for wrong in (
        "", "visits", "visits-", "visits-0", "visits-x", "visits-99999", "visits-garden-1",
        "hours-10", "hours-nothing-10", "training-x", "certificate-student", "visits-１",
    ):  # fmt: skip
        assert kind_of(wrong) is None, wrong
        assert achievement(wrong, town="北ひなた市") is None


def test_what_was_given_goes_when_it_is_no_longer_true_but_a_course_stays():
    few = Counts(visits=9, minutes={"garden": 600}, families={"a": 3})
    assert not still_earned(Kind("visits", 10), few)
    assert still_earned(Kind("hours", 10, "garden"), few)
    assert still_earned(Kind("companion", 3), few)
    assert still_earned(Kind("training"), Counts())


def test_the_largest_of_each_kind_stands_in_front():
    codes = ["visits-1", "hours-garden-10", "visits-10", "companion-3", "hours-talk-10"]
    assert in_order(codes)[:3] == ["visits-10", "visits-1", "companion-3"]


def test_words_name_the_help_and_nobody():
    said = achievement("hours-garden-50", town="北ひなた市")
    assert said.figure == "50" and "50時間" in said.name and "北ひなた市" in said.criteria
    course = achievement("training-4f0c21aa", town="北ひなた市", label="見守り講習")
    assert course.name == "見守り講習を終えました"
    assert [minutes_spoken(m) for m in (0, 30, 60, 750, 90000)] == [
        "0時間", "30分", "1時間", "12時間30分", "1,500時間",
    ]  # fmt: skip
