"""The launcher ``./kyojo``, in a checkout of its own with nothing to install."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Installs in no time: a lock with nothing in it but a comment.
EMPTY_LOCK = "# nothing\n"
SAYS_ITS_ARGUMENTS = (
    "import json, os, sys\n"
    "print(json.dumps({'arguments': sys.argv[1:], 'prefix': sys.prefix, 'cwd': os.getcwd()}))\n"
)


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose path has spaces and Japanese in it, and whose commands only answer."""
    root = tmp_path / "共助 check out"
    package = root / "src" / "kyojo"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(SAYS_ITS_ARGUMENTS)
    (root / "requirements.lock").write_text(EMPTY_LOCK)
    (root / "requirements-dev.lock").write_text(EMPTY_LOCK + "# developer\n")
    shutil.copy(ROOT / "kyojo", root / "kyojo")
    return root


def call(checkout, *arguments, cwd="/", **variables):
    """Run the launcher with an empty environment: no HOME, no locale, only PATH."""
    return subprocess.run(
        [checkout / "kyojo", *arguments],
        env={"PATH": os.environ["PATH"], **variables},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
        encoding="utf-8",
    )


def launcher_module():
    loader = SourceFileLoader("kyojo_launcher", str(ROOT / "kyojo"))
    module = module_from_spec(spec_from_loader("kyojo_launcher", loader))
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


@pytest.mark.parametrize("arguments", [["dance"], ["--port"], [""], ["demo town"]])
def test_an_unknown_command_gets_one_line_and_2_and_installs_nothing(checkout, arguments):
    done = call(checkout, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("kyojo: there is no command")
    assert done.stderr.count("\n") == 1
    assert not (checkout / ".venv").exists()


def test_no_command_shows_the_usage(checkout):
    done = call(checkout)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: ./kyojo COMMAND")
    assert call(checkout, "--help").returncode == 0


def test_an_old_python_is_told_in_one_line(monkeypatch, capsys):
    launcher = launcher_module()
    monkeypatch.setattr(launcher.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match="2"):
        launcher.main(["demo"])
    assert capsys.readouterr().err == "kyojo: needs Python 3.11 or newer, this is 3.9\n"


def test_a_python_without_venv_is_told_in_one_line(monkeypatch, capsys):
    launcher = launcher_module()
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="2"):
        launcher.install("requirements.lock")
    assert "apt-get install python3-venv" in capsys.readouterr().err


def test_launcher_and_package_know_the_same_commands():
    from kyojo.__main__ import COMMANDS

    assert set(launcher_module().COMMANDS) == set(COMMANDS)


def test_first_call_later_call_changed_lock_and_interrupted_install(checkout, tmp_path):
    first = call(checkout, "check", "a b", "--c")
    assert first.returncode == 0, first.stderr
    said = json.loads(first.stdout)
    assert said["arguments"] == ["check", "a b", "--c"]
    assert said["prefix"] == str(checkout / ".venv")
    assert said["cwd"] == "/"

    stamp = checkout / ".venv" / "kyojo-stamp.json"
    made = stamp.stat().st_mtime_ns
    later = call(checkout, "check", cwd=tmp_path)
    assert (later.returncode, later.stderr) == (0, "")
    assert json.loads(later.stdout)["cwd"] == str(tmp_path)
    assert stamp.stat().st_mtime_ns == made

    # A renewed lock is installed into the same environment.
    (checkout / "requirements.lock").write_text(EMPTY_LOCK + "# renewed\n")
    assert "packages ready" in call(checkout, "check").stderr
    assert stamp.stat().st_mtime_ns != made
    # The developer's lock holds the other one, so after it nothing is left to install.
    assert "packages ready" in call(checkout, "test").stderr
    assert call(checkout, "check").stderr == ""

    # Without a stamp the environment may be half made: it is made again, leftovers and all.
    stamp.unlink()
    (checkout / ".venv" / "bin" / "pip").write_text("half a file")
    (checkout / ".venv" / "half").touch()
    recovered = call(checkout, "check")
    assert recovered.returncode == 0, recovered.stderr
    assert not (checkout / ".venv" / "half").exists()


def test_an_interrupted_first_call_leaves_nothing_that_stops_the_next(checkout):
    process = subprocess.Popen(
        [checkout / "kyojo", "check"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (checkout / ".venv" / "bin").exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (checkout / ".venv" / "kyojo-stamp.json").exists()
    assert call(checkout, "check").returncode == 0


def test_two_first_calls_do_not_fight(checkout):
    both = [
        subprocess.Popen(
            [checkout / "kyojo", "check"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert sum("making .venv" in error for error in errors) == 1
    assert sum("waiting for it" in error for error in errors) == 1


def test_a_lock_that_cannot_be_installed_is_told_in_one_line_and_tried_again(checkout):
    (checkout / "requirements.lock").write_text("no-such==1 --hash=sha256:" + "0" * 64 + "\n")
    failed = call(checkout, "check", PIP_NO_INDEX="1")
    assert failed.returncode == 1
    assert "installing failed" in failed.stderr
    assert "Traceback" not in failed.stderr
    (checkout / "requirements.lock").write_text(EMPTY_LOCK)
    assert call(checkout, "check").returncode == 0


def python_m_kyojo(*arguments, **variables):
    return subprocess.run(
        [sys.executable, "-m", "kyojo", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["demo", "--port", "70000"], "is not a port"),
        (["demo", "--town"], "unrecognized arguments"),
        (["lint", "poetry"], "there is no check 'poetry'"),
        (["serve"], "KYOJO_SECRET_KEY and KYOJO_FIELD_KEYS and KYOJO_BASE_URL first"),
        (["worker"], "set DATABASE_URL"),
        (["migrate"], "set KYOJO_OWNER_DATABASE_URL"),
        (["check", "everything"], "unrecognized arguments"),
        (["check"], "there is no database yet: run ./kyojo demo once"),
        (["import"], "import what?"),
    ],
)
def test_bad_input_gets_one_line_and_2(arguments, words, tmp_path):
    done = python_m_kyojo(*arguments, KYOJO_VAR=str(tmp_path / "var"))
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_told_before_anything_starts(tmp_path):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = python_m_kyojo("demo", "--port", str(port), KYOJO_VAR=str(tmp_path / "var"))
    assert done.returncode == 2
    assert f"port {port} is taken" in done.stderr
    assert not (tmp_path / "var" / "postgres").exists()


def test_every_command_has_help():
    from kyojo.__main__ import COMMANDS

    for command in sorted(set(COMMANDS) - {"test", "manage"}):
        done = python_m_kyojo(command, "--help")
        assert done.returncode == 0, (command, done.stderr)
        assert "usage: ./kyojo" in done.stdout
