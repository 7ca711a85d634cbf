"""The catalogue and the rules of asking, without a database."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from kyojo.civic.programmes.domain import Limits
from kyojo.help.requests.domain import (
    CATEGORIES,
    OUTSIDE,
    STEPS,
    Asked,
    asked_problems,
    categories_by_group,
    category,
    step_allowed,
)
from kyojo.help.requests.errors import CategoryUnknown
from kyojo.kernel.clock import TOKYO

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=TOKYO)
ASKED = Asked("garden", datetime(2026, 11, 28, 10, 0, tzinfo=TOKYO), 120, "", "", "own_home", None)


def codes(asked: Asked, limits: Limits | None = None) -> list[str]:
    return [p.code for p in asked_problems(asked, now=NOW, limits=limits or Limits())]


def test_the_catalogue_is_the_one_of_the_screens() -> None:
    assert [one.code for one in CATEGORIES] == [
        "garden", "shopping", "clean", "laundry", "cook", "heavy",
        "ride", "company", "stroll", "event", "child", "talk", "paper", "tech",
    ]  # fmt: skip
    assert [group.name for group, _ in categories_by_group()] == [
        "家のこと・買い物",
        "出かけること",
        "見守り・話し相手",
        "手続き・機械",
    ]
    assert category("garden").name == "庭の手入れ"
    assert all(one.where for one in OUTSIDE)
    with pytest.raises(CategoryUnknown):
        category("surgery")


def test_what_may_be_asked_has_no_problem() -> None:
    assert codes(ASKED) == []
    assert codes(replace(ASKED, starts_at=NOW + timedelta(minutes=30))) == []
    assert codes(replace(ASKED, starts_at=NOW.replace(hour=21))) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"starts_at": NOW}, "start_past"),
        ({"starts_at": NOW - timedelta(days=1)}, "start_past"),
        ({"starts_at": NOW + timedelta(days=91)}, "start_too_far"),
        ({"starts_at": ASKED.starts_at.replace(hour=5, minute=30)}, "start_hour"),
        ({"starts_at": ASKED.starts_at.replace(hour=21, minute=30)}, "start_hour"),
        ({"starts_at": ASKED.starts_at.replace(minute=15)}, "start_not_half_hour"),
        ({"memo": "あ" * 501}, "memo_too_long"),
        ({"gender_wish": "tall"}, "gender_wish_unknown"),
    ],
)
def test_each_rule_is_refused_by_its_name(changes: dict[str, object], code: str) -> None:
    assert codes(replace(ASKED, **changes)) == [code]  # type: ignore[arg-type]


def test_limits_of_the_place_hold() -> None:
    child = Limits(
        earliest_hour=7, latest_hour=20, youngest_years=3, places=frozenset({"own_home", "public"})
    )
    small = replace(ASKED, category="child", recipient_birth_date=date(2024, 1, 1))
    assert codes(small, child) == ["recipient_too_young"]
    elsewhere = replace(small, recipient_birth_date=date(2020, 1, 1), place_kind="other_home")
    assert codes(elsewhere, child) == ["place_kind_not_allowed"]
    late = replace(elsewhere, place_kind="public", starts_at=ASKED.starts_at.replace(hour=19))
    assert codes(late, child) == ["start_hour"]
    assert codes(replace(late, minutes=60), child) == []


def test_every_problem_is_named_at_once() -> None:
    wrong = replace(ASKED, starts_at=NOW - timedelta(days=1), memo="あ" * 501)
    assert codes(wrong) == ["start_past", "memo_too_long"]


def test_what_is_over_stays_over() -> None:
    assert STEPS["done"] == STEPS["cancelled"] == frozenset()
    assert not step_allowed("draft", "matched")
    assert step_allowed("matched", "open")
    assert not step_allowed("nowhere", "open")
