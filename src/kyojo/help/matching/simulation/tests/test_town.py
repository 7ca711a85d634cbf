"""The town and its people: the same by seed, common random numbers, promises of the responses."""

from itertools import pairwise

import numpy as np
import pytest

from kyojo.help.matching.simulation.draws import normal, uniform
from kyojo.help.matching.simulation.responses import MODELS, SILENT
from kyojo.help.matching.simulation.town import LEAD_HOURS, Setting, town_of

SMALL = Setting("ordinary", requests_a_week=20, warm_up_weeks=1, weeks=2)


@pytest.fixture(scope="module")
def town():
    return town_of(SMALL, 3)


def test_the_same_seed_makes_the_same_town(town):
    again, other = town_of(SMALL, 3), town_of(SMALL, 4)
    assert np.array_equal(again.requests.starts_at, town.requests.starts_at)
    assert np.array_equal(again.supporters.place, town.supporters.place)
    assert all(
        np.array_equal(*pair) for pair in zip(again.candidates, town.candidates, strict=True)
    )
    assert len(other.requests) != len(town.requests) or not np.array_equal(
        other.requests.starts_at, town.requests.starts_at
    )


def test_candidates_fulfil_every_hard_constraint(town):
    people, asks = town.supporters, town.requests
    assert sum(map(len, town.candidates)) > 100
    for j, rows in enumerate(town.candidates):
        assert people.skills[rows, asks.category[j]].all()
        assert (town.metres[j] <= people.reach[rows]).all()
        block = int((asks.starts_at[j] % 24 - 9) // 3)
        assert people.free[rows, int(asks.starts_at[j] // 24 % 7), block].all()


def test_requests_leave_time_and_lie_within_a_block(town):
    asks = town.requests
    assert (asks.deadline - asks.opened_at >= 3).all()
    assert (asks.starts_at - asks.deadline == LEAD_HOURS).all()
    block_end = 9 + 3 * ((asks.starts_at % 24 - 9) // 3 + 1)
    assert (asks.starts_at % 24 + asks.hours <= block_end + 1e-9).all()
    assert (np.diff(asks.opened_at) >= 0).all()


def test_real_points_are_lived_at():
    points = tuple((float(x), float(y)) for x in range(0, 5000, 500) for y in (0, 800))
    town = town_of(Setting("tight", 20, 1, 1, points), 1)
    near = np.abs(town.supporters.place[:, None] - np.array(points)[None]).sum(2).min(1)
    assert near.max() < 1500
    assert len(np.unique(town.requests.district)) > 2


def test_draws_are_even_and_belong_to_their_names():
    draws = uniform(1, 2, np.arange(20_000), 5)
    assert draws.mean() == pytest.approx(0.5, abs=0.01)
    assert np.histogram(draws, 10, (0, 1))[0].min() > 1800
    assert uniform(1, 2, 17, 5) == draws[17]
    assert uniform(1, 3, 17, 5) != draws[17]
    assert uniform(2, 2, 17, 5) != draws[17]
    assert normal(1, 2, np.arange(20_000)).std() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("name", MODELS)
class TestResponses:
    def test_the_same_question_gets_the_same_answer(self, town, name):
        one, two = MODELS[name](town), MODELS[name](town)
        j = max(range(len(town.candidates)), key=lambda k: len(town.candidates[k]))
        rows = town.candidates[j]
        chance, there = one.best_chance(j), np.ones(len(rows), bool)
        says, after = one.answers(j, rows, chance, there)
        alone = [two.answers(j, rows[[k]], chance[[k]], there[[k]]) for k in range(len(rows))]
        assert says.tolist() == [s[0] for s, _ in alone]
        assert np.allclose(after, [a[0] for _, a in alone])
        assert (after > 0).all()

    def test_tiredness_only_lowers(self, town, name):
        response = MODELS[name](town)
        j = max(range(len(town.candidates)), key=lambda k: len(town.candidates[k]))
        rows = town.candidates[j]
        places, none = np.arange(len(rows)), np.zeros(len(rows))
        values = [response.chance(j, rows, places, none + t, none + t) for t in range(12)]
        assert all((b <= a + 1e-12).all() for a, b in pairwise(values))
        assert (values[-1] < values[0]).any()
        assert (values[0] == response.best_chance(j)).all()

    def test_the_tired_are_there_only_when_the_rested_are(self, town, name):
        response = MODELS[name](town)
        rested = response.there_untired()
        tired = response.there_at_first()
        for day in range(1, len(rested)):
            tired = response.there_next(tired, day, np.full(len(tired), 300.0))
            assert not (tired & ~rested[day]).any()
        assert tired.sum() < rested[-1].sum()

    def test_who_is_away_says_nothing_but_rarely_no(self, town, name):
        response = MODELS[name](town)
        rows = np.arange(len(town.supporters))
        says, _ = response.answers(0, rows, np.full(len(rows), 0.9), np.zeros(len(rows), bool))
        assert (says != 1).all()
        assert (says == SILENT).mean() > 0.9

    def test_the_bound_s_share_in_time_is_that_of_the_draws(self, town, name):
        response = MODELS[name](town)
        rows = np.arange(len(town.supporters))
        came = np.mean([response.delays(j, rows) <= 6.0 for j in range(40)], axis=0)
        assert came.mean() == pytest.approx(response.in_time(rows, 6.0).mean(), abs=0.02)
