"""The keeper: sequencer and publisher as threads of the worker, for as long as it runs.

Each has its own database connection. After whatever goes wrong, the database being restarted for
one, a thread drops its connection and begins again with a full comparison; nothing it remembered
is needed for that.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

from kyojo.ledger.tlog.policy import NONE, Policy

from .publishing import Publisher
from .sequencer import OriginOf, Sequencer

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
#: After a fault: so that a database that is down is not asked in a circle.
FAULT_SECONDS = 2.0
STOP_SECONDS = 10.0


@dataclass
class Keeper:
    """Keeps every ledger's log: ``start`` once, ``stop`` before the process ends.

    ``origin_of`` names a log when it begins; ``folder`` has the keys; ``policy`` says which
    witnesses are asked and how many have to agree before anything is published.
    """

    origin_of: OriginOf
    folder: Path
    policy: Policy
    poll_seconds: float = POLL_SECONDS
    fault_seconds: float = FAULT_SECONDS
    _stopping: threading.Event = field(default_factory=threading.Event)
    _grown: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin, in threads that end with the process: a kill at any point loses nothing."""
        for name, work in (("log-sequencer", self._sequence), ("log-publisher", self._publish)):
            thread = threading.Thread(target=self._forever, args=(work,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Finish the round in hand and end. Safe to repeat."""
        self._stopping.set()
        self._grown.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        self._threads.clear()

    def _sequence(self) -> None:
        sequencer = Sequencer(
            origin_of=self.origin_of,
            folder=self.folder,
            publish_at_once=self.policy.quorum == NONE,
        )
        while not self._stopping.is_set():
            if sequencer.poll():
                self._grown.set()
            self._stopping.wait(self.poll_seconds)

    def _publish(self) -> None:
        with Publisher(self.policy) as publisher:
            while not self._stopping.is_set():
                self._grown.clear()
                publisher.poll()
                # Woken when something was logged, and now and then for a witness that was away.
                self._grown.wait(self.poll_seconds)

    def _forever(self, work: Callable[[], None]) -> None:
        fault = ""
        while not self._stopping.is_set():
            try:
                work()
            except Exception as error:
                again = type(error).__name__
                if again != fault:  # a database that is away is one line, not one every two seconds
                    log.exception("the log stopped and begins again")
                fault = again
                self._stopping.wait(self.fault_seconds)
            finally:
                connection.close()
