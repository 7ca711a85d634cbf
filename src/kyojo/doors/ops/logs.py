"""The logs of the ledgers in an installation: their names, their keeper in the worker, their
configuration, and a folder of files for an auditor."""

import stat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kyojo.kernel.errors import Refusal

from .errors import Bad

if TYPE_CHECKING:
    from kyojo.ledger.log.keeper import Keeper


def origin_of(ledger: int) -> str:
    """How the log of ``ledger`` is called for ever: ``host/log/slug``, host as in KYOJO_BASE_URL
    on the day it begins."""
    from django.conf import settings

    from kyojo.civic.municipalities.models import Municipality

    slug = Municipality.objects.filter(pk=ledger).values_list("slug", flat=True).first()
    return f"{urlsplit(settings.BASE_URL).netloc}/log/{slug or ledger}"


def keeper() -> "Keeper":
    """The ``Keeper`` of this environment, not started. Raises ``Bad`` where it cannot work."""
    from kyojo.ledger.log.keeper import Keeper
    from kyojo.ledger.log.keys import keys_folder
    from kyojo.ledger.log.policy import policy_read

    try:
        return Keeper(origin_of=origin_of, folder=keys_folder(), policy=policy_read())
    except Refusal as refusal:
        raise Bad(refusal.message()) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Bad(f"KYOJO_LOG_KEYS or KYOJO_LOG_POLICY cannot be used: {error}") from None


def configuration_findings() -> list[str]:
    """What is wrong with the settings of the logs, one sentence each; as the tables' owner."""
    from django.conf import settings

    from kyojo.ledger.log.policy import policy_read

    # Where the folder is not named, this is not the worker's machine, which refuses to start so.
    findings = _key_findings(Path(settings.LOG_KEYS)) if settings.LOG_KEYS else []
    try:
        policy = policy_read()
    except Refusal as refusal:
        return [*findings, f"KYOJO_LOG_POLICY: {refusal.message()}"]
    except (OSError, UnicodeDecodeError) as error:
        return [*findings, f"KYOJO_LOG_POLICY cannot be read: {error}"]
    if not policy.quorum_met({witness.name for witness in policy.witnesses if witness.url}):
        findings.append(
            "KYOJO_LOG_POLICY: the witnesses that have an address are fewer than the quorum, so "
            "nothing can be published"
        )
    return findings


def _key_findings(folder: Path) -> list[str]:
    from kyojo.ledger.log.keys import key_load
    from kyojo.ledger.log.scope import rows

    findings = []
    try:
        modes = {path: path.stat().st_mode for path in sorted(folder.glob("*.key*"))}
    except OSError as error:
        return [f"KYOJO_LOG_KEYS cannot be read: {error}"]
    findings += [
        f"{path} can be read by others: chmod 600"
        for path, m in modes.items()
        if stat.S_IMODE(m) & 0o077
    ]
    for ledger, vkey in rows("SELECT ledger, key FROM ledger_log_head ORDER BY ledger"):
        try:
            key_load(folder, ledger, vkey)
        except Refusal as refusal:
            findings.append(f"{refusal.code}: {refusal.message()}")
        except OSError as error:
            findings.append(f"the key of ledger {ledger} cannot be read: {error}")
    return findings


def log_export(folder: Path, *, ledger: int, slug: str) -> int:
    """Write the published log of a town as the files that are served over HTTP, into
    ``folder/<slug>``; how many leaves it has. The checkpoint comes last, so an interrupted export
    is not taken for a log."""
    from django.conf import settings

    from kyojo.civic.municipalities.tenancy import tenant
    from kyojo.ledger.log import selectors
    from kyojo.ledger.log.policy import policy_of
    from kyojo.ledger.tlog.tiles import entries_path, partial_width, tile_path

    target = folder / slug
    with tenant(ledger):
        head = selectors.log_head(ledger=ledger)
        published = selectors.checkpoint_published(ledger=ledger)
        level, index = 0, 0
        while partial_width(published.size, level, 0):
            while width := partial_width(published.size, level, index):
                data = selectors.tile(ledger=ledger, level=level, index=index, width=width)
                _write(target / tile_path(level, index, width), data)
                if level == 0:
                    data = selectors.entries(ledger=ledger, index=index, width=width)
                    _write(target / entries_path(index, width), data)
                index += 1
            level, index = level + 1, 0
        policy = policy_of(key=head.key, url=f"{settings.BASE_URL}/log/{slug}")
    _write(target / "key", f"{head.key}\n".encode())
    _write(target / "policy", policy.encode("utf-8", "surrogateescape"))
    _write(target / "checkpoint", published.note)
    return published.size


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    new.replace(path)
