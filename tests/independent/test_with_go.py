"""A log of 70,000 leaves, checked by Go's packages; and every way to tamper, refused by its name.

The first half trusts only the log's key and its witnesses. The second shows what a key alone is
worth: whoever has it can write another past, and only checkpoints seen before, or cosigned by
others, tell.
"""

import http.server
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_sign
from kyojo.ledger.tlog.merkle import leaf_hash
from kyojo.ledger.tlog.notes import (
    KeyType,
    Signature,
    SignedNote,
    SigningKey,
    VerifierKey,
    cosign,
    note_sign,
    note_verify,
)
from kyojo.ledger.tlog.policy import Policy, policy_check
from kyojo.ledger.tlog.tiles import entries_path, partial_width, tile_path

from .logs import (
    AT,
    KEY,
    ORIGIN,
    WITNESSES,
    LogFolder,
    copied,
    entries_of,
    entries_put,
    entries_read,
    put,
)

BIG = 70_000
SMALL = 1_500
#: Where trees change their shape, and some between.
STEPS = [1, 2, 3, 7, 8, 255, 256, 257, 511, 1000, 4096, 12_345, 40_000]
STEPS += [65_535, 65_536, 65_537, 65_792, 69_999]
TRUSTED = ["-key", KEY.verifier, "-quorum", 2]
TRUSTED += [word for witness in WITNESSES for word in ("-witness", witness.verifier)]


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> LogFolder:
    return grown(tmp_path_factory.mktemp("big"), [*STEPS, BIG])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> LogFolder:
    return grown(tmp_path_factory.mktemp("small"), [1, 300, 1000, SMALL])


def grown(folder: Path, sizes: list[int]) -> LogFolder:
    log = LogFolder(folder)
    for size in sizes:
        log.append(entries_of(log.size, size))
    return log


@pytest.fixture
def served(big: LogFolder) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    handler = partial(Quiet, directory=big.folder.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/{big.folder.name}/"
        server.shutdown()


def test_go_verifies_all_of_a_large_log(big, verify):
    answer = verify("log", "-log", big.folder, "-seen", big.folder / "seen", *TRUSTED)
    # 273 + 1 tiles at level 0, 1 + 1 at level 1, 1 at level 2; of the 19 checkpoints each is
    # proven from the newest, and each from the one after it.
    assert answer == (f"ok size={BIG} tiles=277 inclusions=100 consistencies=37 cosignatures=3\n")


def test_go_verifies_it_over_http(big, served, verify):
    answer = verify("log", "-log", served, "-inclusions", 2000, *TRUSTED)
    assert answer == f"ok size={BIG} tiles=277 inclusions=2000 consistencies=0 cosignatures=3\n"


def test_go_verifies_every_size_on_the_way(small, tmp_path, verify):
    for size in (1, 300, 1000):
        older = copied(small.folder, tmp_path / str(size))
        put(older / "checkpoint", (small.folder / f"seen/{size}").read_bytes())
        answer = verify("log", "-log", older, "-inclusions", size, *TRUSTED)
        assert answer.startswith(f"ok size={size} ")
        assert f" inclusions={size} " in answer


def test_go_verifies_the_requests_to_witnesses(big, verify):
    sizes = [*STEPS, BIG]
    for old, new in pairwise(sizes):
        answer = verify(
            *("request", "-key", KEY.verifier),
            *("-file", big.folder / f"asked/{old}-{new}", "-old", big.folder / f"seen/{old}"),
        )
        assert answer == f"ok old={old} size={new}\n"


def test_go_verifies_proofs_in_files_and_refuses_other_leaves(big, verify, tmp_path):
    note = SignedNote.parse((big.folder / "checkpoint").read_bytes())
    for index in (0, 255, 256, 12_345, 65_536, BIG - 1):
        proof = big.prove(index, note)
        (entry,) = entries_of(index, index + 1)
        proof.verify(leaf_hash(entry))
        put(tmp_path / "proof", proof.encode())
        put(tmp_path / "leaf", entry)
        files = ["-file", tmp_path / "proof", "-leaf", tmp_path / "leaf"]
        assert verify("proof", *files, *TRUSTED) == f"ok index={index} size={BIG}\n"
        put(tmp_path / "leaf", entry.replace(b"plain", b"plane"))
        assert verify("proof", *files, *TRUSTED).startswith("inclusion_fails: ")


def test_the_example_in_the_manual_is_true(big, verify, tmp_path):
    manual = (Path(__file__).parents[2] / "docs/reference/log.md").read_text("utf-8")
    policy = Policy.parse(manual.split("### A policy\n\n```\n")[1].split("```")[0])
    put(
        tmp_path / "checkpoint",
        manual.split("### A checkpoint\n\n```\n")[1].split("```")[0].encode(),
    )
    note = SignedNote.parse((tmp_path / "checkpoint").read_bytes())
    result = policy_check(note, policy, now=AT, fresh_for=timedelta(seconds=1))
    assert result.checkpoint == big.published
    folder = copied(big.folder, tmp_path / "log")
    put(folder / "checkpoint", note.encode())
    keys = ["-key", policy.logs[0].key]
    keys += [word for each in policy.witnesses for word in ("-witness", each.key)]
    assert verify("log", "-log", folder, *keys).endswith("cosignatures=2\n")


def test_what_go_signs_is_read_here(verify):
    text = f"{ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    _, private, public, note = (
        ("\n" + verify("sign", ORIGIN, text)).replace("\nok ", "\n", 1).split("\n", 3)
    )
    key = SigningKey.parse(private)
    assert str(key.verifier) == public
    signed = SignedNote.parse(note.removesuffix("\n").encode())
    note_verify(signed, VerifierKey.parse(public))
    # Ed25519 leaves no choice: the same key and text give the same signature.
    assert note_sign(text, key) == signed


