"""kill -9 in the middle of load: of a client, of a server's backend, of PostgreSQL itself.

Afterwards nothing that was acknowledged is lost, nothing is applied twice, and the ledger's check
is green; every client goes on from its journal without anybody's help.
"""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kyojo.doors.ops import postgres_processes as processes

from .storm import Storm

KINDS = ("client", "backend", "postmaster")
pytestmark = pytest.mark.skipif(not processes.LINUX, reason="reads /proc")


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Callable[[int], Storm]]:
    started: list[Storm] = []

    def begin(seed: int) -> Storm:
        started.append(Storm(tmp_path, seed))
        started[-1].start()
        return started[-1]

    yield begin
    for one in started:
        one.stop()


def kinds(count: int, seed: int) -> list[str]:
    """Every kind as often as the others, in a random order."""
    chosen = [KINDS[number % len(KINDS)] for number in range(count)]
    random.Random(seed).shuffle(chosen)
    return chosen


def run(storm: Storm, count: int) -> dict[str, Any]:
    for kind in kinds(count, storm.seed):
        storm.kill(kind)
        storm.verify()
    told = storm.end()
    print(json.dumps(told))
    assert sum(told["kills"].values()) == count
    assert set(told["kills"]) == set(KINDS)
    return told


def test_five_kills_lose_nothing_and_repeat_nothing(storm: Callable[[int], Storm]) -> None:
    told = run(storm(20260401), 5)
    assert told["transfers_acknowledged"] > 100


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_hundred_kills_lose_nothing_and_repeat_nothing(storm: Callable[[int], Storm]) -> None:
    told = run(storm(20270331), 105)
    # Orders whose answer was lost with a server, of both fates: written before, and not.
    assert told["sent_again"]["exists"] > 0
    assert told["sent_again"]["ok"] > 0
