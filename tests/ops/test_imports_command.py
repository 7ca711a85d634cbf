"""``./kyojo import`` as a process of its own, with commits that last."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kyojo.civic.municipalities import tenancy
from kyojo.civic.municipalities.models import Place

ROOT = Path(__file__).resolve().parents[2]
LIST = (
    "全国地方公共団体コード,ID,名称,所在地_連結表記,緯度,経度\n"
    "990027,A1,港図書館,みどり浜市港町3,34.861,138.321\n"
    "990027,A2,北図書館,みどり浜市北町3,,138.321\n"
)


def kyojo_import(ground: Any, *argv: str) -> subprocess.CompletedProcess[str]:
    url = f"postgresql://kyojo_app@/{ground.database}?host={ground.socket_dir}"
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "kyojo.settings",
        "PYTHONPATH": str(ROOT / "src"),
    }
    return subprocess.run(
        [sys.executable, "-m", "kyojo", "import", *argv],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_list_comes_in_and_the_report_is_one_json_object(
    towns: SimpleNamespace, ground: Any, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(LIST.encode("cp932"))

    done = kyojo_import(ground, "places", str(path), "--json")

    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert (report["added"], [entry["line"] for entry in report["refused"]]) == (1, [3])
    with tenancy.tenant(990027):
        assert Place.objects.get().name == "港図書館"


def test_bad_input_is_one_line_and_exit_2(
    towns: SimpleNamespace, ground: Any, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    calls = [
        ["places", str(empty)],
        ["places", str(tmp_path / "missing.csv")],
        ["places"],
        ["areas", str(empty)],
        ["people", str(empty)],
        [],
    ]
    for argv in calls:
        done = kyojo_import(ground, *argv)
        assert (done.returncode, done.stdout) == (2, ""), argv
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
