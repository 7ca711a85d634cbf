import pytest
from django.test import Client

from kyojo.help.support.tests.cast import WEEK_BEFORE, cast_make
from kyojo.kernel import clock


@pytest.fixture
def cast(towns):
    with clock.frozen(WEEK_BEFORE):
        yield cast_make()


@pytest.fixture
def browser(cast):
    """``browser(person)``: a client logged in as that person."""

    def logged_in(person):
        client = Client()
        client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return logged_in
