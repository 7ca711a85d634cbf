"""The bound: exact in small cases, and never below what the best way could do."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from kyojo.help.matching.asking.acceptance import PRIOR
from kyojo.help.matching.asking.rules import Rules
from kyojo.help.matching.simulation.bound import Edges, bound, edges_of
from kyojo.help.matching.simulation.experiment import policies
from kyojo.help.matching.simulation.metrics import metrics_of
from kyojo.help.matching.simulation.responses import Different, Fitted
from kyojo.help.matching.simulation.run import Run
from kyojo.help.matching.simulation.town import Setting, town_of

SMALL = town_of(Setting("tight", 20, 1, 2), 2)


def town(requests: int, *, starts=None, limits=(2,) * 5):
    """A town of which only times and limits matter."""
    begin = np.arange(requests) * 24.0 + 10 if starts is None else np.asarray(starts, float)
    asks = replace(
        SMALL.requests,
        opened_at=begin - 48,
        starts_at=begin,
        hours=np.ones(requests),
        category=np.zeros(requests, int),
        place=np.zeros((requests, 2)),
        district=np.zeros(requests, int),
        carer=np.zeros(requests, int),
    )
    people = replace(SMALL.supporters, asks_per_week_max=np.array(limits))
    return replace(SMALL, requests=asks, supporters=people)


def edges(*rows):
    request, person, chance = zip(*rows, strict=True)
    return Edges(
        np.array(request), np.array(person), np.zeros(len(rows), int), np.array(chance, float)
    )


@pytest.mark.parametrize(
    ("rows", "where", "plain", "sharper"),
    [
        ([(0, 0, 0.4)], town(1), 0.4, 0.4),
        ([(0, 0, 0.5), (0, 1, 0.5)], town(1), 1.0, 0.75),
        ([(0, 0, 0.9), (0, 1, 0.9)], town(1), 1.0, 0.99),
        # one question a week, two requests
        ([(0, 0, 0.5), (1, 0, 0.3)], town(2, limits=(1,) * 5), 0.5, 0.5),
        # at the same hour nobody helps twice
        ([(0, 0, 0.9), (1, 0, 0.9)], town(2, starts=[10, 10]), 1.0, 1.0),
        ([(0, 0, 0.9), (1, 0, 0.9)], town(2, starts=[10, 11]), 1.8, 1.8),
    ],
)
def test_small_cases(rows, where, plain, sharper):
    assert bound(where, edges(*rows)) == pytest.approx(plain)
    assert bound(where, edges(*rows), sharper=True) == pytest.approx(sharper, abs=0.011)


def best_visits(chances: np.ndarray, limit: int) -> float:
    """The expected visits of the best adaptive way, by going through all: ``chances`` (people,
    requests); ask one at a time, knowing all answers so far; days do not clash."""
    from functools import cache

    people, requests = chances.shape

    @cache
    def value(asked: frozenset, filled: frozenset) -> float:
        best = 0.0
        for i, j in product(range(people), range(requests)):
            mine = sum(1 for a, _ in asked if a == i)
            if j in filled or (i, j) in asked or mine >= limit:
                continue
            after, p = asked | {(i, j)}, chances[i, j]
            best = max(best, p * (1 + value(after, filled | {j})) + (1 - p) * value(after, filled))
        return best

    return value(frozenset(), frozenset())


@pytest.mark.parametrize("seed", range(6))
def test_no_way_of_asking_beats_it(seed):
    chances = np.random.default_rng(seed).uniform(0.1, 0.9, (3, 2))
    rows = [(j, i, chances[i, j]) for i in range(3) for j in range(2)]
    where = town(2, limits=(1,) * 5)
    best = best_visits(chances, 1)
    plain, sharper = (bound(where, edges(*rows), sharper=s) for s in (False, True))
    assert best <= sharper + 1e-6
    assert sharper <= plain + 1e-6


@pytest.mark.parametrize("response", [Fitted, Different])
def test_no_policy_beats_it_in_the_town(response):
    found = np.flatnonzero(SMALL.measured)
    rows = edges_of(SMALL, response(SMALL), Rules(), found)
    plain, sharper = (bound(SMALL, rows, sharper=s) for s in (False, True))
    assert sharper <= plain <= len(found)
    for policy in policies(PRIOR).values():
        result = Run(SMALL, response(SMALL), policy, policy.model).play()
        assert metrics_of(result, bound=plain, sharper_bound=sharper).fill_vs_sharper_lp < 1


def test_nothing_to_ask_is_nothing():
    none = np.empty(0, int)
    assert bound(SMALL, Edges(none, none, none, np.empty(0))) == 0
