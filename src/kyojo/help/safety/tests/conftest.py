import pytest


@pytest.fixture
def cast(standing):
    return standing
