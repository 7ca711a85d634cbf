"""What a witness decides, in which order, and the bodies it exchanges (c2sp.org/tlog-witness)."""

import base64
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyojo.ledger.tlog import errors
from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_sign
from kyojo.ledger.tlog.errors import (
    ConsistencyFails,
    NoteMalformed,
    OriginDiffers,
    ProofMalformed,
    RootDiffers,
    SizeConflict,
    TlogError,
)
from kyojo.ledger.tlog.merkle import EMPTY_ROOT, Tree, consistency_proof, leaf_hash
from kyojo.ledger.tlog.notes import KeyType, SigningKey, cosign, cosignature_verify
from kyojo.ledger.tlog.witness import (
    AddCheckpoint,
    cosignature_lines,
    cosignature_lines_parse,
    decide,
)

from .reference import leaves

ORIGIN = "log.example/990019"
LOG = SigningKey(ORIGIN, KeyType.LOG, bytes(range(32)))
WITNESS = SigningKey("witness.example/w1", KeyType.COSIGNATURE, bytes(range(2, 34)))
TREE = Tree(leaf_hash(each) for each in leaves(40))
FORGED = Tree(leaf_hash(each) for each in reversed(leaves(40)))
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def head(size: int, tree: Tree = TREE) -> Checkpoint:
    return Checkpoint(ORIGIN, size, tree.root(size))


@given(st.lists(st.integers(0, 40), max_size=8))
def test_an_honest_log_is_always_cosigned(sizes):
    stored = None
    for size in sorted(sizes):
        old = stored.size if stored else 0
        proof = consistency_proof(old, size, TREE)
        decide(stored=stored, old_size=old, checkpoint=head(size), proof=proof)
        stored = head(size)


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_fork_is_never_cosigned(one, two):
    old, new = sorted((one, two))
    with pytest.raises(ConsistencyFails):
        decide(
            stored=head(old),
            old_size=old,
            checkpoint=head(new, FORGED),
            proof=consistency_proof(old, new, FORGED),
        )


def test_the_old_size_is_not_above_the_checkpoint_s():
    # It comes before the conflict: the request makes no sense, whatever the witness has.
    with pytest.raises(ProofMalformed, match="old_size"):
        decide(stored=head(20), old_size=11, checkpoint=head(10), proof=[])


@pytest.mark.parametrize(("stored", "told"), [(None, 5), (20, 0), (20, 5), (20, 21), (40, 20)])
def test_another_old_size_is_a_conflict_that_tells_the_witness_s(stored, told):
    kept = head(stored) if stored else None
    with pytest.raises(SizeConflict) as refused:
        decide(stored=kept, old_size=told, checkpoint=head(30), proof=[])
    assert refused.value.stored == (stored or 0)
    assert str(stored or 0) in refused.value.message()


def test_a_rollback_is_a_conflict():
    # A smaller checkpoint with an honest old size makes no sense; with its own size, it conflicts.
    with pytest.raises(ProofMalformed):
        decide(stored=head(20), old_size=20, checkpoint=head(10), proof=[])
    with pytest.raises(SizeConflict):
        decide(stored=head(20), old_size=10, checkpoint=head(10), proof=[])


def test_the_empty_tree_has_one_root():
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    decide(stored=None, old_size=0, checkpoint=empty, proof=[])
    decide(stored=empty, old_size=0, checkpoint=empty, proof=[])
    with pytest.raises(RootDiffers):
        decide(stored=None, old_size=0, checkpoint=Checkpoint(ORIGIN, 0, bytes(32)), proof=[])


def test_the_first_checkpoint_needs_no_proof_and_has_none():
    decide(stored=None, old_size=0, checkpoint=head(7), proof=[])
    with pytest.raises(ConsistencyFails):
        decide(stored=None, old_size=0, checkpoint=head(7), proof=[EMPTY_ROOT])


def test_the_same_size_can_be_cosigned_again_with_the_same_root_only():
    decide(stored=head(7), old_size=7, checkpoint=head(7), proof=[])
    with pytest.raises(ConsistencyFails):
        decide(stored=head(7), old_size=7, checkpoint=head(7, FORGED), proof=[])
    with pytest.raises(ConsistencyFails):
        decide(stored=head(7), old_size=7, checkpoint=head(7), proof=[EMPTY_ROOT])


