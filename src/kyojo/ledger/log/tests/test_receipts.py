"""Receipts out of the database, and forgetting."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.ledger.log import selectors, services
from kyojo.ledger.log.errors import NotLoggedYet, SideForgotten
from kyojo.ledger.log.receipts import SIDES, Receipt
from kyojo.ledger.log.scope import ledger_scope, rows
from kyojo.ledger.tlog.notes import VerifierKey

from .cast import KITA, MIDORI, Town, entries, hold_and_post, logged, moved, moved_often, sequencer


@pytest.fixture
def town(committed_db):
    return Town()


def receipt(transfer, *sides, ledger=KITA):
    with ledger_scope(ledger):
        return selectors.receipt_for(ledger=ledger, transfer=transfer, sides=sides)


def key(ledger=KITA):
    with ledger_scope(ledger):
        return VerifierKey.parse(selectors.log_head(ledger=ledger).key)


def test_every_transfer_has_a_receipt_that_verifies(town, tmp_path):
    moved_often(town, 290)
    hold_and_post(town)
    reference = new_id()
    last = moved(town, reference=reference)
    logged(tmp_path)
    for number, transfer in enumerate(entries()):
        if number % 29 == 0 or number > 285:
            made = receipt(transfer, *SIDES)
            read = Receipt.parse(made.encode())
            result = read.verify(key=key(), now=clock.now())
            assert (read.leaf.number, result.checkpoint.size) == (number, 294)
    [debit] = receipt(last, "debit").sides
    assert (debit.account, debit.reference) == (town.carer, reference)
    [credit] = receipt(last, "credit").sides
    assert credit.account == town.supporter


def test_a_receipt_stays_true_while_the_log_grows(town, tmp_path):
    transfer = moved(town)
    logged(tmp_path)
    first = receipt(transfer, "debit")
    moved_often(town, 300)
    logged(tmp_path)
    assert receipt(transfer, "debit").leaf == first.leaf
    for made in (first, receipt(transfer, "debit")):
        made.verify(key=key(), now=clock.now())


def test_what_is_not_published_has_no_receipt_yet(town, tmp_path):
    with pytest.raises(NotLoggedYet):
        receipt(entries_none(town))
    logged(tmp_path)
    late = moved(town)
    with pytest.raises(NotLoggedYet):
        receipt(late)
    with pytest.raises(NotFound):
        receipt(new_id())


def entries_none(town):
    assert entries() == []
    return moved(town)


def test_another_town_s_transfer_is_not_found(town, tmp_path):
    transfer = moved(town)
    Town(MIDORI)
    logged(tmp_path)
    with pytest.raises(NotFound):
        receipt(transfer, ledger=MIDORI)
    with ledger_scope(MIDORI), pytest.raises(RuntimeError, match="wrap the call in"):
        selectors.receipt_for(ledger=KITA, transfer=transfer, sides=())


# --- forgetting -----------------------------------------------------------------------------------


def test_a_forgotten_account_can_be_opened_no_more_and_the_other_side_still_can(town, tmp_path):
    transfer = moved(town)
    logged(tmp_path)
    before = receipt(transfer, *SIDES)
    assert services.account_forget(ledger=KITA, account=town.supporter)
    assert not services.account_forget(ledger=KITA, account=town.supporter)
    with pytest.raises(SideForgotten):
        receipt(transfer, "credit")
    after = receipt(transfer, "debit")
    assert after.leaf == before.leaf
    after.verify(key=key(), now=clock.now())
    before.verify(key=key(), now=clock.now())  # who kept one keeps a proof


def test_a_forgotten_account_gets_no_second_key(town, tmp_path):
    logged(tmp_path)
    services.account_forget(ledger=KITA, account=town.supporter)
    late = moved(town)
    logged(tmp_path)
    with ledger_scope(KITA):
        assert rows("SELECT key FROM ledger_log_key WHERE account = %s", [town.supporter]) == [
            (None,)
        ]
    with pytest.raises(SideForgotten):
        receipt(late, "credit")
    receipt(late, "debit").verify(key=key(), now=clock.now())


def test_an_account_that_was_never_logged_can_be_forgotten(town, tmp_path):
    late = moved(town)
    assert not services.account_forget(ledger=KITA, account=town.supporter)
    logged(tmp_path)
    with pytest.raises(SideForgotten):
        receipt(late, "credit")


def test_forgetting_that_is_rolled_back_forgets_nothing(town, tmp_path):
    transfer = moved(town)
    running = sequencer(tmp_path)
    running.poll()

    class Never(Exception):
        pass

    with pytest.raises(Never), transaction.atomic():
        services.account_forget(ledger=KITA, account=town.supporter)
        raise Never
    assert receipt(transfer, "credit").sides


def test_the_application_can_only_read(town, tmp_path):
    moved(town)
    logged(tmp_path)
    for statement in (
        "UPDATE ledger_log_entry SET leaf = ''",
        "DELETE FROM ledger_log_key",
        "UPDATE ledger_log_head SET size = 0",
        "INSERT INTO ledger_log_tile VALUES (990019, 0, 9, ''::bytea)",
        "TRUNCATE ledger_log_checkpoint",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            ledger_scope(KITA),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    for table in ("head", "entry", "tile", "checkpoint", "key"):
        with ledger_scope(MIDORI):
            assert rows(f"SELECT count(*) FROM ledger_log_{table}") == [(0,)]  # noqa: S608


def test_even_the_owner_is_refused(town, tmp_path, as_owner):
    logged(tmp_path)
    with as_owner():
        for statement in (
            "UPDATE ledger_log_entry SET leaf = ''",
            "DELETE FROM ledger_log_entry",
            "TRUNCATE ledger_log_entry",
            "UPDATE ledger_log_head SET key = 'another'",
            "DELETE FROM ledger_log_head",
            "UPDATE ledger_log_tile SET hashes = sha256('x')",
            "DELETE FROM ledger_log_tile",
            "UPDATE ledger_log_checkpoint SET note = 'another'",
            "DELETE FROM ledger_log_checkpoint",
            "UPDATE ledger_log_key SET key = sha256('x')",
            "DELETE FROM ledger_log_key",
            "TRUNCATE ledger_log_key",
        ):
            with (
                pytest.raises(IntegrityError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
