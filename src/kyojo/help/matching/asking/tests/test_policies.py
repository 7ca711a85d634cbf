"""Policies: whom they ask, whom they may not ask, and when they look again."""

from dataclasses import replace

import numpy as np
import pytest

from kyojo.help.matching.asking.acceptance import PRIOR
from kyojo.help.matching.asking.planning import shares
from kyojo.help.matching.asking.policies import Paced, Plain, best_score, by_lot, nearest
from kyojo.help.matching.asking.rules import Rules
from kyojo.help.matching.simulation.experiment import policies

from .made import NOW, candidates, situation, waiting

EVERY = list(policies(PRIOR).values())
SURE = Paced(explore=0.0)


def names(policy):
    return policy.name


@pytest.mark.parametrize("policy", EVERY, ids=names)
@pytest.mark.parametrize("hour", [21.0, 23.5, 0.5, 7.9])
def test_nobody_is_asked_in_quiet_hours(policy, hour):
    now = 240.0 + hour
    wave = policy.next_wave(situation(now=now))
    assert len(wave.rows) == 0
    assert wave.check_at % 24 == 8.0
    assert 0 < wave.check_at - now <= 11


@pytest.mark.parametrize("policy", EVERY, ids=names)
def test_limits_hold(policy):
    found = candidates(12, asks=[0, 2, 3, 1] * 3, last=[-np.inf, -np.inf, NOW, NOW - 5] * 3)
    wave = policy.next_wave(situation(found))
    assert set(wave.rows.tolist()) <= {0, 4, 8}
    assert len(set(wave.rows.tolist())) == len(wave.rows)


@pytest.mark.parametrize("policy", EVERY, ids=names)
def test_nobody_is_asked_when_it_is_too_late(policy):
    assert len(policy.next_wave(situation(left=0.1)).rows) == 0


@pytest.mark.parametrize("policy", EVERY, ids=names)
def test_the_same_situation_gets_the_same_wave(policy):
    one, two = (policy.next_wave(situation()) for _ in range(2))
    assert one.rows.tolist() == two.rows.tolist()
    assert one.propensities.tolist() == two.propensities.tolist()
    assert ((one.propensities > 0) & (one.propensities <= 1)).all()


@pytest.mark.parametrize("policy", EVERY, ids=names)
def test_nobody_there_is_no_error(policy):
    wave = policy.next_wave(situation(candidates(0)))
    assert len(wave.rows) == 0


class TestPaced:
    def test_the_likeliest_come_first(self):
        belief = [0.2, 0.9, 0.5, 0.7, 0.3]
        wave = SURE.next_wave(situation(candidates(5, minutes=[10] * 5, belief=belief), left=6))
        assert wave.rows.tolist() == [1, 3, 2, 4, 0][: len(wave.rows)]
        assert list(wave.chances) == sorted(wave.chances, reverse=True)
        assert len(wave.rows) > 1

    def test_less_time_and_more_urgency_ask_more(self):
        counts = [
            len(SURE.next_wave(situation(candidates(40), left=left)).rows) for left in (200, 24, 4)
        ]
        assert counts == sorted(counts)
        assert counts[0] < counts[-1]
        urgent = SURE.next_wave(situation(candidates(40), left=200, urgency=1.0))
        assert len(urgent.rows) > counts[0]

    def test_enough_pending_asks_nobody_and_looks_at_nobody(self):
        def look():
            pytest.fail("candidates were looked for")

        calm = replace(situation(pending=waiting(*[NOW] * 8), asked=8), look=look)
        wave = SURE.next_wave(calm)
        assert len(wave.rows) == 0
        assert NOW < wave.check_at <= NOW + 4

    def test_a_refusal_is_replaced_at_once(self):
        first = SURE.next_wave(situation(left=24))
        both = waiting(*[NOW] * len(first.rows), chance=float(first.chances[0]))
        still = SURE.next_wave(situation(pending=both, asked=len(both), left=24))
        rest = waiting(*[NOW] * (len(both) - 1), chance=float(first.chances[0]))
        after = SURE.next_wave(situation(pending=rest, asked=len(both), left=24))
        assert len(still.rows) == 0
        assert len(after.rows) >= 1

    def test_silence_brings_the_next_wave(self):
        old = waiting(*[NOW - 24] * 3)
        assert len(SURE.next_wave(situation(pending=old, asked=3)).rows) > 0

    def test_hopeless_ones_are_not_troubled(self):
        found = candidates(6, belief=[0.6, 0.6, 1e-4, 1e-4, 1e-4, 1e-4])
        wave = SURE.next_wave(situation(found, left=6))
        assert set(wave.rows.tolist()) == {0, 1}

    def test_the_coordinator_hears_before_the_deadline(self):
        few = candidates(1, belief=[0.1])
        assert SURE.next_wave(situation(few, left=5)).escalate
        assert not SURE.next_wave(situation(few, left=60)).escalate
        assert not SURE.next_wave(situation(candidates(40), left=5)).escalate

    def test_some_places_go_by_lot_and_the_log_knows_with_which_chance(self):
        policy = Paced(explore=0.5)
        seen = set()
        for seed in range(60):
            wave = policy.next_wave(situation(candidates(30), seed=seed))
            seen |= set(wave.rows.tolist())
            assert ((wave.propensities > 0) & (wave.propensities <= 1)).all()
        top = SURE.next_wave(situation(candidates(30))).rows
        assert len(seen) > 3 * len(top)


class TestPlain:
    def test_one_shot_asks_once(self):
        policy = Plain("near", nearest, 3)
        wave = policy.next_wave(situation())
        assert wave.rows.tolist() == [0, 1, 2]
        assert wave.check_at is None
        asked = situation(pending=waiting(NOW), asked=3)
        assert len(policy.next_wave(asked).rows) == 0

    def test_waves_fill_up_what_was_refused_or_is_old(self):
        policy = Plain("top", best_score, 3, 6.0)
        fresh = situation(pending=waiting(NOW - 1, NOW - 7), asked=3)
        assert policy.next_wave(fresh).rows.tolist() == [0, 1]

    def test_orders(self):
        found = candidates(4, minutes=[9, 3, 5, 1], score=[0.1, 0.9, 0.5, 0.7])
        here = situation(found)
        rows = np.arange(4)
        assert nearest(here, rows).tolist() == [3, 1, 2, 0]
        assert best_score(here, rows).tolist() == [1, 3, 2, 0]
        assert sorted(by_lot(here, rows).tolist()) == [0, 1, 2, 3]
        lots = {tuple(by_lot(situation(found, seed=s), rows).tolist()) for s in range(30)}
        assert len(lots) > 5


def test_rules_say_when_the_quiet_ends():
    rules = Rules()
    assert rules.next_ask(20.9) == 20.9
    assert rules.next_ask(21.0) == 32.0
    assert rules.next_ask(24.5) == 32.0


def test_the_programme_s_shares_respect_limits():
    found = shares(
        [np.array([0.5, 0.4, 0.3]), np.array([0.6, 0.2])],
        [np.array([1, 2, 3]), np.array([1, 4])],
        [np.array([1, 2, 2]), np.array([1, 2])],
        np.array([1.0, 1.0]),
    )
    one, two = found
    assert one[0] + two[0] == pytest.approx(1)  # the first has one question left
    assert one @ [0.5, 0.4, 0.3] <= 1 + 1e-9
    assert (one @ [0.5, 0.4, 0.3] + two @ [0.6, 0.2]) == pytest.approx(1.5)
