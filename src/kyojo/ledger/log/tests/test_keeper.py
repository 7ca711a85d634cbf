"""The keeper in the worker: logs by itself, and goes on after the database was away; its keys."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.ledger.log import selectors
from kyojo.ledger.log.errors import LogKeyDiffers, LogKeyLeft, LogKeyMissing, LogKeyOpen
from kyojo.ledger.log.keeper import Keeper
from kyojo.ledger.log.keys import key_begin, key_load, key_settle
from kyojo.ledger.log.scope import ledger_scope
from kyojo.ledger.tlog.policy import Policy

from .cast import KITA, MIDORI, Town, entries, logged, moved, origin_of, sequencer

ORIGIN = origin_of(KITA)


@pytest.fixture
def town(committed_db):
    return Town()


@pytest.fixture
def keeper(town, tmp_path):
    keeper = Keeper(
        origin_of=origin_of,
        folder=tmp_path,
        policy=Policy.parse("quorum none\n"),
        poll_seconds=0.02,
        fault_seconds=0.02,
    )
    keeper.start()
    yield keeper
    keeper.stop()


def awaited(condition):
    """Asks until it is so; the tests' timeout ends a wait in vain."""
    pause = threading.Event()
    while not condition():
        pause.wait(0.02)


def published_size():
    with ledger_scope(KITA):
        try:
            return selectors.checkpoint_published(ledger=KITA).size
        except NotFound:
            return 0


def test_what_is_committed_is_published_by_itself(keeper, town):
    transfer = moved(town)
    awaited(lambda: published_size() == 2)
    assert entries()[-1] == transfer


def test_it_goes_on_after_every_connection_was_cut(keeper, town, owner_cursor, caplog):
    def cut():
        owner_cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return owner_cursor.fetchone()[0]

    awaited(lambda: published_size() == 1)
    for size in (2, 3):
        connection.close()
        awaited(cut)
        moved(town)
        awaited(lambda size=size: published_size() == size)
    assert "the log stopped and begins again" in caplog.text


def test_a_stopped_keeper_does_nothing_more(keeper, town):
    awaited(lambda: published_size() == 1)
    keeper.stop()
    keeper.stop()
    moved(town)
    assert not [each for each in threading.enumerate() if each.name.startswith("log-")]
    assert published_size() == 1


# --- keys -----------------------------------------------------------------------------------------


def test_a_key_is_for_its_owner_alone_and_stays(tmp_path):
    key = key_begin(tmp_path, KITA, ORIGIN)
    assert key_begin(tmp_path, KITA, ORIGIN) == key
    key_settle(tmp_path, KITA)
    [path] = tmp_path.iterdir()
    assert path.name == f"{KITA}.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert key_load(tmp_path, KITA, str(key.verifier)) == key
    path.chmod(0o640)
    with pytest.raises(LogKeyOpen):
        key_load(tmp_path, KITA, str(key.verifier))


def test_a_log_without_its_key_is_left_alone_and_told_once(town, tmp_path, caplog):
    other = Town(MIDORI)
    running = sequencer(tmp_path)
    running.poll()
    path = tmp_path / f"{KITA}.key"
    away = path.rename(tmp_path / "away")
    transfer = moved(town)
    moved(other)
    assert [done.ledger for done in running.poll()] == [MIDORI]
    assert running.poll() == []
    assert not path.exists()
    assert caplog.text.count("log_key_missing") == 1
    away.rename(path)
    assert [done.logged for done in running.poll()] == [1]
    assert entries()[-1] == transfer


def test_another_key_than_the_log_began_with_is_refused(town, tmp_path):
    logged(tmp_path)
    (tmp_path / f"{KITA}.key").unlink()
    with pytest.raises(LogKeyMissing):
        key_load(tmp_path, KITA, "x")
    wrong = key_begin(tmp_path, KITA, ORIGIN)
    key_settle(tmp_path, KITA)
    with ledger_scope(KITA):
        vkey = selectors.log_head(ledger=KITA).key
    assert str(wrong.verifier) != vkey
    with pytest.raises(LogKeyDiffers):
        key_load(tmp_path, KITA, vkey)


def test_a_database_that_lost_its_log_begins_no_other_under_the_old_key(
    town, tmp_path, owner_cursor, caplog
):
    logged(tmp_path)
    owner_cursor.execute("SET session_replication_role = replica")
    for table in ("head", "entry", "tile", "checkpoint", "key"):
        owner_cursor.execute(f"TRUNCATE ledger_log_{table}")
    assert logged(tmp_path) == []
    assert "log_key_left" in caplog.text
    with pytest.raises(LogKeyLeft):
        key_begin(tmp_path, KITA, ORIGIN)


def test_what_was_committed_is_logged_by_whatever_clock(town, tmp_path):
    with clock.frozen(clock.now() - timedelta(days=400)):
        old = moved(town)
    with clock.frozen(clock.now() + timedelta(days=400)):
        logged(tmp_path)
    assert entries()[-1] == old
