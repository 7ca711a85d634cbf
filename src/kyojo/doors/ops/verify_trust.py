"""Whom ``verify`` and ``anchor`` trust, from the command line, files, or the log itself."""

import argparse
import os
from pathlib import Path

from kyojo.kernel.errors import Refusal
from kyojo.ledger.audit.trust import Seen, Trust
from kyojo.ledger.tlog.errors import KeyMalformed, PolicyMalformed
from kyojo.ledger.tlog.notes import KeyType, VerifierKey
from kyojo.ledger.tlog.policy import POLICY_BYTES_MAX, Policy

from .errors import Bad
from .verify_sources import Source

KEY_BYTES_MAX = 10_000


def trust_of(options: argparse.Namespace, seen: Seen | None, source: Source) -> Trust:
    """The policy and the key that were given; else the key of the last time; else what the log
    says of itself. Raises ``Bad`` when there is none of them."""
    policy = policy_read(options.policy)
    if policy or options.key:
        return Trust.of(policy=policy, key=options.key, source="policy" if policy else "key")
    told = source.read("policy", limit=POLICY_BYTES_MAX)
    policy = Policy.parse(told) if told is not None else None
    if seen:
        return Trust.of(policy=policy, key=seen.key, source="seen")
    if policy and policy.logs:
        return Trust.of(policy=policy, key=None, source="log")
    told = source.read("key", limit=KEY_BYTES_MAX)
    if told is None:
        raise Bad("whose signature counts? give --policy FILE or --key VKEY")
    try:
        key = VerifierKey.parse(told.decode().strip())
    except UnicodeDecodeError:
        raise KeyMalformed(reason="utf8") from None
    if key.type != KeyType.LOG:
        raise KeyMalformed(reason="key_type")
    return Trust.of(policy=policy, key=key, source="log")


def policy_read(path: Path | None) -> Policy | None:
    if path is None:
        return None
    try:
        policy = Policy.parse(path.read_bytes())
    except OSError as error:
        raise Bad(f"{path}: {error.strerror}") from None
    except PolicyMalformed as error:
        raise Bad(f"{path}: {error.message()}（{error.reason}）") from None
    return policy


def seen_read(path: Path | None) -> Seen | None:
    """What was verified last time, None the first time. A file that says something else is bad
    usage: going on would silently forget what was seen."""
    if path is None:
        return None
    try:
        return Seen.parse(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Bad(f"{path}: {error.strerror}") from None
    except Refusal as error:
        raise Bad(f"{path}: {error.message()}") from None


def fresh_needs_witnesses(options: argparse.Namespace, trust: Trust) -> None:
    if options.fresh is not None and not trust.policy.witnesses:
        raise Bad("--fresh asks when witnesses cosigned: give a policy that names witnesses")


def log_key(text: str) -> VerifierKey:
    try:
        key = VerifierKey.parse(text)
    except KeyMalformed:
        raise argparse.ArgumentTypeError(f"'{text}' is not a public key") from None
    if key.type != KeyType.LOG:
        raise argparse.ArgumentTypeError(f"'{text}' is not the key of a log")
    return key


def file_write(path: Path, data: bytes) -> None:
    """Replace the file as a whole, so that a stop in between leaves the old one."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        new.write_bytes(data)
        new.replace(path)
    except OSError as error:
        raise Bad(f"{path}: {error.strerror}") from None
