"""``demo``: everything on this machine, until Ctrl-C. ``demo --check``: the main job, played."""

import contextlib
import functools
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from . import postgres_processes as processes
from .arguments import Parser, port_number
from .demo_logs import logs_begin, logs_environment, logs_forget
from .errors import Bad, Failed
from .postgres import APP, OWNER, Cluster, ClusterFailed, last_line
from .progress import progress
from .serving import JOB_GRACE_SECONDS, database_migrate, gunicorn_command
from .surroundings import (
    DEMO_DATABASE,
    ROOT,
    connect_as,
    django_ready,
    keys_ensure,
    var_dir,
)

PORT = 8000
PORTS_TRIED = 50
WEB_READY_SECONDS = 60
LOG_LINES = 40
STOP_SECONDS = JOB_GRACE_SECONDS + 10


class Stopped(BaseException):
    """Somebody pressed Ctrl-C or sent SIGTERM. No Exception, so that nothing swallows it."""


def run(arguments: list[str]) -> int:
    parser = Parser("demo", "Start the database, load the demo town, start web and worker.")
    parser.add_argument(
        "--check",
        action="store_true",
        help="in a town of its own: play both stories through HTTP, print the receipt, exit",
    )
    parser.add_argument("--port", type=port_number, help=f"default: {PORT}, or the next free one")
    parser.add_argument("--fresh", action="store_true", help="begin again with a new demo town")
    options = parser.parse_args(arguments[1:])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        if options.check:
            return check(options.port)
        return demo(options.port, fresh=options.fresh)
    except ClusterFailed as error:
        raise Failed(str(error)) from None
    except Stopped:
        return 0


def _stop(number: int, frame: FrameType | None) -> None:
    # Once is enough: a second Ctrl-C must not interrupt the stopping itself.
    for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(again, signal.SIG_IGN)
    raise Stopped


def demo(port: int | None, *, fresh: bool) -> int:
    """Run the demo until it is stopped."""
    folder = var_dir()
    with listening(port) as listener, Cluster(folder / "postgres") as cluster:
        if not cluster.owns_server:
            raise Bad(
                f"a demo or a check already runs on {folder}: stop it first, or set KYOJO_VAR"
            )
        environment_set(folder, listener)
        if fresh:
            cluster.database_drop(DEMO_DATABASE)
        town_ensure(cluster)
        witnesses = logs_begin(folder)
        with web_and_worker(folder, listener, witnesses=witnesses) as (base_url, ended):
            welcome(base_url)
            ended.wait()
            raise Failed(
                f"web, worker or a witness ended by itself: {logs_last_line(folder)} "
                f"(logs: {folder})"
            )


def check(port: int | None) -> int:
    """Play the main job in a throwaway town; its exit code is ours."""
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="kyojo-check-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        listener = stack.enter_context(listening(port or 0))
        cluster = stack.enter_context(Cluster(folder / "postgres", throwaway=True))
        environment_set(folder, listener)
        town_ensure(cluster, size="small")
        stack.push(functools.partial(_logs_show, folder))  # the folder goes, so say it now
        witnesses = logs_begin(folder)
        base_url, _ = stack.enter_context(web_and_worker(folder, listener, witnesses=witnesses))
        from .demo_check import run as play

        code = int(play(base_url))
        if code != 0:
            _logs_show(folder, Failed)
        return code


def environment_set(folder: Path, listener: socket.socket) -> None:
    """The settings of a demo, for this process and the web and worker it starts."""
    (folder / "mail").mkdir(exist_ok=True)
    os.environ.update(keys_ensure(folder))
    os.environ.update(
        KYOJO_DEMO="1",
        KYOJO_BASE_URL=f"http://localhost:{listener.getsockname()[1]}",
        KYOJO_HOSTS="localhost,127.0.0.1",
        **logs_environment(folder),
        KYOJO_EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend",
        KYOJO_EMAIL_FILE_PATH=str(folder / "mail"),
        DJANGO_SETTINGS_MODULE="kyojo.settings",
    )
    os.environ.pop("KYOJO_STATIC_ROOT", None)


def town_ensure(cluster: Cluster, *, size: str = "full") -> None:
    """A migrated database with the demo town in it; DATABASE_URL names it afterwards.

    The town is loaded under another name and renamed when whole, so that an interrupted load is
    never taken for a town.
    """
    os.environ["DATABASE_URL"] = cluster.url(APP, DEMO_DATABASE)
    os.environ["KYOJO_OWNER_DATABASE_URL"] = cluster.url(OWNER, DEMO_DATABASE)
    django_ready()
    if DEMO_DATABASE in cluster.databases():
        database_migrate(cluster.url(OWNER, DEMO_DATABASE))
    else:
        logs_forget(cluster.data_dir.parent)
        loading = f"{DEMO_DATABASE}_loading"
        cluster.database_drop(loading)
        cluster.database_ensure(loading)
        database_migrate(cluster.url(OWNER, loading))
        connect_as(cluster.url(APP, loading))
        from .demo_town import load

        with progress("demo town") as report:
            load(progress=report, size=size)
        from django.db import connections

        connections.close_all()
        cluster.database_rename(loading, DEMO_DATABASE)
    connect_as(cluster.url(APP, DEMO_DATABASE))


