"""Transfers of a real ledger, through sequencer, witnesses and site, to the program in Go.

Go fetches the log over HTTP as any stranger would, and is told nothing but the public keys.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kyojo.doors.witness.app import Witness
from kyojo.doors.witness.keys import Logs, log_add, witness_create, witness_open
from kyojo.ledger.log import selectors
from kyojo.ledger.log.publishing import Publisher
from kyojo.ledger.log.receipts import SIDES
from kyojo.ledger.log.scope import ledger_scope
from kyojo.ledger.log.tests.cast import KITA, Town, hold_and_post, logged, moved, moved_often
from kyojo.ledger.tlog.notes import VerifierKey
from kyojo.ledger.tlog.policy import Policy

from .logs import put

NAMES = ("w1", "w2", "w3")


class RealLog:
    """A ledger, its log, and three witnesses of which two have to cosign."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = f"{url}/log/kita-hinata"
        self.town = Town()
        self.keys = {
            name: witness_create(folder / name, name=f"{name}.example").verifier for name in NAMES
        }
        policy = "".join(
            f"witness {name} {key} http://{name}.example/\n" for name, key in self.keys.items()
        )
        self._policy = Policy.parse(f"{policy}group two 2 {' '.join(NAMES)}\nquorum two\n")
        self._publisher: Publisher | None = None

    def publish(self) -> None:
        """Log what has been committed, and publish it once the witnesses have cosigned."""
        logged(self.folder / "keys", publish_at_once=False)
        if self._publisher is None:
            self._publisher = Publisher(self._policy, client=self._witnesses())
        assert self._publisher.poll() == [KITA]
        put(self.folder / "seen" / str(self.size()), httpx.get(f"{self.url}/checkpoint").content)

    def size(self) -> int:
        with ledger_scope(KITA):
            return selectors.checkpoint_published(ledger=KITA).size

    def key(self) -> VerifierKey:
        with ledger_scope(KITA):
            return VerifierKey.parse(selectors.log_head(ledger=KITA).key)

    def trusted(self) -> list[object]:
        witnesses = [word for key in self.keys.values() for word in ("-witness", key)]
        return ["-key", self.key(), "-quorum", 2, *witnesses]

    def close(self) -> None:
        if self._publisher is not None:
            self._publisher.client.close()

    def _witnesses(self) -> httpx.Client:
        mounts = {}
        for name in NAMES:
            folder = self.folder / name
            log_add(folder, self.key())
            key, store = witness_open(folder)
            app = Witness(key=key, store=store, logs=Logs(files=[folder / "logs"]))
            mounts[f"http://{name}.example"] = httpx.WSGITransport(app=app)
        return httpx.Client(mounts=mounts)


@pytest.fixture
def log(towns, live_site, tmp_path) -> Iterator[RealLog]:
    (tmp_path / "keys").mkdir()
    real = RealLog(tmp_path, live_site.url)
    yield real
    real.close()


def test_go_verifies_transfers_of_a_ledger(log, verify):
    for count in (1, 255, 5, 300):
        moved_often(log.town, count)
        hold_and_post(log.town)
        log.publish()
    size = log.size()
    assert size == 1 + 1 + 255 + 5 + 300 + 4 * 2
    seen = ["-seen", log.folder / "seen", "-inclusions", size]
    answer = verify("log", "-log", log.url, *seen, *log.trusted())
    assert answer == f"ok size={size} tiles=4 inclusions={size} consistencies=7 cosignatures=3\n"


def test_go_verifies_a_receipt_s_proof(log, verify):
    moved_often(log.town, 300)
    transfer = moved(log.town, 7)
    log.publish()
    with ledger_scope(KITA):
        receipt = selectors.receipt_for(ledger=KITA, transfer=transfer, sides=SIDES)
    put(log.folder / "proof", receipt.proof.encode())
    put(log.folder / "leaf", receipt.leaf.encode())
    files = ["-file", log.folder / "proof", "-leaf", log.folder / "leaf"]
    number = receipt.leaf.number
    assert verify("proof", *files, *log.trusted()) == f"ok index={number} size=302\n"
    put(log.folder / "leaf", receipt.leaf.encode().replace(b"\n7\n", b"\n8\n"))
    assert verify("proof", *files, *log.trusted()).startswith("inclusion_fails: ")


def test_go_tells_what_the_owner_of_the_database_changed(log, verify, owner_cursor):
    moved_often(log.town, 300)
    log.publish()
    assert verify("log", "-log", log.url, *log.trusted()).startswith("ok size=301 ")
    owner_cursor.execute("SET session_replication_role = replica")  # past every trigger
    owner_cursor.execute(
        r"UPDATE ledger_log_entry SET leaf = replace(leaf, E'\n1\n', E'\n2\n') WHERE number = 123"
    )
    assert owner_cursor.rowcount == 1
    answer = verify("log", "-log", log.url, *log.trusted())
    assert answer.startswith("root_differs: leaf 123 ")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_go_verifies_seventy_thousand_transfers(log, verify):
    for _ in range(7):
        moved_often(log.town, 10_000)
        log.publish()
    answer = verify("log", "-log", log.url, "-seen", log.folder / "seen", *log.trusted())
    assert answer == "ok size=70001 tiles=277 inclusions=101 consistencies=13 cosignatures=3\n"
