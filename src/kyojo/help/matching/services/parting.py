"""What stands open ends at once: between two people who are not to meet, and of somebody who is
suspended. Nobody learns why: a question ends as it does after a no, or when it is taken back.

Locks: requests, offers, then people. Whoever asks at this very moment is waited for: a new question
points to its supporter, and ``offering`` looks at the blocks once more when it stands.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.twins import twins_locked
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import persons_lock
from kyojo.help.requests.models import HelpRequest, Series
from kyojo.help.requests.services import series_locked
from kyojo.kernel import clock

from .. import words
from ..domain import STANDING
from ..models import Ask, Offer, Proposal, Search
from .answers import end, request_of
from .series import series_leave, series_unset
from .telling import tell_carer, tell_supporter

State = Offer.State
#: So often the questions that were made meanwhile are looked at again.
TRIES = 5


def pair_part(*, person: Person, other_uid: UUID) -> int:
    """After ``person`` blocked somebody: every question between the two ends, in whichever role,
    and neither usually comes for the other any more. Visits that stand are support's. Returns how
    many questions ended. Again: nothing changes."""
    with transaction.atomic(), ExitStack() as held:
        theirs, mine = _series_between(person, other_uid)
        for town, uid in sorted([*theirs, *mine]):
            with tenant(town):
                held.enter_context(series_locked(uid=uid))
        requests_hold((town, request) for town, request, _ in _between(person, other_uid))
        _series_part(person, theirs, mine)
        ended = _ended(person, lambda: _between(person, other_uid), by_uid=person.uid)
        _proposals_drop(person, other_uid)
    return ended


def person_pause(*, person: Person) -> int:
    """After somebody was suspended: every question to them and about their own requests ends, and
    nobody else is asked for these. The requests themselves stay. Returns how many ended."""
    with tenant(person.municipality_id):
        own = list(_own_requests(person).values_list("uid", flat=True))
        Search.objects.filter(request_uid__in=own).update(next_look_at=None)
    return _ended(person, lambda: _of(person), by_uid=person.uid)


# --- questions ------------------------------------------------------------------------------------
#: (the carer's town, the request, the question)
Key = tuple[int, UUID, UUID]


class _Again(Exception):
    pass


def _ended(person: Person, keys: Callable[[], list[Key]], *, by_uid: UUID) -> int:
    """End what ``keys`` finds, until it finds nothing with ``person`` locked.

    Whoever waits for a lock that a savepoint took, and that was released into the transaction
    around it, goes on waiting for that one even when it is rolled back. So what the last look
    locks is given up in the savepoint that took it: a carer who asks at this moment holds their
    own row, which the next round needs.
    """
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                count = _end_all(sorted(keys()), by_uid)
                with tenant(person.municipality_id):
                    # The one lock that a new question's pointer to them waits for.
                    Person.objects.select_for_update().get(pk=person.pk)
                    if keys():
                        raise _Again()
        except _Again:
            continue
        return count
    return 0


def _end_all(found: list[Key], by_uid: UUID) -> int:
    requests_hold((town, request_uid) for town, request_uid, _ in found)
    _people_lock(found)
    return sum(_end(town, uid, by_uid) for town, _, uid in found)


def requests_hold(requests: Iterable[tuple[int, UUID]]) -> None:
    """Lock requests (a town that has it, uid), in one order, until the transaction ends."""
    for town, uid in sorted(set(requests)):
        with twins_locked(HelpRequest, uid=uid, start=town):
            pass


def _people_lock(found: Iterable[Key]) -> None:
    """Everybody whose coins come back, in one call."""
    keys: set[tuple[int, int]] = set()
    for town, request_uid, uid in found:
        with tenant(town):
            offer = Offer.objects.filter(uid=uid).exclude(holds=[]).first()
            carer_id = (
                HelpRequest.objects.filter(uid=request_uid)
                .values_list("carer_id", flat=True)
                .first()
            )
        if offer is not None and carer_id is not None and offer.card.get("person_id"):
            keys |= {
                (town, carer_id),
                (offer.supporter_municipality_id, int(offer.card["person_id"])),
            }
    if keys:
        persons_lock(keys=keys)


def _end(town: int, uid: UUID, by_uid: UUID) -> int:
    with twins_locked(Offer, uid=uid, start=town) as rows:
        offer = rows[town]
        if offer.state not in STANDING:
            return 0
        by_supporter = offer.supporter_uid == by_uid
        end(rows, State.DECLINED if by_supporter else State.WITHDRAWN)
    request = request_of(offer)
    with tenant(town):
        if by_supporter:
            Ask.objects.filter(offer_uid=uid, answer="").update(
                answer="no", answered_at=clock.now()
            )
        # A search that goes on asks somebody else at once.
        Search.objects.filter(request_uid=offer.request_uid, next_look_at__isnull=False).update(
            next_look_at=clock.now()
        )
    if not by_supporter:
        tell_supporter(offer, event="withdrawn", title=words.WITHDRAWN, body=words.WITHDRAWN_BODY)
    if offer.is_direct and request.carer_uid != by_uid:
        tell_carer(
            request,
            event="declined",
            key=offer.uid,
            title=words.DECLINED,
            body=words.DECLINED_SERIES_BODY if request.series_uid else words.DECLINED_BODY,
            who=offer.card["family_name"],
        )
    return 1


def _between(person: Person, other_uid: UUID) -> list[Key]:
    """Questions that stand between two people, seen from the first one's town."""
    with tenant(person.municipality_id):
        to_me = list(Offer.objects.filter(supporter=person, state__in=STANDING))
        mine = (
            HelpRequest.objects.filter(Q(carer=person) | Q(recipient_uid=person.uid))
            .order_by()
            .values("uid")
        )
        to_other = list(
            Offer.objects.filter(request_uid__in=mine, supporter_uid=other_uid, state__in=STANDING)
        )
    keys = {(one.carer_municipality_id, one.request_uid, one.uid) for one in to_other}
    for one in to_me:
        with tenant(one.carer_municipality_id):
            meets = HelpRequest.objects.filter(uid=one.request_uid).filter(
                Q(carer_uid=other_uid) | Q(recipient_uid=other_uid)
            )
            if meets.exists():
                keys.add((one.carer_municipality_id, one.request_uid, one.uid))
    return sorted(keys)


