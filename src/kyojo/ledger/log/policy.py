"""Whom a log asks and what it tells others to ask: the operator's policy (KYOJO_LOG_POLICY)."""

from pathlib import Path

from django.conf import settings

from kyojo.ledger.tlog.policy import Policy

#: Without a file nobody is asked.
NOBODY = "quorum none\n"


def policy_text() -> str:
    """The operator's policy without its lines of logs: which keys there are the database knows.

    Raises ``OSError``, ``PolicyMalformed``.
    """
    if not settings.LOG_POLICY:
        return NOBODY
    text = Path(settings.LOG_POLICY).read_text(encoding="utf-8")
    Policy.parse(text)
    return "".join(line for line in text.splitlines(keepends=True) if line.split()[:1] != ["log"])


def policy_read() -> Policy:
    """The operator's policy: witnesses and quorum. Raises ``OSError``, ``PolicyMalformed``."""
    return Policy.parse(policy_text())


def policy_of(*, key: str, url: str) -> str:
    """The policy that anyone can verify one log with: its key, its address, its witnesses."""
    return f"log {key} {url}\n{policy_text()}"
