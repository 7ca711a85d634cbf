"""The check of the log against the rows: whatever a superuser does to either is named."""

import pytest
from django.db import connection

from kyojo.kernel.ids import new_id
from kyojo.ledger import check as ledger_check
from kyojo.ledger.log import check, services
from kyojo.ledger.log.keys import key_load
from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_sign
from kyojo.ledger.tlog.notes import SigningKey

from .cast import KITA, MIDORI, Town, entries, hold_and_post, logged, moved, moved_often


@pytest.fixture
def town(committed_db, tmp_path):
    """A log of 607 leaves in several rounds: full tiles, a hold and its post, a correction."""
    town = Town()
    moved_often(town, 600)
    logged(tmp_path, round_rows=250)
    hold_and_post(town)
    wrong = moved(town)
    moved(town, debit=town.supporter, credit=town.carer, correction_of=wrong)
    logged(tmp_path)
    moved(town)
    moved(town)
    logged(tmp_path)
    assert len(entries()) == 607
    return town


@pytest.fixture
def tamper(owner_cursor):
    """As a superuser past every trigger."""
    owner_cursor.execute("SET session_replication_role = replica")

    def run(statement, *parameters):
        owner_cursor.execute(statement, parameters or None)
        assert owner_cursor.rowcount != 0, statement

    return run


@pytest.fixture
def found(as_owner, monkeypatch):
    monkeypatch.setattr(check, "CHUNK_ROWS", 150)  # so that a log is read in several parts

    def look(**options):
        with as_owner():
            return [(problem.rule, problem.row) for problem in check.check(**options)]

    return look


def rules(problems):
    return {rule for rule, _ in problems}


def test_a_log_that_nobody_touched_is_sound(town, found):
    Town(MIDORI)
    assert found() == []


def test_it_is_part_of_the_ledger_s_check(town, tamper, as_owner):
    with as_owner():
        assert ledger_check.check() == []
    tamper("UPDATE ledger_log_entry SET leaf = leaf || ' ' WHERE number = 3")
    with as_owner():
        assert "leaf_matches_its_transfer" in {problem.rule for problem in ledger_check.check()}


OPEN = [
    ("amount", "amount + 1"),
    ("code", "code + 1"),
    ("at", "at + interval '2 days'"),
    ("pending_id", "gen_random_uuid()"),
    ("kind", "'void'"),
]
HIDDEN = [
    ("debit", "gen_random_uuid()"),
    ("credit", "(SELECT debit FROM ledger_transfer LIMIT 1)"),
    ("reference", "gen_random_uuid()"),
    ("at", "at + interval '1 microsecond'"),
    ("timeout_at", "at"),
]


def test_every_edited_column_of_a_transfer_is_named(town, tamper, found):
    for column, value in OPEN + HIDDEN:
        number = 602 if column in ("pending_id", "kind") else 601  # the post, the hold
        transfer = entries()[number]
        tamper("CREATE TABLE kept AS SELECT * FROM ledger_transfer WHERE id = %s", transfer)
        try:
            tamper(
                f"UPDATE ledger_transfer SET {column} = {value} WHERE id = %s",  # noqa: S608
                transfer,
            )
            assert ("leaf_matches_its_transfer", f"entry {number}") in found(), column
            tamper("DELETE FROM ledger_transfer WHERE id = %s", transfer)
            tamper("INSERT INTO ledger_transfer SELECT * FROM kept")
        finally:
            tamper("DROP TABLE kept")
    assert found() == []


def test_a_side_moved_to_an_account_that_does_not_exist_is_named(town, tamper, found):
    tamper(
        "UPDATE ledger_transfer SET credit = gen_random_uuid()"
        " WHERE id = (SELECT transfer FROM ledger_log_entry WHERE number = 601)"
    )
    assert found() == [("account_has_its_key", "entry 601")]


def test_a_deleted_transfer_is_named(town, tamper, found):
    tamper(
        "DELETE FROM ledger_transfer"
        " WHERE id = (SELECT transfer FROM ledger_log_entry WHERE number = 5)"
    )
    assert found() == [("entry_has_its_transfer", "entry 5")]


