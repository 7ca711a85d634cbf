"""Reads of the requests room. All need ``tenancy.tenant``."""

from uuid import UUID

from django.db.models import QuerySet

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.programmes import selectors as programmes
from kyojo.civic.programmes.domain import CoinRules, Limits
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .models import HelpRequest, RequestStep

State = HelpRequest.State


def request_for_carer(*, carer: Person, uid: UUID) -> HelpRequest:
    """The carer's own request, a draft included. Raises ``NotFound`` for anybody else's."""
    found = HelpRequest.objects.select_related("carer", "area").filter(uid=uid, carer=carer).first()
    if found is None:
        raise NotFound()
    return found


def request_by_uid(uid: UUID) -> HelpRequest:
    """This town's row, for the desk and for support; never a draft. Raises ``NotFound``."""
    found = (
        HelpRequest.objects.select_related("carer", "area")
        .filter(uid=uid)
        .exclude(state=State.DRAFT)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def requests_of(*, carer: Person, states: tuple[str, ...] = ()) -> QuerySet[HelpRequest]:
    """The carer's requests, the newest first; without drafts unless ``states`` names them."""
    found = HelpRequest.objects.filter(carer=carer)
    return found.filter(state__in=states) if states else found.exclude(state=State.DRAFT)


def requests_waiting_of(*, carer: Person) -> list[HelpRequest]:
    """The carer's requests for which nobody is settled yet, the soonest first."""
    return list(
        HelpRequest.objects.filter(
            carer=carer, state__in=(State.OPEN, State.UNFILLED), ends_at__gt=clock.now()
        ).order_by("starts_at")
    )


def requests_before_of(*, carer: Person, limit: int = 3) -> list[HelpRequest]:
    """What the carer asked for before, one of each category, place and length, newest first."""
    seen: set[tuple[object, ...]] = set()
    found: list[HelpRequest] = []
    past = HelpRequest.objects.filter(carer=carer).exclude(state__in=(State.DRAFT, State.CANCELLED))
    for one in past.order_by("-opened_at")[:60]:
        key = (one.category, one.place_uid, minutes_of(one))
        if key not in seen:
            seen.add(key)
            found.append(one)
        if len(found) == limit:
            break
    return found


def requests_unanswered(
    *, area: Area | None = None, category: str = "", escalated_only: bool = False
) -> QuerySet[HelpRequest]:
    """Requests of this town (the carer's or the place's) that nobody has taken, the longest
    waiting first."""
    found = HelpRequest.objects.select_related("carer", "area").filter(
        state__in=(State.OPEN, State.UNFILLED), starts_at__gt=clock.now()
    )
    if area is not None:
        found = found.filter(area=area)
    if category:
        found = found.filter(category=category)
    if escalated_only:
        found = found.filter(escalated_at__isnull=False)
    return found.order_by("opened_at")


def request_steps(uid: UUID) -> list[RequestStep]:
    """The history of a request as this town keeps it, the oldest first."""
    return list(RequestStep.objects.filter(request_uid=uid))


def minutes_of(request: HelpRequest) -> int:
    """The length asked for, in minutes; 0 where it is not known yet."""
    if request.starts_at is None or request.ends_at is None:
        return 0
    return int((request.ends_at - request.starts_at).total_seconds() // 60)


# --- the rules that a request stands under ------------------------------------------------------
def paying_rules() -> CoinRules:
    """The current town's coin rules: it pays for its carers. Raises ``ProgrammeMissing``."""
    return programmes.programme_current()[1]


def place_limits(*, place_municipality_id: int, category: str) -> Limits:
    """The limits that the place's town sets for ``category``. Raises ``ProgrammeMissing``,
    ``CategoryNotAllowed``."""
    with tenant(place_municipality_id):
        return programmes.programme_current()[1].limits(category)
