"""Whom a verifier trusts (c2sp.org/tlog-policy), and the check of a checkpoint against it.

A policy is a text of lines; names are opaque, ``#`` begins a comment line::

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name>...
    quorum <name>|none
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .checkpoints import Checkpoint
from .encoding import decimal_number
from .errors import (
    KeyMalformed,
    OriginDiffers,
    PolicyMalformed,
    QuorumMissing,
    SignatureMissing,
    Stale,
)
from .notes import KeyType, SignedNote, VerifierKey, cosignature_verify, note_verify

POLICY_BYTES_MAX = 1_000_000
#: How far a witness's clock may be ahead of ours before its moment counts for nothing.
CLOCK_SKEW = timedelta(minutes=5)
#: The quorum that asks for nobody.
NONE = "none"

_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_BLANKS = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log that is accepted; its key's name is its origin."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness under the name the policy gives it; its key's name may be another."""

    name: str
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """Witnesses a checkpoint when at least ``threshold`` of its members do."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses, groups (each in the order of definition), and the name of the quorum."""

    quorum: str
    logs: tuple[PolicyLog, ...] = ()
    witnesses: tuple[PolicyWitness, ...] = ()
    groups: tuple[PolicyGroup, ...] = ()

    @classmethod
    def parse(cls, text: str | bytes) -> "Policy":
        """Read a policy. PolicyMalformed, with the line, for anything the format does not allow."""
        data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        if len(data) > POLICY_BYTES_MAX:
            raise PolicyMalformed(reason="too_long", line=1)
        if data and not data.endswith(b"\n"):
            raise PolicyMalformed(reason="final_newline", line=data.count(b"\n") + 1)
        reading = _Reading()
        for number, line in enumerate(data.split(b"\n")[:-1], 1):
            if _FORBIDDEN.search(line):
                raise PolicyMalformed(reason="control_character", line=number)
            # Bytes that are no UTF-8 stay distinct: names are compared octet by octet.
            words = _BLANKS.split(line.decode("utf-8", "surrogateescape").strip(" \t"))
            reading.line(words, number)
        return reading.policy()

    def log(self, origin: str) -> PolicyLog:
        """The (first) log with this origin; OriginDiffers when there is none."""
        for log in self.logs:
            if log.key.name == origin:
                return log
        raise OriginDiffers(reason="not_in_policy")

    def keys(self, origin: str) -> tuple[VerifierKey, ...]:
        """Every key accepted for this origin: there are several while a log changes its key."""
        return tuple(log.key for log in self.logs if log.key.name == origin)

    def quorum_met(self, witnesses: Collection[str]) -> bool:
        """Are these witnesses (by their names in the policy) enough?"""
        if self.quorum == NONE:
            return True
        agreed = set(witnesses)
        for group in self.groups:  # members come before their group
            if len(agreed.intersection(group.members)) >= group.threshold:
                agreed.add(group.name)
        return self.quorum in agreed


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """A checkpoint that meets a policy, and which of its witnesses cosigned it when (UTC)."""

    checkpoint: Checkpoint
    cosigned: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def newest(self) -> datetime | None:
        """The newest of the moments."""
        return max(self.cosigned.values(), default=None)


def policy_check(
    note: SignedNote,
    policy: Policy,
    *,
    now: datetime,
    fresh_for: timedelta | None = None,
    key: VerifierKey | None = None,
) -> PolicyResult:
    """Check that a checkpoint is signed by a log of the policy and cosigned by its quorum.

    Args:
        now: an aware moment; cosignatures more than five minutes ahead of it are not fresh.
        fresh_for: when given, the quorum (and at least one witness) has to have cosigned within
            this time.
        key: the log's key, when it is known from elsewhere; the policy's logs are then not asked.

    Raises:
        CheckpointMalformed: the note is no checkpoint.
        OriginDiffers: it is of a log that the policy does not list (or not the key's).
        SignatureMissing, SignatureInvalid: the log did not sign it; also when the signature of a
            witness that the policy knows is not genuine, enough others or not.
        QuorumMissing: too few witnesses have cosigned it.
        Stale: too few of them have within ``fresh_for``.
    """
    checkpoint = Checkpoint.parse(note.text)
    keys = policy.keys(checkpoint.origin) if key is None else (key,)
    if not keys or keys[0].name != checkpoint.origin:
        raise OriginDiffers(reason="not_in_policy")
    if not _signed_by(note, keys):
        raise SignatureMissing(name=checkpoint.origin)
    cosigned = {}
    for witness in policy.witnesses:
        try:
            cosigned[witness.name] = cosignature_verify(note, witness.key)
        except SignatureMissing:
            continue
    if not policy.quorum_met(cosigned):
        raise QuorumMissing(cosigned=len(cosigned))
    if fresh_for is not None:
        fresh = [n for n, at in cosigned.items() if now - fresh_for <= at <= now + CLOCK_SKEW]
        if not fresh or not policy.quorum_met(fresh):
            raise Stale(fresh=len(fresh))
    return PolicyResult(checkpoint, cosigned)


