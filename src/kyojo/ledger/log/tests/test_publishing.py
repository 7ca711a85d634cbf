"""Publishing: nothing is shown before the quorum has cosigned, and a witness can be anything."""

import gzip
import logging
import threading
from concurrent.futures import wait
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from kyojo.kernel.errors import NotFound
from kyojo.ledger.log import selectors
from kyojo.ledger.log.errors import NotLoggedYet
from kyojo.ledger.log.publishing import REFRESH_SECONDS, Publisher
from kyojo.ledger.log.scope import ledger_scope, rows
from kyojo.ledger.tlog.checkpoints import Checkpoint
from kyojo.ledger.tlog.errors import ConsistencyFails, SizeConflict
from kyojo.ledger.tlog.notes import KeyType, SignedNote, SigningKey, cosign, cosignature_verify
from kyojo.ledger.tlog.policy import Policy
from kyojo.ledger.tlog.witness import AddCheckpoint, cosignature_lines, decide

from .cast import KITA, MIDORI, Town, logged, moved, moved_often

NOON = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)


class Witness:
    """A witness in memory, decided by the library; ``mood`` makes it misbehave."""

    def __init__(self, name):
        self.key = SigningKey(name, KeyType.COSIGNATURE, name.encode().ljust(32)[:32])
        self.stored = None
        self.mood = ""
        self.asked = 0
        self.now = NOON
        self.lock = threading.Lock()
        self.goes_on = threading.Event()

    def answer(self, request):
        with self.lock:
            self.asked += 1
            if self.mood == "down":
                raise httpx.ConnectError("nobody is there")
            if self.mood == "slow":
                assert self.goes_on.wait(30)
                raise httpx.ReadTimeout("in the middle of the answer")
            if self.mood == "packed":
                body = gzip.compress(bytes(50_000_000))
                return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=body)
            if self.mood in ("500", "404"):
                return httpx.Response(int(self.mood))
            if self.mood == "nonsense":
                return httpx.Response(200, content=b"<html>" * 20_000)
            asked = AddCheckpoint.parse(request.content)
            checkpoint = Checkpoint.parse(asked.note.text)
            try:
                decide(
                    stored=self.stored,
                    old_size=asked.old_size,
                    checkpoint=checkpoint,
                    proof=asked.proof,
                )
            except SizeConflict as conflict:
                return httpx.Response(
                    409,
                    headers={"Content-Type": "text/x.tlog.size"},
                    content=f"{conflict.stored}\n".encode(),
                )
            except ConsistencyFails:
                return httpx.Response(422)
            self.stored = checkpoint
            key = self.key
            if self.mood == "forger":
                key = SigningKey(self.key.name, KeyType.COSIGNATURE, bytes(32))
            line = cosign(asked.note, key, self.now)
            if self.mood == "forger":  # under the true key's name and id
                line = type(line)(line.name, self.key.verifier.id, line.data)
            return httpx.Response(200, content=cosignature_lines([line]))


@pytest.fixture
def witnesses():
    return {name: Witness(f"{name}.example.jp") for name in ("w1", "w2", "w3")}


class Ticks:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def publisher(witnesses, ticks):
    lines = [
        f"witness {name} {witness.key.verifier} http://{name}/sub/\n"
        for name, witness in witnesses.items()
    ]
    policy = Policy.parse("".join(lines) + "group two 2 w1 w2 w3\nquorum two\n")

    def handle(request):
        assert request.method == "POST"
        assert request.url.path == "/sub/add-checkpoint"
        return witnesses[request.url.host].answer(request)

    client = httpx.Client(transport=httpx.MockTransport(handle))
    return Publisher(policy, client=client, monotonic=ticks)


@pytest.fixture
def town(committed_db):
    return Town()


def published():
    with ledger_scope(KITA):
        return selectors.checkpoint_published(ledger=KITA)


def grow(town, tmp_path, count=1):
    ids = moved_often(town, count)
    logged(tmp_path, publish_at_once=False)
    return ids


def test_nothing_is_published_before_the_quorum(town, tmp_path, publisher, witnesses):
    [transfer] = grow(town, tmp_path)
    with pytest.raises(NotFound):
        published()
    with ledger_scope(KITA), pytest.raises(NotLoggedYet):
        selectors.receipt_for(ledger=KITA, transfer=transfer, sides=())
    witnesses["w1"].mood = witnesses["w2"].mood = "down"
    assert publisher.poll() == []
    with pytest.raises(NotFound):
        published()


def test_the_quorum_publishes_and_later_cosignatures_join(
    town, tmp_path, publisher, witnesses, ticks
):
    grow(town, tmp_path)
    witnesses["w3"].mood = "down"
    assert publisher.poll() == [KITA]
    note = SignedNote.parse(published().note)
    assert len(note.signatures) == 3
    for name in ("w1", "w2"):
        assert cosignature_verify(note, witnesses[name].key.verifier) == NOON
    witnesses["w3"].mood = ""
    ticks.now += 60
    assert publisher.poll() == []  # nothing new is published, one more has signed it
    assert len(SignedNote.parse(published().note).signatures) == 4


def test_witnesses_get_a_proof_from_where_they_are(town, tmp_path, publisher, witnesses, ticks):
    sizes = []
    for count in (1, 5, 300):
        grow(town, tmp_path, count)
        assert publisher.poll() == [KITA]
        sizes.append(witnesses["w1"].stored.size)
    assert sizes == [2, 7, 307]
    asked = witnesses["w1"].asked
    fresh = Publisher(publisher.policy, client=publisher.client, monotonic=ticks)
    grow(town, tmp_path, 2)
    assert fresh.poll() == [KITA]
    assert witnesses["w1"].asked == asked + 2  # a publisher without memory asks once to be told


