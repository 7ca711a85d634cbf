"""The belief: silence lowers it, a sign raises it, time takes it back to the usual."""

import numpy as np
import pytest

from kyojo.help.matching.asking.belief import Activity, Event, Kind, belief_of
from kyojo.help.matching.asking.delays import ReplyDelay, fitted

ACTIVITY, DELAY = Activity(), ReplyDelay()


def believed(*history, waiting=(), now=1000.0):
    return belief_of(history, waiting, now=now, since=900.0, activity=ACTIVITY, delay=DELAY)


def test_each_silence_lowers_it():
    one = Event(910, Kind.SILENCE, 30.0)
    values = [believed(*[one] * n) for n in range(4)]
    assert values == sorted(values, reverse=True)
    assert values[3] < 0.6 * values[0]


def test_a_sign_raises_it_whatever_came_before():
    silences = [Event(910, Kind.SILENCE, 60.0)] * 5
    assert believed(*silences) < 0.3
    assert believed(*silences, Event(990, Kind.SIGN)) > 0.6


def test_a_fresh_question_says_nothing_and_an_old_one_much():
    assert believed(waiting=[0.0]) == pytest.approx(believed())
    assert believed(waiting=[0.5]) > believed(waiting=[20.0])


def test_time_forgets():
    sign = Event(905, Kind.SIGN)
    assert believed(sign, now=910) > believed(sign, now=5000) > ACTIVITY.share - 1e-6
    assert believed(sign, now=10**6) == pytest.approx(ACTIVITY.share)


def test_bayes_by_hand():
    # there: silent with 1 - 0.55, away: with 1 - 0.03
    expected = 0.5 * 0.45 / (0.5 * 0.45 + 0.5 * 0.97)
    assert ACTIVITY.after_silence(0.5, 1.0)[()] == pytest.approx(expected)


def test_json_keeps_it():
    assert Activity.from_json(ACTIVITY.as_json()) == ACTIVITY
    assert ReplyDelay.from_json(DELAY.as_json()) == DELAY


def test_the_table_of_delays_is_the_distribution():
    hours = np.array([0.0, 0.05, 0.3, 1.0, 4.0, 12.0, 50.0])
    assert np.allclose(DELAY.cdf(hours)[1:], DELAY.cdf_exact(hours)[1:], atol=2e-3)
    assert DELAY.cdf(0.0) == DELAY.cdf(-5.0) == 0
    assert np.allclose(DELAY.survival(hours), 1 - DELAY.cdf(hours))


def test_delays_are_found_again_from_answers_and_silences():
    rng = np.random.default_rng(5)
    quick = rng.random(4000) < 0.5
    delays = np.where(
        quick, 0.4 * np.exp(rng.normal(0, 1, 4000)), 10 * np.exp(rng.normal(0, 0.8, 4000))
    )
    answers = rng.random(4000) < 0.6
    watched = rng.uniform(5, 60, 4000)
    told = answers & (delays < watched)
    found, share = fitted(delays[told], watched[~told], ReplyDelay())
    truth = ReplyDelay(0.5, 0.4, 1.0, 10.0, 0.8)
    assert share == pytest.approx(0.6, abs=0.04)
    assert np.allclose(found.cdf([0.5, 2, 8, 24]), truth.cdf([0.5, 2, 8, 24]), atol=0.04)
