"""``bench web``: the page on which a carer sees who could come, in a town of 100,000 supporters.

The whole way of a request in this process, from the URL to the last byte of the page: session,
tenant, queries, ranking, template. Beside it, in turn, a page that reads the login and says so.
"""

import argparse
import os
import platform
import time
from collections.abc import Mapping
from statistics import median
from typing import Any

import numpy as np

from .bench_ground import Size as LedgerSize
from .bench_ground import ground, machine
from .errors import Failed
from .progress import progress

DESCRIPTION = (
    "Measure the page of candidates in a town of 100,000 supporters. Takes about two minutes; the "
    "figures mean something on a quiet machine only."
)
SUPPORTERS, QUICK_SUPPORTERS = 100_000, 10_000
LOOKS, QUICK_LOOKS, REQUESTS = 400, 60, 8
DATABASE = "kyojo_web"
#: What the design asks for.
PROMISED = ("candidate_page_p95_ms",)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing that only this benchmark can be told."""


def checked(options: argparse.Namespace) -> dict[str, Any]:
    """The arguments of ``measure`` beside ``quick``: none."""
    return {}


def summary(report: Mapping[str, Any]) -> str:
    """The figures that are promised, in one line."""
    return ", ".join(f"{name} {report['figures'][name]}" for name in PROMISED)


def measure(*, quick: bool) -> dict[str, Any]:
    """The report. Raises ``Failed`` where a page was not one."""
    load_average = os.getloadavg()[0]  # before we are the load ourselves
    people, looks = (QUICK_SUPPORTERS, QUICK_LOOKS) if quick else (SUPPORTERS, LOOKS)
    with progress("measuring") as say, ground(LedgerSize(0, 0, 0, 0, 0, 0)) as server:
        say(0, 3, "a town")
        from .bench_web_town import town_make

        server.cluster.database_ensure(DATABASE)
        town = town_make(server, DATABASE, people=people, requests=REQUESTS)
        say(1, 3, "pages")
        with town.clock():
            figures, ratios = pages(town.client, town.urls, looks)
        say(3, 3, "")
        told = machine(server) | {"load_average_before": round(load_average, 2)}
    told.pop("pgbench_scale")
    return {
        "name": "web",
        "machine": {**told, "system": platform.system(), "supporters": people, "looks": looks},
        "figures": figures,
        "ratios": ratios,
        "skipped": [],
    }


def pages(client: Any, urls: list[str], looks: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Each look another request's candidates, and after it the plain page."""
    figures: dict[str, Any] = {"candidate_page_first_seconds": round(seconds(client, urls[0]), 2)}
    for url in urls:
        seconds(client, url)
    ours, plain = [], []
    for number in range(looks):
        ours.append(1_000 * seconds(client, urls[number % len(urls)]))
        plain.append(1_000 * seconds(client, PLAIN))
    for name, took in (("candidate_page", ours), ("plain_page", plain)):
        figures[f"{name}_p50_ms"] = round(float(np.percentile(took, 50)), 1)
        figures[f"{name}_p95_ms"] = round(float(np.percentile(took, 95)), 1)
    return figures, {"candidate_page_vs_plain_page": round(median(ours) / median(plain), 1)}


#: Reads the session and the login, and little else.
PLAIN = "/me/name/"


def seconds(client: Any, url: str) -> float:
    """How long ``url`` took. Raises ``Failed`` for anything but a page."""
    began = time.perf_counter()
    answer = client.get(url)
    took = time.perf_counter() - began
    if answer.status_code != 200:
        raise Failed(f"{url.split('/')[1]}: no page but {answer.status_code}")
    return took
