from collections.abc import Callable

import pytest
from django.test import Client

from kyojo.civic.people.models import Person


@pytest.fixture
def browser_of() -> Callable[[Person], Client]:
    """A browser in which ``person`` is logged in."""

    def made(person: Person) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(person.user, backend="sesame.backends.ModelBackend")
        return client

    return made
