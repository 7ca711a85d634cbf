"""Local hours: nights do not count, and the way back is exact."""

from datetime import datetime

import numpy as np
import pytest

from kyojo.help.matching.asking.hours import (
    awake,
    awake_at,
    awake_between,
    local_hours,
    moment_of,
)
from kyojo.kernel.clock import TOKYO


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [(8, 10, 2), (21, 31, 1), (23, 24 + 6, 0), (6, 24 + 6, 15), (12, 12, 0), (10, 34, 15)],
)
def test_nights_do_not_count(start, end, hours):
    assert awake_between(start, end) == pytest.approx(hours)


def test_one_moment_and_many_agree():
    moments = np.linspace(0, 400, 501)
    assert np.allclose(awake(moments), [awake_at(one) for one in moments.tolist()])


def test_the_way_back_lies_in_the_day():
    hours = np.linspace(0.01, 300, 400)
    moments = moment_of(hours)
    assert np.allclose(awake(moments), hours)
    assert ((moments % 24 >= 7) & (moments % 24 <= 22)).all()


def test_local_hours_count_from_a_monday():
    moment = datetime(2026, 4, 1, 9, 30, tzinfo=TOKYO)  # a Wednesday
    hours = local_hours(moment)
    assert hours % 24 == 9.5
    assert hours // 24 % 7 == moment.weekday() == 2
