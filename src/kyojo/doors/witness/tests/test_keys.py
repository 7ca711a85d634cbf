"""A witness's files and commands: its key, its memory, the list of logs."""

import contextlib
import re
import socket
import sqlite3
import stat

import pytest

from kyojo.doors.witness.keys import (
    Logs,
    WitnessUnusable,
    log_add,
    witness_create,
    witness_open,
)
from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_sign
from kyojo.ledger.tlog.notes import KeyType, SigningKey, VerifierKey
from kyojo.ledger.tlog.witness import AddCheckpoint

from .test_witness import FORKED, HONEST, KEY, ORIGIN, request


@pytest.fixture
def store(tmp_path):
    folder = tmp_path / "witness"
    witness_create(folder, name="witness.example/kyojo")
    log_add(folder, KEY.verifier)
    return folder


def test_two_keys_of_one_log_are_both_trusted_while_it_changes_them(tmp_path):
    new = SigningKey.generate(ORIGIN)
    logs = Logs(given=[KEY.verifier, new.verifier])
    assert logs.keys(ORIGIN) == (KEY.verifier, new.verifier)
    assert len(logs) == 1


def test_one_key_under_two_names_does_not_stop_a_witness(store):
    again = VerifierKey("another.example", KeyType.LOG, KEY.verifier.public)
    with pytest.raises(WitnessUnusable, match="log_twice"):
        log_add(store, again)
    assert Logs(files=[store / "logs"]).keys(ORIGIN) == (KEY.verifier,)


def test_the_key_is_ours_alone_and_never_made_twice(store):
    assert stat.S_IMODE((store / "witness.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((store / "witness.db").stat().st_mode) == 0o600
    before = (store / "witness.key").read_bytes()
    with pytest.raises(WitnessUnusable, match="witness_unusable"):
        witness_create(store, name="witness.example/kyojo")
    assert (store / "witness.key").read_bytes() == before


def test_a_witness_that_lost_its_memory_or_its_key_does_not_start(store):
    (store / "witness.key").chmod(0o644)
    with pytest.raises(WitnessUnusable) as refusal:
        witness_open(store)
    assert "chmod 600" in refusal.value.message()
    (store / "witness.key").chmod(0o600)
    (store / "witness.db").rename(store / "elsewhere.db")
    with pytest.raises(WitnessUnusable) as refusal:
        witness_open(store)
    assert "forgot what it signed" in refusal.value.message()
    assert not (store / "witness.db").exists()
    # Another key beside this memory is not taken either.
    (store / "elsewhere.db").rename(store / "witness.db")
    (store / "witness.key").unlink()
    with pytest.raises(WitnessUnusable) as refusal:
        witness_create(store, name="witness.example/new")
    assert "memory of another key" in refusal.value.message()
    assert not (store / "witness.key").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "witness what?"),
        (["serve"], "--store"),
        (["serve", "--store", "STORE", "--listen", "8100"], "is not HOST:PORT"),
        (["serve", "--store", "STORE", "--log", "nonsense"], "is not a public key"),
        (["serve", "--store", "STORE", "--policy", "nowhere"], "there is no file nowhere"),
        (["serve", "--store", "empty"], "make one with ./kyojo witness key"),
        (["key", "--store", "STORE/new", "--name", "two words"], "cannot be a witness's name"),
    ],
)
def test_bad_input_is_said_in_words(store, arguments, words):
    from kyojo.doors.ops.errors import Bad
    from kyojo.doors.ops.witness import run

    with pytest.raises(Bad, match=re.escape(words)):
        run(["witness", *(part.replace("STORE", str(store)) for part in arguments)])


def test_without_its_memory_nothing_is_signed(store, monkeypatch):
    """Somebody holds the file, or the disk is full: ask again later, and no line goes out."""
    from kyojo.doors.witness import store as store_module
    from kyojo.doors.witness.app import Witness

    monkeypatch.setattr(store_module, "LOCK_SECONDS", 0.05)
    key, memory = witness_open(store)
    witness = Witness(key=key, store=memory, logs=Logs(files=[store / "logs"]))
    with contextlib.closing(sqlite3.connect(memory.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        answer = witness.add_checkpoint(request(0, 5))
        assert (answer.status, answer.headers) == (503, (("Retry-After", "5"),))
        assert "—".encode() not in answer.body
        other.execute("ROLLBACK")
    assert memory.latest(ORIGIN) is None
    with contextlib.closing(sqlite3.connect(memory.path, isolation_level=None)) as other:
        # The signature is made, and writing it down fails at the last moment.
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON checkpoint BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
        with pytest.raises(sqlite3.DatabaseError, match="full"):
            witness.add_checkpoint(request(0, 5))
        other.execute("DROP TRIGGER full")
    assert memory.latest(ORIGIN) is None
    assert witness.add_checkpoint(request(0, 5)).status == 200
    memory.path.unlink()
    assert witness.add_checkpoint(request(5, 5)).status == 503
    assert not memory.path.exists(), "a memory that is gone must not come back empty"


def test_a_port_that_is_taken_is_told_at_once(store):
    from kyojo.doors.ops.errors import Bad
    from kyojo.doors.ops.witness import run

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Bad, match=f"cannot listen on {listen}"):
            run(["witness", "serve", "--store", str(store), "--listen", listen])


def test_show_says_what_was_seen_and_refused(store, capsys):
    from kyojo.doors.ops.witness import run
    from kyojo.doors.witness.app import Witness

    key, memory = witness_open(store)
    witness = Witness(key=key, store=memory, logs=Logs(files=[store / "logs"]))
    assert witness.add_checkpoint(request(0, 30)).status == 200
    assert run(["witness", "show", "--store", str(store)]) == 0
    assert witness.add_checkpoint(request(30, 30, FORKED)).status == 422
    capsys.readouterr()
    assert run(["witness", "show", "--store", str(store)]) == 1
    out = capsys.readouterr().out
    assert f"{ORIGIN}\t30\t{HONEST.root(30).hex()}" in out
    assert f"✗ consistency_fails\t30\t{FORKED.root(30).hex()}" in out
    assert request(30, 30, FORKED).decode() in out


def test_what_a_log_signed_cannot_paint_the_terminal_of_its_witness(store, capsys):
    from kyojo.doors.ops.witness import run
    from kyojo.doors.witness.app import Witness

    key, memory = witness_open(store)
    witness = Witness(key=key, store=memory, logs=Logs(files=[store / "logs"]))
    assert witness.add_checkpoint(request(0, 30)).status == 200
    painted = Checkpoint(ORIGIN, 30, FORKED.root(30), ("\x9b2J \x7f",))
    body = AddCheckpoint(30, (), checkpoint_sign(painted, KEY)).encode()
    assert witness.add_checkpoint(body).status == 422
    capsys.readouterr()
    assert run(["witness", "show", "--store", str(store)]) == 1
    out = capsys.readouterr().out
    assert "\ufffd2J \ufffd" in out
    assert "\x9b" not in out
