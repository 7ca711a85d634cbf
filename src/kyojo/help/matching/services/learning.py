"""Learning who says yes from what was asked and answered, town by town."""

from datetime import datetime, timedelta

import numpy as np

from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock

from ..asking.features import FEATURES
from ..asking.hours import awake_between, local_hours
from ..asking.training import NO, SILENT, YES, LogRows, train
from ..models import AcceptanceFit, Ask, Offer

State = Offer.State
#: Older questions say nothing about today's people; the log of them is dropped.
KEPT = timedelta(days=730)
OUTCOMES = {"yes": YES, "no": NO, "": SILENT}


def acceptance_train() -> AcceptanceFit:
    """Fit the current town's model anew from its log, the prior where the log is thin. Once a day:
    again on the same day renews that day's model. Needs scipy, and some seconds."""
    version = f"{current()}-{clock.today():%Y-%m-%d}"
    rows = _rows()
    model = train(rows, version=version)
    fit, _ = AcceptanceFit.objects.update_or_create(
        version=version,
        defaults={"model": model.as_json(), "rows": len(rows), "fitted_at": clock.now()},
    )
    return fit  # type: ignore[no-any-return]


def asks_purge() -> int:
    """Drop the log of questions older than two years. Returns how many there were."""
    deleted, _ = Ask.objects.filter(asked_at__lt=clock.now() - KEPT).delete()
    return deleted


def _rows() -> LogRows:
    """The log as arrays: every question of a wave that has ended, the oldest first."""
    over = {
        uid: answered_at or expires_at
        for uid, answered_at, expires_at in Offer.objects.filter(is_direct=False)
        .exclude(state=State.NOTIFIED)
        .values_list("uid", "answered_at", "expires_at")
    }
    asks = [
        one
        for one in Ask.objects.order_by("asked_at", "id")
        if (one.answer or one.offer_uid in over) and len(one.facts) == len(FEATURES)
    ]
    asked = [_hours(one.asked_at) for one in asks]
    ended = [_hours(one.answered_at or over[one.offer_uid]) for one in asks]
    return LogRows(
        supporter=np.array([one.supporter_uid.int & (1 << 62) - 1 for one in asks], np.int64),
        matrix=np.array([one.facts for one in asks], np.float64).reshape(-1, len(FEATURES)),
        propensity=np.array([one.propensity for one in asks], np.float64),
        outcome=np.array([OUTCOMES[one.answer] for one in asks], np.int64),
        waited=np.array(awake_between(np.array(asked), np.array(ended)), np.float64),
        asked_at=np.array(asked, np.float64),
        ended_at=np.array(ended, np.float64),
    )


def _hours(moment: datetime) -> float:
    return local_hours(clock.local(moment))
