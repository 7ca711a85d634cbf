import pytest
from django.test import Client

from kyojo.doors.web.testing import sign_in
from kyojo.help.support.tests.cast import WEEK_BEFORE, Cast, cast_make
from kyojo.kernel import clock


@pytest.fixture
def cast(towns) -> Cast:
    with clock.frozen(WEEK_BEFORE):
        yield cast_make()


@pytest.fixture
def browser(cast):
    """``browser(person or user)``: a client signed in as that person, just now."""
    return lambda who: sign_in(Client(), getattr(who, "user", who))
