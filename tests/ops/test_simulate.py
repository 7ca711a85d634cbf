"""``./kyojo simulate town`` and ``./kyojo bench notify``: what they print and what they refuse."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kyojo.doors.ops import bench, bench_notify, simulate
from kyojo.doors.ops.errors import Bad

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--weeks", "1", "--warm-up", "1", "--requests", "10", "--processes", "1"]
CHOSEN = ["--policy", "ours", "--policy", "nearest_8"]
METRICS = {
    "requests", "fill", "fill_vs_lp", "fill_vs_sharper_lp", "worst_district_fill",
    "time_to_yes_p50_hours", "time_to_yes_p90_hours", "asks_per_fill", "asks_per_request",
    "redundant_yes_per_fill", "travel_minutes", "gini_load", "gini_asks", "ece", "brier",
    "brier_base", "told_mean", "came_mean", "escalated", "there_at_end", "fill_vs_lp_error",
    "seeds",
}  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "simulate what"),
        (["village"], "simulate what"),
        (["town", "--policy", "telepathy"], "there is no policy 'telepathy'"),
        (["town", "--supply", "endless"], "invalid choice: 'endless'"),
        (["town", "--seeds", "0"], "'0' is not a whole number, 1 to 100"),
        (["town", "--weeks", "many"], "'many' is not a whole number"),
        (["town", "--points", "/nowhere.csv"], "cannot read /nowhere.csv"),
        (["town", "--slowly"], "unrecognized arguments"),
    ],
)
def test_bad_input_is_told_in_one_line(arguments, words):
    with pytest.raises(Bad, match=words) as refused:
        simulate.run(["simulate", *arguments])
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no lines"),
        ("name,x\na,1\n", "no lines with the columns lat and lon"),
        ("lat,lon\n34.8,abc\n", "line 2: lat and lon are not numbers"),
        ("lat,lon\n34.8,138.2\n138.2,34.8\n", "line 3: 138.2, 34.8 is not in Japan"),
    ],
)
def test_a_wrong_file_of_points_is_told(tmp_path, text, words):
    path = tmp_path / "points.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(Bad, match=words):
        simulate.points_read(path)


def test_a_file_in_another_encoding_is_told(tmp_path):
    path = tmp_path / "points.csv"
    path.write_bytes("町,lat,lon\n焼津,34.8,138.2\n".encode("cp932"))
    with pytest.raises(Bad, match="not CSV in UTF-8"):
        simulate.points_read(path)


def test_points_become_metres_around_their_middle(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("town,lat,lon\na,35.0,138.0\nb,35.1,138.0\n", "utf-8")
    (x, south), (_, north) = simulate.points_read(path)
    assert x == 0
    assert (north, south) == (pytest.approx(5560, rel=0.01), pytest.approx(-north))


def test_the_command_ends_bad_input_with_one_line_and_2():
    done = subprocess.run(
        [sys.executable, "-m", "kyojo", "simulate", "town", "--policy", "x"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("kyojo: there is no policy 'x'")
    assert done.stderr.count("\n") == 1


def test_it_needs_no_database_and_prints_one_object():
    done = subprocess.run(
        [sys.executable, "-m", "kyojo", "simulate", "town", "--json", *SMALL, *CHOSEN],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert set(report) == {"name", "setting", "figures", "models"}
    by_name = report["figures"]["ordinary"]["fitted"]
    assert list(by_name) == ["ours", "nearest_8"]
    assert set(by_name["ours"]) == METRICS
    assert 0 < by_name["ours"]["fill"] <= 1
    assert report["models"]["ordinary"]["version"] == "simulated-ordinary"
    assert report["setting"]["points"] == "synthetic"


def test_without_json_it_is_a_table(capsys):
    assert simulate.run(["simulate", "town", *SMALL, "--policy", "top_8"]) == 0
    assert "top_8" in capsys.readouterr().out


# --- bench notify ---------------------------------------------------------------------------------
def metrics(fill_vs_lp, asks_per_fill, hours=20.0):
    return {
        "fill_vs_lp": fill_vs_lp, "fill_vs_sharper_lp": fill_vs_lp, "asks_per_fill": asks_per_fill,
        "time_to_yes_p90_hours": hours, "ece": 0.02,
    }  # fmt: skip


def test_ratios_tell_ours_the_worst_and_the_best_that_keeps_to_the_limit():
    supplies = {
        "ample": {"ours": metrics(0.99, 7), "near": metrics(0.9, 11), "all": metrics(0.95, 31)},
        "ordinary": {"ours": metrics(0.9, 9), "near": metrics(0.8, 12), "all": metrics(0.85, 25)},
        "tight": {
            "ours": metrics(0.7, 11, 60.0), "near": metrics(0.6, 16), "all": metrics(0.5, 22),
            "knowing": metrics(0.99, 3),
        },
    }  # fmt: skip
    found = bench_notify.ratios({s: {"fitted": by, "different": by} for s, by in supplies.items()})
    assert (found["ours_fill_vs_lp"], found["ours_fill_vs_lp_worst"]) == (0.9, 0.7)
    assert (found["ours_asks_per_fill"], found["ours_asks_per_fill_worst"]) == (9, 11)
    assert found["ours_time_to_yes_p90_hours_worst"] == 60.0
    assert (found["best_baseline"], found["best_baseline_fill_vs_lp"]) == ("near", 0.8)
    assert (found["best_baseline_worst"], found["best_baseline_asks_per_fill_worst"]) == (
        "near",
        16,
    )
    assert found["ours_fill_vs_lp_different"] == 0.9


def test_bench_notify_measures_every_policy(monkeypatch, capsys):
    from kyojo.help.matching.simulation import experiment

    seen = {}

    def compared(plan, *, processes, say):
        seen["plan"] = plan
        run = experiment.Metrics(*range(20))
        names = experiment.policies(experiment.PRIOR)
        found = {
            s: {r: dict.fromkeys(names, [run] * len(plan.seeds)) for r in plan.responses}
            for s in plan.supplies
        }
        return found, dict.fromkeys(plan.supplies, experiment.PRIOR)

    monkeypatch.setattr(experiment, "compared", compared)
    assert bench.run(["bench", "notify", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {"name", "machine", "figures", "ratios"} <= set(report)
    assert len(seen["plan"].seeds) >= 5
    assert set(report["figures"]) == {"ample", "ordinary", "tight"}
    assert len(report["figures"]["tight"]["different"]) == 14
    assert bench.run(["bench", "notify", "--quick", "--json"]) == 0
    assert len(seen["plan"].seeds) < 5


@pytest.mark.parametrize("arguments", [["--json", "--pgledger", "x"], []])
def test_bench_notify_refuses(arguments):
    with pytest.raises(Bad):
        bench.run(["bench", "notify", *arguments])