@pytest.mark.parametrize("when", ["-2 minutes", "900 years"])
def test_an_inserted_transfer_is_named_once_the_sequencer_had_its_time(town, tamper, found, when):
    new = new_id()
    tamper(
        "INSERT INTO ledger_transfer (ledger, id, debit, credit, amount, kind, code, at,"
        " written_at, written_xid) SELECT ledger, %s, debit, credit, 1, kind, code, at,"
        " now() + %s::interval, 3 FROM ledger_transfer LIMIT 1",
        new,
        when,
    )
    assert found() == [("transfer_is_logged", f"transfer {new}")]


def test_truncated_transfers_are_named(town, tamper, found):
    tamper("TRUNCATE ledger_transfer")
    problems = found()
    assert rules(problems) == {"entry_has_its_transfer"}
    assert len(problems) == check.NAMED_ROWS + 1


def test_an_edited_leaf_is_named(town, tamper, found):
    tamper("UPDATE ledger_log_entry SET leaf = replace(leaf, 'coin', 'yen') WHERE number = 300")
    problems = found()
    assert ("leaf_matches_its_transfer", "entry 300") in problems
    assert ("tile_matches_the_entries", "tile/0/001") in problems
    assert ("checkpoint_matches_the_entries", "checkpoint 500") in problems
    assert ("checkpoint_matches_the_entries", "checkpoint 250") not in problems
    assert ("head_matches_the_entries", "head") in problems


def test_a_transfer_and_its_leaf_edited_together_are_named(town, tamper, found, tmp_path):
    """With the account's key at hand, too: the tree and the signature still tell."""
    tamper(
        "UPDATE ledger_transfer SET code = 7"
        " WHERE id = (SELECT transfer FROM ledger_log_entry WHERE number = 300)"
    )
    tamper(
        "UPDATE ledger_log_entry SET leaf = replace(leaf, E'\\n2\\n1\\n', E'\\n7\\n1\\n')"
        " WHERE number = 300"
    )
    assert rules(found()) == {
        "tile_matches_the_entries",
        "checkpoint_matches_the_entries",
        "head_matches_the_entries",
    }


def test_a_deleted_entry_is_named(town, tamper, found):
    tamper("DELETE FROM ledger_log_entry WHERE number = 300")
    problems = found()
    assert ("log_has_no_gap", "entry 301") in problems
    assert ("head_matches_the_entries", "head") in problems
    assert ("checkpoint_matches_the_entries", "checkpoint 607") in problems


def test_an_inserted_entry_is_named(town, tamper, found):
    tamper(
        "INSERT INTO ledger_log_entry SELECT ledger, 607, gen_random_uuid(), leaf"
        " FROM ledger_log_entry WHERE number = 606"
    )
    problems = found()
    assert ("entry_has_its_transfer", "entry 607") in problems
    assert ("head_matches_the_entries", "head") in problems


def test_reordered_entries_are_named(town, tamper, found):
    for one, other in ((7, 9007), (8, 7), (9007, 8)):
        tamper("UPDATE ledger_log_entry SET number = %s WHERE number = %s", other, one)
    problems = found()
    assert "leaf_matches_its_transfer" in rules(problems)
    assert "head_matches_the_entries" in rules(problems)


def test_truncated_entries_are_named(town, tamper, found):
    tamper("TRUNCATE ledger_log_entry")
    problems = found()
    assert {"head_matches_the_entries", "checkpoint_matches_the_entries"} <= rules(problems)
    assert "tile_matches_the_entries" in rules(problems)


def test_a_post_without_its_hold_in_the_log_is_named(town, tamper, found):
    hold, post = 601, 602
    tamper("UPDATE ledger_log_entry SET number = 9999 WHERE number = %s", hold)
    assert ("logged_after_what_it_speaks_of", f"entry {post}") in found()


def test_tiles_that_were_touched_are_named(town, tamper, found):
    tamper("UPDATE ledger_log_tile SET hashes = sha256('x') WHERE level = 1")
    tamper("DELETE FROM ledger_log_tile WHERE level = 0 AND index = 1")
    tamper("INSERT INTO ledger_log_tile SELECT ledger, 2, 0, sha256('x') FROM ledger_log_head")
    assert sorted(found()) == [
        ("tile_matches_the_entries", "tile/0/001"),
        ("tile_matches_the_entries", "tile/1/000.p/2"),
        ("tile_matches_the_entries", "tile/2/000"),
    ]


