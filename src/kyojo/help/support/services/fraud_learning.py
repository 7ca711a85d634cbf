"""Every night a town's detector is learned anew from what its office has decided."""

from kyojo.civic.municipalities.rounds import towns_each, within
from kyojo.kernel import clock

from ..fraud import file
from ..fraud.correction import Labelled, learned
from ..fraud_selectors import decided_looks
from ..models import TownDetector


def detectors_learn() -> None:
    """Learn in every town."""
    towns_each(within(detector_learn), job="support.detectors_learn")


def detector_learn() -> TownDetector | None:
    """The current town's detector from all decisions so far, as a new row where they have changed
    since the last; None while nothing was decided. Again: nothing changes."""
    decided = decided_looks()
    if not decided:
        return None
    correction = learned(
        [
            Labelled(one.look.signs, one.look.margin, one.is_fake, by_lot=one.look.by_lot)
            for one in decided
        ]
    )
    flagged = [one for one in decided if not one.look.by_lot]
    chosen = [one for one in decided if one.look.by_lot]
    fields = {
        "model": file.shipped()[0],
        "decisions": len(decided),
        "fakes": sum(one.is_fake for one in decided),
        "looked": len(flagged),
        "right": sum(one.is_fake for one in flagged),
        "by_lot": len(chosen),
        "by_lot_fakes": sum(one.is_fake for one in chosen),
        "weights": dict(correction.weights),
    }
    last: TownDetector | None = TownDetector.objects.order_by("-number").first()
    if last is not None and all(getattr(last, name) == value for name, value in fields.items()):
        return last
    made: TownDetector = TownDetector.objects.create(
        number=last.number + 1 if last is not None else 1, made_at=clock.now(), **fields
    )
    return made
