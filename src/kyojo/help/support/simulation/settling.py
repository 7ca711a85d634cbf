"""What becomes of a visit by the product's own rule, before any look at fraud."""

import math
from dataclasses import replace
from functools import cache

import numpy as np

from kyojo.civic.programmes.document import parse
from kyojo.civic.programmes.domain import EvidenceRule
from kyojo.civic.programmes.rules.presets import preset

from ..evidence import Decision, Mark, Verdict, decide
from ..fraud.facts import VisitFacts


@cache
def rule_usual() -> EvidenceRule:
    """The rule of evidence of the programme that comes with the product."""
    return parse(preset("kyojo-coin")).evidence


def decision(visit: VisitFacts, rule: EvidenceRule | None = None) -> Decision:
    """The product's decision about the visit's evidence."""
    rule = rule or rule_usual()
    opens = visit.starts_at - rule.window_before_minutes / 60
    closes = visit.ends_at + rule.window_after_minutes / 60
    marks = [
        Mark(
            kind=mark.kind,
            moment=mark.moment,
            in_window=opens <= mark.device_at <= closes,
            distance_m=None
            if mark.position is None
            else round(math.dist(mark.position, visit.place)),
            accuracy_m=None if mark.accuracy_m is None else round(mark.accuracy_m),
            is_late=mark.server_at > closes + 0.05,
        )
        for mark in visit.marks
    ]
    return decide(
        marks=marks,
        booked_minutes=round(visit.booked_minutes),
        spent_minutes=round(visit.spent_minutes),
        rule=rule,
    )


def confirmed(
    visit: VisitFacts, rng: np.random.Generator, *, answers_hours: float, device: str
) -> VisitFacts:
    """The visit with its carer's answer, or with what silence becomes."""
    verdict = decision(visit).verdict
    answers = rng.random() < (0.9 if verdict is Verdict.SETTLE else 0.96)
    after = min(float(rng.lognormal(math.log(answers_hours), 0.8)) + 0.01, 47.0)
    objects = rng.random() < 0.003
    if answers and not objects and verdict is not Verdict.OFFICE:
        return replace(
            visit,
            confirmed_at=visit.ended_at + after,
            confirmed_by="carer",
            confirm_device=device,
        )
    if verdict is Verdict.SETTLE and not objects:
        return replace(visit, confirmed_at=visit.ended_at + 60, confirmed_by="automatic")
    late = float(rng.uniform(48, 120))
    return replace(visit, confirmed_at=visit.ended_at + late, confirmed_by="office")


def settled_without_staff(visit: VisitFacts) -> bool:
    """Whether the evidence and the carer settled it: no office, no correction by hand."""
    by_office = any(mark.kind == "office_word" for mark in visit.marks)
    return visit.confirmed_by in {"carer", "automatic"} and not by_office and not visit.edits