def _signed_by(note: SignedNote, keys: tuple[VerifierKey, ...]) -> bool:
    """Did any of the keys sign? SignatureInvalid when a line names one that did not make it."""
    signed = False
    for key in keys:
        try:
            note_verify(note, key)
        except SignatureMissing:
            continue
        signed = True
    return signed


class _Reading:
    """A policy half read."""

    def __init__(self) -> None:
        self._logs: list[PolicyLog] = []
        self._witnesses: list[PolicyWitness] = []
        self._groups: list[PolicyGroup] = []
        self._quorum: str | None = None
        self._names: set[str] = set()
        self._members: set[str] = set()
        self._number = 1

    def line(self, words: list[str], number: int) -> None:
        self._number = number
        kind, *rest = words
        if kind.startswith("#") or words == [""]:
            return
        read = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum_name,
        }.get(kind)
        if read is None:
            raise self._wrong("keyword")
        read(rest)

    def policy(self) -> Policy:
        if self._quorum is None:
            raise self._wrong("quorum_missing")
        return Policy(self._quorum, tuple(self._logs), tuple(self._witnesses), tuple(self._groups))

    def _log(self, words: list[str]) -> None:
        if len(words) not in (1, 2):
            raise self._wrong("words")
        key = self._key(words[0], KeyType.LOG)
        if any(log.key.public == key.public for log in self._logs):
            raise self._wrong("log_twice")
        self._logs.append(PolicyLog(key, *words[1:]))

    def _witness(self, words: list[str]) -> None:
        if len(words) not in (2, 3):
            raise self._wrong("words")
        key = self._key(words[1], KeyType.COSIGNATURE)
        if any(witness.key.public == key.public for witness in self._witnesses):
            raise self._wrong("witness_twice")
        self._define(words[0])
        self._witnesses.append(PolicyWitness(words[0], key, *words[2:]))

    def _group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise self._wrong("words")
        name, threshold, *members = words
        for member in members:
            if member not in self._names:
                raise self._wrong("member_unknown")
            if member in self._members:  # so that nobody's word counts twice
                raise self._wrong("member_twice")
            self._members.add(member)
        self._define(name)
        self._groups.append(PolicyGroup(name, self._threshold(threshold, members), tuple(members)))

    def _threshold(self, word: str, members: list[str]) -> int:
        if word in ("any", "all"):
            return 1 if word == "any" else len(members)
        try:
            threshold = decimal_number(word)
        except ValueError as error:
            raise self._wrong("threshold") from error
        if not 1 <= threshold <= len(members):
            raise self._wrong("threshold")
        return threshold

    def _quorum_name(self, words: list[str]) -> None:
        if len(words) != 1:
            raise self._wrong("words")
        if self._quorum is not None:
            raise self._wrong("quorum_twice")
        if words[0] != NONE and words[0] not in self._names:
            raise self._wrong("quorum_unknown")
        self._quorum = words[0]

    def _key(self, text: str, key_type: KeyType) -> VerifierKey:
        try:
            key = VerifierKey.parse(text)
        except KeyMalformed as error:
            raise self._wrong(f"key_{error.reason}") from error
        if key.type != key_type:
            raise self._wrong("key_type")
        return key

    def _define(self, name: str) -> None:
        if name == NONE or name in self._names:
            raise self._wrong("name_taken")
        self._names.add(name)

    def _wrong(self, reason: str) -> PolicyMalformed:
        return PolicyMalformed(reason=reason, line=self._number)
