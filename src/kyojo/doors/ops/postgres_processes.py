"""Starting and ending server processes, PostgreSQL's above all, so that none is ever left over."""

import contextlib
import ctypes
import functools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
LINUX = sys.platform == "linux"
Process = subprocess.Popen[bytes]

# Elsewhere than on Linux: holds a pipe from us, and stops the server when the pipe closes.
SUPERVISOR = """\
import signal, subprocess, sys, threading
number = int(sys.argv[1])
server = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, close_fds=False)
stop = lambda *_: server.send_signal(number)
signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)
threading.Thread(target=lambda: (sys.stdin.read(), stop()), daemon=True).start()
sys.exit(server.wait())
"""


@dataclass(frozen=True)
class User:
    """Whom a server process runs as: a command to put in front, or ids to change to."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None


@functools.cache
def _namespaces_work() -> bool:
    unshare = shutil.which("unshare")
    if not LINUX or unshare is None:
        return False
    probe = [unshare, "-U", "--map-user=1000", "--map-group=1000", "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def unprivileged(*folders: Path) -> User:
    """Who is to run PostgreSQL, which refuses to run as root.

    An ordinary user runs it as themselves. Root runs it in a user namespace, where root is nobody
    special and files stay as they are; where that is not allowed, as an existing user, to whom
    ``folders`` are given.
    """
    if os.geteuid() != 0:
        return User()
    if _namespaces_work():
        return User(prefix=("unshare", "-U", "--map-user=1000", "--map-group=1000"))
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            for folder in folders:
                for path in (folder, *folder.rglob("*")):
                    os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
            return User(uid=entry.pw_uid, gid=entry.pw_gid)
    return User()


def clean_environment() -> dict[str, str]:
    """An environment in which no PG… variable of the caller changes what the server does."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def start_tied(
    command: list[str],
    *,
    log: IO[bytes],
    cwd: Path,
    environment: Mapping[str, str],
    user: User = User(),
    pass_fds: Sequence[int] = (),
    death_signal: signal.Signals = signal.SIGINT,
) -> Process:
    """Start ``command`` so that it gets ``death_signal`` when this process dies, even by kill -9.

    In a session of its own: Ctrl-C reaches us, and we end our servers in order.
    """
    if not LINUX:
        return subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(int(death_signal)), *command],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=cwd,
            start_new_session=True,
            pass_fds=pass_fds,
            user=user.uid,
            group=user.gid,
            extra_groups=None if user.uid is None else [],
        )
    libc = ctypes.CDLL(None, use_errno=True)
    starter = os.getpid()

    def tie() -> None:
        # After the change of user, which would untie it again.
        if user.uid is not None and user.gid is not None:
            os.setgroups([])
            os.setgid(user.gid)
            os.setuid(user.uid)
        libc.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != starter:
            os._exit(1)

    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=cwd,
        start_new_session=True,
        pass_fds=pass_fds,
        preexec_fn=tie,
    )


def signal_send(process: Process, number: signal.Signals) -> None:
    """Send ``number`` to a process that may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def end(process: Process, *, first: signal.Signals, timeout_seconds: float) -> None:
    """Ask with ``first``, wait, insist with SIGQUIT (PostgreSQL: stop at once), then kill."""
    for number in (first, signal.SIGQUIT, signal.SIGKILL):
        signal_send(process, number)
        try:
            process.wait(timeout=timeout_seconds)
            return
        except subprocess.TimeoutExpired:
            continue


def in_folder(folder: Path) -> list[int]:
    """Ids of the processes whose working directory is ``folder``: a server's, on Linux."""
    found = []
    for entry in Path("/proc").iterdir() if LINUX else ():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if (entry / "cwd").readlink() == folder:
                    found.append(int(entry.name))
    return found


def leftovers_end(folder: Path, *, postmaster: int | None, timeout_seconds: float) -> None:
    """End what a killed starter or a crashed postmaster left in the data folder ``folder``.

    The postmaster first and kindly, then backends that outlived it (they would make a restart
    wait for them), then by force. Returns when nothing is left.
    """
    steps = [signal.SIGINT, signal.SIGQUIT, signal.SIGKILL]
    if not LINUX:
        return  # PostgreSQL's own interlock decides there
    left = in_folder(folder)
    if postmaster not in left:
        steps = steps[1:]  # SIGINT only cancels the query of an orphaned backend
    for number in steps:
        targets = [postmaster] if number == signal.SIGINT and postmaster in left else left
        for pid in targets:
            if pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        deadline = time.monotonic() + timeout_seconds
        while left and time.monotonic() < deadline:
            time.sleep(0.02)
            left = in_folder(folder)
        if not left:
            return
