"""A night of many towns: in processes, on Ray, and when one of them goes wrong."""

import os
import sys
from dataclasses import replace

import numpy as np
import pytest

from .. import nightly
from ..assignment import Problem, assign
from ..edges import Helpers, Needs, feasible
from ..nightly import Failure, Town, assign_all, batches, metres_of_way, solve
from ..ray_nightly import RayMissing, assign_all_on_ray


def town(code, requests=8, supporters=20, seed=1):
    rng = np.random.default_rng([seed, *code.encode()])

    def spots(n):
        return 35.0 + rng.normal(0, 0.01, n), 139.0 + rng.normal(0, 0.01, n)

    return Town(
        code=code,
        needs=Needs(*spots(requests), rng.integers(0, 3, requests), rng.integers(0, 4, requests)),
        helpers=Helpers(
            *spots(supporters),
            rng.choice([500.0, 2_000.0], supporters),
            rng.integers(0, 8, supporters),
            rng.integers(0, 16, supporters),
        ),
        unfilled=np.full(requests, 5_000),
        capacity=rng.integers(1, 3, supporters),
        load=rng.integers(0, 3, supporters),
    )


def towns(count=7):
    return [town(f"{number:05}", requests=3 + number % 5) for number in range(count)]


def cost_that_dies(one, edges):
    """The worker of one town is killed, as by the system when memory is short."""
    if one.code == "00002":
        os._exit(9)
    return metres_of_way(one, edges)


def told(night):
    return [(plan.code, plan.supporter.tolist(), plan.cost, plan.edges) for plan in night.plans]


def test_a_town_alone_is_the_assignment_of_its_pairs():
    one = town("14100", requests=15, supporters=30)
    one = replace(one, without=(np.arange(15), np.arange(15)))
    plan = solve(one)
    edges = feasible(one.needs, one.helpers, without=one.without)
    assert not (edges.request == edges.supporter).any()
    wanted = assign(
        Problem(
            edges.request,
            edges.supporter,
            np.rint(edges.metres).astype(int),
            one.unfilled,
            one.capacity,
            nightly.STEPS,
            one.load,
            one.needs.slot,
        )
    )
    assert (plan.cost, plan.supporter.tolist()) == (wanted.cost, wanted.supporter.tolist())
    assert plan.filled == wanted.filled > 0
    assert plan.edges == len(edges)


def test_processes_answer_what_one_process_answers_in_the_order_of_the_towns(monkeypatch):
    monkeypatch.setattr(nightly, "BATCH_PAIRS", 300)
    ours = towns()
    here = assign_all(ours, workers=0)
    said = []
    there = assign_all(ours, workers=2, report=lambda done, total, _: said.append((done, total)))
    assert told(there) == told(here)
    assert [plan.code for plan in there.plans] == [one.code for one in ours]
    assert there.failures == []
    assert said[0] == (0, 7)
    assert said[-1] == (7, 7)
    assert [done for done, _ in said] == sorted({done for done, _ in said})


def test_one_towns_failure_is_told_and_the_others_have_their_night():
    ours = towns()
    ours[3] = replace(ours[3], capacity=np.full(20, -1))
    ours[5] = replace(ours[5], unfilled=np.full(2, 5_000))
    night = assign_all(ours, workers=0)
    assert [plan.code for plan in night.plans] == ["00000", "00001", "00002", "00004", "00006"]
    first, second = night.failures
    assert (first.code, first.error) == ("00003", "BadArrays")
    assert "capacity goes from -1" in first.why
    assert (second.code, second.why.split()[0]) == ("00005", "unfilled")


def test_a_failure_quotes_only_what_is_about_arrays():
    def fails(*_):
        raise KeyError("まつしま さくら")

    night = assign_all(towns(1), workers=0, cost_of=fails)
    assert night.failures == [Failure("00000", "KeyError")]


def test_a_worker_that_dies_takes_one_town_with_it():
    ours = towns(5)
    night = assign_all(ours, workers=2, cost_of=cost_that_dies)
    assert [one.code for one in night.failures] == ["00002"]
    assert night.failures[0].error == "BrokenProcessPool"
    whole = assign_all([one for one in ours if one.code != "00002"], workers=0)
    assert told(night) == told(whole)


def test_the_longest_towns_go_first_and_small_ones_together():
    sizes = {"a": 900, "b": 90, "c": 2_000, "d": 90, "e": 90}
    ours = [town(code, requests=10, supporters=n // 10) for code, n in sizes.items()]
    found = [[one.code for one in batch] for batch in batches(ours)]
    assert found == [["c", "a", "b", "d", "e"]]
    nightly_pairs = nightly.BATCH_PAIRS
    nightly.BATCH_PAIRS = 1_000
    try:
        found = [[one.code for one in batch] for batch in batches(ours)]
    finally:
        nightly.BATCH_PAIRS = nightly_pairs
    assert found == [["c"], ["a", "b"], ["d", "e"]]


def test_no_towns_and_towns_without_anybody_are_nights_too():
    assert assign_all([], workers=2).plans == []
    empty = [town("1", requests=0), town("2", supporters=0)]
    assert [(p.filled, p.cost) for p in assign_all(empty, workers=0).plans] == [(0, 0), (0, 40_000)]
    with pytest.raises(ValueError, match="same code"):
        assign_all([*empty, empty[0]])


def test_without_ray_one_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RayMissing, match=r"kyojo\[ray\]"):
        assign_all_on_ray(towns(1))


@pytest.fixture(scope="module")
def cluster():
    """Two nodes on this machine, each with a process of its own for work."""
    pytest.importorskip("ray", reason="Ray (kyojo[ray]) is not installed")
    import ray
    from ray.cluster_utils import Cluster

    # Workers read the code where this process reads it.
    paths = os.pathsep.join(path for path in sys.path if path)
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    made.add_node(num_cpus=1)
    ray.init(
        address=made.address,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": paths}},
    )
    yield ray
    ray.shutdown()
    made.shutdown()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_ray_cluster_answers_what_one_process_answers(cluster, monkeypatch):
    monkeypatch.setattr(nightly, "BATCH_PAIRS", 300)
    assert len(cluster.nodes()) == 2
    ours = towns(12)
    said = []
    there = assign_all_on_ray(ours, report=lambda done, total, _: said.append((done, total)))
    assert told(there) == told(assign_all(ours, workers=0))
    assert said[-1] == (12, 12)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_on_ray_too_one_town_fails_alone(cluster):
    ours = towns(5)
    ours[4] = replace(ours[4], capacity=np.full(20, -1))
    night = assign_all_on_ray(ours, cost_of=cost_that_dies)
    assert [one.code for one in night.failures] == ["00002", "00004"]
    assert night.failures[0].error == "WorkerCrashedError"
    assert len(night.plans) == 3
