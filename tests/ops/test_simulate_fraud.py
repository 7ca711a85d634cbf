"""``./kyojo simulate town --fraud``: what it refuses, and what it prints."""

import pytest

from kyojo.doors.ops import simulate, simulate_fraud
from kyojo.doors.ops.errors import Bad

FOUND = {
    "patterns": {
        "ring": {
            "recall_at_1pct": 0.8, "by_strength": {"weak": 0.6, "strong": 1.0},
            "false_alarms_as_calibrated": 0.01, "precision_at_capacity": None,
        }
    },
    "honest_groups": {
        "no_phone": {"share_of_visits": 0.4, "settled_without_staff": 0.95, "flagged": 0.01}
    },
    "figures": {"recall_at_1pct_left_out": 0.8},
}  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--quick"], "--patterns and --quick go with --fraud"),
        (["--patterns", "x.py"], "--patterns and --quick go with --fraud"),
        (["--fraud", "--patterns", "/nowhere.py"], "cannot read /nowhere.py"),
        (["--fraud", "--seeds", "0"], "'0' is not a whole number"),
        (["--write-model"], "--write-model too"),
        (["--fraud", "--write-model", "--quick"], "goes without --quick"),
    ],
)
def test_bad_input_is_told_in_one_line(arguments, words):
    with pytest.raises(Bad, match=words) as refused:
        simulate.run(["simulate", "town", *arguments])
    assert "\n" not in str(refused.value)


def test_a_file_that_does_not_run_is_told(tmp_path):
    path = tmp_path / "bad.py"
    path.write_text("1 / 0", "utf-8")
    with pytest.raises(Bad, match="ZeroDivisionError: division by zero"):
        simulate.run(["simulate", "town", "--fraud", "--patterns", str(path), "--json"])


def test_people_read_a_table(capsys):
    simulate_fraud.table_print(FOUND)
    out = capsys.readouterr().out
    assert "ring" in out
    assert "no phone" in out
    assert "recall at 1pct left out: 0.800" in out
