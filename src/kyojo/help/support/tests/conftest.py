import pytest

from kyojo.kernel import clock

from .cast import WEEK_BEFORE, Cast, cast_make


@pytest.fixture
def cast(towns) -> Cast:
    """The cast in two towns, with the clock a week before the visit."""
    with clock.frozen(WEEK_BEFORE):
        made = cast_make()
        yield made
