"""Series: the usual person is asked first, and a substitute is looked for where they cannot come.

Runs in the carer's town, where a series stands; a supporter may live in another. Locks: the
series, then the request, then its offers, then people.
"""

from collections.abc import Callable
from datetime import date, time
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import twins_locked
from kyojo.civic.people import coins
from kyojo.civic.people.errors import CoinsShort
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import notice_send_to, persons_lock
from kyojo.civic.people.suspensions import is_suspended
from kyojo.help.requests import selectors as requests
from kyojo.help.requests import services as requests_services
from kyojo.help.requests.domain import category
from kyojo.help.requests.errors import SeriesOver, VisitStands
from kyojo.help.requests.models import HelpRequest, RequestStep, Series
from kyojo.help.requests.repeating import Rhythm, rhythm_of
from kyojo.help.requests.services import occurrence_open, series_locked
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import derived_id
from kyojo.kernel.wording import jdate

from .. import words
from ..errors import CandidateGone, NobodyToAsk, SeriesPersonUnknown
from ..models import Offer, Search
from ..waiting import substitute_deadline
from .answers import offer_decline, request_withdraw
from .asking import offer_ask
from .passing import escalate
from .telling import tell_carer
from .waves import search_begin

State = Offer.State
STANDING = (State.NOTIFIED, State.ACCEPTED)


# --- the carer ------------------------------------------------------------------------------------
def series_create(*, order_id: UUID, carer: Person, **asked: object) -> Series:
    """``requests.services.series_save``, and the occurrences of the next four weeks. Where coins
    are short the series stands, and the carer is told which day was not asked for."""
    with transaction.atomic():
        series = requests_services.series_save(order_id=order_id, carer=carer, **asked)  # type: ignore[arg-type]
        occurrences_make(series_uid=series.uid)
    return series


def series_skip(*, uid: UUID, carer: Person, day: date) -> None:
    """Leave one day out; the questions of its open request are taken back. Again: nothing changes.

    Raises ``NotFound``, ``SeriesDayUnknown``, ``SeriesOver``, ``VisitStands`` where somebody is
    coming: that visit is cancelled on its own page.
    """
    with series_locked(uid=uid, carer=carer) as series:
        _active(series)
        made = [
            one
            for one in requests.occurrences_of(series, since=max(day, clock.today()))
            if _day(one) == day and one.state != HelpRequest.State.CANCELLED
        ]
        requests_services.series_day_skip(series=series, day=day, is_made=bool(made))
        for one in made:
            request_withdraw(uid=one.uid, carer=carer, reason="series_skip")


def series_change(
    *,
    uid: UUID,
    carer: Person,
    rhythm: Rhythm,
    starts_on: date,
    from_time: time,
    minutes: int,
) -> None:
    """Another rhythm, hour or length from ``starts_on`` on: open occurrences from then on are taken
    back and made anew; earlier ones, and visits that stand, stay as they are. Raises as
    ``series_save``, ``SeriesOver``, ``SeriesChangeFar``."""
    with series_locked(uid=uid, carer=carer) as series:
        _active(series)
        same = (series.from_time, series.minutes) == (from_time, minutes)
        if same and rhythm_of(series.rule) == rhythm:
            return
        _withdraw_open(series, "series_change", since=starts_on)
        requests_services.series_change(
            series=series,
            rhythm=rhythm,
            starts_on=starts_on,
            from_time=from_time,
            minutes=minutes,
        )
        occurrences_make(series_uid=uid)


def series_end(*, uid: UUID, carer: Person) -> None:
    """End a series: open occurrences are taken back, visits that stand stay. Again: nothing
    changes. Raises ``NotFound``."""
    with series_locked(uid=uid, carer=carer) as series:
        if series.state == Series.State.ENDED:
            return
        requests_services.series_end(series=series)
        _withdraw_open(series, "series_end")
        _tell_usual(series, event="ended", title=words.SERIES_ENDED)


def series_usual(
    *, uid: UUID, carer: Person, supporter_uid: UUID, supporter_municipality_id: int
) -> None:
    """Somebody who came, or is coming, for this series is the usual person from now on. Raises
    ``NotFound``, ``SeriesOver``, ``SeriesPersonUnknown``."""
    with series_locked(uid=uid, carer=carer) as series:
        _active(series)
        chosen = [
            (one.supporter_uid, one.supporter_municipality_id, one.card.get("family_name", ""))
            for one in series_offers_chosen(series)
        ]
        found = [one for one in chosen if one[:2] == (supporter_uid, supporter_municipality_id)]
        if not found:
            raise SeriesPersonUnknown(field="usual")
        requests_services.series_usual_set(
            series=series,
            supporter_uid=supporter_uid,
            municipality_id=supporter_municipality_id,
            name=found[0][2],
        )
        occurrences_make(series_uid=uid)


