import pytest
from django.test import Client


@pytest.fixture
def cast(standing):
    return standing


@pytest.fixture
def browser(cast):
    """``browser(person)``: a client logged in as that person."""

    def logged_in(person):
        client = Client()
        client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return logged_in
