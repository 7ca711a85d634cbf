import pytest

from kyojo.help.support.tests.cast import WEEK_BEFORE, Cast, cast_make
from kyojo.kernel import clock


@pytest.fixture
def cast(towns) -> Cast:
    with clock.frozen(WEEK_BEFORE):
        yield cast_make()