def series_unset(*, uid: UUID, carer: Person) -> None:
    """Nobody usually comes any more; whoever did hears that it has ended. Raises ``NotFound``."""
    with series_locked(uid=uid, carer=carer) as series:
        _tell_usual(series, event="ended", title=words.SERIES_ENDED)
        requests_services.series_usual_set(
            series=series, supporter_uid=None, municipality_id=None, name=""
        )


def series_offers_chosen(series: Series) -> list[Offer]:
    """Who was settled for an occurrence, the newest first. In the carer's town."""
    uids = HelpRequest.objects.filter(series_uid=series.uid).values_list("uid", flat=True)
    return list(
        Offer.objects.filter(request_uid__in=list(uids), state=State.CHOSEN).order_by("-starts_at")
    )


def _active(series: Series) -> None:
    if series.state != Series.State.ACTIVE:
        raise SeriesOver()


def _day(request: HelpRequest) -> date:
    return clock.local(request.starts_at).date()


def _withdraw_open(series: Series, reason: str, *, since: date | None = None) -> None:
    """Take back whatever nobody is coming for; others may be settled meanwhile, and stay."""
    today = clock.today()
    made = requests.occurrences_of(series, since=max(since or today, today))
    locked = requests_locked([one.uid for one in made])
    asked_lock(carer=series.carer, uids=[one.uid for one in locked])
    for one in locked:
        if one.state in (HelpRequest.State.OPEN, HelpRequest.State.UNFILLED):
            request_withdraw(uid=one.uid, carer=series.carer, reason=reason)


def requests_locked(uids: list[UUID]) -> list[HelpRequest]:
    """Lock several requests before the first coin moves: whoever answers for one of them locks
    its request first, and then the people. In the carer's town."""
    locked = []
    for uid in sorted(uids):
        with twins_locked(HelpRequest, uid=uid, start=current()) as rows:
            locked.append(rows[current()])
    return locked


def asked_lock(*, carer: Person, uids: list[UUID]) -> None:
    """Lock the carer and everybody for whom coins are held for locked requests, in one call,
    before the first of them goes back."""
    asked = Offer.objects.filter(request_uid__in=uids, state__in=STANDING).exclude(holds=[])
    keys = [(one.supporter_municipality_id, int(one.card["person_id"])) for one in asked]
    persons_lock(keys=[(carer.municipality_id, carer.pk), *keys])


# --- the supporter --------------------------------------------------------------------------------
@transaction.atomic
def series_day_away(*, uid: UUID, carer_municipality_id: int, supporter: Person, day: date) -> None:
    """「この日は行けません」, weeks ahead: a substitute is looked for when the day is asked for, or
    now where it was. Raises ``NotFound``, ``SeriesDayUnknown``, ``SeriesOver``, ``VisitStands``
    (a visit that stands is cancelled on its own page)."""
    with tenant(carer_municipality_id), series_locked(uid=uid) as series:
        _usual_checked(series, supporter)
        _active(series)
        made = [one for one in requests.occurrences_of(series, since=day) if _day(one) == day]
        if any(one.state == HelpRequest.State.MATCHED for one in made):
            raise VisitStands()
        requests_services.series_away(series=series, day=day)
        uids = [one.uid for one in made]
    _decline_own(supporter, uids)


@transaction.atomic
def series_leave(*, uid: UUID, carer_municipality_id: int, supporter: Person) -> None:
    """The usual supporter leaves: their open questions count as no, visits that stand stay, and
    somebody else is looked for. Raises ``NotFound``, also for whoever has left already."""
    with tenant(carer_municipality_id), series_locked(uid=uid) as series:
        _usual_checked(series, supporter)
        name = series.supporter_name
        requests_services.series_usual_set(
            series=series, supporter_uid=None, municipality_id=None, name=""
        )
        made = requests.occurrences_of(series, since=clock.today())
        uids = [one.uid for one in requests_locked([one.uid for one in made])]
        _tell(
            series,
            "left",
            words.SERIES_LEFT,
            words.SERIES_LEFT_BODY,
            key=f"{supporter.uid}:{clock.today()}",
            who=name,
        )
    _decline_own(supporter, uids)


