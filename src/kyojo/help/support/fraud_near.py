"""One visit as its town knows it, without the whole town: the visits of its people and phones, and
of the rest only sums and the tracks that it could be a copy of. Runs inside ``tenancy.tenant``.

A job has the town's visits in view at once; whoever presses 「確認する」 does not wait for that.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import numpy as np
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.programmes.selectors import programme_current
from kyojo.kernel import clock

from .evidence import Kind
from .fraud.facts import Beyond, TownFacts, Track
from .fraud_facts import ELSEWHERE, Town, elsewhere, light, moment, visits_in_view
from .models import DevicePress, Evidence, Visit, VisitScore

Pairs = Counter[tuple[UUID, UUID]]


def near_facts(visit: Visit) -> TownFacts:
    """The facts by which ``visit`` alone is judged; without visits where it is not in view."""
    away = _away()
    pairs = _pairs(away)
    uids = _near(visit, pairs)
    rows = list(light(visits_in_view().filter(uid__in=uids)))
    if visit.uid not in {one.uid for one in rows}:
        rows = []
    sides = {one.supporter_uid for one in rows}
    near = rows + [one for one in away if one.supporter_uid in sides]
    town = Town(
        near,
        programme_current()[1].evidence,
        people={uid for pair in pairs for uid in pair},
        origin=_origin(),
    )
    return town.facts(_beyond(town, visit, pairs, away) if near else None)


def _away() -> list[Visit]:
    """What supporters of other towns did there lately."""
    lately = visits_in_view().filter(ends_at__gte=clock.now() - ELSEWHERE)
    only = ("uid", "supporter_uid", "supporter_municipality_id", "ends_at")
    return elsewhere(lately.exclude(supporter_municipality_id=current()).only(*only))


def _pairs(away: Iterable[Visit]) -> Pairs:
    counted = visits_in_view().order_by().values_list("supporter_uid", "carer_uid")
    found: Pairs = Counter({(one, other): n for one, other, n in counted.annotate(n=Count("pk"))})
    found.update((one.supporter_uid, one.carer_uid) for one in away)
    return found


def _near(visit: Visit, pairs: Pairs) -> set[UUID]:
    """Whose surprises are added up for this visit, and on what its own figures rest: the visits of
    both people in either part, of who else came to this carer, and of the same phones."""
    sides = (visit.carer_uid, visit.supporter_uid)
    beside = {one for one, other in pairs if other == visit.carer_uid}
    theirs = visits_in_view().filter(
        Q(carer_uid__in=sides) | Q(supporter_uid__in=beside | set(sides))
    )
    phones = DevicePress.objects.filter(visit_uid=visit.uid).values("device")
    by_phone = DevicePress.objects.filter(device__in=phones)
    return {
        *theirs.values_list("uid", flat=True),
        *by_phone.values_list("visit_uid", flat=True),
    }


def _origin() -> Visit | None:
    """The town's first visit in view that has a place."""
    found: Visit | None = light(visits_in_view().filter(latitude__isnull=False)).first()
    return found


# --- the rest of the town -------------------------------------------------------------------------
def _beyond(town: Town, visit: Visit, pairs: Pairs, away: list[Visit]) -> Beyond:
    span = visits_in_view().aggregate(first=Min("starts_at"), last=Max("starts_at"))
    starts = [span["first"], span["last"], *(one.starts_at for one in away)]
    own = town.evidence.get(visit.uid, [])
    others = visits_in_view().exclude(uid__in=town.uids)
    return Beyond(
        visits=sum(pairs.values()),
        pairs={(str(one), str(other)): n for (one, other), n in pairs.items()},
        kinds=_kinds(len(away)),
        coins_an_hour=_coins_an_hour(away),
        first=moment(min(starts)),
        last=moment(max(starts)),
        tracks=_tracks(town, others, sum(one.position_encrypted is not None for one in own)),
        prints=_prints(town, visit),
    )


def _kinds(away: int) -> dict[tuple[str, ...], int]:
    """Which kinds of proofs come together, and at how many visits; of ``away`` none are known."""
    marks = Evidence.objects.filter(visit_uid=OuterRef("uid")).exclude(kind=Kind.OFFICE_WORD)
    of_visit = visits_in_view().annotate(
        kinds=ArraySubquery(marks.order_by().values("kind").distinct())
    )
    found: Counter[tuple[str, ...]] = Counter({(): away})
    for kinds, n in of_visit.order_by().values_list("kinds").annotate(n=Count("pk")):
        found[tuple(sorted(kinds))] += n
    return found


def _coins_an_hour(away: Iterable[Visit]) -> float:
    """The median of what visits bring, as ``fraud.times`` counts it."""
    length = F("ends_at") - F("starts_at")
    groups = (
        visits_in_view().order_by().annotate(length=length).values_list("amount_coins", "length")
    )
    found: Counter[tuple[int, timedelta]] = Counter(
        {(coins, length): n for coins, length, n in groups.annotate(n=Count("pk"))}
    )
    found.update((one.amount_coins, one.ends_at - one.starts_at) for one in away)
    rates = [coins / max(length / timedelta(hours=1), 0.1) for coins, length in found]
    return float(np.median(np.repeat(rates, list(found.values())))) if rates else 0.0


def _tracks(town: Town, others: QuerySet[Visit], length: int) -> tuple[Track, ...]:
    """Tracks of as many positions, of which this one could be a copy that was moved."""
    if length < 2:
        return ()
    located = Evidence.objects.filter(position_encrypted__isnull=False)
    as_long = (
        located.order_by()
        .values("visit_uid")
        .annotate(n=Count("pk"))
        .filter(n=length)
        .values("visit_uid")
    )
    rows = {one.uid: one for one in light(others.filter(uid__in=as_long))}
    beside: dict[UUID, list[Evidence]] = {uid: [] for uid in rows}
    for mark in located.filter(visit_uid__in=rows):
        beside[mark.visit_uid].append(mark)
    return tuple(town.track(rows[uid], marks) for uid, marks in beside.items())


def _prints(town: Town, visit: Visit) -> frozenset[str]:
    """Which of this visit's positions were told in another one, too."""
    own = sorted(town.prints(town.evidence.get(visit.uid, [])))
    if not own:
        return frozenset()
    again = VisitScore.objects.filter(prints__has_any_keys=own).exclude(visit_uid__in=town.uids)
    return frozenset(mark for prints in again.values_list("prints", flat=True) for mark in prints)
