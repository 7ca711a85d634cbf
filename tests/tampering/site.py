"""Tampering with a log in the database that readers fetch over HTTP, committed for all to see."""

import shutil
from pathlib import Path

import httpx

from kyojo.doors.witness.app import Witness
from kyojo.doors.witness.keys import Logs, log_add, witness_create, witness_open
from kyojo.ledger import check as ledger_check
from kyojo.ledger.log import selectors
from kyojo.ledger.log.publishing import Publisher
from kyojo.ledger.log.scope import ledger_scope
from kyojo.ledger.log.tests.cast import KITA, Town, logged, moved, moved_often
from kyojo.ledger.tlog.merkle import leaf_hash, root_of
from kyojo.ledger.tlog.notes import VerifierKey
from kyojo.ledger.tlog.policy import Policy
from kyojo.ledger.types import TransferCode

from .cases import CHECK, SITE, VERIFY, WITNESS, case
from .outside_town import verified

FIRST_SIZE = 300


class Site:
    """A town's site with a published log of 310 leaves, a witness of it, and a reader who verified
    it at 300. ``sql`` is a superuser's cursor for whom no trigger runs."""

    def __init__(self, folder: Path, url: str, owner_cursor, as_owner):
        self.folder, self.sql, self.as_owner = folder, owner_cursor, as_owner
        self.sql.execute("SET session_replication_role = replica")
        self.url = f"{url}/log/kita-hinata"
        self.keys, self.policy, self.seen = folder / "keys", folder / "policy", folder / "seen"
        self.keys.mkdir()
        self.town = Town()
        self.moved = moved(self.town, 10)
        moved_often(self.town, FIRST_SIZE - 2)
        logged(self.keys, publish_at_once=False)
        with ledger_scope(KITA):
            self.key = VerifierKey.parse(selectors.log_head(ledger=KITA).key)
        store = folder / "witness"
        witness_create(store, name="witness.example/kyojo")
        log_add(store, self.key)
        self.witness = self.witness_of(store)
        self.policy.write_text(self.policy_text())
        self.publish()
        assert self.verify("--seen", self.seen) == []
        moved_often(self.town, 10)
        logged(self.keys, publish_at_once=False)
        self.publish()

    @staticmethod
    def witness_of(store):
        key, memory = witness_open(store)
        return Witness(key=key, store=memory, logs=Logs(files=[store / "logs"]))

    def policy_text(self, quorum="w1"):
        return (
            f"log {self.key}\n"
            f"witness w1 {self.witness.key.verifier} http://witness.example\nquorum {quorum}\n"
        )

    def publish(self):
        """The newest checkpoint goes to the witness, and to the readers when it is cosigned."""

        def answer(request):
            answered = self.witness.add_checkpoint(request.content)
            return httpx.Response(
                answered.status,
                headers={"Content-Type": answered.content_type},
                content=answered.body,
            )

        client = httpx.Client(transport=httpx.MockTransport(answer))
        with Publisher(Policy.parse(self.policy_text()), client=client) as publisher:
            publisher.poll()

    def verify(self, *arguments):
        return verified("log", self.url, "--policy", self.policy, "--offline", *arguments)

    def checked(self):
        with self.as_owner():
            return sorted({problem.rule for problem in ledger_check.check()})

    def rewrite(self):
        """One coin more was paid, and books and log say that it has always been so: transfers,
        balances, entries, tiles and checkpoints, signed with the real key."""
        self.sql.execute("UPDATE ledger_transfer SET amount = 11 WHERE id = %s", [self.moved])
        for account, side in ((self.town.carer, "debits"), (self.town.supporter, "credits")):
            self.sql.execute(
                f"UPDATE ledger_balance SET {side}_posted = {side}_posted + 1"  # noqa: S608
                " WHERE account = %s",
                [account],
            )
        for table in ("entry", "tile", "checkpoint"):
            self.sql.execute(f"DELETE FROM ledger_log_{table}")  # noqa: S608
        self.sql.execute("UPDATE ledger_log_head SET size = 0, horizon = 0, root = sha256('')")
        logged(self.keys, publish_at_once=False)

    def publish_unwitnessed(self):
        """Past the witness: the operator says itself that the quorum was met."""
        self.sql.execute("UPDATE ledger_log_checkpoint SET published_at = now()")


@case(SITE, "an entry is edited in the database", by=VERIFY, codes="leaf_differs")
def entry_edited(site):
    site.sql.execute(
        "UPDATE ledger_log_entry SET leaf = replace(leaf, E'\\n10\\n10\\n', E'\\n10\\n11\\n')"
        " WHERE transfer = %s",
        [site.moved],
    )
    assert TransferCode.SUPPORT == 10
    return site.verify()


