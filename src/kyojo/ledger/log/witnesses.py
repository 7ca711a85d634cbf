"""Asking one witness for its cosignature (c2sp.org/tlog-witness), as the log's side of it."""

from dataclasses import dataclass

import httpx

from kyojo.ledger.tlog.encoding import decimal_number
from kyojo.ledger.tlog.errors import TlogError
from kyojo.ledger.tlog.notes import Signature, SignedNote, cosignature_verify
from kyojo.ledger.tlog.policy import PolicyWitness
from kyojo.ledger.tlog.witness import AddCheckpoint, cosignature_lines_parse

#: A witness answers from memory and one fsync; what takes longer is asked again later.
TIMEOUT = httpx.Timeout(5, connect=2)
SIZE_TYPE = "text/x.tlog.size"
#: An answer is some signature lines, or a number.
ANSWER_BYTES_MAX = 65_536


@dataclass(frozen=True, slots=True)
class Asked:
    """What a witness answered: its cosignatures, or why there are none.

    ``seen`` is how long a log the witness says to know. ``trouble`` is ``unreachable``,
    ``refused`` (see ``status``), ``answer_malformed``, a code of ``tlog.errors`` for a cosignature
    that is not the witness's, ``conflict`` (it has seen another size than we said, or another log
    of this size), or ``consistency_fails``.
    """

    signatures: tuple[Signature, ...] = ()
    seen: int | None = None
    trouble: str = ""
    status: int = 0


def witness_ask(*, client: httpx.Client, witness: PolicyWitness, request: AddCheckpoint) -> Asked:
    """Ask ``witness`` once to cosign a checkpoint. Never raises for what the witness does."""
    url = f"{witness.url.rstrip('/')}/add-checkpoint"
    try:
        with client.stream(
            "POST",
            url,
            content=request.encode(),
            headers={"Accept-Encoding": "identity"},
            timeout=TIMEOUT,
        ) as response:
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                # A small answer that was packed can unpack to more than fits anywhere.
                return Asked(trouble="answer_malformed", status=response.status_code)
            body = b""
            for part in response.iter_bytes():
                body += part
                if len(body) > ANSWER_BYTES_MAX:
                    return Asked(trouble="answer_malformed", status=response.status_code)
    except (httpx.HTTPError, httpx.InvalidURL):
        return Asked(trouble="unreachable")
    if response.status_code == 409:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        return Asked(
            seen=_size(body) if kind == SIZE_TYPE else None, trouble="conflict", status=409
        )
    if response.status_code == 422:
        return Asked(trouble="consistency_fails", status=422)
    if response.status_code != 200:
        return Asked(trouble="refused", status=response.status_code)
    return _cosigned(witness, request.note, body)


def _cosigned(witness: PolicyWitness, note: SignedNote, body: bytes) -> Asked:
    try:
        lines = cosignature_lines_parse(body)
        own = tuple(line for line in lines if witness.key.made(line))
        cosignature_verify(note.with_signatures(own), witness.key)
    except TlogError as error:
        trouble = error.code if error.code.startswith("signature") else "answer_malformed"
        return Asked(trouble=trouble, status=200)
    return Asked(own, status=200)


def _size(body: bytes) -> int | None:
    try:
        return decimal_number(body.decode("ascii").removesuffix("\n"))
    except ValueError:
        return None