def _of(person: Person) -> list[Key]:
    """Questions that stand to somebody, and about their own requests."""
    with tenant(person.municipality_id):
        mine = _own_requests(person).order_by().values("uid")
        found = Offer.objects.filter(state__in=STANDING).filter(
            Q(supporter=person) | Q(request_uid__in=mine)
        )
        return sorted((one.carer_municipality_id, one.request_uid, one.uid) for one in found)


def _own_requests(person: Person) -> QuerySet[HelpRequest]:
    return HelpRequest.objects.filter(carer=person, state=HelpRequest.State.OPEN)


# --- series and proposals -------------------------------------------------------------------------
Place = tuple[int, UUID]


def _series_between(person: Person, other_uid: UUID) -> tuple[list[Place], list[Place]]:
    """(town, series) for which ``person`` usually comes to the other; and the other to them."""
    with tenant(person.municipality_id):
        active = Series.objects.filter(state=Series.State.ACTIVE)
        mine = active.filter(carer=person, supporter_uid=other_uid).values_list("uid", flat=True)
        found = [(person.municipality_id, uid) for uid in mine]
    theirs = []
    for town in _towns(person):
        with tenant(town):
            uids = Series.objects.filter(
                carer__uid=other_uid, supporter_uid=person.uid, state=Series.State.ACTIVE
            ).values_list("uid", flat=True)
            theirs += [(town, uid) for uid in uids]
    return theirs, found


def _series_part(person: Person, theirs: list[Place], mine: list[Place]) -> None:
    for town, uid in theirs:
        with tenant(person.municipality_id):
            series_leave(uid=uid, carer_municipality_id=town, supporter=person)
    for town, uid in mine:
        with tenant(town):
            series_unset(uid=uid, carer=person)


def _towns(person: Person) -> list[int]:
    """Where requests stand that concern ``person``."""
    with tenant(person.municipality_id):
        own = HelpRequest.objects.filter(Q(carer=person) | Q(recipient_uid=person.uid)).order_by()
        asked = Offer.objects.filter(supporter=person).order_by()
        return sorted(
            {
                person.municipality_id,
                *own.values_list("place_municipality_id", flat=True),
                *own.values_list("carer_municipality_id", flat=True),
                *asked.values_list("carer_municipality_id", flat=True),
            }
        )


def _proposals_drop(person: Person, other_uid: UUID) -> None:
    """No plan proposes one to the other."""
    for town in _towns(person):
        with tenant(town):
            for supporter, other in ((person.uid, other_uid), (other_uid, person.uid)):
                meets = HelpRequest.objects.filter(Q(carer_uid=other) | Q(recipient_uid=other))
                Proposal.objects.filter(
                    supporter_uid=supporter, request_uid__in=meets.order_by().values("uid")
                ).delete()