def _usual_checked(series: Series, supporter: Person) -> None:
    own = (supporter.uid, supporter.municipality_id)
    if (series.supporter_uid, series.supporter_municipality_id) != own:
        raise NotFound()


def _decline_own(supporter: Person, request_uids: list[UUID]) -> None:
    with tenant(supporter.municipality_id):
        asked = Offer.objects.filter(
            supporter=supporter, request_uid__in=request_uids, state__in=STANDING
        )
        for offer_uid in list(asked.order_by("uid").values_list("uid", flat=True)):
            offer_decline(offer_uid=offer_uid, supporter=supporter)


# --- occurrences, and who is asked for them -------------------------------------------------------
def series_make_due(*, municipality_id: int) -> int:
    """Make what is due of every series of a town, and look for substitutes; each series and each
    request in a transaction of its own. Returns how many requests were made. Safe to repeat, and
    to run twice at once."""
    made, failed = 0, []
    for act in (_make_all, _substitutes_all):
        for one in act(municipality_id):
            try:
                with tenant(municipality_id):
                    made += one()
            except Exception as error:  # noqa: BLE001 (raised below: the others must not wait for it)
                failed.append(error)
    if failed:
        raise failed[0]
    return made


def _make_all(municipality_id: int) -> list[Callable[[], int]]:
    with tenant(municipality_id):
        uids = [one.uid for one in requests.series_active()]
    return [lambda uid=uid: occurrences_make(series_uid=uid) for uid in uids]  # type: ignore[misc]


def _substitutes_all(municipality_id: int) -> list[Callable[[], int]]:
    with tenant(municipality_id):
        uids = list(
            HelpRequest.objects.filter(
                series_uid__isnull=False,
                carer__isnull=False,
                state=HelpRequest.State.OPEN,
                starts_at__gt=clock.now(),
            )
            .order_by("starts_at")
            .values_list("uid", flat=True)
        )
    return [lambda uid=uid: substitute_look(request_uid=uid) for uid in uids]  # type: ignore[misc]


def occurrences_make(*, series_uid: UUID) -> int:
    """Open what is due of a series and ask the usual person, the soonest day first. Where coins
    are short for a day nothing of it is done, and the later ones wait too."""
    with series_locked(uid=series_uid) as series:
        if series.state != Series.State.ACTIVE:
            return 0
        if is_suspended(series.municipality_id, series.carer.uid):
            return 0  # it goes on when they are back
        if series.carer.left_at is not None or series.carer.carer_since is None:
            requests_services.series_end(series=series)
            _withdraw_open(series, "carer_left")
            return 0
        days = requests.series_days(series)
        made = 0
        for day in days:
            try:
                with transaction.atomic():
                    made += _occurrence_make(series, day)
            except CoinsShort as short:
                _tell(
                    series,
                    "coins_short",
                    words.SERIES_SHORT,
                    words.SERIES_SHORT_BODY,
                    key=day.isoformat(),
                    day=jdate(day),
                    missing=short.data["missing"],
                )
                break
            except Refusal as refusal:
                _tell(
                    series,
                    "not_asked",
                    words.SERIES_REFUSED,
                    words.SERIES_REFUSED_BODY,
                    key=day.isoformat(),
                    day=jdate(day),
                    why=refusal.message(),
                )
        if not days and not _goes_on(series):
            requests_services.series_end(series=series)
            _tell(series, "over", words.SERIES_OVER, words.SERIES_OVER_BODY, key="over")
        return made


def _goes_on(series: Series) -> bool:
    """Whether a day is still to come that is not skipped."""
    today = clock.today()
    return bool(requests.series_days(series, first=today, last=date(today.year + 2, 1, 1)))


def _occurrence_make(series: Series, day: date) -> int:
    starts_at = clock.at(day, series.from_time.hour, series.from_time.minute)
    if starts_at <= clock.now():
        return 0
    request = occurrence_open(series=series, day=day)
    if request is None:
        return 0
    if not _usual_asked(series, request, day):
        _substitute_begin(request, series)
    return 1


