"""The two addresses of a witness, as WSGI (c2sp.org/tlog-witness)::

    POST /add-checkpoint                  200 the cosignature; 400 403 404 409 413 422 503
    GET  /<SHA-256 of origin>/checkpoint  200 the newest checkpoint it cosigned; 404

A body that is refused says why in one line with the code of the refusal, for the log's engineers;
409 says the size instead, as the protocol has it.
"""

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from kyojo.kernel import clock
from kyojo.ledger.tlog.checkpoints import Checkpoint
from kyojo.ledger.tlog.errors import (
    ConsistencyFails,
    RootDiffers,
    SignatureInvalid,
    SignatureMissing,
    SizeConflict,
    TlogError,
)
from kyojo.ledger.tlog.notes import (
    Signature,
    SignedNote,
    SigningKey,
    VerifierKey,
    cosign,
    note_verify,
)
from kyojo.ledger.tlog.witness import AddCheckpoint, cosignature_lines, decide

from .keys import Logs
from .store import Refused, Seen, Store

#: Enough for a checkpoint with dozens of signatures, of which some are post-quantum.
BODY_BYTES_MAX = 256 * 1024

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"

_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint")

StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True)
class Answer:
    """What goes back: a status, a body, its type."""

    status: HTTPStatus
    body: bytes
    content_type: str = TEXT
    headers: tuple[tuple[str, str], ...] = ()


class UnknownLog(TlogError):
    """A checkpoint of a log that this witness was not asked to witness."""

    code = "origin_unknown"
    sentence = "この証人は、その記録簿を見ていません。"


#: In the order of the protocol; everything else that is wrong with a body is 400.
STATUSES: tuple[tuple[type[TlogError], HTTPStatus], ...] = (
    (UnknownLog, HTTPStatus.NOT_FOUND),
    (SignatureMissing, HTTPStatus.FORBIDDEN),
    (SignatureInvalid, HTTPStatus.FORBIDDEN),
    (RootDiffers, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ConsistencyFails, HTTPStatus.UNPROCESSABLE_ENTITY),
)


class Witness:
    """A WSGI application around one key, one memory and a list of logs."""

    def __init__(self, *, key: SigningKey, store: Store, logs: Logs) -> None:
        self.key = key
        self.store = store
        self.logs = logs

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        answer = self.answer(environ)
        start_response(
            f"{answer.status.value} {answer.status.phrase}",
            [
                ("Content-Type", answer.content_type),
                ("Content-Length", str(len(answer.body))),
                ("X-Content-Type-Options", "nosniff"),
                *answer.headers,
            ],
        )
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    def answer(self, environ: dict[str, Any]) -> Answer:
        """Find the address, and do what it is for."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if path == "/add-checkpoint":
            if method != "POST":
                return _plain(HTTPStatus.METHOD_NOT_ALLOWED, "POST only", ("Allow", "POST"))
            body = environ["wsgi.input"].read(BODY_BYTES_MAX + 1)
            if len(body) > BODY_BYTES_MAX:
                # The rest was not read, so the next request would begin in the middle of it.
                return _plain(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_long", ("Connection", "close")
                )
            return self.add_checkpoint(body)
        match = _CHECKPOINT.fullmatch(path)
        if not match:
            return _plain(HTTPStatus.NOT_FOUND, "no such address")
        if method not in ("GET", "HEAD"):
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED, "GET only", ("Allow", "GET, HEAD"))
        return self.latest(match[1])

    def add_checkpoint(self, body: bytes) -> Answer:
        """One request of a log: cosigned and remembered, or refused with the protocol's status."""
        try:
            signature = self._cosigned(body)
        except SizeConflict as conflict:
            return Answer(HTTPStatus.CONFLICT, f"{conflict.stored}\n".encode(), SIZE)
        except TlogError as error:
            status = next((s for kind, s in STATUSES if isinstance(error, kind)), None)
            return _plain(status or HTTPStatus.BAD_REQUEST, f"{error.code} {error.reason}".strip())
        except sqlite3.OperationalError as error:
            # Too many wait for the memory, or the disk is full: nothing was signed, ask again.
            return _plain(HTTPStatus.SERVICE_UNAVAILABLE, f"store {error}", ("Retry-After", "5"))
        return Answer(HTTPStatus.OK, cosignature_lines([signature]))

    def latest(self, origin_hash: str) -> Answer:
        """What this witness cosigned last of a log, for whoever compares it with what the log
        shows them."""
        for seen in self.store.all_latest():
            if hashlib.sha256(seen.origin.encode()).hexdigest() == origin_hash:
                return Answer(HTTPStatus.OK, seen.note, headers=(("Cache-Control", "no-cache"),))
        return _plain(HTTPStatus.NOT_FOUND, "nothing cosigned of this log")

    def _cosigned(self, body: bytes) -> Signature:
        """The cosignature, given only after the checkpoint is on the disk."""
        request = AddCheckpoint.parse(body)
        checkpoint = Checkpoint.parse(request.note.text)
        keys = self.logs.keys(checkpoint.origin)
        if not keys:
            raise UnknownLog
        trusted = _signatures_of(request.note, keys)
        try:
            with self.store.turn() as turn:
                before = turn.latest(checkpoint.origin)
                decide(
                    stored=_checkpoint(before),
                    old_size=request.old_size,
                    checkpoint=checkpoint,
                    proof=request.proof,
                )
                now = clock.now()
                signature = cosign(request.note, self.key, now)
                # Only the log's own lines that were verified: what else came along is unknown.
                note = SignedNote(request.note.text, (*trusted, signature))
                turn.save(
                    Seen(checkpoint.origin, checkpoint.size, checkpoint.root, note.encode(), now)
                )
        except (ConsistencyFails, RootDiffers) as error:
            # Signed by the log and not a continuation: it may be the proof of a second history.
            self.store.refused_keep(
                Refused(
                    checkpoint.origin,
                    checkpoint.size,
                    checkpoint.root,
                    error.code,
                    body,
                    clock.now(),
                )
            )
            raise
        return signature


def _signatures_of(note: SignedNote, keys: tuple[VerifierKey, ...]) -> list[Signature]:
    """The lines of the log's trusted keys, verified.

    Raises SignatureMissing if there is none, SignatureInvalid if one of them is not genuine.
    """
    missing: SignatureMissing | None = None
    found = []
    for key in keys:
        try:
            note_verify(note, key)
        except SignatureMissing as error:
            missing = error
        else:
            found += [signature for signature in note.signatures if key.made(signature)]
    if not found and missing:
        raise missing
    return found


def _checkpoint(seen: Seen | None) -> Checkpoint | None:
    return Checkpoint(seen.origin, seen.size, seen.root) if seen else None


def _plain(status: HTTPStatus, words: str, *headers: tuple[str, str]) -> Answer:
    return Answer(status, f"{words}\n".encode(), headers=headers)