def test_a_log_is_compared_with_itself():
    other = Checkpoint("log.example/990027", 7, TREE.root(7))
    with pytest.raises(OriginDiffers):
        decide(stored=other, old_size=7, checkpoint=head(7), proof=[])


@given(st.integers(0, 40), st.integers(0, 40))
def test_requests_round_trip(one, two):
    old, new = sorted((one, two))
    request = AddCheckpoint(
        old, tuple(consistency_proof(old, new, TREE)), checkpoint_sign(head(new), LOG)
    )
    assert AddCheckpoint.parse(request.encode()) == request


def test_a_request_is_written_as_the_text_says():
    note = checkpoint_sign(head(7), LOG)
    hashed = base64.b64encode(EMPTY_ROOT).decode()
    body = AddCheckpoint(5, (EMPTY_ROOT,), note).encode()
    assert body == f"old 5\n{hashed}\n\n".encode() + note.encode()


GOOD = AddCheckpoint(0, (), checkpoint_sign(head(7), LOG)).encode()
HASH64 = base64.b64encode(bytes(32)) + b"\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_line"),
        (b"old 0\n", "empty_line"),
        (GOOD.replace(b"old 0\n", b""), "old_size"),
        (GOOD.replace(b"old 0", b"old 00"), "old_size"),
        (GOOD.replace(b"old 0", b"old  0"), "old_size"),
        (GOOD.replace(b"old 0", b"old -1"), "old_size"),
        (GOOD.replace(b"old 0", b"old 0 "), "old_size"),
        (GOOD.replace(b"old 0", b"old"), "old_size"),
        (GOOD.replace(b"old 0", b"Old 0"), "old_size"),
        (GOOD.replace(b"old 0\n", b"old 0\r\n"), "old_size"),
        (GOOD.replace(b"old 0", b"old 9223372036854775808"), "old_size"),
        (GOOD.replace(b"old 0\n", b"old 0\nAAAA\n"), "hash"),
        (GOOD.replace(b"old 0\n", b"old 0\n" + base64.b64encode(bytes(33)) + b"\n"), "hash"),
        (GOOD.replace(b"old 0\n", b"old 0\n" + HASH64 * 64), "hash_count"),
        (GOOD.replace(b"old 0\n", "old 0\nあ\n".encode()), "ascii"),
        (b"x" * 1_010_001, "too_long"),
    ],
)
def test_there_is_one_way_to_write_a_request(data, reason):
    with pytest.raises(ProofMalformed) as refused:
        AddCheckpoint.parse(data)
    assert refused.value.reason == reason


def test_a_request_ends_in_a_note():
    for data in (GOOD[:-1], GOOD + b"\n", GOOD + b"more\n"):
        with pytest.raises(NoteMalformed):
            AddCheckpoint.parse(data)


def test_the_answer_joins_the_checkpoint():
    note = checkpoint_sign(head(7), LOG)
    answer = cosignature_lines([cosign(note, WITNESS, AT)])
    assert answer.startswith("— witness.example/w1 ".encode())
    assert answer.endswith(b"\n")
    joined = note.with_signatures(cosignature_lines_parse(answer))
    assert joined.encode() == note.encode() + answer
    assert cosignature_verify(joined, WITNESS.verifier) == AT


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\xff\n",
        b"7\n",
        cosignature_lines([cosign(checkpoint_sign(head(7), LOG), WITNESS, AT)])[:-1],
        cosignature_lines([cosign(checkpoint_sign(head(7), LOG), WITNESS, AT)]) * 101,
        b"x" * 1_000_001,
        b"<html>502</html>\n",
    ],
)
def test_other_answers_are_refused(data):
    with pytest.raises(NoteMalformed):
        cosignature_lines_parse(data)


def test_each_thing_that_can_be_wrong_has_its_code_and_sentence():
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, TlogError)
    ]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert len({kind.sentence for kind in kinds}) == len(kinds)
    assert all(kind.sentence.endswith("。") for kind in kinds)


def test_a_log_can_be_checked_without_the_rest_of_the_house():
    program = (
        "import importlib, pkgutil, sys, kyojo.ledger.tlog as room\n"
        "for found in pkgutil.iter_modules(room.__path__):\n"
        "    if found.name != 'tests':\n"
        "        importlib.import_module(f'{room.__name__}.{found.name}')\n"
        "print(*{name.split('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(Path(errors.__file__).parents[3])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"django", "psycopg", "procrastinate", "httpx"} & set(done.stdout.split())
    assert "cryptography" in done.stdout
