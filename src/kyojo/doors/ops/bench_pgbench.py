"""pgbench and pg_test_fsync of the embedded PostgreSQL, run and read."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import Failed
from .postgres import PORT, binaries, last_line
from .postgres_processes import clean_environment

#: Five million accounts, fifty branches: the size that the yardstick is defined at.
SCALE = 50

PROCESSED = re.compile(r"^number of transactions actually processed: (\d+)", re.MULTILINE)
FAILED = re.compile(r"^number of failed transactions: (\d+)", re.MULTILINE)
SPEED = re.compile(r"^tps = ([\d.]+) ", re.MULTILINE)
FSYNC = re.compile(r"^\s*fdatasync\s+[\d.]+ ops/sec\s+(\d+) usecs/op", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What one run of pgbench did: transactions of its script, and how many in a second."""

    transactions: int
    per_second: float


def read(output: str) -> Run:
    """pgbench's own summary. Raises ``Failed`` where it is not one, or names failures."""
    processed, failed, speed = (found.search(output) for found in (PROCESSED, FAILED, SPEED))
    if processed is None or speed is None or (failed is not None and failed[1] != "0"):
        raise Failed(f"pgbench did not finish its run: {last_line(output.encode())}")
    return Run(int(processed[1]), float(speed[1]))


def fsync_milliseconds(output: str) -> float:
    """What pg_test_fsync says of fdatasync, PostgreSQL's own way on Linux; of one 8 kB write."""
    found = FSYNC.search(output)
    if found is None:
        raise Failed(f"pg_test_fsync said nothing of fdatasync: {last_line(output.encode())}")
    return int(found[1]) / 1000


def fsync_measure(folder: Path) -> float:
    """Milliseconds that one flush takes on the disk that ``folder`` lies on."""
    probe = folder / "fsync"
    done = call("pg_test_fsync", "-s", "1", "-f", str(probe))
    probe.unlink(missing_ok=True)
    return fsync_milliseconds(done)


@dataclass(frozen=True)
class Pgbench:
    """pgbench as ``role`` at ``database`` of the server whose socket lies in ``socket_dir``."""

    socket_dir: Path
    role: str
    database: str

    def fill(self) -> None:
        """Make the yardstick's tables, filled by the server itself."""
        call("pgbench", *self._where(), "-i", "-I", "dtGvp", "-q", f"--scale={SCALE}")

    def run(
        self,
        *what: str,
        clients: int,
        seconds: float,
        variables: Mapping[str, int] | None = None,
    ) -> Run:
        """One run of a script (``-f FILE``) or a built-in (``-b tpcb-like``), prepared."""
        threads = min(clients, os.cpu_count() or 1)
        names = [f"-D{name}={value}" for name, value in (variables or {}).items()]
        built_in = [] if "-b" in what else ["--no-vacuum"]
        return read(
            call(
                *("pgbench", *self._where(), "--protocol=prepared", f"--client={clients}"),
                *(f"--jobs={threads}", f"--time={max(1, round(seconds))}", *built_in),
                *(*names, *what),
            )
        )

    def _where(self) -> tuple[str, ...]:
        host = f"--host={self.socket_dir}"
        return (host, f"--port={PORT}", f"--username={self.role}", f"--dbname={self.database}")


def call(program: str, *arguments: str) -> str:
    """Run a program of the wheel; what it says on stdout. Raises ``Failed`` with its last line."""
    done = subprocess.run(
        [str(binaries() / program), *arguments],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Failed(f"{program} failed: {last_line((done.stderr or done.stdout).encode())}")
    return done.stdout
