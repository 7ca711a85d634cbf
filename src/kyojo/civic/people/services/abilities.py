"""What a supporter offers: skills, times, how far, how often."""

from collections.abc import Iterable, Mapping
from datetime import date, time

from django.db import transaction

from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import domain
from ..domain import WeekTime
from ..errors import AsksLimitWrong, ChoiceUnknown, DayPast
from ..models import Person, Skill, TimeException, WeeklyTime


def skill_set(*, person: Person, skills: Mapping[str, str]) -> list[Skill]:
    """Exactly these skills: category code → the person's own words (may be empty).

    Codes belong to the room of requests; a code that it does not know matches no request. Raises
    ``ChoiceUnknown`` for what is no code at all, ``TextTooLong``.
    """
    notes: dict[str, str] = {}
    for code, note in skills.items():
        if not (code.isascii() and code.isidentifier() and len(code) <= 20):
            raise ChoiceUnknown(field="skills", part="できること")
        notes[code] = domain.words(note, part="ひとこと", field=f"note_{code}", limit=120)
    with transaction.atomic():
        _person_locked(person)
        Skill.objects.filter(person=person).exclude(category__in=notes).delete()
        for code, note in notes.items():
            Skill.objects.update_or_create(person=person, category=code, defaults={"note": note})
    return list(Skill.objects.filter(person=person).order_by("category"))


def weekly_times_set(
    *, person: Person, times: Iterable[tuple[int, time, time]]
) -> list[WeeklyTime]:
    """Exactly these weekly times: (weekday, start, end), weekday 0 is Monday, local.

    Overlapping and touching times become one. Raises ``WeekdayWrong``, ``TimesBackwards``.
    """
    merged = domain.week_times_merged(WeekTime(*one) for one in times)
    with transaction.atomic():
        _person_locked(person)
        WeeklyTime.objects.filter(person=person).delete()
        WeeklyTime.objects.bulk_create(
            WeeklyTime(person=person, weekday=t.weekday, start=t.start, end=t.end) for t in merged
        )
    return list(WeeklyTime.objects.filter(person=person))


def time_exception_add(
    *,
    person: Person,
    day: date,
    is_free: bool,
    start: time | None = None,
    end: time | None = None,
) -> TimeException:
    """A day that differs from the week; without times, the whole day. Again: nothing changes.

    Raises ``DayPast``, ``TimesHalf``, ``TimesBackwards``.
    """
    if day < clock.today():
        raise DayPast(field="day")
    domain.exception_times_checked(start, end)
    with transaction.atomic():
        _person_locked(person)
        exception, _ = TimeException.objects.get_or_create(
            person=person, day=day, is_free=is_free, start=start, end=end
        )
    return exception  # type: ignore[no-any-return]


def time_exception_remove(*, person: Person, exception_id: int) -> None:
    """Raises ``NotFound`` where it is not this person's."""
    deleted, _ = TimeException.objects.filter(person=person, pk=exception_id).delete()
    if not deleted:
        raise NotFound()


def travel_set(*, person: Person, travel: str, travel_limit_m: int) -> Person:
    """How the person comes ("walk", "bicycle", "car") and how far at most, in metres along a
    straight line. Raises ``ChoiceUnknown``, ``TravelLimitWrong``."""
    if travel not in Person.Travel.values:
        raise ChoiceUnknown(field="travel", part="行き方")
    limit = domain.travel_limit_checked(travel, travel_limit_m)
    return _person_set(person, travel=travel, travel_limit_m=limit)


def asks_limit_set(*, person: Person, asks_per_week_max: int) -> Person:
    """How often a week the person may be asked. Raises ``AsksLimitWrong``."""
    if not 1 <= asks_per_week_max <= domain.ASKS_PER_WEEK_MAX:
        raise AsksLimitWrong(field="asks_per_week_max", high=domain.ASKS_PER_WEEK_MAX)
    return _person_set(person, asks_per_week_max=asks_per_week_max)


def rest_set(*, person: Person, until: date | None) -> Person:
    """Not to be asked up to and including ``until``; None ends the rest. Raises ``DayPast``."""
    if until is not None and until < clock.today():
        raise DayPast(field="resting_until")
    return _person_set(person, resting_until=until)


def _person_set(person: Person, **fields: object) -> Person:
    Person.objects.filter(pk=person.pk).update(**fields)
    for name, value in fields.items():
        setattr(person, name, value)
    return person


def _person_locked(person: Person) -> None:
    """Two saves of one form wait for each other."""
    if Person.objects.select_for_update(no_key=True).filter(pk=person.pk).first() is None:
        raise NotFound()
