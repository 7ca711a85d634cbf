from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.test import Client

from kyojo.civic.earnings.testing import install, stand
from kyojo.civic.people.models import Person
from kyojo.civic.people.testing import FUMI, make_supporter
from kyojo.kernel import clock

NOW = clock.at(date(2026, 11, 20), 18)


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def browser_of() -> Callable[[Person], Client]:
    """A browser in which ``person`` is logged in."""

    def made(person: Person) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(person.user, backend="sesame.backends.ModelBackend")
        return client

    return made


@pytest.fixture
def fumi(towns) -> Person:
    """78, first-class insured, in みどり浜市, where points of the yokohama kind are given."""
    install(towns.midori.id, "yokohama")
    person = make_supporter(towns.midori.id, FUMI)
    stand(person)
    return person
