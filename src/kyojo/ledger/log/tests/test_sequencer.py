"""The sequencer: all that is committed, once, in order, whatever happens meanwhile."""

import threading
import time

import pytest
from django.db import connections, transaction

from kyojo.ledger.log import sequencer as sequencing
from kyojo.ledger.log.keys import key_load
from kyojo.ledger.log.leaves import Leaf
from kyojo.ledger.log.scope import ledger_scope, rows
from kyojo.ledger.log.tile_rows import tile_read
from kyojo.ledger.tlog.checkpoints import checkpoint_open
from kyojo.ledger.tlog.merkle import leaf_hash, root_of
from kyojo.ledger.tlog.notes import SignedNote
from kyojo.ledger.tlog.tiles import tiles_root

from .cast import (
    KITA,
    MIDORI,
    Town,
    entries,
    hold_and_post,
    logged,
    moved,
    moved_often,
    sequencer,
    transfers,
)


@pytest.fixture
def town(committed_db):
    return Town()


def leaves(ledger=KITA):
    with ledger_scope(ledger):
        return [
            text.encode()
            for (text,) in rows(
                "SELECT leaf FROM ledger_log_entry WHERE ledger = %s ORDER BY number", [ledger]
            )
        ]


def head(ledger=KITA):
    with ledger_scope(ledger):
        [row] = rows("SELECT size, root, horizon, key FROM ledger_log_head")
    return row


def sound(folder, ledger=KITA):
    """Leaves, tiles, head and newest checkpoint say the same; the key signed it."""
    size, root, _, vkey = head(ledger)
    hashes = [leaf_hash(leaf) for leaf in leaves(ledger)]
    assert (size, bytes(root)) == (len(hashes), root_of(hashes))
    with ledger_scope(ledger):
        assert tiles_root(size, tile_read(ledger)) == bytes(root)
        [(note,)] = rows("SELECT note FROM ledger_log_checkpoint ORDER BY size DESC LIMIT 1")
    key = key_load(folder, ledger, vkey)
    opened = checkpoint_open(SignedNote.parse(note.encode()), key.verifier)
    assert (opened.size, opened.root) == (size, bytes(root))
    return size


def test_what_is_committed_is_logged_in_the_order_it_was_written(town, tmp_path):
    ids = [moved(town) for _ in range(5)]
    [done] = logged(tmp_path)
    assert (done.logged, done.more) == (6, False)  # the carer's first coins, too
    assert entries()[1:] == ids
    assert sound(tmp_path) == 6
    assert [Leaf.parse(leaf).number for leaf in leaves()] == list(range(6))


def test_a_poll_finds_only_what_is_new(town, tmp_path):
    running = sequencer(tmp_path)
    assert [done.logged for done in running.poll()] == [1]
    assert running.poll() == []
    new = moved(town)
    assert [done.logged for done in running.poll()] == [1]
    assert entries()[-1] == new
    assert running.poll() == []


def test_each_ledger_has_its_own_log(town, tmp_path):
    other = Town(MIDORI)
    moved(town)
    moved(other)
    moved(other)
    assert {done.ledger: done.size for done in logged(tmp_path)} == {KITA: 2, MIDORI: 3}
    assert sound(tmp_path, MIDORI) == 3
    assert {path.name for path in tmp_path.iterdir()} == {f"{KITA}.key", f"{MIDORI}.key"}


def test_large_batches_grow_over_several_rounds(town, tmp_path):
    ids = moved_often(town, 700)
    done = logged(tmp_path, round_rows=300)
    assert [each.logged for each in done] == [300, 300, 101]
    assert entries()[1:] == ids
    assert sound(tmp_path) == 701


def test_a_hold_stands_before_its_post_even_when_the_clock_was_put_back(
    town, tmp_path, owner_cursor
):
    hold, post = hold_and_post(town)
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute(
        "UPDATE ledger_transfer SET written_at = written_at + interval '1 hour' WHERE id = %s",
        [hold],
    )
    for limit in (1, 100):  # also when the hold lies beyond the round's limit
        logged(tmp_path, round_rows=limit)
        found = entries()
        assert found.index(hold) < found.index(post)


