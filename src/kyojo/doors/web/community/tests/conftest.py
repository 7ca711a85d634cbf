import pytest
from django.test import Client

from kyojo.help.support.tests.cast import WEEK_BEFORE, cast_make
from kyojo.kernel import clock


@pytest.fixture
def cast(towns, db):
    with clock.frozen(WEEK_BEFORE):
        yield cast_make()


@pytest.fixture
def browser(cast):
    """``browser(user)``: a client logged in with that login."""

    def logged_in(user):
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return logged_in
