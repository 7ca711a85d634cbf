from datetime import date

import pytest

from kyojo.kernel import clock


@pytest.fixture
def nothing_stored(db, django_assert_num_queries):
    """A visitor's whole visit, in April 2026, asks the database for nothing."""
    with clock.frozen(clock.at(date(2026, 4, 20), 9)), django_assert_num_queries(0):
        yield