def _usual_asked(series: Series, request: HelpRequest, day: date) -> bool:
    """Raises ``CoinsShort``. False where there is nobody usual, or they cannot come that day."""
    if series.supporter_uid is None or series.supporter_municipality_id is None:
        return False
    if day.isoformat() not in series.away:
        try:
            offer = offer_ask(
                order_id=derived_id(request.uid, "usual"),
                request_uid=request.uid,
                carer=series.carer,
                supporter_uid=series.supporter_uid,
                supporter_municipality_id=series.supporter_municipality_id,
            )
        except (CandidateGone, NotFound):
            pass
        else:
            # The coordinator waits until a substitute could have been found as well.
            requests_services.request_way_set(
                uid=request.uid,
                start=current(),
                mode=HelpRequest.Mode.PICK,
                decide=series.decide,
                wait_until=substitute_deadline(now=offer.expires_at, starts_at=request.starts_at),
            )
            return True
    tell_carer(
        request,
        event="usual_cannot",
        key=request.uid,
        title=words.USUAL_CANNOT,
        body=words.USUAL_CANNOT_BODY,
        who=series.supporter_name,
    )
    return False


# --- substitutes ----------------------------------------------------------------------------------
def substitute_look(*, request_uid: UUID) -> int:
    """Begin to look for a substitute for an occurrence that nobody is asked for any more. Nothing
    is returned that was made: 0. Safe to repeat."""
    with twins_locked(HelpRequest, uid=request_uid, start=current()) as rows:
        request = rows[current()]
        if request.state != HelpRequest.State.OPEN or request.starts_at <= clock.now():
            return 0
        if Offer.objects.filter(request_uid=request_uid, state__in=STANDING).exists():
            return 0
        if not _search_wanted(request):
            return 0
        series = Series.objects.filter(uid=request.series_uid).first()
        if series is not None and series.state == Series.State.ACTIVE:
            _substitute_begin(request, series)
    return 0


def _search_wanted(request: HelpRequest) -> bool:
    """Nobody looks yet, or whoever was found cannot come after all."""
    search = Search.objects.filter(request_uid=request.uid).first()
    begun = [search.started_at] if search is not None else []
    if request.escalated_at is not None:
        begun.append(request.escalated_at)
    if not begun:
        return True
    reopened = RequestStep.objects.filter(
        request_uid=request.uid, after=HelpRequest.State.OPEN, at__gt=max(begun)
    )
    return bool(reopened.exists())


def _substitute_begin(request: HelpRequest, series: Series) -> None:
    if series.decide == HelpRequest.Decide.FIRST:
        missing = request.price_coins - coins.purse(series.carer).available
        if missing > 0:
            tell_carer(
                request,
                event="coins_short",
                key=request.uid,
                title=words.SUBSTITUTE_SHORT,
                body=words.SUBSTITUTE_SHORT_BODY,
                missing=missing,
            )
            return
    deadline = substitute_deadline(now=clock.now(), starts_at=request.starts_at)
    steps = RequestStep.objects.filter(request_uid=request.uid).count()
    requests_services.request_way_set(
        uid=request.uid,
        start=current(),
        mode=HelpRequest.Mode.BROADCAST,
        decide=series.decide,
        wait_until=deadline,
    )
    try:
        with transaction.atomic():
            search_begin(
                order_id=derived_id(request.uid, "substitute", steps),
                request=request,
                deadline=deadline,
                is_patient=True,
            )
    except NobodyToAsk:
        escalate(request)


# --- news -----------------------------------------------------------------------------------------
def _tell(series: Series, event: str, title: str, body: str, *, key: str, **more: object) -> None:
    """The carer; once per ``event`` and ``key``."""
    what = category(series.category).name
    notice_send_to(
        municipality_id=series.municipality_id,
        person_uid=series.carer.uid,
        kind=f"series_{event}",
        key=f"series:{series.uid}:{event}:{key}",
        title=title.format(what=what, **more),
        body=body.format(what=what, **more),
        path=f"/series/{series.uid}/",
    )


def _tell_usual(series: Series, *, event: str, title: str) -> None:
    if series.supporter_uid is None or series.supporter_municipality_id is None:
        return
    try:
        notice_send_to(
            municipality_id=series.supporter_municipality_id,
            person_uid=series.supporter_uid,
            kind=f"series_{event}",
            key=f"series:{series.uid}:{event}",
            title=title.format(what=category(series.category).name),
            body=words.SERIES_ENDED_BODY,
            path="/help/",
        )
    except NotFound:
        return  # gone meanwhile
