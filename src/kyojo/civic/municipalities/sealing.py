"""What is encrypted before it is stored: a copy of the database tells nobody.

The keys are ``settings.FIELD_KEYS``: the first seals, any of them opens, so keys can be rotated
(``./kyojo keys rotate``). A sealed value is the mark, the key's id, a nonce and AES-256-GCM's
ciphertext; what older versions sealed is a Fernet token of the same keys and opens as well.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

#: No Fernet token begins like this.
MARK = b"\x01"
ID_BYTES, NONCE_BYTES = 4, 12
HEAD_BYTES = len(MARK) + ID_BYTES


class Key:
    """One of the field keys, by its id: what it seals begins with the mark and the id."""

    def __init__(self, key: str) -> None:
        raw = base64.urlsafe_b64decode(key)
        if len(raw) != 32:
            raise ValueError("a field key is 32 bytes in URL-safe base 64")
        # Another key than Fernet's two halves, from the same secret.
        self._cipher = AESGCM(hashlib.sha256(b"kyojo sealed value\0" + raw).digest())
        self.fernet = Fernet(key)
        self.head = MARK + hashlib.sha256(b"kyojo field key\0" + raw).digest()[:ID_BYTES]

    @property
    def name(self) -> str:
        """What the key is called on paper; nothing follows from it."""
        return self.head[len(MARK) :].hex()

    def seal(self, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return self.head + nonce + self._cipher.encrypt(nonce, plain, self.head)

    def open(self, sealed: bytes) -> bytes:
        nonce = sealed[HEAD_BYTES : HEAD_BYTES + NONCE_BYTES]
        return self._cipher.decrypt(nonce, sealed[HEAD_BYTES + NONCE_BYTES :], self.head)


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...]) -> dict[bytes, Key]:
    made = [Key(key) for key in keys]
    return {key.head: key for key in made}


def field_keys() -> list[Key]:
    """The field keys, the one that seals in front."""
    return list(_ring(tuple(settings.FIELD_KEYS)).values())


def _first() -> Key:
    return next(iter(_ring(tuple(settings.FIELD_KEYS)).values()))


def seal_bytes(value: bytes) -> bytes:
    """A file (a picture, a document) as ciphertext of the first key."""
    return _first().seal(value)


def unseal_bytes(sealed: bytes) -> bytes:
    """The file again. Raises ``cryptography.fernet.InvalidToken`` for what no key sealed."""
    sealed = bytes(sealed)
    if sealed[:1] != MARK:
        return MultiFernet(key.fernet for key in field_keys()).decrypt(sealed)
    key = _ring(tuple(settings.FIELD_KEYS)).get(sealed[:HEAD_BYTES])
    if key is None:
        raise InvalidToken()
    try:
        return key.open(sealed)
    except (InvalidTag, ValueError):  # changed; cut short
        raise InvalidToken() from None


def seal(value: Any) -> bytes:
    """Anything that JSON can say, as ciphertext of the first key."""
    return seal_bytes(json.dumps(value, ensure_ascii=False).encode())


def unseal(sealed: bytes) -> Any:
    """The value again. Raises ``cryptography.fernet.InvalidToken`` for what no key sealed."""
    return json.loads(unseal_bytes(sealed))


def key_of(sealed: bytes) -> str:
    """The name of the key that sealed a value; "fernet" for what an older version sealed, "" for
    what none of today's keys opens."""
    sealed = bytes(sealed)
    if sealed[:1] != MARK:
        return "fernet" if _opens(sealed) else ""
    return sealed[len(MARK) : HEAD_BYTES].hex() if _opens(sealed) else ""


def is_current(sealed: bytes) -> bool:
    """Whether the first key sealed it."""
    return bytes(sealed[:HEAD_BYTES]) == _first().head


def resealed(values: Iterable[bytes]) -> list[bytes]:
    """The same values, sealed by the first key."""
    return [seal_bytes(unseal_bytes(value)) for value in values]


def _opens(sealed: bytes) -> bool:
    try:
        unseal_bytes(sealed)
    except InvalidToken:
        return False
    return True
