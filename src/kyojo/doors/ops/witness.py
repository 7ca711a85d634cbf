"""``witness key|log|serve|show``: a witness for the logs of others, without database and Django."""

import argparse
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from kyojo.doors.witness.keys import (
    LOGS_FILE,
    Logs,
    WitnessUnusable,
    log_add,
    witness_create,
    witness_open,
)
from kyojo.kernel import clock
from kyojo.ledger.tlog.errors import KeyMalformed
from kyojo.ledger.tlog.notes import KeyType, VerifierKey

from .arguments import Parser
from .errors import Bad
from .verify_words import shown

USAGE = "witness key|log|serve|show --store FOLDER …; --help after each tells more"


def run(arguments: list[str]) -> int:
    """``./kyojo witness …``. Raises ``Bad`` for what it cannot work with."""
    commands: dict[str, Callable[[list[str]], int]] = {
        "key": key,
        "log": log,
        "serve": serve,
        "show": show,
    }
    what = arguments[1] if len(arguments) > 1 else ""
    if what in {"-h", "--help"}:
        print(f"usage: ./kyojo {USAGE}")
        return 0
    if what not in commands:
        raise Bad(f"witness what? {USAGE}")
    try:
        return commands[what](arguments[2:])
    except WitnessUnusable as error:
        raise Bad(error.message()) from None
    except OSError as error:
        raise Bad(f"{error.filename or 'witness'}: {error.strerror or error}") from None


def key(arguments: list[str]) -> int:
    """Make the key and the memory of a new witness, or print the key of the one that is there."""
    parser = _parser("key", "Make a witness (its key, its memory); print its public key.")
    parser.add_argument("--name", default="", help="of a new witness: witness.example/kyojo")
    options = parser.parse_args(arguments)
    if options.name:
        print(witness_create(options.store, name=options.name).verifier)
    else:
        print(witness_open(options.store)[0].verifier)
    return 0


def log(arguments: list[str]) -> int:
    """Witness one more log."""
    parser = _parser("log", "Witness one more log, given by its public key.")
    parser.add_argument("vkey", metavar="VKEY", type=log_key)
    options = parser.parse_args(arguments)
    witness_open(options.store)
    added = log_add(options.store, options.vkey)
    print(f"{'added' if added else 'known already'}: {options.vkey.name}")
    return 0


def serve(arguments: list[str]) -> int:
    """Answer logs until told to end."""
    parser = _parser(
        "serve", "Cosign the checkpoints of logs that only grow (c2sp.org/tlog-witness)."
    )
    parser.add_argument("--listen", default="127.0.0.1:8100", metavar="HOST:PORT")
    parser.add_argument("--log", action="append", default=[], type=log_key, metavar="VKEY")
    parser.add_argument(
        "--policy", action="append", default=[], type=Path, metavar="FILE", help="its logs, too"
    )
    options = parser.parse_args(arguments)
    _listen_check(options.listen)
    signing_key, store = witness_open(options.store)
    missing = next((path for path in options.policy if not path.is_file()), None)
    if missing:
        raise Bad(f"there is no file {missing}")
    logs = Logs(given=options.log, files=[options.store / LOGS_FILE, *options.policy])
    from kyojo.doors.witness.app import Witness
    from kyojo.doors.witness.server import Server

    def ready(url: str) -> None:
        print(f"witness {signing_key.name} of {len(logs)} logs at {url}", flush=True)

    sys.argv = ["kyojo witness"]  # gunicorn looks at it when it restarts itself
    Server(
        Witness(key=signing_key, store=store, logs=logs), listen=options.listen, ready=ready
    ).run()
    return 0


def show(arguments: list[str]) -> int:
    """What this witness has seen, and what it refused; 1 if it refused a signed checkpoint."""
    parser = _parser("show", "Show what was cosigned, and signed checkpoints that were refused.")
    options = parser.parse_args(arguments)
    _, store = witness_open(options.store)
    refusals = 0
    for seen in store.all_latest():
        at = clock.local(seen.cosigned_at).isoformat(" ", "seconds")
        print(f"{seen.origin}\t{seen.size}\t{seen.root.hex()}\t{at}")
        for refused in store.refused(seen.origin):
            refusals += 1
            at = clock.local(refused.refused_at).isoformat(" ", "seconds")
            print(f"✗ {refused.code}\t{refused.size}\t{refused.root.hex()}\t{at}")
            # The log's operator wrote it, and this is the witness's terminal.
            print(shown(refused.body.decode(errors="replace").split("\n")))
    return 1 if refusals else 0


def log_key(text: str) -> VerifierKey:
    """A log's public key from the command line."""
    try:
        found = VerifierKey.parse(text)
    except KeyMalformed:
        raise argparse.ArgumentTypeError(f"'{text}' is not a public key") from None
    if found.type != KeyType.LOG:
        raise argparse.ArgumentTypeError(f"'{text}' is not the key of a log")
    return found


def _listen_check(listen: str) -> None:
    """Raise ``Bad`` unless one can listen there: gunicorn would try for five seconds."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise Bad(f"'{listen}' is not HOST:PORT")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), int(port)))
    except OSError as error:
        raise Bad(f"cannot listen on {listen}: {error.strerror or error}") from None


def _parser(command: str, description: str) -> Parser:
    parser = Parser(f"witness {command}", description)
    parser.add_argument("--store", type=Path, required=True, metavar="FOLDER")
    return parser
