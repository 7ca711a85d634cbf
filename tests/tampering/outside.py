"""Tampering with what a log shows: its files, its checkpoints, its receipts."""

import contextlib
import io
import json
import shutil
import threading
import wsgiref.simple_server
from datetime import timedelta

from kyojo.doors.ops.verify import run
from kyojo.doors.witness.app import Witness
from kyojo.doors.witness.keys import (
    Logs,
    WitnessUnusable,
    log_add,
    witness_create,
    witness_open,
)
from kyojo.kernel import clock
from kyojo.ledger.log.leaves import Leaf
from kyojo.ledger.log.receipts import Receipt
from kyojo.ledger.tlog.checkpoints import checkpoint_sign
from kyojo.ledger.tlog.merkle import consistency_proof, inclusion_proof
from kyojo.ledger.tlog.notes import SignedNote, SigningKey, cosign
from kyojo.ledger.tlog.proofs import TlogProof
from kyojo.ledger.tlog.tiles import entries_path, entry_bundle, entry_bundle_parse, tile_path
from kyojo.ledger.tlog.witness import AddCheckpoint, cosignature_lines_parse
from kyojo.ledger.types import Kind, TransferCode

from .cases import OUTSIDE, VERIFY, WITNESS, case
from .folder_log import ORIGIN, FolderLog, leaf, town_leaves, transfer_id, witness_key

SIZE = 600


def verified(*arguments):
    """The codes that ``./kyojo verify … --json`` found."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = run(["verify", *map(str, arguments), "--json"])
    report = json.loads(out.getvalue())
    assert code == (0 if report["verified"] else 1)
    assert report["verified"] == (not report["codes"])
    for finding in report["findings"]:
        assert finding["message"].endswith("。")
    return report["codes"]


class Town:
    """A log of 600 leaves with one honest witness, and a reader who verified it at 500."""

    def __init__(self, folder):
        self.folder = folder
        self.store = folder / "witness"
        witness_create(self.store, name="witness.example/kyojo")
        self.key = SigningKey.generate(ORIGIN)
        log_add(self.store, self.key.verifier)
        self.leaves = town_leaves(SIZE)
        self.seen = folder / "seen"
        self.policy = folder / "policy"
        self.witness = self.witness_again()
        at_500 = self.log(self.leaves[:500], "log")
        self.policy.write_text(f"{self.policy_text()}quorum w1\n")
        at_500.publish(self.witnessed(at_500, 0))
        assert verified("log", at_500.folder, "--policy", self.policy, "--seen", self.seen) == []
        self.seen_at_500 = self.seen.read_bytes()
        self.honest = self.log(self.leaves, "log")
        self.honest.publish(self.witnessed(self.honest, 500))

    def log(self, leaves, name, key=None):
        return FolderLog(self.folder / name, leaves, key=key or self.key)

    def policy_text(self, url=""):
        return f"log {self.key.verifier}\nwitness w1 {self.witness.key.verifier} {url}\n"

    def witness_again(self):
        key, store = witness_open(self.store)
        return Witness(key=key, store=store, logs=Logs(files=[self.store / "logs"]))

    def ask(self, log, old):
        """What the witness answers to the newest checkpoint of a log."""
        size = len(log.leaves)
        note = checkpoint_sign(log.checkpoint(), log.key)
        proof = tuple(consistency_proof(old, size, log.tree))
        return self.witness.add_checkpoint(AddCheckpoint(old, proof, note).encode())

    def witnessed(self, log, old):
        """The newest checkpoint of a log with the witness's cosignature."""
        answer = self.ask(log, old)
        assert answer.status == 200, answer
        note = checkpoint_sign(log.checkpoint(), log.key)
        return note.with_signatures(cosignature_lines_parse(answer.body))

    def verify(self, *arguments, log=None):
        """As the reader does who has a policy and no memory."""
        return verified("log", (log or self.honest).folder, "--policy", self.policy, *arguments)

    def rewritten(self, name="log", first=100):
        """The whole history from entry ``first`` on told differently, signed with the real key."""
        log = self.log(self.leaves, name)
        for number in range(first, SIZE):
            if Leaf.parse(log.leaves[number]).kind == Kind.HOLD:
                continue
            log.entry_replace(number, day=Leaf.parse(log.leaves[number]).day + timedelta(days=1))
        return log

    @contextlib.contextmanager
    def witness_online(self):
        """The witness at an address, which the policy names inside the block."""

        class Quiet(wsgiref.simple_server.WSGIRequestHandler):
            def log_message(self, *args):
                pass

        server = wsgiref.simple_server.make_server(
            "127.0.0.1", 0, self.witness, handler_class=Quiet
        )
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        before = self.policy.read_text()
        url = f"http://127.0.0.1:{server.server_port}/"
        self.policy.write_text(f"{self.policy_text(url)}quorum w1\n")
        try:
            yield
        finally:
            self.policy.write_text(before)
            server.shutdown()
            thread.join()
            server.server_close()

    def bundle_change(self, change, index=1):
        """Change the entries of a full bundle in the files."""
        path = self.honest.folder / entries_path(index)
        entries = entry_bundle_parse(path.read_bytes(), 256)
        change(entries)
        path.write_bytes(entry_bundle(entries[:256]) + entry_bundle(entries[256:]))

    def receipt(self, log, number, note):
        """A receipt of one leaf, without opened sides."""
        hashes = tuple(inclusion_proof(number, len(log.leaves), log.tree))
        return Receipt(Leaf.parse(log.leaves[number]), (), TlogProof(number, hashes, note))

    def receipt_verified(self, receipt, *arguments):
        path = self.folder / "one.kyojo-receipt"
        path.write_bytes(receipt if isinstance(receipt, bytes) else receipt.encode())
        return verified("receipt", path, "--policy", self.policy, *arguments)