def test_a_head_that_was_touched_is_named(town, tamper, found):
    tamper("UPDATE ledger_log_head SET root = sha256('x')")
    assert found() == [("head_matches_the_entries", "head")]
    tamper("DELETE FROM ledger_log_head")
    assert ("log_has_its_head", "log") in found()


def test_checkpoints_that_were_touched_are_named(town, tamper, found, tmp_path):
    tamper("DELETE FROM ledger_log_checkpoint WHERE size = 607")
    assert found() == [("checkpoint_is_signed", "head")]


def test_a_checkpoint_by_another_key_is_named(town, tamper, found):
    origin = f"kyojo.example.jp/log/{KITA}"
    with connection.cursor() as cursor:
        cursor.execute(f"SET app.municipality = '{KITA}'")
        cursor.execute("SELECT root FROM ledger_log_checkpoint WHERE size = 607")
        root = bytes(cursor.fetchone()[0])
        cursor.execute("RESET app.municipality")
    forged = checkpoint_sign(Checkpoint(origin, 607, root), SigningKey.generate(origin))
    tamper("UPDATE ledger_log_checkpoint SET note = %s WHERE size = 607", forged.encode().decode())
    assert found() == [("checkpoint_is_signed", "checkpoint 607")]


def test_a_checkpoint_of_another_root_by_the_true_key_is_named(town, tamper, found, tmp_path):
    origin = f"kyojo.example.jp/log/{KITA}"
    with connection.cursor() as cursor:
        cursor.execute(f"SET app.municipality = '{KITA}'")
        cursor.execute("SELECT key FROM ledger_log_head")
        [vkey] = cursor.fetchone()
        cursor.execute("RESET app.municipality")
    key = key_load(tmp_path, KITA, vkey)
    forged = checkpoint_sign(Checkpoint(origin, 607, bytes(32)), key).encode().decode()
    tamper(
        "UPDATE ledger_log_checkpoint SET note = %s, cosigned = %s, root = %s WHERE size = 607",
        forged,
        forged,
        bytes(32),
    )
    assert found() == [("checkpoint_matches_the_entries", "checkpoint 607")]


def test_a_key_that_was_removed_or_exchanged_is_named(town, tamper, found):
    tamper("UPDATE ledger_log_key SET key = sha256('x') WHERE account = %s", town.supporter)
    assert rules(found()) == {"leaf_matches_its_transfer"}
    tamper("DELETE FROM ledger_log_key WHERE account = %s", town.supporter)
    assert rules(found()) == {"account_has_its_key"}


def test_a_trigger_that_was_switched_off_is_named(town, owner_cursor, found):
    owner_cursor.execute("ALTER TABLE ledger_log_tile DISABLE TRIGGER ledger_log_tile_grows")
    try:
        assert found() == [("log_is_append_only", "table ledger_log_tile")]
    finally:
        owner_cursor.execute("ALTER TABLE ledger_log_tile ENABLE TRIGGER ledger_log_tile_grows")


def test_one_ledger_can_be_asked_for(town, tamper, found):
    tamper("UPDATE ledger_log_head SET root = sha256('x')")
    assert found(ledgers=[MIDORI]) == []
    assert found(ledgers=[KITA]) == [("head_matches_the_entries", "head")]


def test_a_forgotten_account_leaves_the_log_sound(town, found):
    assert services.account_forget(ledger=KITA, account=town.supporter)
    assert found() == []


def test_what_can_be_edited_unseen_after_an_account_was_forgotten(town, tamper, found):
    """The side of a forgotten account can no longer be rebuilt; the other side still binds the
    reference and the times (docs/reference/log.md says so)."""
    services.account_forget(ledger=KITA, account=town.supporter)
    [hold] = entries()[601:602]
    tamper("UPDATE ledger_transfer SET credit = gen_random_uuid() WHERE id = %s", hold)
    assert rules(found()) == {"account_has_its_key"}
    tamper("UPDATE ledger_transfer SET credit = %s WHERE id = %s", town.supporter, hold)
    tamper("UPDATE ledger_transfer SET reference = gen_random_uuid() WHERE id = %s", hold)
    assert ("leaf_matches_its_transfer", "entry 601") in found()
    services.account_forget(ledger=KITA, account=town.carer)
    assert found() == []  # both are forgotten: nobody can tell any more
    tamper("UPDATE ledger_transfer SET amount = 4 WHERE id = %s", hold)
    assert ("leaf_matches_its_transfer", "entry 601") in found()
