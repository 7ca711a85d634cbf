"""``bench ledger|matching|notify|web``: how fast it is, beside a yardstick of the same minutes.

One JSON object on stdout, ``{"name", "machine", "figures", "ratios"}``; everything else, the bar
included, goes to stderr. ``benchmarks/`` tells what each figure means and keeps a baseline.

A benchmark is a module with

* ``DESCRIPTION``: a sentence for ``--help``;
* ``arguments(parser)``: adds the options that only it has;
* ``checked(options)``: the keyword arguments of ``measure``; raises ``Bad`` for what cannot be;
* ``measure(*, quick, …)``: the report;
* ``summary(report)``: what is worth saying in one line.
"""

import importlib
import json
import sys

from .arguments import Parser
from .errors import Bad

#: What can be measured → its module.
BENCHES = {
    "ledger": "bench_ledger",
    "matching": "bench_matching",
    "notify": "bench_notify",
    "web": "bench_web",
}
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
    module = importlib.import_module(f"kyojo.doors.ops.{BENCHES[what]}")
    parser = Parser(f"bench {what}", module.DESCRIPTION)
    parser.add_argument("--quick", action="store_true", help="shorter runs, rougher figures")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    module.arguments(parser)
    options = parser.parse_args(arguments[2:])
    if not options.json:
        raise Bad("the report is JSON: say --json")
    report = module.measure(quick=options.quick, **module.checked(options))
    load = report["machine"]["load_average_before"]
    busy = [f"the machine was busy (load {load}): measure again when it is quiet"]
    for line in (*(busy if load > BUSY else []), *report["skipped"], module.summary(report)):
        print(f"kyojo: {line}", file=sys.stderr)
    json.dump(report, sys.stdout, indent=2, ensure_ascii=False)
    print()
    return 0