# --- the files of the log ------------------------------------------------------------------------


@case(OUTSIDE, "an entry is edited in the log's files", by=VERIFY, codes="leaf_differs")
def entry_edited(town):
    def change(entries):
        entries[7] = entries[7].replace(b"\n10\n", b"\n11\n").replace(b"\n8\n", b"\n9\n")

    town.bundle_change(change)
    return town.verify()


@case(OUTSIDE, "an entry is taken out of them", by=VERIFY, codes="tile_malformed")
def entry_deleted(town):
    town.bundle_change(lambda entries: entries.pop(7))
    return town.verify()


@case(
    OUTSIDE,
    "an entry is taken out, the later ones move up",
    by=VERIFY,
    codes="number_differs leaf_differs",
)
def entry_deleted_shifted(town):
    def change(entries):
        del entries[7]
        entries.append(leaf(512, name="filler", kind=Kind.PLAIN).encode())

    town.bundle_change(change)
    return sorted(set(town.verify()) - {"hold_unknown"}, key="number_differs leaf_differs".index)


@case(OUTSIDE, "an entry is put in between", by=VERIFY, codes="tile_malformed")
def entry_inserted(town):
    town.bundle_change(lambda entries: entries.insert(7, leaf(263, name="more").encode()))
    return town.verify()


@case(OUTSIDE, "two entries change places", by=VERIFY, codes="number_differs leaf_differs")
def entries_reordered(town):
    def change(entries):
        entries[0], entries[2] = entries[2], entries[0]

    town.bundle_change(change)
    return sorted(set(town.verify()) - {"hold_unknown"}, key="number_differs leaf_differs".index)


@case(OUTSIDE, "the last entries are cut off", by=VERIFY, codes="tile_missing")
def entries_truncated(town):
    shutil.rmtree((town.honest.folder / entries_path(2, 88)).parent)
    return town.verify()


@case(OUTSIDE, "a tile is edited", by=VERIFY, codes="tile_differs")
def tile_edited(town):
    path = town.honest.folder / tile_path(0, 1)
    data = path.read_bytes()
    path.write_bytes(bytes(32) + data[32:])
    return town.verify()


@case(OUTSIDE, "an upper tile is edited", by=VERIFY, codes="tile_differs")
def upper_tile_edited(town):
    path = town.honest.folder / tile_path(1, 0, 2)
    path.write_bytes(path.read_bytes()[::-1])
    return town.verify()


