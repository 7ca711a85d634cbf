"""``verify receipt|log``: prove it yourself, from files or an address; no database, no login."""

import argparse
import hashlib
import json
import os
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kyojo.kernel import clock
from kyojo.ledger.audit.audit import CHECKPOINT_BYTES_MAX, Audit, Earlier, log_audit
from kyojo.ledger.audit.errors import Unreachable
from kyojo.ledger.audit.trust import Seen, Trust
from kyojo.ledger.log.receipts import RECEIPT_BYTES_MAX, Receipt
from kyojo.ledger.tlog.checkpoints import Checkpoint
from kyojo.ledger.tlog.errors import (
    ConsistencyFails,
    OriginDiffers,
    TlogError,
)
from kyojo.ledger.tlog.notes import SignedNote, cosignature_verify

from .arguments import Parser
from .errors import Bad
from .progress import progress
from .verify_sources import Folder, Source, Web, is_address, source_of
from .verify_trust import file_write, fresh_needs_witnesses, log_key, seen_read, trust_of
from .verify_words import (
    ReceiptResult,
    json_shown,
    log_lines,
    log_report,
    receipt_lines,
    receipt_report,
    shown,
)

USAGE = "verify receipt FILE|URL, or verify log URL|FOLDER; --help after either tells more"
KEY_BYTES_MAX = 10_000


def run(arguments: list[str]) -> int:
    """``./kyojo verify …``: 0 verified, 1 something is wrong. Raises ``Bad`` for bad usage."""
    commands: dict[str, Callable[[list[str]], int]] = {"log": log, "receipt": receipt}
    what = arguments[1] if len(arguments) > 1 else ""
    if what in {"-h", "--help"}:
        print(f"usage: ./kyojo {USAGE}")
        return 0
    if what not in commands:
        raise Bad(f"verify what? {USAGE}")
    return commands[what](arguments[2:])


# --- a log ---------------------------------------------------------------------------------------


def log(arguments: list[str]) -> int:
    """Fetch a whole log, compute everything again, say what was found."""
    parser = _parser("log", "Fetch a whole log and compute everything again.")
    parser.add_argument("log", metavar="URL|FOLDER", help="the log's prefix")
    parser.add_argument("--offline", action="store_true", help="do not ask the policy's witnesses")
    options = parser.parse_args(arguments)
    seen = seen_read(options.seen)
    with closing(source_of(options.log)) as source, progress("記録簿") as report:
        notes: list[str] = []
        try:
            trust = trust_of(options, seen, source)
            fresh_needs_witnesses(options, trust)
            earlier, wrong = ([], []) if options.offline else _witnesses(source, trust, notes)
            audit = log_audit(
                source=source,
                trust=trust,
                now=clock.now(),
                seen=seen,
                fresh_for=options.fresh,
                earlier=earlier,
                report=report,
            )
            for error, where in wrong:
                audit.wrong(error, where)
        except TlogError as error:
            trust, audit = None, Audit()
            audit.wrong(error, options.log)
    if audit.ok and options.seen and trust and audit.note and audit.checkpoint:
        key = trust.signer(audit.note, audit.checkpoint.origin)
        file_write(options.seen, Seen(key, audit.note).encode())
    if options.json:
        print(_json(log_report(audit, trust, seen, notes)))
    else:
        print(shown(log_lines(audit, trust, seen, notes)))
    return 0 if audit.ok else 1


def _witnesses(
    source: Source, trust: Trust, notes: list[str]
) -> tuple[list[Earlier], list[tuple[TlogError, str]]]:
    """What the policy's witnesses show of this log. Who cannot be reached is a note: the quorum
    is in the checkpoint itself. A witness that shows what it or the log did not sign is wrong."""
    shown: list[Earlier] = []
    wrong: list[tuple[TlogError, str]] = []
    asked = [witness for witness in trust.policy.witnesses if is_address(witness.url)]
    data = source.read("checkpoint", limit=CHECKPOINT_BYTES_MAX) if asked else None
    if data is None:
        return shown, wrong
    try:
        origin = Checkpoint.parse(SignedNote.parse(data).text).origin
    except TlogError:
        return shown, wrong  # the audit says so
    path = f"{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"
    for witness in asked:
        with closing(Web(witness.url, attempts=1)) as web:
            try:
                answer = web.read(path, limit=CHECKPOINT_BYTES_MAX)
            except TlogError as error:
                notes.append(
                    f"証人 {witness.name} に問い合わせできませんでした（{error.reason}）。"
                )
                continue
        if answer is None:
            notes.append(f"証人 {witness.name} は、この記録簿をまだ確認していません。")
            continue
        try:
            note = SignedNote.parse(answer)
            trust.signer(note, origin)
            cosignature_verify(note, witness.key)
            checkpoint = Checkpoint.parse(note.text)
            if checkpoint.origin != origin:
                raise OriginDiffers(reason=checkpoint.origin)
            shown.append(Earlier(checkpoint, witness.name))
        except TlogError as error:
            wrong.append((error, witness.name))
    return shown, wrong


