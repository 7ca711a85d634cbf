"""The demo's clock goes on, never back, and lands where it was sent."""

from datetime import UTC, datetime, timedelta

import pytest

from kyojo.doors.web.demo import clock as demo_clock
from kyojo.doors.web.demo.jobs import due_run
from kyojo.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_real_clock_afterwards():
    before = clock._offset.set(None)
    yield
    clock._offset.reset(before)  # "no offset of its own", or the next test's could not move it


def test_part_of_a_second_does_not_end_before_the_minute() -> None:
    moment = datetime(2026, 11, 20, 1, 0, 0, 400_000, tzinfo=UTC)
    target = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    demo_clock.advance(target - moment)
    assert moment + demo_clock.offset() >= target
    assert moment + demo_clock.offset() < target + timedelta(seconds=1)


def test_it_never_goes_back() -> None:
    demo_clock.advance(timedelta(hours=3))
    demo_clock.advance(timedelta(hours=-2))
    assert demo_clock.offset() == timedelta(hours=3)


def test_what_is_due_is_done_where_nothing_is_due(towns) -> None:
    due_run()