@case(OUTSIDE, "a tile is cut short", by=VERIFY, codes="tile_malformed")
def tile_truncated(town):
    path = town.honest.folder / tile_path(0, 1)
    path.write_bytes(path.read_bytes()[:-32])
    return town.verify()


@case(OUTSIDE, "all entries and tiles under the old checkpoint", by=VERIFY, codes="root_differs")
def rewritten_unsigned(town):
    note = SignedNote.parse((town.honest.folder / "checkpoint").read_bytes())
    town.rewritten().publish(note)
    return town.verify()


# --- signatures ----------------------------------------------------------------------------------


@case(OUTSIDE, "the log's signature is forged", by=VERIFY, codes="signature_invalid")
def signature_forged(town):
    forger = SigningKey.generate(ORIGIN)
    note = checkpoint_sign(town.honest.checkpoint(), forger)
    line = note.signatures[0]
    real = town.key.verifier
    forged = type(line)(line.name, real.id, line.data)
    town.honest.publish(SignedNote(note.text, (forged,)))
    return town.verify()


@case(OUTSIDE, "another key signs under the log's name", by=VERIFY, codes="signature_missing")
def signature_of_another(town):
    log = town.log(town.leaves, "log", key=SigningKey.generate(ORIGIN))
    log.publish()
    return town.verify()


@case(OUTSIDE, "the log of another origin is shown", by=VERIFY, codes="origin_differs")
def origin_of_another(town):
    log = town.log(town.leaves, "log", key=SigningKey.generate("other.example/log"))
    log.publish()
    return town.verify()


@case(
    OUTSIDE,
    "old cosignatures are put under a new checkpoint",
    by=VERIFY,
    codes="signature_invalid",
)
def cosignature_replayed(town):
    old = SignedNote.parse((town.honest.folder / "checkpoint").read_bytes())
    log = town.rewritten()
    note = checkpoint_sign(log.checkpoint(), town.key).with_signatures(old.signatures[1:])
    log.publish(note)
    return town.verify()


@case(OUTSIDE, "a stranger cosigns in the witness's name", by=VERIFY, codes="quorum_missing")
def cosignature_of_a_stranger(town):
    log = town.rewritten()
    note = checkpoint_sign(log.checkpoint(), town.key)
    log.publish(note.with_signatures([cosign(note, witness_key(), clock.now())]))
    return town.verify()


@case(OUTSIDE, "an old checkpoint is served as the newest", by=VERIFY, codes="stale")
def checkpoint_stale(town):
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert town.verify() == []
        return town.verify("--fresh", "24")


# --- history, with the log's real key ------------------------------------------------------------


@case(
    OUTSIDE,
    "the whole log is rewritten with its real key; the reader asks for witnesses",
    by=VERIFY,
    codes="quorum_missing",
)
def rewritten_quorum(town):
    log = town.rewritten()
    log.publish(checkpoint_sign(log.checkpoint(), town.key))
    return town.verify()


@case(
    OUTSIDE,
    "the whole log is rewritten with its real key; the reader remembers (--seen)",
    by=VERIFY,
    codes="consistency_fails",
)
def rewritten_seen(town):
    town.rewritten().publish()
    before = town.seen.read_bytes()
    key = town.key.verifier
    found = verified("log", town.honest.folder, "--key", key, "--seen", town.seen)
    assert town.seen.read_bytes() == before, "what was refused must not be remembered"
    return found


@case(
    OUTSIDE,
    "the whole log is rewritten with its real key and offered to the witness",
    by=WITNESS,
    codes="consistency_fails",
)
def rewritten_witness(town):
    answer = town.ask(town.rewritten(), SIZE)
    assert answer.status == 422
    kept = witness_open(town.store)[1].refused(ORIGIN)
    assert [each.root for each in kept] == [town.rewritten().tree.root()]
    return [answer.body.decode().split()[0]]


