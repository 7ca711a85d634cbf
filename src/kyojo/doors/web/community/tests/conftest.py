import pytest
from django.test import Client


@pytest.fixture
def cast(standing):
    return standing


@pytest.fixture
def browser(cast):
    """``browser(user)``: a client logged in with that login."""

    def logged_in(user):
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return logged_in
