"""``simulate town --fraud``: faked visits in a made-up town, and which of them are found."""

import argparse
from dataclasses import replace
from typing import Any

from .errors import Bad
from .progress import progress


def report(options: argparse.Namespace) -> dict[str, Any]:
    """The report. Raises ``Bad`` for a file of patterns that cannot be used."""
    from kyojo.help.support.simulation.experiment import QUICK, Plan, experiment, patterns
    from kyojo.help.support.simulation.patterns import PatternUnusable

    plan = QUICK if options.quick else Plan()
    if options.seeds:
        plan = replace(plan, test=tuple(range(1, options.seeds + 1)))
    if options.patterns:
        plan = replace(plan, patterns_file=options.patterns.absolute())
    try:
        patterns(plan.patterns_file)
        with progress("faked visits") as say:
            return experiment(plan, processes=options.processes, say=say)
    except PatternUnusable as error:
        raise Bad(str(error)) from None


def model_write(options: argparse.Namespace) -> int:
    """Learn and write the file that the product reads. Raises ``Bad`` for towns other than the
    ones that it is made from."""
    from kyojo.help.support.fraud import file
    from kyojo.help.support.simulation import training
    from kyojo.help.support.simulation.experiment import Plan

    if options.quick or options.patterns or options.seeds:
        raise Bad("--write-model goes without --quick, --patterns and --seeds")
    training.model_write(file.PATH, Plan(), processes=options.processes)
    print(f"{file.PATH}: version {training.VERSION}")
    return 0


def table_print(found: dict[str, Any]) -> None:
    """The figures for a person to read."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title="each pattern left out of training, found at 1 % false alarms")
    strengths = list(
        dict.fromkeys(s for one in found["patterns"].values() for s in one["by_strength"])
    )
    for heading in ("pattern", "recall", *strengths, "false alarms", "precision of the queue"):
        table.add_column(heading, justify="left" if heading == "pattern" else "right")
    for name, one in found["patterns"].items():
        by_strength = (one["by_strength"].get(strength) for strength in strengths)
        values = (one["recall_at_1pct"], *by_strength, one["false_alarms_as_calibrated"])
        table.add_row(name, *map(_figure, (*values, one["precision_at_capacity"])))
    console.print(table)
    groups = Table(title="honest visits settled without staff")
    for heading in ("group", "share of visits", "settled", "flagged"):
        groups.add_column(heading, justify="left" if heading == "group" else "right")
    for name, one in found["honest_groups"].items():
        values = (one["share_of_visits"], one["settled_without_staff"], one["flagged"])
        groups.add_row(name.replace("_", " "), *map(_figure, values))
    console.print(groups)
    for name, value in found["figures"].items():
        console.print(f"{name.replace('_', ' ')}: {_figure(value)}")


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
