"""``./kyojo check`` on a database that somebody has meddled with."""

from uuid import uuid4

import pytest

from kyojo.doors.ops import check
from kyojo.kernel.ids import new_id
from kyojo.ledger import services as ledger
from kyojo.ledger.types import AccountCode, Leg, TransferCode


@pytest.fixture
def coins(towns):
    """Two accounts of 北ひなた市 with ten coins moved between them."""
    issuer, treasury = uuid4(), uuid4()
    ledger.account_open(ledger=towns.kita.id, id=issuer, currency="coin", code=AccountCode.ISSUER)
    ledger.account_open(
        ledger=towns.kita.id, id=treasury, currency="coin", code=AccountCode.TREASURY
    )
    leg = Leg(
        ledger=towns.kita.id,
        id=new_id(),
        debit=issuer,
        credit=treasury,
        amount=10,
        code=TransferCode.ISSUE,
    )
    ledger.legs_execute(legs=[leg])


def test_a_sound_system_has_no_findings(as_owner, coins):
    with as_owner():
        assert check.findings_all() == []


def test_a_balance_that_its_transfers_do_not_explain_is_named(as_owner, coins, owner_cursor):
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute(
        "UPDATE ledger_balance SET credits_posted = credits_posted + 1 WHERE credits_posted = 10"
    )
    assert owner_cursor.rowcount == 1
    with as_owner():
        findings = check.findings_all()
    assert findings
    assert any("ledger 990019" in finding for finding in findings)


def test_a_wall_that_is_down_is_named(as_owner, owner_cursor):
    owner_cursor.execute("ALTER TABLE municipalities_area DISABLE ROW LEVEL SECURITY")
    try:
        with as_owner():
            findings = check.findings_all()
    finally:
        owner_cursor.execute("ALTER TABLE municipalities_area ENABLE ROW LEVEL SECURITY")
    assert findings == [
        "municipalities_area has no row-level security (is its model a TenantModel?)"
    ]


def test_a_migration_that_is_not_applied_is_named_first(as_owner, owner_cursor):
    owner_cursor.execute(
        "DELETE FROM django_migrations WHERE app = 'ops' AND name = '0001_demo' RETURNING applied"
    )
    (applied,) = owner_cursor.fetchone()
    try:
        with as_owner():
            findings = check.findings_all()
    finally:
        owner_cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('ops', '0001_demo', %s)",
            [applied],
        )
    assert findings == ["migration ops.0001_demo is not applied: run ./kyojo migrate"]
