"""``./kyojo bench``: what it refuses, what it prints, and one real run when there is time."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kyojo.doors.ops import bench, bench_ground, bench_ledger, bench_matching, bench_web
from kyojo.doors.ops import bench_matching_ground as places
from kyojo.doors.ops.bench_figures import RATIOS, Figures, ratios, report
from kyojo.doors.ops.bench_pgbench import fsync_milliseconds, read
from kyojo.doors.ops.errors import Bad, Failed

ROOT = Path(__file__).resolve().parents[2]

PGBENCH = """\
transaction type: <builtin: TPC-B (sort of)>
scaling factor: 50
query mode: prepared
number of clients: 8
number of transactions actually processed: 31337
number of failed transactions: {failed} (0.000%)
latency average = 1.300 ms
initial connection time = 12.345 ms
tps = 6155.123456 (without initial connection time)
"""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "bench what?"),
        (["poetry"], "bench what?"),
        (["ledger"], "say --json"),
        (["ledger", "--json", "--slowly"], "unrecognized arguments"),
        (["ledger", "--json", "--pgledger"], "expected one argument"),
        (["ledger", "--json", "--pgledger", "/nowhere/pgledger.sql"], "cannot read"),
        (["ledger", "--json", "--pgledger", "/"], "is not a file"),
        (["ledger", "--json", "--towns", "/"], "unrecognized arguments"),
        (["matching"], "say --json"),
        (["matching", "--json", "--pgledger", "x"], "unrecognized arguments"),
        (["matching", "--json", "--towns", "/nowhere"], "is not a folder"),
        (["web"], "say --json"),
        (["web", "--json", "--towns", "/"], "unrecognized arguments"),
    ],
)
def test_bad_input_is_told_before_anything_starts(arguments, words, monkeypatch):
    def started(**_):
        pytest.fail("it measured")

    monkeypatch.setattr(bench_ledger, "measure", started)
    monkeypatch.setattr(bench_matching, "measure", started)
    monkeypatch.setattr(bench_web, "measure", started)
    with pytest.raises(Bad, match=words.replace("?", r"\?")) as refused:
        bench.run(["bench", *arguments])
    assert "\n" not in str(refused.value)


def test_the_command_ends_bad_input_with_one_line_and_2():
    done = subprocess.run(
        [sys.executable, "-m", "kyojo", "bench", "ledger"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_stdout_holds_one_json_object_and_nothing_else(monkeypatch, capsys):
    asked = {}

    def measured(**options):
        asked.update(options)
        return report(
            name="ledger",
            machine={"fsync_milliseconds": 0.1, "load_average_before": 3.2},
            figures=Figures(),
            skipped=["x"],
        )

    monkeypatch.setattr(bench_ledger, "measure", measured)
    assert bench.run(["bench", "ledger", "--quick", "--json"]) == 0
    assert asked == {"quick": True, "pgledger": None}
    said = capsys.readouterr()
    promised = {"name", "machine", "figures", "ratios", "skipped"}
    assert set(json.loads(said.out)) == promised
    busy, skipped, ratios_of_nothing = said.err.splitlines()
    assert "busy (load 3.2)" in busy
    assert (skipped, ratios_of_nothing) == ("kyojo: x", "kyojo: one fsync takes 0.1 ms; ")


def every_figure() -> Figures:
    figures = Figures()
    names = sorted({name for pair in RATIOS.values() for name in pair})
    for number, name in enumerate(names, 1):
        for speed in (100.0 * number, 1.0, 9_000.0 * number):  # the median is the first
            figures.add(name, speed, "transfers")
    return figures


def test_ratios_are_of_medians_and_cost_is_the_other_way_up():
    figures = Figures()
    for name, speeds in {"random_8": (90, 10, 20), "small_random_8": (5, 30, 30)}.items():
        for speed in speeds:
            figures.add(name, speed, "transfers")
    figures.add("tpcb_8", 10, "transactions")
    told = ratios(figures)
    assert told["random_8_vs_tpcb"] == 2.0
    assert told["million_vs_10k_cost"] == 1.5  # 30 a second when small, 20 when big
    assert told["service_vs_pgledger"] is None  # it was not there


def test_the_report_has_the_promised_shape_and_every_ratio_of_the_contract():
    told = report(name="ledger", machine={"cores": 2}, figures=every_figure(), skipped=["why"])
    assert told["name"] == "ledger"
    assert set(told["ratios"]) == {
        "random_8_vs_tpcb",
        "hot_32_vs_tpcb",
        "batch_vs_single",
        "batch_vs_copy",
        "million_vs_10k_cost",
        "service_8_vs_tpcb",
        "service_vs_hordak",
        "service_vs_pgledger",
    }
    assert all(ratio > 0 for ratio in told["ratios"].values())
    for figure in told["figures"].values():
        assert set(figure) == {"unit", "median", "runs"}
        assert figure["median"] == sorted(figure["runs"])[1]
    assert json.loads(json.dumps(told)) == told


def test_a_run_that_did_nothing_is_no_figure():
    with pytest.raises(AssertionError, match="did nothing"):
        Figures().add("random_8", 0.0, "transfers")


def test_pgbench_is_read_and_its_failures_are_failures():
    run = read(PGBENCH.format(failed=0))
    assert (run.transactions, run.per_second) == (31337, 6155.123456)
    for output in (PGBENCH.format(failed=3), "pgbench: error: run aborted\n", ""):
        with pytest.raises(Failed, match="pgbench did not finish"):
            read(output)


def test_the_flush_time_is_read():
    said = "        fdatasync    9014.432 ops/sec     111 usecs/op\n"
    assert fsync_milliseconds(said) == 0.111
    with pytest.raises(Failed):
        fsync_milliseconds("        fsync_writethrough   n/a\n")


# --- matching -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "holds no towns"),
        ("lat,lon\n", "holds no towns"),
        ("code,name\n1,2\n", "no columns lat and lon"),
        ("lat,lon\n35.0,abc\n", "no columns lat and lon"),
        ("lat,lon\n\x83,139\n", "no columns lat and lon"),
    ],
)
def test_a_folder_without_coordinates_is_refused(content, words, tmp_path):
    if content is not None:
        (tmp_path / "a.csv").write_text(content, encoding="latin-1")
    with pytest.raises(Bad, match=words):
        bench.run(["bench", "matching", "--json", "--towns", str(tmp_path)])


def test_towns_are_read_from_files_and_made_up_where_there_are_none(tmp_path, monkeypatch):
    (tmp_path / "b.csv").write_text("town,lat,lon\nx,35.5,139.5\ny,,\nz,35.6,139.6\n")
    (tmp_path / "a.csv").write_text("\ufefflat,lon\n36,140\n", encoding="utf-8")
    found = places.geography(tmp_path)
    assert [one.tolist() for one in found.towns] == [
        [[36.0, 140.0]],
        [[35.5, 139.5], [35.6, 139.6]],
    ]
    monkeypatch.setattr(places, "BESIDE", tmp_path / "absent")
    made_up = places.geography(None)
    assert "made-up" in made_up.name
    assert len(made_up.towns) == 10
    assert (places.synthetic().towns[3] == made_up.towns[3]).all()


def test_matching_measures_and_proves_everything_on_a_small_scale(monkeypatch, capsys):
    """The whole benchmark, its other solvers included, with a village for each figure."""
    small = {"REQUESTS": 400, "SUPPORTERS": 1_000, "MUNICIPALITIES": 6, "ALL_REQUESTS": 60}
    small |= {"ALL_SUPPORTERS": 300, "JOBS": 12, "PEOPLE": 80, "SCARCE_PEOPLE": 40}
    for name, size in small.items():
        monkeypatch.setattr(bench_matching, name, size)
    ranking = bench_matching.ranking
    monkeypatch.setattr(
        bench_matching,
        "ranking",
        lambda found, **_: ranking(found, queries=8, checks=4, people=3_000),
    )
    night = bench_matching.nightly.assign_all
    monkeypatch.setattr(bench_matching.nightly, "assign_all", lambda towns: night(towns, workers=0))
    told = bench_matching.measure(quick=False, ground=places.synthetic())
    for name in bench_matching.PROMISED:
        assert {**told["figures"], **told["ratios"]}[name] is not None, name
    assert told["figures"]["rank_100k_who_can_median"] > 0
    assert told["figures"]["mosaic_scarce_jobs_done"] > 0
    assert told["figures"]["rank_identical_to_brute_force"] is True
    assert told["figures"]["assign_optimal"] is True
    assert told["ratios"]["scipy_matching_scarce_vs_ours"] > 0
    assert told["ratios"]["mosaic_1s_share_of_optimum"] == 1
    assert set(told) == {"name", "machine", "figures", "ratios", "runs", "cpu", "skipped"}
    assert json.loads(json.dumps(told)) == told
    assert bench_matching.summary(told).count(",") == len(bench_matching.PROMISED) - 1


def test_an_answer_that_another_solver_beats_fails_the_benchmark(monkeypatch):
    monkeypatch.setattr(bench_matching, "REQUESTS", 200)
    monkeypatch.setattr(bench_matching, "SUPPORTERS", 400)
    monkeypatch.setattr(bench_matching, "by_matching", lambda _: 7)
    with pytest.raises(Failed, match=r"cost \[7, "):
        bench_matching.assignment(
            bench_matching.Measured(rounds=1), places.synthetic(), [], beside=True
        )


# --- the ledger, for real -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_one_real_run(tmp_path):
    """Everything is made, filled, measured and verified, on few rows."""
    size = replace(bench_ground.QUICK, seconds=1, rounds=1, accounts=500, small_rows=600)
    size = replace(size, big_rows=2_000, batches=1, hordak_accounts=5)
    code = (
        "import sys; from kyojo.doors.ops import bench, bench_ground as g, bench_pgbench as p\n"
        f"g.QUICK = g.{size!r}; p.SCALE = 1\n"
        "sys.exit(bench.run(['bench', 'ledger', '--quick', '--json']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "src"),
            "KYOJO_VAR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["ratios"]["random_8_vs_tpcb"] > 0
    assert told["ratios"]["service_vs_pgledger"] is None
    assert any("--pgledger" in why for why in told["skipped"])
    assert [path.name for path in tmp_path.iterdir()] == []


# --- pages, for real ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_pages_are_measured_in_a_village():
    """The town is made, its supporters are candidates, every look is a page."""
    code = (
        "import sys; from kyojo.doors.ops import bench, bench_web as w\n"
        "w.QUICK_SUPPORTERS, w.QUICK_LOOKS = 2_000, 8\n"
        "sys.exit(bench.run(['bench', 'web', '--quick', '--json']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["machine"]["supporters"] == 2_000
    assert 0 < told["figures"]["plain_page_p50_ms"] < told["figures"]["candidate_page_p95_ms"]
