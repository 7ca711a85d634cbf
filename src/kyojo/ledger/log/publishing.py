"""After a checkpoint is signed: ask the witnesses, store what they sign, publish at the quorum.

Runs beside the sequencer and never holds it up. Nothing here decides what the log is: whatever is
lost on the way is asked for again.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Self

import httpx

from kyojo.kernel import clock
from kyojo.ledger.tlog.errors import QuorumMissing, TlogError
from kyojo.ledger.tlog.merkle import consistency_proof
from kyojo.ledger.tlog.notes import Signature, SignedNote, VerifierKey
from kyojo.ledger.tlog.policy import Policy, PolicyWitness, policy_check
from kyojo.ledger.tlog.tiles import TileReader
from kyojo.ledger.tlog.witness import AddCheckpoint

from .scope import ledger_scope, rows
from .tile_rows import tile_read
from .witnesses import Asked, witness_ask

log = logging.getLogger(__name__)

#: A checkpoint that does not change is cosigned anew this often, so that it stays fresh.
REFRESH_SECONDS = 600
#: A witness that does not answer is asked again after this long, doubled each time.
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 2, 60
#: So long the witnesses are waited for. Whoever sends their answer letter by letter is away, and is
#: not asked again before that answer has ended.
ASK_SECONDS = 8.0
#: What somebody has to look at: the log was cut or rewritten, or its key is used elsewhere.
GRAVE = ("rolled_back", "consistency_fails")
NOT_ITS_LOG = 404


@dataclass(frozen=True, slots=True)
class _Newest:
    ledger: int
    origin: str
    key: str
    size: int
    root: bytes
    note: str


@dataclass
class Publisher:
    """Asks the witnesses of ``policy`` about the newest checkpoint of each log.

    Not for two threads at once; several processes do not disturb each other. ``monotonic`` counts
    seconds, for pauses.
    """

    policy: Policy
    client: httpx.Client = field(default_factory=httpx.Client)
    monotonic: Callable[[], float] = time.monotonic
    ask_seconds: float = ASK_SECONDS
    #: (ledger, witness) → how long a log it has seen.
    _seen: dict[tuple[int, str], int] = field(default_factory=dict)
    #: (ledger, witness) → (not before, pause), while it does not cosign; ledger 0: it is away.
    _pauses: dict[tuple[int, str], tuple[float, float]] = field(default_factory=dict)
    #: (ledger, witness) → (size, root, when) of what it cosigned last.
    _done: dict[tuple[int, str], tuple[int, bytes, float]] = field(default_factory=dict)
    _told: dict[tuple[int, str], str] = field(default_factory=dict)
    #: What was asked and is not answered to the end yet.
    _asking: dict[str, Future[Asked]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(max(1, len(self.policy.witnesses)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.client.close()

    def poll(self) -> list[int]:
        """Publish what can be published; the ledgers whose published checkpoint is a new one.

        A log that is broken is told once, and the others are published. Raises what the database
        raises.
        """
        published = []
        for ledger, size, shown in rows("SELECT * FROM ledger_log_heads()"):
            try:
                if self._due(ledger, size, shown) and self._ledger(ledger):
                    published.append(ledger)
            except TlogError as error:
                if self._told.get((ledger, "")) != error.code:
                    log.error("ledger %s is not published: %s %s", ledger, error.code, error.reason)
                self._told[ledger, ""] = error.code
            else:
                self._told.pop((ledger, ""), None)
        return published

    def _due(self, ledger: int, size: int, shown: int) -> bool:
        if shown < size:
            return True
        return any(self._done_size(ledger, name) != size for name in self._reachable(ledger))

    def _reachable(self, ledger: int) -> list[str]:
        now = self.monotonic()
        return [
            witness.name
            for witness in self.policy.witnesses
            if witness.url
            and all(
                self._pauses.get((each, witness.name), (0.0, 0.0))[0] <= now for each in (0, ledger)
            )
        ]

    def _done_size(self, ledger: int, name: str, root: bytes | None = None) -> int:
        """Of the log that the witness cosigned last (with this root), 0 when that is long ago."""
        size, cosigned, at = self._done.get((ledger, name), (0, b"", 0.0))
        fresh = self.monotonic() - at <= REFRESH_SECONDS
        return size if fresh and root in (None, cosigned) else 0

    def _ledger(self, ledger: int) -> bool:
        newest = _newest(ledger)
        if newest is None:
            return False
        answers = self._ask(newest)
        for name, answer in answers.items():
            self._judge(newest, name, answer)
        signatures = [each for answer in answers.values() for each in answer.signatures]
        return _store(newest, signatures, self.policy)

    def _ask(self, newest: _Newest) -> dict[str, Asked]:
        """Every witness that has not cosigned it; who knows another size than we thought, again."""
        known = {
            name: min(self._seen.get((newest.ledger, name), 0), newest.size)
            for name in self._reachable(newest.ledger)
            if self._done_size(newest.ledger, name, newest.root) != newest.size
        }
        answers = self._ask_from(newest, known)
        corrected = {
            name: answer.seen
            for name, answer in answers.items()
            if answer.trouble == "conflict"
            and answer.seen is not None
            and answer.seen != known[name]
            and answer.seen <= newest.size
        }
        return answers | self._ask_from(newest, corrected)

    def _ask_from(self, newest: _Newest, known: dict[str, int]) -> dict[str, Asked]:
        if not known:
            return {}
        # Proofs are read here: the threads that wait for witnesses use no database.
        proofs = _proofs(newest, set(known.values()))
        note = SignedNote.parse(newest.note.encode())
        asked = [witness for witness in self.policy.witnesses if witness.name in known]
        mine: set[str] = set()

        def ask(witness: PolicyWitness) -> Asked:
            old = known[witness.name]
            request = AddCheckpoint(old, proofs[old], note)
            return witness_ask(client=self.client, witness=witness, request=request)

        for witness in asked:
            if witness.name not in self._asking:
                self._asking[witness.name] = self._pool.submit(ask, witness)
                mine.add(witness.name)
        wait([self._asking[name] for name in mine], timeout=self.ask_seconds)
        return {name: self._answer(name, mine) for name in known}

    def _answer(self, name: str, mine: set[str]) -> Asked:
        """What the witness said to the question just asked; one that still speaks is away."""
        if not self._asking[name].done():
            return Asked(trouble="unreachable")
        answer = self._asking.pop(name).result()
        # The end of an earlier answer may be about another log: the next question is a new one.
        return answer if name in mine else Asked(trouble="unreachable")

    def _judge(self, newest: _Newest, name: str, answer: Asked) -> None:
        """Remember what the witness knows and when to ask it again; tell an operator of trouble."""
        place = (newest.ledger, name)
        trouble = answer.trouble
        if trouble == "conflict" and answer.seen is not None and answer.seen > newest.size:
            # Another process may just have shown it a newer checkpoint; else the log was cut.
            trouble = "" if _size_now(newest.ledger) >= answer.seen else "rolled_back"
        elif trouble == "conflict":
            trouble = "consistency_fails"
        if not answer.trouble:
            self._seen[place] = newest.size
            self._done[place] = (newest.size, newest.root, self.monotonic())
            self._pauses.pop((0, name), None)
            self._pauses.pop(place, None)
        elif answer.seen is not None:
            self._seen[place] = answer.seen
        if trouble:
            self._pause(newest.ledger, name, answer)
            self._tell(newest, name, trouble, answer)
        self._told[place] = trouble

    def _pause(self, ledger: int, name: str, answer: Asked) -> None:
        away = answer.trouble == "unreachable"
        place = (0 if away else ledger, name)
        _, pause = self._pauses.get(place, (0.0, PAUSE_SECONDS / 2))
        # Whoever says 404 does not witness this log, and somebody has to ask them to first.
        longest = answer.status == NOT_ITS_LOG
        pause = PAUSE_SECONDS_MAX if longest else min(pause * 2, PAUSE_SECONDS_MAX)
        self._pauses[place] = (self.monotonic() + pause, pause)

    def _tell(self, newest: _Newest, name: str, trouble: str, answer: Asked) -> None:
        if self._told.get((newest.ledger, name)) == trouble:
            return
        level = logging.ERROR if trouble in GRAVE else logging.WARNING
        if answer.status == NOT_ITS_LOG:
            level = logging.INFO
        log.log(
            level,
            "ledger %s, size %s: witness %s does not cosign: %s (status %s, it has seen %s)",
            *(newest.ledger, newest.size, name, trouble, answer.status, answer.seen),
        )


NEWEST = """
    SELECT h.ledger, h.origin, h.key, c.size, c.root, c.note
    FROM ledger_log_head h JOIN ledger_log_checkpoint c ON c.ledger = h.ledger
    WHERE h.ledger = %s ORDER BY c.size DESC LIMIT 1
