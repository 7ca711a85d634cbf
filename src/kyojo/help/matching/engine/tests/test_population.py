"""The columns say what the rules say of each person: who can come, in which order, why not."""

import random
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyojo.help.matching import domain
from kyojo.help.matching.domain import Helper
from kyojo.help.matching.engine.columns import Codes, Key
from kyojo.help.matching.engine.population import Population

from .people import KNOWN, helper, need


def town(lot: random.Random, size: int) -> dict[Key, Helper]:
    people = [helper(lot, number) for number in range(size)]
    return {Key(one.municipality_id, one.uid): one for one in people}


def named(matches: list[domain.Match]) -> list[tuple[Key, float]]:
    return [(Key(m.helper.municipality_id, m.helper.uid), m.score) for m in matches]


def assert_same(population: Population, people: dict[Key, Helper], lot: random.Random) -> int:
    """Compares a handful of needs; returns how many people could come in all."""
    assert len(population) == len(people)
    total = 0
    for _ in range(6):
        asked = need(lot)
        found = population.ranked(asked, limit=20)
        matches = domain.matches(asked, people.values())
        scores = [float(score) for score in found.scores]
        assert list(zip(found.keys, scores, strict=True)) == named(matches[:20])
        assert [round(way) for way in found.metres] == [m.distance_m for m in matches[:20]]
        assert found.found == len(matches)
        assert population.shortfall(asked) == domain.shortfall(asked, people.values())
        total += len(matches)
    return total


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 300))
def test_the_same_people_in_the_same_order(seed: int, size: int) -> None:
    lot = random.Random(seed)
    people = town(lot, size)
    assert_same(Population(people.values()), people, lot)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_known_faces_come_first_in_the_same_order(seed: int) -> None:
    lot = random.Random(seed)
    people = town(lot, 150)
    asked = need(lot)
    known = {
        one.uid: lot.randrange(1, 4) for one in lot.sample(sorted(people), lot.randrange(1, 40))
    }
    asked = replace(asked, last_uid=lot.choice([None, *known]))
    with_pairs = [
        replace(one, with_carer={(asked.recipient_uid, "garden"): known[one.uid]})
        if one.uid in known
        else one
        for one in people.values()
    ]
    matches = domain.matches(asked, with_pairs)
    found = Population(people.values()).ranked(asked, limit=200, met=known)
    scores = [float(score) for score in found.scores]
    assert list(zip(found.keys, scores, strict=True)) == named(matches)
    tiers = [(one.uid == asked.last_uid) + (one.uid in known) for one in found.keys]
    assert tiers == sorted(tiers, reverse=True)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32))
def test_pairs_are_everybody_who_can_come_for_each(seed: int) -> None:
    lot = random.Random(seed)
    people = town(lot, 200)
    population = Population(people.values())
    late = replace(helper(lot, 999), uid=lot.choice(list(people)).uid)
    people[Key(late.municipality_id, late.uid)] = late
    population.update(late)
    needs = [need(lot) for _ in range(8)]
    shut = frozenset(lot.sample([key.uid for key in people], 40))
    found = population.pairs([(one, {}, shut) for one in needs])
    told = {
        (number, found.keys[person], score)
        for number, person, score in zip(
            found.need.tolist(), found.person.tolist(), found.scores.tolist(), strict=True
        )
    }
    assert told == {
        (number, Key(match.helper.municipality_id, match.helper.uid), match.score)
        for number, one in enumerate(needs)
        for match in domain.matches(one, people.values())
        if match.helper.uid not in shut
    }
    lately = [people[key].lately for key in found.keys]
    assert found.lately.tolist() == lately


def test_nothing_wanted_no_pairs() -> None:
    found = Population().pairs([])
    assert (len(found.need), found.keys) == (0, [])


