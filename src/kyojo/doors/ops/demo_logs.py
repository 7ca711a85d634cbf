"""The logs of the demo's towns: their keys, and a witness process for each town that watches the
logs of the others."""

import os
import shutil
import socket
import sys
from pathlib import Path

from .logs import origin_of

LOG_FOLDER = "log"


def logs_environment(folder: Path) -> dict[str, str]:
    """Where worker and check find the keys and the policy of the demo in ``folder``."""
    policy = folder / LOG_FOLDER / "policy"
    return {
        "KYOJO_LOG_KEYS": str(folder / LOG_FOLDER / "keys"),
        "KYOJO_LOG_POLICY": str(policy) if policy.exists() else "",
    }


def logs_forget(folder: Path) -> None:
    """A new town begins new logs: keys and witnesses of the old one would contradict them."""
    shutil.rmtree(folder / LOG_FOLDER, ignore_errors=True)


def logs_begin(folder: Path) -> dict[str, list[str]]:
    """Begin each town's log and make its witness; by name, the commands that run the witnesses.

    Needs Django on the demo's database. Writes the policy (one other town is quorum enough), which
    changes with the witnesses' ports, and names it in this process's environment.
    """
    from django.conf import settings

    from kyojo.civic.municipalities.models import Municipality
    from kyojo.doors.witness.keys import KEY_FILE, log_add, witness_create, witness_open
    from kyojo.ledger.log.keys import keys_folder
    from kyojo.ledger.log.sequencer import log_ensure, log_key
    from kyojo.ledger.tlog.notes import VerifierKey

    settings.LOG_KEYS = logs_environment(folder)["KYOJO_LOG_KEYS"]
    towns = dict(Municipality.objects.order_by("id").values_list("id", "slug"))
    for ledger in towns:
        log_ensure(ledger=ledger, origin_of=origin_of, folder=keys_folder())
    keys = {ledger: VerifierKey.parse(log_key(ledger)) for ledger in towns}
    lines, commands = [], {}
    for ledger, slug in towns.items():
        store = folder / LOG_FOLDER / f"witness-{slug}"
        if not (store / KEY_FILE).exists():
            witness_create(store, name=f"witness.{slug}.example")
        for other in towns.keys() - {ledger}:
            log_add(store, keys[other])
        listen = f"127.0.0.1:{_port_free()}"
        lines.append(f"witness {slug} {witness_open(store)[0].verifier} http://{listen}\n")
        commands[f"witness-{slug}"] = [
            *(sys.executable, "-m", "kyojo", "witness", "serve"),
            *("--store", str(store), "--listen", listen),
        ]
    policy = folder / LOG_FOLDER / "policy"
    policy.parent.mkdir(parents=True, exist_ok=True)
    group = f"group towns any {' '.join(towns.values())}\nquorum towns\n"
    # A town cannot be its own witness.
    policy.write_text("".join(lines) + (group if len(towns) > 1 else "quorum none\n"))
    os.environ.update(logs_environment(folder))
    settings.LOG_POLICY = str(policy)
    return commands


def _port_free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