def test_a_correction_stands_after_what_it_corrects(town, tmp_path, owner_cursor):
    wrong = moved(town)
    back = {"debit": town.supporter, "credit": town.carer}
    right = moved(town, correction_of=wrong, **back)
    again = moved(town, correction_of=right)
    owner_cursor.execute("SET session_replication_role = replica")
    for moves, one in ((2, wrong), (1, right)):
        owner_cursor.execute(
            "UPDATE ledger_transfer SET written_at = written_at + %s * interval '1 hour'"
            " WHERE id = %s",
            [moves, one],
        )
    logged(tmp_path)
    found = entries()
    assert found.index(wrong) < found.index(right) < found.index(again)


def test_a_long_transaction_delays_nobody_and_is_not_skipped(town, tmp_path):
    running = sequencer(tmp_path)
    running.poll()
    written, go_on = threading.Event(), threading.Event()
    late = []

    def slow():
        with transaction.atomic():
            late.append(moved(other))
            written.set()
            assert go_on.wait(30)
        connections.close_all()

    other = Town()
    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(30)
    quick = [moved(town) for _ in range(3)]
    running.poll()
    assert set(quick) <= set(entries())
    assert late[0] not in entries()
    before = head()[2]
    running.poll()
    assert head()[2] == before  # the open transaction holds the horizon
    go_on.set()
    thread.join()
    running.poll()
    assert entries()[-1] == late[0]
    assert set(entries()) == transfers()
    # Other tests share the server, and a transaction of theirs may hold the horizon as well.
    give_up = time.monotonic() + 100
    while head()[2] <= before:
        assert time.monotonic() < give_up
        moved(town)
        running.poll()


def test_what_was_rolled_back_is_never_logged(town, tmp_path):
    running = sequencer(tmp_path)

    class Never(Exception):
        pass

    with pytest.raises(Never), transaction.atomic():
        gone = moved(town)
        raise Never
    stays = moved(town)
    running.poll()
    assert gone not in entries()
    assert entries()[-1] == stays


