import pytest
from django.test import Client

from kyojo.doors.web.testing import sign_in


@pytest.fixture
def cast(standing):
    return standing


@pytest.fixture
def browser(cast):
    """``browser(person or user)``: a client signed in as that person, just now."""
    return lambda who: sign_in(Client(), getattr(who, "user", who))