@case(
    OUTSIDE,
    "two readers are shown two histories; the witness's address is in the policy",
    by=VERIFY,
    codes="quorum_missing consistency_fails",
)
def forked(town):
    fork = town.rewritten("fork")
    fork.publish(checkpoint_sign(fork.checkpoint(), town.key))
    with town.witness_online():
        assert town.verify() == []
        return town.verify(log=fork)


@case(
    OUTSIDE,
    "two readers are shown two histories; one takes the other's --seen file",
    by=VERIFY,
    codes="consistency_fails",
)
def forked_seen(town):
    fork = town.rewritten("fork")
    fork.publish()
    key = town.key.verifier
    theirs = town.folder / "their-seen"
    assert verified("log", fork.folder, "--key", key, "--seen", theirs) == []
    return verified("log", town.honest.folder, "--key", key, "--seen", theirs)


@case(OUTSIDE, "a fork is offered to the witness", by=WITNESS, codes="consistency_fails")
def forked_witness(town):
    fork = town.log([*town.rewritten().leaves], "fork")
    fork.leaves = [*fork.leaves, leaf(SIZE).encode()]
    answer = town.ask(fork, SIZE)
    assert answer.status == 422
    # With its own old size the fork learns what the witness has, and nothing else.
    assert town.ask(fork, 500).status == 409
    return [answer.body.decode().split()[0]]


@case(
    OUTSIDE,
    "the log is rolled back to an old, well-cosigned checkpoint; the reader remembers",
    by=VERIFY,
    codes="rolled_back",
)
def rolled_back_seen(town):
    assert town.verify("--seen", town.seen) == []
    town.log(town.leaves[:500], "log").publish(town_note_500(town))
    return town.verify("--seen", town.seen)


@case(
    OUTSIDE,
    "the log is rolled back; the witness's address is in the policy",
    by=VERIFY,
    codes="rolled_back",
)
def rolled_back_witness(town):
    town.log(town.leaves[:500], "log").publish(town_note_500(town))
    assert town.verify() == []  # alone, an old checkpoint is a true one
    with town.witness_online():
        return town.verify()


@case(OUTSIDE, "a rolled-back log is offered to the witness", by=WITNESS, codes="size_conflict")
def rolled_back_to_witness(town):
    answer = town.ask(town.log(town.leaves[:500], "log"), 500)
    assert (answer.status, answer.body) == (409, b"600\n")
    assert answer.content_type == "text/x.tlog.size"
    return ["size_conflict"]


def town_note_500(town):
    """The checkpoint of 500 with the witness's cosignature, as the reader kept it."""
    _, _, note = town.seen_at_500.partition(b"\n\n")
    return SignedNote.parse(note)


# --- the witness itself --------------------------------------------------------------------------


@case(
    OUTSIDE,
    "a witness loses its key and goes on with a new one",
    by=VERIFY,
    codes="quorum_missing",
)
def witness_key_lost(town):
    shutil.rmtree(town.store)
    witness_create(town.store, name="witness.example/kyojo")
    log_add(town.store, town.key.verifier)
    town.witness = town.witness_again()
    town.honest.publish(town.witnessed(town.honest, 0))
    return town.verify()


@case(
    OUTSIDE,
    "a witness loses its memory and keeps its key",
    by=WITNESS,
    codes="witness_unusable",
)
def witness_memory_lost(town):
    (town.store / "witness.db").unlink()
    try:
        town.witness_again()
    except WitnessUnusable as error:
        return [error.code]
    return []


# --- books that were wrong from the start --------------------------------------------------------


def books(town, *more):
    """A log that was cosigned from its first leaf on, with these leaves at its end."""
    log = town.log([*town.leaves, *more], "log")
    log.publish(town.witnessed(log, SIZE))
    return town.verify()


@case(OUTSIDE, "a hold is paid out twice", by=VERIFY, codes="hold_resolved_twice")
def hold_twice(town):
    again = leaf(SIZE, kind=Kind.POST, amount=8, pending_id=transfer_id(2))
    return books(town, again)


