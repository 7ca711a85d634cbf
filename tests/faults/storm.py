"""Load on a durable server of its own, and the one who kills in the middle of it."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from kyojo.doors.ops.postgres import APP, OWNER, SUPERUSER, Cluster, short_temp_dir

from . import books
from .client import LEDGERS, PEOPLE, Journal, Order, legs_of

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "faults"
CLIENTS = 4


def until(condition: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.005)


class Storm:
    """A cluster, clients with journals, a keeper of the logs, and what was done to them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.folder = folder
        self.cluster = Cluster(folder / "data")
        # PostgreSQL moves its socket with every start; who is connected asks at one address.
        self.door = Path(tempfile.mkdtemp(prefix="kyojo-door-", dir=short_temp_dir()))
        self.journals = [folder / f"client-{number}" for number in range(CLIENTS)]
        self.keeper = folder / "keeper"
        self.pids: dict[Path, int] = {}
        self.kills: Counter[str] = Counter()
        self.gaps: dict[str, list[float]] = defaultdict(list)
        self.answers: Counter[Path] = Counter()
        self.verified: Counter[Path] = Counter()
        self.roots: dict[int, dict[int, bytes]] = {ledger: {} for ledger in LEDGERS}
        self.rounds_cut = 0

    # --- coming and going -------------------------------------------------------------------------

    def start(self) -> None:
        self.server_start()
        self.cluster.database_ensure(DATABASE)
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.client"],
            cwd=ROOT,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "kyojo.settings",
                "DATABASE_URL": self.url(APP),
                "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.ask("ground")
        for journal in self.journals:
            self.client_start(journal)
        self.keeper_start()

    def stop(self) -> None:
        for pid in self.pids.values():
            kill(pid)
        self.nursery.stdin.close()
        self.nursery.wait()
        self.cluster.stop()
        shutil.rmtree(self.door, ignore_errors=True)

    def server_start(self) -> None:
        self.cluster.start()
        new = self.door / "new"
        new.symlink_to(str(self.cluster.socket_dir))
        new.rename(self.door / "socket")

    def url(self, role: str) -> str:
        return f"postgresql://{role}@/{DATABASE}?host={self.door / 'socket'}"

    def ask(self, task: str, **job: Any) -> Any:
        job |= {"task": task, "owner": self.url(OWNER), "app": self.url(APP)}
        print(json.dumps(job), file=self.nursery.stdin, flush=True)
        answer = self.nursery.stdout.readline()
        assert answer, f"the nursery ended at: {task}"
        return json.loads(answer)

    def client_start(self, journal: Path) -> None:
        seed = f"{self.seed} {journal.name}"
        self.pids[journal] = self.ask("client", journal=str(journal), seed=seed)

    def keeper_start(self) -> None:
        keys = self.folder / "keys"
        keys.mkdir(mode=0o700, exist_ok=True)
        self.pids[self.keeper] = self.ask("keeper", journal=str(self.keeper), keys=str(keys))

    # --- killing ----------------------------------------------------------------------------------

    def answered(self) -> int:
        """How many orders have been answered, as far as the journals say."""
        for one in (*self.journals, self.keeper):
            failed = Path(f"{one}.failed")
            assert not failed.exists(), failed.read_text()
        for journal in self.journals:
            if journal.exists():
                self.answers[journal] = journal.read_bytes().count(b'{"answer"')
        return self.answers.total()

    def kill(self, kind: str) -> None:
        """Let the load run for a random while, kill, mend, and wait until everybody goes on."""
        goal = self.answered() + self.chance.randint(1, 60)
        until(lambda: self.answered() >= goal, "load before the kill")
        time.sleep(self.chance.random() * 0.02)  # anywhere inside an order, not at its end
        began = getattr(self, f"kill_{kind}")()
        self.kills[kind] += 1
        self.answered()
        was = dict(self.answers)
        until(
            lambda: self.answered() > 0 and all(self.answers[j] > was[j] for j in self.journals),
            "every client going on",
        )
        if kind != "keeper":
            self.gaps[kind].append(time.monotonic() - began)
        self.log_goes_on()
        if kind == "keeper":
            self.gaps[kind].append(time.monotonic() - began)

    def kill_client(self) -> float:
        journal = self.chance.choice(self.journals)
        return self.kill_and_await(journal, self.client_start, journal)

    def kill_keeper(self) -> float:
        """The process of the sequencer, as a rule in the middle of a round."""
        with self.connect(SUPERUSER) as superuser:  # others are not shown what it is doing
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                row = superuser.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL"
                    " AND backend_xid IS NOT NULL AND query ~ 'ledger_log_'"
                ).fetchone()
                if row is not None and row[0]:
                    self.rounds_cut += 1
                    break
        return self.kill_and_await(self.keeper, self.keeper_start)

    def kill_and_await(self, name: Path, again: Callable[..., None], *arguments: Any) -> float:
        began = time.monotonic()
        kill(self.pids[name])
        until(lambda: not alive(self.pids[name]), f"the end of {name.name}")
        again(*arguments)
        return began

    def kill_backend(self) -> float:
        """One that serves a client or the keeper; the postmaster ends all others and recovers."""
        with self.connect() as owner:
            rows = owner.execute(
                "SELECT pid FROM pg_stat_activity WHERE usename = %s ORDER BY pid", [APP]
            ).fetchall()
            began = time.monotonic()
            kill(self.chance.choice([pid for (pid,) in rows]))
            until(lambda: ended(owner), "the postmaster ending everybody")
        return began

    def kill_postmaster(self) -> float:
        pid = int((self.cluster.data_dir / "postmaster.pid").read_text().split()[0])
        began = time.monotonic()
        kill(pid)
        self.cluster.stop()
        self.server_start()
        return began

    # --- looking ----------------------------------------------------------------------------------

    def connect(self, role: str = OWNER) -> psycopg.Connection[Any]:
        """Past the walls; waits out a recovery."""
        opened: list[psycopg.Connection[Any]] = []

        def try_it() -> bool:
            with contextlib.suppress(psycopg.OperationalError):
                opened.append(psycopg.connect(self.url(role), autocommit=True))
            return bool(opened)

        until(try_it, "the server's return")
        return opened[0]

    def log_goes_on(self) -> None:
        """Wait until each log is longer than it is now; remember what it is, as a witness would."""
        with self.connect() as owner:
            until(lambda: set(books.heads(owner)) == set(LEDGERS), "the logs' beginning")
            before = books.heads(owner)
            until(
                lambda: all(size > before[k][0] for k, (size, _) in books.heads(owner).items()),
                "the logs growing",
            )
            for ledger, (size, root) in books.heads(owner).items():
                self.roots[ledger][size] = root

    def verify(self, *, rules: bool) -> None:
        """While the load goes on: what was acknowledged is there, and every rule holds."""
        answered: list[Order] = []
        open_: list[Order] = []
        for name in self.journals:
            copy = self.folder / f"copy-of-{name.name}"  # reading one cuts off its torn end
            copy.write_bytes(name.read_bytes())
            journal = Journal(copy)
            for order in journal.orders[self.verified[name] :]:
                (answered if order["order"] in journal.answers else open_).append(order)
            self.verified[name] = len(journal.answers)
        with self.connect() as owner:
            stored = books.there(owner, [leg for o in answered + open_ for leg in legs_of(o)])
        for order in answered:
            lost = [leg for leg in legs_of(order) if (leg["ledger"], leg["id"]) not in stored]
            assert not lost, f"acknowledged and lost: {order}"
        for order in open_:
            found = {(leg["ledger"], leg["id"]) in stored for leg in legs_of(order)}
            assert len(found) == 1, f"half done: {order}"
        if rules:
            assert self.findings() == []

    def end(self) -> dict[str, Any]:
        """Let everybody finish; then the books must be what the journals add up to, to a coin."""
        for journal in self.journals:
            os.kill(self.pids[journal], signal.SIGTERM)
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
        orders = [order for journal in journals for order in journal.orders]
        bodies = [leg for order in orders for leg in legs_of(order)]
        again = self.sent_again(journals)
        with self.connect() as owner:
            until(lambda: books.unlogged(owner) == 0, "the last transfer's number")
            stored = books.transfers(owner)
            funded = len(LEDGERS) * (len(PEOPLE) + 1)
            assert len(stored) == len(bodies) + funded  # nothing lost, and nothing nobody sent
            for leg in bodies:
                assert books.same(leg, stored[leg["ledger"], leg["id"]]), leg
            assert books.balances(owner) == books.expected(bodies, stored)
            logged = sum(books.log_true(owner, k, self.roots[k]) for k in LEDGERS)
        assert logged == len(stored)
        assert self.findings() == []
        return {
            "kills": dict(self.kills),
            "rounds_cut": self.rounds_cut,
            "orders_acknowledged": len(orders),
            "transfers_acknowledged": len(bodies),
            "transfers_logged": logged,
            "sent_again": dict(again),
            "gap_seconds": {
                kind: {"median": round(sorted(g)[len(g) // 2], 3), "longest": round(max(g), 3)}
                for kind, g in self.gaps.items()
            },
        }

    def findings(self) -> list[str]:
        """What the ledger's check says; its tables are as young as no real ones ever are."""
        with self.connect() as owner:
            owner.execute("ANALYZE")  # autovacuum comes once a minute
        return list(self.ask("check"))

    def sent_again(self, journals: list[Journal]) -> Counter[str]:
        """What orders were answered that had to be sent again: of each call, all legs alike."""
        found: Counter[str] = Counter()
        for journal in journals:
            assert journal.unanswered() is None
            for answer in journal.answers.values():
                assert set(answer["answer"]) in ({"ok"}, {"exists"}), answer
                if answer["answer"][0] == "exists" or answer["tries"] > 1:
                    found[answer["answer"][0]] += 1
        return found


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def ended(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server has ended this connection."""
    with contextlib.suppress(psycopg.OperationalError):
        connection.execute("SELECT 1")
    return connection.closed


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
