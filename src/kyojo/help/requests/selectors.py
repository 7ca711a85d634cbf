"""Reads of the requests room. All need ``tenancy.tenant``."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Max, QuerySet

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.consent_selectors import agreed_among
from kyojo.civic.people.models import ConsentText, Person
from kyojo.civic.programmes import selectors as programmes
from kyojo.civic.programmes.domain import CoinRules, Limits
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import duration, jhour

from .models import Bundle, HelpRequest, RequestStep, Series
from .repeating import AHEAD, days_of, end_spoken, rhythm_spoken

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


def visitor_note_of(request: HelpRequest) -> str:
    """What the carer wrote about health for whoever comes: "" where they do not agree to it today,
    whenever they wrote it. They are asked for in their own town."""
    if not request.visitor_note:
        return ""
    with tenant(request.carer_municipality_id):
        agreed = agreed_among([request.carer_uid], ConsentText.Kind.HEALTH)
    return str(request.visitor_note) if agreed else ""


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


# --- series and bundles ---------------------------------------------------------------------------
def series_for_carer(*, carer: Person, uid: UUID) -> Series:
    """Raises ``NotFound`` for anybody else's."""
    found: Series | None = Series.objects.filter(uid=uid, carer=carer).first()
    if found is None:
        raise NotFound()
    return found


def series_active(*, carer: Person | None = None) -> list[Series]:
    """The series of the current town, or of one carer, that go on."""
    found = Series.objects.select_related("carer").filter(state=Series.State.ACTIVE)
    return list(found if carer is None else found.filter(carer=carer))


def series_days(
    series: Series, *, first: date | None = None, last: date | None = None
) -> list[date]:
    """Days of a series from ``first`` (today) to ``last`` (four weeks ahead) that are not left
    out."""
    today = clock.today()
    return days_of(
        series.rule,
        series.starts_on,
        first=max(first or today, series.starts_on),
        last=last or today + AHEAD,
        skipped=series.skipped,
    )


def occurrences_of(series: Series, *, since: date | None = None) -> list[HelpRequest]:
    """The requests made of a series, the soonest first. In the carer's town."""
    found = HelpRequest.objects.filter(series_uid=series.uid).exclude(state=State.DRAFT)
    if since is not None:
        found = found.filter(starts_at__gte=clock.at(since, 0))
    return list(found.order_by("starts_at", "uid"))


def series_spoken(series: Series) -> str:
    """``毎週 火曜 10時から2時間``"""
    begins = jhour(series.from_time)
    return f"{rhythm_spoken(series.rule)} {begins}から{duration(series.minutes)}"


def bundle_for_carer(*, carer: Person, uid: UUID) -> Bundle:
    """Raises ``NotFound`` for anybody else's."""
    found: Bundle | None = Bundle.objects.filter(uid=uid, carer=carer).first()
    if found is None:
        raise NotFound()
    return found


def bundles_standing(*, carer: Person) -> list[Bundle]:
    """Bundles that are begun and not over: a part is a draft, open, or still to come."""
    ends = dict(
        HelpRequest.objects.filter(carer=carer, bundle_uid__isnull=False)
        .exclude(state__in=(State.CANCELLED, State.DONE))
        .order_by()
        .values_list("bundle_uid")
        .annotate(last=Max("ends_at"))
    )
    found = Bundle.objects.filter(carer=carer, cancelled_at=None)
    return [
        one
        for one in found
        if (one.uid in ends and ends[one.uid] > clock.now())
        or (one.opened_at is None and one.created_at > clock.now() - AHEAD)
    ]


def bundle_parts(bundle_uid: UUID) -> list[HelpRequest]:
    """The parts of a bundle as this town has them, the soonest first; taken-back ones included."""
    return list(HelpRequest.objects.filter(bundle_uid=bundle_uid).order_by("starts_at", "uid"))


@dataclass(frozen=True)
class Belongs:
    """That a request is one of several: of a series, of a bundle. ``place`` of ``count``."""

    series_uid: UUID | None = None
    rhythm: str = ""
    ends: str = ""
    usual_uid: UUID | None = None
    is_usual: bool = False
    bundle_uid: UUID | None = None
    title: str = ""
    place: int = 0
    count: int = 0

    @property
    def said(self) -> str:
        """``毎週 火曜``, ``全部で5つのうちの1つ``, as whoever is asked reads it."""
        if self.rhythm:
            return f"{self.rhythm}（{self.ends}）"
        return f"全部で{self.count}つのうちの1つ" if self.count else ""


def belongs(*, request_uid: UUID, carer_municipality_id: int) -> Belongs | None:
    """What a request is one of, read in the carer's town; None for one that stands alone."""
    with tenant(carer_municipality_id):
        one = HelpRequest.objects.filter(uid=request_uid).first()
        if one is None:
            return None
        if one.series_uid is not None:
            series = Series.objects.filter(uid=one.series_uid).first()
            if series is not None:
                return Belongs(
                    series_uid=series.uid,
                    rhythm=rhythm_spoken(series.rule),
                    ends=end_spoken(series.rule),
                    usual_uid=series.supporter_uid,
                )
        if one.bundle_uid is not None:
            bundle = Bundle.objects.filter(uid=one.bundle_uid).first()
            parts = [part for part in bundle_parts(one.bundle_uid) if part.state != State.CANCELLED]
            if bundle is not None:
                uids = [part.uid for part in parts]
                return Belongs(
                    bundle_uid=bundle.uid,
                    title=bundle.title,
                    place=uids.index(one.uid) + 1 if one.uid in uids else 0,
                    count=len(parts),
                )
    return None


# --- the rules that a request stands under ------------------------------------------------------
def paying_rules() -> CoinRules:
    """The current town's coin rules: it pays for its carers. Raises ``ProgrammeMissing``."""
    return programmes.programme_current()[1]


def place_limits(*, place_municipality_id: int, category: str) -> Limits:
    """The limits that the place's town sets for ``category``. Raises ``ProgrammeMissing``,
    ``CategoryNotAllowed``."""
    with tenant(place_municipality_id):
        return programmes.programme_current()[1].limits(category)
