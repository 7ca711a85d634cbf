"""A request: its draft, its opening, its steps."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from kyojo.civic.municipalities.selectors import area_of_point
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import sides_of, twins_locked, twins_save
from kyojo.civic.people.models import CarePlace, Person
from kyojo.civic.people.selectors import care_place_by_uid
from kyojo.civic.people.suspensions import suspended_refuse
from kyojo.civic.programmes.errors import LengthNotAllowed
from kyojo.civic.programmes.selectors import COIN_PROGRAMME
from kyojo.kernel import clock, geometry
from kyojo.kernel.errors import Invalid, Invalids, NotFound
from kyojo.kernel.geometry import Point

from ..domain import WITHDRAWABLE, Asked, asked_problems, category, step_allowed
from ..errors import (
    DraftGone,
    NotACarer,
    OrderTaken,
    StartPassedMeanwhile,
    StepNotPossible,
    VisitStands,
)
from ..models import HelpRequest, RequestCounter, RequestStep
from ..selectors import paying_rules, place_limits

State = HelpRequest.State


# --- drafts -------------------------------------------------------------------------------------
def draft_save(
    *,
    order_id: UUID,
    carer: Person,
    category: str,
    place_uid: UUID,
    starts_at: datetime,
    minutes: int,
    memo: str,
    gender_wish: str = "",
) -> HelpRequest:
    """Make a draft with uid ``order_id`` in the carer's town; a replay returns the same request.

    Raises ``Invalids`` (several), one ``Invalid``, ``NotFound`` (place, or an id of somebody
    else), ``NotACarer``, ``OrderTaken`` (same id, other content).
    """
    with transaction.atomic():
        fields = draft_checked(carer, category, place_uid, starts_at, minutes, memo, gender_wish)
        made, is_new = HelpRequest.objects.get_or_create(
            municipality_id=current(),
            uid=order_id,
            defaults={
                "sides": [current()],
                "carer": carer,
                "carer_uid": carer.uid,
                "carer_municipality_id": current(),
                "programme_code": COIN_PROGRAMME,
                "created_at": clock.now(),
                **fields,
            },
        )
        if not is_new:
            if made.carer_id != carer.pk:
                raise NotFound()
            if any(getattr(made, name) != value for name, value in fields.items()):
                raise OrderTaken()
    return made


def draft_change(
    *,
    uid: UUID,
    carer: Person,
    category: str,
    place_uid: UUID,
    starts_at: datetime,
    minutes: int,
    memo: str,
    gender_wish: str = "",
) -> HelpRequest:
    """Write other content into the carer's own draft. Raises as ``draft_save``, and
    ``DraftGone`` once it is open."""
    with transaction.atomic():
        draft = HelpRequest.objects.select_for_update().filter(uid=uid, carer=carer).first()
        if draft is None:
            raise NotFound()
        if draft.state != State.DRAFT:
            raise DraftGone()
        fields = draft_checked(carer, category, place_uid, starts_at, minutes, memo, gender_wish)
        for name, value in fields.items():
            setattr(draft, name, value)
        draft.save(update_fields=[*fields])
    return draft


def draft_checked(
    carer: Person,
    code: str,
    place_uid: UUID,
    starts_at: datetime,
    minutes: int,
    memo: str,
    gender_wish: str,
) -> dict[str, Any]:
    """The fields of a draft, or every refusal at once."""
    if carer.carer_since is None:
        raise NotACarer()
    suspended_refuse(carer)
    kind = category(code)
    place = care_place_by_uid(carer, place_uid)
    problems: list[Invalid] = []
    price = 0
    try:
        price = paying_rules().price(kind.code, minutes)
    except LengthNotAllowed as refusal:
        problems.append(refusal)
    limits = place_limits(place_municipality_id=place.place_municipality_id, category=kind.code)
    asked = Asked(
        category=kind.code,
        starts_at=clock.local(starts_at),
        minutes=minutes if not problems else 0,
        memo=memo,
        gender_wish=gender_wish,
        place_kind=place.kind,
        recipient_birth_date=place.recipient_birth_date,
    )
    problems = [*asked_problems(asked, now=clock.local(), limits=limits), *problems]
    if problems:
        raise problems[0] if len(problems) == 1 else Invalids(list(problems))
    return {
        "category": kind.code,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=minutes),
        "price_coins": price,
        "memo": memo.strip(),
        "gender_wish": gender_wish,
        **_place_fields(place),
    }


def _place_fields(place: CarePlace) -> dict[str, Any]:
    return {
        "place_municipality_id": place.place_municipality_id,
        "place_uid": place.uid,
        "place_kind": place.kind,
        "place_label": place.label,
        "area_name": place.area_name,
        "address": place.address,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "recipient_uid": place.recipient_uid,
        "recipient_name": place.recipient_name,
        "recipient_birth_date": place.recipient_birth_date,
        "recipient_relation": place.recipient_relation,
        "visitor_note": place.visitor_note,
    }


# --- opening ------------------------------------------------------------------------------------
def request_open(*, uid: UUID, carer: Person) -> HelpRequest:
    """Open the carer's draft: it gets its number and a row in the place's town. Opening it again
    changes nothing. Costs no coin.

    Raises ``NotFound``, ``StartPassedMeanwhile``, ``StepNotPossible`` (cancelled, done),
    ``ProgrammeMissing``, ``CategoryNotAllowed``.
    """
    with transaction.atomic():
        draft = HelpRequest.objects.select_for_update().filter(uid=uid, carer=carer).first()
        if draft is None:
            raise NotFound()
        if draft.state != State.DRAFT:
            if draft.state in (State.CANCELLED, State.DONE):
                raise StepNotPossible(state=State(draft.state).label)
            return draft
        if draft.starts_at <= clock.now():
            raise StartPassedMeanwhile(field="day")
        suspended_refuse(carer)
        here, place_town = draft.carer_municipality_id, draft.place_municipality_id
        draft.sides = sides_of(here, place_town)
        draft.state, draft.opened_at, draft.number = State.OPEN, clock.now(), _number_next()
        draft.area = area_of_point(draft.latitude, draft.longitude) if place_town == here else None
        draft.save()
        if place_town != here:
            with tenant(place_town):
                _twin_in_place(draft)
        _step_write(draft.sides, uid, State.DRAFT, State.OPEN, carer.uid, "")
    return draft


def _number_next() -> str:
    # The row is made on the town's first request; its lock gives each number once.
    RequestCounter.objects.get_or_create(municipality_id=current())
    counter = RequestCounter.objects.select_for_update().get()
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"R-{counter.last}"


def _twin_in_place(draft: HelpRequest) -> HelpRequest:
    """The place's town's row: its own people and area, a blurred position, none of the words
    that are for whoever comes."""
    kept = (
        "uid", "sides", "number", "carer_uid", "carer_municipality_id", "place_municipality_id",
        "programme_code", "category", "starts_at", "ends_at", "price_coins", "place_uid",
        "place_kind", "area_name", "recipient_uid", "recipient_name", "recipient_birth_date",
        "gender_wish", "state", "opened_at", "created_at", "series_uid", "bundle_uid",
    )  # fmt: skip
    # Keyed by the place, so that many requests for one house show one and the same circle.
    about = geometry.blurred(
        Point(draft.latitude, draft.longitude),
        key=f"{settings.SECRET_KEY}/{draft.place_uid}".encode(),
    )
    return HelpRequest.objects.create(
        **{name: getattr(draft, name) for name in kept},
        area=area_of_point(draft.latitude, draft.longitude),
        latitude=about.latitude,
        longitude=about.longitude,
    )


# --- steps --------------------------------------------------------------------------------------
def request_cancel(*, uid: UUID, carer: Person, reason: str = "") -> HelpRequest:
    """Take the carer's own request back, while nobody is coming. Cancelling twice changes
    nothing. Offers and their coins are ``matching.services.request_withdraw``'s, which doors call.

    Raises ``NotFound``, ``VisitStands``, ``StepNotPossible``.
    """
    with transaction.atomic():
        own = HelpRequest.objects.filter(uid=uid, carer=carer).first()
        if own is None:
            raise NotFound()
        with twins_locked(HelpRequest, uid=uid, start=current()) as rows:
            here = rows[current()]
            if here.state == State.CANCELLED:
                return here
            if here.state == State.MATCHED:
                raise VisitStands()
            if here.state not in WITHDRAWABLE:
                raise StepNotPossible(state=State(here.state).label)
            _advance(rows, State.CANCELLED, actor_uid=carer.uid, reason=reason)
    return here


def request_matched(
    *, uid: UUID, start: int, actor_uid: UUID | None = None, reason: str = ""
) -> HelpRequest:
    """Somebody is settled. ``start``: a municipality that holds the request."""
    return _state_set(uid, start, State.MATCHED, actor_uid, reason)


def request_reopen(
    *, uid: UUID, start: int, actor_uid: UUID | None = None, reason: str = ""
) -> HelpRequest:
    """Whoever was settled does not come after all: look again."""
    return _state_set(uid, start, State.OPEN, actor_uid, reason)


def request_done(
    *, uid: UUID, start: int, actor_uid: UUID | None = None, reason: str = ""
) -> HelpRequest:
    """The visit took place."""
    return _state_set(uid, start, State.DONE, actor_uid, reason)


def request_unfilled(*, uid: UUID, start: int, reason: str = "") -> HelpRequest:
    """Nobody was found in time: a coordinator has it."""
    return _state_set(uid, start, State.UNFILLED, None, reason)


def request_closed(
    *, uid: UUID, start: int, actor_uid: UUID | None = None, reason: str = ""
) -> HelpRequest:
    """Cancelled together with its visit (support) or by the office."""
    return _state_set(uid, start, State.CANCELLED, actor_uid, reason)


def request_way_set(
    *, uid: UUID, start: int, mode: str, decide: str = "", wait_until: datetime | None = None
) -> None:
    """Keep how the carer looks for somebody."""
    with twins_locked(HelpRequest, uid=uid, start=start) as rows:
        twins_save(rows, mode=mode, decide=decide, wait_until=wait_until)


def request_escalated(*, uid: UUID, start: int, coordinator_name: str) -> bool:
    """Note the coordinator who takes over. False when somebody already had."""
    with twins_locked(HelpRequest, uid=uid, start=start) as rows:
        if rows[start].escalated_at is not None:
            return False
        twins_save(rows, escalated_at=clock.now(), coordinator_name=coordinator_name)
    return True


def _state_set(
    uid: UUID, start: int, after: str, actor_uid: UUID | None, reason: str
) -> HelpRequest:
    """Advance every twin. Being there already changes nothing; raises ``NotFound``,
    ``StepNotPossible``."""
    with twins_locked(HelpRequest, uid=uid, start=start) as rows:
        before = rows[start].state
        if before != after:
            if not step_allowed(before, after):
                raise StepNotPossible(state=State(before).label)
            _advance(rows, after, actor_uid=actor_uid, reason=reason)
        return rows[start]


def _advance(
    rows: dict[int, HelpRequest], after: str, *, actor_uid: UUID | None, reason: str
) -> None:
    first = next(iter(rows.values()))
    before = first.state
    closed = clock.now() if after in (State.DONE, State.CANCELLED) else None
    twins_save(rows, state=after, closed_at=closed)
    _step_write(list(rows), first.uid, before, after, actor_uid, reason)


def _step_write(
    towns: list[int], uid: UUID, before: str, after: str, actor_uid: UUID | None, reason: str
) -> None:
    for code in sorted(towns):
        with tenant(code):
            RequestStep.objects.create(
                request_uid=uid, before=before, after=after, actor_uid=actor_uid, reason=reason
            )
