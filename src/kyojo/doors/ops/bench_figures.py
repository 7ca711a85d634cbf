"""From counted runs to a report. Pure: no clock, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

#: ratio → (figure, figure it is divided by). A figure is the median of its runs.
RATIOS = {
    "random_8_vs_tpcb": ("random_8", "tpcb_8"),
    "hot_32_vs_tpcb": ("hot_32", "tpcb_32"),
    "batch_vs_single": ("batch_1", "random_1"),
    "batch_vs_copy": ("batch_1", "copy_1"),
    # Cost is time, the other way up from speed.
    "million_vs_10k_cost": ("small_random_8", "random_8"),
    "service_8_vs_tpcb": ("service_random_8", "tpcb_8"),
    "service_vs_hordak": ("service_random_8", "hordak_random_8"),
    "service_vs_pgledger": ("service_random_8", "pgledger_client_random_8"),
}


@dataclass
class Figures:
    """What was measured: per figure, a speed for each run."""

    units: dict[str, str] = field(default_factory=dict)
    runs: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, per_second: float, unit: str) -> None:
        """Keep the speed of one run. ``unit`` is what there was so many of in a second."""
        assert per_second > 0, f"{name} did nothing"
        assert self.units.setdefault(name, unit) == unit, f"{name} in two units"
        self.runs.setdefault(name, []).append(per_second)

    def median(self, name: str) -> float | None:
        """The median of the runs of ``name``, or None where it was not measured."""
        found = self.runs.get(name)
        return median(found) if found else None

    def as_json(self) -> dict[str, Any]:
        """``{name: {"unit", "median", "runs"}}``, speeds per second."""
        return {
            name: {
                "unit": f"{self.units[name]}/s",
                "median": round(median(found), 1),
                "runs": [round(speed, 1) for speed in found],
            }
            for name, found in self.runs.items()
        }


def ratios(figures: Figures) -> dict[str, float | None]:
    """The ratios of ``RATIOS``; None where one of its figures was not measured."""
    answer: dict[str, float | None] = {}
    for name, (over, under) in RATIOS.items():
        above, below = figures.median(over), figures.median(under)
        answer[name] = None if above is None or below is None else round(above / below, 3)
    return answer


def report(
    *, name: str, machine: Mapping[str, Any], figures: Figures, skipped: Sequence[str]
) -> dict[str, Any]:
    """The object that ``./kyojo bench … --json`` prints."""
    return {
        "name": name,
        "machine": dict(machine),
        "figures": figures.as_json(),
        "ratios": ratios(figures),
        "skipped": list(skipped),
    }
