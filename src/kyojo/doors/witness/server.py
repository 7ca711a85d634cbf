"""gunicorn around a witness: a kept library reads the requests, ends on SIGTERM, revives a worker.

One worker process with threads: requests of one witness wait for each other at its memory anyway.
"""

from collections.abc import Callable, Iterable
from typing import Any

from gunicorn.app.base import BaseApplication

from .app import Witness

THREADS = 16
#: A log keeps its connection between checkpoints (the protocol asks for it).
KEEPALIVE_SECONDS = 75
#: For requests in hand when the process is told to end.
GRACE_SECONDS = 5


class Server(BaseApplication):  # type: ignore[misc]
    """``run()`` serves until SIGTERM or SIGINT and never returns."""

    def __init__(self, witness: Witness, *, listen: str, ready: Callable[[str], None]) -> None:
        self._witness = witness
        self._listen = listen
        self._ready = ready
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": [self._listen],
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "keepalive": KEEPALIVE_SECONDS,
            "graceful_timeout": GRACE_SECONDS,
            "loglevel": "warning",
            "accesslog": None,
            "control_socket_disable": True,
            "proc_name": "kyojo witness",
            "when_ready": self._when_ready,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Iterable[bytes]]:
        return self._witness

    def _when_ready(self, server: Any) -> None:
        host, port = server.LISTENERS[0].sock.getsockname()[:2]
        self._ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