def test_concurrent_writers_and_two_sequencers_leave_no_gap_and_nothing_twice(town, tmp_path):
    towns = [Town() for _ in range(4)]
    stop = threading.Event()
    failures = []

    def guarded(work):
        def run():
            try:
                work()
            except BaseException as error:
                failures.append(error)
                raise
            finally:
                connections.close_all()

        return threading.Thread(target=run)

    def write(one):
        for number in range(25):
            with transaction.atomic():
                moved(one)
                if number % 5 == 0:
                    hold_and_post(one)

    def sequence():
        running = sequencer(tmp_path, round_rows=7)
        while not stop.is_set():
            running.poll()

    writers = [guarded(lambda one=one: write(one)) for one in towns]
    sequencers = [guarded(sequence) for _ in range(2)]
    for thread in (*writers, *sequencers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sequencers:
        thread.join()
    assert failures == []
    logged(tmp_path)
    assert set(entries()) == transfers()
    assert sound(tmp_path) == len(transfers())
    parsed = [Leaf.parse(leaf) for leaf in leaves()]
    place = {leaf.transfer: leaf.number for leaf in parsed}
    assert all(place[leaf.pending_id] < leaf.number for leaf in parsed if leaf.pending_id)


def test_while_somebody_has_the_log_others_go_on(town, tmp_path):
    logged(tmp_path)
    moved(town)
    running = sequencer(tmp_path)
    taken, go_on = threading.Event(), threading.Event()

    def holder():
        with ledger_scope(KITA):
            rows("SELECT * FROM ledger_log_take(%s)", [KITA])
            taken.set()
            assert go_on.wait(30)
        connections.close_all()

    thread = threading.Thread(target=holder)
    thread.start()
    assert taken.wait(30)
    assert running.poll() == []
    go_on.set()
    thread.join()
    assert [done.logged for done in running.poll()] == [1]  # though nothing new came


class Killed(Exception):
    """The process died here."""


def killing(patch, module, name, *, after):
    """Die before, or right after, the function ``name`` of ``module``."""
    real = getattr(module, name)

    def killed(*args, **options):
        if after:
            real(*args, **options)
        raise Killed

    patch.setattr(module, name, killed)


#: What a round does, in its order.
STEPS = [
    "_take",
    "_unlogged",
    "_completed",
    "_account_keys",
    "_leaf_texts",
    "tiles_grow",
    "checkpoint_sign",
    "_append_rows",
]


def test_a_round_that_is_killed_anywhere_leaves_nothing(town, tmp_path, monkeypatch):
    moved_often(town, 3)
    logged(tmp_path)
    ids = moved_often(town, 5)
    before = (head(), leaves())
    # Dying after a step is dying before the next one; after the last, before the commit.
    for step, after in [*((step, False) for step in STEPS), (STEPS[-1], True)]:
        with monkeypatch.context() as patch:
            killing(patch, sequencing, step, after=after)
            with pytest.raises(Killed):
                logged(tmp_path, round_rows=5)
        assert (head(), leaves()) == before, step
    logged(tmp_path)
    assert entries()[-5:] == ids
    sound(tmp_path)


@pytest.mark.parametrize("step", ["key_begin", "key_settle"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_log_that_is_killed_while_beginning_begins_once(town, tmp_path, monkeypatch, step, after):
    with monkeypatch.context() as patch:
        killing(patch, sequencing.keys, step, after=after)
        with pytest.raises(Killed):
            logged(tmp_path)
    made = [path.read_text() for path in tmp_path.iterdir()]
    logged(tmp_path)
    assert sound(tmp_path) == 1
    [path] = tmp_path.iterdir()
    assert path.name == f"{KITA}.key"
    assert made in ([], [path.read_text()])


def restored_elsewhere(owner_cursor, ahead=1_000_000):
    """As if the rows came from a server that had seen many more transactions than this one."""
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute("UPDATE ledger_transfer SET written_xid = written_xid + %s", [ahead])
    owner_cursor.execute("UPDATE ledger_log_head SET horizon = horizon + %s", [ahead])


def test_a_database_that_was_restored_elsewhere_loses_nothing(town, tmp_path, owner_cursor):
    logged(tmp_path)
    unlogged = [moved(town) for _ in range(3)]
    restored_elsewhere(owner_cursor)
    new = [moved(town) for _ in range(2)]
    running = sequencer(tmp_path)
    running.poll()
    assert entries()[1:] == unlogged + new
    last = moved(town)
    running.poll()
    assert entries()[-1] == last
    assert running.poll() == []


def test_rows_below_the_horizon_are_found_at_the_next_start(town, tmp_path, owner_cursor):
    """A server that is already ahead of the horizon it was restored with."""
    logged(tmp_path)
    new = moved(town)
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute("UPDATE ledger_transfer SET written_xid = 3 WHERE id = %s", [new])
    running = sequencer(tmp_path)
    running.poll()
    assert entries()[-1] == new


def test_rows_from_before_the_log_are_logged(town, tmp_path, owner_cursor):
    old = [moved(town) for _ in range(3)]
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute("UPDATE ledger_transfer SET written_xid = 0")
    logged(tmp_path, round_rows=2)
    assert entries()[1:] == old


def pages_of(owner_cursor, table):
    """Pages of the table that were asked for so far."""
    owner_cursor.execute("SELECT pg_stat_force_next_flush()")
    owner_cursor.execute(
        "SELECT heap_blks_hit + heap_blks_read FROM pg_statio_user_tables WHERE relname = %s",
        [table],
    )
    return owner_cursor.fetchone()[0]


def test_the_question_of_every_second_reads_the_newest_pages_only(town, tmp_path, owner_cursor):
    running = sequencer(tmp_path)
    for _ in range(4):
        moved_often(town, 5_000)
        running.poll()
    owner_cursor.execute("SELECT brin_summarize_new_values('ledger_transfer_written')")
    owner_cursor.execute(
        "SELECT pg_relation_size('ledger_transfer') / current_setting('block_size')::int"
    )
    [pages] = owner_cursor.fetchone()
    owner_cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    [now] = owner_cursor.fetchone()
    before = pages_of(owner_cursor, "ledger_transfer")
    owner_cursor.execute("SELECT ledger_log_due(%s)", [now])
    owner_cursor.execute(
        "SELECT * FROM ledger_log_unlogged(%s, %s, %s, NULL, 20000)", [KITA, now, now + 1]
    )
    read = pages_of(owner_cursor, "ledger_transfer") - before
    assert pages > 200
    assert read <= 2 * 16 + 2  # two questions, each a range of the BRIN at most
