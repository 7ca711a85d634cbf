"""声をかけるようす: how asking in waves goes, and whether the chances that it goes by come true."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from kyojo.help.matching import asking_selectors
from kyojo.help.matching.models import AcceptanceFit

from .access import DeskRequest, page, staff


@dataclass(frozen=True)
class Step:
    """People whose chance lay together. Percent."""

    told: int
    came: int
    rows: int

    @property
    def apart(self) -> int:
        return self.came - self.told


@staff()
def home(request: DeskRequest) -> HttpResponse:
    fit = asking_selectors.acceptance_fit()
    return page(
        request,
        "asking.html",
        "requests",
        {"month": asking_selectors.asking_month(), "fit": fit, **_figures(fit)},
    )


def _figures(fit: AcceptanceFit | None) -> dict[str, Any]:
    """What the newest model's figures say, as whole percents; nothing where it has none."""
    figures = fit.model["figures"] if fit else {}
    if not figures or not figures["rows"]:
        return {"steps": []}
    return {
        "steps": [
            Step(round(100 * one["told"]), round(100 * one["came"]), one["rows"])
            for one in figures["bins"]
        ],
        "apart": f"{100 * figures['ece']:.1f}",
        "brier": f"{figures['brier']:.3f}",
        "brier_base": f"{figures['brier_base']:.3f}",
        "rows_checked": figures["rows"],
    }
