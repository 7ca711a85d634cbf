"""Pairs within reach: the same as looking at everybody, one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyojo.kernel.geometry import Point, distance_metres, moved

from .. import edges
from ..edges import BadArrays, Helpers, Needs, feasible


def town(seed, requests, supporters, *, municipalities=1, spread=0.05, kinds=5, slots=6):
    rng = np.random.default_rng(seed)
    needs = Needs(
        latitude=35.6 + rng.normal(0, spread, requests),
        longitude=139.6 + rng.normal(0, spread, requests),
        category=rng.integers(0, kinds, requests),
        slot=rng.integers(0, slots, requests),
        municipality=rng.integers(0, municipalities, requests),
        wants=rng.integers(0, 3, requests),
    )
    helpers = Helpers(
        latitude=35.6 + rng.normal(0, spread, supporters),
        longitude=139.6 + rng.normal(0, spread, supporters),
        reach=rng.choice([0.0, 500.0, 1_000.0, 4_000.0, 30_000.0], supporters),
        skills=rng.integers(0, 1 << kinds, supporters),
        free=rng.integers(0, 1 << slots, supporters),
        municipality=rng.integers(0, municipalities, supporters),
        has=rng.integers(0, 4, supporters),
    )
    return needs, helpers


def one_by_one(needs, helpers):
    found = []
    for i in range(len(needs)):
        for j in range(len(helpers)):
            fits = (
                int(helpers.skills[j]) >> int(needs.category[i]) & 1
                and int(helpers.free[j]) >> int(needs.slot[i]) & 1
                and helpers.municipality[j] == needs.municipality[i]
                and int(helpers.has[j]) & int(needs.wants[i]) == int(needs.wants[i])
            )
            way = distance_metres(
                Point(needs.latitude[i], needs.longitude[i]),
                Point(helpers.latitude[j], helpers.longitude[j]),
            )
            if fits and way <= helpers.reach[j]:
                found.append((i, j, way))
    return found


def as_found(needs, helpers, **more):
    told = feasible(needs, helpers, **more)
    return list(zip(told.request.tolist(), told.supporter.tolist(), told.metres, strict=True))


def assert_same(told, wanted):
    assert [pair[:2] for pair in told] == [pair[:2] for pair in wanted]
    assert np.allclose([p[2] for p in told], [p[2] for p in wanted], rtol=0, atol=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    requests=st.integers(0, 25),
    supporters=st.integers(0, 40),
    municipalities=st.integers(1, 3),
)
def test_pairs_are_those_of_looking_one_by_one(seed, requests, supporters, municipalities):
    needs, helpers = town(seed, requests, supporters, municipalities=municipalities)
    assert_same(as_found(needs, helpers), one_by_one(needs, helpers))


@pytest.mark.parametrize("municipalities", [1, 3])
@pytest.mark.parametrize(
    ("hamlet", "few"), [(10**9, 0), (10**9, 10**9), (0, 0), (0, 50), (0, 10**9)]
)
def test_whichever_way_it_is_looked_the_pairs_are_the_same(
    hamlet, few, municipalities, monkeypatch
):
    """Everybody at once; in groups, with trees for all of them, for the larger ones, for none."""
    needs, helpers = town(3, 120, 200, municipalities=municipalities)
    wanted = one_by_one(needs, helpers)
    monkeypatch.setattr(edges, "HAMLET", hamlet)
    monkeypatch.setattr(edges, "FEW", few)
    assert len(wanted) > 100
    assert_same(as_found(needs, helpers), wanted)


def test_the_limit_itself_is_within_reach():
    """To the last digit of what the pages measure, on either side of it."""
    rng = np.random.default_rng(5)
    home = Point(35.6, 139.6)
    spots = [
        moved(home, north_metres=float(a), east_metres=float(b))
        for a, b in rng.uniform(-3_000, 3_000, (200, 2))
    ]
    ways = np.array([distance_metres(spot, home) for spot in spots])
    for reach, count in ((ways, len(spots)), (np.nextafter(ways, 0), 0)):
        helpers = Helpers(
            np.array([s.latitude for s in spots]),
            np.array([s.longitude for s in spots]),
            reach,
            np.ones(len(spots), int),
            np.ones(len(spots), int),
        )
        needs = Needs(np.array([35.6]), np.array([139.6]), np.array([0]), np.array([0]))
        assert len(feasible(needs, helpers)) == count


def test_pairs_that_must_not_meet_are_left_out():
    needs, helpers = town(1, 20, 40)
    all_pairs = as_found(needs, helpers)
    shut = all_pairs[::3]
    left = as_found(needs, helpers, without=([p[0] for p in shut], [p[1] for p in shut]))
    assert left == [pair for pair in all_pairs if pair not in shut]


GOOD = {"latitude": [35.0], "longitude": [139.0], "category": [0], "slot": [0]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"longitude": [139.0, 139.1]}, r"longitude has the shape \(2,\)"),
        ({"latitude": [float("nan")]}, "latitude has 1 values that are no numbers"),
        ({"latitude": [139.0]}, "latitude is degrees"),
        ({"category": [64]}, "category goes from 64 to 64"),
        ({"slot": [-1]}, "slot goes from -1"),
        ({"slot": [0.5]}, "slot is float64"),
        ({"wants": [0.5]}, "wants is float64"),
        ({"municipality": [1, 2]}, "municipality has the shape"),
    ],
)
def test_arrays_that_do_not_fit_are_named(change, words):
    with pytest.raises(BadArrays, match=words):
        Needs(**{name: np.array(value) for name, value in (GOOD | change).items()})


def test_what_only_one_side_says_is_refused():
    place = [np.array([35.0]), np.array([139.0])]
    one = np.array([1])
    helpers = Helpers(*place, np.array([100.0]), one, one)
    with pytest.raises(BadArrays, match="one side"):
        feasible(Needs(*place, one, one, municipality=one), helpers)
    with pytest.raises(BadArrays, match="there is no has"):
        feasible(Needs(*place, one, one, wants=one), helpers)
    with pytest.raises(BadArrays, match="reach"):
        Helpers(*place, np.array([-1.0]), one, one)
    with pytest.raises(BadArrays, match="without goes"):
        feasible(Needs(*place, one, one), helpers, without=([0], [1]))
