"""Looking at visits that ended: each once by the detector, the most striking by a person.

A visit that is looked at by a person keeps its coins held when it would be settled; everything else
goes on at once. What goes wrong here holds nothing back: it is logged, and the visit is settled.
"""

import hmac
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from kyojo.civic.municipalities.rounds import towns_each, within
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.programmes.domain import CoinRules
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from ..domain import State
from ..fraud import file
from ..fraud.correction import Correction
from ..fraud.facts import TownFacts
from ..fraud.tracks import kept_tracks
from ..fraud.watch import Watched, watch
from ..fraud_facts import cleared, town_facts, visits_in_view
from ..fraud_near import near_facts
from ..models import Evidence, Ruling, TownDetector, Visit, VisitLook, VisitScore
from .fraud_devices import device_shared
from .steps import Case

log = logging.getLogger(__name__)

#: So long after a visit ended it is scored.
LOOKED_AFTER_SECONDS = 15
#: A visit that ended longer ago is kept in view, and nobody is asked to look at it.
LOOKED_WITHIN = timedelta(days=14)
#: So many visits are scored while somebody waits; in a town with more, one alone is.
AT_ONCE = 250
#: One visit in so many that nothing is odd about is looked at, too, by lot.
LOT_ONE_IN = 100
#: Names the lock in which a town's queue is filled.
_QUEUE = 0x4C4F4F4B
#: States in which the coins of a visit that is looked at can still be held.
HOLDABLE = (State.ENDED, State.CONFIRMED, State.DISPUTED)
OPEN = (VisitLook.State.WAITING, VisitLook.State.WATCHING)


@dataclass(frozen=True)
class Candidate:
    """A visit that may be looked at. ``score`` above ``threshold``, or picked by lot."""

    visit: Visit
    score: float
    margin: float
    reasons: tuple[str, ...]
    signs: dict[str, float]
    by_lot: bool

    @property
    def holds(self) -> bool:
        """Whether its coins can still be held."""
        return not self.by_lot and self.visit.state in HOLDABLE


def visits_look() -> None:
    """Score in every town what ended since, and put what a person shall see into the queue."""
    towns_each(within(looks_close_decided, visits_score), job="support.visits_look")


def look_soon(municipality_id: int) -> None:
    """When this transaction has committed, the worker scores what ended in the town: once for all
    visits that end in these seconds, and before most carers answer."""
    transaction.on_commit(lambda: _look_order(municipality_id), robust=True)


def _look_order(municipality_id: int) -> None:
    job = app.configure_task(
        "support.town_look",
        queueing_lock=f"support.town_look/{municipality_id}",
        schedule_in={"seconds": LOOKED_AFTER_SECONDS},
    )
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(municipality_id=municipality_id)


def visits_score(confirming: UUID | None = None) -> int:
    """Score what has no score yet in the current town, and ``confirming`` in any case; open the
    looks. Again: nothing changes. Returns how many were scored."""
    try:
        rules = programme_current()[1]
    except ProgrammeMissing:
        return 0
    if not _is_due(confirming):
        return 0
    facts, here = town_facts()
    scored = VisitScore.objects.filter(visit_uid__in=here)
    known = set(scored.values_list("visit_uid", flat=True))
    fresh = {uid for uid in here if uid not in known or uid == confirming}
    if not fresh:
        return 0
    model, detector = file.shipped()
    learned = TownDetector.objects.order_by("-number").first()
    correction = correction_of(learned)
    found = watch(facts, detector, cleared=cleared(), correction=correction)
    number = learned.number if learned is not None else 0
    _scores_keep(facts, found, fresh, model=model, number=number)
    if found is not None and rules.evidence.reviews_per_day:
        candidates = _candidates(found, fresh)
        _looks_open(candidates, rules, model=model, number=number)
    return len(fresh)


