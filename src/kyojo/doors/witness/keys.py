"""A witness's key and the list of logs it witnesses, in files.

The key and the memory are made together and belong together: a witness that lost its memory would
cosign any history as its first, so with a key and no memory it does not start. It is then a new
witness, and needs a new key.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from kyojo.kernel.errors import Refusal
from kyojo.ledger.tlog.errors import KeyMalformed, TlogError
from kyojo.ledger.tlog.notes import KeyType, SigningKey, VerifierKey
from kyojo.ledger.tlog.policy import Policy

from .store import Store, StoreMissing

KEY_FILE = "witness.key"
LOGS_FILE = "logs"


class WitnessUnusable(Refusal):
    """The folder, the key or the list of logs is not what a witness can work with."""

    code = "witness_unusable"
    sentence = "{words}"


def witness_create(folder: Path, *, name: str) -> SigningKey:
    """A new key named ``name`` (by custom a URL without scheme), an empty memory, in ``folder``.

    Raises ``WitnessUnusable`` when there is one already, or the name cannot be a key's.
    """
    try:
        key = SigningKey.generate(name, KeyType.COSIGNATURE)
    except KeyMalformed:
        raise WitnessUnusable(
            words=f"'{name}' cannot be a witness's name: no spaces and no plus, "
            "such as witness.example/kyojo"
        ) from None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(folder / KEY_FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise WitnessUnusable(
            words=f"{folder} holds a witness already; its key is never overwritten"
        ) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key.private_text() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        Store.create(folder, vkey=str(key.verifier))
    except FileExistsError:
        (folder / KEY_FILE).unlink()
        raise WitnessUnusable(
            words=f"{folder} holds the memory of another key; give the new witness its own folder"
        ) from None
    return key


def witness_open(folder: Path) -> tuple[SigningKey, Store]:
    """The key and the memory in ``folder``. Raises ``WitnessUnusable``, in words, if they are
    missing, readable by others, or do not belong together."""
    path = folder / KEY_FILE
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise WitnessUnusable(
            words=f"there is no key {path} ({error.strerror}): make one with ./kyojo witness key"
        ) from None
    if stat.S_IMODE(mode) & 0o077:
        raise WitnessUnusable(words=f"others may read the key: chmod 600 {path}")
    try:
        key = SigningKey.parse(text)
    except KeyMalformed:
        raise WitnessUnusable(words=f"{path} is not a private key") from None
    if key.type != KeyType.COSIGNATURE:
        raise WitnessUnusable(words=f"{path} is a log's key, not a witness's")
    store = Store(folder)
    try:
        owner = store.vkey()
    except StoreMissing as error:
        raise WitnessUnusable(
            words=f"the memory of this witness is gone ({error}). Whoever forgot what it signed "
            "must not sign on: make a new witness in an empty folder and tell the logs its new key"
        ) from None
    if owner != str(key.verifier):
        raise WitnessUnusable(words=f"the memory in {folder} belongs to another key: {owner}")
    return key, store


def log_add(folder: Path, key: VerifierKey) -> bool:
    """Witness one more log; a running witness notices. False when it is in the list already.

    Raises ``WitnessUnusable`` when the list has the key under another name.
    """
    path = folder / LOGS_FILE
    known = path.read_text(encoding="utf-8") if path.exists() else "quorum none\n"
    if f"log {key}" in known.splitlines():
        return False
    text = f"{known}log {key}\n"
    try:
        Policy.parse(text)
    except TlogError as error:
        # One key under two names is an offer to make this witness stop at its next start.
        raise WitnessUnusable(
            words=f"{key.name} is not added: {path} could not be read with it ({error.reason})"
        ) from None
    new = path.with_name(f"{LOGS_FILE}.{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
    return True


class Logs:
    """The logs that are witnessed: those given, and those of files in the form of a tlog-policy
    (of which only the ``log`` lines matter). A file that changed is read again."""

    def __init__(self, *, given: Iterable[VerifierKey] = (), files: Iterable[Path] = ()) -> None:
        self._given = tuple(given)
        self._files = tuple(files)
        self._stamps: list[tuple[int, int, int] | None] = []
        self._keys: tuple[VerifierKey, ...] = ()
        self.reread()

    def keys(self, origin: str) -> tuple[VerifierKey, ...]:
        """Every key trusted for a log; empty for a log that is not witnessed."""
        if [_stamp(path) for path in self._files] != self._stamps:
            try:
                self.reread()
            except WitnessUnusable as error:
                # Half edited: go on with what was known, and say so.
                print(f"witness: {error.message()}", flush=True)
        return tuple(key for key in self._keys if key.name == origin)

    def reread(self) -> None:
        """Read the files. Raises ``WitnessUnusable`` for one that is not a policy."""
        stamps = [_stamp(path) for path in self._files]
        keys = list(self._given)
        for path, stamp in zip(self._files, stamps, strict=True):
            if stamp is None:
                continue
            try:
                keys += [log.key for log in Policy.parse(path.read_bytes()).logs]
            except TlogError as error:
                line = error.data.get("line")
                raise WitnessUnusable(
                    words=f"{path}{f', line {line}' if line else ''}: not a policy ({error.reason})"
                ) from None
        self._stamps, self._keys = stamps, tuple(keys)

    def __len__(self) -> int:
        return len({key.name for key in self._keys})


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
