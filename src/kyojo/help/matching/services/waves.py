"""Asking in waves: the fewest people at a time, until somebody says yes or the time is up."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import twins_locked
from kyojo.civic.people.suspensions import is_suspended
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id

from .. import words
from ..asking.acceptance import AcceptanceModel
from ..asking.hours import ORIGIN, local_hours
from ..asking.policies import Paced, Policy
from ..asking.rules import Rules
from ..errors import NobodyToAsk
from ..models import Ask, Offer, Search
from ..selectors import candidates
from ..situations import model_now, situation_of
from .offering import offer_create
from .passing import escalate
from .telling import tell_carer

State = Offer.State
RULES = Rules()
#: While somebody has said yes, or the carer waits for one person, nobody else is asked; so often it
#: is seen whether that still holds.
WATCH = timedelta(minutes=30)


def policy(model: AcceptanceModel) -> Policy:
    """How the product asks."""
    return Paced(model=model, rules=RULES)


def search_begin(
    *, order_id: UUID, request: HelpRequest, deadline: datetime, is_patient: bool = False
) -> list[Offer]:
    """Begin to ask for an open request, whose lock the caller holds, in the carer's town. Returns
    the first wave, which is empty where nobody may be asked at this hour.

    Raises ``NobodyToAsk`` where nobody can come, or all who can were asked enough this week;
    ``is_patient``: only where nobody can come, the others are asked when they may be again.
    """
    search, _ = Search.objects.update_or_create(
        request_uid=request.uid,
        defaults={
            "order_id": order_id,
            "started_at": clock.now(),
            "deadline": deadline,
            "next_look_at": clock.now(),
            "waves": 0,
        },
    )
    offers = _next_wave(request, search)
    waits = search.next_look_at is not None and (is_patient or RULES.is_quiet(_now()))
    if not offers and not (waits and candidates(request, limit=1)):
        raise NobodyToAsk()
    return offers


def searches_look_due(*, municipality_id: int) -> int:
    """Look at every search of a town whose time has come, each in a transaction of its own: what
    goes wrong with one is raised when the others have been looked at. Returns how many people were
    asked. Safe to repeat, and to run twice at once."""
    with tenant(municipality_id):
        due = list(
            Search.objects.filter(next_look_at__lte=clock.now())
            .order_by("next_look_at", "id")
            .values_list("request_uid", flat=True)
        )
    asked, failed = 0, []
    for request_uid in due:
        try:
            with tenant(municipality_id):
                asked += len(search_look(request_uid=request_uid))
        except Exception as error:  # noqa: BLE001 (raised below: the others must not wait for it)
            failed.append(error)
    if failed:
        raise failed[0]
    return asked


@transaction.atomic
def search_look(*, request_uid: UUID) -> list[Offer]:
    """The next wave of a search, if its time has come. In the carer's town."""
    with twins_locked(HelpRequest, uid=request_uid, start=current()) as rows:
        request = rows[current()]
        search = Search.objects.select_for_update().filter(request_uid=request_uid).first()
        if search is None or search.next_look_at is None or search.next_look_at > clock.now():
            return []
        over = request.state != HelpRequest.State.OPEN or search.deadline <= clock.now()
        if over or is_suspended(request.carer_municipality_id, request.carer_uid):
            search.next_look_at = None
            search.save(update_fields=["next_look_at"])
            return []
        return _next_wave(request, search)


def _next_wave(request: HelpRequest, search: Search) -> list[Offer]:
    """Who was asked. The search is saved."""
    standing = Offer.objects.filter(request_uid=request.uid)
    if standing.filter(Q(state=State.ACCEPTED) | Q(is_direct=True, state=State.NOTIFIED)).exists():
        search.next_look_at = clock.now() + WATCH
        search.save(update_fields=["next_look_at"])
        return []
    model = model_now()
    situation, people = situation_of(request, search, model)
    wave = policy(model).next_wave(situation)
    matrix = situation.candidates.facts.matrix()
    number = search.waves + 1
    offers = []
    for place, row in enumerate(wave.rows):
        one = people[row]
        offer = offer_create(
            derived_id(search.order_id, one.uid, number),
            request,
            one,
            is_direct=False,
            expires_at=search.deadline,
            rank=situation.asked + place,
        )
        Ask.objects.create(
            offer_uid=offer.uid,
            request_uid=request.uid,
            supporter_uid=one.uid,
            wave=number,
            facts=[round(float(value), 6) for value in matrix[row]],
            belief=float(situation.candidates.belief[row]),
            chance=float(wave.chances[place]),
            answers=float(wave.answers[place]),
            propensity=float(wave.propensities[place]),
            model_version=model.version,
        )
        offers.append(offer)
    search.waves += bool(offers)
    search.next_look_at = None if wave.check_at is None else _moment(wave.check_at)
    search.save(update_fields=["waves", "next_look_at"])
    # Of a series, those who came before are asked alone first: few of them is no bad sign yet.
    if wave.escalate and (request.series_uid is None or not offers):
        escalate(request)
    elif not people and situation.asked and not len(situation.pending):
        _nobody_left(request, search)
    return offers


def _nobody_left(request: HelpRequest, search: Search) -> None:
    """All who could come were asked and none of them will: the carer need not wait to hear it."""
    search.next_look_at = None
    search.save(update_fields=["next_look_at"])
    tell_carer(
        request,
        event="all_declined",
        key=search.order_id,
        title=words.ALL_DECLINED,
        body=words.ALL_DECLINED_BODY,
    )


def _now() -> float:
    return local_hours(clock.local())


def _moment(hours: float) -> datetime:
    """The moment of a local hour of ``asking.hours``."""
    zone = clock.local().tzinfo
    return datetime(*ORIGIN, tzinfo=zone) + timedelta(hours=hours)
