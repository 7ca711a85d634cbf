"""Runs: rules hold, a yes ends the asking, the same seed plays the same."""

import numpy as np
import pytest

from kyojo.help.matching.asking.acceptance import PRIOR
from kyojo.help.matching.asking.hours import awake_between
from kyojo.help.matching.asking.policies import Paced
from kyojo.help.matching.asking.situation import Wave
from kyojo.help.matching.asking.training import NO, SILENT, YES, train
from kyojo.help.matching.simulation.experiment import joined, policies
from kyojo.help.matching.simulation.metrics import gini, metrics_of
from kyojo.help.matching.simulation.responses import Different, Fitted
from kyojo.help.matching.simulation.run import Broken, Run
from kyojo.help.matching.simulation.town import Setting, town_of

SMALL = Setting("ordinary", requests_a_week=20, warm_up_weeks=1, weeks=2)
TOWN = town_of(SMALL, 5)
EVERY = policies(PRIOR)


def play(policy, town=TOWN, response=Fitted):
    return Run(town, response(town), policy, policy.model).play()


@pytest.fixture(scope="module", params=list(EVERY))
def result(request):
    return play(EVERY[request.param])


def test_nobody_is_asked_at_night_too_often_or_twice(result):
    by_person = {}
    for ask in result.asks:
        assert 8 <= ask.asked_at % 24 < 21
        by_person.setdefault(ask.person, []).append(ask)
    for person, asks in by_person.items():
        times = np.array([one.asked_at for one in asks])
        assert (np.diff(times) >= 20 - 1e-9).all()
        within = [((times > t - 168) & (times <= t)).sum() for t in times]
        assert max(within) <= TOWN.supporters.asks_per_week_max[person]
        assert len({one.request for one in asks}) == len(asks)


def test_only_candidates_are_asked_while_the_request_is_open(result):
    for ask in result.asks:
        assert TOWN.candidates[ask.request][ask.place] == ask.person
        assert TOWN.requests.opened_at[ask.request] <= ask.asked_at
        assert ask.asked_at < TOWN.requests.deadline[ask.request]


def test_a_yes_ends_the_asking(result):
    for j in np.flatnonzero(result.filled_by >= 0):
        asks = [one for one in result.asks if one.request == j]
        assert max(one.asked_at for one in asks) <= result.filled_at[j]
        assert max(one.ended_at for one in asks) == result.filled_at[j]
        winner = next(one for one in asks if one.person == result.filled_by[j])
        assert winner.outcome == YES
        assert result.filled_at[j] < TOWN.requests.deadline[j]


def test_nobody_is_in_two_places(result):
    for person in np.unique(result.filled_by[result.filled_by >= 0]):
        mine = np.flatnonzero(result.filled_by == person)
        order = mine[np.argsort(TOWN.requests.starts_at[mine])]
        assert (
            TOWN.requests.ends_at[order][:-1] <= TOWN.requests.starts_at[order][1:] + 1e-9
        ).all()


def test_the_same_seed_plays_the_same():
    one, two = play(Paced()), play(Paced())
    assert one.filled_by.tolist() == two.filled_by.tolist()
    assert [a.person for a in one.asks] == [a.person for a in two.asks]


def test_common_random_numbers():
    """Rested people of two runs answer the same question alike, whoever asked it."""
    first = {(a.request, a.person): a for a in play(EVERY["top_8"]).asks}
    second = {(a.request, a.person): a for a in play(EVERY["nearest_8"]).asks}
    both = [(first[k], second[k]) for k in first.keys() & second.keys()]
    same_moment = [(a, b) for a, b in both if a.asked_at == b.asked_at]
    assert len(same_moment) > 20
    same = np.mean([a.says == b.says for a, b in same_moment])
    assert same > 0.95  # tiredness may differ
    assert all(a.answers_at == b.answers_at for a, b in same_moment)


def test_refusals_are_replaced_within_the_hour():
    result = play(EVERY["top_1_waves"])
    refused = [
        a
        for a in result.asks
        if a.outcome == NO and 8 <= a.ended_at % 24 < 20
        and TOWN.requests.deadline[a.request] - a.ended_at > 1
    ]  # fmt: skip
    assert len(refused) > 10
    by_request = {}
    for ask in result.asks:
        by_request.setdefault(ask.request, []).append(ask)
    at_once = [any(b.asked_at == a.ended_at for b in by_request[a.request]) for a in refused]
    assert np.mean(at_once) > 0.6  # elsewhere nobody was left to ask


def test_a_policy_that_breaks_a_limit_is_stopped():
    class Greedy:
        name, rules, model = "greedy", Paced().rules, PRIOR

        def next_wave(self, situation):
            rows = np.arange(len(situation.candidates))
            ones = np.ones(len(rows))
            return Wave(rows, ones, ones / 2, ones / 2, None)

    with pytest.raises(Broken, match="greedy asked somebody who may not be asked"):
        play(Greedy())


class TestLog:
    def test_its_rows_are_what_happened(self):
        result = play(Paced())
        rows = result.log()
        assert len(rows) == len(result.asks)
        assert set(rows.outcome.tolist()) == {YES, NO, SILENT}
        assert np.allclose(rows.waited, awake_between(rows.asked_at, rows.ended_at))
        assert ((rows.propensity > 0) & (rows.propensity <= 1)).all()

    def test_a_model_learns_from_it(self):
        town = town_of(Setting("ordinary", 60, 4, 8), 6)
        log = play(Paced(explore=0.3), town).log()
        model = train(joined([log, log]), version="v1")
        assert model.trained_on["rows"] == 2 * len(log)
        assert model.trained_on["supporters"] == 2 * len(np.unique(log.supporter))
        assert model.coefficients["minutes"] < 0
        assert 0.1 < model.activity.share < 0.7


class TestMetrics:
    def test_they_count_what_happened(self):
        result = play(EVERY["everyone"])
        measured = TOWN.measured
        found = metrics_of(result, bound=50.0, sharper_bound=40.0)
        visits = int((result.filled_by[measured] >= 0).sum())
        assert found.requests == measured.sum()
        assert found.fill == visits / measured.sum()
        assert found.fill_vs_lp == visits / 50
        assert found.fill_vs_sharper_lp == visits / 40
        assert found.worst_district_fill <= found.fill
        assert found.time_to_yes_p50_hours <= found.time_to_yes_p90_hours
        assert found.redundant_yes_per_fill > 0

    def test_other_people_answer_otherwise(self):
        one, other = play(Paced()), play(Paced(), response=Different)
        assert one.filled_by.tolist() != other.filled_by.tolist()

    @pytest.mark.parametrize(
        ("values", "expected"), [([1, 1, 1, 1], 0), ([0, 0, 0, 4], 0.75), ([], 0), ([0, 0], 0)]
    )
    def test_gini(self, values, expected):
        assert gini(np.array(values)) == pytest.approx(expected)
