"""The sequencer among forged heads, broken ledgers and holds that are made in the wrong moment."""

import threading

import pytest
from django.db import connections, transaction

from kyojo.kernel import clock
from kyojo.ledger.log import sequencer as sequencing
from kyojo.ledger.log.scope import ledger_scope, rows
from kyojo.ledger.log.tile_rows import tile_read
from kyojo.ledger.tlog.merkle import EMPTY_ROOT, leaf_hash
from kyojo.ledger.tlog.tiles import tiles_grow
from kyojo.ledger.types import Kind

from .cast import KITA, MIDORI, Town, entries, logged, moved, sequencer, services


@pytest.fixture
def town(committed_db):
    return Town()


def forged(transfer, text, *, old_size, note):
    """Append a leaf as whoever can call the log's functions could: all sums right, but for the
    signature, which needs the key."""
    with ledger_scope(KITA):
        [(root,)] = rows("SELECT root FROM ledger_log_head WHERE ledger = %s", [KITA])
        grown = tiles_grow(
            old_size=old_size,
            leaf_hashes=[leaf_hash(text.encode())],
            read=tile_read(KITA),
            old_root=bytes(root),
        )
        sequencing._append_rows(
            KITA, old_size, [transfer], [text], grown, note, publish_at_once=True
        )


@pytest.mark.parametrize("of_before", [False, True], ids=["a note of its own", "an older note"])
def test_the_key_signs_nothing_on_top_of_leaves_that_it_did_not_sign(
    town, tmp_path, caplog, of_before
):
    logged(tmp_path)
    with ledger_scope(KITA):
        [(signed,)] = rows("SELECT note FROM ledger_log_checkpoint WHERE ledger = %s", [KITA])
    forged(
        moved(town, 1),
        "kyojo-transfer/v1\nten times as much\n",
        old_size=1,
        note=signed if of_before else "nobody signed this\n",
    )
    moved(town)
    other = Town(MIDORI)
    assert [done.ledger for done in logged(tmp_path)] == [MIDORI]
    assert len(entries()) == 2
    assert "log_head_unsigned" in caplog.text
    moved(other)
    assert [done.ledger for done in logged(tmp_path)] == [MIDORI]


def test_a_log_that_was_opened_with_a_strange_key_is_not_written(town, tmp_path, caplog):
    rows(
        "SELECT ledger_log_open(%s, 'a', %s, %s, %s)",
        [KITA, "a+00000000+AQAA", EMPTY_ROOT, clock.now()],
    )
    assert logged(tmp_path) == []
    assert "log_key_missing" in caplog.text


@pytest.mark.parametrize("broken", ["tile", "number", "key", "key is a folder"])
def test_one_broken_ledger_does_not_stop_the_logs_of_the_others(
    town, tmp_path, owner_cursor, caplog, broken
):
    other = Town(MIDORI)
    running = sequencer(tmp_path)
    running.poll()
    moved(town)
    moved(other)
    key = tmp_path / f"{KITA}.key"
    if broken == "tile":
        owner_cursor.execute("SET session_replication_role = replica")
        owner_cursor.execute(
            "UPDATE ledger_log_tile SET hashes = sha256(hashes) WHERE ledger = %s", [KITA]
        )
    elif broken == "number":
        owner_cursor.execute(
            "INSERT INTO ledger_log_entry VALUES (%s, 1, gen_random_uuid(), 'x')", [KITA]
        )
    elif broken == "key":
        key.write_text("not a key\n")
    else:
        key.unlink()
        key.mkdir()
    assert [done.ledger for done in running.poll()] == [MIDORI]
    assert running.poll() == []
    assert len([r for r in caplog.records if f"ledger {KITA} is not logged" in r.message]) == 1


def test_a_comparison_of_everything_that_was_not_made_is_made_up_for(town, tmp_path, owner_cursor):
    """A worker that starts while another has the log, or while the key is away."""
    logged(tmp_path)
    low = moved(town)
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute("UPDATE ledger_transfer SET written_xid = 3 WHERE id = %s", [low])
    key = tmp_path / f"{KITA}.key"
    away = key.rename(tmp_path / "away")
    running = sequencer(tmp_path)
    assert running.poll() == []
    away.rename(key)
    running.poll()
    assert entries()[-1] == low


def test_a_hold_that_is_made_and_resolved_within_a_round_stands_before_its_post(
    town, tmp_path, monkeypatch
):
    """By a transaction that is older than the hold: the round's xmax lies between the two."""
    logged(tmp_path)
    begun, made, done = threading.Event(), threading.Event(), threading.Event()
    ids, failures = [], []

    def older():
        try:
            with transaction.atomic():
                rows("SELECT pg_current_xact_id()")
                begun.set()
                assert made.wait(30)
                post = town.resolve(ids[0], Kind.POST)
                services.legs_execute(legs=[post])
                ids.append(post)
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            done.set()
            connections.close_all()

    def newer():
        ids.append(town.hold(3))
        made.set()
        connections.close_all()

    real = sequencing._take

    def taken(ledger):
        head = real(ledger)
        monkeypatch.setattr(sequencing, "_take", real)
        threading.Thread(target=newer).start()
        assert done.wait(30)
        return head

    thread = threading.Thread(target=older)
    thread.start()
    assert begun.wait(30)
    moved(town)  # so that the older one lies below xmax
    monkeypatch.setattr(sequencing, "_take", taken)
    running = sequencer(tmp_path)
    running.since = 1  # it was started long ago
    running.poll()
    thread.join()
    assert failures == []
    running.poll()
    hold, post = (leg.id for leg in ids)
    found = entries()
    assert found.index(hold) < found.index(post)