def visit_score_near(visit: Visit) -> None:
    """Judge ``visit`` alone, now (``fraud_near``): whether a person looks at it. Its score and what
    stays of its positions are left to the job that sees the town; one that was scored before,
    without the phone that confirmed it, is scored again."""
    rules = programme_current()[1]
    facts = near_facts(visit)
    model, detector = file.shipped()
    learned = TownDetector.objects.order_by("-number").first()
    found = watch(facts, detector, cleared=cleared(), correction=correction_of(learned))
    if found is None or not facts.visits:
        return
    number = learned.number if learned is not None else 0
    if VisitScore.objects.filter(visit_uid=visit.uid).exists():
        _scores_keep(facts, found, [visit.uid], model=model, number=number)
    if rules.evidence.reviews_per_day:
        flagged = [one for one in _candidates(found, {visit.uid}) if not one.by_lot]
        _looks_open(flagged, rules, model=model, number=number)


def correction_of(learned: TownDetector | None) -> Correction:
    """What the town's own decisions change."""
    return Correction(learned.weights, learned.decisions) if learned is not None else Correction()


def _is_due(confirming: UUID | None) -> bool:
    """Whether anything ended that can be scored and is not: most rounds find nothing."""
    if confirming is not None:
        return True
    ended = visits_in_view().filter(place_municipality_id=current())
    return bool(ended.exclude(uid__in=VisitScore.objects.values("visit_uid")).exists())


def _scores_keep(
    facts: TownFacts, found: Watched | None, fresh: Iterable[UUID], *, model: str, number: int
) -> None:
    """Keep the scores, and what may stay of positions while they are still there."""
    from ..fraud.features import measure

    table = found.scored.seen.table if found is not None else measure(facts)
    tracks = kept_tracks(facts, table) if len(table) else {}
    by_uid = {visit.uid: visit for visit in facts.visits}
    now = clock.now()
    for uid in sorted(fresh):
        track, visit = tracks.get(str(uid)), by_uid[str(uid)]
        row = found.row_of(str(uid)) if found is not None else -1
        VisitScore.objects.update_or_create(
            visit_uid=uid,
            municipality_id=current(),
            defaults={
                "scored_at": now,
                "score": round(float(found.scored.scores[row]), 3) if found is not None else None,
                "threshold": round(found.scored.threshold, 3) if found is not None else None,
                "model": model,
                "town_number": number,
                **(
                    {
                        "accuracy_m": track.accuracy_m,
                        "numbers": dict(track.numbers),
                        "prints": sorted(visit.prints),
                    }
                    if track is not None
                    else {}
                ),
            },
        )


def _candidates(found: Watched, fresh: Iterable[UUID]) -> list[Candidate]:
    """What is above the threshold, and what the lot picks among the others."""
    since = clock.now() - LOOKED_WITHIN
    visits = {visit.uid: visit for visit in Visit.objects.filter(uid__in=fresh, ends_at__gte=since)}
    chosen = []
    for uid in sorted(visits):
        row = found.row_of(str(uid))
        score = float(found.scored.scores[row])
        margin = score - float(found.changes[row]) - found.scored.threshold
        flagged = bool(found.scored.flagged[row])
        if flagged or picked_by_lot(uid):
            chosen.append(
                Candidate(
                    visit=visits[uid],
                    score=round(score, 3),
                    margin=round(margin, 3),
                    reasons=found.reasons(row) if flagged else (),
                    signs=found.signs(row),
                    by_lot=not flagged,
                )
            )
    return sorted(
        chosen, key=lambda one: (one.by_lot, not one.holds, -one.score, str(one.visit.uid))
    )


def picked_by_lot(uid: UUID) -> bool:
    """Whether the lot picks this visit: nobody can tell beforehand, and it is the same each time
    somebody asks."""
    key = salted_hmac(f"kyojo.look_lot/{current()}", "", algorithm="sha256").digest()
    return int.from_bytes(hmac.digest(key, uid.bytes, "sha256")[:4]) % LOT_ONE_IN == 0


