"""The witness as a process on a socket: what it cosigns, each refusal of the protocol, and that
neither forks, races, a second process nor kill -9 make it sign two histories."""

import contextlib
import hashlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from kyojo.doors.witness.app import BODY_BYTES_MAX
from kyojo.doors.witness.keys import (
    log_add,
    witness_create,
    witness_open,
)
from kyojo.kernel import clock
from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_open, checkpoint_sign
from kyojo.ledger.tlog.merkle import EMPTY_ROOT, Tree, consistency_proof, leaf_hash
from kyojo.ledger.tlog.notes import SignedNote, SigningKey, cosignature_verify
from kyojo.ledger.tlog.witness import AddCheckpoint, cosignature_lines_parse

ROOT = Path(__file__).resolve().parents[5]
ORIGIN = "kyojo.example/log/kita-hinata"
KEY = SigningKey.generate(ORIGIN)


def tree_of(count, name="honest"):
    return Tree(leaf_hash(f"{name} {number}".encode()) for number in range(count))


#: A log, and one that tells the same until entry 20 and something else from there on.
HONEST = tree_of(300)
FORKED = Tree(
    leaf_hash(f"{'honest' if number < 20 else 'forked'} {number}".encode()) for number in range(300)
)


def signed(size, tree=HONEST, key=KEY):
    return checkpoint_sign(Checkpoint(key.name, size, tree.root(size)), key)


def request(old, size, tree=HONEST, key=KEY):
    """The body with which a log asks for a cosignature, with the right proof out of its tree."""
    proof = tuple(consistency_proof(old, size, tree)) if old <= size else ()
    return AddCheckpoint(old, proof, signed(size, tree, key)).encode()


class Process:
    """``./kyojo witness serve`` on a free port; ``post`` and ``get`` go over a real socket."""

    def __init__(self, store, *arguments):
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "kyojo", "witness", "serve", "--store", store),
                *("--listen", "127.0.0.1:0", *arguments),
            ],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)$", line)
        assert found, (line, self.process.poll())
        self.port = int(found[1])

    def call(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.headers["Content-Type"], response.read()

    def post(self, body):
        return self.call("POST", "/add-checkpoint", body)

    def kill(self):
        """kill -9 of every process of the witness at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self):
        """SIGTERM, as a service manager does; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)


@pytest.fixture
def store(tmp_path):
    folder = tmp_path / "witness"
    witness_create(folder, name="witness.example/kyojo")
    log_add(folder, KEY.verifier)
    return folder


@pytest.fixture
def start(store):
    started = []

    def begin(*arguments):
        started.append(Process(store, *arguments))
        return started[-1]

    yield begin
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.process.pid, signal.SIGKILL)
        process.process.wait()
        process.process.stdout.close()


def cosigned_at(body, note, store):
    """When the lines of an answer say that the witness cosigned ``note``."""
    witness_key, _ = witness_open(store)
    return cosignature_verify(
        note.with_signatures(cosignature_lines_parse(body)), witness_key.verifier
    )


def test_it_cosigns_a_log_that_grows_and_refuses_in_the_protocol_s_words(start, store):
    """One process and one history, because starting a process costs more than everything else."""
    witness = start()
    before = clock.now() - timedelta(seconds=1)

    # From nothing to 5, to 5 again, to 300.
    for old, size in ((0, 5), (5, 5), (5, 300)):
        status, kind, body = witness.post(request(old, size))
        assert (status, kind) == (200, "text/plain; charset=utf-8"), body
        assert before <= cosigned_at(body, signed(size), store) <= clock.now()

    refusals = [
        ("no body", b"", 400),
        ("no empty line", b"old 300\n" + signed(300).encode()[:40], 400),
        ("a leading zero", request(300, 300).replace(b"old 300", b"old 0300"), 400),
        ("a carriage return", request(300, 300).replace(b"old 300\n", b"old 300\r\n"), 400),
        ("a proof line that is no hash", b"old 300\nAAAA\n\n" + signed(300).encode(), 400),
        ("64 hashes", b"old 300\n" + b"%b\n" % (b"A" * 43 + b"=") * 64 + b"\n", 400),
        ("an old size above the new", request(301, 300), 400),
        ("a note without signatures", request(300, 300).split("—".encode())[0], 400),
        ("an unknown log", request(0, 5, key=SigningKey.generate("other.example/log")), 404),
        ("the origin with another key", request(300, 300, key=SigningKey.generate(ORIGIN)), 403),
        ("a forged signature", request(300, 300).replace(b"\n300\n", b"\n299\n", 1), 403),
        ("a fork of the same size", request(300, 300, FORKED), 422),
        ("an empty tree with a root", empty_with_root(), 409),
        ("a proof too many", proof_too_many(), 422),
    ]
    for name, body, expected in refusals:
        status, _, answer = witness.post(body)
        assert status == expected, (name, status, answer)
        assert answer.count(b"\n") == 1, name

    # A wrong old size is answered with the right one, in its own type.
    for old in (0, 5, 299):
        assert witness.post(request(old, 300)) == (409, "text/x.tlog.size", b"300\n")
    # A rollback: the witness knows 300, so a smaller tree cannot even be asked for.
    assert witness.post(request(5, 200))[0] == 409

    assert witness.call("GET", "/add-checkpoint")[0] == 405
    assert witness.call("GET", "/")[0] == 404
    assert witness.call("POST", "/" + "0" * 64 + "/checkpoint", b"")[0] == 405
    status, _, answer = witness.post(b"x" * (BODY_BYTES_MAX + 1))
    assert status == 413, answer
    assert chunked(witness.port, b"x" * (BODY_BYTES_MAX + 1)) == 413

    # Whoever compares reads the newest checkpoint with both signatures, and none from elsewhere.
    hashed = hashlib.sha256(ORIGIN.encode()).hexdigest()
    status, kind, body = witness.call("GET", f"/{hashed}/checkpoint")
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    note = SignedNote.parse(body)
    assert checkpoint_open(note, KEY.verifier).root == HONEST.root(300)
    assert len(note.signatures) == 2
    assert cosignature_verify(note, witness_open(store)[0].verifier) >= before
    unknown = hashlib.sha256(b"other.example/log").hexdigest()
    assert witness.call("GET", f"/{unknown}/checkpoint")[0] == 404

    # What the log signed and could not continue is kept: the fork is proof against the log.
    refused = witness_open(store)[1].refused(ORIGIN)
    assert {(each.size, each.root) for each in refused} >= {(300, FORKED.root(300))}

    assert witness.end() == 0


