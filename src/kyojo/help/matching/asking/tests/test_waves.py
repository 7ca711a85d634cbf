"""Waves: what is pending, how sure to be, and the fewest people for it."""

import numpy as np
import pytest

from kyojo.help.matching.asking.delays import ReplyDelay
from kyojo.help.matching.asking.waves import Pending, Target, any_yes, in_time, smallest_set

from .made import NOW, waiting

DELAY = ReplyDelay()


def test_a_new_question_keeps_its_whole_chance_in_time():
    still = waiting(NOW).still(now=NOW, deadline=NOW + 48, delay=DELAY)
    fresh = in_time(np.array([0.3]), now=NOW, deadline=NOW + 48, delay=DELAY)
    assert still == pytest.approx(fresh)
    assert 0.25 < still[0] <= 0.3


def test_silence_takes_the_chance_away():
    pending = waiting(NOW - 30, NOW - 4, NOW - 1, NOW)
    still = pending.still(now=NOW, deadline=NOW + 48, delay=DELAY)
    assert list(still) == sorted(still)
    assert still[0] < 0.1


def test_what_comes_after_the_deadline_does_not_count():
    near = waiting(NOW).still(now=NOW, deadline=NOW + 1, delay=DELAY)
    far = waiting(NOW).still(now=NOW, deadline=NOW + 72, delay=DELAY)
    assert near < far
    assert waiting(NOW).still(now=NOW, deadline=NOW, delay=DELAY) == pytest.approx(0)


def test_still_is_bayes():
    # P(yes in (1 h, 5 h] | silent for 1 h) of one asked at 10:00
    p, answers = 0.3, 0.6
    f1, f5 = DELAY.cdf(1.0), DELAY.cdf(5.0)
    still = waiting(NOW, chance=p, answers=answers).still(
        now=NOW + 1, deadline=NOW + 5, delay=DELAY
    )
    assert still[0] == pytest.approx(p * (f5 - f1) / (1 - answers * f1), abs=1e-6)


def test_nobody_pending_is_nothing():
    assert any_yes(Pending.none().still(now=NOW, deadline=NOW + 9, delay=DELAY)) == 0


@pytest.mark.parametrize(
    ("chances", "standing", "target", "count"),
    [
        ([0.5, 0.5, 0.5], 0.0, 0.5, 1),
        ([0.5, 0.5, 0.5], 0.0, 0.75, 2),
        ([0.5, 0.5, 0.5], 0.5, 0.75, 1),
        ([0.5, 0.5, 0.5], 0.8, 0.75, 0),
        ([0.1, 0.1], 0.0, 0.9, 2),
        ([], 0.0, 0.9, 0),
    ],
)
def test_the_smallest_set(chances, standing, target, count):
    assert smallest_set(np.array(chances), standing, target) == count


def test_the_target_rises_as_time_runs_out_and_with_urgency():
    target = Target()
    values = [target.at(left) for left in (100, 30, 10, 3, 0)]
    assert values == sorted(values)
    assert values[-1] == target.urgent
    assert target.at(30) < target.at(30, 0.5) < target.at(30, 1.0) == target.urgent