def _looks_open(candidates: list[Candidate], rules: CoinRules, *, model: str, number: int) -> None:
    """Put them into the queue, the most striking first, as many a day as the office looks at. One
    that is more striking takes the place of one that nobody has seen and that holds nothing yet."""
    if not candidates:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_QUEUE, current()])
    uids = [one.visit.uid for one in candidates]
    there = set(VisitLook.objects.filter(visit_uid__in=uids).values_list("visit_uid", flat=True))
    today = VisitLook.objects.filter(opened_at__gte=clock.at(clock.today(), 0))
    room = rules.evidence.reviews_per_day - today.count()
    for one in candidates:
        if one.visit.uid in there or (one.by_lot and room <= 0):
            continue
        if room <= 0 and not _place_made(one):
            continue
        room -= 1
        now = clock.now()
        VisitLook.objects.create(
            uid=new_id(),
            visit_uid=one.visit.uid,
            opened_at=now,
            due_at=now + timedelta(hours=rules.targets.dispute_hours),
            score=one.score,
            margin=one.margin,
            model=model,
            town_number=number,
            reasons=list(one.reasons),
            signs=one.signs,
            by_lot=one.by_lot,
            holds_coins=one.holds,
        )


def _place_made(one: Candidate) -> bool:
    """Take the least of today's looks away for this one: one that holds no coins, else a less
    striking one that holds none yet."""
    if not one.holds:
        return False
    today = VisitLook.objects.filter(
        opened_at__gte=clock.at(clock.today(), 0), state=VisitLook.State.WAITING
    )
    ended = Visit.objects.filter(state=State.ENDED).values("uid")
    weakest = (
        today.filter(holds_coins=False).order_by("-by_lot", "score", "id").first()
        or today.filter(score__lt=one.score, visit_uid__in=ended).order_by("score", "id").first()
    )
    if weakest is None or (weakest.holds_coins and not _is_idle(weakest)):
        return False
    # Somebody may have decided it meanwhile: then it stays.
    gone, _ = today.filter(pk=weakest.pk).delete()
    return gone > 0


def _is_idle(look: VisitLook) -> bool:
    """Whether the visit still waits for its carer and nobody is about to confirm it; it is held so
    until the look is gone."""
    visit = Visit.objects.select_for_update(skip_locked=True).filter(uid=look.visit_uid)
    return visit.filter(state=State.ENDED).first() is not None


def looks_close_decided() -> None:
    """Close what was decided on the visit's own page. Runs in a town."""
    waiting = VisitLook.objects.filter(state__in=OPEN)
    uids = list(waiting.filter(holds_coins=True).values_list("visit_uid", flat=True))
    over = Visit.objects.filter(uid__in=uids).exclude(state__in=HOLDABLE).values("uid")
    ruled = Ruling.objects.filter(visit_uid__in=uids, made_by_role="office").values("visit_uid")
    for done in (over, ruled):
        waiting.filter(visit_uid__in=done).update(
            state=VisitLook.State.CLOSED, decided_at=clock.now()
        )


# --- the gate -------------------------------------------------------------------------------------
def is_held_back(case: Case) -> bool:
    """Whether a person looks at this visit before its coins move. Asked when it would be settled:
    one that was not looked at yet, or that was confirmed with the supporter's own device, is
    scored now."""
    visit = case.visit
    with tenant(visit.place_municipality_id):
        look = VisitLook.objects.filter(visit_uid=visit.uid).first()
        if look is not None:
            return look.state in OPEN and not look.by_lot
        scored = VisitScore.objects.filter(visit_uid=visit.uid).exists()
        if scored and not device_shared(visit):
            return False
        try:
            with transaction.atomic():
                if visits_in_view().count() > AT_ONCE:
                    visit_score_near(visit)
                else:
                    visits_score(confirming=visit.uid)
        except Exception as error:  # noqa: BLE001 (nobody's coins wait for our mistakes)
            log.error("a visit was settled without a score: %s", type(error).__name__)
            return False
        return bool(
            VisitLook.objects.filter(visit_uid=visit.uid, state__in=OPEN, by_lot=False).exists()
        )


def traces_keep() -> None:
    """Before positions are erased: what may stay of them is kept. Runs in a town."""
    due = Evidence.objects.filter(
        purge_at__lte=clock.now(), position_encrypted__isnull=False
    ).values("visit_uid")
    missing = Visit.objects.filter(uid__in=due, place_municipality_id=current()).exclude(
        uid__in=VisitScore.objects.values("visit_uid")
    )
    if missing.exists():
        visits_score()
