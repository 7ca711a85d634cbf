"""``simulate town``: policies of asking in a made-up town, or faked visits, without a database."""

import argparse
import csv
import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import simulate_fraud
from .arguments import Parser
from .errors import Bad
from .progress import progress

if TYPE_CHECKING:
    from kyojo.help.matching.simulation.experiment import Measured

USAGE = (
    "simulate town [--fraud [--patterns FILE.py] [--quick] [--write-model]] [--policy NAME]"
    " [--seeds N] [--json]"
)
#: Metres of a degree of latitude.
DEGREE_METRES = 111_195.0
#: What the table shows of the metrics.
SHOWN = (
    "fill", "fill_vs_lp", "asks_per_fill", "time_to_yes_p50_hours", "time_to_yes_p90_hours",
    "redundant_yes_per_fill", "travel_minutes", "ece", "escalated",
)  # fmt: skip


def run(arguments: list[str]) -> int:
    """``./kyojo simulate …``. Raises ``Bad`` for input that cannot be used."""
    what = arguments[1] if len(arguments) > 1 else ""
    if what in {"-h", "--help"}:
        print(f"usage: ./kyojo {USAGE}; --help after the name tells more")
        return 0
    if what != "town":
        raise Bad(f"simulate what? {USAGE}")
    options = _parser().parse_args(arguments[2:])
    if not options.fraud and (options.patterns or options.quick or options.write_model):
        raise Bad("--patterns and --quick go with --fraud, --write-model too")
    if options.write_model:
        return simulate_fraud.model_write(options)
    report = simulate_fraud.report(options) if options.fraud else town(options)
    if options.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    elif options.fraud:
        simulate_fraud.table_print(report)
    else:
        table_print(report)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "simulate town",
        "Play policies of asking through a simulated town: who is asked when, who answers, what "
        "comes of it. The same seeds make the same towns. docs/reference/simulator.md tells more.",
    )
    several = ("ample", "ordinary", "tight")
    parser.add_argument("--supply", choices=(*several, "all"), default="ordinary")
    parser.add_argument("--response", choices=("fitted", "different", "all"), default="fitted")
    parser.add_argument(
        "--policy", action="append", metavar="NAME", help="repeat for several; 'all' for all"
    )
    parser.add_argument(
        "--seeds", type=_whole(1, 100), help="how many towns: 1 unless said, 2 with --fraud"
    )
    parser.add_argument("--weeks", type=_whole(1, 52), default=8, help="measured weeks")
    parser.add_argument("--warm-up", type=_whole(0, 26), default=4, help="weeks before these")
    parser.add_argument(
        "--requests", type=_whole(5, 500), default=60, metavar="N", help="requests a week"
    )
    parser.add_argument(
        "--points", type=Path, metavar="FILE.csv", help="where people live: columns lat and lon"
    )
    fraud = parser.add_argument_group("faked visits")
    fraud.add_argument(
        "--fraud", action="store_true", help="instead: find fakes of kinds left out of training"
    )
    fraud.add_argument(
        "--patterns", type=Path, metavar="FILE.py", help="more kinds of fakes; the file is run"
    )
    fraud.add_argument("--quick", action="store_true", help="smaller towns, half a minute")
    fraud.add_argument(
        "--write-model",
        action="store_true",
        help="instead: learn from all kinds and write the detector that the product ships",
    )
    parser.add_argument("--processes", type=_whole(1, 64), default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _whole(low: int, high: int) -> Any:
    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number, {low} to {high}")
        return int(text)

    return read


def town(options: argparse.Namespace) -> dict[str, Any]:
    """The report of a simulation. Raises ``Bad`` for a policy or a file that is not there."""
    from kyojo.help.matching.asking.acceptance import PRIOR
    from kyojo.help.matching.simulation.experiment import Plan, compared, policies
    from kyojo.help.matching.simulation.responses import MODELS
    from kyojo.help.matching.simulation.town import SUPPLY, Setting

    known = tuple(policies(PRIOR))
    names = tuple(dict.fromkeys(options.policy or ["ours"]))
    unknown = [name for name in names if name not in (*known, "all")]
    if unknown:
        raise Bad(f"there is no policy '{unknown[0]}': all, {', '.join(known)}")
    plan = Plan(
        setting=Setting(
            requests_a_week=float(options.requests),
            warm_up_weeks=options.warm_up,
            weeks=options.weeks,
            points=points_read(options.points) if options.points else None,
        ),
        supplies=tuple(SUPPLY) if options.supply == "all" else (options.supply,),
        responses=tuple(MODELS) if options.response == "all" else (options.response,),
        seeds=tuple(range(1, (options.seeds or 1) + 1)),
        names=known if "all" in names else names,
    )
    with progress("simulating") as say:
        found, models = compared(plan, processes=options.processes, say=say)
    return {
        "name": "town",
        "setting": {
            "requests_a_week": plan.setting.requests_a_week,
            "supporters_a_weekly_request": {one: SUPPLY[one] for one in plan.supplies},
            "warm_up_weeks": plan.setting.warm_up_weeks,
            "weeks": plan.setting.weeks,
            "points": len(plan.setting.points or ()) or "synthetic",
            "seeds": list(plan.seeds),
        },
        "figures": figures(found),
        "models": {supply: model.as_json() for supply, model in models.items()},
    }


def figures(found: "Measured") -> dict[str, Any]:
    """supply → response → policy → mean of each metric over the seeds."""
    from kyojo.help.matching.simulation.experiment import summary

    return {
        supply: {
            response: {name: summary(runs) for name, runs in by_name.items()}
            for response, by_name in by_response.items()
        }
        for supply, by_response in found.items()
    }


def points_read(path: Path) -> tuple[tuple[float, float], ...]:
    """Metres east and north of the file's middle, of each line's ``lat`` and ``lon``."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        said = error.strerror if isinstance(error, OSError) else "not CSV in UTF-8"
        raise Bad(f"cannot read {path}: {said}") from None
    if not rows or not {"lat", "lon"} <= set(rows[0]):
        raise Bad(f"{path} has no lines with the columns lat and lon")
    places = []
    for number, row in enumerate(rows, 2):
        try:
            lat, lon = float(row["lat"]), float(row["lon"])
        except (TypeError, ValueError):
            raise Bad(f"{path}, line {number}: lat and lon are not numbers") from None
        if not (20 <= lat <= 46 and 122 <= lon <= 155):
            raise Bad(f"{path}, line {number}: {lat}, {lon} is not in Japan")
        places.append((lat, lon))
    north = sum(lat for lat, _ in places) / len(places)
    east = sum(lon for _, lon in places) / len(places)
    wide = DEGREE_METRES * math.cos(math.radians(north))
    return tuple(((lon - east) * wide, (lat - north) * DEGREE_METRES) for lat, lon in places)


def table_print(report: dict[str, Any]) -> None:
    """A line a policy, for a person to read."""
    from rich.console import Console
    from rich.table import Table

    for supply, by_response in report["figures"].items():
        for response, by_name in by_response.items():
            table = Table(title=f"{supply} supply, {response} responses")
            table.add_column("policy")
            for name in SHOWN:
                table.add_column(name.replace("_", " "), justify="right")
            for policy, metrics in by_name.items():
                table.add_row(policy, *(f"{metrics[name]:.2f}" for name in SHOWN))
            Console().print(table)
