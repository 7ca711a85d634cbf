"""What would have to give so that somebody can come, counted as the rules count."""

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from kyojo.help.matching import domain
from kyojo.help.matching.engine.population import Population
from kyojo.help.matching.engine.relaxing import relaxations
from kyojo.kernel.clock import TOKYO

from .people import MONDAY, helper, need

EARLY = datetime.combine(MONDAY - timedelta(days=7), time(9), TOKYO)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_each_is_exact_and_changes_one_thing(seed: int) -> None:
    lot = random.Random(seed)
    people = [helper(lot, number) for number in range(120)]
    population = Population(people)
    asked = need(lot)
    found = relaxations([population], asked, now=EARLY)
    assert [one.count for one in found] == sorted((one.count for one in found), reverse=True)
    assert len({one.kind for one in found}) == len(found)
    for one in found:
        nearer = [replace(who, travel_limit_m=who.travel_limit_m + one.farther_m) for who in people]
        assert one.count == len(domain.matches(one.need, nearer)) > 0
        assert f"{one.count}人" in one.sentence
        changed = {
            name
            for name in ("starts_at", "ends_at", "category", "gender_wish", "languages")
            if getattr(one.need, name) != getattr(asked, name)
        }
        allowed = {
            "time": {"starts_at", "ends_at"},
            "day": {"starts_at", "ends_at"},
            "distance": set(),
            "category": {"category"},
            "gender": {"gender_wish"},
            "language": {"languages"},
        }
        assert changed == allowed[one.kind]
        assert one.need.ends_at - one.need.starts_at == asked.ends_at - asked.starts_at


def test_what_is_over_is_not_proposed() -> None:
    lot = random.Random(3)
    population = Population([helper(lot, number) for number in range(500)])
    asked = need(lot)
    late = asked.starts_at - timedelta(minutes=10)
    for one in relaxations([population], asked, now=late):
        assert one.need.starts_at > late


def test_a_time_is_moved_by_as_little_as_is_enough() -> None:
    lot = random.Random(8)
    asked = replace(
        need(lot),
        starts_at=datetime.combine(MONDAY, time(10), TOKYO),
        ends_at=datetime.combine(MONDAY, time(11), TOKYO),
    )
    plain = replace(
        helper(lot, 1),
        home=asked.place,
        skills={asked.category: ""},
        languages=frozenset({"ja", "en"}),
        gender=asked.gender_wish,
        birth_date=date(1970, 1, 1),
        checks=frozenset(
            {("identity", ""), ("background", ""), ("licence", ""), ("training", "聞き方")}
        ),
        blocked=frozenset(),
        resting_until=None,
        busy=((asked.starts_at, asked.ends_at),),
        exceptions=(),
        weekly=tuple(
            domain.WeekTime(day, time(9, 30), time(12, 30)) for day in range(MONDAY.weekday() + 1)
        ),
    )
    [moved] = [
        one for one in relaxations([Population([plain])], asked, now=EARLY) if one.kind == "time"
    ]
    assert moved.need.starts_at == asked.ends_at
    assert moved.sentence == "11時からにすると、1人が来られます"
