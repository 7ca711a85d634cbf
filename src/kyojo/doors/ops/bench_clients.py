"""Clients in Python: processes that each hold one Django connection and work for a given time.

``python -m kyojo.doors.ops.bench_clients`` loads Django once, reads one job per line (JSON) and
answers each with one line. For a job it forks its clients, so thirty-two of them cost no more to
start than one, and nothing else runs in the process that forks.
"""

import json
import os
import random
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import Failed

#: Does one piece of work; answers how many transfers it was.
Step = Callable[[], int]


@dataclass(frozen=True)
class Done:
    """What the clients of one run did, and the seconds the slowest of them took."""

    transfers: int
    warmed: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.transfers / self.seconds


class Clients:
    """The other process, seen from the one that measures."""

    def __init__(self, *, settings: str, url: str) -> None:
        source = str(Path(__file__).resolve().parents[3])
        path = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")]))
        environment = {"DJANGO_SETTINGS_MODULE": settings, "DATABASE_URL": url, "PYTHONPATH": path}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kyojo.doors.ops.bench_clients"],
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, work: str, *, clients: int, seconds: float, **job: Any) -> Done:
        """``clients`` processes do ``work`` for ``seconds``. Raises ``Failed`` if one could not."""
        assert self._process.stdin is not None and self._process.stdout is not None
        job |= {"work": work, "clients": clients, "seconds": seconds}
        try:
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and the empty answer below says so
        answer = json.loads(self._process.stdout.readline() or "{}")
        if "transfers" not in answer:
            raise Failed(f"{work}: {answer.get('error', 'the clients ended without a word')}")
        return Done(**answer)

    def stop(self) -> None:
        """End the process; safe to repeat."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


# --- inside the other process -----------------------------------------------------------------


def main() -> None:
    """Answer jobs until stdin ends."""
    import django

    django.setup()
    from . import bench_work

    for line in sys.stdin:
        job = json.loads(line)
        print(json.dumps(answer(bench_work.WORK[job["work"]], job)), flush=True)


def answer(make: Callable[[dict[str, Any], random.Random], Step], job: dict[str, Any]) -> Any:
    """Fork the clients of one job, let them go together, add up what they report."""
    go_read, go_write = os.pipe()
    reports = []
    for number in range(job["clients"]):
        report_read, report_write = os.pipe()
        if os.fork() == 0:
            os.close(go_write)
            client(make, job, number, go=go_read, report=report_write)
        os.close(report_write)
        reports.append(os.fdopen(report_read))
    os.close(go_read)
    ready = [report.readline() for report in reports]
    os.close(go_write)  # the end of this pipe is what all of them wait for
    told = [json.loads(line or "{}") for line in [r.readline() for r in reports]]
    for report in reports:
        report.close()
        os.wait()
    errors = [word.strip() for word in ready if word.strip() != "ready"]
    errors += [one.get("error", "ended without a word") for one in told if "done" not in one]
    if errors:
        return {"error": errors[0]}
    return {
        "transfers": sum(one["done"] for one in told),
        "warmed": sum(one["warmed"] for one in told),
        "seconds": max(one["seconds"] for one in told),
    }


def client(
    make: Callable[[dict[str, Any], random.Random], Step],
    job: dict[str, Any],
    number: int,
    *,
    go: int,
    report: int,
) -> None:
    """One client's whole life, in a forked process."""
    said = os.fdopen(report, "w")
    try:
        step = make(job | {"number": number}, random.Random(f"{job.get('seed')} {number}"))  # noqa: S311
        warmed = step() if job["seconds"] else 0  # connect and plan before the clock starts
        print("ready", file=said, flush=True)
        os.read(go, 1)
        done, began = 0, time.perf_counter()
        until = began + job["seconds"]
        while True:
            done += step()
            if time.perf_counter() >= until:
                break
        seconds = time.perf_counter() - began
        print(json.dumps({"done": done, "warmed": warmed, "seconds": seconds}), file=said)
    except Exception:  # noqa: BLE001 - whatever it was, the process that asked must hear of it
        print(json.dumps({"error": traceback.format_exc().splitlines()[-1]}), file=said)
        print(json.dumps({"error": "a client failed"}), file=said)
    said.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