def test_a_witness_that_answers_nonsense_is_left_aside(town, tmp_path, publisher, witnesses, ticks):
    for mood in ("500", "404", "nonsense", "packed", "forger"):
        witnesses["w3"].mood = mood
        ticks.now += 1000
        grow(town, tmp_path)
        assert publisher.poll() == [KITA]
        assert len(SignedNote.parse(published().note).signatures) == 3


def test_a_witness_that_is_away_is_asked_less_and_less(town, tmp_path, publisher, witnesses, ticks):
    witnesses["w3"].mood = "down"
    for _ in range(40):
        grow(town, tmp_path) if ticks.now % 10 == 0 else None
        publisher.poll()
        ticks.now += 1
    assert witnesses["w3"].asked == 5  # at 0, 2, 6, 14, 30


def test_a_witness_whose_answer_never_ends_holds_up_nobody(
    town, tmp_path, publisher, witnesses, ticks
):
    publisher.ask_seconds = 0.5
    witnesses["w3"].mood = "slow"
    for _ in range(2):
        grow(town, tmp_path)
        assert publisher.poll() == [KITA]
        ticks.now += 1000
    assert witnesses["w3"].asked == 1  # and it is not asked again while it still speaks
    witnesses["w3"].mood = ""
    answer = publisher._asking["w3"]
    witnesses["w3"].goes_on.set()
    wait([answer])
    grow(town, tmp_path)
    for _ in range(2):  # that answer is over, and then it is asked anew
        publisher.poll()
        ticks.now += 1000
    assert witnesses["w3"].stored.size == published().size


def test_a_broken_log_is_told_and_the_others_are_published(
    town, tmp_path, publisher, owner_cursor, caplog
):
    other = Town(MIDORI)
    moved(town)
    moved(other)
    logged(tmp_path, publish_at_once=False)
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute("UPDATE ledger_log_checkpoint SET note = 'x' WHERE ledger = %s", [KITA])
    for _ in range(2):
        Town(MIDORI)
        logged(tmp_path, publish_at_once=False)
        assert publisher.poll() == [MIDORI]
    told = [each for each in caplog.records if f"ledger {KITA} is not published" in each.message]
    assert len(told) == 1


def test_a_log_that_was_rewritten_is_not_cosigned_and_told(
    town, tmp_path, publisher, witnesses, caplog, owner_cursor
):
    """The key signs another history of the same length: the witnesses remember the first."""
    grow(town, tmp_path, 4)
    publisher.poll()
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute("DELETE FROM ledger_transfer WHERE amount = 100")
    for table in ("entry", "tile", "checkpoint"):
        owner_cursor.execute(f"DELETE FROM ledger_log_{table}")  # noqa: S608
    owner_cursor.execute(
        "UPDATE ledger_log_head SET size = 0, horizon = 0, root = sha256(''::bytea)"
    )
    grow(town, tmp_path, 1)
    with caplog.at_level(logging.ERROR):
        assert publisher.poll() == []
    assert "consistency_fails" in caplog.text
    with pytest.raises(NotFound):
        published()
    # Shorter than what was seen:
    owner_cursor.execute("DELETE FROM ledger_transfer WHERE kind = 'plain'")
    for table in ("entry", "tile", "checkpoint"):
        owner_cursor.execute(f"DELETE FROM ledger_log_{table}")  # noqa: S608
    owner_cursor.execute(
        "UPDATE ledger_log_head SET size = 0, horizon = 0, root = sha256(''::bytea)"
    )
    grow(town, tmp_path, 1)
    caplog.clear()
    fresh = Publisher(publisher.policy, client=publisher.client)
    with caplog.at_level(logging.ERROR):
        assert fresh.poll() == []
    assert "rolled_back" in caplog.text


def test_an_unchanged_checkpoint_is_cosigned_anew_now_and_then(
    town, tmp_path, publisher, witnesses, ticks
):
    grow(town, tmp_path)
    publisher.poll()
    asked = witnesses["w1"].asked
    publisher.poll()
    assert witnesses["w1"].asked == asked
    ticks.now += REFRESH_SECONDS + 1
    for witness in witnesses.values():
        witness.now = NOON + timedelta(hours=1)
    assert publisher.poll() == []
    note = SignedNote.parse(published().note)
    assert len(note.signatures) == 4
    assert cosignature_verify(note, witnesses["w1"].key.verifier) == NOON + timedelta(hours=1)


def test_two_publishers_lose_no_cosignature(town, tmp_path, publisher, witnesses, ticks):
    grow(town, tmp_path)
    witnesses["w2"].mood = witnesses["w3"].mood = "down"
    publisher.poll()
    witnesses["w1"].mood, witnesses["w2"].mood, witnesses["w3"].mood = "down", "", ""
    other = Publisher(publisher.policy, client=publisher.client, monotonic=ticks)
    assert other.poll() == [KITA]
    assert len(SignedNote.parse(published().note).signatures) == 4


def test_without_witnesses_a_checkpoint_is_published_as_it_is_signed(town, tmp_path):
    moved(town)
    logged(tmp_path)
    assert published().size == 2
    assert len(SignedNote.parse(published().note).signatures) == 1


def test_what_waited_for_a_quorum_is_published_when_none_is_asked_any_more(town, tmp_path):
    grow(town, tmp_path)
    assert Publisher(Policy.parse("quorum none\n")).poll() == [KITA]
    assert published().size == 2


def test_the_note_that_was_signed_cannot_be_exchanged(town, tmp_path, as_owner):
    grow(town, tmp_path)
    with as_owner():
        assert rows(
            "SELECT ledger_log_cosign(%s, 2, (SELECT cosigned FROM ledger_log_checkpoint"
            " WHERE size = 2), 'another', NULL)",
            [KITA],
        ) == [(False,)]
