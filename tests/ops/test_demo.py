"""``./kyojo demo`` as a process: it starts everything, and ends everything it started.

With a town that has nothing in it, so that the test takes seconds.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from kyojo.doors.ops import postgres_processes as processes

ROOT = Path(__file__).resolve().parents[2]
EMPTY_TOWN = """\
import sys, types
town = types.ModuleType("kyojo.doors.ops.demo_town")
def load(*, progress, size="full"):
    from kyojo.civic.municipalities.models import Municipality
    assert not Municipality.objects.exists()
    progress(1, 2, "empty")
    if {interrupted}:
        raise KeyboardInterrupt
    progress(2, 2, "empty")
town.load = load
check = types.ModuleType("kyojo.doors.ops.demo_check")
def run(base_url):
    import urllib.error, urllib.request
    try:
        urllib.request.urlopen(base_url)
    except urllib.error.HTTPError as error:
        assert error.code == 404
    print("played at", base_url)
    return 3
check.run = run
sys.modules.update({{town.__name__: town, check.__name__: check}})
"""

pytestmark = pytest.mark.skipif(not processes.LINUX, reason="reads /proc")


@pytest.fixture
def surroundings(tmp_path):
    """Variables of a demo of its own; what it left running is ended whatever the test says."""
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "sitecustomize.py").write_text(EMPTY_TOWN.format(interrupted=False))
    variables = {
        "PATH": os.environ["PATH"],
        "KYOJO_VAR": str(tmp_path / "var"),
        "PYTHONPATH": os.pathsep.join((str(tmp_path / "town"), str(ROOT / "src"))),
    }
    yield variables
    for pid in left_running(variables):
        os.kill(pid, signal.SIGKILL)


def left_running(variables) -> list[int]:
    """Ids of the processes that were started with this KYOJO_VAR."""
    mark = f"KYOJO_VAR={variables['KYOJO_VAR']}\0".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark in (entry / "environ").read_bytes() and (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def start(variables, *arguments) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "kyojo", *arguments],
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def address_of(demo) -> str:
    """Where the demo says to look, once everything is up."""
    address = ""
    for line in demo.stdout:
        if "http://" in line and not address:
            address = line[line.index("http://") :].strip()
        if "Ctrl-C" in line:
            return address
    raise AssertionError(demo.stderr.read())


def until(condition, *, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_it_starts_refuses_a_second_one_is_sound_and_ends_without_leftovers(surroundings):
    demo = start(surroundings, "demo")
    address = address_of(demo)
    try:
        status = urllib.request.urlopen(address).status
    except urllib.error.HTTPError as error:
        status = error.code
    assert status in (200, 404)
    keys = Path(surroundings["KYOJO_VAR"]) / "keys.json"
    assert keys.stat().st_mode & 0o777 == 0o600

    second = start(surroundings, "demo")
    said = second.communicate(timeout=30)[1]
    assert second.returncode == 2
    assert "already runs" in said
    assert said.count("\n") == 1

    check = start(surroundings, "check")
    assert check.communicate(timeout=30)[0].startswith("ok:")
    assert check.returncode == 0

    demo.send_signal(signal.SIGTERM)
    assert demo.wait(timeout=30) == 0
    assert "Traceback" not in demo.stderr.read()
    assert left_running(surroundings) == []

    # The town is kept: it is not loaded twice (the loader would refuse), and the keys stay.
    before = keys.read_bytes()
    again = start(surroundings, "demo")
    address_of(again)
    assert keys.read_bytes() == before
    again.kill()
    again.communicate()
    until(lambda: left_running(surroundings) == [])


@pytest.mark.slow
def test_an_interrupted_load_is_begun_again(surroundings, tmp_path):
    town = tmp_path / "town" / "sitecustomize.py"
    town.write_text(EMPTY_TOWN.format(interrupted=True))
    demo = start(surroundings, "demo")
    demo.communicate(timeout=60)
    assert demo.returncode == 130
    assert left_running(surroundings) == []
    check = start(surroundings, "check")
    assert "the demo town is not loaded yet" in check.communicate(timeout=30)[1]
    assert check.returncode == 2
    town.write_text(EMPTY_TOWN.format(interrupted=False))
    demo = start(surroundings, "demo")
    address_of(demo)
    demo.send_signal(signal.SIGINT)
    assert demo.wait(timeout=30) == 0


def test_check_plays_in_a_town_of_its_own_and_hands_on_the_exit_code(surroundings):
    played = start(surroundings, "demo", "--check")
    out, _ = played.communicate(timeout=90)
    assert played.returncode == 3
    assert out.startswith("played at http://localhost:")
    assert not Path(surroundings["KYOJO_VAR"]).exists()
    assert left_running(surroundings) == []
