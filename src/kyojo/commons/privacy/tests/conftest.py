import pytest


@pytest.fixture
def cast(standing):
    """The cast of visits in two towns, with the clock a week before the visit; committed."""
    return standing
