"""Checkpoints and proofs in files: round trips, and every way to write them wrong."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyojo.ledger.tlog.checkpoints import (
    Checkpoint,
    checkpoint_follows,
    checkpoint_open,
    checkpoint_sign,
)
from kyojo.ledger.tlog.errors import (
    CheckpointMalformed,
    ConsistencyFails,
    InclusionFails,
    NoteMalformed,
    OriginDiffers,
    ProofMalformed,
    RolledBack,
    SignatureMissing,
)
from kyojo.ledger.tlog.merkle import EMPTY_ROOT, Tree, consistency_proof, inclusion_proof, leaf_hash
from kyojo.ledger.tlog.notes import KeyType, SigningKey, note_sign
from kyojo.ledger.tlog.proofs import TlogProof

from .reference import leaves

ORIGIN = "log.example/990019"
LOG = SigningKey(ORIGIN, KeyType.LOG, bytes(range(32)))
OTHER = SigningKey("log.example/990027", KeyType.LOG, bytes(range(1, 33)))
HASHES = [leaf_hash(each) for each in leaves(100)]
TREE = Tree(HASHES)
ROOT64 = base64.b64encode(TREE.root()).decode()
TEXT = f"{ORIGIN}\n100\n{ROOT64}\n"


def head(size: int = 100, tree: Tree = TREE) -> Checkpoint:
    return Checkpoint(ORIGIN, size, tree.root(size))


def proof_of(index: int = 77, extra: bytes = b"") -> TlogProof:
    hashes = tuple(inclusion_proof(index, 100, TREE))
    return TlogProof(index, hashes, checkpoint_sign(head(), LOG), extra)


def test_the_example_of_the_text():
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = Checkpoint.parse(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert checkpoint.text() == text


def test_checkpoints_are_signed_and_opened():
    assert head().text() == TEXT
    note = checkpoint_sign(head(), LOG)
    assert checkpoint_open(note, LOG.verifier) == head()
    extended = Checkpoint(ORIGIN, 0, EMPTY_ROOT, ("one", "二 つ"))
    assert checkpoint_open(checkpoint_sign(extended, LOG), LOG.verifier) == extended


def test_a_key_signs_only_its_own_log():
    with pytest.raises(OriginDiffers):
        checkpoint_sign(head(), OTHER)
    with pytest.raises(OriginDiffers):
        checkpoint_open(note_sign(TEXT, OTHER), OTHER.verifier)
    with pytest.raises(SignatureMissing):
        checkpoint_open(note_sign(TEXT, OTHER), LOG.verifier)
    with pytest.raises(CheckpointMalformed):
        checkpoint_open(note_sign("no checkpoint\n", LOG), LOG.verifier)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "final_newline"),
        (TEXT[:-1], "final_newline"),
        (f"{ORIGIN}\n100\n", "three_lines"),
        (f"\n100\n{ROOT64}\n", "line"),
        (f"{TEXT}\n", "line"),
        (f"{TEXT}extension\n\n", "line"),
        (f"{TEXT}\nextension\n", "line"),
        (f"{ORIGIN}\r\n100\n{ROOT64}\n", "control_character"),
        (f"{ORIGIN}\n100\n{ROOT64}\na\tb\n", "control_character"),
        (f"{ORIGIN}\n\n{ROOT64}\n", "size"),
        (f"{ORIGIN}\n0100\n{ROOT64}\n", "size"),
        (f"{ORIGIN}\n00\n{ROOT64}\n", "size"),
        (f"{ORIGIN}\n+100\n{ROOT64}\n", "size"),
        (f"{ORIGIN}\n-1\n{ROOT64}\n", "size"),
        (f"{ORIGIN}\n1_00\n{ROOT64}\n", "size"),
        (f"{ORIGIN}\n 100\n{ROOT64}\n", "size"),
        (f"{ORIGIN}\n100 \n{ROOT64}\n", "size"),
        (f"{ORIGIN}\n１００\n{ROOT64}\n", "size"),
        (f"{ORIGIN}\n0x64\n{ROOT64}\n", "size"),
        (f"{ORIGIN}\n{2**63}\n{ROOT64}\n", "size"),
        (f"{ORIGIN}\n{'9' * 5000}\n{ROOT64}\n", "size"),
        (f"{ORIGIN}\n100\n{ROOT64[:-1]}\n", "root"),
        (f"{ORIGIN}\n100\n{ROOT64} \n", "root"),
        (f"{ORIGIN}\n100\n{ROOT64[:-4]}\n", "root"),
        (f"{ORIGIN}\n100\n{ROOT64[:-2] + chr(ord(ROOT64[-2]) + 1)}=\n", "root"),
        (f"{ORIGIN}\n100\n{base64.b64encode(bytes(33)).decode()}\n", "root"),
        (f"{ORIGIN}\n100\n{'_' * 42}8=\n", "root"),
    ],
)
def test_there_is_one_way_to_write_a_checkpoint(text, reason):
    with pytest.raises(CheckpointMalformed) as refused:
        Checkpoint.parse(text)
    assert refused.value.reason == reason


@given(
    st.text(st.characters(min_codepoint=0x20, codec="utf-8"), min_size=1),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_checkpoints_round_trip(origin, size, root):
    checkpoint = Checkpoint(origin, size, root)
    assert Checkpoint.parse(checkpoint.text()) == checkpoint


def test_a_checkpoint_cannot_be_made_wrong():
    for arguments in (
        ("", 1, EMPTY_ROOT),
        ("a\nb", 1, EMPTY_ROOT),
        ("a", -1, EMPTY_ROOT),
        ("a", 2**63, EMPTY_ROOT),
        ("a", 1, EMPTY_ROOT[1:]),
        ("a", 1, EMPTY_ROOT, ("",)),
    ):
        with pytest.raises(CheckpointMalformed):
            Checkpoint(*arguments)


def test_a_log_goes_on():
    checkpoint_follows(seen=head(60), new=head(100), proof=consistency_proof(60, 100, TREE))
    checkpoint_follows(seen=head(60), new=head(60), proof=[])
    with pytest.raises(RolledBack):
        checkpoint_follows(seen=head(100), new=head(60), proof=[])
    forged = Tree([*HASHES[:59], *HASHES[60:], HASHES[59]])
    with pytest.raises(ConsistencyFails):
        checkpoint_follows(
            seen=head(60), new=head(100, forged), proof=consistency_proof(60, 100, forged)
        )
    other = Checkpoint("log.example/990027", 100, TREE.root())
    with pytest.raises(OriginDiffers):
        checkpoint_follows(seen=head(60), new=other, proof=consistency_proof(60, 100, TREE))


@given(st.integers(0, 99), st.binary(max_size=100))
def test_proofs_round_trip_and_verify(index, extra):
    proof = TlogProof.parse(proof_of(index, extra).encode())
    assert proof == proof_of(index, extra)
    assert proof.verify(HASHES[index]) == head()
    with pytest.raises(InclusionFails):
        proof.verify(HASHES[index - 1])


def test_a_proof_is_written_as_the_text_says():
    text = proof_of(77, b"more").encode().decode()
    before, note = text.split("\n\n", 1)
    assert before.splitlines() == [
        "c2sp.org/tlog-proof@v1",
        "extra bW9yZQ==",
        "index 77",
        *(base64.b64encode(each).decode() for each in inclusion_proof(77, 100, TREE)),
    ]
    assert note.encode() == checkpoint_sign(head(), LOG).encode()


def test_the_proof_of_an_only_leaf_has_no_hashes():
    tree = Tree(HASHES[:1])
    proof = TlogProof(0, (), checkpoint_sign(head(1, tree), LOG))
    assert TlogProof.parse(proof.encode()) == proof
    proof.verify(HASHES[0])


@given(st.integers(0), st.integers(0, 255) | st.none())
def test_what_is_read_is_written_the_same(place, byte):
    data = proof_of(extra=b"more").encode()
    place %= len(data)
    changed = data[:place] + (b"" if byte is None else bytes([byte])) + data[place + 1 :]
    try:
        proof = TlogProof.parse(changed)
    except (ProofMalformed, NoteMalformed):
        return
    assert proof.encode() == changed


GOOD = proof_of().encode()
HASH64 = base64.b64encode(bytes(32)) + b"\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_line"),
        (GOOD.replace(b"\n\n", b"\n"), "empty_line"),
        (b"\n" + GOOD, "header"),
        (GOOD.replace(b"@v1", b"@v2"), "header"),
        (GOOD.replace(b"@v1", b"@v1 "), "header"),
        (GOOD.replace(b"@v1\n", b"@v1\r\n"), "header"),
        (GOOD.replace(b"index 77\n", b""), "index"),
        (GOOD.replace(b"index 77", b"index 077"), "index"),
        (GOOD.replace(b"index 77", b"index  77"), "index"),
        (GOOD.replace(b"index 77", b"index\t77"), "index"),
        (GOOD.replace(b"index 77", b"index 77 "), "index"),
        (GOOD.replace(b"index 77", b"index -1"), "index"),
        (GOOD.replace(b"index 77", b"index 9223372036854775808"), "index"),
        (GOOD.replace(b"index", b"Index"), "index"),
        (GOOD.replace(b"index", b"extra \nindex"), "extra_empty"),
        (GOOD.replace(b"index", b"extra bW9yZQ\nindex"), "extra"),
        (GOOD.replace(b"index", b"extra bW9yZQ==\nextra bW9yZQ==\nindex"), "index"),
        (GOOD.replace(b"index 77\n", b"index 77\nextra bW9yZQ==\n"), "hash"),
        (GOOD.replace(b"index 77\n", b"index 77\nindex 77\n"), "hash"),
        (GOOD.replace(b"index 77\n", b"index 77\nAAAA\n"), "hash"),
        (GOOD.replace(b"index 77\n", b"index 77\n" + HASH64[:-2] + b"\n"), "hash"),
        (GOOD.replace(b"index 77\n", b"index 77\n" + HASH64 * 57), "hash_count"),
        (GOOD.replace(b"index 77\n", "index 77\nあ\n".encode()), "ascii"),
        (b"x" * 2_000_001, "too_long"),
    ],
)
def test_there_is_one_way_to_write_a_proof(data, reason):
    with pytest.raises(ProofMalformed) as refused:
        TlogProof.parse(data)
    assert refused.value.reason == reason


def test_a_proof_stands_on_a_checkpoint():
    with pytest.raises(NoteMalformed, match="final_newline"):
        TlogProof.parse(GOOD[:-1])
    with pytest.raises(CheckpointMalformed):
        TlogProof(0, (), note_sign("no checkpoint\n", LOG)).verify(HASHES[0])


def test_a_proof_cannot_be_made_wrong():
    note = checkpoint_sign(head(), LOG)
    for index, hashes in ((-1, ()), (2**63, ()), (0, (b"short",)), (0, (EMPTY_ROOT,) * 64)):
        with pytest.raises(ProofMalformed):
            TlogProof(index, hashes, note)
