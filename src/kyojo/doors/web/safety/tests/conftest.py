"""The cast in two towns, a clock that can be moved, and people at phones and desks."""

import pytest
from django.test import Client

from kyojo.doors.web.testing import sign_in


@pytest.fixture
def cast(standing):
    return standing


@pytest.fixture
def browser(cast):
    """``browser(person or login)``: a client signed in."""

    def logged_in(who):
        return sign_in(Client(), getattr(who, "user", who))

    return logged_in