def test_there_is_something_to_compare() -> None:
    lot = random.Random(5)
    people = town(lot, 3000)
    assert assert_same(Population(people.values()), people, lot) > 30


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_changes_are_seen_at_once(seed: int) -> None:
    lot = random.Random(seed)
    people = town(lot, 150)
    population = Population(people.values())
    population.LATE_LEAST = 20  # so that all is sorted anew a few times
    for round_ in range(4):
        for number in range(12):
            if people and lot.random() < 0.4:
                key = lot.choice(list(people))
                if lot.random() < 0.5:
                    population.remove(key)
                    del people[key]
                    continue
                changed = replace(
                    helper(lot, number), uid=key.uid, municipality_id=key.municipality_id
                )
            else:
                changed = helper(lot, 1000 + round_ * 100 + number)
            people[Key(changed.municipality_id, changed.uid)] = changed
            population.update(changed)
        assert_same(population, people, lot)


def test_those_who_are_not_to_be_proposed_are_left_out_and_the_next_move_up() -> None:
    lot = random.Random(11)
    people = town(lot, 2000)
    population = Population(people.values())
    asked = next(
        one for one in (need(lot) for _ in range(500)) if population.ranked(one, limit=9).found > 8
    )
    first = population.ranked(asked, limit=5).keys
    rest = population.ranked(asked, limit=5, without={first[0].uid, first[3].uid}).keys
    assert rest[:3] == [first[1], first[2], first[4]]
    assert len(rest) == 5


def test_whoever_was_there_before_comes_first() -> None:
    lot = random.Random(12)
    people = town(lot, 2000)
    population = Population(people.values())
    asked = next(
        replace(one, recipient_uid=KNOWN[0], carer_uid=KNOWN[1])
        for one in (need(lot) for _ in range(500))
        if population.ranked(one, limit=9).found > 8
    )
    before = population.ranked(asked, limit=9)
    last = before.keys[-1]
    found = population.ranked(asked, limit=9, met={last.uid: 5})
    assert found.keys.index(last) < 3
    helped = people[last]
    met = replace(helped, with_carer={(KNOWN[0], asked.category): 5})
    others = [one for key, one in people.items() if key != last]
    assert named(domain.matches(asked, [*others, met])[:9]) == list(
        zip(found.keys, map(float, found.scores), strict=True)
    )


def test_a_time_over_midnight_is_nobodys() -> None:
    lot = random.Random(13)
    people = town(lot, 200)
    asked = need(lot)
    late = asked.starts_at.replace(hour=23, minute=0)
    over = replace(asked, starts_at=late, ends_at=late + timedelta(hours=2))
    population = Population(people.values())
    assert population.ranked(over, limit=20).keys == []
    assert population.shortfall(over) == domain.shortfall(over, people.values())


def test_an_empty_town_has_nobody() -> None:
    population = Population()
    asked = need(random.Random(1))
    assert population.ranked(asked, limit=20).keys == []
    assert population.shortfall(asked).supporters == 0


def test_words_become_bits_until_there_are_too_many() -> None:
    codes = Codes()
    assert codes.bits("language", ["ja", "en"]) == 0b11
    assert codes.bit("language", "en") == 0b10
    assert codes.bit("gender", "en") == 0b1
    for number in range(62):
        codes.bit("language", number)
    with pytest.raises(OverflowError, match="64 language"):
        codes.bit("language", "one more")


def test_a_town_may_have_more_courses_than_a_number_has_bits() -> None:
    lot = random.Random(21)
    people = {
        key: replace(one, checks=frozenset({("identity", ""), ("training", f"講習{number % 90}")}))
        for number, (key, one) in enumerate(town(lot, 900).items())
    }
    population = Population(people.values())
    asked = replace(
        need(lot), trust=frozenset({"identity", "training"}), training="講習77", gender_wish=""
    )
    assert population.shortfall(asked) == domain.shortfall(asked, people.values())
    assert_same(population, people, lot)


def test_threads_look_while_others_change() -> None:
    """A look is of one moment: somebody who is changed is never missing in between."""
    lot = random.Random(22)
    people = town(lot, 400)
    population = Population(people.values())
    population.LATE_LEAST = 5
    asked = next(
        one for one in (need(lot) for _ in range(900)) if population.ranked(one, limit=9).found > 3
    )
    expected = population.ranked(asked, limit=50).keys
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            for key in expected:
                population.change([key], [people[key]])

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(300):
            assert population.ranked(asked, limit=50).keys == expected
            assert population.shortfall(asked).supporters == len(people)
    finally:
        stop.set()
        thread.join()
