"""Every tampering with the rows is found by ``./kyojo check``'s rules, and named."""

import pytest
from conftest import connection_becomes, tables_empty
from django.db import connection, connections, transaction

from kyojo.doors.ops.postgres import APP, SUPERUSER
from kyojo.ledger import check as ledger_check
from kyojo.ledger.log import check as log_check
from kyojo.ledger.log.tests.cast import (
    KITA,
    Town,
    entries,
    hold_and_post,
    logged,
    moved,
    moved_often,
)

from .cases import DATABASE
from .database import Tamperer


def findings():
    return ledger_check.check(ledgers=[KITA])


@pytest.fixture(scope="module")
def hands(ground, django_db_setup, django_db_blocker, tmp_path_factory):
    """One town for all of them; nothing they do is committed."""
    with django_db_blocker.unblock():
        folder = tmp_path_factory.mktemp("keys")
        town = Town()
        first = moved(town, 10)
        hold = town.hold(5)
        hold_and_post(town)
        logged(folder)
        moved_often(town, 300)
        logged(folder)
        number = entries().index(first)
        connection_becomes(ground, SUPERUSER)
        try:
            yield Tamperer(town, first, number, hold.id)
        finally:
            connection_becomes(ground, APP)
            connections.close_all()
            tables_empty(ground)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """A transfer that is not logged counts from now on, not after a minute."""
    monkeypatch.setattr(log_check, "GRACE_SECONDS", 0)


def test_an_honest_ledger_has_no_findings(hands):
    assert findings() == []


@pytest.mark.parametrize("each", DATABASE, ids=str)
def test_found_and_named(each, hands):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
        each.done(hands)
        found = findings()
        transaction.set_rollback(True)
    assert tuple(sorted({problem.rule for problem in found})) == each.codes
    for problem in found:
        assert problem.detail