# --- Somebody without the log's key changes files ---------------------------------------------


def byte_changed(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    put(path, bytes(data))


def leaves_changed(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        entries_put(folder, change(entries_read(folder, SMALL)))

    return tamper


def tile(level: int, index: int) -> str:
    return tile_path(level, index, partial_width(SMALL, level, index))


def leaf_and_tile_edited(folder: Path) -> None:
    entries = entries_read(folder, SMALL)
    entries[600] = entries[600].replace(b"coin", b"gold")
    entries_put(folder, entries)
    data = (folder / tile(0, 2)).read_bytes()
    put(folder / tile(0, 2), data[: 88 * 32] + leaf_hash(entries[600]) + data[89 * 32 :])


LAST = entries_path(SMALL // 256, SMALL % 256)
MORE = entries_of(SMALL, SMALL + 1)


@pytest.mark.parametrize(
    ("tamper", "answer"),
    [
        (
            leaves_changed(lambda e: [*e[:600], e[600].replace(b"coin", b"gold"), *e[601:]]),
            "root_differs: leaf 600 ",
        ),
        (leaves_changed(lambda e: [*e[:600], *e[601:], *MORE]), "root_differs: leaf 600 "),
        (leaves_changed(lambda e: [*e[:600], *MORE, *e[600:-1]]), "root_differs: leaf 600 "),
        (
            leaves_changed(lambda e: [*e[:600], e[601], e[600], *e[602:]]),
            "root_differs: leaf 600 ",
        ),
        (
            lambda folder: put(folder / LAST, (folder / LAST).read_bytes()[:-1]),
            f"tile_malformed: {LAST} ",
        ),
        (
            lambda folder: put(folder / LAST, (folder / LAST).read_bytes() + b"\x00\x00"),
            f"tile_malformed: {LAST} ",
        ),
        (lambda folder: (folder / LAST).unlink(), f"missing: {LAST}"),
        (leaf_and_tile_edited, "root_differs: "),
        (lambda folder: byte_changed(folder / tile(0, 2), 1000), "root_differs: "),
        (lambda folder: byte_changed(folder / tile(0, 5), 1000), "root_differs: "),
        (lambda folder: byte_changed(folder / tile(1, 0), 3), "root_differs: "),
        (
            lambda folder: put(folder / tile(1, 0), (folder / tile(1, 0)).read_bytes()[:-32]),
            f"tile_malformed: {tile(1, 0)} ",
        ),
        (lambda folder: (folder / tile(0, 3)).unlink(), f"missing: {tile(0, 3)}"),
    ],
    ids=[
        "leaf edited",
        "leaf deleted",
        "leaf inserted",
        "leaves reordered",
        "last leaf truncated",
        "leaf appended",
        "last leaves missing",
        "leaf edited with its hash",
        "tile edited",
        "partial tile edited",
        "upper partial tile edited",
        "tile truncated",
        "tile missing",
    ],
)
def test_changed_files_are_refused(tamper, answer, small, verify, tmp_path):
    folder = copied(small.folder, tmp_path / "log")
    assert verify("log", "-log", folder, *TRUSTED).startswith("ok ")
    tamper(folder)
    assert verify("log", "-log", folder, *TRUSTED).startswith(answer)


def test_changed_files_of_the_large_log_are_refused(big, verify, tmp_path):
    folder = copied(big.folder, tmp_path / "log")
    for path in (tile_path(0, 273, 112), tile_path(1, 1, 17), tile_path(2, 0, 1)):
        data = (folder / path).read_bytes()
        byte_changed(folder / path, -1)
        assert verify("log", "-log", folder, *TRUSTED).startswith("root_differs: ")
        put(folder / path, data)
    byte_changed(folder / entries_path(200), 100)
    answer = verify("log", "-log", folder, *TRUSTED)
    assert answer.startswith("root_differs: leaf 51200 "), answer


# --- Somebody changes the checkpoint, or its signatures ---------------------------------------


def resigned(checkpoint: Checkpoint, key: SigningKey) -> SignedNote:
    note = note_sign(checkpoint.text(), key)
    return note.with_signatures(cosign(note, witness, AT) for witness in WITNESSES)


def false(note: SignedNote, name: str, data: bytes) -> SignedNote:
    """The note with the signature of ``name`` replaced."""
    return note.with_signatures(
        Signature(name, each.key_id, data) for each in note.signatures if each.name == name
    )


@pytest.fixture
def note(small: LogFolder) -> SignedNote:
    return SignedNote.parse((small.folder / "checkpoint").read_bytes())


def test_changed_checkpoints_are_refused(small, note, verify, tmp_path):
    folder = copied(small.folder, tmp_path / "log")
    head = Checkpoint.parse(note.text)
    older = SignedNote.parse((folder / "seen/1000").read_bytes())
    namesake = SigningKey(ORIGIN, KeyType.LOG, bytes(range(1, 33)))
    other = Checkpoint("log.example/990027", head.size, head.root)
    strangers = note_sign(note.text, KEY).with_signatures(
        cosign(note, SigningKey(w.name, w.type, bytes(32)), AT) for w in WITNESSES
    )
    answers = {
        "size changed": (
            note.encode().replace(b"\n1500\n", b"\n1499\n"),
            "signature_invalid",
        ),
        "forged signature": (false(note, ORIGIN, bytes(64)).encode(), "signature_invalid"),
        "another's key of the same name": (resigned(head, namesake).encode(), "signature_missing"),
        "another log": (resigned(other, KEY).encode(), "origin_differs"),
        "only the witnesses": (
            SignedNote(note.text, note.signatures[1:]).encode(),
            "signature_missing",
        ),
        "cosignature of another checkpoint": (
            false(note, WITNESSES[0].name, older.signatures[1].data).encode(),
            "signature_invalid",
        ),
        "cosignatures of another checkpoint": (
            SignedNote(note.text, note.signatures[:1] + older.signatures[1:]).encode(),
            "signature_invalid",
        ),
        "too few witnesses": (
            SignedNote(note.text, note.signatures[:2]).encode(),
            "quorum_missing",
        ),
        "witnesses nobody knows": (strangers.encode(), "quorum_missing"),
        "another root": (
            resigned(Checkpoint(ORIGIN, head.size, bytes(32)), KEY).encode(),
            "root_differs",
        ),
        "another size": (
            resigned(Checkpoint(ORIGIN, head.size - 1, head.root), KEY).encode(),
            "missing",
        ),
        "no newline at the end": (note.encode()[:-1], "note_malformed"),
        "leading zero": (
            note_sign(note.text.replace("\n1500\n", "\n01500\n"), KEY)
            .with_signatures(
                cosign(note_sign(note.text.replace("\n1500\n", "\n01500\n"), KEY), witness, AT)
                for witness in WITNESSES
            )
            .encode(),
            "checkpoint_malformed",
        ),
    }
    for name, (data, code) in answers.items():
        put(folder / "checkpoint", data)
        answer = verify("log", "-log", folder, *TRUSTED)
        assert answer.startswith(f"{code}: "), (name, answer)


def test_old_cosignatures_are_stale(small, verify):
    now = int(AT.timestamp())
    for later, answer in ((0, "ok "), (3600, "ok "), (3601, "stale: "), (-301, "stale: ")):
        times = ["-now", now + later, "-fresh", 3600]
        assert verify("log", "-log", small.folder, *times, *TRUSTED).startswith(answer)


# --- Somebody with the log's key writes another past ------------------------------------------

REWRITINGS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "edited": lambda e: [*e[:600], e[600].replace(b"coin", b"gold"), *e[601:]],
    "deleted": lambda e: [*e[:600], *e[601:], *MORE],
    "inserted": lambda e: [*e[:600], *MORE, *e[600:]],
    "reordered": lambda e: [*e[:600], e[601], e[600], *e[602:]],
    "last changed": lambda e: [*e[:-1], *MORE],
}


@pytest.mark.parametrize("rewriting", REWRITINGS)
def test_a_rewritten_log_is_told_by_what_was_seen(rewriting, small, verify, tmp_path):
    past = entries_read(small.folder, SMALL)
    forged = LogFolder(tmp_path / "log")
    forged.append(REWRITINGS[rewriting](past))
    # By itself it is a perfect log, signed by the log's key: this is why there are witnesses.
    assert verify("log", "-log", forged.folder, "-key", KEY.verifier).startswith("ok ")
    answer = verify("log", "-log", forged.folder, "-seen", small.folder / "seen", *TRUSTED)
    assert answer.startswith("consistency_fails: ")
    # And it stays so when it has grown.
    forged.append(entries_of(SMALL + 100, SMALL + 300))
    answer = verify("log", "-log", forged.folder, "-seen", small.folder / "seen", *TRUSTED)
    assert answer.startswith("consistency_fails: ")


def test_a_rewritten_log_has_no_cosignatures(small, note, verify, tmp_path):
    forged = LogFolder(tmp_path / "log")
    forged.append(REWRITINGS["edited"](entries_read(small.folder, SMALL)))
    assert forged.published is not None
    own = checkpoint_sign(forged.published, KEY)
    put(forged.folder / "checkpoint", own.encode())
    assert verify("log", "-log", forged.folder, *TRUSTED).startswith("quorum_missing: ")
    put(forged.folder / "checkpoint", own.with_signatures(note.signatures[1:]).encode())
    assert verify("log", "-log", forged.folder, *TRUSTED).startswith("signature_invalid: ")


def test_a_fork_is_told_in_the_request_to_a_witness(small, verify, tmp_path):
    forged = LogFolder(tmp_path / "log")
    past = entries_read(small.folder, SMALL)
    forged.append(REWRITINGS["edited"](past)[:1000])
    forged.append(past[1000:])
    answer = verify(
        *("request", "-key", KEY.verifier),
        *("-file", forged.folder / "asked/1000-1500", "-old", small.folder / "seen/1000"),
    )
    assert answer.startswith("consistency_fails: ")


def test_a_log_that_was_cut_is_a_rollback(small, verify, tmp_path):
    folder = copied(small.folder, tmp_path / "log")
    put(folder / "checkpoint", (folder / "seen/1000").read_bytes())
    assert verify("log", "-log", folder, *TRUSTED).startswith("ok ")
    answer = verify("log", "-log", folder, "-seen", small.folder / "seen", *TRUSTED)
    assert answer.startswith("rolled_back: ")
