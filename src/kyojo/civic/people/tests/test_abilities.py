from datetime import date, time, timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import selectors, services
from kyojo.civic.people.errors import (
    AsksLimitWrong,
    BlockSelf,
    ChoiceUnknown,
    DayPast,
    TextTooLong,
    TimesBackwards,
    TravelLimitWrong,
)
from kyojo.civic.people.models import Person, Skill, TimeException, WeeklyTime
from kyojo.civic.people.testing import JUN, make_carer, make_supporter
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def ken(towns):
    person = make_supporter(towns.kita.id)
    with clock.frozen(clock.at(date(2026, 11, 20), 10)), tenant(towns.kita.id):
        yield person


def test_skills_are_exactly_what_was_said_last(ken):
    services.skill_set(person=ken, skills={"garden": "草取りが得意", "shopping": ""})
    services.skill_set(person=ken, skills={"garden": " 庭木も ", "walk": ""})
    assert [(s.category, s.note) for s in selectors.skills_of(ken)] == [
        ("garden", "庭木も"),
        ("walk", ""),
    ]
    for skills, refusal in (
        ({"草": ""}, ChoiceUnknown),
        ({"gar den": ""}, ChoiceUnknown),
        ({"garden": "あ" * 121}, TextTooLong),
    ):
        with pytest.raises(refusal):
            services.skill_set(person=ken, skills=skills)
    assert Skill.objects.filter(person=ken).count() == 2


def test_weekly_times_merge_and_a_wrong_one_changes_nothing(ken):
    services.weekly_times_set(
        person=ken, times=[(5, time(9), time(12)), (5, time(11), time(13)), (0, time(18), time(20))]
    )
    kept = [(0, time(18), time(20)), (5, time(9), time(13))]
    assert [(t.weekday, t.start, t.end) for t in selectors.weekly_times_of(ken)] == kept
    with pytest.raises(TimesBackwards):
        services.weekly_times_set(person=ken, times=[(1, time(12), time(9))])
    assert [(t.weekday, t.start, t.end) for t in selectors.weekly_times_of(ken)] == kept
    services.weekly_times_set(person=ken, times=[])
    assert WeeklyTime.objects.filter(person=ken).count() == 0


def test_exceptions_are_for_days_to_come_and_ones_own(ken, towns):
    day = clock.today() + timedelta(days=8)
    first = services.time_exception_add(person=ken, day=day, is_free=False)
    assert services.time_exception_add(person=ken, day=day, is_free=False) == first
    with pytest.raises(DayPast):
        services.time_exception_add(person=ken, day=date(2026, 11, 19), is_free=True)
    other = make_supporter(towns.kita.id, JUN)
    with pytest.raises(NotFound):
        services.time_exception_remove(person=other, exception_id=first.pk)
    assert selectors.time_exceptions_of(ken) == [first]
    services.time_exception_remove(person=ken, exception_id=first.pk)
    assert TimeException.objects.count() == 0


def test_how_far_how_often_and_rest(ken):
    services.travel_set(person=ken, travel="car", travel_limit_m=20_000)
    services.asks_limit_set(person=ken, asks_per_week_max=3)
    services.rest_set(person=ken, until=date(2026, 12, 31))
    with pytest.raises(TravelLimitWrong):
        services.travel_set(person=ken, travel="walk", travel_limit_m=20_000)
    with pytest.raises(ChoiceUnknown):
        services.travel_set(person=ken, travel="boat", travel_limit_m=1_000)
    for wrong in (0, 15):
        with pytest.raises(AsksLimitWrong):
            services.asks_limit_set(person=ken, asks_per_week_max=wrong)
    with pytest.raises(DayPast):
        services.rest_set(person=ken, until=date(2026, 11, 19))
    row = Person.objects.get(pk=ken.pk)
    assert (row.travel, row.travel_limit_m, row.asks_per_week_max) == ("car", 20_000, 3)
    assert row.resting_until == date(2026, 12, 31)
    services.rest_set(person=ken, until=None)
    assert Person.objects.get(pk=ken.pk).resting_until is None


def test_a_block_works_both_ways_and_across_towns(ken, towns):
    carer = make_carer(towns.midori.id)
    sides = ((towns.midori.id, carer.uid), (towns.kita.id, ken.uid))
    assert not selectors.blocked_either_way(*sides)
    with tenant(towns.midori.id):
        first = services.block_add(person=carer, blocked_uid=ken.uid)
        assert services.block_add(person=carer, blocked_uid=ken.uid) == first
        with pytest.raises(BlockSelf):
            services.block_add(person=carer, blocked_uid=carer.uid)
    assert selectors.blocked_either_way(*sides)
    assert selectors.blocks_of(ken) == []  # nobody is told
    with tenant(towns.midori.id):
        services.block_remove(person=carer, blocked_uid=ken.uid)
    assert not selectors.blocked_either_way(*sides)