# --- a receipt -----------------------------------------------------------------------------------


def receipt(arguments: list[str]) -> int:
    """Verify one receipt: what it says, that it is logged, who signed and cosigned."""
    parser = _parser("receipt", "Verify a receipt.")
    parser.add_argument("receipt", metavar="FILE|URL")
    options = parser.parse_args(arguments)
    seen = seen_read(options.seen)
    result = ReceiptResult()
    try:
        data = _receipt_read(options.receipt)
        result.receipt = Receipt.parse(data)
        with closing(_receipt_source(options.receipt, result.receipt)) as source:
            result.trust = trust = trust_of(options, seen, source)
        fresh_needs_witnesses(options, trust)
        result.checked = result.receipt.verify(
            policy=trust.policy, key=trust.key, now=clock.now(), fresh_for=options.fresh
        )
        _compare_with_seen(result, seen)
    except TlogError as error:
        result.error = error
    if result.ok and options.seen and not seen and result.trust and result.receipt:
        note = result.receipt.proof.checkpoint
        key = result.trust.signer(note, result.receipt.origin)
        file_write(options.seen, Seen(key, note).encode())
    if options.json:
        print(_json(receipt_report(result)))
    else:
        print(shown(receipt_lines(result)))
    return 0 if result.ok else 1


def _receipt_read(place: str) -> bytes:
    if not is_address(place):
        path = Path(place)
        if not path.is_file():
            raise Bad(f"there is no file {place}")
        data = Folder(path.parent).read(path.name, limit=RECEIPT_BYTES_MAX)
    else:
        with closing(Web(place)) as web:
            data = web.read("", limit=RECEIPT_BYTES_MAX)
    if data is None:
        raise Unreachable(reason="404")
    return data


def _receipt_source(place: str, receipt: Receipt) -> Source:
    """The log of a receipt that came from the log's own host; else a place without files."""
    parts = urlsplit(place)
    if is_address(place) and receipt.origin.startswith(f"{parts.netloc}/"):
        return Web(f"{parts.scheme}://{receipt.origin}")
    return Folder(Path(os.devnull))


def _compare_with_seen(result: ReceiptResult, seen: Seen | None) -> None:
    """Two checkpoints of one size must be one. Of two sizes only the log itself can tell."""
    if not seen or not result.checked:
        return
    new, old = result.checked.checkpoint, seen.checkpoint
    if new.origin != old.origin:
        raise OriginDiffers(reason=old.origin)
    if new.size == old.size:
        if new.root != old.root:
            raise ConsistencyFails(reason="same_size_other_root")
        return
    result.notes.append(
        f"前回の控え（{old.size}件）とこの証明書（{new.size}件）がつながっているかは、"
        "./kyojo verify log で確かめてください。"
    )


# --- the command line ----------------------------------------------------------------------------


def _parser(command: str, description: str) -> Parser:
    parser = Parser(f"verify {command}", description)
    parser.add_argument(
        "--policy", type=Path, metavar="FILE", help="a tlog-policy: logs, witnesses, quorum"
    )
    parser.add_argument("--key", type=log_key, metavar="VKEY", help="the log's public key")
    parser.add_argument(
        "--seen", type=Path, metavar="FILE", help="what was verified last time; kept up to date"
    )
    parser.add_argument(
        "--fresh", type=_hours, metavar="HOURS", help="the quorum cosigned within so many hours"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    return parser


def _hours(text: str) -> timedelta:
    try:
        hours = timedelta(hours=float(text))
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of hours") from None
    if hours <= timedelta(0):
        raise argparse.ArgumentTypeError("hours are above 0")
    return hours


def _json(value: dict[str, Any]) -> str:
    return json_shown(json.dumps(value, ensure_ascii=False, indent=2))
