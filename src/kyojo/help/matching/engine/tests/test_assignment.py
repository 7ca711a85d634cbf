"""The cheapest assignment: against three other solvers, and its proof against wrong answers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from ..assignment import COST_MAX, NotOptimal, Problem, assign, dual
from ..edges import BadArrays


def problem(seed, requests, supporters, *, share=0.4, tie=False, slots=0, load=False, most=3):
    """A random one; ``share`` of all pairs can be."""
    rng = np.random.default_rng(seed)
    request, supporter = np.nonzero(rng.random((requests, supporters)) < share)
    shuffled = rng.permutation(len(request))
    return Problem(
        request=request[shuffled],
        supporter=supporter[shuffled],
        cost=rng.integers(0, 3 if tie else 1_000, len(request)),
        unfilled=rng.integers(0, 5 if tie else 1_500, requests),
        capacity=rng.integers(0, most + 1, supporters),
        steps=tuple(np.cumsum(rng.integers(0, 300, 3))),
        load=rng.integers(0, 5, supporters) if load else None,
        slot=rng.integers(0, slots, requests) if slots else None,
    )


def by_milp(p):
    """The least cost, from a model of its own: a variable a pair, a task of somebody, a gap."""
    tasks = [
        (s, int(p.step(np.array([p.load_now[s] + k]))[0]))
        for s in range(p.supporters)
        for k in range(p.capacity[s])
    ]
    e, n = len(p.request), p.requests
    rows, low, high = [], [], []

    def row(parts, least, most):
        rows.append(np.zeros(e + len(tasks) + n))
        for column, value in parts:
            rows[-1][column] += value
        low.append(least)
        high.append(most)

    for r in range(n):
        row([(i, 1) for i in np.flatnonzero(p.request == r)] + [(e + len(tasks) + r, 1)], 1, 1)
    for s in range(p.supporters):
        ours = [(i, 1) for i in np.flatnonzero(p.supporter == s)]
        row(ours + [(e + k, -1) for k, (who, _) in enumerate(tasks) if who == s], 0, 0)
        if p.slot is not None:
            for slot in np.unique(p.slot):
                row([(i, 1) for i, _ in ours if p.slot[p.request[i]] == slot], 0, 1)
    cost = np.concatenate([p.cost, [step for _, step in tasks], p.unfilled])
    if not len(cost):
        return 0
    done = milp(
        cost.astype(float),
        constraints=LinearConstraint(np.array(rows), low, high),
        integrality=np.ones(len(cost)),
        bounds=Bounds(0, 1),
    )
    return round(done.fun)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    requests=st.integers(0, 8),
    supporters=st.integers(0, 6),
    share=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    tie=st.booleans(),
    slots=st.sampled_from([0, 1, 2, 4]),
    load=st.booleans(),
    first_look=st.sampled_from([1, 2, 10]),
)
def test_it_is_as_cheap_as_a_model_of_its_own_says(
    seed, requests, supporters, share, tie, slots, load, first_look
):
    p = problem(seed, requests, supporters, share=share, tie=tie, slots=slots, load=load)
    found = assign(p, first_look=first_look)
    assert found.cost == by_milp(p)
    found.certificate.check(p, found.edge)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("supporters", [12, 60, 200])
def test_linear_sum_assignment_agrees(seed, supporters):
    """Each supporter as many columns as tasks, each request a column to stay open."""
    p = problem(seed, 80, supporters, share=0.2, load=True)
    who = np.repeat(np.arange(supporters), p.capacity)
    number = np.concatenate([np.arange(c) for c in p.capacity])
    far = 10**7
    table = np.full((p.requests, supporters), far)
    table[p.request, p.supporter] = p.cost
    table = table[:, who] + p.step(p.load_now[who] + number)
    open_ = np.where(np.eye(p.requests, dtype=bool), p.unfilled[:, None], far)
    whole = np.hstack([table, open_])
    rows, columns = linear_sum_assignment(whole)
    assert assign(p, first_look=3).cost == whole[rows, columns].sum()


def test_min_weight_full_bipartite_matching_agrees():
    p = problem(7, 1_500, 2_000, share=0.02, load=True)
    pairs = np.flatnonzero(p.capacity[p.supporter] > 0)
    start = np.concatenate([[0], np.cumsum(p.capacity)])
    rows, columns, weights = [], [], []
    for k in range(3):
        more = pairs[p.capacity[p.supporter[pairs]] > k]
        s = p.supporter[more]
        rows.append(p.request[more])
        columns.append(start[s] + k)
        weights.append(p.cost[more] + p.step(p.load_now[s] + k))
    rows.append(np.arange(p.requests))
    columns.append(start[-1] + np.arange(p.requests))
    weights.append(p.unfilled)
    lift = 1  # a weight of 0 would be no pair
    graph = csr_matrix(
        (np.concatenate(weights) + lift, (np.concatenate(rows), np.concatenate(columns)))
    )
    one, other = min_weight_full_bipartite_matching(graph)
    found = assign(p, first_look=2)
    assert found.cost == graph[one, other].sum() - lift * p.requests
    assert found.certificate.rounds > 1


def test_the_answer_does_not_hang_on_the_order_of_pairs_or_where_looking_began():
    p = problem(11, 60, 40, slots=4, load=True)
    first = assign(p)
    assert (assign(p).edge == first.edge).all()
    for look in (1, 2, 5, 1_000):
        assert assign(p, first_look=look).cost == first.cost
    turned = replace(p, request=p.request[::-1], supporter=p.supporter[::-1], cost=p.cost[::-1])
    assert assign(turned).cost == first.cost


def test_whoever_did_much_lately_comes_later_and_work_goes_round():
    """Two live near, one far; the far one gets work once the near ones have had some."""
    request, supporter = np.divmod(np.arange(9), 3)
    way = np.array([100, 110, 400])
    p = Problem(
        request=request,
        supporter=supporter,
        cost=way[supporter],
        unfilled=np.full(3, 10_000),
        capacity=np.full(3, 3),
    )
    assert sorted(assign(p).supporter) == [0, 0, 0]
    assert sorted(assign(replace(p, steps=(0, 200, 600))).supporter) == [0, 0, 1]
    assert sorted(assign(replace(p, steps=(0, 400, 900))).supporter) == [0, 1, 2]
    rested = assign(replace(p, steps=(0, 400, 900), load=np.array([2, 0, 0])))
    assert sorted(rested.supporter) == [1, 1, 2]


def test_the_urgent_are_done_first_and_what_costs_too_much_stays_open():
    p = Problem(
        request=np.array([0, 1, 2]),
        supporter=np.array([0, 0, 1]),
        cost=np.array([100, 300, 5_000]),
        unfilled=np.array([1_000, 3_000, 4_000]),
        capacity=np.array([1, 1]),
    )
    found = assign(p)
    assert found.supporter.tolist() == [-1, 0, -1]
    assert (found.cost, found.filled) == (1_000 + 300 + 4_000, 1)


def test_nobody_is_at_two_places_in_one_slot():
    p = Problem(
        request=np.array([0, 1]),
        supporter=np.array([0, 0]),
        cost=np.array([5, 4]),
        unfilled=np.array([100, 100]),
        capacity=np.array([2]),
    )
    assert assign(p).filled == 2
    assert assign(replace(p, slot=np.array([3, 2]))).filled == 2
    same = assign(replace(p, slot=np.array([3, 3])))
    assert same.supporter.tolist() == [-1, 0]


@pytest.mark.parametrize("slots", [0, 3])
def test_a_wrong_answer_has_no_proof(slots):
    p = problem(21, 30, 20, slots=slots, load=True)
    found = assign(p)
    proof = found.certificate
    proof.check(p, found.edge)
    done = np.flatnonzero(found.edge >= 0)

    def edge(change):
        wrong = found.edge.copy()
        change(wrong)
        return wrong

    def left_open(wrong):
        wrong[done[0]] = -1

    def of_another(wrong):
        wrong[done[0]] = wrong[done[1]]

    def worse(wrong):
        for other in np.flatnonzero(p.request == done[0]):
            wrong[done[0]] = other
            try:
                cost = p.cost_of(wrong)
            except NotOptimal:
                continue
            if cost > proof.cost:
                return
        pytest.fail("there is no other pair")

    with pytest.raises(NotOptimal, match="the certificate says"):
        proof.check(p, edge(left_open))
    with pytest.raises(NotOptimal, match="pair of another"):
        proof.check(p, edge(of_another))
    with pytest.raises(NotOptimal, match="other rows"):
        proof.check(p, found.edge[:-1])
    second = edge(worse)
    with pytest.raises(NotOptimal, match="the certificate says"):
        proof.check(p, second)
    # A forger who states the cost as it is still lacks prices that prove it.
    with pytest.raises(NotOptimal, match="the prices prove"):
        replace(proof, cost=p.cost_of(second)).check(p, second)
    # And an answer for fewer pairs is no answer for all of them.
    cheap = int(np.argmin(p.cost - p.unfilled[p.request]))
    gift = replace(p, cost=np.where(np.arange(len(p.cost)) == cheap, -50_000, p.cost))
    if p.capacity[p.supporter[cheap]]:
        with pytest.raises(NotOptimal):
            proof.check(gift, found.edge)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1_000), slots=st.sampled_from([0, 2]))
def test_any_prices_bound_any_assignment_from_below(seed, slots):
    p = problem(seed, 12, 6, slots=slots)
    rng = np.random.default_rng(seed)
    price = rng.integers(-200, 900, p.supporters)
    places = np.unique(rng.integers(0, 12, 5)) if slots else np.empty(0, int)
    bound = dual(p, price, places, rng.integers(0, 100, len(places)))
    assert bound <= assign(p).cost <= int(p.unfilled.sum())


def test_capacity_beyond_what_anybody_could_do_is_no_burden():
    p = problem(2, 10, 4, share=1.0)
    endless = replace(p, capacity=np.full(4, 2**40), steps=(0, 10))
    assert assign(endless).cost == assign(replace(endless, capacity=np.full(4, 10))).cost


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"request": [0, 5]}, "request goes from 0 to 5"),
        ({"supporter": [0, -1]}, "supporter goes from -1"),
        ({"cost": [1]}, r"cost has the shape \(1,\)"),
        ({"cost": [1.5, 2.5]}, "cost is float64"),
        ({"cost": [0, COST_MAX + 1]}, "cost goes from"),
        ({"capacity": [-1]}, "capacity goes from -1"),
        ({"steps": (5, 3)}, "none lower"),
        ({"steps": ()}, "one cost or more"),
        ({"load": [0, 0]}, "load has the shape"),
        ({"load": [10], "steps": (0, COST_MAX)}, "grow beyond"),
        ({"slot": [1]}, "slot has the shape"),
        ({"request": [0, 0], "supporter": [0, 0]}, "stands twice"),
    ],
)
def test_problems_that_make_no_sense_are_refused(change, words):
    good = {"request": [0, 1], "supporter": [0, 0], "cost": [1, 2]}
    good |= {"unfilled": [9, 9], "capacity": [2]}
    arrays = {k: v if k == "steps" else np.array(v) for k, v in (good | change).items()}
    with pytest.raises(BadArrays, match=words):
        Problem(**arrays)
