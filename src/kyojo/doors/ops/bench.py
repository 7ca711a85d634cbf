"""``bench ledger``: how fast it is, beside a yardstick measured in the same minutes.

One JSON object on stdout, ``{"name", "machine", "figures", "ratios"}``; everything else, the bar
included, goes to stderr. ``benchmarks/`` tells what each figure means and keeps a baseline.
"""

import importlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .arguments import Parser
from .errors import Bad

#: What can be measured → module with ``measure(options) -> report``.
BENCHES = {"ledger": "bench_ledger"}
#: Processes that run beside a benchmark and do not spoil it.
BUSY = 0.5
USAGE = f"bench {'|'.join(sorted(BENCHES))} [--quick] --json"


def run(arguments: list[str]) -> int:
    """``./kyojo bench …``: reads the arguments before anything is started."""
    what = arguments[1] if len(arguments) > 1 else ""
    if what in {"-h", "--help"}:
        print(f"usage: ./kyojo {USAGE}; --help after the name tells more")
        return 0
    if what not in BENCHES:
        raise Bad(f"bench what? {USAGE}")
    parser = Parser(
        f"bench {what}",
        "Measure the ledger beside pgbench on a server of its own, which is thrown away. Takes "
        "about ten minutes, --quick two; the figures mean something on a quiet machine only.",
    )
    parser.add_argument("--quick", action="store_true", help="shorter runs on fewer rows")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.add_argument(
        "--pgledger",
        type=Path,
        metavar="FILE",
        help="measure pgledger too, from its SQL (pgledger.sql of a checkout)",
    )
    options = parser.parse_args(arguments[2:])
    if not options.json:
        raise Bad("the report is JSON: say --json")
    if options.pgledger is not None and not os.access(options.pgledger, os.R_OK):
        raise Bad(f"cannot read {options.pgledger}")
    if options.pgledger is not None and not options.pgledger.is_file():
        raise Bad(f"{options.pgledger} is not a file")
    report = importlib.import_module(f"kyojo.doors.ops.{BENCHES[what]}").measure(
        quick=options.quick, pgledger=options.pgledger
    )
    load = report["machine"]["load_average_before"]
    busy = [f"the machine was busy (load {load}): measure again when it is quiet"]
    for line in (*(busy if load > BUSY else []), *report["skipped"], summary(report)):
        print(f"kyojo: {line}", file=sys.stderr)
    json.dump(report, sys.stdout, indent=2, ensure_ascii=False)
    print()
    return 0


def summary(report: Mapping[str, Any]) -> str:
    """The ratios in one line, with the time of a flush, which moves all of them."""
    told = [f"{name} {ratio}" for name, ratio in report["ratios"].items() if ratio is not None]
    return f"one fsync takes {report['machine']['fsync_milliseconds']} ms; {', '.join(told)}"
