"""The keys that logs are signed with: one file a ledger, readable by its owner alone.

``<ledger>.key`` is the key of a log that the database knows. While a log is being begun its key is
``<ledger>.key.new``: so a crash in between is told from a database that lost its log, where a new
log under the old key would contradict what was already signed.
"""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from kyojo.ledger.tlog.notes import SigningKey

from .errors import LogKeyDiffers, LogKeyLeft, LogKeyMissing, LogKeyOpen, LogKeysUnset


def keys_folder() -> Path:
    """The folder of the setting KYOJO_LOG_KEYS. Raises ``LogKeysUnset``."""
    if not settings.LOG_KEYS:
        raise LogKeysUnset
    return Path(settings.LOG_KEYS)


def key_path(folder: Path, ledger: int) -> Path:
    return folder / f"{ledger}.key"


def key_load(folder: Path, ledger: int, vkey: str) -> SigningKey:
    """The key of the log that began with the public key ``vkey``.

    Raises ``LogKeyMissing``, ``LogKeyDiffers``, ``LogKeyOpen``, ``KeyMalformed``.
    """
    path = key_path(folder, ledger)
    if not path.exists():
        _settle_interrupted(folder, ledger, vkey)
    try:
        key = _read(path)
    except FileNotFoundError:
        raise LogKeyMissing(ledger=ledger, folder=str(folder)) from None
    if str(key.verifier) != vkey:
        raise LogKeyDiffers(ledger=ledger, folder=str(folder))
    return key


def key_begin(folder: Path, ledger: int, origin: str) -> SigningKey:
    """The key for a log that is about to begin: the same one again after an interruption.

    Raises ``LogKeyLeft`` where the folder has the key of an earlier log.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if key_path(folder, ledger).exists():
        raise LogKeyLeft(ledger=ledger, folder=str(folder))
    new = _new_path(folder, ledger)
    with suppress(FileNotFoundError):
        key = _read(new)
        if key.name == origin:
            return key
        new.unlink()  # of another name, and no log ever began with it
    key = SigningKey.generate(origin)
    mine = new.with_name(f"{new.name}.{secrets.token_hex(8)}")
    handle = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{key.private_text()}\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(mine, new)  # of two first calls one wins, and both use its key
    mine.unlink()
    _folder_sync(folder)
    try:
        return _read(new)
    except FileNotFoundError:  # the other one has begun the log meanwhile
        raise LogKeyLeft(ledger=ledger, folder=str(folder)) from None


def key_settle(folder: Path, ledger: int) -> None:
    """The database knows the log: its key gets its final name. Safe to repeat."""
    with suppress(FileNotFoundError):
        _new_path(folder, ledger).rename(key_path(folder, ledger))
        _folder_sync(folder)


def key_discard(folder: Path, ledger: int, key: SigningKey) -> None:
    """Remove a key that no log began with, because another worker was first."""
    with suppress(FileNotFoundError):
        if _read(_new_path(folder, ledger)) == key:
            _new_path(folder, ledger).unlink()


def _settle_interrupted(folder: Path, ledger: int, vkey: str) -> None:
    with suppress(FileNotFoundError):
        if str(_read(_new_path(folder, ledger)).verifier) == vkey:
            key_settle(folder, ledger)


def _new_path(folder: Path, ledger: int) -> Path:
    return folder / f"{ledger}.key.new"


def _read(path: Path) -> SigningKey:
    text = path.read_text(encoding="utf-8")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise LogKeyOpen(path=str(path))
    return SigningKey.parse(text.removesuffix("\n"))


def _folder_sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
