"""Cards with a chip that says something else at each touch (NTAG 424 DNA, secure unique NFC).

The chip writes two values into the address that a phone opens: ``p``, its UID and its read counter
under AES, and ``m``, a MAC over them. Only who has the card's key can make them, and the counter
goes up at each touch, so an address that was copied is worth nothing once a newer one was used.
Pure. After NXP AN12196 (2.0), 3.3 and 3.4.4; ``p`` is PICCData without the file's own data.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.constant_time import bytes_eq

#: First byte of PICCData: UID and counter are both mirrored, the UID has seven bytes.
UID_AND_COUNTER = 0xC7
#: Of the session vector for the MAC: label, counter, length in bits.
MAC_VECTOR = bytes.fromhex("3cc300010080")


class BadTouch(ValueError):
    """The values are not the chip's own."""


@dataclass(frozen=True)
class Touch:
    """What a chip said: its UID (seven bytes) and how often it was read."""

    uid: bytes
    counter: int


def touch(*, p: str, m: str, key: bytes) -> Touch:
    """The touch that ``p`` (32 hex digits) and ``m`` (16) tell of, for a card whose keys are both
    ``key`` (16 bytes). Raises ``BadTouch``."""
    try:
        sealed, mac = bytes.fromhex(p), bytes.fromhex(m)
    except ValueError:
        raise BadTouch from None
    if len(sealed) != 16 or len(mac) != 8:
        raise BadTouch
    opened = Cipher(AES(key), CBC(bytes(16))).decryptor().update(sealed)
    if opened[0] != UID_AND_COUNTER:
        raise BadTouch
    uid, counter = opened[1:8], opened[8:11]
    if not bytes_eq(mac_of(uid + counter, key), mac):
        raise BadTouch
    return Touch(uid, int.from_bytes(counter, "little"))


def mac_of(said: bytes, key: bytes) -> bytes:
    """The eight bytes of the MAC that a chip sends for UID and counter."""
    session = cmac(key, MAC_VECTOR + said)
    return cmac(session, b"")[1::2]


def cmac(key: bytes, data: bytes) -> bytes:
    made = CMAC(AES(key))
    made.update(data)
    return made.finalize()


def address_values(said: Touch, *, key: bytes) -> tuple[str, str]:
    """``p`` and ``m`` as the chip would write them: for tests and for cards that are simulated."""
    plain = said.uid + said.counter.to_bytes(3, "little")
    padded = bytes([UID_AND_COUNTER]) + plain + bytes(5)
    sealed = Cipher(AES(key), CBC(bytes(16))).encryptor().update(padded)
    return sealed.hex(), mac_of(plain, key).hex()
