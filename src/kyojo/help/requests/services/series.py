"""Series: the same help again and again. Occurrences are ordinary requests; whom they ask, and
what a supporter says to them, is ``matching``'s."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import care_place_by_uid
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalids, NotFound
from kyojo.kernel.ids import derived_id
from kyojo.kernel.wording import jday

from ..errors import OrderTaken, SeriesChangeFar, SeriesDayUnknown
from ..models import Bundle, HelpRequest, RequestStep, Series
from ..repeating import AHEAD, Rhythm, days_of, last_day_allowed, rhythm_problems, rule_of
from ..selectors import paying_rules
from .requests import draft_checked, draft_save, request_open

#: Why an occurrence is taken back that is made anew on the same day.
CHANGED = "series_change"


def series_save(
    *,
    order_id: UUID,
    carer: Person,
    category: str,
    place_uid: UUID,
    starts_on: date,
    from_time: time,
    minutes: int,
    memo: str,
    rhythm: Rhythm,
    gender_wish: str = "",
    decide: str = HelpRequest.Decide.FIRST,
    supporter_uid: UUID | None = None,
    supporter_municipality_id: int | None = None,
    supporter_name: str = "",
) -> Series:
    """Begin a series with uid ``order_id``; a replay returns the same one. No request is made yet.

    Raises as ``draft_save`` for its first day, and what ``repeating.rhythm_problems`` finds.
    """
    fields = _content(from_time, minutes, rhythm, starts_on)
    fields |= {
        "category": category,
        "place_uid": place_uid,
        "memo": memo.strip(),
        "gender_wish": gender_wish,
    }
    with transaction.atomic():
        before = Series.objects.filter(uid=order_id).first()
        if before is not None:
            return _same(before, carer, fields)
        first = days_of(fields["rule"], starts_on, last=_last(starts_on))[0]
        draft_checked(
            carer,
            category,
            place_uid,
            clock.at(first, from_time.hour, from_time.minute),
            minutes,
            memo,
            gender_wish,
        )
        # Two presses at once: the second waits here, and finds what the first one made.
        made, _ = Series.objects.get_or_create(
            uid=order_id,
            defaults={
                "carer": carer,
                "place_label": care_place_by_uid(carer, place_uid).label,
                "decide": decide
                if decide in HelpRequest.Decide.values
                else HelpRequest.Decide.FIRST,
                "supporter_uid": supporter_uid,
                "supporter_municipality_id": supporter_municipality_id if supporter_uid else None,
                "supporter_name": supporter_name if supporter_uid else "",
                "created_at": clock.now(),
                **fields,
            },
        )
        return _same(made, carer, fields)


def _same(series: Series, carer: Person, fields: dict[str, Any]) -> Series:
    """What an order made before. Raises ``NotFound``, ``OrderTaken``."""
    if series.carer_id != carer.pk:
        raise NotFound()
    if any(getattr(series, name) != value for name, value in fields.items()):
        raise OrderTaken()
    return series


def _content(from_time: time, minutes: int, rhythm: Rhythm, starts_on: date) -> dict[str, Any]:
    problems = rhythm_problems(rhythm, starts_on, months=paying_rules().series_months)
    if problems:
        raise problems[0] if len(problems) == 1 else Invalids(problems)
    return {
        "rule": rule_of(rhythm),
        "starts_on": starts_on,
        "from_time": from_time,
        "minutes": minutes,
    }


def _last(starts_on: date) -> date:
    return last_day_allowed(starts_on, paying_rules().series_months)


@contextmanager
def series_locked(*, uid: UUID, carer: Person | None = None) -> Iterator[Series]:
    """Lock a series of the current town. ``carer``: theirs only. Raises ``NotFound``."""
    with transaction.atomic():
        found = Series.objects.select_related("carer").select_for_update(of=("self",))
        series = found.filter(uid=uid, **({} if carer is None else {"carer": carer})).first()
        if series is None:
            raise NotFound()
        yield series


# --- occurrences ----------------------------------------------------------------------------------
def occurrence_open(*, series: Series, day: date) -> HelpRequest | None:
    """The open request of ``day`` of a locked series; None where it was made before, or another
    one stands on that day. Raises as ``draft_save`` and ``request_open``."""
    uid = derived_id(series.uid, day.isoformat(), series.revision)
    start = clock.at(day, series.from_time.hour, series.from_time.minute)
    of_day = HelpRequest.objects.filter(
        series_uid=series.uid,
        starts_at__gte=clock.at(day, 0),
        starts_at__lt=clock.at(day + timedelta(days=1), 0),
    )
    if (
        HelpRequest.objects.filter(uid=uid).exists()
        or of_day.exclude(state=HelpRequest.State.CANCELLED).exists()
        or _unwanted([one.uid for one in of_day])
    ):
        return None
    with transaction.atomic():
        draft_save(
            order_id=uid,
            carer=series.carer,
            category=series.category,
            place_uid=series.place_uid,
            starts_at=start,
            minutes=series.minutes,
            memo=series.memo,
            gender_wish=series.gender_wish,
        )
        HelpRequest.objects.filter(uid=uid).update(series_uid=series.uid)
        return request_open(uid=uid, carer=series.carer)


def _unwanted(uids: list[UUID]) -> bool:
    """Whether the carer, or the office for them, took this one day back by itself."""
    taken = RequestStep.objects.filter(
        request_uid__in=uids, after=HelpRequest.State.CANCELLED
    ).exclude(reason=CHANGED)
    return bool(taken.exists())


# --- changes: of a locked series ------------------------------------------------------------------
def series_change(
    *, series: Series, rhythm: Rhythm, starts_on: date, from_time: time, minutes: int
) -> None:
    """Another rhythm, hour or length from ``starts_on`` on, which is no later than what is made
    already of the old one. Raises as ``series_save``, ``SeriesChangeFar``."""
    last = clock.today() + AHEAD
    if starts_on > last:
        raise SeriesChangeFar(field="day", last=jday(last))
    fields = _content(from_time, minutes, rhythm, starts_on)
    first = days_of(fields["rule"], starts_on, last=_last(starts_on))[0]
    draft_checked(
        series.carer,
        series.category,
        series.place_uid,
        clock.at(first, from_time.hour, from_time.minute),
        minutes,
        series.memo,
        series.gender_wish,
    )
    _save(series, **fields, revision=series.revision + 1)


def series_day_skip(*, series: Series, day: date, is_made: bool = False) -> None:
    """Leave ``day`` out, a day of the rhythm or one that ``is_made`` of an earlier one. Raises
    ``SeriesDayUnknown``."""
    if not is_made:
        _day_checked(series, day)
    _save(series, skipped=sorted({*series.skipped, day.isoformat()}))


def series_away(*, series: Series, day: date) -> None:
    """The usual supporter cannot come on ``day``. Raises ``SeriesDayUnknown``."""
    _day_checked(series, day)
    _save(series, away=sorted({*series.away, day.isoformat()}))


def _day_checked(series: Series, day: date) -> None:
    if day < clock.today() or not days_of(series.rule, series.starts_on, first=day, last=day):
        raise SeriesDayUnknown()


def series_usual_set(
    *, series: Series, supporter_uid: UUID | None, municipality_id: int | None, name: str
) -> None:
    """Who usually comes from now on; None: nobody."""
    _save(
        series,
        supporter_uid=supporter_uid,
        supporter_municipality_id=municipality_id,
        supporter_name=name,
        away=[],
    )


def series_end(*, series: Series) -> None:
    """No occurrence is made any more. What was asked of people is ``matching``'s to take back."""
    _save(series, state=Series.State.ENDED, ended_at=clock.now())


def asking_forget(*, person_uid: UUID) -> None:
    """Erase somebody from the series and bundles of the current town: whoever usually came is
    nobody, and of a carer's own no word and no rhythm is kept. Again: changes nothing."""
    Series.objects.filter(supporter_uid=person_uid).update(
        supporter_uid=None, supporter_municipality_id=None, supporter_name="", away=[]
    )
    own = Series.objects.filter(carer__uid=person_uid)
    own.filter(state=Series.State.ACTIVE).update(state=Series.State.ENDED, ended_at=clock.now())
    own.update(
        memo="", place_label="", supporter_uid=None, supporter_municipality_id=None,
        supporter_name="", skipped=[], away=[],
    )  # fmt: skip
    Bundle.objects.filter(carer__uid=person_uid).update(title="")


def _save(series: Series, **changes: Any) -> None:
    assert series.municipality_id == current()
    for name, value in changes.items():
        setattr(series, name, value)
    series.save(update_fields=[*changes])
