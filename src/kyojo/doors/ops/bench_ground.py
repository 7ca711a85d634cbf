"""The benchmark's ground: one durable server, thrown away afterwards, with a database each for the
yardstick, for ours at two sizes, and for those we stand beside."""

import contextlib
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from .bench_clients import Clients
from .bench_pgbench import SCALE, Pgbench
from .bench_work import FUNDS, HOT, ISSUER, account
from .errors import Bad, Failed
from .postgres import APP, OWNER, Cluster
from .surroundings import ROOT, connect_as, django_ready, keys_ensure, var_dir

#: The municipality whose ledger is measured.
LEDGER = 990019
SCRIPTS = ROOT / "benchmarks" / "ledger"
HOT_STRIPES = 32

YARDSTICK, EMPTY, SMALL, BIG = "yardstick", "kyojo_empty", "kyojo_small", "kyojo_big"
PGLEDGER, HORDAK = "pgledger", "hordak"


@dataclass(frozen=True)
class Size:
    """How much is measured: seconds a run, rounds, and how much lies in the tables before."""

    seconds: float
    rounds: int
    accounts: int
    small_rows: int
    big_rows: int
    batches: int
    hordak_accounts: int = 500


FULL = Size(5, 3, 100_000, 10_000, 1_000_000, 5)
QUICK = Size(1, 3, 10_000, 10_000, 100_000, 2)


class Ground:
    """The server and what lies on it."""

    def __init__(self, cluster: Cluster, size: Size, folder: Path) -> None:
        self.cluster = cluster
        self.size = size
        self.folder = folder
        #: Why somebody is not measured, a sentence each.
        self.skipped: list[str] = []
        self._clients: list[Clients] = []

    def pgbench(self, database: str, role: str = APP) -> Pgbench:
        """pgbench at ``database``; ours as the application's role, as the product connects."""
        assert self.cluster.socket_dir is not None
        return Pgbench(self.cluster.socket_dir, role, database)

    def connect(self, database: str, role: str = APP) -> psycopg.Connection[Any]:
        """A connection that commits each statement."""
        return psycopg.connect(self.cluster.url(role, database), autocommit=True)

    def clients(self, database: str, role: str = APP, settings: str = "kyojo.settings") -> Clients:
        """A process that forks Python clients of ``database``; ended with the ground."""
        started = Clients(settings=settings, url=self.cluster.url(role, database))
        self._clients.append(started)
        return started

    def clients_end(self) -> None:
        """End every process of Python clients."""
        while self._clients:
            self._clients.pop().stop()

    def variables(self, database: str) -> dict[str, int]:
        """What the SQL scripts are told."""
        return {"ledger": LEDGER, "accounts": self.accounts(database), "hot": HOT}

    def accounts(self, database: str) -> int:
        """How many people there are: in the small town no more than it has transfers."""
        return min(self.size.accounts, self.size.small_rows if database == SMALL else 10**9)

    def transfers(self, database: str) -> int:
        """How many transfers there are, counted."""
        with self.connect(database, OWNER) as owner:
            row = owner.execute("SELECT count(*) FROM ledger_transfer").fetchone()
        assert row is not None
        return int(row[0])


@contextlib.contextmanager
def ground(size: Size) -> Iterator[Ground]:
    """A server with fsync and synchronous_commit on, as in production; nothing of it is left."""
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=var_dir()))
    try:
        os.environ.update(keys_ensure(folder))
        with Cluster(folder / "data") as cluster:
            made = Ground(cluster, size, folder)
            try:
                yield made
            finally:
                made.clients_end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def machine(found: Ground) -> dict[str, Any]:
    """What the figures depend on. No name of a machine or a folder: reports are published."""
    with found.connect("postgres", OWNER) as owner:
        settings = {
            name: show(owner, name)
            for name in ("server_version", "fsync", "synchronous_commit", "shared_buffers")
        }
    if settings["fsync"] != "on" or settings["synchronous_commit"] != "on":
        raise Failed("the benchmark's server is not durable: fsync or synchronous_commit is off")
    return {
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "postgresql": settings["server_version"],
        "fsync": settings["fsync"],
        "synchronous_commit": settings["synchronous_commit"],
        "shared_buffers": settings["shared_buffers"],
        "pgbench_scale": SCALE,
    }


def show(connection: psycopg.Connection[Any], name: str) -> str:
    """The value of a server's setting."""
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def yardstick_make(found: Ground) -> None:
    """pgbench's tables, and one indexed table to COPY into."""
    found.cluster.database_ensure(YARDSTICK)
    found.pgbench(YARDSTICK, OWNER).fill()
    with found.connect(YARDSTICK, OWNER) as owner:
        owner.execute(script("copied_table"))


