import pytest

from .cast import Cast


@pytest.fixture
def cast(standing: Cast) -> Cast:
    """The cast in two towns, with the clock a week before the visit."""
    return standing
