import pytest

from kyojo.help.support.tests.cast import WEEK_BEFORE, Cast, cast_make
from kyojo.kernel import clock


@pytest.fixture
def cast(towns) -> Cast:
    """The cast of visits in two towns, with the clock a week before the visit; committed."""
    with clock.frozen(WEEK_BEFORE):
        yield cast_make()