def ours_make(found: Ground, database: str, rows: int) -> None:
    """A migrated database with a town of ``rows`` transfers."""
    if EMPTY not in found.cluster.databases():
        found.cluster.database_ensure(EMPTY)
        django_ready()
        from .serving import database_migrate

        database_migrate(found.cluster.url(OWNER, EMPTY))
        from django.db import connections

        connections.close_all()
    found.cluster.database_ensure(database, template=EMPTY)
    accounts_open(found, database)
    done = found.clients(database).run(
        "load",
        clients=2,
        seconds=0,
        ledger=LEDGER,
        accounts=found.accounts(database),
        transfers=rows,
        seed=database,
    )
    with found.connect(database, OWNER) as owner:
        owner.execute("VACUUM (ANALYZE)")
    # The hot account's funds are one transfer more.
    assert found.transfers(database) == done.transfers + 1


def accounts_open(found: Ground, database: str) -> None:
    """The issuer, the hot account with its funds, and the people."""
    connect_as(found.cluster.url(APP, database))
    from django.db import connections

    from kyojo.kernel.ids import new_id
    from kyojo.ledger import services
    from kyojo.ledger.types import COIN, AccountCode, Flag, Leg, TransferCode

    limited = Flag.DEBITS_MUST_NOT_EXCEED_CREDITS
    services.account_open(ledger=LEDGER, id=account(ISSUER), currency=COIN, code=AccountCode.ISSUER)
    services.account_open(
        ledger=LEDGER,
        id=account(HOT),
        currency=COIN,
        code=AccountCode.TREASURY,
        flags=limited,
        stripes=HOT_STRIPES,
    )
    funds = Leg(
        ledger=LEDGER,
        id=new_id(),
        debit=account(ISSUER),
        credit=account(HOT),
        amount=1000 * FUNDS,
        code=TransferCode.ISSUE,
    )
    services.legs_execute(legs=[funds])
    connections.close_all()
    last = found.accounts(database)
    with found.connect(database) as app:
        for first in range(1, last + 1, 10_000):
            app.execute(
                script("accounts_open"),
                {"ledger": LEDGER, "first": first, "last": min(first + 9_999, last)},
            )
    with found.connect(database, OWNER) as owner:
        owner.execute("ANALYZE")  # autovacuum would within a minute


def pgledger_make(found: Ground, file: Path) -> Clients:
    """pgledger from its own SQL, with numbered accounts. Raises ``Bad`` for SQL that fails.

    What pgledger borrows lies beside it in ``vendor/`` and is loaded first.
    """
    found.cluster.database_ensure(PGLEDGER)
    with found.connect(PGLEDGER, OWNER) as owner:
        for path in [*sorted(file.parent.glob("vendor/*/*.sql")), file]:
            try:
                owner.execute(path.read_bytes())
            except psycopg.Error as error:
                raise Bad(f"{path} is not pgledger's SQL: {str(error).splitlines()[0]}") from None
        try:
            owner.execute(
                "SELECT count(*) FROM generate_series(1, %s) n,"
                " pgledger_create_account(n::text, 'COIN')",
                [found.size.accounts],
            )
            # Numbered, so that a client can name one without asking.
            owner.execute("UPDATE pgledger_accounts SET id = 'pgla_' || lpad(name, 26, '0')")
        except psycopg.Error as error:
            raise Bad(f"{file} is not pgledger's SQL: {str(error).splitlines()[0]}") from None
        owner.execute("VACUUM (ANALYZE)")
    return found.clients(PGLEDGER, OWNER)


def hordak_make(found: Ground) -> Clients | None:
    """django-hordak in a process with settings of its own; None where it is not installed."""
    if find_spec("hordak") is None:
        found.skipped.append("django-hordak is not installed: pip install django-hordak")
        return None
    found.cluster.database_ensure(HORDAK)
    others = found.clients(HORDAK, OWNER, "kyojo.doors.ops.bench_hordak_settings")
    others.run("hordak_load", clients=1, seconds=0, accounts=found.size.hordak_accounts)
    return others


def hordak_version() -> str | None:
    """Which django-hordak it was."""
    with contextlib.suppress(PackageNotFoundError):
        return version("django-hordak")
    return None


def script(name: str) -> bytes:
    """The text of a SQL script of the benchmark, for psycopg."""
    return (SCRIPTS / f"{name}.sql").read_bytes()
