"""kill -9 in the middle of load: of a client, of a server's backend, of PostgreSQL itself, and of
the process that keeps the logs.

Afterwards nothing that was acknowledged is lost, nothing is applied twice, every transfer is logged
once, and the ledger's check is green; everybody goes on without anybody's help.
"""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kyojo.doors.ops import postgres_processes as processes

from .storm import Storm

#: Of the issue's three kinds, and the keeper of the logs.
KINDS = ("client", "backend", "postmaster", "keeper")
#: The whole check reads every row and leaf again: asked now and then in a storm, and at its end.
CHECKED_EVERY = 10
pytestmark = pytest.mark.skipif(not processes.LINUX, reason="reads /proc")


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Callable[[int], Storm]]:
    begun: list[Storm] = []

    def begin(seed: int) -> Storm:
        begun.append(Storm(tmp_path, seed))
        begun[-1].start()
        return begun[-1]

    yield begin
    for one in begun:
        one.stop()


def kinds(count: int, seed: int) -> list[str]:
    """Every kind as often as the others, in a random order."""
    chosen = [KINDS[number % len(KINDS)] for number in range(count)]
    random.Random(seed).shuffle(chosen)
    return chosen


def run(storm: Storm, count: int) -> dict[str, Any]:
    for number, kind in enumerate(kinds(count, storm.seed), 1):
        storm.kill(kind)
        storm.verify(rules=number % CHECKED_EVERY == 0)
    told = storm.end()
    print(json.dumps(told))
    assert sum(told["kills"].values()) == count
    assert set(told["kills"]) == set(KINDS)
    return told


def test_five_kills_lose_nothing_and_repeat_nothing(storm: Callable[[int], Storm]) -> None:
    told = run(storm(20260401), 5)
    assert told["transfers_acknowledged"] > 100


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_over_a_hundred_kills_lose_nothing_and_repeat_nothing(
    storm: Callable[[int], Storm],
) -> None:
    told = run(storm(20270331), 140)
    # Orders whose answer was lost with a server, of both fates: written before, and not.
    assert told["sent_again"]["exists"] > 0
    assert told["sent_again"]["ok"] > 0
    assert told["rounds_cut"] > 10