@case(OUTSIDE, "more is paid out than was held", by=VERIFY, codes="hold_exceeded")
def hold_exceeded(town):
    return books(
        town,
        leaf(SIZE, kind=Kind.HOLD, amount=10),
        leaf(SIZE + 1, kind=Kind.POST, amount=11, pending_id=transfer_id(SIZE)),
    )


@case(OUTSIDE, "less comes back than was held", by=VERIFY, codes="hold_exceeded")
def hold_short(town):
    return books(
        town,
        leaf(SIZE, kind=Kind.HOLD, amount=10),
        leaf(SIZE + 1, kind=Kind.EXPIRE, amount=9, pending_id=transfer_id(SIZE)),
    )


@case(OUTSIDE, "a hold is paid out that nobody made", by=VERIFY, codes="hold_unknown")
def hold_invented(town):
    return books(town, leaf(SIZE, kind=Kind.POST, amount=8, pending_id=transfer_id("nothing")))


@case(OUTSIDE, "a hold pays out another currency", by=VERIFY, codes="currency_differs")
def hold_currency(town):
    return books(
        town,
        leaf(SIZE, kind=Kind.HOLD, amount=10),
        leaf(SIZE + 1, kind=Kind.POST, amount=10, pending_id=transfer_id(SIZE), currency="other"),
    )


@case(OUTSIDE, "one transfer is logged twice", by=VERIFY, codes="transfer_twice")
def logged_twice(town):
    return books(town, leaf(SIZE, name=1, code=TransferCode.DISTRIBUTE, amount=500_000))


@case(OUTSIDE, "a number is left out", by=VERIFY, codes="number_differs")
def number_left_out(town):
    return books(town, leaf(SIZE + 1))


@case(OUTSIDE, "a transfer of another ledger is logged", by=VERIFY, codes="ledger_differs")
def ledger_of_another(town):
    return books(town, leaf(SIZE, ledger=990027))


@case(OUTSIDE, "a correction corrects nothing", by=VERIFY, codes="correction_unknown")
def correction_of_nothing(town):
    return books(
        town, leaf(SIZE, code=TransferCode.CORRECTION, correction_of=transfer_id("nothing"))
    )


@case(OUTSIDE, "something is logged that is no transfer", by=VERIFY, codes="leaf_malformed")
def leaf_of_nonsense(town):
    log = town.log(town.leaves, "log")
    log.leaves = [*log.leaves, b"nonsense"]
    log.publish(town.witnessed(log, SIZE))
    return town.verify()


# --- receipts ------------------------------------------------------------------------------------


@case(OUTSIDE, "a receipt's amount is edited", by=VERIFY, codes="inclusion_fails")
def receipt_edited(town):
    note = SignedNote.parse((town.honest.folder / "checkpoint").read_bytes())
    receipt = town.receipt(town.honest, 3, note)
    assert town.receipt_verified(receipt) == []
    return town.receipt_verified(receipt.encode().replace(b"\n8\n", b"\n80\n"))


@case(OUTSIDE, "a receipt is made from a fork", by=VERIFY, codes="quorum_missing")
def receipt_of_a_fork(town):
    fork = town.rewritten("fork")
    return town.receipt_verified(
        town.receipt(fork, 3, checkpoint_sign(fork.checkpoint(), town.key))
    )


@case(OUTSIDE, "a receipt names another place in the log", by=VERIFY, codes="inclusion_fails")
def receipt_number(town):
    note = SignedNote.parse((town.honest.folder / "checkpoint").read_bytes())
    receipt = town.receipt(town.honest, 3, note)
    return town.receipt_verified(receipt.encode().replace(b"\nindex 3\n", b"\nindex 2\n"))


@case(
    OUTSIDE,
    "a receipt of a rewritten log, against the --seen file",
    by=VERIFY,
    codes="consistency_fails",
)
def receipt_seen(town):
    assert town.verify("--seen", town.seen) == []
    fork = town.rewritten("fork")
    path = town.folder / "one.kyojo-receipt"
    note = checkpoint_sign(fork.checkpoint(), town.key)
    path.write_bytes(town.receipt(fork, 3, note).encode())
    return verified("receipt", path, "--key", town.key.verifier, "--seen", town.seen)
