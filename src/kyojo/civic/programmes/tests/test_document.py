"""The document is read strictly: every slip is named with its key and what is allowed."""

from datetime import date, datetime

import pytest

from kyojo.civic.programmes.document import parse
from kyojo.civic.programmes.errors import (
    CategoryNotAllowed,
    DocumentInvalid,
    DocumentUnreadable,
    LengthNotAllowed,
)
from kyojo.civic.programmes.selectors import preset

PRESET = preset()


def test_ten_coins_are_thirty_minutes_of_any_help():
    rules = parse(PRESET)
    for rule in rules.categories:
        assert rules.price(rule.code, 30) == 10
    assert rules.price("garden", 120) == 40


def test_distributed_coins_live_to_the_end_of_the_next_year_and_earned_ones_two_years_longer():
    rules = parse(PRESET)
    distributed, earned = rules.vintage_distributed(2026), rules.vintage_earned(2026)
    assert rules.expires_on(distributed) == date(2028, 3, 31)
    assert rules.expires_on(earned) == date(2030, 3, 31)


def test_an_unknown_kind_or_length_has_no_price():
    rules = parse(PRESET)
    with pytest.raises(CategoryNotAllowed):
        rules.price("surgery", 30)
    with pytest.raises(LengthNotAllowed) as refused:
        rules.price("garden", 45)
    assert refused.value.message() == "長さは、30分、1時間、2時間、3時間から選んでください。"
    assert not rules.category_allowed("surgery")


def test_child_minding_and_rides_stay_inside_limits():
    rules = parse(PRESET)
    assert rules.trust_needed("garden") == {"identity"}
    assert rules.trust_needed("child") >= {"identity", "training"}
    assert rules.training_needed("child") == "子どもの見守り講習"
    assert rules.limits("child").youngest_years == 3
    assert rules.lengths("ride") == (30, 60, 120)
    with pytest.raises(LengthNotAllowed):
        rules.price("ride", 180)


@pytest.mark.parametrize(
    ("ended", "until"),
    [
        ("2026-11-28T12:02+09:00", "2026-12-01T12:00+09:00"),
        ("2026-11-20T11:00+09:00", "2026-11-22T12:00+09:00"),
        ("2026-11-20T12:00+09:00", "2026-11-22T12:00+09:00"),
    ],
)
def test_silence_counts_at_a_noon_that_leaves_the_whole_time(ended, until):
    rules = parse(PRESET)
    answer = rules.evidence.confirm_until(datetime.fromisoformat(ended))
    assert answer == datetime.fromisoformat(until)


def test_for_a_closed_door_half_an_hour_is_advised_and_never_more_than_is_held():
    rules = parse(PRESET)
    assert rules.closed_door_coins(40) == 10
    assert rules.closed_door_coins(5) == 5


def test_a_slip_is_named_with_its_line_its_key_and_what_is_allowed():
    """The document itself is tested with the rules; here, that coins are read through them."""
    with pytest.raises(DocumentInvalid) as refused:
        parse(PRESET.replace("near_m = 150", "near_m = 1", 1))
    line = PRESET[: PRESET.index("near_m")].count("\n") + 1
    assert refused.value.message() == (
        f"制度の文書の{line}行目「evidence.near_m」を直してください。"
        "ここに書けるのは、10から1,000までの整数です。"
    )


def test_a_programme_without_coins_has_no_coin_rules():
    with pytest.raises(DocumentInvalid) as refused:
        parse(preset("inagi"))
    assert refused.value.data["key"] == "kind"


def test_what_is_not_toml_is_refused_with_the_line():
    with pytest.raises(DocumentUnreadable) as refused:
        parse("schema = \n")
    assert "1行目" in refused.value.message()
