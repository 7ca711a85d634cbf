"""``anchor key|write|verify``: checkpoints of a log on an EVM chain (``kyojo[anchor]``)."""

import json
import os
import stat
from argparse import Namespace
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.ledger.anchor import (
    RECORD_BYTES_MAX,
    AnchorMalformed,
    AnchorMissing,
    AnchorRecord,
    ChainDiffers,
)
from kyojo.ledger.audit.audit import CHECKPOINT_BYTES_MAX, tiles_of
from kyojo.ledger.audit.errors import TileMissing
from kyojo.ledger.tlog.checkpoints import Checkpoint
from kyojo.ledger.tlog.errors import RolledBack, TlogError
from kyojo.ledger.tlog.merkle import consistency_proof, verify_consistency
from kyojo.ledger.tlog.notes import SignedNote
from kyojo.ledger.tlog.policy import policy_check
from kyojo.ledger.tlog.tiles import TileReader

from . import anchor_chain
from .arguments import Parser
from .errors import Bad, Failed
from .progress import progress
from .verify_sources import Source, Web, is_address, source_of
from .verify_trust import file_write, log_key, trust_of
from .verify_words import json_shown, moment_words, shown

USAGE = "anchor key|write|verify …; --help after each tells more"
#: Where a log shows the record of its anchors, below its prefix.
RECORD_PATH = "anchors"
CONFIRMATIONS = 12


def run(arguments: list[str]) -> int:
    """``./kyojo anchor …``. Raises ``Bad`` for bad usage, ``Failed`` when the chain says no."""
    commands: dict[str, Callable[[list[str]], int]] = {
        "key": key,
        "write": write,
        "verify": verify,
    }
    what = arguments[1] if len(arguments) > 1 else ""
    if what in {"-h", "--help"}:
        print(f"usage: ./kyojo {USAGE}")
        return 0
    if what not in commands:
        raise Bad(f"anchor what? {USAGE}")
    return commands[what](arguments[2:])