@contextlib.contextmanager
def listening(port: int | None) -> Iterator[socket.socket]:
    """A listening socket on ``port``; with None, on 8000 or the next one free; with 0, on any.

    Taken here and handed to the web server, so nobody can slip in between.
    """
    tried = [port] if port is not None else range(PORT, PORT + PORTS_TRIED)
    for number in tried:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", number))
            listener.listen(128)
        except OSError:
            listener.close()
            continue
        with listener:
            yield listener
        return
    raise Bad(
        f"port {port} is taken: choose another with --port"
        if port
        else f"no free port between {PORT} and {PORT + PORTS_TRIED}: choose one with --port"
    )


@contextlib.contextmanager
def web_and_worker(
    folder: Path, listener: socket.socket, *, witnesses: dict[str, list[str]] | None = None
) -> Iterator[tuple[str, threading.Event]]:
    """Web and worker of this process's environment, answering; both are ended with the block.

    ``witnesses`` are more commands by name, for the logs of the towns (``logs_begin``).

    Yields the address and an event that is set when one of them ends by itself.
    """
    commands = {
        **(witnesses or {}),
        "web": gunicorn_command(bind=f"fd://{listener.fileno()}", workers=2),
        "worker": [sys.executable, "-m", "kyojo", "worker"],
    }
    ended = threading.Event()
    started: list[processes.Process] = []
    try:
        for name, command in commands.items():
            with (folder / f"{name}.log").open("wb") as log:
                process = processes.start_tied(
                    command,
                    log=log,
                    cwd=ROOT,
                    environment=os.environ,
                    pass_fds=[listener.fileno()] if name == "web" else [],
                    # A worker told to stop waits for its database, which would be gone as well.
                    death_signal=signal.SIGTERM if name == "web" else signal.SIGKILL,
                )
            started.append(process)
            threading.Thread(target=_watch, args=(process, ended), daemon=True).start()
        base_url = os.environ["KYOJO_BASE_URL"]
        web_wait(base_url, ended, folder)
        yield base_url, ended
    finally:
        for process in started:
            processes.signal_send(process, signal.SIGTERM)
        for process in started:
            processes.end(process, first=signal.SIGTERM, timeout_seconds=STOP_SECONDS)


def _watch(process: processes.Process, ended: threading.Event) -> None:
    process.wait()
    ended.set()


def web_wait(base_url: str, ended: threading.Event, folder: Path) -> None:
    """Return when the first page answers. The socket already listens, so the request just waits."""
    deadline = time.monotonic() + WEB_READY_SECONDS
    while True:
        try:
            # The address is our own, always http.
            urllib.request.urlopen(base_url, timeout=5).close()  # noqa: S310
            return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
            raise Failed(
                f"the first page answers {error.code} (log: {folder / 'web.log'})"
            ) from None
        except OSError:
            if ended.is_set() or time.monotonic() > deadline:
                reason = logs_last_line(folder)
                raise Failed(f"the web server did not start: {reason} (logs: {folder})") from None


def _logs_show(folder: Path, kind: type[BaseException] | None, *_: object) -> None:
    """After a failure: the ends of the logs, on stderr."""
    if kind is None or kind is Stopped:
        return
    for path in sorted(folder.glob("w*.log")):
        lines = path.read_text(errors="replace").splitlines()
        print(f"--- {path.name}", *lines[-LOG_LINES:], sep="\n", file=sys.stderr)


def logs_last_line(folder: Path) -> str:
    logs = [path.read_bytes() for path in sorted(folder.glob("w*.log"))]
    return last_line(b"\n".join(logs))


def welcome(base_url: str) -> None:
    """Where to look, and as whom."""
    print(
        f"\n  共助 Kyojo: {base_url}\n\n"
        f"  {base_url}/demo/  だれになるかを選ぶ · pick a person to be, move the clock\n"
        "    carer      北ひなた市 青空 みなみ asks for help at her mother's\n"
        "    supporter  みどり浜市 春風 けん says OK, comes, earns coins\n"
        "    officer    municipality and coordinator: /desk/\n\n"
        "  Ctrl-C ends it; the town stays (./kyojo demo --fresh begins again).\n",
        flush=True,
    )
