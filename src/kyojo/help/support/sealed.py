"""Positions, encrypted before they are stored: a copy of the database tells nobody where."""

import json

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

from .domain import Position


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def seal(position: Position) -> bytes:
    """The position as ciphertext of the first field key."""
    plain = [round(position.latitude, 6), round(position.longitude, 6), position.accuracy_m]
    return _keys().encrypt(json.dumps(plain).encode())


def unseal(sealed: bytes) -> Position:
    """The position again; any of the field keys may have sealed it."""
    latitude, longitude, accuracy = json.loads(_keys().decrypt(bytes(sealed)))
    return Position(latitude, longitude, accuracy)
