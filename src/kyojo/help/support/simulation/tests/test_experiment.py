"""Leave one out, from town to report: a small one always, the targets with ``--slow``."""

import json
from dataclasses import replace

import pytest

from kyojo.help.support.simulation import experiment
from kyojo.help.support.simulation.experiment import QUICK, Plan
from kyojo.help.support.simulation.fakes import built_in
from kyojo.help.support.simulation.population import Setting
from kyojo.help.support.simulation.town import GROUPS

SMALL = Plan(
    setting=Setting(weeks=16, visits_a_week=60),
    reference=(1001, 1002),
    training=(2001,),
    calibration=(3001, 3002),
    test=(1,),
)
CHOSEN = ("overlapping_visits", "trading_ring", "hand_edits")
OUTSIDE = """
from dataclasses import replace
from kyojo.help.support.simulation.patterns import Injection

class Doubled:
    name = "doubled_coins"
    strengths = ("plain",)

    def inject(self, town, rng, strength):
        chosen = rng.choice(len(town.facts.visits), 12, replace=False)
        visits = [town.facts.visits[int(n)] for n in chosen]
        return Injection(tuple(replace(one, coins=one.coins * 3) for one in visits))
"""


def test_a_small_experiment_reports_each_pattern_and_group(tmp_path, monkeypatch):
    path = tmp_path / "outside.py"
    path.write_text(OUTSIDE, "utf-8")
    chosen = [one for one in built_in() if one.name in CHOSEN]
    monkeypatch.setattr(experiment, "built_in", lambda: chosen)
    experiment.patterns.cache_clear()
    monkeypatch.setattr(experiment, "_towns", one_process)
    said = []
    plan = replace(SMALL, patterns_file=path)
    report = experiment.experiment(plan, processes=1, say=lambda *how_far: said.append(how_far))
    experiment.patterns.cache_clear()

    assert json.loads(json.dumps(report)) == report
    assert set(report["patterns"]) == {*CHOSEN, "doubled_coins"}
    for one in report["patterns"].values():
        assert one["left_out"] is True
        assert one["strength"] == "all"
        assert 0 <= one["recall_at_1pct"] <= 1
        assert one["fakes"] > 0
    assert set(report["patterns"]["doubled_coins"]["by_strength"]) == {"plain"}
    assert report["patterns"]["doubled_coins"]["recall_at_1pct"] > 0.5
    assert report["patterns"]["overlapping_visits"]["recall_at_1pct"] > 0.5
    assert set(report["honest_groups"]) == set(GROUPS)
    assert said[-1][0] == said[-1][1]
    assert [done for done, *_ in said] == sorted(done for done, *_ in said)


def one_process(plan, tasks, processes, say):
    return {
        (seed, name): experiment.measured(plan.setting, seed, name, plan.patterns_file)
        for seed, name in sorted(tasks)
    }


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("plan", [Plan(), QUICK], ids=["full", "quick"])
def test_the_targets_are_reached(plan):
    report = experiment.experiment(plan, processes=2, say=lambda *_: None)
    figures = report["figures"]
    assert figures["recall_at_1pct_left_out"] >= 0.8
    assert min(one["recall_at_1pct"] for one in report["patterns"].values()) >= 0.5
    assert figures["honest_settled_without_staff"] >= 0.95
    groups = report["honest_groups"]
    assert groups["no_phone"]["share_of_visits"] >= 0.3
    assert min(one["settled_without_staff"] for one in groups.values()) >= 0.85