"""


def _newest(ledger: int) -> _Newest | None:
    with ledger_scope(ledger):
        found = rows(NEWEST, [ledger])
    if not found:
        return None
    ledger, origin, key, size, root, note = found[0]
    return _Newest(ledger, origin, key, size, bytes(root), note)


def _size_now(ledger: int) -> int:
    with ledger_scope(ledger):
        return int(rows("SELECT size FROM ledger_log_head WHERE ledger = %s", [ledger])[0][0])


def _proofs(newest: _Newest, olds: set[int]) -> dict[int, tuple[bytes, ...]]:
    """Consistency proofs to the newest checkpoint from each of these sizes."""
    with ledger_scope(newest.ledger):
        reader = TileReader(newest.size, tile_read(newest.ledger), newest.root)
        return {old: tuple(consistency_proof(old, newest.size, reader)) for old in olds}


COSIGNED = (
    "SELECT cosigned, published_at FROM ledger_log_checkpoint WHERE ledger = %s AND size = %s"
)


def _store(newest: _Newest, signatures: Sequence[Signature], policy: Policy) -> bool:
    """Keep the cosignatures; true if the checkpoint is published by them."""
    while True:
        with ledger_scope(newest.ledger):
            [(before, published_at)] = rows(COSIGNED, [newest.ledger, newest.size])
        note = SignedNote.parse(before.encode()).with_signatures(signatures)
        met = _quorum_met(note, newest.key, policy)
        after = note.encode().decode()
        publishes = met and published_at is None
        if after == before and not publishes:
            return False
        [(stored,)] = rows(
            "SELECT ledger_log_cosign(%s, %s, %s, %s, %s)",
            [newest.ledger, newest.size, before, after, clock.now() if met else None],
        )
        if stored:
            return publishes


def _quorum_met(note: SignedNote, key: str, policy: Policy) -> bool:
    try:
        policy_check(note, policy, now=clock.now(), key=VerifierKey.parse(key))
    except QuorumMissing:
        return False
    return True
