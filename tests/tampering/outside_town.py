"""A log as files with an honest witness and a reader, for tampering with what it shows."""

import contextlib
import io
import json
import threading
import wsgiref.simple_server
from datetime import timedelta

from kyojo.doors.ops.verify import run
from kyojo.doors.witness.app import Witness
from kyojo.doors.witness.keys import (
    Logs,
    log_add,
    witness_create,
    witness_open,
)
from kyojo.ledger.log.leaves import Leaf
from kyojo.ledger.log.receipts import Receipt
from kyojo.ledger.tlog.checkpoints import checkpoint_sign
from kyojo.ledger.tlog.merkle import consistency_proof, inclusion_proof
from kyojo.ledger.tlog.notes import SigningKey
from kyojo.ledger.tlog.proofs import TlogProof
from kyojo.ledger.tlog.tiles import entries_path, entry_bundle, entry_bundle_parse
from kyojo.ledger.tlog.witness import AddCheckpoint, cosignature_lines_parse
from kyojo.ledger.types import Kind

from .folder_log import ORIGIN, FolderLog, town_leaves

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