def empty_with_root():
    note = checkpoint_sign(Checkpoint(ORIGIN, 0, HONEST.root(1)), KEY)
    return AddCheckpoint(0, (), note).encode()


def proof_too_many():
    return AddCheckpoint(300, (EMPTY_ROOT,), signed(300)).encode()


def chunked(port, body):
    """A body whose length nobody announced."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(
            b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
        return int(connection.recv(4096).split()[1])


def test_the_first_checkpoint_needs_no_proof_and_may_have_none(start):
    witness = start()
    empty = AddCheckpoint(0, (), checkpoint_sign(Checkpoint(ORIGIN, 0, HONEST.root(1)), KEY))
    assert witness.post(empty.encode())[0] == 422
    proof = AddCheckpoint(0, (HONEST.root(1),), signed(5)).encode()
    assert witness.post(proof)[0] == 422
    truly_empty = checkpoint_sign(Checkpoint(ORIGIN, 0, EMPTY_ROOT), KEY)
    assert witness.post(AddCheckpoint(0, (), truly_empty).encode())[0] == 200
    assert witness.post(request(0, 5))[0] == 200


def test_of_two_forks_added_at_once_exactly_one_is_cosigned(start, store):
    """Two processes share one memory, sixteen threads push two histories at both."""
    witnesses = [start(), start()]
    assert witnesses[0].post(request(0, 20))[0] == 200
    bodies = [request(20, 40, tree) for tree in (HONEST, FORKED)]
    barrier = threading.Barrier(16)

    def push(number):
        barrier.wait()
        return number % 2, witnesses[number // 2 % 2].post(bodies[number % 2])[0]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(push, range(16)))
    winners = {fork for fork, status in answers if status == 200}
    assert len(winners) == 1, answers
    assert {status for _, status in answers} == {200, 409}
    tree = (HONEST, FORKED)[winners.pop()]
    latest = witness_open(store)[1].latest(ORIGIN)
    assert (latest.size, latest.root) == (40, tree.root(40))
    # What was not chosen never will be, whichever size it claims to come from.
    loser = FORKED if tree is HONEST else HONEST
    assert witnesses[1].post(request(40, 60, loser))[0] == 422
    assert witnesses[1].post(request(20, 60, loser))[0] == 409


def test_killed_at_any_moment_it_remembers_what_it_signed(start, store):
    """Requests run while every process is killed; after a restart the memory is at least as new
    as the newest answer anybody got, and on the same history."""
    acknowledged = 0
    for round_number in range(3):
        witness = start()
        status, _, body = witness.post(request(0, 1))
        size = 1 if status == 200 else int(body)
        assert size >= acknowledged
        kill_after = 3 + 7 * round_number
        done = threading.Semaphore(0)

        def kill(witness=witness, done=done, kill_after=kill_after):
            for _ in range(kill_after):
                done.acquire()
            witness.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        with contextlib.suppress(OSError, http.client.HTTPException):
            while size < 290:
                status, _, body = witness.post(request(size, size + 1))
                assert status == 200, body
                size += 1
                acknowledged = size
                done.release()
        killer.join()
        latest = witness_open(store)[1].latest(ORIGIN)
        assert acknowledged <= latest.size <= acknowledged + 1
        assert latest.root == HONEST.root(latest.size)
    witness = start()
    assert witness.post(request(latest.size, 300, FORKED))[0] == 422
    assert witness.post(request(latest.size, 300))[0] == 200


def test_a_log_added_while_it_runs_is_witnessed_and_a_broken_list_stops_nothing(start, store):
    witness = start()
    other = SigningKey.generate("other.example/log")
    assert witness.post(request(0, 5, key=other))[0] == 404
    assert log_add(store, other.verifier)
    assert not log_add(store, other.verifier)
    assert witness.post(request(0, 5, key=other))[0] == 200
    (store / "logs").write_text("half a li")
    assert witness.post(request(0, 5))[0] == 200
