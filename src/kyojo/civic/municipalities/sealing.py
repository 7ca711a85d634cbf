"""What is encrypted before it is stored: a copy of the database tells nobody.

The keys are ``settings.FIELD_KEYS``: the first seals, any of them opens, so keys can be rotated.
"""

import json
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def seal(value: Any) -> bytes:
    """Anything that JSON can say, as ciphertext of the first key."""
    return _keys().encrypt(json.dumps(value, ensure_ascii=False).encode())


def seal_bytes(value: bytes) -> bytes:
    """A file (a picture, a document) as ciphertext of the first key."""
    return _keys().encrypt(value)


def unseal_bytes(sealed: bytes) -> bytes:
    """The file again. Raises ``cryptography.fernet.InvalidToken`` for what no key sealed."""
    return _keys().decrypt(bytes(sealed))


def unseal(sealed: bytes) -> Any:
    """The value again. Raises ``cryptography.fernet.InvalidToken`` for what no key sealed."""
    return json.loads(_keys().decrypt(bytes(sealed)))