def key(arguments: list[str]) -> int:
    """Make an account for anchors only, and print its address."""
    parser = Parser("anchor key", "Make an account for anchors only; print its address.")
    parser.add_argument("--key-file", type=Path, required=True, metavar="FILE")
    options = parser.parse_args(arguments)
    account = anchor_chain.account_new()
    try:
        descriptor = os.open(options.key_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise Bad(f"{options.key_file}: {error.strerror}") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(f"0x{bytes(account.key).hex()}\n")
    print(account.address)
    return 0


def write(arguments: list[str]) -> int:
    """Write the newest checkpoint of a log to the chain, if it is newer than the last written."""
    parser = _parser("write", "Write the newest checkpoint of a log to a chain.")
    parser.add_argument("--key-file", type=Path, required=True, metavar="FILE")
    parser.add_argument("--record", type=Path, required=True, metavar="FILE")
    options = parser.parse_args(arguments)
    account = anchor_chain.account_of(_key_read(options.key_file))
    with closing(source_of(options.log)) as source:
        try:
            checkpoint = _checkpoint(options, source)
            chain = anchor_chain.connected(options.rpc)
            record = _record_or_new(options.record, chain, account)

            def save(new: AnchorRecord) -> None:
                file_write(options.record, new.encode())

            record = anchor_chain.record_settle(chain=chain, record=record, save=save)
            before = record.of(checkpoint.origin)
            if before:
                _continues(source, checkpoint, before[-1].checkpoint)
            if before and before[-1].checkpoint.size == checkpoint.size:
                print(f"anchored already: {checkpoint.size} in {before[-1].transaction}")
                return 0
            done = anchor_chain.anchor_write(
                chain=chain, account=account, record=record, checkpoint=checkpoint, save=save
            )
        except TlogError as error:
            raise Failed(f"{error.code}: {error.message()} {error.reason}".rstrip()) from None
    print(f"anchored: {checkpoint.size} in {done.anchor.transaction}, block {done.block}")
    return 0


def verify(arguments: list[str]) -> int:
    """Compare everything that was ever anchored of a log with the log of now."""
    parser = _parser("verify", "Compare a log with its checkpoints on a chain.")
    parser.add_argument("--record", default="", metavar="FILE|URL", help="else the log's own")
    parser.add_argument("--address", default="", help="the account, as you know it from elsewhere")
    parser.add_argument("--confirmations", type=int, default=CONFIRMATIONS)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args(arguments)
    report: dict[str, Any] = {"what": "anchor", "verified": False, "codes": [], "anchors": []}
    message = ""
    with closing(source_of(options.log)) as source:
        try:
            checkpoint = _checkpoint(options, source)
            report |= {"origin": checkpoint.origin, "size": checkpoint.size}
            record = _record(options, source)
            report["address"] = record.address
            report["anchors"] = _verified(options, source, checkpoint, record)
            report["verified"] = True
        except TlogError as error:
            message = error.message()
            report["codes"] = [error.code]
            report["reason"] = error.reason
    if options.json:
        print(json_shown(json.dumps(report, ensure_ascii=False, indent=2)))
    else:
        print(shown(_lines(report, message, options)))
    return 0 if report["verified"] else 1


def _verified(
    options: Namespace, source: Source, checkpoint: Checkpoint, record: AnchorRecord
) -> list[dict[str, Any]]:
    """Each anchor of this log, found on the chain and continued by the log. Anchors of other logs
    are looked up as well: an account that wrote anything else would not be complete."""
    if options.address and options.address.lower() != record.address.lower():
        raise ChainDiffers(reason=record.address)
    chain = anchor_chain.connected(options.rpc)
    anchors = anchor_chain.record_complete(chain=chain, record=record)
    found = []
    with progress("アンカー") as report:
        for done, anchor in enumerate(anchors, 1):
            place = anchor_chain.anchor_read(chain=chain, record=record, anchor=anchor)
            report(done, len(anchors), f"{anchor.checkpoint.size}件")
            if anchor.checkpoint.origin != checkpoint.origin:
                continue
            _continues(source, checkpoint, anchor.checkpoint)
            found.append(
                {
                    "size": anchor.checkpoint.size,
                    "root": anchor.checkpoint.root.hex(),
                    "transaction": anchor.transaction,
                    "block": place.block,
                    "at": place.at.isoformat(),
                    "firm": place.confirmations >= options.confirmations,
                }
            )
    if not found:
        raise AnchorMissing(reason="no anchor of this log")
    return found


def _continues(source: Source, checkpoint: Checkpoint, before: Checkpoint) -> None:
    """Does the log continue what was anchored? RolledBack, ConsistencyFails, RootDiffers if not."""
    if before.size > checkpoint.size:
        raise RolledBack(seen=before.size, size=checkpoint.size)
    reader = TileReader(checkpoint.size, tiles_of(source), checkpoint.root)
    verify_consistency(
        old_size=before.size,
        old_root=before.root,
        new_size=checkpoint.size,
        new_root=checkpoint.root,
        proof=consistency_proof(before.size, checkpoint.size, reader),
    )


def _checkpoint(options: Namespace, source: Source) -> Checkpoint:
    """The log's newest checkpoint, by whoever is trusted."""
    trust = trust_of(options, None, source)
    data = source.read("checkpoint", limit=CHECKPOINT_BYTES_MAX)
    if data is None:
        raise TileMissing(reason="checkpoint")
    note = SignedNote.parse(data)
    return policy_check(note, trust.policy, now=clock.now(), key=trust.key).checkpoint


def _record(options: Namespace, source: Source) -> AnchorRecord:
    place = options.record
    if not place:
        data = source.read(RECORD_PATH, limit=RECORD_BYTES_MAX)
        if data is None:
            raise Bad("this log shows no record of anchors: give --record FILE|URL")
    elif is_address(place):
        with closing(Web(place)) as web:
            data = web.read("", limit=RECORD_BYTES_MAX)
        if data is None:
            raise Bad(f"there is no record at {place}")
    else:
        try:
            data = Path(place).read_bytes()
        except OSError as error:
            raise Bad(f"{place}: {error.strerror}") from None
    return AnchorRecord.parse(data)


def _record_or_new(path: Path, chain: Any, account: Any) -> AnchorRecord:
    try:
        return AnchorRecord.parse(path.read_bytes())
    except FileNotFoundError:
        return AnchorRecord(chain.eth.chain_id, account.address)
    except (OSError, AnchorMalformed) as error:
        words = error.message() if isinstance(error, Refusal) else error.strerror
        raise Bad(f"{path}: {words}") from None


def _key_read(path: Path) -> str:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise Bad(f"others may read the key: chmod 600 {path}")
        return path.read_text().strip()
    except OSError as error:
        raise Bad(f"{path}: {error.strerror}") from None


def _lines(report: dict[str, Any], message: str, options: Namespace) -> list[str]:
    anchors = report["anchors"]
    if not report["verified"]:
        return [
            "✗ この記録簿は、ブロックチェーンの記録と合わせて確かめられませんでした。",
            f"  ・{message}",
            f"    {report['codes'][0]}：{report['reason']}",
        ]
    newest = anchors[-1]
    at = moment_words(datetime.fromisoformat(newest["at"]))
    lines = [
        "✓ この記録簿は、ブロックチェーンに書かれたときから書きかえられていません。",
        f"  {len(anchors)}回書かれ、いちばん新しいものは {at} の {newest['size']:,}件です。",
    ]
    if not newest["firm"]:
        lines.append(f"※ いちばん新しいものは、まだ{options.confirmations}ブロックたっていません。")
    if not options.address:
        lines.append(
            f"※ アカウント {report['address']} が、この自治体のものかを見くらべてください。"
        )
    return [
        *lines,
        "",
        *(f"{each['size']:>12} block {each['block']} {each['transaction']}" for each in anchors),
    ]


def _parser(command: str, description: str) -> Parser:
    parser = Parser(f"anchor {command}", description)
    parser.add_argument("log", metavar="URL|FOLDER", help="the log's prefix")
    parser.add_argument("--rpc", required=True, metavar="URL", help="a node's JSON-RPC address")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="a tlog-policy")
    parser.add_argument("--key", type=log_key, metavar="VKEY", help="the log's public key")
    return parser
