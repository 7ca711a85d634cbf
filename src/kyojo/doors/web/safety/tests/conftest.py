"""The cast in two towns, a clock that can be moved, and people at phones and desks."""

import pytest
from django.test import Client

from kyojo.doors.web.testing import sign_in
from kyojo.help.support.tests.cast import WEEK_BEFORE, cast_make
from kyojo.kernel import clock


@pytest.fixture
def cast(towns):
    with clock.frozen(WEEK_BEFORE):
        yield cast_make()


@pytest.fixture
def browser(cast):
    """``browser(person or login)``: a client signed in."""

    def logged_in(who):
        return sign_in(Client(), getattr(who, "user", who))

    return logged_in
