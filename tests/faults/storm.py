"""Load on a durable server of its own, and the one who kills in the middle of it."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from kyojo.doors.ops import postgres_processes as processes
from kyojo.doors.ops.postgres import APP, OWNER, Cluster
from kyojo.ledger import check

from .client import ISSUER, PEOPLE, TREASURY, Journal, legs_of
from .ground import FUNDS

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "faults"
CLIENTS = 4


def until(condition: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.005)


@dataclass
class Storm:
    """A cluster, clients with journals, and what was done to them."""

    folder: Path
    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    gaps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    pids: dict[Path, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.cluster = Cluster(self.folder / "data")
        self.address = self.folder / "address"
        self.journals = [self.folder / f"client-{number}" for number in range(CLIENTS)]
        self.seen: Counter[Path] = Counter()

    # --- coming and going -------------------------------------------------------------------------

    def start(self) -> None:
        self.cluster.start()
        self.cluster.database_ensure(DATABASE)
        self.address_write()
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.client"],
            cwd=ROOT,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "kyojo.settings",
                "DATABASE_URL": self.address.read_text(),
                "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        owner = self.cluster.url(OWNER, DATABASE)
        assert self.ask(ground={"owner": owner, "app": self.address.read_text()}) == "laid"
        for journal in self.journals:
            self.client_start(journal)

    def stop(self) -> None:
        for pid in self.pids.values():
            kill(pid)
        self.nursery.stdin.close()
        self.nursery.wait()
        self.cluster.stop()

    def address_write(self) -> None:
        new = self.address.with_suffix(".new")
        new.write_text(self.cluster.url(APP, DATABASE))
        new.rename(self.address)

    def ask(self, **job: Any) -> str:
        print(json.dumps(job), file=self.nursery.stdin, flush=True)
        return self.nursery.stdout.readline().strip()

    def client_start(self, journal: Path) -> None:
        job = {"journal": str(journal), "address": str(self.address)}
        job["seed"] = f"{self.seed} {journal.name}"
        self.pids[journal] = int(self.ask(**job))

    # --- killing ----------------------------------------------------------------------------------

    def answered(self) -> int:
        """How many orders have been answered, as far as the journals say."""
        for journal in self.journals:
            failed = Path(f"{journal}.failed")
            assert not failed.exists(), failed.read_text()
            if journal.exists():
                self.seen[journal] = journal.read_bytes().count(b'{"answer"')
        return self.seen.total()

    def kill(self, kind: str) -> None:
        """Let the load run for a random while, kill, mend, and wait until everybody goes on."""
        goal = self.answered() + self.chance.randint(1, 60)
        until(lambda: self.answered() >= goal, "load before the kill")
        time.sleep(self.chance.random() * 0.02)  # anywhere inside an order, not at its end
        began = time.monotonic()
        getattr(self, f"kill_{kind}")()
        self.kills[kind] += 1
        self.answered()
        was = dict(self.seen)
        until(
            lambda: self.answered() > 0 and all(self.seen[j] > was[j] for j in self.journals),
            "every client going on",
        )
        self.gaps[kind].append(time.monotonic() - began)

    def kill_client(self) -> None:
        journal = self.chance.choice(self.journals)
        kill(self.pids[journal])
        until(lambda: not alive(self.pids[journal]), "the end of a client")
        self.client_start(journal)

    def kill_backend(self) -> None:
        """One that serves a client; the postmaster then ends all others and recovers."""
        with self.connect() as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE usename = %s ORDER BY pid", [APP]
            ).fetchall()
        # Inside the server's user namespace as outside of it, process ids are the same.
        kill(self.chance.choice([pid for (pid,) in rows]))

    def kill_postmaster(self) -> None:
        kill(int((self.cluster.data_dir / "postmaster.pid").read_text().split()[0]))
        self.cluster.stop()
        self.cluster.start()
        self.address_write()

    # --- looking ----------------------------------------------------------------------------------

    def connect(self) -> psycopg.Connection[Any]:
        """As the owner; waits out a recovery."""
        opened: list[psycopg.Connection[Any]] = []

        def try_it() -> bool:
            try:
                url = self.cluster.url(OWNER, DATABASE)
                opened.append(psycopg.connect(url, autocommit=True))
            except psycopg.OperationalError:
                return False
            return True

        until(try_it, "the server's return")
        return opened[0]

    def verify(self) -> None:
        """While the load goes on: what was acknowledged is there, and every rule holds."""
        known = [Journal(journal) for journal in self.copies()]
        with self.connect() as owner:
            stored = transfers(owner)
            for journal in known:
                for order in journal.orders:
                    there = [
                        stored.get((leg["ledger"], leg["id"])) is not None for leg in legs_of(order)
                    ]
                    if order["order"] in journal.answers:
                        assert all(there), f"acknowledged and lost: {order}"
                    else:
                        assert all(there) or not any(there), f"half done: {order}"
            assert problems(owner) == []

    def copies(self) -> list[Path]:
        """The journals as they are now: reading one must not cut off what is being written."""
        found = []
        for journal in self.journals:
            copy = self.folder / f"copy-of-{journal.name}"
            copy.write_bytes(journal.read_bytes())
            found.append(copy)
        return found

    def end(self) -> dict[str, Any]:
        """Let everybody finish; then the books must be what the journals add up to, to a coin."""
        for pid in self.pids.values():
            os.kill(pid, signal.SIGTERM)
        until(
            lambda: (
                self.answered() > 0
                and all(
                    journal.read_bytes().endswith(b'{"end": true}\n') for journal in self.journals
                )
            ),
            "everybody's last answer",
        )
        journals = [Journal(journal) for journal in self.journals]
        sent_again: Counter[str] = Counter()
        for journal in journals:
            assert journal.unanswered() is None
            for answer in journal.answers.values():
                # Of a call, all was written before or all is written now.
                assert set(answer["answer"]) in ({"ok"}, {"exists"}), answer
                if answer["answer"][0] == "exists" or answer["tries"] > 1:
                    sent_again[answer["answer"][0]] += 1
        orders = [order for journal in journals for order in journal.orders]
        bodies = [leg for order in orders for leg in legs_of(order)]
        with self.connect() as owner:
            stored = transfers(owner)
            funded = 2 * (len(PEOPLE) + 1)
            assert len(stored) == len(bodies) + funded  # nothing lost, and nothing that nobody sent
            for leg in bodies:
                assert same(leg, stored[leg["ledger"], leg["id"]]), leg
            assert balances(owner) == expected(bodies, stored)
            assert problems(owner) == []
        return {
            "kills": dict(self.kills),
            "orders_acknowledged": len(orders),
            "transfers_acknowledged": len(bodies),
            "sent_again": dict(sent_again),
            "gap_seconds": {
                kind: {"median": round(sorted(g)[len(g) // 2], 3), "longest": round(max(g), 3)}
                for kind, g in self.gaps.items()
            },
        }


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() if processes.LINUX else True


# --- the books ------------------------------------------------------------------------------------


def transfers(owner: psycopg.Connection[Any]) -> dict[tuple[int, str], tuple[Any, ...]]:
    rows = owner.execute(
        "SELECT ledger, id::text, debit::text, credit::text, amount, kind, pending_id::text"
        " FROM ledger_transfer"
    ).fetchall()
    return {(ledger, id_): rest for ledger, id_, *rest in rows}


def same(leg: dict[str, Any], row: tuple[Any, ...]) -> bool:
    """Whether the row is what was sent; a post or void may leave its accounts to the hold."""
    debit, credit, amount, kind, pending_id = row
    return (
        leg["debit"] in (None, debit)
        and leg["credit"] in (None, credit)
        and leg["amount"] in (0, amount)
        and (leg["kind"], leg["pending_id"]) == (kind, pending_id)
    )


def balances(owner: psycopg.Connection[Any]) -> dict[tuple[int, str], tuple[int, ...]]:
    rows = owner.execute(
        "SELECT ledger, account::text, sum(debits_pending)::bigint, sum(debits_posted)::bigint,"
        " sum(credits_pending)::bigint, sum(credits_posted)::bigint"
        " FROM ledger_balance GROUP BY 1, 2"
    ).fetchall()
    return {(ledger, account): tuple(sums) for ledger, account, *sums in rows if any(sums)}


def expected(
    bodies: list[dict[str, Any]], stored: dict[tuple[int, str], tuple[Any, ...]]
) -> dict[tuple[int, str], tuple[int, ...]]:
    """What the accounts must show if each transfer that was sent happened exactly once."""
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    ledgers = sorted({leg["ledger"] for leg in bodies})
    for ledger in ledgers:
        for account in (TREASURY, *PEOPLE):
            sums[ledger, str(ISSUER)][1] += FUNDS
            sums[ledger, str(account)][3] += FUNDS
    for leg in bodies:
        ledger, kind = leg["ledger"], leg["kind"]
        debit, credit, amount, _, _ = stored[ledger, leg["id"]]
        pending = amount if kind == "hold" else 0
        if kind in ("post", "void"):
            pending = -stored[ledger, leg["pending_id"]][2]
        posted = amount if kind in ("plain", "post") else 0
        for account, side in ((debit, 0), (credit, 2)):
            sums[ledger, account][side] += pending
            sums[ledger, account][side + 1] += posted
    return {key: tuple(found) for key, found in sums.items() if any(found)}


def problems(owner: psycopg.Connection[Any]) -> list[Any]:
    """The ledger's own check, on this connection."""

    def rows(statement: str, parameters: Any) -> list[Any]:
        return owner.execute(statement, parameters).fetchall()  # type: ignore[arg-type]

    was, check._rows = check._rows, rows
    try:
        return check.check()
    finally:
        check._rows = was
