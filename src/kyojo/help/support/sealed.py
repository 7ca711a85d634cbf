"""Positions, encrypted before they are stored: a copy of the database tells nobody where."""

from kyojo.civic.municipalities import sealing

from .evidence import Position


def seal(position: Position) -> bytes:
    """The position as ciphertext of the first field key."""
    return sealing.seal(
        [round(position.latitude, 6), round(position.longitude, 6), position.accuracy_m]
    )


def unseal(sealed: bytes) -> Position:
    """The position again; any of the field keys may have sealed it."""
    latitude, longitude, accuracy = sealing.unseal(sealed)
    return Position(latitude, longitude, accuracy)
