"""``bench notify``: our way of asking beside others, in simulated towns under the same rules."""

import os
import platform
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from .arguments import Parser
from .progress import progress

DESCRIPTION = (
    "Play every policy of asking through the same simulated towns, five seeds, three levels of "
    "supply and two ways of answering, with reply delays. Needs no database. Takes about six "
    "minutes on two cores, --quick two."
)
#: The most questions a visit may cost.
ASKS_PER_FILL_MOST = 15.0
#: Ratio → (metric of ours, whether more is better).
OURS = {
    "fill_vs_lp": True, "fill_vs_sharper_lp": True, "asks_per_fill": False,
    "time_to_yes_p90_hours": False, "ece": False,
}  # fmt: skip
USUAL = "ordinary"


def arguments(parser: Parser) -> None:
    """No options but those of every benchmark."""


def checked(options: Namespace) -> dict[str, Any]:
    return {}


def measure(*, quick: bool) -> dict[str, Any]:
    """Measure everything; the report."""
    from kyojo.help.matching.simulation.experiment import Plan, compared
    from kyojo.help.matching.simulation.town import SUPPLY, Setting

    from .simulate import figures

    plan = Plan(setting=Setting(weeks=4), seeds=(1, 2, 3, 4, 5))
    if quick:
        plan = Plan(setting=Setting(weeks=3, warm_up_weeks=2), seeds=(1, 2))
    load_average = os.getloadavg()[0]
    processes = os.cpu_count() or 1
    with progress("simulating") as say:
        found, models = compared(plan, processes=processes, say=say)
    by_supply = figures(found)
    return {
        "name": "notify",
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.system(),
            "python": platform.python_version(),
            "load_average_before": round(load_average, 2),
            "seeds": list(plan.seeds),
            "weeks": plan.setting.weeks,
            "warm_up_weeks": plan.setting.warm_up_weeks,
            "requests_a_week": plan.setting.requests_a_week,
            "supporters_a_weekly_request": dict(SUPPLY),
        },
        "figures": by_supply,
        "ratios": ratios(by_supply),
        "models": {supply: model.as_json() for supply, model in models.items()},
        "skipped": [],
    }


def ratios(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Ours with ordinary supply, and ``…_worst`` of the supplies; the best baseline of the ordinary
    and of ours' worst supply beside it; ``…_different``: where people answer in another way
    than the model was fitted to."""
    from kyojo.help.matching.simulation.experiment import OURS as OUR_NAME

    found: dict[str, Any] = {}
    for response, suffix in (("fitted", ""), ("different", "_different")):
        ours = {supply: by[response][OUR_NAME] for supply, by in figures.items()}
        for metric, more_is_better in OURS.items():
            values = {supply: one[metric] for supply, one in ours.items()}
            worst = min(values.values()) if more_is_better else max(values.values())
            found[f"ours_{metric}{suffix}"] = values[USUAL]
            found[f"ours_{metric}{suffix}_worst"] = worst
        weakest = min(ours, key=lambda supply: ours[supply]["fill_vs_lp"])
        for supply, which in ((USUAL, ""), (weakest, "_worst")):
            name = best_baseline(figures[supply][response])
            theirs = figures[supply][response][name]
            found[f"best_baseline{suffix}{which}"] = name
            for metric in ("fill_vs_lp", "asks_per_fill", "time_to_yes_p90_hours"):
                found[f"best_baseline_{metric}{suffix}{which}"] = theirs[metric]
    return found


def best_baseline(by_name: Mapping[str, Any]) -> str:
    """Who fills most among those that keep to the most questions a visit; among all where none
    does."""
    from kyojo.help.matching.simulation.experiment import is_baseline

    others = [name for name in by_name if is_baseline(name)]
    thrifty = [n for n in others if by_name[n]["asks_per_fill"] <= ASKS_PER_FILL_MOST]
    return max(thrifty or others, key=lambda name: by_name[name]["fill_vs_lp"])


def summary(report: Mapping[str, Any]) -> str:
    """Ours beside the best baseline, in one line."""
    r = report["ratios"]
    return (
        f"ours fills {r['ours_fill_vs_lp']} of the bound at {r['ours_asks_per_fill']} questions a "
        f"visit (worst supply {r['ours_fill_vs_lp_worst']} at {r['ours_asks_per_fill_worst']}), "
        f"{r['best_baseline']} {r['best_baseline_fill_vs_lp']} at "
        f"{r['best_baseline_asks_per_fill']}"
    )