@case(SITE, "an entry is deleted in the database", by=VERIFY, codes="tile_missing", slow=True)
def entry_deleted(site):
    site.sql.execute("DELETE FROM ledger_log_entry WHERE transfer = %s", [site.moved])
    return site.verify()


@case(SITE, "a tile is edited in the database", by=VERIFY, codes="tile_differs", slow=True)
def tile_edited(site):
    site.sql.execute(
        "UPDATE ledger_log_tile SET hashes = overlay(hashes PLACING sha256('x') FROM 33)"
        " WHERE level = 0 AND index = 1"
    )
    return site.verify()


@case(
    SITE,
    "books and log are rewritten as a whole with the real key: the witness is asked",
    by=WITNESS,
    codes="consistency_fails",
)
def rewritten_witness(site):
    site.rewrite()
    assert site.checked() == []  # from inside, everything is in order
    before = site.witness.store.latest(site.key.name)
    site.publish()
    assert site.witness.store.latest(site.key.name) == before
    assert httpx.get(f"{site.url}/checkpoint").status_code == 404, "nothing is shown unwitnessed"
    return sorted({refused.code for refused in site.witness.store.refused(site.key.name)})


@case(
    SITE,
    "books and log are rewritten as a whole with the real key, and shown unwitnessed",
    by=VERIFY,
    codes="quorum_missing",
    slow=True,
)
def rewritten_quorum(site):
    site.rewrite()
    site.publish_unwitnessed()
    return site.verify()


@case(
    SITE,
    "books and log are rewritten as a whole with the real key; the reader remembers",
    by=VERIFY,
    codes="consistency_fails",
)
def rewritten_seen(site):
    site.rewrite()
    site.publish_unwitnessed()
    return verified("log", site.url, "--key", site.key, "--seen", site.seen)


@case(
    SITE,
    "the database is rolled back to an older published checkpoint; the reader remembers",
    by=VERIFY,
    codes="rolled_back",
)
def rolled_back(site):
    assert site.verify("--seen", site.seen) == []
    roll_back(site)
    assert site.verify() == []  # an old checkpoint is a true one
    return site.verify("--seen", site.seen)


@case(
    SITE,
    "the log is rolled back in the database and the transfers are left",
    by=CHECK,
    codes="transfer_is_logged",
    slow=True,
)
def rolled_back_log(site):
    roll_back(site)
    return site.checked()


def roll_back(site):
    """The log alone, as it was when the first 300 leaves were published."""
    sql = site.sql
    sql.execute("SELECT leaf FROM ledger_log_entry WHERE number < %s ORDER BY number", [FIRST_SIZE])
    hashes = [leaf_hash(leaf.encode()) for (leaf,) in sql.fetchall()]
    sql.execute("DELETE FROM ledger_log_entry WHERE number >= %s", [FIRST_SIZE])
    sql.execute("DELETE FROM ledger_log_checkpoint WHERE size > %s", [FIRST_SIZE])
    sql.execute(
        "UPDATE ledger_log_tile SET hashes = %s WHERE level = 0 AND index = 1",
        [b"".join(hashes[256:])],
    )
    sql.execute("UPDATE ledger_log_head SET size = %s, root = %s", [FIRST_SIZE, root_of(hashes)])


@case(
    SITE,
    "the log's key is lost and the operator begins a new log",
    by=VERIFY,
    codes="signature_missing",
    slow=True,
)
def log_key_lost(site):
    shutil.rmtree(site.keys)
    site.keys.mkdir()
    for table in ("entry", "tile", "checkpoint", "head"):
        site.sql.execute(f"DELETE FROM ledger_log_{table}")  # noqa: S608
    logged(site.keys)
    return site.verify()


def receipt(site):
    """The receipt of the first payment, both sides opened."""
    with ledger_scope(KITA):
        found = selectors.receipt_for(ledger=KITA, transfer=site.moved, sides=("debit", "credit"))
    path = site.folder / "one.kyojo-receipt"
    path.write_bytes(found.encode())
    return path


@case(SITE, "the account in a receipt is exchanged", by=VERIFY, codes="leaf_differs")
def receipt_account(site):
    path = receipt(site)
    assert verified("receipt", path, "--policy", site.policy) == []
    data = path.read_bytes().decode()
    path.write_text(data.replace(str(site.town.supporter), str(site.town.issuer)))
    return verified("receipt", path, "--policy", site.policy)


@case(
    SITE,
    "the key of an account is exchanged before a receipt",
    by=VERIFY,
    codes="leaf_differs",
    slow=True,
)
def receipt_key(site):
    site.sql.execute("UPDATE ledger_log_key SET key = sha256('x')")
    return verified("receipt", receipt(site), "--policy", site.policy)
